"""The time between two attempts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable


class Backoff:
    """Exponential backoff with full jitter: a random time up to a bound that doubles.

    So the clients of a restarted server do not all return at once
    (M. Brooker, "Exponential Backoff And Jitter", 2015).
    """

    def __init__(
        self,
        base: float = 0.5,
        cap: float = 5.0,
        uniform: Callable[[float, float], float] = random.uniform,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`base` is the first bound, `cap` the largest, in seconds."""
        self._base = base
        self._cap = cap
        self._uniform = uniform
        self._sleep = sleep
        self._tries = 0

    def reset(self) -> None:
        """Start with the first bound again, after a success."""
        self._tries = 0

    def next(self, at_least: float = 0.0) -> float:
        """Return the seconds before the next attempt, at least `at_least`."""
        bound = min(self._cap, self._base * 2.0**self._tries)
        self._tries = min(self._tries + 1, 16)
        return max(at_least, self._uniform(0.0, bound))

    async def wait(self, at_least: float = 0.0) -> None:
        """Sleep until the next attempt is due."""
        await self._sleep(self.next(at_least))
