"""Events that come while a list is read are in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from chat_grpc_cli.people import People
from chat_grpc_cli.view import View

from chat_grpc.v1 import chat_pb2


def client(number: int) -> chat_pb2.Client:
    """Return a connected user."""
    return chat_pb2.Client(number=number, name=f"user{number}")


def test_a_list_replaces_the_present_users() -> None:
    """Those who are not in it are no longer connected."""
    people = People()
    people.came(client(1))
    with people.listing() as clients:
        clients += [client(2), client(3)]
    assert set(people.here) == {2, 3}
    assert people.named("user3") == [3]


def test_users_who_come_and_leave_meanwhile() -> None:
    """The list is older than their events."""
    people = People()
    with people.listing() as clients, people.listing() as later:
        people.came(client(1))
        people.left(client(2))
        people.came(client(4))
        people.left(client(4))
        clients += [client(2), client(3), client(4)]
        later += [client(2)]
    assert set(people.here) == {1, 3}
    people.left(client(1))
    with people.listing() as clients:
        clients += [client(1)]
    assert set(people.here) == {1}, "changes from before the list do not count"


def test_a_list_that_could_not_be_read_changes_nothing() -> None:
    """The users of before stay, with those who came."""
    people = People()
    people.came(client(1))

    def read() -> None:
        with people.listing():
            people.came(client(2))
            raise OSError("away")

    with pytest.raises(OSError, match="away"):
        read()
    assert set(people.here) == {1, 2}


def test_rooms_that_change_meanwhile() -> None:
    """A room that was deleted is not back, and a new one is there."""
    view = View()
    with view.listing_rooms() as rooms:
        view.set_room(chat_pb2.Room(name="new"))
        view.set_room(chat_pb2.Room(name="old", topic="later"))
        view.forget_room("gone")
        rooms += [chat_pb2.Room(name="old"), chat_pb2.Room(name="gone")]
    assert {room.name: room.topic for room in view.rooms.values()} == {"new": "", "old": "later"}


def test_a_topic_that_changes_meanwhile_keeps_the_role() -> None:
    """The event does not tell the role of the user; the list does."""
    view = View()
    view.me = chat_pb2.Client(number=1, name="alice")
    changed = chat_pb2.RoomChange(
        room=chat_pb2.Room(name="ops", topic="later"),
        change=chat_pb2.RoomChange.CHANGE_UPDATED,
        author=chat_pb2.Author(number=2, name="bob"),
    )
    with view.listing_rooms() as rooms:
        view.take(chat_pb2.Event(room_change=changed), datetime.now(UTC), 0.0)
        rooms += [chat_pb2.Room(name="ops", my_role=chat_pb2.ROOM_ROLE_OWNER)]
    found = view.room("ops")
    assert found is not None
    assert (found.topic, found.my_role) == ("later", chat_pb2.ROOM_ROLE_OWNER)
