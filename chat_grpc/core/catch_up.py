"""Streams that read from the log, because they resume or fell behind."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

from chat_grpc.core.errors import ChatError
from chat_grpc.core.events import without
from chat_grpc.core.stream import Range, Stream
from chat_grpc.core.tail import Page, Tail

Read = Callable[[list[Range], int, int], Awaitable[Page]]
"""Reads a page of parts of the log, after a sequence, up to another."""


class CatchUp:
    """Feeds streams from the log until they are at its head.

    Each waiting stream gets one page in its turn, and the next once it has taken that one: so
    streams share the reads fairly, as fast as each reads, and none holds more than a page.
    From `Tail.start` on pages come out of memory. The last page and going live are one
    step of the loop: no event falls between them and none comes twice.

    Belongs to the event loop; at most `readers` reads are under way.
    """

    def __init__(
        self,
        *,
        read: Read,
        tail: Tail,
        head: Callable[[], int],
        feed: Callable[[Stream, bytes, int], None],
        live: Callable[[Stream], None],
        readers: int = 2,
    ) -> None:
        """`feed` sends a stream frames with their first sequence; `live` makes it live."""
        self._read = read
        self._tail = tail
        self._head = head
        self._feed = feed
        self._live = live
        self._size = readers
        self._waiting: deque[Stream] = deque()
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Starts the readers on the running loop."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._run()) for _ in range(self._size)]

    async def stop(self) -> None:
        """Ends the readers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def add(self, stream: Stream) -> None:
        """Takes a stream whose `position` is set; its next page comes when its outbox is empty."""
        if stream.outbox.parts or stream.outbox.scheduled:
            stream.outbox.on_empty = partial(self._queue, stream)
        else:
            self._queue(stream)

    def _queue(self, stream: Stream) -> None:
        stream.outbox.on_empty = None
        if stream.ending is None and not self._from_tail(stream):
            self._waiting.append(stream)
            self._woken.set()

    def _from_tail(self, stream: Stream) -> bool:
        assert stream.position is not None
        if stream.position < self._tail.start:
            return False
        self._give(stream, self._tail.page(stream.may_see, stream.position, self._head()))
        return True

    async def _run(self) -> None:
        while True:
            while self._waiting:
                stream = self._waiting.popleft()
                if stream.outbox.closed or stream.position is None:
                    continue
                after, head = stream.position, self._head()
                try:
                    page = await self._read(stream.wanted(after, head), after, head)
                except ChatError as error:
                    stream.end(error)
                    continue
                if not stream.outbox.closed:
                    self._give(stream, page)
            self._woken.clear()
            await self._woken.wait()

    def _give(self, stream: Stream, page: Page) -> None:
        assert stream.position is not None
        frames = without(page.frames, stream.own) if stream.own else page.frames
        if frames:
            self._feed(stream, frames, stream.position + 1)
        stream.position = page.last
        if page.last < self._head():
            self.add(stream)
        else:
            self._live(stream)
