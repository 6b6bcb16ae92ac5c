"""A stream that falls behind gets every event that it missed, except its own messages."""

from __future__ import annotations

import asyncio

import pytest
from core.node import Node, entry, node
from support import eventually

from chat_grpc.core.caller import Caller
from chat_grpc.core.entry import Entry
from chat_grpc.core.errors import WriteFailed
from chat_grpc.core.events import encode
from chat_grpc.core.limits import MAX_OUTBOX_BYTES, MAX_OWN, MAX_RESPONSE_BYTES, MAX_UNANSWERED
from chat_grpc.core.user import User
from chat_grpc.v1 import chat_pb2

LARGE = MAX_RESPONSE_BYTES - 1000


def deliver(made: Node, *entries: Entry) -> None:
    """Deliver entries in one batch."""
    made.log.extend(entries)
    made.hub.deliver(entries)


async def seen_up_to(made: Node, head: int) -> list[int]:
    """Let the stream read until it has caught up with the head; return the sequences it got."""
    made.may_read.set()
    made.pacer.start()
    await eventually(lambda: made.heads() and made.heads()[-1] == (head, True))
    return [event.sequence for event in made.seen if event.sequence]


def refusal(size: int) -> bytes:
    """Return an answer of `size` bytes."""
    length = size
    while True:
        rejected = chat_pb2.Rejected(request_id="r" * length)
        encoded = encode(chat_pb2.Event(rejected=rejected))
        if len(encoded) == size:
            return encoded
        length -= len(encoded) - size


async def test_an_answer_makes_it_fall_behind_in_the_middle_of_a_batch() -> None:
    """Events after the answer that filled the outbox are read from the log."""
    async with node([entry(1)]) as made:
        stream = made.open(after=None)
        made.hub.tell(stream, refusal(MAX_OUTBOX_BYTES - stream.delivery.size))
        assert stream.delivery.live
        deliver(made, entry(2, origin=stream), entry(3))
        assert await seen_up_to(made, 3) == [3]


async def test_it_falls_behind_again_before_the_last_page_is_read() -> None:
    """A page that is read a second time also leaves out the stream's own messages."""
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
    """Its own messages of the batch are left out, however many it sent before."""
    async with node([entry(1)]) as made:
        stream = made.open(after=None)
        last = 2 * MAX_UNANSWERED
        deliver(made, *(entry(sequence, 1, stream) for sequence in range(2, last + 1)))
        own = last + 1 + MAX_OUTBOX_BYTES // LARGE + 1
        others = [entry(sequence, LARGE) for sequence in range(last + 1, own)]
        deliver(made, *others, entry(own, 1, stream), entry(own + 1, 1, stream))
        assert stream.delivery.position == last
        assert await seen_up_to(made, own + 1) == list(range(last + 1, own))


async def test_own_messages_are_forgotten_once_they_cannot_be_read_again() -> None:
    """The memory of a stream that sends for a long time is bounded."""
    async with node([entry(1)]) as made:
        stream = made.open(after=None)
        made.pacer.start()
        for start in range(2, 5 * MAX_UNANSWERED, 100):
            deliver(made, *(entry(start + more, 1, stream) for more in range(100)))
            await eventually(lambda: not stream.delivery.waits)
        assert len(stream.own) <= 2 * MAX_UNANSWERED


async def test_own_messages_are_forgotten_page_by_page() -> None:
    """A stream that sends while catching up remembers only own messages that it can still read."""
    async with node([entry(1)]) as made:
        stream = made.open(after=0)
        write, remembered = stream.delivery.write, []

        async def note(encoded: bytes) -> None:
            remembered.append(len(stream.own))
            await write(encoded)

        stream.delivery.write = note
        for sequence in range(2, 8000, 2):
            deliver(made, entry(sequence, 500), entry(sequence + 1, 1, stream))
        sent = len(stream.own)
        made.may_read.set()
        made.pacer.start()
        await eventually(lambda: stream.delivery.live and not stream.delivery.scheduled)
        assert sent == 3999
        assert len(remembered) > 10
        assert remembered == sorted(remembered, reverse=True)
        assert remembered[-1] < sent / 8
        assert [e.sequence for e in made.seen if e.sequence] == [1, *range(2, 8000, 2)]


async def test_a_stream_that_does_not_read_stops_sending() -> None:
    """While catching up, a stream may send until it would remember too many own messages."""
    async with node([entry(sequence, 500) for sequence in range(1, 2000)]) as made:
        stream = made.open(after=0)
        sent = made.hub.head
        while stream.free_to_submit:
            sent += 1
            stream.submitted()
            deliver(made, entry(sent, 1, stream))
        assert len(stream.own) == MAX_OWN
        waiting = asyncio.create_task(stream.may_submit())
        await asyncio.sleep(0)
        assert not waiting.done()
        made.may_read.set()
        made.pacer.start()
        await asyncio.wait_for(waiting, 10)
        await eventually(lambda: stream.delivery.live)


async def test_a_live_stream_that_sends_without_reading_falls_behind() -> None:
    """A live stream that sends without reading is bounded, because it falls behind."""
    async with node([entry(1)]) as made:
        stream = made.open(after=None)
        deliver(made, entry(2))
        for sequence in range(3, MAX_OWN + 3):
            stream.submitted()
            deliver(made, entry(sequence, 1, stream))
        assert stream.delivery.position == 1
        assert not stream.free_to_submit
        assert await seen_up_to(made, MAX_OWN + 2) == [2]


async def test_a_stream_whose_write_fails_ends_with_a_status(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A failed write ends its stream with a status and logs one line; other streams continue."""

    async def fail(_: bytes) -> None:
        raise RuntimeError("the transport broke")

    cancelled: list[bool] = []
    async with node([entry(1)]) as made:
        other = made.open(after=None)
        caller = Caller(identity=User(2, "bob", "bob"))
        stream = made.hub.open(
            caller, fail, device_id="", agent="", cancel=lambda: cancelled.append(True)
        )
        made.hub.begin(stream, None)
        made.pacer.start()
        await eventually(lambda: cancelled)
        assert isinstance(stream.ending, WriteFailed)
        assert stream.delivery.closed
        [line] = [record.getMessage() for record in caplog.records]
        assert line == "write failed, stream ends: user 2, RuntimeError: the transport broke"
        made.hub.close(stream)
        deliver(made, entry(2))
        await eventually(lambda: made.seen and made.seen[-1].sequence == 2)
        assert other.ending is None
