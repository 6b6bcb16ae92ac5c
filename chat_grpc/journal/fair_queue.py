"""The write backlog: entries that wait for a commit, shared fairly between their authors."""

from __future__ import annotations

from collections import deque

from chat_grpc.core.account_changes import AccountRequest, Block
from chat_grpc.core.changes import Direct, Post, RoomRequest
from chat_grpc.core.entry import Entry
from chat_grpc.core.room_rules import channel_of

TURN_BYTES = 4096
"""An author's turn ends with the entry that brings it to this many bytes."""

_ENTRY_BYTES = 64
"""Bytes that an entry counts besides its content."""

_CHANGE_BYTES = 8192
"""Bytes that a change counts besides its content. It takes several statements, where one statement
stores many messages."""


_REQUEST_BYTES = 64 * 1024
"""Bytes that a change of a room or an account counts in a transaction, which 4 of them fill. Each
takes many statements: with 32 of them, a message that came meanwhile waited for 30 ms."""


class _Author:
    """The waiting entries of one author, in order, each with its arrival number."""

    __slots__ = ("entries", "size")

    def __init__(self) -> None:
        self.entries: deque[tuple[int, Entry]] = deque()
        self.size = 0


class FairQueue:
    """Entries by author. Authors take turns, so that no author delays another.

    The order of one author's entries is kept. Between authors, a change of a room or of a block
    list may come before a message that arrived earlier; such a message is checked again when it is
    applied.
    """

    def __init__(self) -> None:
        self._authors: dict[int, _Author] = {}
        """In the order of their turns."""
        self._arrived = 0
        self._changed: dict[str, int] = {}
        """By the channel of a room, or of a user with a block list: the arrival number of the
        newest change that was taken."""
        self.size = 0
        """Bytes of all entries."""

    def __bool__(self) -> bool:
        return bool(self._authors)

    def size_of(self, author: int) -> int:
        """Return the bytes that wait for one author."""
        waiting = self._authors.get(author)
        return waiting.size if waiting is not None else 0

    def append(self, entry: Entry) -> None:
        """Add an entry after the others of its author."""
        author = entry.command.author
        waiting = self._authors.get(author)
        if waiting is None:
            waiting = self._authors[author] = _Author()
        self._arrived += 1
        waiting.entries.append((self._arrived, entry))
        size = _size(entry)
        waiting.size += size
        self.size += size

    def take(self, count: int, size: int) -> list[Entry]:
        """Remove and return the next entries: at most `count`, and about `size` bytes."""
        taken: list[Entry] = []
        left = size
        while self._authors and count > len(taken) and left > 0:
            author, waiting = next(iter(self._authors.items()))
            turn = min(TURN_BYTES, left)
            while waiting.entries and turn > 0 and count > len(taken):
                arrived, entry = waiting.entries.popleft()
                bytes_ = _size(entry)
                waiting.size -= bytes_
                self.size -= bytes_
                turn -= bytes_
                left -= _share(entry)
                self._check_overtaken(arrived, entry)
                taken.append(entry)
            del self._authors[author]
            if waiting.entries:
                self._authors[author] = waiting  # after the others
        if not self._authors:
            self._changed.clear()
        return taken

    def _check_overtaken(self, arrived: int, entry: Entry) -> None:
        """Let a message be checked in log order if a later change was taken before it."""
        command = entry.command
        if isinstance(command.change, RoomRequest):
            self._note_change(channel_of(command.change.key), arrived)
        elif isinstance(command.change, Block):
            self._note_change(f"@{command.author}", arrived)
        elif command.change is None and self._changed:
            channels = command.channels
            if any(arrived < self._changed.get(channel, 0) for channel in channels):
                direct = channels[0][0] == "@"
                change = Direct() if direct else Post(channels[0][1:])
                entry.command = command._replace(change=change)

    def _note_change(self, channel: str, arrived: int) -> None:
        self._changed[channel] = max(arrived, self._changed.get(channel, 0))


def _size(entry: Entry) -> int:
    besides = _ENTRY_BYTES if entry.command.change is None else _CHANGE_BYTES
    return len(entry.command.content) + besides


def _share(entry: Entry) -> int:
    """Return the bytes that an entry counts in its transaction."""
    requested = isinstance(entry.command.change, RoomRequest | AccountRequest)
    return max(_size(entry), _REQUEST_BYTES if requested else 0)
