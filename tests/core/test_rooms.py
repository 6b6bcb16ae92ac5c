"""Rooms: their members, and the pages of their list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.core.blocks import Blocks
from chat_grpc.core.changes import DeleteRoom, Post
from chat_grpc.core.entry import NO_KEY, ROOM, Entry
from chat_grpc.core.intake import Intake
from chat_grpc.core.moderation import Moderation
from chat_grpc.core.room_rules import (
    CREATED,
    JOINED,
    LEFT,
    MEMBER,
    OWNER,
    UPDATED,
    RoomChanged,
)
from chat_grpc.core.rooms import Rooms
from chat_grpc.core.user import User

ALICE, BOB = User(1, "alice", "alice"), User(2, "bob", "bob")
KEYS = "abcde"

CHANGES = st.lists(
    st.tuples(
        st.sampled_from(KEYS),
        st.sampled_from([CREATED, JOINED, LEFT, UPDATED]),
        st.sampled_from([ALICE, BOB]),
        st.booleans(),
    ),
    max_size=30,
)


@given(CHANGES, st.integers(1, 6))
def test_the_pages_list_each_visible_room_once_in_order(changes: list[tuple], size: int) -> None:  # type: ignore[type-arg]
    """Pages list public rooms and the user's own once and in order, after any changes."""
    rooms = Rooms()
    private: dict[str, bool] = {}
    members: dict[str, set[int]] = {}
    for sequence, (key, change, user, hidden) in enumerate(changes, 1):
        exists = key in private
        if exists == (change == CREATED):
            continue
        inside = members.setdefault(key, set())
        if (change == JOINED and user.number in inside) or (
            change == LEFT and user.number not in inside
        ):
            continue
        now_hidden = hidden if change in (CREATED, UPDATED) else private[key]
        role = OWNER if change == CREATED else MEMBER
        rooms.apply(RoomChanged(change, key, key, "", now_hidden, 0, user, user, role), sequence)
        private[key] = now_hidden
        if change in (CREATED, JOINED):
            inside.add(user.number)
        elif change == LEFT:
            inside.discard(user.number)
    for number in (1, 2, 3):
        visible = sorted(k for k in private if not private[k] or number in members[k])
        found: list[str] = []
        while page := rooms.page(found[-1] if found else "", number, size):
            assert len(page) <= size
            found += [room.key for room in page]
        assert found == visible
        for key in private:
            assert rooms.known(key).numbers == sorted(members[key])


def test_a_message_after_a_deletion_is_checked_in_log_order() -> None:
    """Messages after a deletion are checked in log order, until the deletion is delivered."""
    rooms = Rooms()
    for sequence, (change, user) in enumerate([(CREATED, ALICE), (JOINED, BOB)], 1):
        rooms.apply(RoomChanged(change, "a", "a", "", False, 1, user, user, OWNER), sequence)
    taken: list[Entry] = []
    intake = Intake(
        blocks=Blocks(),
        append=taken.append,
        rooms=rooms,
        head=lambda: 2,
        nanoseconds=lambda: 0,
        moderation=Moderation(),
    )
    waiter = Waiter()
    intake.submit(waiter, BOB, "a", "before", 0, NO_KEY)
    intake.change(waiter, ALICE, DeleteRoom("a"), ROOM)
    for user in (ALICE, BOB):
        intake.submit(waiter, user, "a", "after", 0, NO_KEY)
    changes = [entry.command.change for entry in taken]
    assert changes == [None, DeleteRoom("a"), Post("a"), Post("a")]
    intake.settled(taken[1].command)
    intake.submit(waiter, BOB, "a", "later", 0, NO_KEY)
    assert taken[-1].command.change is None


class Waiter:
    """A waiter that does nothing."""

    stream = None

    def submitted(self) -> None:
        """Do nothing."""

    def settle(self, entry: Entry, recipient_stream_count: int) -> None:
        """Do nothing."""
