"""Bounded writes in flight: the reason why one process serves thousands of streams."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from chat_grpc.core.limits import MAX_OUTBOX_BYTES
from chat_grpc.core.outbox import Outbox

STALL = 0.02
"""Seconds after which a write counts as stalled and its writer is replaced."""


class _Writer:
    """One coroutine that writes; `since` is when its write began, 0.0 between writes."""

    __slots__ = ("replaced", "since", "task")

    def __init__(self) -> None:
        self.since = 0.0
        self.replaced = False
        self.task: asyncio.Task[None] | None = None


class Pacer:
    """Writes outboxes to their streams with at most `writers` writes in flight.

    Each writer takes the next outbox that has something waiting, joins all of it, and awaits
    the write. While the machine keeps up, every event is a small response of its own. Under load
    requests are read between the writes, so more waits in each outbox and the responses grow:
    the cost of a write is shared by more and more events.

    A write that has not ended after `STALL` seconds, because the peer does not read, keeps its
    outbox to itself and stops counting: its writer is replaced. So a stalled stream
    holds up nobody, and costs one coroutine.

    Belongs to the event loop. `schedule` and `pump` never block.
    """

    def __init__(self, writers: int, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._waiting: deque[Outbox] = deque()
        self._writers: set[_Writer] = set()
        self._idle: list[asyncio.Future[None]] = []
        self._watch: asyncio.TimerHandle | None = None
        self._size = writers
        self.responses = 0
        """Responses written since the start."""

    def start(self) -> None:
        """Starts the writers on the running loop."""
        for _ in range(self._size):
            self._add_writer()

    async def stop(self) -> None:
        """Ends the writers; what still waits is not written."""
        if self._watch is not None:
            self._watch.cancel()
        tasks = [writer.task for writer in self._writers if writer.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def put(self, outboxes: Iterable[Outbox], frames: bytes, first: int) -> list[Outbox]:
        """Adds the same frames to each outbox; `pump` must follow once all is put.

        `first` is the sequence of the first event in them, or `ANSWER`, or `PASSING`.

        Gives the outboxes that are now over `MAX_OUTBOX_BYTES`. Closed ones are passed over.
        """
        size = len(frames)
        waiting = self._waiting
        over = []
        for outbox in outboxes:
            outbox.parts.append(frames)
            outbox.firsts.append(first)
            outbox.size += size
            if not outbox.scheduled:
                if outbox.closed:
                    outbox.close()
                    continue
                outbox.scheduled = True
                waiting.append(outbox)
            elif outbox.size > MAX_OUTBOX_BYTES:
                over.append(outbox)
        return over

    def pump(self) -> None:
        """Wakes writers for the outboxes that wait."""
        waiting = len(self._waiting)
        while self._idle and waiting > 0:
            writer = self._idle.pop()
            if not writer.done():
                writer.set_result(None)
                waiting -= 1
        if waiting > 0 and self._watch is None:
            self._watch = asyncio.get_running_loop().call_later(STALL, self._replace_stalled)

    def _add_writer(self) -> None:
        writer = _Writer()
        self._writers.add(writer)
        writer.task = asyncio.get_running_loop().create_task(self._run(writer))

    async def _run(self, writer: _Writer) -> None:
        loop = asyncio.get_running_loop()
        waiting = self._waiting
        try:
            while not writer.replaced:
                while waiting and not writer.replaced:
                    await self._write(writer, waiting.popleft())
                if not writer.replaced:
                    idle = loop.create_future()
                    self._idle.append(idle)
                    await idle
        finally:
            self._writers.discard(writer)

    async def _write(self, writer: _Writer, outbox: Outbox) -> None:
        if not outbox.parts:
            self._ended(outbox)
            return
        writer.since = outbox.last_write = outbox.writing_since = self._clock()
        try:
            await outbox.write(outbox.take())
            self.responses += 1
        except Exception:  # the call's own handler reports why it ended
            outbox.close()
        writer.since = outbox.writing_since = 0.0
        self._ended(outbox)
        if writer.replaced:
            self.pump()

    def _ended(self, outbox: Outbox) -> None:
        if outbox.on_empty is not None and not outbox.parts:
            outbox.on_empty()
        if outbox.parts:
            self._waiting.append(outbox)
        else:
            outbox.scheduled = False

    def _replace_stalled(self) -> None:
        self._watch = None
        limit = self._clock() - STALL
        for writer in [w for w in self._writers if not w.replaced and 0.0 < w.since < limit]:
            writer.replaced = True
            self._add_writer()
        if self._waiting:
            self._watch = asyncio.get_running_loop().call_later(STALL, self._replace_stalled)
