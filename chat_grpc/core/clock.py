"""Clocks: the sources of time, and times that stay correct if the system's clock jumps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SECOND = 1_000_000_000
"""Nanoseconds."""

# Steps and their times are in nanoseconds, as the clocks are read: each event and each check of a
# right reads the time.

MINOR_STEP = 60 * SECOND
"""Maximum step of the wall clock that the time of events follows at once."""

FOLLOWED_AFTER = 600 * SECOND
"""Time for which a larger step must last until the time of events follows it."""

TRUSTED_STEP = 3600 * SECOND
"""Maximum step of the wall clock that is trusted at once."""

TRUSTED_AFTER = 3600 * SECOND
"""Time for which a larger step must last until it is trusted."""

MAX_RUNNING_STEP = 60.0
"""Seconds that one gap between two readings adds to the running time at most."""

_UNSTEADY = SECOND
"""The time by which one clock may run ahead of the other between two readings without a step."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The clocks of one node."""

    monotonic: Callable[[], float]
    """Seconds that never go back."""
    nanoseconds: Callable[[], int]
    """Nanoseconds since 1970."""

    def seconds(self) -> float:
        """Return the seconds since 1970."""
        return self.nanoseconds() / SECOND


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a store, by its running time and its trusted time."""

    running: float
    """The seconds for which servers had run on the store."""
    time: int
    """The trusted time, in nanoseconds since 1970."""


class RunningTime:
    """The total time for which servers have run on a store, in seconds.

    Neither a step of the wall clock nor the time in which the process was stopped, or the machine
    suspended, adds to it. Belongs to the event loop.
    """

    def __init__(self, monotonic: Callable[[], float], seconds: float = 0.0) -> None:
        """`seconds` is the running time of the earlier processes."""
        self._monotonic = monotonic
        self._seconds = seconds
        self._read = monotonic()

    def seconds(self) -> float:
        """Return the running time; must be called at least once in `MAX_RUNNING_STEP` seconds."""
        now = self._monotonic()
        self._seconds += min(now - self._read, MAX_RUNNING_STEP)
        self._read = now
        return self._seconds


class EventClock:
    """The time of stored events: it never goes back, and does not follow jumps of the clock.

    The wall clock may be set by a person, a broken battery, or a time server. `EventClock` runs
    with the monotonic clock and compares the wall clock with it at each reading. A small step is
    followed at once. A large one is followed once the wall clock has kept it for some time; until
    then the time continues as if there had been no step.

    There are two times. `nanoseconds` is the time of events: it also never goes back, but stands
    still until the wall clock has caught up. `trusted` is for decisions that destroy something:
    it needs more proof, and may go back when the proof was given.

    Belongs to the event loop.
    """

    def __init__(
        self,
        boot: Callable[[], int],
        wall: Callable[[], int],
        monotonic: Callable[[], float],
    ) -> None:
        """`boot` gives nanoseconds, `wall` nanoseconds since 1970, and `monotonic` seconds.

        If possible, `boot` counts the time in which the machine is suspended, and `monotonic` does
        not.
        """
        self._boot = boot
        self._wall = wall
        self._monotonic = monotonic
        self._running_time = RunningTime(monotonic)
        self._steady_since = boot()
        """The time since boot from which on both clocks agree."""
        self._seen = wall() - self._steady_since
        self._offset = self._trusted_offset = self._seen
        self._newest = 0

    def begin(self, newest: int, last: Moment) -> None:
        """Continue the times of a store.

        `newest` is the time of its newest event in nanoseconds since 1970, 0 if it has none;
        `last` is the newest result of `moment`, with a time of 0 if there is none.
        """
        boot = self._read()
        self._newest = newest
        self._offset = max(self._seen, newest - boot)
        self._trusted_offset = last.time - boot if last.time else self._seen
        self._running_time = RunningTime(self._monotonic, last.running)

    def moment(self) -> Moment:
        """Return the present moment; must be called at least once in `MAX_RUNNING_STEP` seconds."""
        return Moment(self._running_time.seconds(), self.trusted())

    def nanoseconds(self) -> int:
        """Return the time of an event that is made now, in nanoseconds since 1970."""
        boot = self._read()
        self._offset = self._followed(self._offset, boot, MINOR_STEP, FOLLOWED_AFTER)
        if (now := boot + self._offset) > self._newest:
            self._newest = now
        return self._newest

    def trusted(self) -> int:
        """Return the time for decisions that destroy data, in nanoseconds since 1970."""
        boot = self._read()
        offset = self._followed(self._trusted_offset, boot, TRUSTED_STEP, TRUSTED_AFTER)
        self._trusted_offset = offset
        return boot + offset

    def trusted_seconds(self) -> int:
        """Return `trusted` in whole seconds."""
        return self.trusted() // SECOND

    def _followed(self, offset: int, boot: int, minor: int, after: int) -> int:
        """Return the offset of the wall clock if its step is followed now, else the present one."""
        step = self._seen - offset
        follows = -minor <= step <= minor or boot - self._steady_since >= after
        return self._seen if follows else offset

    def _read(self) -> int:
        """Read both clocks; return the time since boot in nanoseconds."""
        boot = self._boot()
        seen = self._wall() - boot
        if not -_UNSTEADY <= seen - self._seen <= _UNSTEADY:
            self._steady_since = boot
        self._seen = seen
        return boot
