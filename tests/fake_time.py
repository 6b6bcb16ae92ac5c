"""Clocks that a test sets."""

from __future__ import annotations

from chat_grpc.core.clock import SECOND, EventClock

NOW = 1_800_000_000
"""Seconds since 1970 at which a `FakeTime` begins."""

HOUR, DAY = 3600, 86400
"""Seconds."""


class FakeTime:
    """A wall clock and a monotonic one; a wall clock may jump."""

    def __init__(self) -> None:
        self.running = 100.0
        self.off = 0

    def wall(self) -> int:
        """Return the nanoseconds since 1970, as the wall clock says."""
        return int((NOW + self.running - 100.0) * SECOND) + self.off

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return self.running

    def run(self, seconds: float) -> None:
        """Let time go on."""
        self.running += seconds

    def jump(self, seconds: float) -> None:
        """Let the wall clock alone jump."""
        self.off += int(seconds * SECOND)

    def clock(self) -> EventClock:
        """Make the clock of a journal that starts now."""
        return EventClock(self.monotonic, self.wall, self.monotonic)
