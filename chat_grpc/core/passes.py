"""Passes: outboxes are written one after the other, to outputs that take a response at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial

from chat_grpc.core.delivery import Delivery, Prompt
from chat_grpc.core.events import first_sequence
from chat_grpc.core.supervision import UNSUPERVISED, Supervisor

STEP = 0.001
"""Minimum time between two passes, in seconds: under load more events join in each response.

Measured at rest: 0 to 5 ms make no difference. Under load 1 ms is good.
"""

SLICE = 0.002
"""A pass gives the loop back after this many seconds, and continues behind reads and timers."""

CHECK_EVERY = 8
"""Writes between two looks at the clock."""

PAGES = 4
"""Maximum number of pages of the log in one pass, because a page takes longer than live events."""


class Passes:
    """Writes outboxes in passes; see `Pacing`.

    A pass takes each outbox that waits, joins its parts, and sends them. An output without space
    costs nothing until it has space again: its outbox then waits for the next pass. So no stream
    delays another, and no task belongs to a stream.

    Belongs to the event loop. Nothing in it blocks or awaits.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._live: deque[Delivery] = deque()
        """Live streams that wait for the next pass."""
        self._pages: deque[Delivery] = deque()
        """Streams with a page of the log that wait for the next pass."""
        self._resting: dict[Delivery, None] = {}
        """Live streams that have all of the feed."""
        self._next: asyncio.Handle | None = None
        self._ended = 0.0
        """When the last pass ended."""
        self._guarded: Callable[[None], None] = self._pass
        self.responses = 0
        """Number of responses written since the start."""

    def start(self, supervisor: Supervisor = UNSUPERVISED) -> None:
        """End the server if a pass fails unexpectedly."""
        self._guarded = supervisor.guard(self._pass, name="writer")

    async def stop(self) -> None:
        """Make no more passes. Waiting events are not written."""
        if self._next is not None:
            self._next.cancel()

    # ------------------------------------------------------------ Pacing

    def serves(self, streams: int) -> None:
        """Do nothing: the cost of a pass follows the streams that wait."""

    def schedule(self, delivery: Delivery) -> None:
        """Write an outbox in the next pass."""
        self._resting.pop(delivery, None)
        delivery.scheduled = True
        (self._live if delivery.live else self._pages).append(delivery)
        self._plan()

    def publish(self) -> None:
        """Write to all live streams that rest: the feed has more."""
        for delivery in self._resting:
            delivery.scheduled = True
        self._live.extend(self._resting)
        self._resting.clear()
        self._plan()

    def forget(self, delivery: Delivery) -> None:
        """Do not write to an outbox that rests when the feed has more."""
        self._resting.pop(delivery, None)

    # ------------------------------------------------------------ passes

    def _plan(self) -> None:
        """Make a pass soon, unless one is planned."""
        if self._next is None:
            loop, wait = asyncio.get_running_loop(), self._ended + STEP - self._clock()
            self._next = (
                loop.call_later(wait, self._guarded, None)
                if wait > 0
                else loop.call_soon(self._guarded, None)
            )

    def _pass(self, _argument: None) -> None:
        """Write to the outboxes that wait, for at most `SLICE` seconds."""
        live, pages, clock = self._live, self._pages, self._clock
        now = clock()
        end, count = now + SLICE, 0
        while live:
            self._write(live.popleft(), now)
            count += 1
            if count % CHECK_EVERY == 0 and (now := clock()) > end:
                break
        for _ in range(min(PAGES, len(pages))):
            self._write(pages.popleft(), now)
        self._ended = clock()
        self._next = None
        if live or pages:
            self._next = asyncio.get_running_loop().call_soon(self._guarded, None)

    def _write(self, delivery: Delivery, now: float) -> None:
        """Send what an outbox has, or wait for space."""
        output = delivery.prompt
        if delivery.closed or output is None:
            delivery.scheduled = False
            return
        if not delivery.waits:
            self._rest(delivery)
            return
        if output.ready:
            delivery.last_write = now
            encoded = delivery.take()
            try:
                output.send(encoded)
            except Exception as error:  # whatever a transport raises
                delivery.scheduled = False
                delivery.on_error(error)
                return
            self.responses += 1
            if output.ready:
                self._rest(delivery)
                return
            delivery.unwritten = first_sequence(encoded)
        self._await_space(delivery, output, now)

    def _await_space(self, delivery: Delivery, output: Prompt, now: float) -> None:
        delivery.writing_since = now
        output.when_ready(partial(self._has_space, delivery))

    def _has_space(self, delivery: Delivery) -> None:
        delivery.writing_since, delivery.unwritten = 0.0, None
        self._rest(delivery)

    def _rest(self, delivery: Delivery) -> None:
        """Note that an output has taken everything: its outbox rests, or waits again."""
        delivery.scheduled = False
        if delivery.waits:
            self.schedule(delivery)
        elif delivery.live:
            self._resting[delivery] = None
        elif not delivery.closed:
            delivery.on_empty()
