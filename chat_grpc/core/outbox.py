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
    """What waits for one stream, in order: its parts, then the rest of the feed that it follows.

    A part is frames of its own, or what it has to get of the feed before the next such frames.

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
        self.parts: list[bytes | range] = []
        """Frames joined as they were put, and places in the feed."""
        self.firsts: list[int] = []
        """For each part the sequence of its first stored event, or `ANSWER`, or `PASSING`, which
        also stands for places in the feed."""
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
        feed = self.feed
        return self._size + (feed.size_between(self.place, feed.end) if feed is not None else 0)

    @property
    def needs(self) -> int:
        """From which place on it needs the feed, which it must follow."""
        return next((part.start for part in self.parts if isinstance(part, range)), self.place)

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
        self.gather()
        self.parts.append(frames)
        self.firsts.append(first)
        self._size += len(frames)

    def gather(self) -> None:
        """Makes a part of what waits in the feed, so that something can come behind it."""
        feed = self.feed
        if feed is not None and self.place != feed.end:
            self.parts.append(range(self.place, feed.end))
            self.firsts.append(PASSING)
            self._size += feed.size_between(self.place, feed.end)
            self.place = feed.end

    def take(self) -> bytes:
        """Joins what waits, up to about `MAX_RESPONSE_BYTES`, and forgets it."""
        feed, parts = self.feed, self.parts
        if not parts:  # as with most streams, which have nothing of their own
            assert feed is not None
            frames, self.place = feed.read(self.place, feed.end, MAX_RESPONSE_BYTES)
            return frames
        self.gather()
        taken: list[bytes] = []
        size = done = 0
        for part in parts:
            frames, rest = self._read(part, MAX_RESPONSE_BYTES - size)
            if taken and size + len(frames) > MAX_RESPONSE_BYTES:
                break
            taken.append(frames)
            size += len(frames)
            if rest:
                parts[done] = rest
                break
            done += 1
        del parts[:done]
        del self.firsts[:done]
        self._size -= size
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def _read(self, part: bytes | range, most: int) -> tuple[bytes, range | None]:
        """Gives the bytes of a part, or of places some, and the places that are left."""
        if isinstance(part, bytes):
            return part, None
        assert self.feed is not None
        frames, end = self.feed.read(part.start, part.stop, most)
        return frames, range(end, part.stop) or None

    def first_stored(self) -> int | None:
        """Gives the sequence of the first stored event that waits; None where none does."""
        feed = self.feed
        for part, first in zip(self.parts, self.firsts, strict=True):
            found: int | None = first
            if isinstance(part, range):
                assert feed is not None
                found = feed.first_stored(part.start, part.stop)
            if found is not None and found > 0:
                return found
        return feed.first_stored(self.place, feed.end) if feed is not None else None

    def fall_behind(self) -> int | None:
        """Drops all but the answers; gives the sequence of the first stored event dropped.

        It follows no feed any more.
        """
        dropped = self.first_stored()
        self._leave()
        parts = zip(self.parts, self.firsts, strict=True)
        kept = [part for part, first in parts if first == ANSWER and isinstance(part, bytes)]
        self.parts[:] = kept
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
