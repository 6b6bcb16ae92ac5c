"""The write backlog is shared fairly between authors."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from journal.asking import ALICE, BOB, CAROL, delete, room, say

from chat_grpc.core.changes import Post, SetRole
from chat_grpc.core.entry import NO_KEY, Command, Entry
from chat_grpc.core.room_rules import NOBODY
from chat_grpc.journal.backlog import MAX_BATCH_BYTES
from chat_grpc.journal.fair_queue import FairQueue


def message(author: int, size: int) -> Entry:
    """Return a message to the lobby."""
    return Entry(Command(author, ("#lobby",), b"x" * size, 0, NO_KEY), None)


def authors(entries: list[Entry]) -> list[int]:
    """Return the authors of some entries."""
    return [entry.command.author for entry in entries]


def test_authors_take_turns() -> None:
    """Authors take turns of a few kilobytes; small messages of one author stay together."""
    queue = FairQueue()
    for _ in range(3):
        queue.append(message(1, 16_000))
    for _ in range(3):
        queue.append(message(2, 100))
    queue.append(message(3, 16_000))
    assert authors(queue.take(99, 1_000_000)) == [1, 2, 2, 2, 3, 1, 1]
    assert not queue
    assert queue.size == 0


def test_a_turn_continues_in_the_next_batch() -> None:
    """A turn continues in the next batch; an author who had a turn goes to the end."""
    queue = FairQueue()
    for author in (1, 1, 1, 2, 3):
        queue.append(message(author, 5_000))
    assert authors(queue.take(2, 1_000_000)) == [1, 2]
    assert authors(queue.take(99, 1)) == [3]
    assert authors(queue.take(99, 6_000)) == [1, 1]


def test_few_changes_fill_a_batch() -> None:
    """A change counts as much as many messages, because it takes several statements."""
    queue = FairQueue()
    for _ in range(100):
        queue.append(delete(ALICE, 1, ("#lobby",)).make())
    assert 10 < len(queue.take(1000, 100_000)) < 50


def test_fewer_changes_of_rooms_fill_a_batch() -> None:
    """A message does not wait for many changes of rooms, which take more statements."""
    queue = FairQueue()
    for _ in range(100):
        queue.append(room(ALICE, SetRole("red", BOB, NOBODY)).make())
    assert len(queue.take(1000, MAX_BATCH_BYTES)) == 4
    queue.append(message(BOB.number, 100))
    assert BOB.number in authors(queue.take(1000, MAX_BATCH_BYTES))


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9_000))),
    st.integers(1, 5),
    st.integers(1, 20_000),
)
def test_nothing_is_lost_and_each_author_keeps_the_order(
    made: list[tuple[int, int]], count: int, size: int
) -> None:
    """No entry is lost, each author's order is kept, and batches are bounded."""
    queue = FairQueue()
    entries = [message(*each) for each in made]
    for entry in entries:
        queue.append(entry)
    taken: list[Entry] = []
    while queue:
        batch = queue.take(count, size)
        assert 0 < len(batch) <= count
        assert sum(len(entry.command.content) for entry in batch[:-1]) < size
        taken += batch
    assert queue.size == 0
    for author in range(1, 5):
        mine = [entry for entry in entries if entry.command.author == author]
        assert [entry for entry in taken if entry.command.author == author] == mine
        assert queue.size_of(author) == 0


def test_an_overtaken_message_to_a_room_is_checked_again() -> None:
    """A message to a room is checked again if a change of the room was stored before it."""
    queue = FairQueue()
    before = [say(ALICE, "red", f"{n} " + "x" * 5000).make() for n in range(3)]
    other = say(CAROL, "blue", "words").make()
    removal = room(BOB, SetRole("red", ALICE, NOBODY)).make()
    for entry in (*before, other, removal):
        queue.append(entry)
    after = say(CAROL, "red", "words").make()
    queue.append(after)
    taken = queue.take(99, 1_000_000)
    assert taken.index(removal) < taken.index(before[1])
    changes = [entry.command.change for entry in before]
    assert changes == [None, Post("red"), Post("red")]
    assert other.command.change is None
    assert after.command.change is None
