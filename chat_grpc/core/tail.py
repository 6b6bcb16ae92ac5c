"""Parts of the log in memory: its end, and what streams that catch up have just read."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from chat_grpc.core.block import Block
from chat_grpc.core.entry import Outcome
from chat_grpc.core.limits import MAX_TAIL_BYTES


@dataclass(frozen=True, slots=True)
class Page:
    """Stored events of some channels, joined, in order."""

    frames: bytes
    last: int
    """Everything up to this sequence is in the page or was passed over."""
    count: int
    """How many events it has."""


class Tail:
    """The last few megabytes of what was delivered. Belongs to the event loop."""

    def __init__(self, head: int) -> None:
        """`head` is the newest sequence delivered so far."""
        self._blocks = [Block(head, head)]
        self._size = 0
        """What all but the newest block take."""

    @property
    def start(self) -> int:
        """Everything after this sequence is here."""
        return self._blocks[0].start

    def append(self, outcome: Outcome) -> None:
        """Add the newest stored event."""
        newest = self._blocks[-1]
        if not newest.has_room(len(outcome.encoded)):
            self._size += newest.cost
            newest = Block(newest.last, newest.last)
            self._blocks.append(newest)
            while self._size > MAX_TAIL_BYTES:
                self._size -= self._blocks.pop(0).cost
        newest.append(outcome.sequence, outcome.channels, outcome.encoded)

    def find(self, after: int) -> Block | None:
        """Gives the block with what follows a sequence, if it is here."""
        if after < self.start:
            return None
        return self._blocks[bisect_right(self._blocks, after, key=_start) - 1]

    def replace(self, news: Mapping[int, bytes]) -> None:
        """Puts other frames in the place of those of some sequences."""
        for block in self._blocks:
            block.replace(news)
        self._size = sum(block.cost for block in self._blocks[:-1])


class Blocks:
    """What was read of the log of late, for whoever else reads it. Belongs to the event loop."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._by_use: OrderedDict[int, Block] = OrderedDict()
        """By their start, the one used last at the end."""

    def add(self, block: Block, limit: int) -> None:
        """Takes a block; over so many bytes, those go that were not used for longest."""
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
        """Gives a block with what follows a sequence, if there is one."""
        at = bisect_right(self._starts, after)
        if at == 0:
            return None
        block = self._by_use[self._starts[at - 1]]
        if block.last <= after:
            return None
        self._by_use.move_to_end(block.start)
        return block

    def next_start(self, after: int) -> int | None:
        """Gives the start of the first block that begins after a sequence."""
        at = bisect_right(self._starts, after)
        return self._starts[at] if at < len(self._starts) else None

    def replace(self, news: Mapping[int, bytes]) -> None:
        """Puts other frames in the place of those of some sequences."""
        for block in self._by_use.values():
            block.replace(news)

    def clear(self) -> None:
        """Lets go of all."""
        self._starts.clear()
        self._by_use.clear()


def _start(block: Block) -> int:
    return block.start
