"""The pacer, and its use of an outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest
from core.node import made
from support import eventually

from chat_grpc.core.delivery import CatchingUp, Delivery, Live, Write
from chat_grpc.core.events import encode_stored
from chat_grpc.core.limits import MAX_OUTBOX_BYTES, MAX_RESPONSE_BYTES
from chat_grpc.core.parts import Answer, Part, Passing, Stored
from chat_grpc.transport.grpcio import pacer as pacer_module
from chat_grpc.transport.grpcio.pacer import BLOCKED, LIVE_A_TURN, PAGES, SLOW_WRITES, STALL, Pacer

LIVE, PAGE = Stored(b"live", 1), Stored(b"page", 1)


def live(pacer: Pacer, write: Write) -> Delivery:
    """Make the delivery to a live stream."""
    delivery = made(write, pacer=pacer)
    delivery.state = Live(0)
    return delivery


def put(deliveries: Iterable[Delivery], part: Part) -> None:
    """Put a part into each outbox."""
    for delivery in deliveries:
        delivery.put(part)


class Transport:
    """A transport that takes writes once opened; counts the writes under way on all transports."""

    under_way = 0
    most = 0

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.begun = 0
        self.written: list[bytes] = []

    async def write(self, response: bytes) -> None:
        """Write one response."""
        Transport.under_way += 1
        Transport.most = max(Transport.most, Transport.under_way)
        self.begun += 1
        await asyncio.sleep(0)
        await self.open.wait()
        Transport.under_way -= 1
        self.written.append(response)

    def live(self, pacer: Pacer) -> Delivery:
        """Make the delivery to a live stream on it."""
        return live(pacer, self.write)

    def catching_up(self, pacer: Pacer) -> Delivery:
        """Make the delivery to a stream on it that catches up."""
        return made(self.write, pacer=pacer)


def closed(count: int) -> list[Transport]:
    """Return transports that take no write until they are opened."""
    transports = [Transport() for _ in range(count)]
    for transport in transports:
        transport.open.clear()
    return transports


async def open_all(transports: list[Transport]) -> None:
    """Open transports, and wait until each has written."""
    for transport in transports:
        transport.open.set()
    await eventually(lambda: all(t.written for t in transports))


@asynccontextmanager
async def pacing(writers: int, streams: int = 1000) -> AsyncIterator[Pacer]:
    """Run a pacer."""
    Transport.under_way = Transport.most = 0
    pacer = Pacer(writers, asyncio.get_running_loop().time)
    pacer.serves(streams)
    pacer.start()
    try:
        yield pacer
    finally:
        await pacer.stop()


async def test_the_writes_under_way_are_bounded() -> None:
    """Many outboxes share few concurrent writes, and each gets all of its parts in order."""
    async with pacing(3) as pacer:
        transports = [Transport() for _ in range(50)]
        deliveries = [t.live(pacer) for t in transports]
        for number in range(20):
            put(deliveries, Stored(b"%d " % number, number + 1))
        whole = b"".join(b"%d " % number for number in range(20))
        await eventually(lambda: all(b"".join(t.written) == whole for t in transports))
        assert Transport.most == 3


async def test_parts_that_wait_are_joined() -> None:
    """The parts that come during a write are joined into one response."""
    async with pacing(1) as pacer:
        [transport] = closed(1)
        delivery = transport.live(pacer)
        encoded = [encode_stored(number, b"") for number in range(1, 6)]
        for number, each in enumerate(encoded, 1):
            delivery.put(Stored(each, number))
            await asyncio.sleep(0)
        transport.open.set()
        await eventually(lambda: b"".join(transport.written) == b"".join(encoded))
        assert len(transport.written) < 5
        assert not delivery.parts


async def test_a_stalled_write_is_replaced() -> None:
    """Stalled streams delay no other, however many they are."""
    async with pacing(2) as pacer:
        stalled = closed(10)
        put([t.live(pacer) for t in stalled], LIVE)
        other = Transport()
        other.live(pacer).put(LIVE)
        await eventually(lambda: other.written)
        await open_all(stalled)


async def test_a_crowd_that_stalls_at_once_is_replaced_sooner() -> None:
    """If no write ends, stalled writes are replaced before STALL has passed."""
    async with pacing(2) as pacer:
        loop = asyncio.get_running_loop()
        stalled, other = closed(100), Transport()
        begin = loop.time()
        put([t.live(pacer) for t in stalled], LIVE)
        other.live(pacer).put(LIVE)
        await eventually(lambda: other.written)
        took = loop.time() - begin
        # Two writes at a time, each for STALL seconds, would take a second; the lower bound is:
        assert BLOCKED * 50 < took < STALL * 50 or took > 2  # inconclusive on a busy machine
        await open_all(stalled)


async def test_slow_streams_wait_for_live_ones() -> None:
    """A stream that stalled once is scheduled in a class of its own until it has kept up."""
    async with pacing(8) as pacer:
        slow = closed(200)
        deliveries = [t.live(pacer) for t in slow]
        last = closed(8)  # their order is not part of the test
        put([*deliveries, *(t.live(pacer) for t in last)], LIVE)
        await eventually(lambda: all(each.stalled_at for each in deliveries))
        await open_all([*slow, *last])
        for transport in slow:
            transport.open.clear()
        begun = sum(t.begun for t in slow)
        before: list[int] = []

        async def write(_: bytes) -> None:
            before.append(sum(t.begun for t in slow) - begun)

        put(deliveries, LIVE)
        live(pacer, write).put(LIVE)
        await eventually(lambda: before)
        assert before[0] <= SLOW_WRITES
        await eventually(lambda: sum(t.begun for t in slow) - begun == len(slow))
        await open_all(slow)


async def test_a_slow_stream_is_live_again_when_it_has_kept_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After SLOW_FOR seconds without a stall a slow stream is live again."""
    monkeypatch.setattr(pacer_module, "SLOW_FOR", 0.1)
    async with pacing(2) as pacer:
        transports = closed(3)
        deliveries = [t.live(pacer) for t in transports]
        put(deliveries, LIVE)
        await eventually(lambda: deliveries[0].stalled_at)
        await open_all(transports)
        assert deliveries[0].stalled_at

        def kept_up() -> bool:
            deliveries[0].put(LIVE)
            return not deliveries[0].stalled_at

        await eventually(kept_up)


async def test_slow_streams_get_a_share_beside_live_ones() -> None:
    """Slow streams get a share of the writes under any load of live streams."""
    async with pacing(4) as pacer:
        transport, slow = Transport(), [Transport() for _ in range(20)]
        others = [transport.live(pacer) for _ in range(50)]
        deliveries = [t.live(pacer) for t in slow]
        for delivery in deliveries:
            delivery.stalled_at = asyncio.get_running_loop().time()
        put(deliveries, LIVE)
        while not all(t.written for t in slow):
            put(others, LIVE)
            await asyncio.sleep(0)
            assert len(transport.written) < 40 * LIVE_A_TURN * len(slow)


async def test_live_streams_go_before_pages_of_the_log() -> None:
    """A live stream is written at once, because few of the waiting pages are in flight."""
    async with pacing(8) as pacer:
        catching_up = [Transport() for _ in range(500)]
        put([t.catching_up(pacer) for t in catching_up], PAGE)
        await asyncio.sleep(0)
        before: list[int] = []

        async def write(_: bytes) -> None:
            before.append(sum(len(t.written) for t in catching_up))

        live(pacer, write).put(LIVE)
        await eventually(lambda: before)
        assert before[0] <= 2 * PAGES
        await eventually(lambda: all(t.written for t in catching_up))
        assert Transport.most == PAGES


async def test_pages_take_no_turn_of_live_streams_when_streams_are_few() -> None:
    """A live stream is written at once while the pages in flight are stalled."""
    async with pacing(8, streams=3) as pacer:
        catching_up = closed(PAGES)
        put([t.catching_up(pacer) for t in catching_up], PAGE)
        await asyncio.sleep(0)
        other = Transport()
        other.live(pacer).put(LIVE)
        for _ in range(10):
            await asyncio.sleep(0)
        assert other.written
        assert Transport.most == PAGES + 1
        await open_all(catching_up)


async def test_a_stream_that_caught_up_does_not_wait_for_stalled_ones() -> None:
    """The parts after a stream's last page are written although live writes are stalled."""
    async with pacing(8, streams=3) as pacer:
        stalled, [caught_up] = closed(2), closed(1)
        delivery = caught_up.catching_up(pacer)
        delivery.put(PAGE)
        put([t.live(pacer) for t in stalled], LIVE)
        await eventually(lambda: Transport.under_way == 3)
        delivery.go_live(Passing(b"caught up"))
        caught_up.open.set()
        await eventually(lambda: caught_up.written == [b"page", b"caught up"])
        await open_all(stalled)


async def test_pages_of_the_log_get_a_share_beside_live_streams() -> None:
    """Catching-up streams get a share of the writes under any load of live streams."""
    async with pacing(4) as pacer:
        transport, catching_up = Transport(), [Transport() for _ in range(20)]
        others = [transport.live(pacer) for _ in range(50)]
        put([t.catching_up(pacer) for t in catching_up], PAGE)
        while not all(t.written for t in catching_up):
            put(others, LIVE)
            await asyncio.sleep(0)
            assert len(transport.written) < 40 * LIVE_A_TURN * len(catching_up)


async def test_a_stalled_page_lets_the_next_one_go() -> None:
    """Stalled pages delay neither each other nor fast peers."""
    async with pacing(4) as pacer:
        slow = closed(60)
        put([t.catching_up(pacer) for t in slow], PAGE)
        fast = Transport()
        fast.catching_up(pacer).put(PAGE)
        await eventually(lambda: fast.written)
        await open_all(slow)
        # The stalled writes, which were not counted, have left the count correct.
        Transport.most = 0
        again = [Transport() for _ in range(20)]
        put([t.catching_up(pacer) for t in again], PAGE)
        await eventually(lambda: all(t.written for t in again))
        assert Transport.most == PAGES


async def test_a_write_that_fails_closes_its_outbox_only() -> None:
    """The stream of a failed write is told the reason; the writer continues with others."""
    errors: list[Exception] = []

    async def fail(_: bytes) -> None:
        raise ConnectionError

    async with pacing(1) as pacer:
        broken, fine = live(pacer, fail), Transport()
        broken.on_error = errors.append
        broken.put(LIVE)
        fine.live(pacer).put(LIVE)
        await eventually(lambda: fine.written)
        assert [type(error) for error in errors] == [ConnectionError]


async def test_a_full_outbox_is_told() -> None:
    """Over the limit `put` reports it, and falling behind keeps only the answers."""
    async with pacing(1) as pacer:
        [transport] = closed(1)
        delivery = transport.live(pacer)
        delivery.put(Stored(b"first", 1))
        await eventually(lambda: delivery.writing_since)
        assert not delivery.put(Passing(b"p"))
        assert not delivery.put(Answer(b"a"))
        assert not delivery.put(Stored(b"x" * 100, 7))
        assert delivery.put(Stored(b"x" * MAX_OUTBOX_BYTES, 9))
        delivery.fall_behind(9)
        assert [part.encoded for part in delivery.parts if type(part) is Answer] == [b"a"]
        assert (len(delivery.parts), delivery.size, delivery.position) == (1, 1, 6)


def test_a_stream_that_lost_only_transient_events_continues_at_the_head() -> None:
    """A stream that lost only transient events continues at the head."""
    delivery = made()
    delivery.state = Live(0)
    delivery.put(Passing(b"p"))
    delivery.fall_behind(7)
    assert isinstance(delivery.state, CatchingUp)
    assert (delivery.position, delivery.state.fell_behind, delivery.parts) == (7, True, [])


def test_a_response_is_bounded() -> None:
    """`take` leaves the part beyond a response's size for the next one."""
    delivery = made()
    for number in range(10):
        delivery.put(Stored(bytes([number]) * (MAX_RESPONSE_BYTES // 4), number + 1))
    taken = []
    while delivery.parts:
        taken.append(delivery.take())
    assert [len(t) for t in taken] == [MAX_RESPONSE_BYTES] * 2 + [MAX_RESPONSE_BYTES // 2]
    assert b"".join(taken) == b"".join(
        bytes([number]) * (MAX_RESPONSE_BYTES // 4) for number in range(10)
    )
    assert delivery.size == 0


@pytest.mark.parametrize(("streams", "most"), [(1, 2), (100, 2), (200, 4), (1000, 8)])
async def test_few_streams_are_written_to_by_few_at_once(streams: int, most: int) -> None:
    """100 streams have 2 writes in flight, 1,000 as many as there are writers."""
    async with pacing(8, streams) as pacer:
        transports = [Transport() for _ in range(50)]
        put([transport.live(pacer) for transport in transports], LIVE)
        await eventually(lambda: all(transport.written for transport in transports))
        assert Transport.most == most
