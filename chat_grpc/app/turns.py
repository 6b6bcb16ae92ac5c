"""Turns: calls begin at a pace that leaves the event loop to everybody else."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from typing import Final

STEP: Final = 0.001
"""Seconds that the calls of one turn of the event loop should take, as far as they do not wait."""

PAUSE: Final = 0.001
"""Seconds between two turns that begin waiting calls. The thread that commits takes the
interpreter's lock at each statement, and waits 0.5 ms for it each time while the event loop is
busy: without pauses one guest's cheap calls delayed the messages of others by 0.3 s."""

FIRST: Final = 4
"""Number of waiting calls that begin in one turn until their time is known."""

MOST: Final = 64
"""Maximum number of waiting calls that begin in one turn."""


class Turns:
    """Lets calls begin for a short time in each turn of the event loop, connections in turn.

    Many calls may arrive at once, on one connection or on many, and some cost milliseconds. If all
    began in the same turn of the loop, every stream would wait for them. So a call that comes
    `STEP` seconds after the first one of a turn, or while others wait, waits for a later turn. A
    turn begins as many of the waiting calls as take about `STEP` seconds: the number is halved
    after a turn that took longer, and grows by one after a shorter one (additive increase,
    multiplicative decrease: Chiu and Jain, 1989). The next turn comes after `PAUSE`: this costs no
    throughput, because the answers of many calls are then written, and committed, together.

    Belongs to the event loop.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}
        """By connection, in the order of their turns."""
        self._most = FIRST
        """The number of waiting calls that begin in one turn."""
        self._woken = 0
        """The number of waiting calls that began in this turn."""
        self._since = 0.0
        """When the first call of this turn began."""
        self._next: asyncio.Handle | None = None

    def __len__(self) -> int:
        """Return the number of calls that wait."""
        return sum(map(len, self._waiting.values()))

    async def take(self, connection: Hashable) -> None:
        """Wait for the turn of a call; `connection` is the one on which it came."""
        if self._next is None:
            self._next = asyncio.get_running_loop().call_soon(self._turn)
            self._begin()
        if not self._waiting and self._clock() - self._since < STEP:
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(connection, deque()).append(turn)
        await turn

    def _begin(self) -> None:
        self._since = self._clock()

    def _turn(self) -> None:
        """Begin the next turn if calls wait."""
        self._woken, self._next = 0, None
        if not self._waiting:
            return
        loop = asyncio.get_running_loop()
        loop.call_soon(self._begin)
        while self._waiting and self._woken < self._most:
            self._woken += self._wake_next()
        self._next = loop.call_soon(self._rest)

    def _rest(self) -> None:
        """Note what a turn took, and pause before the next one."""
        if self._clock() - self._since > STEP:
            self._most = max(self._most // 2, 1)
        elif self._woken >= self._most:
            self._most = min(self._most + 1, MOST)
        self._next = asyncio.get_running_loop().call_later(PAUSE, self._turn)

    def _wake_next(self) -> bool:
        """Begin the oldest call of the next connection; return False if it was cancelled."""
        connection, waiting = next(iter(self._waiting.items()))
        turn = waiting.popleft()
        del self._waiting[connection]
        if waiting:
            self._waiting[connection] = waiting  # after the others
        if turn.done():
            return False
        turn.set_result(None)
        return True
