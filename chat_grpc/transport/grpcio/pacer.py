"""The pacer: a bounded number of writes in flight, so that one process serves many streams."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from chat_grpc.core.delivery import Delivery
from chat_grpc.core.events import first_sequence
from chat_grpc.core.supervision import UNSUPERVISED, Supervisor

STALL = 0.02
"""A write to a live stream counts as stalled after this many seconds."""

BLOCKED = 0.005
"""If outboxes wait and no write of their lane ends for this many seconds, all its writes stall."""

PAGES = 3
"""Maximum number of pages of the log in flight."""

PAGE_STALL = 0.005
"""A write of a page counts as stalled after this many seconds."""

SLOW_WRITES = 2
"""Maximum number of writes in flight to slow streams."""

SLOW_STALL = 0.005
"""A write to a slow stream counts as stalled after this many seconds."""

SLOW_FOR = 10.0
"""A slow stream keeps up again if a write ends in time this many seconds after its last stall."""

CONFIRM = 0.001
"""A stall is confirmed after this many more seconds, because a busy loop may have delayed the
write."""

LIVE_A_TURN = 16
"""While live streams wait, one page and one slow write go out for each LIVE_A_TURN live writes."""

FEWEST = 2
"""Minimum limit of writes in flight to live streams, for any number of open streams."""

STREAMS_A_WRITE = 50
"""One write to live streams may be in flight for each STREAMS_A_WRITE open streams.

With more, responses would be smaller.
"""


class _Lane:
    """The outboxes of one class that wait for a write, and the writes of the class in flight."""

    __slots__ = ("ended", "ended_before", "live_writes", "most", "stall", "waiting", "writing")

    def __init__(self, most: int, stall: float) -> None:
        self.waiting: deque[Delivery] = deque()
        self.most = most
        """Maximum number of writes in flight."""
        self.stall = stall
        """A write counts as stalled after this many seconds."""
        self.writing = 0
        """Writes in flight that are not stalled."""
        self.live_writes = 0
        """Number of live writes since the last write of this lane."""
        self.ended = self.ended_before = 0
        """Number of writes that have ended, now and at the pacer's previous check."""

    def patience(self) -> float:
        """Return the seconds after which a write is stalled; call it once for each check."""
        blocked = bool(self.waiting) and self.ended == self.ended_before
        self.ended_before = self.ended
        return min(self.stall, BLOCKED) if blocked else self.stall


class _Writer:
    """One coroutine that writes."""

    __slots__ = ("delivery", "lane", "replaced", "since", "task")

    def __init__(self) -> None:
        self.since = 0.0
        """The start time of the current write; 0.0 between writes."""
        self.lane: _Lane | None = None
        """The lane in which the current write counts; None if it counts in none."""
        self.delivery: Delivery | None = None
        """The outbox that is being written."""
        self.replaced = False
        """True if it ends with its write, because the write stalled."""
        self.task: asyncio.Task[None] | None = None


class Pacer:
    """Writes outboxes to their streams by awaiting `Delivery.write`; see `Pacing`.

    A writer takes the next outbox that waits, joins its parts, and awaits the write. While the
    machine keeps up, every event is a response of its own. Under load requests are read between the
    writes, more events wait in each outbox, and the responses grow: many events share the cost of
    one write.

    Outboxes wait in three lanes:

    - live streams, with the most writes in flight (see `serves`);
    - streams that catch up, because a page of the log takes the loop longer than a live event;
    - slow streams: those that stalled a live write and have not kept up for `SLOW_FOR` seconds.

    The last two have a few writes in flight of their own, and while live streams wait they get one
    turn in `LIVE_A_TURN`. So neither thousands of streams that resume nor thousands that
    do not read delay the live ones.

    A write that stalls keeps its outbox to itself but stops counting, and its writer is replaced. A
    stalled stream costs one coroutine. If all writes of a lane are stalled, they are replaced
    sooner; see `BLOCKED`.
    """

    def __init__(self, writers: int, clock: Callable[[], float]) -> None:
        """`writers` is the maximum number of writes in flight to live streams.

        `clock` gives seconds that never go back.
        """
        self._clock = clock
        self._supervisor: Supervisor = UNSUPERVISED
        self._live = _Lane(writers, STALL)
        self._pages = _Lane(PAGES, PAGE_STALL)
        self._slow = _Lane(SLOW_WRITES, SLOW_STALL)
        self._resting: dict[Delivery, None] = {}
        """The live outboxes that are not scheduled: they have all of the feed."""
        self._resting_slow: dict[Delivery, None] = {}
        """The same, of slow streams."""
        self._writers: set[_Writer] = set()
        self._stalled: set[_Writer] = set()
        """Writers that were replaced, and end with their write."""
        self._suspects: list[tuple[_Writer, float]] = []
        """Replaced writers of live writes that began less than `STALL` seconds ago; and when."""
        self._idle: list[asyncio.Future[None]] = []
        self._watch: asyncio.TimerHandle | None = None
        self._size = writers
        self.responses = 0
        """The number of responses written since the start."""

    def start(self, supervisor: Supervisor = UNSUPERVISED) -> None:
        """Start the writers on the running loop."""
        self._supervisor = supervisor
        for _ in range(self._size + PAGES + SLOW_WRITES):
            self._add_writer()

    async def stop(self) -> None:
        """End the writers. Waiting outboxes are not written."""
        if self._watch is not None:
            self._watch.cancel()
        writers = [*self._writers, *self._stalled]
        tasks = [writer.task for writer in writers if writer.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------ Pacing

    def serves(self, streams: int) -> None:
        """Set the number of writes in flight by the number of open streams.

        Measured with 100 streams and 256 messages in flight: 2 writes give 1.5 times the
        deliveries of 8; with 1,000 streams 8 are better.
        """
        self._live.most = min(self._size, max(FEWEST, streams // STREAMS_A_WRITE))

    def schedule(self, delivery: Delivery) -> None:
        """Write an outbox when its turn comes."""
        self._resting.pop(delivery, None)
        self._resting_slow.pop(delivery, None)
        delivery.scheduled = True
        lane = self._lane_of(delivery)
        lane.waiting.append(delivery)
        if lane.writing >= lane.most:
            self._watch_writes()
        elif self._idle:
            self._wake_one()

    def publish(self) -> None:
        """Write to all live streams that are not scheduled: the feed has more."""
        for resting, lane in ((self._resting, self._live), (self._resting_slow, self._slow)):
            for delivery in resting:
                delivery.scheduled = True
            lane.waiting.extend(resting)
            resting.clear()
        self._wake()

    def forget(self, delivery: Delivery) -> None:
        """Do not write to this outbox when the feed has more."""
        self._resting.pop(delivery, None)
        self._resting_slow.pop(delivery, None)

    # ------------------------------------------------------------ writing

    def _lane_of(self, delivery: Delivery) -> _Lane:
        if delivery.stalled_at:
            return self._slow
        return self._live if delivery.live else self._pages

    def _wake(self) -> None:
        """Wake idle writers, as many as may write."""
        due = 0
        for lane in (self._live, self._pages, self._slow):
            due += min(len(lane.waiting), lane.most - lane.writing)
        while self._idle and due > 0:
            self._wake_one()
            due -= 1
        self._watch_writes()

    def _wake_one(self) -> None:
        idle = self._idle.pop()
        if not idle.done():  # its writer may be cancelled
            idle.set_result(None)

    def _add_writer(self) -> None:
        writer = _Writer()
        self._writers.add(writer)
        writer.task = self._supervisor.start(self._run(writer), name="writer")

    async def _run(self, writer: _Writer) -> None:
        loop, clock = asyncio.get_running_loop(), self._clock
        try:
            while not writer.replaced:
                delivery = self._next(writer)
                if delivery is None:
                    self._watch_writes()
                    idle = loop.create_future()
                    self._idle.append(idle)
                    await idle
                    continue
                # Here and not in a coroutine of its own: this runs for each response.
                if encoded := delivery.take():
                    writer.since = delivery.last_write = delivery.writing_since = clock()
                    delivery.unwritten = first_sequence(encoded)
                    delivery.unwritten_size = len(encoded)
                    try:
                        await delivery.write(encoded)
                        self.responses += 1
                    except Exception as error:  # any error of a transport
                        delivery.on_error(error)
                    writer.since = delivery.writing_since = 0.0
                    delivery.unwritten, delivery.unwritten_size = None, 0
                self._ended(writer, delivery)
            self._wake()  # the outbox of a stalled write may wait again
        finally:
            self._writers.discard(writer)
            self._stalled.discard(writer)

    def _next(self, writer: _Writer) -> Delivery | None:
        """Return the outbox whose turn it is, or None."""
        lane = self._live
        if self._pages.waiting or self._slow.waiting:
            lane = self._lane_due()
        if not lane.waiting or lane.writing >= lane.most:
            return None
        lane.writing += 1
        writer.lane = lane
        writer.delivery = delivery = lane.waiting.popleft()
        return delivery

    def _lane_due(self) -> _Lane:
        """Return the lane whose turn it is; outboxes also wait in other lanes than the live one."""
        live = self._live
        for lane in (self._pages, self._slow):
            if lane.waiting and lane.writing < lane.most:
                if not live.waiting or lane.live_writes >= LIVE_A_TURN:
                    lane.live_writes = 0
                    return lane
                lane.live_writes += 1
        return live

    def _ended(self, writer: _Writer, delivery: Delivery) -> None:
        """Note the end of a write: the outbox waits again, is empty, or gets its next page."""
        if writer.lane is not None:
            writer.lane.writing -= 1
            writer.lane.ended += 1
            writer.lane = None
            if delivery.stalled_at and self._clock() - delivery.stalled_at >= SLOW_FOR:
                delivery.stalled_at = 0.0
        writer.delivery = None
        delivery.scheduled = False
        if delivery.rests:
            (self._resting_slow if delivery.stalled_at else self._resting)[delivery] = None
        elif delivery.waits:
            delivery.scheduled = True
            self._lane_of(delivery).waiting.append(delivery)
        elif not delivery.closed:
            delivery.on_empty()

    # ------------------------------------------------------------ stalled writes

    def _watch_writes(self) -> None:
        """Schedule a check for stalled writes, if any outbox waits."""
        if self._watch is None and (
            self._live.waiting or self._pages.waiting or self._slow.waiting or self._suspects
        ):
            self._watch = asyncio.get_running_loop().call_later(BLOCKED, self._look)

    def _look(self) -> None:
        """Find writes that take too long."""
        self._watch = None
        now = self._clock()
        patience = {lane: lane.patience() for lane in (self._live, self._pages, self._slow)}
        late = [
            (writer, writer.since)
            for writer in self._writers
            if writer.lane is not None and 0.0 < writer.since < now - patience[writer.lane]
        ]
        self._judge(self._suspects, now)
        if late:
            # The loop may have been busy: let it first handle the writes that have ended.
            loop = asyncio.get_running_loop()
            self._watch = loop.call_later(CONFIRM, self._replace, late)
        else:
            self._watch_writes()

    def _replace(self, late: list[tuple[_Writer, float]]) -> None:
        """Replace the writers whose write has not ended."""
        self._watch = None
        now = self._clock()
        for writer, since in late:
            if writer.since != since or writer.lane is None or writer.delivery is None:
                continue
            if writer.lane is self._slow:
                writer.delivery.stalled_at = now
            elif writer.lane is self._live:
                self._suspects.append((writer, since))
            writer.lane.writing -= 1
            writer.lane = None
            writer.replaced = True
            self._writers.discard(writer)
            self._stalled.add(writer)
            self._add_writer()
        self._judge(self._suspects, now)
        self._watch_writes()

    def _judge(self, suspects: list[tuple[_Writer, float]], now: float) -> None:
        """Mark the streams as slow whose live write has taken `STALL` seconds."""
        self._suspects = []
        for writer, since in suspects:
            if writer.since != since or writer.delivery is None:
                continue
            if since < now - STALL:
                writer.delivery.stalled_at = now
            else:
                self._suspects.append((writer, since))
