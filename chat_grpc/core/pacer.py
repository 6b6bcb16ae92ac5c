"""Bounded writes in flight: the reason why one process serves thousands of streams."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from chat_grpc.core.feed import Feed
from chat_grpc.core.limits import MAX_OUTBOX_BYTES
from chat_grpc.core.outbox import Outbox
from chat_grpc.core.supervision import UNSUPERVISED, Supervisor

STALL = 0.02
"""Seconds after which a write counts as stalled and its writer is replaced."""

PAGES = 3
"""So many pages of the log may be in flight, besides the writes to live streams."""

PAGE_STALL = 0.005
"""Seconds after which the write of a page counts as stalled, while others wait with pages."""

LIVE_A_PAGE = 16
"""While both wait, so many live streams are written to for each page of the log."""


FEWEST = 2
"""So many writes may be in flight, however few streams there are."""

STREAMS_A_WRITE = 50
"""For so many streams one more write may be in flight: with more, responses would be smaller."""


class _Writer:
    """One coroutine that writes; `since` is when its write began, 0.0 between writes."""

    __slots__ = ("live", "page", "replaced", "since", "task")

    def __init__(self) -> None:
        self.since = 0.0
        self.live = False
        """True while it counts as one that writes to a live stream."""
        self.page = False
        """True while it counts as one that writes a page of the log."""
        self.replaced = False
        self.task: asyncio.Task[None] | None = None


class Pacer:
    """Writes outboxes to their streams with at most `writers` writes in flight.

    Where there are few streams, fewer: see `serves`. Each writer takes the next outbox that has
    something waiting, joins all of it, and awaits the write. While the machine keeps up, every
    event is a small response of its own. Under load requests are read between the writes, so more
    waits in each outbox and the responses grow: the cost of a write is shared by more and more
    events.

    A write that has not ended after `STALL` seconds, because the peer does not read, keeps its
    outbox to itself and stops counting: its writer is replaced. So a stalled stream
    holds up nobody, and costs one coroutine.

    Streams that catch up (`Outbox.behind`) take turns of their own: few of the writes in flight
    are theirs, because a page of the log takes the loop longer than a live event, and they go
    first only now and then. So thousands of them hold up the live ones by some milliseconds.

    Belongs to the event loop. `schedule` and `pump` never block.
    """

    def __init__(self, writers: int, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._supervisor: Supervisor = UNSUPERVISED
        self._waiting: deque[Outbox] = deque()
        self._behind: deque[Outbox] = deque()
        """Those that wait with a page of the log."""
        self._pages = 0
        self._live_since_page = 0
        self._writers: set[_Writer] = set()
        self._idle: list[asyncio.Future[None]] = []
        self._watch: asyncio.TimerHandle | None = None
        self._watched = 0.0
        self._size = writers
        self._limit = writers
        self._writing = 0
        """Writes in flight, but for pages and stalled ones."""
        self.responses = 0
        """Responses written since the start."""

    def start(self, supervisor: Supervisor = UNSUPERVISED) -> None:
        """Start the writers on the running loop."""
        self._supervisor = supervisor
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

    def serves(self, streams: int) -> None:
        """Says how many streams are open: the writes in flight are to be few against them.

        Measured with 100 streams and 256 messages in flight: 2 writes give 1.5 times the
        deliveries of 8; with 1,000 streams 8 are better.
        """
        self._limit = min(self._size, max(FEWEST, streams // STREAMS_A_WRITE))

    def put(self, outboxes: Iterable[Outbox], frames: bytes, first: int) -> list[Outbox]:
        """Adds the same frames to each outbox; `pump` must follow once all is put.

        `first` is the sequence of the first event in them, or `ANSWER`, or `PASSING`.

        Gives the outboxes that are now over `MAX_OUTBOX_BYTES`. Closed ones are passed over.
        What all live streams get is put once, into their feed; see `publish`.
        """
        over = []
        for outbox in outboxes:
            if outbox.closed:
                continue
            outbox.put(frames, first)
            if outbox.scheduled:
                if outbox.size > MAX_OUTBOX_BYTES:
                    over.append(outbox)
                continue
            if outbox.feed is not None:
                del outbox.feed.resting[outbox]
            self._schedule(outbox)
        return over

    def _schedule(self, outbox: Outbox) -> None:
        outbox.scheduled = True
        (self._behind if outbox.behind else self._waiting).append(outbox)

    def publish(self, feed: Feed) -> None:
        """Schedules the outboxes that had all of a feed, if it has more now; then pumps."""
        if feed.published != feed.end:
            feed.published = feed.end
            for outbox in feed.resting:
                outbox.scheduled = True
            self._waiting.extend(feed.resting)
            feed.resting.clear()
        self.pump()

    def pump(self) -> None:
        """Wakes writers for the outboxes that wait."""
        live, pages = len(self._waiting), len(self._behind)
        room = min(live, self._limit - self._writing) + min(pages, PAGES - self._pages)
        while self._idle and room > 0:
            writer = self._idle.pop()
            if not writer.done():
                writer.set_result(None)
                live -= 1
                room -= 1
        if live > 0 or pages:
            self._watch_writes()

    def _add_writer(self) -> None:
        writer = _Writer()
        self._writers.add(writer)
        writer.task = self._supervisor.start(self._run(writer), name="writer")

    async def _run(self, writer: _Writer) -> None:
        loop, clock = asyncio.get_running_loop(), self._clock
        try:
            while not writer.replaced:
                outbox = self._next(writer)
                if outbox is None:
                    idle = loop.create_future()
                    self._idle.append(idle)
                    await idle
                    continue
                # Here and not in a coroutine of its own: this runs for each response.
                if outbox.waits:
                    writer.since = outbox.last_write = outbox.writing_since = clock()
                    frames = outbox.take()
                    try:
                        await outbox.write(frames)
                        self.responses += 1
                    except Exception:  # the call's own handler reports why it ended
                        outbox.close()
                    writer.since = outbox.writing_since = 0.0
                self._ended(writer, outbox)
            self.pump()  # another has its place: what has just ended may wait again
        finally:
            self._writers.discard(writer)

    def _next(self, writer: _Writer) -> Outbox | None:
        """Takes the outbox whose turn it is: a page of the log only now and then."""
        waiting, behind = self._waiting, self._behind
        if behind and self._pages < PAGES and (not waiting or self._live_since_page >= LIVE_A_PAGE):
            self._live_since_page = 0
            self._pages += 1
            writer.page = True
            return behind.popleft()
        if waiting and self._writing < self._limit:
            self._live_since_page += 1
            self._writing += 1
            writer.live = True
            return waiting.popleft()
        if waiting or behind:
            self._watch_writes()
        return None

    def _ended(self, writer: _Writer, outbox: Outbox) -> None:
        """Takes note that a write has ended; the outbox waits again if it has more."""
        self._count_no_more(writer)
        outbox.scheduled = False
        if outbox.on_empty is not None and not outbox.parts:
            outbox.on_empty()
        if outbox.scheduled:
            return  # `put` did it, for what came of that
        if outbox.waits:
            self._schedule(outbox)
        elif outbox.feed is not None:
            outbox.feed.resting[outbox] = None

    def _count_no_more(self, writer: _Writer) -> None:
        if writer.page:
            writer.page = False
            self._pages -= 1
        if writer.live:
            writer.live = False
            self._writing -= 1

    def _watch_writes(self) -> None:
        if self._watch is None:
            wait = PAGE_STALL if self._behind else STALL
            self._watch = asyncio.get_running_loop().call_later(wait, self._replace_stalled)

    def _replace_stalled(self) -> None:
        self._watch = None
        now = self._clock()
        # A page counts from the last look on: where the loop was busy since, it may have ended.
        limit, page_limit = now - STALL, min(now - PAGE_STALL, self._watched)
        self._watched = now
        for writer in [w for w in self._writers if not w.replaced and w.since > 0.0]:
            if writer.since < (page_limit if writer.page else limit):
                writer.replaced = True
                self._count_no_more(writer)
                self._add_writer()
        if self._waiting or self._behind:
            self._watch_writes()
