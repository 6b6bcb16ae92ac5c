"""The clocks of the system."""

from __future__ import annotations

import time

from chat_grpc.core.clock import EventClock


def since_boot() -> float:
    """Return the seconds since the machine started, including those in which it was suspended."""
    # CLOCK_BOOTTIME is Linux's; the CLOCK_MONOTONIC of macOS counts a suspended machine, too.
    boot = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def event_clock() -> EventClock:
    """Make the event clock of a process, from the clocks of the system."""
    return EventClock(since_boot, time.time_ns, time.monotonic)
