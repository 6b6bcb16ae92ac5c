"""The write backlog, with a limit for each author."""

from __future__ import annotations

import asyncio

from chat_grpc.core.entry import Entry
from chat_grpc.journal.fair_queue import FairQueue

MAX_BATCH = 1000
"""Entries of one transaction."""

MAX_BATCH_BYTES = 256 * 1024
"""Bytes of the entries of one transaction; the last entry may exceed it."""

MAX_WAITING_BYTES = 32 * 1024 * 1024
"""Bytes of entries that may wait for the disk; above, `drained` holds every author in the
backlog."""

MAX_AUTHOR_BYTES = 256 * 1024
"""Bytes of one author's entries that may wait for the disk; above, `drained` holds the author."""


class Backlog:
    """The entries that wait for the disk, and the authors that wait for space in it.

    Belongs to the event loop.
    """

    def __init__(self) -> None:
        self._entries = FairQueue()
        self._held: dict[int, asyncio.Future[None]] = {}
        """The authors that wait in `drained`."""

    def __bool__(self) -> bool:
        return bool(self._entries)

    def append(self, entry: Entry) -> None:
        """Add an entry, whatever the limits are."""
        self._entries.append(entry)

    def take(self) -> list[Entry]:
        """Remove and return the entries of the next transaction."""
        entries = self._entries.take(MAX_BATCH, MAX_BATCH_BYTES)
        for author in [author for author in self._held if self._has_space(author)]:
            self._held.pop(author).set_result(None)
        return entries

    async def drained(self, author: int) -> None:
        """Wait until an author is below the limits."""
        while not self._has_space(author):
            if author not in self._held:
                self._held[author] = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._held[author])

    def _has_space(self, author: int) -> bool:
        crowded = self._entries.size > MAX_WAITING_BYTES
        return self._entries.size_of(author) <= (0 if crowded else MAX_AUTHOR_BYTES)
