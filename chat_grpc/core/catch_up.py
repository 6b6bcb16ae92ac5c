"""Catching up: streams that read from the log, because they resume or lag."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from chat_grpc.core import limits
from chat_grpc.core.block import Block
from chat_grpc.core.delivery import CatchingUp
from chat_grpc.core.errors import ChatError, FellBehind
from chat_grpc.core.events import replaced
from chat_grpc.core.parts import Stored
from chat_grpc.core.stream import Range, Stream
from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.core.tail import Blocks, Page, Tail

ReadPage = Callable[[list[Range], int, int], Awaitable[Page]]
"""Reads a page of some ranges of the log, after a sequence, up to another."""

ReadBlock = Callable[[int, int], Awaitable[Block]]
"""Reads all of the log after a sequence, up to another, about one page."""

SPARSE = 8
"""If fewer than 1 in SPARSE events is visible to a stream, query only its channels."""

TURN = 0.002
"""Seconds after which a reader that serves pages from memory yields to the event loop."""

OUTDATED_BLOCKS = 2
"""Maximum number of blocks with replaced events that are read for one page."""


@dataclass(slots=True, eq=False)
class _Reading:
    """A running read of the log."""

    after: int
    shared: bool
    """True if it reads a block, for which other streams may wait."""
    waiting: list[Stream]
    news: dict[int, bytes] = field(default_factory=dict)
    """Events that were replaced meanwhile: the read may have seen the old ones."""


class CatchUp:
    """Feeds streams from the log until they are at its head.

    The log is read in blocks, each once for all streams that are near one another. Streams that see
    little of it query their own channels. Each waiting stream gets one page in its turn, and the
    next one when it has taken that page: the streams share the reads fairly, each goes as fast as
    it reads, and none holds more than a page. Blocks after `Tail.start` are in memory. The last
    page and going live are one step of the loop, so no event is lost or doubled between them.

    Belongs to the event loop. At most `readers` reads run at once. A read that fails ends the
    streams that wait for it with its error.
    """

    def __init__(
        self,
        *,
        read_page: ReadPage,
        read_block: ReadBlock,
        tail: Tail,
        head: Callable[[], int],
        oldest: Callable[[], int],
        go_live: Callable[[Stream, CatchingUp], None],
        readers: int = 2,
    ) -> None:
        """`head` and `oldest` give the newest delivered sequence and the oldest that is kept.

        `go_live` makes a stream live; it is called when the stream reaches the head, and must call
        `forget` for it.
        """
        self._read_page = read_page
        self._read_block = read_block
        self._tail = tail
        self._head = head
        self._oldest = oldest
        self._go_live = go_live
        self._size = readers
        self.streams: dict[Stream, None] = {}
        """The streams that are catching up, as `Delivery.state` says."""
        self._blocks = Blocks()
        self._waiting: deque[Stream] = deque()
        self._readings: list[_Reading] = []
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, supervisor: Supervisor = UNSUPERVISED) -> None:
        """Start the readers on the running loop."""
        self._tasks = [supervisor.start(self._run(), name="catch-up") for _ in range(self._size)]

    async def stop(self) -> None:
        """End the readers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def add(self, stream: Stream) -> None:
        """Feed a stream that is catching up, from the next time its outbox is empty."""
        self.streams[stream] = None
        if not stream.delivery.scheduled:
            self.next(stream)

    def forget(self, stream: Stream) -> None:
        """Forget a stream that ended or is live. With the last one, forget the blocks."""
        self.streams.pop(stream, None)
        if not self.streams:
            self._blocks.clear()

    def next(self, stream: Stream) -> None:
        """Give a stream with an empty outbox its next page, now or in its turn."""
        state = stream.delivery.catching_up
        if state is None or state.asked:
            return
        state.asked = True
        if not self._give_from_memory(stream, state):
            self._wait(stream)

    def replace(self, news: Mapping[int, bytes]) -> None:
        """Replace encoded events, by sequence, before any stream reads them.

        Costs about 0.1 µs for each event in memory; the rest is done when a block is read.
        """
        sequences = sorted(news)
        self._tail.replace(news, sequences)
        self._blocks.replace(news, sequences)
        for reading in self._readings:
            reading.news.update(news)

    def _wait(self, stream: Stream) -> None:
        self._waiting.append(stream)
        self._woken.set()

    # ------------------------------------------------------------ pages

    def _give_from_memory(self, stream: Stream, state: CatchingUp) -> bool:
        """Give a stream its next page if the page begins in memory; return whether it does."""
        after, head = state.position, self._head()
        encoded: list[bytes] = []
        size = count = outdated = 0
        while after < head:
            block = self._tail.find(after) or self._blocks.find(after)
            if block is None:
                break
            outdated += block.outdated
            if outdated > OUTDATED_BLOCKS:
                break
            some, seen = block.read(stream.ranges, stream.own, after)
            if size and size + len(some) > limits.MAX_BLOCK_BYTES:
                break
            state.sparse = seen * SPARSE < block.remaining(after)
            encoded.append(some)
            size += len(some)
            count += seen
            after = block.last
        if after == state.position < head:
            return False
        whole = encoded[0] if len(encoded) == 1 else b"".join(encoded)
        self._give(stream, state, Page(whole, after, count))
        return True

    def _give(self, stream: Stream, state: CatchingUp, page: Page) -> None:
        # The stream has taken the previous page, and never reads it again.
        stream.forget_own(state.position)
        if page.encoded:
            stream.delivery.put(Stored(page.encoded, state.position + 1))
        state.position = page.last
        if page.last >= self._head():
            self._go_live(stream, state)
        elif stream.delivery.scheduled:
            state.asked = False
        else:
            self._wait(stream)  # nothing of the page was visible to the stream

    # ------------------------------------------------------------ reading

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            until = loop.time() + TURN
            while self._waiting:
                stream = self._waiting.popleft()
                state = stream.delivery.catching_up
                if state is None:
                    continue
                if not self._give_from_memory(stream, state):
                    await self._read(stream, state)
                elif loop.time() < until:
                    continue
                else:
                    await asyncio.sleep(0)
                until = loop.time() + TURN
            self._woken.clear()
            await self._woken.wait()

    async def _read(self, stream: Stream, state: CatchingUp) -> None:
        after = state.position
        if self._is_gone(after):
            stream.end(_no_longer_kept())
            return
        if not state.sparse:
            for reading in self._readings:
                if reading.shared and reading.after <= after < reading.after + limits.MAX_PAGE_ROWS:
                    reading.waiting.append(stream)
                    return
        reading = _Reading(after, not state.sparse, [stream])
        self._readings.append(reading)
        try:
            if state.sparse:
                await self._page(stream, reading)
            else:
                await self._block(reading)
        except ChatError as error:
            for waiting in reading.waiting:
                waiting.end(error)
        finally:
            self._readings.remove(reading)

    async def _page(self, stream: Stream, reading: _Reading) -> None:
        """Read the events that one stream sees, and put them into its outbox."""
        after, head = reading.after, self._head()
        page = await self._read_page(stream.wanted(after, head), after, head)
        if self._is_gone(after):
            raise _no_longer_kept()
        state = stream.delivery.catching_up
        if state is None:
            return
        encoded = page.encoded
        if news := reading.news | dict.fromkeys(stream.own, b""):
            encoded = replaced(encoded, news)
        state.sparse = page.count * SPARSE < page.last - after
        self._give(stream, state, Page(encoded, page.last, page.count))

    async def _block(self, reading: _Reading) -> None:
        """Read a block for all streams that wait for it. It is their turn next."""
        bound = self._blocks.next_start(reading.after)
        up_to = min(self._tail.start, bound if bound is not None else self._tail.start)
        block = await self._read_block(reading.after, up_to)
        if self._is_gone(reading.after):
            raise _no_longer_kept()
        block.replace(reading.news, sorted(reading.news))
        self._blocks.add(
            block, min(limits.MAX_BLOCKS_BYTES, 2 * limits.MAX_BLOCK_BYTES * len(self.streams))
        )
        self._waiting.extendleft(reversed(reading.waiting))

    def _is_gone(self, after: int) -> bool:
        """Return whether an event after a sequence is no longer kept: a read misses it."""
        return after + 1 < self._oldest()


def _no_longer_kept() -> FellBehind:
    return FellBehind(
        "The log no longer keeps the next events of this stream; connect again and resume.",
        retry_after=1.0,
    )
