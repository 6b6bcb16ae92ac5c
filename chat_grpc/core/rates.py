"""Rates: how many events a second are stored, delivered and written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

KEPT = 16
"""Samples that are kept. With one a second, rates over up to 15 seconds are known."""

SHORTEST = 0.001
"""Seconds; over less than this a rate says nothing."""


class Counts(NamedTuple):
    """Counts since the start of a node, or their changes a second."""

    stored: float
    """Stored events."""
    delivered: float
    """Stored events given to live streams."""
    responses: float
    """Responses written to streams."""
    messages: float = 0.0
    """Stored messages; other stored events are edits, reactions, changes of rooms, and so on."""


class Rates:
    """Samples the counts of a node. Belongs to the event loop."""

    def __init__(self, count: Callable[[], Counts], clock: Callable[[], float]) -> None:
        """`count` returns the present counts; `clock` gives seconds that never go back."""
        self._count = count
        self._clock = clock
        self._samples: deque[tuple[float, Counts]] = deque([(clock(), count())], KEPT)

    def sample(self) -> None:
        """Note the present counts. Call it about once a second."""
        self._samples.append((self._clock(), self._count()))

    def over(self, seconds: float) -> Counts:
        """Return the rates a second over the last `seconds`, or since the oldest sample."""
        now, counts = self._clock(), self._count()
        then, before = next(
            (each for each in self._samples if each[0] >= now - seconds), self._samples[-1]
        )
        passed = now - then
        if passed < SHORTEST:
            return Counts(0.0, 0.0, 0.0)
        return Counts(*((new - old) / passed for new, old in zip(counts, before, strict=True)))
