"""The bounded queue of one stream."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from chat_grpc.core.limits import MAX_RESPONSE_BYTES

Write = Callable[[bytes], Awaitable[None]]
"""Writes one response; ends when the transport took it; raises when the stream is gone."""

ANSWER = 0
"""In the place of a sequence: an answer to a request of the stream's own, never dropped."""

PASSING = -1
"""In the place of a sequence: passing events, which a stream that falls behind may miss."""


class Outbox:
    """Frames that wait for one stream, in order.

    Belongs to the event loop. Putting never blocks and never fails; who puts looks at `size`
    and decides what to do about a stream that has fallen behind. `take` joins what waits.
    Frames that were taken may be lost with the connection; only the client's `sequence` tells
    what it has.
    """

    __slots__ = (
        "behind",
        "closed",
        "firsts",
        "last_write",
        "on_empty",
        "parts",
        "scheduled",
        "size",
        "write",
        "writing_since",
    )

    def __init__(self, write: Write, now: float) -> None:
        self.write = write
        # Lists, because an empty deque takes 600 bytes, and most outboxes are empty.
        self.parts: list[bytes] = []
        """Frames joined as they were put."""
        self.firsts: list[int] = []
        """For each part the sequence of its first event, or `ANSWER`, or `PASSING`."""
        self.size = 0
        """Bytes that wait."""
        self.scheduled = False
        """True while the pacer has it, waiting for a writer or being written."""
        self.last_write = now
        """When bytes were last taken, in seconds of the loop's clock."""
        self.writing_since = 0.0
        """When the write under way began; 0.0 where none is."""
        self.on_empty: Callable[[], None] | None = None
        """Called once, when a write has ended and nothing waits."""
        self.behind = False
        """True while the stream gets pages of the log: live streams are written to first."""
        self.closed = False

    def take(self) -> bytes:
        """Joins what waits, up to about `MAX_RESPONSE_BYTES`, and forgets it."""
        parts = self.parts
        if self.size <= MAX_RESPONSE_BYTES:
            taken = parts[0] if len(parts) == 1 else b"".join(parts)
            parts.clear()
            self.firsts.clear()
            self.size = 0
            return taken
        size, count = len(parts[0]), 1
        while size + len(parts[count]) <= MAX_RESPONSE_BYTES:
            size += len(parts[count])
            count += 1
        taken = b"".join(parts[:count])
        del parts[:count]
        del self.firsts[:count]
        self.size -= size
        return taken

    def fall_behind(self) -> int | None:
        """Drops all but the answers; gives the sequence of the first stored event dropped."""
        dropped = next((first for first in self.firsts if first > 0), None)
        kept = [p for p, first in zip(self.parts, self.firsts, strict=True) if first == ANSWER]
        self.parts = kept
        self.firsts = [ANSWER] * len(kept)
        self.size = sum(map(len, kept))
        return dropped

    def close(self) -> None:
        """Forgets what waits; nothing more will be written."""
        self.closed = True
        self.on_empty = None
        self.parts.clear()
        self.firsts.clear()
        self.size = 0
