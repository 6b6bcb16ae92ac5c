"""Work in the background that the store remembers, such as erasing: it survives a restart."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable

from chat_grpc.core.errors import ChatError, Draining, StorageFailed
from chat_grpc.core.supervision import Supervisor

_LOG = logging.getLogger("chat_grpc.app")

_PAUSE = 1.0
"""Seconds before the next attempt after an error, such as a full disk."""

_MAX_REST = 0.1
"""The maximum pause after a step, in seconds."""


class Background(ABC):
    """Runs some work at the start, and again each time it is woken. Belongs to the event loop."""

    def __init__(self, name: str, monotonic: Callable[[], float]) -> None:
        """`monotonic` returns seconds."""
        self._name = name
        self._monotonic = monotonic
        self.active = True
        """True while work may be left."""
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def work(self) -> None:
        """Do everything that the store says is left."""

    def start(self, supervisor: Supervisor) -> None:
        """Start with the work that is left."""
        self._task = supervisor.start(self._run(), name=self._name)

    async def stop(self) -> None:
        """Stop; the next start continues."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Note that there is work."""
        self.active = True
        self._woken.set()

    async def rest(self, begin: float) -> float:
        """Pause after a step, to leave at least two thirds of the time to others.

        `begin` is the monotonic time at which the step began. Returns that of the next step.
        """
        await asyncio.sleep(min(2 * (self._monotonic() - begin), _MAX_REST))
        return self._monotonic()

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self.work()
            except (StorageFailed, Draining):
                return  # the server ends
            except ChatError as error:
                _LOG.warning("%s waits: %s", self._name, error)
                await asyncio.sleep(_PAUSE)
                continue
            self.active = self._woken.is_set()
            await self._woken.wait()
