"""Streams that read from the log, because they resume or fell behind."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from chat_grpc.core.block import Block
from chat_grpc.core.errors import ChatError, FellBehind
from chat_grpc.core.events import replaced
from chat_grpc.core.limits import MAX_BLOCK_BYTES, MAX_BLOCKS_BYTES, MAX_PAGE_ROWS
from chat_grpc.core.stream import Range, Stream
from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.core.tail import Blocks, Page, Tail

ReadPage = Callable[[list[Range], int, int], Awaitable[Page]]
"""Reads a page of parts of the log, after a sequence, up to another."""

ReadBlock = Callable[[int, int], Awaitable[Block]]
"""Reads all of the log after a sequence, up to another, about a page full."""

SPARSE = 8
"""Where fewer than one event in so many is for a stream, it reads what is for it alone."""

_PAGES_A_TURN = 16


@dataclass(slots=True, eq=False)
class _Reading:
    """A read that is under way."""

    after: int
    shared: bool
    """True where it reads a block, which others may wait for."""
    waiting: list[Stream]
    news: dict[int, bytes] = field(default_factory=dict)
    """Frames that were replaced meanwhile: the read may have seen the old ones."""


class CatchUp:
    """Feeds streams from the log until they are at its head.

    The log is read in blocks, each once for all streams that are near one another; those that get
    little of it read what is theirs by the index of channels. Each waiting stream gets one page in
    its turn, and the next once it has taken that one: so streams share the reads fairly, as fast
    as each reads, and none holds more than a page. From `Tail.start` on blocks are in memory. The
    last page and going live are one step of the loop: no event falls between them and none comes
    twice.

    Belongs to the event loop; at most `readers` reads are under way.
    """

    def __init__(
        self,
        *,
        read_page: ReadPage,
        read_block: ReadBlock,
        tail: Tail,
        head: Callable[[], int],
        oldest: Callable[[], int],
        tell: Callable[[Stream, bytes, int], None],
        live: Callable[[Stream], None],
        readers: int = 2,
    ) -> None:
        """`tell` sends a stream frames with their first sequence; `live` makes it live.

        `oldest` gives the oldest sequence that is kept.
        """
        self._read_page = read_page
        self._read_block = read_block
        self._tail = tail
        self._head = head
        self._oldest = oldest
        self._tell = tell
        self._live = live
        self._size = readers
        self._blocks = Blocks()
        self._behind: set[Stream] = set()
        self._waiting: deque[Stream] = deque()
        self._readings: list[_Reading] = []
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, supervisor: Supervisor = UNSUPERVISED) -> None:
        """Start the readers on the running loop."""
        self._tasks = [supervisor.start(self._run(), name="catch-up") for _ in range(self._size)]

    async def stop(self) -> None:
        """Ends the readers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def add(self, stream: Stream) -> None:
        """Takes a stream whose `position` is set; its next page comes when its outbox is empty."""
        self._behind.add(stream)
        stream.outbox.behind = True
        if stream.outbox.parts or stream.outbox.scheduled:
            stream.outbox.on_empty = partial(self._queue, stream)
        else:
            self._queue(stream)

    def forget(self, stream: Stream) -> None:
        """Lets a stream go that ended, or is live; with the last one, what was read for them."""
        self._behind.discard(stream)
        if not self._behind:
            self._blocks.clear()

    def replace(self, news: Mapping[int, bytes]) -> None:
        """Puts other frames in the place of those of some sequences, wherever they are kept."""
        self._tail.replace(news)
        self._blocks.replace(news)
        for reading in self._readings:
            reading.news.update(news)

    def _queue(self, stream: Stream) -> None:
        stream.outbox.on_empty = None
        if stream.ending is None and not self._from_memory(stream):
            self._waiting.append(stream)
            self._woken.set()

    # ------------------------------------------------------------ pages

    def _from_memory(self, stream: Stream) -> bool:
        """Gives a stream its next page, if that begins in memory."""
        assert stream.position is not None
        after, head = stream.position, self._head()
        parts: list[bytes] = []
        size = count = 0
        while after < head:
            block = self._tail.find(after) or self._blocks.find(after)
            if block is None:
                break
            frames, seen = block.read(stream.ranges, stream.own, after)
            if size and size + len(frames) > MAX_BLOCK_BYTES:
                break
            stream.sparse = seen * SPARSE < block.remaining(after)
            parts.append(frames)
            size += len(frames)
            count += seen
            after = block.last
        if after == stream.position < head:
            return False
        self._give(stream, Page(parts[0] if len(parts) == 1 else b"".join(parts), after, count))
        return True

    def _give(self, stream: Stream, page: Page) -> None:
        assert stream.position is not None
        if page.frames:
            self._tell(stream, page.frames, stream.position + 1)
        stream.position = page.last
        if page.last < self._head():
            self.add(stream)
        else:
            stream.outbox.behind = False
            self._live(stream)
            self.forget(stream)

    # ------------------------------------------------------------ reading

    async def _run(self) -> None:
        given = 0
        while True:
            while self._waiting:
                stream = self._waiting.popleft()
                if stream.outbox.closed:
                    continue
                if not self._from_memory(stream):
                    await self._read(stream)
                elif (given := given + 1) % _PAGES_A_TURN == 0:
                    await asyncio.sleep(0)
            self._woken.clear()
            await self._woken.wait()

    async def _read(self, stream: Stream) -> None:
        assert stream.position is not None
        after = stream.position
        if self._is_gone(after):
            stream.end(_no_longer_kept())
            return
        if not stream.sparse:
            for reading in self._readings:
                if reading.shared and reading.after <= after < reading.after + MAX_PAGE_ROWS:
                    reading.waiting.append(stream)
                    return
        reading = _Reading(after, not stream.sparse, [stream])
        self._readings.append(reading)
        try:
            if stream.sparse:
                await self._page(stream, reading)
            else:
                await self._block(reading)
        except ChatError as error:
            for waiting in reading.waiting:
                waiting.end(error)
        finally:
            self._readings.remove(reading)

    async def _page(self, stream: Stream, reading: _Reading) -> None:
        """Reads what is for one stream, and gives it."""
        after, head = reading.after, self._head()
        page = await self._read_page(stream.wanted(after, head), after, head)
        if self._is_gone(after):
            raise _no_longer_kept()
        frames = page.frames
        if news := reading.news | dict.fromkeys(stream.own, b""):
            frames = replaced(frames, news)
        stream.sparse = page.count * SPARSE < page.last - after
        if not stream.outbox.closed:
            self._give(stream, Page(frames, page.last, page.count))

    async def _block(self, reading: _Reading) -> None:
        """Reads a block for all who wait for it; their turn is next."""
        bound = self._blocks.next_start(reading.after)
        up_to = min(self._tail.start, bound if bound is not None else self._tail.start)
        block = await self._read_block(reading.after, up_to)
        if self._is_gone(reading.after):
            raise _no_longer_kept()
        block.replace(reading.news)
        self._blocks.add(block, min(MAX_BLOCKS_BYTES, 2 * MAX_BLOCK_BYTES * len(self._behind)))
        self._waiting.extendleft(reversed(reading.waiting))

    def _is_gone(self, after: int) -> bool:
        """Says whether something that follows is no longer kept, so that a read misses it."""
        return after + 1 < self._oldest()


def _no_longer_kept() -> FellBehind:
    return FellBehind(
        "What the stream had still to get is no longer kept; resume from there.", retry_after=1.0
    )
