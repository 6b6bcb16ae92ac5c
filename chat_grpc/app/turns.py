"""Turns: calls begin at a pace that leaves the event loop to everybody else."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from typing import Final

STEP: Final = 0.002
"""Seconds that the calls of one turn of the event loop should take, as far as they do not wait."""

FIRST: Final = 8
"""Number of calls that begin in one turn of the event loop until their time is known."""

MOST: Final = 64
"""Maximum number of calls that begin in one turn of the event loop."""


class Turns:
    """Lets calls begin, a few in each turn of the event loop, and connections in turn.

    Many calls may arrive at once, on one connection or on many, and some cost milliseconds. If all
    began in the same turn of the loop, every stream would wait for them. So a turn begins as many
    calls as take about `STEP` seconds: the number is halved after a turn that took longer, and
    grows by one after a shorter one (additive increase, multiplicative decrease: Chiu and Jain,
    1989). A call that comes while no other waits begins at once.

    Belongs to the event loop.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}
        """By connection, in the order of their turns."""
        self._most = FIRST
        """The number of calls that begin in one turn."""
        self._begun = 0
        """Calls that began since the last turn."""
        self._since = 0.0
        """When the first of the calls that waited began."""
        self._next: asyncio.Handle | None = None

    def __len__(self) -> int:
        """Return the number of calls that wait."""
        return sum(map(len, self._waiting.values()))

    async def take(self, connection: Hashable) -> None:
        """Wait for the turn of a call; `connection` is the one on which it came."""
        if self._next is None:
            self._next = asyncio.get_running_loop().call_soon(self._end_turn, False)
        if self._begun < self._most and not self._waiting:
            self._begun += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(connection, deque()).append(turn)
        await turn

    def _begin_turn(self) -> None:
        self._since = self._clock()

    def _end_turn(self, measured: bool) -> None:
        """Note what the calls of a turn took, and begin those that wait.

        The time of calls that did not wait is not known: other work ran between them.
        """
        if measured and self._clock() - self._since > STEP:
            self._most = max(self._most // 2, 1)
        elif measured and self._begun >= self._most:
            self._most = min(self._most + 1, MOST)
        self._begun, self._next = 0, None
        if not self._waiting:
            return
        loop = asyncio.get_running_loop()
        loop.call_soon(self._begin_turn)
        while self._waiting and self._begun < self._most:
            self._begin_next()
        self._next = loop.call_soon(self._end_turn, True)

    def _begin_next(self) -> None:
        """Begin the oldest call of the next connection, unless it was cancelled."""
        connection, waiting = next(iter(self._waiting.items()))
        turn = waiting.popleft()
        del self._waiting[connection]
        if waiting:
            self._waiting[connection] = waiting  # after the others
        if not turn.done():
            turn.set_result(None)
            self._begun += 1
