"""What every live stream gets, kept once for all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_grpc.core.outbox import Outbox


class Feed:
    """The newest events for everyone, and how far each stream has got in them.

    A message to everyone is added here once. It costs a stream nothing before that is written to,
    and then the stream takes all from its place on, as one piece: where writing is slow, it does
    not matter into how many commits the log took it. Whoever lags too far behind falls behind, and
    `trim` lets go of what nobody needs.

    A *place* is a number of an item, counted from the first one ever. Belongs to the event loop.
    """

    __slots__ = (
        "_base",
        "_bytes",
        "_firsts",
        "_last",
        "_starts",
        "end",
        "published",
        "resting",
    )

    def __init__(self) -> None:
        self.end = 0
        """The place behind the newest item."""
        self.published = 0
        """How much of it the pacer was told of."""
        self.resting: dict[Outbox, None] = {}
        """The outboxes that have all of it, and that the pacer does not have."""
        self._bytes = bytearray()
        self._firsts: list[int] = []
        self._starts = [0]
        """How many bytes were before each item that is kept, and before the next one."""
        self._base = 0
        """The place of the first item that is kept."""
        self._last = (0, 0, b"")

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return len(self._bytes)

    def append(self, frames: bytes, first: int, leave_out: Sequence[Outbox] = ()) -> None:
        """Adds an item that all get but some; `first` is as for `Pacer.put`."""
        for outbox in leave_out:
            outbox.gather()
        self._bytes += frames
        self._firsts.append(first)
        self._starts.append(self._starts[-1] + len(frames))
        self.end += 1
        for outbox in leave_out:
            outbox.place = self.end

    def size_between(self, place: int, until: int) -> int:
        """Counts the bytes from a place until another."""
        return self._starts[until - self._base] - self._starts[place - self._base]

    def first_stored(self, place: int, until: int) -> int | None:
        """Gives the first sequence from a place until another; None where nothing is stored."""
        firsts = self._firsts
        for at in range(place - self._base, until - self._base):
            if firsts[at] > 0:
                return firsts[at]
        return None

    def read(self, place: int, until: int, most: int) -> tuple[bytes, int]:
        """Gives items from a place on: one, or up to `most` bytes; and the place behind them.

        Where many take up to the same place in turn, as they do at rest, all get the same bytes.
        """
        begin, end, taken = self._last
        if begin == place and end == until and len(taken) <= most:
            return taken, end
        first, last = place - self._base, until - self._base
        start = self._starts[first]
        if self._starts[last] - start > most:
            last = max(bisect_right(self._starts, start + most, first, last) - 1, first + 1)
        gone = self._starts[0]
        taken = bytes(memoryview(self._bytes)[start - gone : self._starts[last] - gone])
        end = self._base + last
        self._last = (place, end, taken)
        return taken, end

    def trim(self, place: int) -> None:
        """Lets go of what is before a place."""
        items = place - self._base
        del self._bytes[: self.size_between(self._base, place)]
        del self._firsts[:items]
        del self._starts[:items]
        self._base, self._last = place, (0, 0, b"")
