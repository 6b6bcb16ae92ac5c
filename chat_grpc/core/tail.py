"""The end of the log in memory, for streams that are only a little behind."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chat_grpc.core.entry import Entry
from chat_grpc.core.limits import MAX_RESPONSE_BYTES, MAX_TAIL_BYTES

Sees = Callable[[tuple[str, ...], int], bool]
"""Says whether somebody may see an event with these topics and this sequence."""


@dataclass(frozen=True, slots=True)
class Page:
    """Stored events of some topics, joined, in order."""

    frames: bytes
    last: int
    """Everything up to this sequence is in the page or was passed over."""


class Tail:
    """The last few megabytes of what was delivered. Belongs to the event loop."""

    def __init__(self, head: int) -> None:
        """`head` is the newest sequence delivered so far."""
        self.start = head
        """Everything after this sequence is here."""
        self._sequences: list[int] = []
        self._entries: list[Entry] = []
        self._size = 0

    def append(self, entry: Entry) -> None:
        """Adds the newest entry."""
        self._sequences.append(entry.sequence)
        self._entries.append(entry)
        self._size += len(entry.frame)
        if self._size > MAX_TAIL_BYTES:
            self._trim()

    def _trim(self) -> None:
        # A quarter at once, so that the lists move seldom.
        goal, cut = MAX_TAIL_BYTES * 3 // 4, 0
        while self._size > goal:
            self._size -= len(self._entries[cut].frame)
            cut += 1
        self.start = self._sequences[cut - 1]
        del self._sequences[:cut]
        del self._entries[:cut]

    def replace(self, frames: Mapping[int, bytes]) -> None:
        """Puts other frames in the place of those of some sequences."""
        for sequence, new in frames.items():
            at = bisect_left(self._sequences, sequence)
            if at < len(self._sequences) and self._sequences[at] == sequence:
                self._size += len(new) - len(self._entries[at].frame)
                self._entries[at].frame = new

    def page(self, sees: Sees, after: int, head: int) -> Page:
        """Gives the events after a sequence that is not before `start`, about a response full."""
        frames: list[bytes] = []
        size = 0
        at = bisect_right(self._sequences, after)
        for entry in self._entries[at:] if at else self._entries:
            if not sees(entry.topics, entry.sequence):
                continue
            if size and size + len(entry.frame) > MAX_RESPONSE_BYTES:
                return Page(b"".join(frames), after)
            frames.append(entry.frame)
            size += len(entry.frame)
            after = entry.sequence
        return Page(b"".join(frames), head)
