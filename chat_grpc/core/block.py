"""Consecutive events of the log as one piece of bytes, shared by all streams that read them."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from chat_grpc.core import limits

Ranges = Mapping[str, Sequence[tuple[int, int]]]
"""The ranges that a stream may see, by channel: after a sequence, up to a sequence."""

_EVENT_COST = 16
_CHANNEL_COST = 200


class Block:
    """The events of all channels between two sequences, about one page.

    A stream that may see all of them gets the same bytes object as every other. For the others the
    block knows the index of each channel's events, so that the cost of a read depends only on the
    events that are read.

    Belongs to the event loop, once it is filled.
    """

    __slots__ = ("_channels", "_news", "_offsets", "_parts", "_sequences", "last", "start")

    def __init__(self, start: int, last: int) -> None:
        """Make an empty block; `append` fills it."""
        self.start = start
        """The block contains every event after this sequence, up to `last`."""
        self.last = last
        """The last sequence that the block covers."""
        self._sequences = array("q")
        self._offsets = array("I", (0,))
        """The number of bytes before each event, and before the next one."""
        self._channels: dict[str, array[int]] = {}
        """The indices of the events of each channel."""
        self._parts: list[bytes] = []
        """The encoded events in pieces."""
        self._news: dict[int, bytes] = {}
        """Encoded events that replace others when the block is read next."""

    @classmethod
    def of(
        cls,
        start: int,
        last: int,
        sequences: Iterable[int],
        sizes: Iterable[int],
        channels: Iterable[Iterable[str]],
        encoded: bytes,
    ) -> Block:
        """Make a block of joined events; for each its sequence, size in bytes, and channels."""
        block = cls(start, last)
        block._sequences.extend(sequences)
        block._offsets.extend(accumulate(sizes))
        for index, some in enumerate(channels):
            block._index(index, some)
        block._parts.append(encoded)
        return block

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self._sequences)

    @property
    def cost(self) -> int:
        """The approximate memory that it takes, in bytes."""
        return self._offsets[-1] + _EVENT_COST * len(self) + _CHANNEL_COST * len(self._channels)

    @property
    def outdated(self) -> bool:
        """True if the next read must first apply replaced events, which takes about 1 ms."""
        return bool(self._news)

    def has_space(self, size: int) -> bool:
        """Return whether an event of `size` bytes fits."""
        return not self._sequences or (
            len(self) < limits.MAX_PAGE_ROWS and self._offsets[-1] + size <= limits.MAX_BLOCK_BYTES
        )

    def append(self, sequence: int, channels: Iterable[str], encoded: bytes) -> None:
        """Add the next event."""
        self._index(len(self._sequences), channels)
        self._sequences.append(sequence)
        self._offsets.append(self._offsets[-1] + len(encoded))
        self._parts.append(encoded)
        self.last = sequence

    def _index(self, index: int, channels: Iterable[str]) -> None:
        for channel in channels:
            try:
                self._channels[channel].append(index)
            except KeyError:
                self._channels[channel] = array("H", (index,))

    def replace(self, news: Mapping[int, bytes], sequences: Sequence[int]) -> None:
        """Replace the encoded events of some sequences before the next read.

        `sequences` are all the keys of `news`, ascending. Sequences that are not in the block are
        ignored. Costs as much as the sequences between `start` and `last`.
        """
        low, high = bisect_right(sequences, self.start), bisect_right(sequences, self.last)
        if low < high:
            mine = sequences[low:high]
            self._news.update(zip(mine, map(news.__getitem__, mine), strict=True))

    def read(self, ranges: Ranges, own: set[int], after: int) -> tuple[bytes, int]:
        """Return the visible encoded events after a sequence, joined, and their number.

        `own` are sequences that are left out.
        """
        if self._news:
            self._rebuild()
        first = bisect_right(self._sequences, after)
        found = list(self._visible(ranges, first))
        mine = own.intersection(self._sequences) if own else ()
        if len(found) == 1 and not mine:
            indices: Sequence[int] = found[0]
        else:
            indices = sorted(set().union(*found))
        if mine:
            indices = [index for index in indices if self._sequences[index] not in mine]
        return self._encoded(indices), len(indices)

    def remaining(self, after: int) -> int:
        """Return the number of events after a sequence."""
        return len(self) - bisect_right(self._sequences, after)

    def _visible(self, ranges: Ranges, first: int) -> Iterable[array[int]]:
        """Yield, for each range, the indices from `first` on that lie in it."""
        channels, sequences = self._channels, self._sequences
        few, many = (ranges, channels) if len(ranges) < len(channels) else (channels, ranges)
        for channel in few:
            if channel not in many:
                continue
            indices = channels[channel]
            for low, high in ranges[channel]:
                if high <= self.start or low >= self.last:
                    continue
                begin = max(first, bisect_right(sequences, low))
                end = bisect_right(sequences, high)
                if begin > indices[0] or end <= indices[-1]:
                    yield indices[bisect_left(indices, begin) : bisect_left(indices, end)]
                else:
                    yield indices

    def _encoded(self, indices: Sequence[int]) -> bytes:
        """Join the encoded events of some indices, which rise."""
        if not indices:
            return b""
        encoded, offsets = self._joined(), self._offsets
        first, last = indices[0], indices[-1]
        if last - first + 1 == len(indices):
            return encoded[offsets[first] : offsets[last + 1]]
        runs = []
        before = first
        for index in indices:
            if index > before + 1:
                runs.append(encoded[offsets[first] : offsets[before + 1]])
                first = index
            before = index
        runs.append(encoded[offsets[first] : offsets[before + 1]])
        return b"".join(runs)

    def _joined(self) -> bytes:
        if len(self._parts) != 1:
            self._parts = [b"".join(self._parts)]
        return self._parts[0]

    def _rebuild(self) -> None:
        """Apply the replaced events."""
        encoded, offsets, news = self._joined(), self._offsets, self._news
        events = [
            news[sequence] if sequence in news else encoded[offsets[index] : offsets[index + 1]]
            for index, sequence in enumerate(self._sequences)
        ]
        self._parts = [b"".join(events)]
        self._offsets = array("I", accumulate(map(len, events), initial=0))
        self._news = {}
