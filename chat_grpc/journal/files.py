"""The files of an open store: their identity, and the free space of their disk."""

from __future__ import annotations

import os
import time
from pathlib import Path

from chat_grpc.journal import word_index
from chat_grpc.journal.database import FILE, MARK
from chat_grpc.journal.opening import size_of

LOCK = "lock"
"""The file beside the store that keeps a second server out."""

RESERVE = 64 * 1024 * 1024
"""Bytes of the disk that new messages leave free, so that deleting and pruning still work."""

RESERVE_SHARE = 20
"""On a small disk the reserve is this part of it, at most."""

LOOK_EVERY = 0.1
"""Seconds between two checks of the disk."""

_NAMES = (FILE, f"{FILE}-wal", f"{FILE}-shm", MARK, LOCK)


class Files:
    """Watches the files of an open store. Belongs to the writer's thread.

    SQLite keeps its files open. If somebody moves or deletes them, it continues to write to files
    without a name, and everything that it acknowledges is lost.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = {name: found for name in _NAMES if (found := file_identity(folder / name))}
        self._next_look = 0.0
        self._lost = ""
        self.low = False
        """True while less space is free than the reserve."""

    def look(self) -> str:
        """Return the name of a file that is no longer the one that was opened; empty if none is.

        Checks at most once in `LOOK_EVERY` seconds, and also sets `low`.
        """
        now = time.monotonic()
        if now >= self._next_look and not self._lost:
            self._next_look = now + LOOK_EVERY
            self._lost = self._lost_one()
            if not self._lost:
                self.low = self._space_is_low()
        return self._lost

    def _lost_one(self) -> str:
        for name in _NAMES:
            found, known = file_identity(self._folder / name), self._known.get(name)
            if known is not None and found != known:
                return name
            if found is not None:
                # SQLite makes the write-ahead log when it first needs it.
                self._known[name] = found
        return ""

    def _space_is_low(self) -> bool:
        disk = os.statvfs(self._folder)
        reserve = min(RESERVE, disk.f_blocks * disk.f_frsize // RESERVE_SHARE)
        return disk.f_bavail * disk.f_frsize < reserve


def size_of_store(folder: Path) -> int:
    """Return the size of the files of the store and of its word index, in bytes."""
    return sum(
        size_of(each) for file in (FILE, word_index.FILE) for each in folder.glob(f"{file}*")
    )


def file_identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode of a file, None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
