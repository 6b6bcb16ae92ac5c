"""The console: the lines about clients, calls, refusals and rates, for the operator.

None of them has the text of a message, a token, or a password.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import structlog

from chat_grpc.core.hub import Hub
from chat_grpc.core.supervision import Supervisor
from chat_grpc.journal import Journal

TELL_EVERY: Final = 0.1
"""Seconds between two looks at what happened."""

REFUSALS_EVERY: Final = 5.0
"""Seconds between two lines about refusals of the same reason."""

STATUS_EVERY: Final = 5.0
"""Seconds between two status lines, and over which their rates are taken."""


class Status(NamedTuple):
    """The state of a node, as a status line tells it."""

    clients: int = 0
    streams: int = 0
    messages_per_s: float = 0.0
    """Messages stored."""
    deliveries_per_s: float = 0.0
    """Stored events given to streams."""
    slow_streams: int = 0
    """Streams whose clients read too slowly."""
    store_bytes: int = 0
    """0 if the store is in memory."""

    def sentence(self) -> str:
        """Return the state in words."""
        words = [
            f"{_count(self.clients, 'client')}, {_count(self.streams, 'stream')}",
            f"{self.messages_per_s:,} messages/s in, {self.deliveries_per_s:,} deliveries/s out",
            _count(self.slow_streams, "slow stream"),
        ]
        if self.store_bytes:
            words.append(f"store {self.store_bytes / 1e6:,.1f} MB")
        return "status: " + "; ".join(words)

    def tells_more_than(self, last: Status) -> bool:
        """Return whether it is worth a line after the last one: something moves, or has changed.

        The size of the store alone is not.
        """
        moves = self.messages_per_s or self.deliveries_per_s
        return bool(moves) or self[:-1] != last[:-1]


class Console:
    """Logs what the operator wants to see. Belongs to the event loop.

    The hub only collects (`Activity`): a look at it comes every `TELL_EVERY` seconds, so the number
    of lines is bounded in a storm of connects, and no message costs a line.
    """

    def __init__(self, hub: Hub, journal: Journal, *, words: bool) -> None:
        """`words` tells the status in words, for a person; otherwise in values, for a program."""
        self._hub = hub
        self._journal = journal
        self._words = words
        self._log = structlog.stdlib.get_logger("chat_grpc")
        self._told = Status()
        self._reasons = _Refusals()
        self._limits = _Refusals()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, supervisor: Supervisor) -> None:
        """Tell from now on, until `stop`."""
        self._tasks = [
            supervisor.start(self._tell_activity(), name="console"),
            supervisor.start(self._tell_status(), name="status"),
        ]

    async def stop(self) -> None:
        """Tell the rest, and stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.tell()

    async def _tell_activity(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            self.tell()

    async def _tell_status(self) -> None:
        while True:
            await asyncio.sleep(STATUS_EVERY)
            await self.tell_status()

    def tell(self) -> None:
        """Log what happened since the last call: at most some lines of each kind."""
        notes, more = self._hub.activity.take()
        for note in notes:
            self._log.info(note.kind, **note.values)
        for kind, count in more.items():
            self._log.info(kind, more=count)
        self._tell_refusals()

    def _tell_refusals(self) -> None:
        now, activity = self._hub.clock.monotonic(), self._hub.activity
        for reason, count in self._reasons.due(activity.refusals, now):
            address = activity.refused_addresses.get(reason, "")
            self._log.info("refused", reason=reason, count=count, newest_address=address)
        for limit, count in self._limits.due(self._hub.quotas.refusals, now):
            self._log.info("refused", limit=limit, count=count)

    async def tell_status(self) -> None:
        """Log the state and the rates of the last seconds, unless nothing has changed."""
        hub = self._hub
        rates = hub.rates.over(STATUS_EVERY)
        status = Status(
            hub.clients.connected_count,
            len(hub.streams),
            round(rates.messages, 1),
            round(rates.delivered, 1),
            await self._slow_streams(),
        )
        if not status.tells_more_than(self._told):
            return
        self._told = status
        # Last, because it asks the disk, in a thread.
        status = status._replace(store_bytes=await self._journal.size())
        if self._words:
            self._log.info(status.sentence())
        else:
            self._log.info("status", **status._asdict())

    async def _slow_streams(self) -> int:
        now = self._hub.clock.monotonic
        return sum([stream.delivery.slow(now()) async for stream in self._hub.walk()])


class _Refusals:
    """Finds the refusals that are to be told: soon after the first, then a sum now and then."""

    def __init__(self) -> None:
        self._told: Counter[str] = Counter()
        self._next: dict[str, float] = {}
        """When the next line about a reason may come, on the loop's clock."""

    def due(self, counts: Mapping[str, int], now: float) -> Iterator[tuple[str, int]]:
        """Yield reasons, and their refusals since they were last told.

        `counts` are those since the start.
        """
        for reason, count in counts.items():
            if count > self._told[reason] and now >= self._next.get(reason, 0.0):
                yield reason, count - self._told[reason]
                self._told[reason] = count
                self._next[reason] = now + REFUSALS_EVERY


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
