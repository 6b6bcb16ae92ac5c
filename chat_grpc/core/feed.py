"""The newest events for all live streams, kept once."""

from __future__ import annotations

from bisect import bisect_right


class Feed:
    """A log of bytes in memory: appended at its end, read by offset, trimmed at its front.

    An item is one or more encoded events. An *offset* counts items from the first one that was
    ever appended. Appending costs the same with many readers as with few, and a reader that reads
    rarely takes all items since its offset in one piece.

    Belongs to the event loop. It does not know its readers; they call `trim`.
    """

    __slots__ = ("_base", "_bytes", "_last", "_sequences", "_starts", "end")

    def __init__(self) -> None:
        self.end = 0
        """The offset after the newest item."""
        self._bytes = bytearray()
        self._sequences: list[int | None] = []
        """For each kept item its first sequence, or None if it is not stored in the log."""
        self._starts = [0]
        """The number of bytes before each kept item, and before the next one."""
        self._base = 0
        """The offset of the first kept item."""
        self._last = (0, 0, b"")
        """The result of the last read: its first offset, the offset after it, its bytes."""

    @property
    def size(self) -> int:
        """The number of bytes that are kept."""
        return len(self._bytes)

    def append(self, encoded: bytes, sequence: int | None) -> None:
        """Add an item: encoded events, and the sequence of the first one if they are stored."""
        self._bytes += encoded
        self._sequences.append(sequence)
        self._starts.append(self._starts[-1] + len(encoded))
        self.end += 1

    def size_between(self, start: int, stop: int) -> int:
        """Return the number of bytes from one offset to another."""
        return self._starts[stop - self._base] - self._starts[start - self._base]

    def first_stored(self, start: int, stop: int) -> int | None:
        """Return the first sequence from one offset to another, or None if nothing is stored."""
        sequences = self._sequences
        for index in range(start - self._base, stop - self._base):
            if (sequence := sequences[index]) is not None:
                return sequence
        return None

    def read(self, start: int, stop: int, most: int) -> tuple[bytes, int]:
        """Return the items from an offset on, and the offset after them.

        Reads up to the offset `stop` and up to `most` bytes, but at least one item. Readers that
        read the same items in turn get the same bytes object, so that it is in memory once.
        """
        begin, end, encoded = self._last
        if begin == start and end == stop and len(encoded) <= most:
            return encoded, end
        first, last = start - self._base, stop - self._base
        low = self._starts[first]
        if self._starts[last] - low > most:
            last = max(bisect_right(self._starts, low + most, first, last) - 1, first + 1)
        gone = self._starts[0]
        encoded = bytes(memoryview(self._bytes)[low - gone : self._starts[last] - gone])
        end = self._base + last
        self._last = (start, end, encoded)
        return encoded, end

    def trim(self, offset: int) -> None:
        """Forget the items before an offset."""
        items = offset - self._base
        del self._bytes[: self.size_between(self._base, offset)]
        del self._sequences[:items]
        del self._starts[:items]
        self._base, self._last = offset, (0, 0, b"")
