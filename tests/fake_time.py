"""Clocks that a test sets."""

from __future__ import annotations

from chat_grpc.core.clock import SECOND, EventClock

NOW = 1_800_000_000
"""The start of a `FakeTime`, in seconds since 1970."""

HOUR, DAY = 3600, 86400
"""In seconds."""


class FakeTime:
    """A wall clock, which may jump, and a monotonic clock."""

    def __init__(self) -> None:
        self.running = 100.0
        self.off = 0

    def wall(self) -> int:
        """Return the time of the wall clock in nanoseconds since 1970."""
        return int((NOW + self.running - 100.0) * SECOND) + self.off

    def boot(self) -> int:
        """Return the nanoseconds since the machine started."""
        return int(self.running * SECOND)

    def monotonic(self) -> float:
        """Return the time of the monotonic clock in seconds."""
        return self.running

    def run(self, seconds: float) -> None:
        """Advance both clocks."""
        self.running += seconds

    def jump(self, seconds: float) -> None:
        """Advance only the wall clock."""
        self.off += int(seconds * SECOND)

    def clock(self) -> EventClock:
        """Return the clock of a journal that starts now."""
        return EventClock(self.boot, self.wall, self.monotonic)
