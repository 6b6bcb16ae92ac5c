"""Turns: connections parse what they received for a short time in each turn of the event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

STEP: Final = 0.001
"""Seconds of one turn of the event loop in which received bytes are parsed."""

SLICE: Final = 0.0002
"""Seconds for which one connection parses before the next one that waits does."""


class Waiting(Protocol):
    """A connection with received bytes that are not parsed."""

    def parse(self, until: float) -> bool:
        """Parse up to a time of the clock, and at least one frame; return whether more is left."""


class ReadTurns:
    """Shares the time for parsing between connections. Belongs to the event loop.

    A few kilobytes can hold a hundred requests, and all sockets may become readable at once.
    Without a limit every stream would wait until all of it is parsed.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._waiting: deque[Waiting] = deque()
        self._end = 0.0
        """When the parsing of this turn of the loop ends."""
        self._next: asyncio.Handle | None = None

    def begin(self) -> float:
        """Return the time up to which a connection may parse now; 0.0 if it has to wait."""
        if self._next is None:
            self._end = self._clock() + STEP
            self._next = asyncio.get_running_loop().call_soon(self._turn)
        return 0.0 if self._waiting or self._clock() >= self._end else self._end

    def wait(self, connection: Waiting) -> None:
        """Let a connection parse in a later turn. Call `begin` first."""
        self._waiting.append(connection)

    def _turn(self) -> None:
        waiting, clock = self._waiting, self._clock
        self._next = None
        if not waiting:
            return
        now = clock()
        self._end = now + STEP
        while waiting and now < self._end:
            connection = waiting.popleft()
            if connection.parse(now + SLICE):
                waiting.append(connection)
            now = clock()
        self._next = asyncio.get_running_loop().call_soon(self._turn)
