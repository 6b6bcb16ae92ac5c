"""Coalescing of read markers: few are stored, and the last one always is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

INTERVAL = 2.0
"""Seconds between two stored markers of one user in one conversation."""


@dataclass(slots=True)
class _Marker:
    """The newest marker of a user in a conversation."""

    stored_at: float
    """The time when the newest marker was given to the log, in monotonic seconds."""
    sequence: int
    """The user has read everything up to this sequence."""
    submit: Callable[[], None] | None = None
    """Gives the marker to the log; None if the log has it."""


class Markers:
    """Stores the first marker at once, and only the last of those that follow within `INTERVAL`.

    A client may mark each message that it shows. Each stored marker is an event for all devices of
    the user, so that reading would let the log grow as fast as writing. Belongs to the event loop.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._markers: dict[tuple[int, str], _Marker] = {}

    def __len__(self) -> int:
        return len(self._markers)

    def mark(self, user: int, conversation: str, sequence: int, submit: Callable[[], None]) -> None:
        """Take a marker. `submit` gives it to the log: now, or later in `flush`."""
        now, key = self._monotonic(), (user, conversation)
        before = self._markers.get(key)
        if before is None or now - before.stored_at >= INTERVAL:
            self._markers[key] = _Marker(now, sequence)
            submit()
        elif sequence > before.sequence:
            before.sequence, before.submit = sequence, submit

    def flush(self, user: int | None = None) -> None:
        """Give the markers whose interval is over to the log; all those of `user`, if given."""
        now = self._monotonic()
        for key, marker in list(self._markers.items()):
            if key[0] != user and now - marker.stored_at < INTERVAL:
                continue
            if marker.submit is None:
                del self._markers[key]
            else:
                submit, marker.submit, marker.stored_at = marker.submit, None, now
                submit()
