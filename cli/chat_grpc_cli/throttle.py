"""Limits the rate of an action."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Throttle:
    """Runs an action at most once per interval, and once after the last request."""

    def __init__(
        self, seconds: float, action: Callable[[], Awaitable[None]], *, late: bool = False
    ) -> None:
        """With `late` the action runs at the end of the interval, otherwise at its start."""
        self._seconds = seconds
        self._action = action
        self._late = late
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Request a run of the action."""
        self._asked.set()

    async def run(self) -> None:
        """Run the action on request, until it is cancelled."""
        while True:
            await self._asked.wait()
            if self._late:
                await asyncio.sleep(self._seconds)
            self._asked.clear()
            await self._action()
            if not self._late:
                await asyncio.sleep(self._seconds)
