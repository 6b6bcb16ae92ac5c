"""The feed of all live streams, and outboxes that follow it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from core.node import Node, entry, node
from hypothesis import given
from hypothesis import strategies as st
from support import eventually

from chat_grpc.core.feed import Feed
from chat_grpc.core.limits import FEED_SLACK, MAX_OUTBOX_BYTES, MAX_RESPONSE_BYTES
from chat_grpc.core.outbox import ANSWER, PASSING, Outbox


async def never(_: bytes) -> None:
    """Is for outboxes that are not written to."""
    raise AssertionError


@dataclass
class Follower:
    """An outbox, and what must have come out of it."""

    outbox: Outbox = field(default_factory=lambda: Outbox(never, 0.0))
    put: list[tuple[bytes, int]] = field(default_factory=list)
    taken: bytes = b""

    def take(self) -> None:
        """Takes a response."""
        if self.outbox.waits:
            self.taken += self.outbox.take()

    @property
    def waiting(self) -> list[tuple[bytes, int]]:
        """What was put and not yet taken; a response ends behind a part."""
        size, rest = len(self.taken), list(self.put)
        while size > 0:
            size -= len(rest.pop(0)[0])
        assert size == 0
        return rest


STEPS = st.one_of(
    st.tuples(st.just("to all"), st.sets(st.integers(0, 3), max_size=2), st.integers(1, 9000)),
    st.tuples(st.just("to one"), st.integers(0, 3), st.integers(1, 9000)),
    st.tuples(st.just("take"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("trim"), st.just(0), st.just(0)),
)


@given(st.lists(STEPS, max_size=60), st.sampled_from([ANSWER, PASSING]))
def test_each_gets_all_in_order(steps: list[tuple[str, object, int]], passing: int) -> None:
    """What is for all and what is for one, each once, but what it is left out of."""
    feed, followers = Feed(), [Follower() for _ in range(4)]
    for follower in followers:
        follower.outbox.follow(feed)
    for number, (step, who, size) in enumerate(steps, start=1):
        frames = b"%d " % number * (size if number % 7 else 20 * size)
        match step, who:
            case "to all", set(left_out):
                first = number if number % 3 else PASSING
                feed.append(frames, first, [followers[n].outbox for n in left_out])
                for n in {0, 1, 2, 3} - left_out:
                    followers[n].put.append((frames, first))
            case "to one", int(one):
                followers[one].outbox.put(frames, passing)
                followers[one].put.append((frames, passing))
            case "take", int(one):
                followers[one].take()
            case "trim", _:
                feed.trim(min(follower.outbox.needs for follower in followers))
        for follower in followers:
            waiting = follower.waiting
            stored = [first for _, first in waiting if first > 0]
            assert follower.outbox.size == sum(len(each) for each, _ in waiting)
            assert follower.outbox.waits == bool(waiting)
            assert follower.outbox.first_stored() == (stored[0] if stored else None)
    for follower in followers:
        while follower.outbox.waits:
            follower.take()
        assert follower.taken == b"".join(each for each, _ in follower.put)


def test_all_who_are_as_far_get_the_same_bytes() -> None:
    """A message to everyone is in memory once."""
    feed, outboxes = Feed(), [Outbox(never, 0.0) for _ in range(3)]
    for outbox in outboxes:
        outbox.follow(feed)
    feed.append(b"one", 1)
    feed.append(b"two", 2)
    taken = [outbox.take() for outbox in outboxes]
    assert taken[0] == b"onetwo"
    assert taken[0] is taken[1] is taken[2]


def test_a_response_from_the_feed_is_bounded() -> None:
    """It ends behind an item; one that is larger comes alone."""
    feed, outbox = Feed(), Outbox(never, 0.0)
    outbox.follow(feed)
    sizes = [MAX_RESPONSE_BYTES // 2] * 3 + [2 * MAX_RESPONSE_BYTES, 1]
    for number, size in enumerate(sizes):
        feed.append(b"x" * size, number + 1)
    taken = []
    while outbox.waits:
        taken.append(len(outbox.take()))
    assert taken == [sum(sizes[:2]), sizes[2], sizes[3], 1]


async def put_much(made: Node, first: int, count: int, size: int) -> int:
    """Lets the log take messages, one a batch; gives the next sequence."""
    for sequence in range(first, first + count):
        entries = [entry(sequence, size)]
        made.log.extend(entries)
        made.hub.deliver(entries)
    return first + count


async def test_the_feed_is_kept_short_while_nobody_lags() -> None:
    """What all have is let go of; nobody falls behind for it."""
    async with node([entry(1)]) as made:
        stream = made.open(after=None)
        made.pacer.start()
        following = 2
        for _ in range(40):
            following = await put_much(made, following, 10, 10_000)
            await eventually(lambda: not stream.outbox.waits)
        assert made.hub._feed.size <= MAX_OUTBOX_BYTES + FEED_SLACK
        assert [e.sequence for e in made.seen if e.sequence] == list(range(2, following))
        assert made.heads() == [(1, False)]


@pytest.mark.parametrize("size", [300, 20_000])
async def test_who_lags_falls_behind_and_the_feed_is_kept_short(size: int) -> None:
    """Beyond the limit of an outbox what it missed is in the log only."""
    async with node([entry(1)]) as made:
        stream = made.open(after=None)
        count = 4 * MAX_OUTBOX_BYTES // size
        following = await put_much(made, 2, count, size)
        assert stream.position == 1
        assert made.hub._feed.size <= MAX_OUTBOX_BYTES + FEED_SLACK
        assert stream.outbox.size == 0
        made.may_read.set()
        made.pacer.start()
        made.pacer.pump()
        await eventually(lambda: made.heads()[-1:] == [(following - 1, True)])
        assert [e.sequence for e in made.seen if e.sequence] == list(range(2, following))


def test_what_lagging_streams_have_yet_to_get_is_in_memory_once() -> None:
    """Also behind it: what is for each alone does not make copies of what is for all."""
    feed, outboxes = Feed(), [Outbox(never, 0.0) for _ in range(50)]
    for outbox in outboxes:
        outbox.follow(feed)
        feed.append(b"x" * 9000, feed.end + 1)
    for outbox in outboxes:
        outbox.put(b"typing", PASSING)
    parts = [part for outbox in outboxes for part in outbox.parts]
    assert {part for part in parts if isinstance(part, bytes)} == {b"typing"}
    assert outboxes[0].take() == b"x" * 9000 * (MAX_RESPONSE_BYTES // 9000)
