"""The outbox and the pacer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from support import eventually

from chat_grpc.core.limits import MAX_OUTBOX_BYTES, MAX_RESPONSE_BYTES
from chat_grpc.core.outbox import ANSWER, PASSING, Outbox
from chat_grpc.core.pacer import LIVE_A_PAGE, PAGES, Pacer


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

    def outbox(self, *, behind: bool = False) -> Outbox:
        """Makes an outbox on it."""
        outbox = Outbox(self.write, 0.0)
        outbox.behind = behind
        return outbox


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


async def test_live_streams_go_before_pages_of_the_log() -> None:
    """A live stream is written to at once, however many pages wait; few of these are under way."""
    async with pacing(8) as pacer:
        behind = [Transport() for _ in range(500)]
        pacer.put([t.outbox(behind=True) for t in behind], b"page", 1)
        pacer.pump()
        await asyncio.sleep(0)
        before: list[int] = []

        async def write(_: bytes) -> None:
            before.append(sum(len(t.written) for t in behind))

        pacer.put([Outbox(write, 0.0)], b"live", 1)
        pacer.pump()
        await eventually(lambda: before)
        assert before[0] <= 2 * PAGES
        await eventually(lambda: all(t.written for t in behind))
        assert Transport.most == PAGES


async def test_pages_take_no_place_of_live_streams_where_there_are_few() -> None:
    """A live stream is written to at once, while peers do not take the pages under way."""
    async with pacing(8) as pacer:
        pacer.serves(3)
        behind = [Transport() for _ in range(PAGES)]
        for transport in behind:
            transport.open.clear()
        pacer.put([t.outbox(behind=True) for t in behind], b"page", 1)
        pacer.pump()
        await asyncio.sleep(0)
        live = Transport()
        pacer.put([live.outbox()], b"live", 1)
        pacer.pump()
        for _ in range(10):
            await asyncio.sleep(0)
        assert live.written
        assert Transport.most == PAGES + 1
        for transport in behind:
            transport.open.set()
        await eventually(lambda: all(t.written for t in behind))


async def test_a_stream_that_caught_up_does_not_wait_for_stalled_ones() -> None:
    """What follows its last page is written although the places of live streams are stalled."""
    async with pacing(8) as pacer:
        pacer.serves(3)
        stalled = [Transport() for _ in range(2)]
        for transport in stalled:
            transport.open.clear()
        caught_up = Transport()
        caught_up.open.clear()
        outbox = caught_up.outbox(behind=True)
        pacer.put([outbox], b"page", 1)
        pacer.put([t.outbox() for t in stalled], b"live", 1)
        pacer.pump()
        await eventually(lambda: pacer._watch is None)
        outbox.behind = False
        pacer.put([outbox], b"caught up", ANSWER)
        caught_up.open.set()
        await eventually(lambda: caught_up.written == [b"page", b"caught up"])
        for transport in stalled:
            transport.open.set()
        await eventually(lambda: all(t.written for t in stalled))


async def test_pages_of_the_log_get_a_share_beside_live_streams() -> None:
    """However much there is to write to live streams, those that catch up go on."""
    async with pacing(4) as pacer:
        live, behind = Transport(), [Transport() for _ in range(20)]
        outboxes = [live.outbox() for _ in range(50)]
        pacer.put([t.outbox(behind=True) for t in behind], b"page", 1)
        while not all(t.written for t in behind):
            pacer.put(outboxes, b"live", 1)
            pacer.pump()
            await asyncio.sleep(0)
            assert len(live.written) < 40 * LIVE_A_PAGE * len(behind)


async def test_a_stalled_page_makes_room_for_the_next() -> None:
    """Peers that take their pages slowly hold up neither each other nor those that are fast."""
    async with pacing(4) as pacer:
        slow = [Transport() for _ in range(60)]
        for transport in slow:
            transport.open.clear()
        fast = Transport()
        pacer.put([t.outbox(behind=True) for t in slow], b"page", 1)
        pacer.put([fast.outbox(behind=True)], b"page", 1)
        pacer.pump()
        await eventually(lambda: fast.written)
        for transport in slow:
            transport.open.set()
        await eventually(lambda: all(t.written for t in slow))
        # What was counted out is counted back in.
        Transport.most = 0
        again = [Transport() for _ in range(20)]
        pacer.put([t.outbox(behind=True) for t in again], b"page", 1)
        pacer.pump()
        await eventually(lambda: all(t.written for t in again))
        assert Transport.most == PAGES


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
        outbox.put(bytes([number]) * (MAX_RESPONSE_BYTES // 4), number + 1)
    taken = []
    while outbox.parts:
        taken.append(outbox.take())
    assert [len(t) for t in taken] == [MAX_RESPONSE_BYTES] * 2 + [MAX_RESPONSE_BYTES // 2]
    assert b"".join(taken) == b"".join(
        bytes([number]) * (MAX_RESPONSE_BYTES // 4) for number in range(10)
    )
    assert (outbox.size, len(outbox.firsts)) == (0, 0)


@pytest.mark.parametrize(("streams", "most"), [(1, 2), (100, 2), (200, 4), (1000, 8)])
async def test_few_streams_are_written_to_by_few_at_once(streams: int, most: int) -> None:
    """With 100 streams 2 writes are in flight, with 1,000 as many as there are writers."""
    async with pacing(8) as pacer:
        pacer.serves(streams)
        transports = [Transport() for _ in range(50)]
        pacer.put([transport.outbox() for transport in transports], b"x", 1)
        pacer.pump()
        await eventually(lambda: all(transport.written for transport in transports))
        assert Transport.most == most
