"""Not too often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Throttle:
    """Does something at most once in so many seconds, and once after it was last asked to."""

    def __init__(
        self, seconds: float, action: Callable[[], Awaitable[None]], *, late: bool = False
    ) -> None:
        """With `late` it is done at the end of these seconds, otherwise at their beginning."""
        self._seconds = seconds
        self._action = action
        self._late = late
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Asks for it."""
        self._asked.set()

    async def run(self) -> None:
        """Does what is asked for, until it is cancelled."""
        while True:
            await self._asked.wait()
            if self._late:
                await asyncio.sleep(self._seconds)
            self._asked.clear()
            await self._action()
            if not self._late:
                await asyncio.sleep(self._seconds)
