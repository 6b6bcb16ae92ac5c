"""Conditions under which a server runs: a clock that jumps, and short limits.

The nemesis sets them on the command line of `planted_server.py`. They are no bugs: every promise
holds under them.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chat_grpc import server
from chat_grpc.core import clock, limits
from chat_grpc.journal import pruning
from chat_grpc.journal.pruning import Retention

NANOSECONDS = 1_000_000_000

CLOCK_POLLED = 0.02
"""Seconds between two readings of the clock's file."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """The differences from a server with default settings. Times are in seconds."""

    clock: Path | None = None
    """A file with the error of the time of day, in seconds."""
    keep: float = 0.0
    """Events, request ids and superseded markers older than this are dropped; 0 keeps them."""
    hold: float = 0.0
    """How long a guest's name is kept after the last stream; 0 for the usual time."""

    def arguments(self) -> list[str]:
        """Return what `parse` takes."""
        found = ["--clock", str(self.clock)] if self.clock is not None else []
        if self.keep:
            found += ["--keep", str(self.keep)]
        if self.hold:
            found += ["--hold", str(self.hold)]
        return found

    def apply(self) -> None:
        """Change the modules of this process; call it before the server is built."""
        if self.clock is not None:
            _shift_clock(self.clock)
        if self.keep:
            _keep_short(self.keep)
        if self.hold:
            limits.NAME_HOLD = self.hold  # type: ignore[misc]
            limits.PRESENCE_GRACE = self.hold / 4  # type: ignore[misc]


def parse(arguments: Sequence[str]) -> tuple[Conditions, list[str]]:
    """Return the conditions that a command line names, and the rest of it."""
    parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--clock", type=Path)
    parser.add_argument("--keep", type=float, default=0.0)
    parser.add_argument("--hold", type=float, default=0.0)
    options, rest = parser.parse_known_args(arguments)
    return Conditions(options.clock, options.keep, options.hold), rest


def _shift_clock(file: Path) -> None:
    """Let the time of day differ by the number of seconds in a file, which may change."""
    now, shift = time.time_ns, 0

    def read() -> None:
        nonlocal shift
        while True:
            text = file.read_text("ascii").strip() if file.exists() else ""
            if text:  # an empty file is just being written
                shift = int(float(text) * NANOSECONDS)
            time.sleep(CLOCK_POLLED)

    time.time_ns = lambda: now() + shift
    time.time = lambda: time.time_ns() / NANOSECONDS
    threading.Thread(target=read, name="clock", daemon=True).start()


def _keep_short(seconds: float) -> None:
    """Let the server drop events, request ids and superseded markers older than some seconds."""
    limits.REQUEST_ID_LIFETIME = seconds  # type: ignore[misc]
    pruning.SUPERSEDED_AFTER = seconds
    # Scaled down like the age: with the default, a step that is trusted at once is far below it.
    clock.TRUSTED_STEP = int(seconds / 20 * NANOSECONDS)
    vars(server)["Retention"] = lambda *_: Retention(seconds)
