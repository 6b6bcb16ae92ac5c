"""Not too often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Throttle:
    """Does something at most once in so many seconds, and once after it was last asked to."""

    def __init__(self, seconds: float, action: Callable[[], Awaitable[None]]) -> None:
        self._seconds = seconds
        self._action = action
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Asks for it: now, or when the time is over."""
        self._asked.set()

    async def run(self) -> None:
        """Does what is asked for, until it is cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self._action()
            await asyncio.sleep(self._seconds)
