"""Supervision: an unexpected error in a long-lived task ends the whole server, not one part."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, TypeVar

_LOG = logging.getLogger("chat_grpc")
_T = TypeVar("_T")

STORE_FAILED: Final = 1
"""The exit status if the disk no longer takes what is written."""

DEFECT: Final = 70
"""The exit status after an unexpected error (`EX_SOFTWARE` of sysexits.h)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason why a server must end."""

    reason: str
    """One line for the log."""
    status: int
    """The exit status of the process."""


class Supervisor:
    """Runs the tasks of a server, and remembers the first failure.

    Belongs to the event loop. The owner of the server waits for `failed` and then ends it.
    """

    def __init__(self) -> None:
        self.failure: Failure | None = None
        """The first failure; None while the server works."""
        self.tasks: set[asyncio.Task[None]] = set()
        """The tasks that run now."""
        self._failed = asyncio.Event()

    async def failed(self) -> Failure:
        """Wait for the first failure, and return it."""
        await self._failed.wait()
        assert self.failure is not None
        return self.failure

    def fail(self, reason: str, status: int) -> None:
        """Note that the server must end. The first failure counts."""
        if self.failure is None:
            self.failure = Failure(reason, status)
            self._failed.set()

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Run a coroutine as a task; if it raises, log the error and fail."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._defect(task.get_name(), error)

    def guard(self, call: Callable[[_T], None], *, name: str) -> Callable[[_T], None]:
        """Return a callback that calls `call` until it raises once, which fails the server.

        After that it does nothing, because a later call may depend on what the failed call left
        undone.
        """
        broken = False

        def guarded(argument: _T) -> None:
            nonlocal broken
            if broken:
                return
            try:
                call(argument)
            except Exception as error:
                broken = True
                self._defect(name, error)

        return guarded

    def _defect(self, name: str, error: BaseException) -> None:
        _LOG.error("unexpected error in %s", name, exc_info=error)
        self.fail(f"unexpected error in {name}", DEFECT)

    def on_loop_error(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle an error that reached the event loop; see `loop.set_exception_handler`.

        Each one is logged. One that a callback of this package raised is a defect; those of
        libraries, gRPC's poller for example, leave the server as it was.
        """
        error = context.get("exception")
        if error is not None and "handle" in context and _is_ours(error.__traceback__):
            self._defect("a callback", error)
        else:
            _LOG.error("%s", context["message"], exc_info=error)


def _is_ours(traceback: TracebackType | None) -> bool:
    package = __name__.partition(".")[0] + "."
    while traceback is not None:
        if traceback.tb_frame.f_globals.get("__name__", "").startswith(package):
            return True
        traceback = traceback.tb_next
    return False
