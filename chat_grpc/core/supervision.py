"""The seam through which long-lived tasks and callbacks are supervised."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

_T = TypeVar("_T")


class Supervisor(Protocol):
    """Starts the tasks that a server cannot work without."""

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Run a coroutine as a task on the running loop.

        If it raises anything but `CancelledError`, the error is logged and the server ends.
        """

    def guard(self, call: Callable[[_T], None], *, name: str) -> Callable[[_T], None]:
        """Return a callback that calls `call` until it raises once, which ends the server."""


class Unsupervised:
    """Plain tasks, for parts that are used without a server."""

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Run a coroutine as a task on the running loop."""
        return asyncio.get_running_loop().create_task(work, name=name)

    def guard(self, call: Callable[[_T], None], *, name: str) -> Callable[[_T], None]:
        """Return the callback as it is."""
        return call


UNSUPERVISED = Unsupervised()
