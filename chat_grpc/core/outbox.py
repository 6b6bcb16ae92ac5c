"""The bounded queue of one stream."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from chat_grpc.core.feed import Feed
from chat_grpc.core.limits import MAX_RESPONSE_BYTES

Write = Callable[[bytes], Awaitable[None]]
"""Writes one response; ends when the transport took it; raises when the stream is gone."""

ANSWER = 0
"""In the place of a sequence: an answer to a request of the stream's own, never dropped."""

PASSING = -1
"""In the place of a sequence: passing events, which a stream that falls behind may miss."""


class Outbox:
    """What waits for one stream, in order: parts of its own, then the rest of the feed it follows.

    Belongs to the event loop. Putting never blocks and never fails; who puts looks at `size`
    and decides what to do about a stream that has fallen behind. `take` joins what waits.
    Frames that were taken may be lost with the connection; only the client's `sequence` tells
    what it has.
    """

    __slots__ = (
        "_size",
        "behind",
        "closed",
        "feed",
        "firsts",
        "last_write",
        "on_empty",
        "parts",
        "place",
        "scheduled",
        "write",
        "writing_since",
    )

    def __init__(self, write: Write, now: float) -> None:
        self.write = write
        # Lists, because an empty deque takes 600 bytes, and most outboxes are empty.
        self.parts: list[bytes] = []
        """Frames joined as they were put."""
        self.firsts: list[int] = []
        """For each part the sequence of its first stored event, or `ANSWER`, or `PASSING`."""
        self._size = 0
        """Bytes in `parts`."""
        self.feed: Feed | None = None
        """What it follows, while its stream is live."""
        self.place = 0
        """How far it has got in the feed."""
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

    @property
    def size(self) -> int:
        """Bytes that wait."""
        return self._size + (self.feed.size_from(self.place) if self.feed is not None else 0)

    @property
    def waits(self) -> bool:
        """True while there is something to take."""
        return bool(self.parts) or (self.feed is not None and self.place != self.feed.end)

    def follow(self, feed: Feed) -> None:
        """Lets it get what comes into a feed from now on."""
        self.feed, self.place = feed, feed.end
        if not self.scheduled:
            feed.resting[self] = None

    def put(self, frames: bytes, first: int) -> None:
        """Adds frames of its own, behind what came into the feed so far."""
        if self.feed is not None and self.place != self.feed.end:
            self.gather()
        self.parts.append(frames)
        self.firsts.append(first)
        self._size += len(frames)

    def gather(self) -> None:
        """Makes parts of its own of what waits in the feed."""
        feed = self.feed
        while feed is not None and self.place != feed.end:
            frames, end = feed.read(self.place, MAX_RESPONSE_BYTES)
            self.parts.append(frames)
            self.firsts.append(feed.first_stored(self.place, end) or PASSING)
            self._size += len(frames)
            self.place = end

    def take(self) -> bytes:
        """Joins what waits, up to about `MAX_RESPONSE_BYTES`, and forgets it."""
        parts = self.parts
        if not parts:
            assert self.feed is not None
            taken, self.place = self.feed.read(self.place, MAX_RESPONSE_BYTES)
            return taken
        self.gather()
        if self._size <= MAX_RESPONSE_BYTES:
            taken = parts[0] if len(parts) == 1 else b"".join(parts)
            parts.clear()
            self.firsts.clear()
            self._size = 0
            return taken
        size, count = len(parts[0]), 1
        while count < len(parts) and size + len(parts[count]) <= MAX_RESPONSE_BYTES:
            size += len(parts[count])
            count += 1
        taken = b"".join(parts[:count])
        del parts[:count]
        del self.firsts[:count]
        self._size -= size
        return taken

    def first_stored(self) -> int | None:
        """Gives the sequence of the first stored event that waits; None where none does."""
        first = next((first for first in self.firsts if first > 0), None)
        if first is None and self.feed is not None:
            return self.feed.first_stored(self.place, self.feed.end)
        return first

    def fall_behind(self) -> int | None:
        """Drops all but the answers; gives the sequence of the first stored event dropped.

        It follows no feed any more.
        """
        dropped = self.first_stored()
        self._leave()
        kept = [p for p, first in zip(self.parts, self.firsts, strict=True) if first == ANSWER]
        self.parts = kept
        self.firsts = [ANSWER] * len(kept)
        self._size = sum(map(len, kept))
        return dropped

    def close(self) -> None:
        """Forgets what waits; nothing more will be written."""
        self.closed = True
        self.on_empty = None
        self._leave()
        self.parts.clear()
        self.firsts.clear()
        self._size = 0

    def _leave(self) -> None:
        if self.feed is not None:
            self.feed.resting.pop(self, None)
            self.feed = None
