"""The feed of all live streams, and the outboxes of the streams."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import pytest
from core.node import Node, entry, live, node
from hypothesis import given
from hypothesis import strategies as st
from support import eventually

from chat_grpc.core.delivery import Delivery
from chat_grpc.core.feed import Feed
from chat_grpc.core.limits import FEED_SLACK, MAX_OUTBOX_BYTES, MAX_RESPONSE_BYTES
from chat_grpc.core.parts import Answer, Part, Passing, Slice, Stored


def append(feed: Feed, part: Part, but: Collection[Delivery] = ()) -> None:
    """Append an event to a feed for all outboxes except some, as `FanOut.to_all` does."""
    for delivery in but:
        delivery.gather()
    feed.append(part.encoded, part.sequence if type(part) is Stored else None)
    for delivery in but:
        delivery.skip()


@dataclass
class Follower:
    """The outbox of a live stream, and the parts that must come out of it."""

    delivery: Delivery
    put: list[Part] = field(default_factory=list)
    taken: bytes = b""

    def take(self) -> None:
        """Take a response."""
        if self.delivery.waits:
            self.taken += self.delivery.take()

    @property
    def waiting(self) -> list[Part]:
        """The parts that were put and not taken; a response ends after a whole part."""
        size, rest = len(self.taken), list(self.put)
        while size > 0:
            size -= len(rest.pop(0).encoded)
        assert size == 0
        return rest


STEPS = st.one_of(
    st.tuples(st.just("to all"), st.sets(st.integers(0, 3), max_size=2), st.integers(1, 9000)),
    st.tuples(st.just("to one"), st.integers(0, 3), st.integers(1, 9000)),
    st.tuples(st.just("take"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("trim"), st.just(0), st.just(0)),
)


@given(st.lists(STEPS, max_size=60), st.sampled_from([Answer, Passing]))
def test_each_gets_all_in_order(
    steps: list[tuple[str, object, int]], kind: type[Answer | Passing]
) -> None:
    """Events for all and events for one come once and in order; excluded outboxes get none."""
    feed = Feed()
    followers = [Follower(live(feed)) for _ in range(4)]
    for number, (step, who, size) in enumerate(steps, start=1):
        encoded = b"%d " % number * (size if number % 7 else 20 * size)
        match step, who:
            case "to all", set(left_out):
                part = Stored(encoded, number) if number % 3 else Passing(encoded)
                append(feed, part, [followers[n].delivery for n in left_out])
                for n in {0, 1, 2, 3} - left_out:
                    followers[n].put.append(part)
            case "to one", int(one):
                followers[one].delivery.put(kind(encoded))
                followers[one].put.append(kind(encoded))
            case "take", int(one):
                followers[one].take()
            case "trim", _:
                feed.trim(min(needs(follower.delivery) for follower in followers))
        for follower in followers:
            waiting = follower.waiting
            stored = [part.sequence for part in waiting if type(part) is Stored]
            assert follower.delivery.size == sum(len(part.encoded) for part in waiting)
            assert follower.delivery.waits == bool(waiting)
            assert follower.delivery.first_stored() == (stored[0] if stored else None)
    for follower in followers:
        while follower.delivery.waits:
            follower.take()
        assert follower.taken == b"".join(part.encoded for part in follower.put)


def needs(delivery: Delivery) -> int:
    """Return the offset from which a live stream needs the feed."""
    assert delivery.needs is not None
    return delivery.needs


def test_streams_that_are_as_far_get_the_same_bytes() -> None:
    """Streams at the same offset share the bytes of a message in memory."""
    feed = Feed()
    deliveries = [live(feed) for _ in range(3)]
    feed.append(b"one", 1)
    feed.append(b"two", 2)
    taken = [delivery.take() for delivery in deliveries]
    assert taken[0] == b"onetwo"
    assert taken[0] is taken[1] is taken[2]


def test_a_response_from_the_feed_is_bounded() -> None:
    """A response ends after a whole item; an item over the limit comes alone."""
    feed = Feed()
    delivery = live(feed)
    sizes = [MAX_RESPONSE_BYTES // 2] * 3 + [2 * MAX_RESPONSE_BYTES, 1]
    for number, size in enumerate(sizes):
        feed.append(b"x" * size, number + 1)
    taken = []
    while delivery.waits:
        taken.append(len(delivery.take()))
    assert taken == [sum(sizes[:2]), sizes[2], sizes[3], 1]


async def put_much(made: Node, first: int, count: int, size: int) -> int:
    """Deliver messages, one per batch; return the next sequence."""
    for sequence in range(first, first + count):
        entries = [entry(sequence, size)]
        made.log.extend(entries)
        made.hub.deliver(entries)
    return first + count


async def test_the_feed_is_short_while_no_stream_lags() -> None:
    """The feed drops what all streams have taken, and no stream falls behind."""
    async with node([entry(1)]) as made:
        stream = made.open(after=None)
        made.pacer.start()
        following = 2
        for _ in range(40):
            following = await put_much(made, following, 10, 10_000)
            await eventually(lambda: not stream.delivery.waits)
        assert made.hub.feed.size <= MAX_OUTBOX_BYTES + FEED_SLACK
        assert [e.sequence for e in made.seen if e.sequence] == list(range(2, following))
        assert made.heads() == [(1, False)]


@pytest.mark.parametrize("size", [300, 20_000])
async def test_a_lagging_stream_falls_behind_and_the_feed_stays_short(size: int) -> None:
    """Over the outbox limit a lagging stream reads missed events from the log."""
    async with node([entry(1)]) as made:
        stream = made.open(after=None)
        count = 4 * MAX_OUTBOX_BYTES // size
        following = await put_much(made, 2, count, size)
        assert stream.delivery.position == 1
        assert made.hub.feed.size <= MAX_OUTBOX_BYTES + FEED_SLACK
        assert stream.delivery.size == 0
        made.may_read.set()
        made.pacer.start()
        await eventually(lambda: made.heads()[-1:] == [(following - 1, True)])
        assert [e.sequence for e in made.seen if e.sequence] == list(range(2, following))


def test_the_backlog_of_lagging_streams_is_in_memory_once() -> None:
    """An event for one lagging stream does not copy the events for all."""
    feed = Feed()
    deliveries = [live(feed) for _ in range(50)]
    for _ in deliveries:
        append(feed, Stored(b"x" * 9000, feed.end + 1))
    typing = Passing(b"typing")
    for delivery in deliveries:
        delivery.put(typing)
    parts = [part for delivery in deliveries for part in delivery.parts]
    assert {part for part in parts if type(part) is not Slice} == {typing}
    assert deliveries[0].take() == b"x" * 9000 * (MAX_RESPONSE_BYTES // 9000)
