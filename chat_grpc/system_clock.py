"""The clocks of the system."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from chat_grpc.core.clock import EventClock


def since_boot() -> Callable[[], int]:
    """Return the clock of the nanoseconds since the machine started, suspended ones included."""
    # CLOCK_BOOTTIME is Linux's; the CLOCK_MONOTONIC of macOS counts a suspended machine, too.
    boot = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.monotonic_ns if boot is None else partial(time.clock_gettime_ns, boot)


def event_clock() -> EventClock:
    """Make the event clock of a process, from the clocks of the system."""
    return EventClock(since_boot(), time.time_ns, time.monotonic)
