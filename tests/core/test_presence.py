"""Announcements of presence at each tick."""

from __future__ import annotations

from chat_grpc.core import limits
from chat_grpc.core.presence import Presence
from chat_grpc.core.stream import Client
from chat_grpc.core.user import User
from chat_grpc.v1 import chat_pb2

NOW = 1_800_000_000_000_000_000


def due(presence: Presence, now: float) -> list[tuple[str, int]]:
    """Return the announcements at a time, decoded."""
    encoded = b"".join(presence.encoded(presence.due(now), NOW).values())
    told = [event.presence for event in chat_pb2.ConnectResponse.FromString(encoded).events]
    return [(presence.client.name, presence.change) for presence in told]


def test_changes_within_one_tick_are_not_announced() -> None:
    """A user who connects and disconnects within one tick is not announced."""
    presence, client = Presence("node-1"), Client(User(1, "alice", "alice"))
    presence.came(client)
    presence.went(client)
    assert due(presence, 1.0) == []
    assert due(presence, 1.0 + limits.PRESENCE_GRACE) == []


def test_the_grace_begins_at_the_next_tick() -> None:
    """An absence is announced after the whole grace; a return before its end is not."""
    presence, client = Presence("node-1"), Client(User(1, "alice", "alice"))
    presence.came(client)
    assert due(presence, 1.0) == [("alice", chat_pb2.Presence.CHANGE_JOINED)]
    presence.went(client)
    assert due(presence, 2.0) == []
    presence.came(client)
    presence.went(client)
    assert due(presence, 10.0) == []
    assert due(presence, 19.9) == []
    assert due(presence, 20.0) == [("alice", chat_pb2.Presence.CHANGE_LEFT)]
    presence.came(client)
    assert due(presence, 21.0) == [("alice", chat_pb2.Presence.CHANGE_JOINED)]


def test_users_from_before_a_restart_are_not_announced() -> None:
    """After a restart only users who do not return within the grace are announced."""
    presence = Presence("node-1")
    alice, bob = Client(User(1, "alice", "alice")), Client(User(2, "bob", "bob"))
    presence.expect(alice)
    presence.expect(bob)
    assert due(presence, 1.0) == []
    presence.came(alice)
    assert due(presence, 2.0) == []
    assert due(presence, 11.0) == [("bob", chat_pb2.Presence.CHANGE_LEFT)]
    presence.went(alice)
    assert due(presence, 12.0) == []
    assert due(presence, 22.0) == [("alice", chat_pb2.Presence.CHANGE_LEFT)]


def test_time_in_which_the_process_did_not_run_is_no_absence() -> None:
    """Time in which the process did not run extends the grace."""
    presence, client = Presence("node-1"), Client(User(1, "alice", "alice"))
    presence.expect(client)
    assert due(presence, 1.0) == []
    presence.extend(200.0)
    assert due(presence, 210.9) == []
    assert due(presence, 211.0) == [("alice", chat_pb2.Presence.CHANGE_LEFT)]


def test_another_object_of_a_client_that_was_forgotten_is_the_same_client() -> None:
    """A returning user whose client object was replaced has not left."""
    presence, user = Presence("node-1"), User(1, "alice", "alice")
    presence.expect(Client(user))
    back = Client(user)
    presence.came(back)
    presence.went(back)
    assert due(presence, 1.0) == []
    assert due(presence, 11.0) == [("alice", chat_pb2.Presence.CHANGE_LEFT)]
