"""A stream that falls behind gets all that it missed, and nothing that it sent itself."""

from __future__ import annotations

from core.node import Node, entry, node
from support import eventually

from chat_grpc.core.entry import Entry
from chat_grpc.core.events import encode
from chat_grpc.core.limits import MAX_OUTBOX_BYTES, MAX_RESPONSE_BYTES, MAX_UNANSWERED
from chat_grpc.v1 import chat_pb2

LARGE = MAX_RESPONSE_BYTES - 1000


def deliver(made: Node, *entries: Entry) -> None:
    """Lets the log take entries in one batch."""
    made.log.extend(entries)
    made.hub.deliver(entries)


async def seen_up_to(made: Node, head: int) -> list[int]:
    """Lets the stream read until it has caught up with the head; gives the sequences it got."""
    made.may_read.set()
    made.pacer.start()
    await eventually(lambda: made.heads() and made.heads()[-1] == (head, True))
    return [event.sequence for event in made.seen if event.sequence]


def refusal(size: int) -> bytes:
    """Makes an answer of so many bytes."""
    length = size
    while True:
        rejected = chat_pb2.Rejected(request_id="r" * length)
        encoded = encode(chat_pb2.Event(rejected=rejected))
        if len(encoded) == size:
            return encoded
        length -= len(encoded) - size


async def test_an_answer_makes_it_fall_behind_in_the_middle_of_a_batch() -> None:
    """What follows the answer in the batch comes from the log, where nothing stored waited."""
    async with node([entry(1)]) as made:
        stream = made.open(after=None)
        made.hub.tell(stream, refusal(MAX_OUTBOX_BYTES - stream.delivery.size))
        assert stream.delivery.live
        deliver(made, entry(2, origin=stream), entry(3))
        assert await seen_up_to(made, 3) == [3]


async def test_it_falls_behind_again_before_the_last_page_is_read() -> None:
    """What it sent before it went live is still left out of the page that comes again."""
    async with node([entry(1)]) as made:
        stream = made.open(after=0)
        deliver(made, entry(2, origin=stream), entry(3))
        made.may_read.set()
        await eventually(lambda: stream.delivery.live)
        count = MAX_OUTBOX_BYTES // LARGE + 5
        for sequence in range(4, count):
            deliver(made, entry(sequence, LARGE))
        assert stream.delivery.position == 0
        assert await seen_up_to(made, count - 1) == [1, *range(3, count)]


async def test_it_falls_behind_in_a_batch_with_more_of_its_own_than_it_remembers() -> None:
    """What it sent in the batch is left out, however much it sent before."""
    async with node([entry(1)]) as made:
        stream = made.open(after=None)
        last = 2 * MAX_UNANSWERED
        deliver(made, *(entry(sequence, 1, stream) for sequence in range(2, last + 1)))
        own = last + 1 + MAX_OUTBOX_BYTES // LARGE + 1
        others = [entry(sequence, LARGE) for sequence in range(last + 1, own)]
        deliver(made, *others, entry(own, 1, stream), entry(own + 1, 1, stream))
        assert stream.delivery.position == last
        assert await seen_up_to(made, own + 1) == list(range(last + 1, own))


async def test_what_it_sent_is_forgotten_once_it_cannot_come_back_to_it() -> None:
    """A stream that sends for long takes no more and more memory."""
    async with node([entry(1)]) as made:
        stream = made.open(after=None)
        made.pacer.start()
        for start in range(2, 5 * MAX_UNANSWERED, 100):
            deliver(made, *(entry(start + more, 1, stream) for more in range(100)))
            await eventually(lambda: not stream.delivery.waits)
        assert len(stream.own) <= 2 * MAX_UNANSWERED
