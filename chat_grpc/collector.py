"""The garbage collector of a server: runs that stop the event loop only for a short time."""

from __future__ import annotations

import gc
from typing import Final

_YOUNG: Final = (2_500, 1, 1_000_000)
"""Thresholds of Python's collector: a run visits about 5,000 objects, in 1 to 4 ms.

A run over all objects never begins by itself: with 10,000 streams it takes some 200 ms.
"""

_FREEZE_AFTER: Final = 10
"""Runs over the middle generation after which the objects that survived are frozen."""

_COUNT_EVERY: Final = 60.0
"""Seconds between two counts of the frozen objects; a count visits each of them."""

_SLACK: Final = 300_000
"""Frozen objects that a server may have beside those of its streams. It starts with 50,000."""

_PER_STREAM: Final = 200
"""Frozen objects that a server may have for each open stream. One has about 60."""


class Collector:
    """Runs the garbage collector so that it does not stop the event loop for long.

    Nearly all objects are freed by their reference count: streams and calls leave no cycles. So
    objects that live long are frozen (`gc.freeze`), and the collector visits young ones only. If
    many more objects are frozen than the open streams explain, some may be cycles that ended after
    they were frozen; then one run visits everything.

    Belongs to the event loop; there is one collector in a process.
    """

    def __init__(self) -> None:
        self._left = 0
        """The number of objects that the last run over everything left; 0 before the first one."""
        self._count_at: float | None = None
        """When to count next. A count is no part of a start: it visits all frozen objects."""

    def start(self) -> None:
        """Freeze the present objects, which live as long as the server, and set the thresholds."""
        gc.freeze()
        gc.set_threshold(*_YOUNG)

    def tick(self, now: float, streams: int) -> None:
        """Freeze what has lived for a while, and look for cycles if too much is frozen.

        `now` is in seconds of a clock that never goes back, `streams` the number of open ones. Call
        it about every second.
        """
        if gc.get_count()[2] >= _FREEZE_AFTER:
            gc.collect(1)  # young cycles would be kept otherwise
            gc.freeze()
        if self._count_at is not None and now < self._count_at:
            return
        due, self._count_at = self._count_at is not None, now + _COUNT_EVERY
        if due and gc.get_freeze_count() > self._left + _SLACK + _PER_STREAM * streams:
            self._collect_all()

    def _collect_all(self) -> None:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._left = gc.get_freeze_count()
