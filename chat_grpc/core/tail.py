"""Parts of the log in memory: its end, and the blocks that streams have read most recently."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chat_grpc.core import limits
from chat_grpc.core.block import Block
from chat_grpc.core.entry import Outcome


@dataclass(frozen=True, slots=True)
class Page:
    """Stored events of some channels, joined, in order."""

    encoded: bytes
    last: int
    """Every visible event up to this sequence is in the page."""
    count: int
    """The number of events."""


class Tail:
    """The last few megabytes of the delivered events. Belongs to the event loop."""

    def __init__(self, head: int) -> None:
        """`head` is the newest sequence delivered so far."""
        self._blocks = [Block(head, head)]

    @property
    def start(self) -> int:
        """Every delivered event after this sequence is here."""
        return self._blocks[0].start

    def append(self, outcome: Outcome) -> None:
        """Add the newest stored event."""
        newest = self._blocks[-1]
        if not newest.has_space(len(outcome.encoded)):
            newest = Block(newest.last, newest.last)
            self._blocks.append(newest)
            size = sum(block.cost for block in self._blocks)
            while size > limits.MAX_TAIL_BYTES and len(self._blocks) > 1:
                size -= self._blocks.pop(0).cost
        newest.append(outcome.sequence, outcome.channels, outcome.encoded)

    def find(self, after: int) -> Block | None:
        """Return the block with the events that follow a sequence, or None."""
        if after < self.start:
            return None
        return self._blocks[bisect_right(self._blocks, after, key=_start) - 1]

    def replace(self, news: Mapping[int, bytes], sequences: Sequence[int]) -> None:
        """Replace the encoded events of some sequences; see `Block.replace`."""
        for block in self._blocks:
            block.replace(news, sequences)


class Blocks:
    """The blocks of the log that were read most recently. Belongs to the event loop."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._by_use: OrderedDict[int, Block] = OrderedDict()
        """By their start; the most recently used one is at the end."""

    def add(self, block: Block, limit: int) -> None:
        """Keep a block. Above `limit` bytes, forget the least recently used blocks."""
        if block.start not in self._by_use:
            insort(self._starts, block.start)
        self._by_use[block.start] = block
        self._by_use.move_to_end(block.start)
        size = sum(kept.cost for kept in self._by_use.values())
        while size > limit and len(self._by_use) > 1:
            start, old = self._by_use.popitem(last=False)
            self._starts.remove(start)
            size -= old.cost

    def find(self, after: int) -> Block | None:
        """Return a block with events that follow a sequence, or None."""
        index = bisect_right(self._starts, after)
        if index == 0:
            return None
        block = self._by_use[self._starts[index - 1]]
        if block.last <= after:
            return None
        self._by_use.move_to_end(block.start)
        return block

    def next_start(self, after: int) -> int | None:
        """Return the start of the first block that begins after a sequence, or None."""
        index = bisect_right(self._starts, after)
        return self._starts[index] if index < len(self._starts) else None

    def replace(self, news: Mapping[int, bytes], sequences: Sequence[int]) -> None:
        """Replace the encoded events of some sequences; see `Block.replace`."""
        for block in self._by_use.values():
            block.replace(news, sequences)

    def clear(self) -> None:
        """Forget all blocks."""
        self._starts.clear()
        self._by_use.clear()


def _start(block: Block) -> int:
    return block.start
