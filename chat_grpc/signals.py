"""The signals of a server: SIGTERM, SIGINT and SIGHUP."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Final

ENDING: Final = (signal.SIGTERM, signal.SIGINT)

_TERMINAL_CLOSES_WITHIN = 1.0
"""Seconds after a SIGHUP in which its sender may close the terminal, as some programs do."""


class Terminal:
    """The terminal in which the process was started, if any."""

    def __init__(self, descriptors: Iterable[int]) -> None:
        """`descriptors` are the standard streams."""
        self._streams = [each for each in descriptors if os.isatty(each)]
        self._controlling = _controlling_terminal()

    @property
    def gone(self) -> bool:
        """True if there was a terminal, and it hung up."""
        if self._controlling and not _controlling_terminal():
            return True
        return bool(self._streams) and not any(map(os.isatty, self._streams))


def _controlling_terminal() -> bool:
    try:
        os.close(os.open(Path("/dev/tty"), os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


class EndRequests:
    """Waits for the signals that end the process.

    SIGTERM and SIGINT ask for an orderly end. After the first one, the kernel's own action is
    restored for both: a second one ends the process at once, even if the event loop is stuck. The
    store survives this like any crash.

    SIGHUP asks for an orderly end if the terminal of the process is gone. Otherwise it means
    "read the configuration again", as for other servers. A process that was started with SIGHUP
    ignored (`nohup`) outlives its terminal.
    """

    def __init__(self, terminal: Terminal, *, reload: Callable[[], None]) -> None:
        """Take the signals over, on the running loop. `reload` is called upon a SIGHUP."""
        self._loop = asyncio.get_running_loop()
        self._terminal = terminal
        self._reload = reload
        self._asked: asyncio.Future[str] = self._loop.create_future()
        for which in ENDING:
            self._loop.add_signal_handler(which, self._on_end, which)
        if hasattr(signal, "SIGHUP"):
            self._outlives = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            self._loop.add_signal_handler(signal.SIGHUP, self._on_hangup)

    async def first(self) -> str:
        """Wait for the first request to end; return its reason, for the log."""
        return await asyncio.shield(self._asked)

    def _on_end(self, which: signal.Signals) -> None:
        self._ask(which.name)

    def _ask(self, reason: str) -> None:
        if self._asked.done():
            return
        self._asked.set_result(reason)
        for which in ENDING:
            self._loop.remove_signal_handler(which)
            # The kernel ignores signals to process 1, as in a container, that have no handler.
            signal.signal(which, signal.SIG_DFL if os.getpid() != 1 else _exit)

    def _on_hangup(self) -> None:
        if self._hung_up():
            return
        self._reload()
        self._loop.call_later(_TERMINAL_CLOSES_WITHIN, self._hung_up)

    def _hung_up(self) -> bool:
        gone = not self._outlives and self._terminal.gone
        if gone:
            self._ask("the terminal is gone")
        return gone


def _exit(which: int, _: FrameType | None) -> None:
    os._exit(128 + which)
