"""A deadline for the end of the process."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Final

_LOG = logging.getLogger("chat_grpc")

HUNG: Final = 75
"""The exit status of a process whose end took too long (`EX_TEMPFAIL` of sysexits.h)."""

_KILL_AFTER = 10
"""Seconds after the deadline at which the kernel ends a process whose threads are all stuck."""

_STEP = 0.1


class Watchdog:
    """Ends the process if it still runs after a deadline.

    A thread logs where each thread hangs, and exits with `HUNG`. It counts the time in which the
    process ran, so that a process that was stopped (SIGSTOP) gets its full time. SIGALRM ends the
    process if Python code can no longer run.

    Exiting is safe: the store survives it like any crash.
    """

    def __init__(self, seconds: float, *, flush: Callable[[], None]) -> None:
        """Start the deadline now. `flush` writes the last log lines within a bounded time."""
        self._seconds = seconds
        self._flush = flush
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, seconds + _KILL_AFTER)
        threading.Thread(target=self._run, name="chat-grpc-watchdog", daemon=True).start()

    def _run(self) -> None:
        for _ in range(round(self._seconds / _STEP)):
            time.sleep(_STEP)
        try:
            _LOG.critical(
                "the end took longer than %g seconds: ending at once\n%s", self._seconds, _stacks()
            )
            self._flush()
        finally:
            os._exit(HUNG)


def _stacks() -> str:
    """Return the stack of each thread."""
    # Through a file, because the dump keeps all threads from running: none would read a pipe.
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.dump_traceback(file)
        file.seek(0)
        return file.read()
