"""The outbox and the pacer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from support import eventually

from chat_grpc.core.limits import MAX_OUTBOX_BYTES, MAX_RESPONSE_BYTES
from chat_grpc.core.outbox import ANSWER, PASSING, Outbox
from chat_grpc.core.pacer import Pacer


class Transport:
    """Takes writes when it is open; counts how many are under way on all of them."""

    under_way = 0
    most = 0

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.written: list[bytes] = []

    async def write(self, response: bytes) -> None:
        """Writes one response."""
        Transport.under_way += 1
        Transport.most = max(Transport.most, Transport.under_way)
        await asyncio.sleep(0)
        await self.open.wait()
        Transport.under_way -= 1
        self.written.append(response)

    def outbox(self) -> Outbox:
        """Makes an outbox on it."""
        return Outbox(self.write, 0.0)


@asynccontextmanager
async def pacing(writers: int) -> AsyncIterator[Pacer]:
    """Runs a pacer."""
    Transport.under_way = Transport.most = 0
    pacer = Pacer(writers, asyncio.get_running_loop().time)
    pacer.start()
    try:
        yield pacer
    finally:
        await pacer.stop()


async def test_at_most_so_many_writes_are_under_way() -> None:
    """Many outboxes share few writes, and each gets all of its frames in order."""
    async with pacing(3) as pacer:
        transports = [Transport() for _ in range(50)]
        outboxes = [t.outbox() for t in transports]
        for number in range(20):
            pacer.put(outboxes, b"%d " % number, number + 1)
            pacer.pump()
        whole = b"".join(b"%d " % number for number in range(20))
        await eventually(lambda: all(b"".join(t.written) == whole for t in transports))
        assert Transport.most == 3


async def test_what_waits_is_joined() -> None:
    """While a write is under way the next frames gather into one response."""
    async with pacing(1) as pacer:
        transport = Transport()
        outbox = transport.outbox()
        transport.open.clear()
        for number in range(5):
            pacer.put([outbox], b"%d" % number, number + 1)
            pacer.pump()
            await asyncio.sleep(0)
        transport.open.set()
        await eventually(lambda: sum(map(len, transport.written)) == 5)
        assert b"".join(transport.written) == b"01234"
        assert len(transport.written) < 5
        assert not outbox.parts
        assert not outbox.firsts


async def test_a_stalled_write_is_replaced() -> None:
    """Streams that take nothing hold up no other, however many they are."""
    async with pacing(2) as pacer:
        stalled = [Transport() for _ in range(10)]
        for transport in stalled:
            transport.open.clear()
        other = Transport()
        pacer.put([t.outbox() for t in stalled], b"x", 1)
        pacer.put([other.outbox()], b"y", 1)
        pacer.pump()
        await eventually(lambda: other.written == [b"y"])
        for transport in stalled:
            transport.open.set()
        await eventually(lambda: all(t.written == [b"x"] for t in stalled))


async def test_a_write_that_fails_closes_its_outbox_only() -> None:
    """The stream is gone; the writer goes on with others."""

    async def fail(_: bytes) -> None:
        raise ConnectionError

    async with pacing(1) as pacer:
        broken, fine = Outbox(fail, 0.0), Transport()
        pacer.put([broken], b"x", 1)
        pacer.put([fine.outbox()], b"y", 1)
        pacer.pump()
        await eventually(lambda: fine.written)
        assert broken.closed


async def test_a_full_outbox_is_told() -> None:
    """Beyond its limit, `put` gives the outbox back, and falling behind keeps only answers."""
    async with pacing(1) as pacer:
        transport = Transport()
        transport.open.clear()
        outbox = transport.outbox()
        pacer.put([outbox], b"first", 1)
        pacer.pump()
        await eventually(lambda: outbox.writing_since)
        assert pacer.put([outbox], b"p", PASSING) == []
        assert pacer.put([outbox], b"a", ANSWER) == []
        assert pacer.put([outbox], b"x" * 100, 7) == []
        assert pacer.put([outbox], b"x" * MAX_OUTBOX_BYTES, 9) == [outbox]
        assert outbox.fall_behind() == 7
        assert (list(outbox.parts), outbox.size) == ([b"a"], 1)
        assert outbox.fall_behind() is None


def test_a_response_is_bounded() -> None:
    """`take` leaves what is over the size of a response for the next one."""

    async def never(_: bytes) -> None:
        raise AssertionError

    outbox = Outbox(never, 0.0)
    for number in range(10):
        outbox.parts.append(bytes([number]) * (MAX_RESPONSE_BYTES // 4))
        outbox.firsts.append(number + 1)
        outbox.size += MAX_RESPONSE_BYTES // 4
    taken = []
    while outbox.parts:
        taken.append(outbox.take())
    assert [len(t) for t in taken] == [MAX_RESPONSE_BYTES] * 2 + [MAX_RESPONSE_BYTES // 2]
    assert b"".join(taken) == b"".join(
        bytes([number]) * (MAX_RESPONSE_BYTES // 4) for number in range(10)
    )
    assert (outbox.size, len(outbox.firsts)) == (0, 0)
