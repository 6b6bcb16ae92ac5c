"""The seam through which long-lived tasks are supervised."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol


class Supervisor(Protocol):
    """Starts the tasks that a server cannot work without."""

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Run a coroutine as a task on the running loop.

        If it raises anything but `CancelledError`, the error is logged and the server ends.
        """


class Unsupervised:
    """Plain tasks, for parts that are used without a server."""

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Run a coroutine as a task on the running loop."""
        return asyncio.get_running_loop().create_task(work, name=name)


UNSUPERVISED = Unsupervised()
