"""Consecutive events of the log as one piece of bytes, shared by all who read them."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from chat_grpc.core.limits import MAX_BLOCK_BYTES, MAX_PAGE_ROWS

Ranges = Mapping[str, Sequence[tuple[int, int]]]
"""What somebody may see: for each channel after which sequence, and up to which."""

_EVENT_COST = 16
_CHANNEL_COST = 200


class Block:
    """The events of all channels between two sequences, about a page full.

    Who may see all of them gets the same bytes as everybody else; for the others the places of
    each channel's events are known, so that a reader costs as much as what it gets of the block.
    """

    __slots__ = ("_channels", "_offsets", "_parts", "_sequences", "last", "start")

    def __init__(self, start: int, last: int) -> None:
        """An empty block; `append` fills it."""
        self.start = start
        """Everything after this sequence is here, …"""
        self.last = last
        """… up to this one."""
        self._sequences = array("q")
        self._offsets = array("I", (0,))
        self._channels: dict[str, array[int]] = {}
        self._parts: list[bytes] = []

    @classmethod
    def of(
        cls,
        start: int,
        last: int,
        sequences: Iterable[int],
        sizes: Iterable[int],
        channels: Iterable[Iterable[str]],
        frames: bytes,
    ) -> Block:
        """Makes one of joined frames; for each its sequence, its size, and its channels."""
        block = cls(start, last)
        block._sequences.extend(sequences)
        block._offsets.extend(accumulate(sizes))
        for place, some in enumerate(channels):
            block._place(place, some)
        block._parts.append(frames)
        return block

    def __len__(self) -> int:
        return len(self._sequences)

    @property
    def cost(self) -> int:
        """About how much memory it takes, in bytes."""
        return self._offsets[-1] + _EVENT_COST * len(self) + _CHANNEL_COST * len(self._channels)

    def has_room(self, size: int) -> bool:
        """Says whether an event of so many bytes fits in."""
        return not self._sequences or (
            len(self) < MAX_PAGE_ROWS and self._offsets[-1] + size <= MAX_BLOCK_BYTES
        )

    def append(self, sequence: int, channels: Iterable[str], frame: bytes) -> None:
        """Adds the next event."""
        self._place(len(self._sequences), channels)
        self._sequences.append(sequence)
        self._offsets.append(self._offsets[-1] + len(frame))
        self._parts.append(frame)
        self.last = sequence

    def _place(self, place: int, channels: Iterable[str]) -> None:
        for channel in channels:
            try:
                self._channels[channel].append(place)
            except KeyError:
                self._channels[channel] = array("H", (place,))

    def replace(self, news: Mapping[int, bytes]) -> None:
        """Puts other frames in the place of those of some sequences."""
        for sequence, frame in news.items():
            place = bisect_left(self._sequences, sequence)
            if place < len(self) and self._sequences[place] == sequence:
                frames, offsets = self._joined(), self._offsets
                low, high = offsets[place], offsets[place + 1]
                self._parts = [frames[:low] + frame + frames[high:]]
                more = low + len(frame) - high
                for later in range(place + 1, len(offsets)):
                    offsets[later] += more

    def read(self, ranges: Ranges, own: set[int], after: int) -> tuple[bytes, int]:
        """Gives the frames after a sequence that somebody may see, and how many they are.

        `own` are sequences that are left out.
        """
        first = bisect_right(self._sequences, after)
        found = list(self._followed(ranges, first))
        mine = own.intersection(self._sequences) if own else ()
        if len(found) == 1 and not mine:
            places: Sequence[int] = found[0]
        else:
            places = sorted(set().union(*found))
        if mine:
            places = [place for place in places if self._sequences[place] not in mine]
        return self._frames(places), len(places)

    def remaining(self, after: int) -> int:
        """Says how many events there are after a sequence."""
        return len(self) - bisect_right(self._sequences, after)

    def _followed(self, ranges: Ranges, first: int) -> Iterable[array[int]]:
        """Finds the places, from the first on, that lie in some ranges, for each range."""
        channels, sequences = self._channels, self._sequences
        few, many = (ranges, channels) if len(ranges) < len(channels) else (channels, ranges)
        for channel in few:
            if channel not in many:
                continue
            places = channels[channel]
            for low, high in ranges[channel]:
                if high <= self.start or low >= self.last:
                    continue
                begin = max(first, bisect_right(sequences, low))
                end = bisect_right(sequences, high)
                if begin > places[0] or end <= places[-1]:
                    yield places[bisect_left(places, begin) : bisect_left(places, end)]
                else:
                    yield places

    def _frames(self, places: Sequence[int]) -> bytes:
        """Joins the frames of some places, which rise."""
        if not places:
            return b""
        frames, offsets = self._joined(), self._offsets
        first, last = places[0], places[-1]
        if last - first + 1 == len(places):
            return frames[offsets[first] : offsets[last + 1]]
        runs = []
        before = first
        for place in places:
            if place > before + 1:
                runs.append(frames[offsets[first] : offsets[before + 1]])
                first = place
            before = place
        runs.append(frames[offsets[first] : offsets[before + 1]])
        return b"".join(runs)

    def _joined(self) -> bytes:
        if len(self._parts) != 1:
            self._parts = [b"".join(self._parts)]
        return self._parts[0]
