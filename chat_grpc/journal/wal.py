"""The write-ahead log: folding it into the file, and emptying it."""

from __future__ import annotations

import logging
from pathlib import Path

import apsw

from chat_grpc.journal.database import FILE, ends_the_store, row
from chat_grpc.journal.opening import size_of

_LOG = logging.getLogger("chat_grpc.journal")

CHECKPOINT_PAGES = 1000
"""From this many pages on the write-ahead log is folded into the file, SQLite's own default."""

MAX_IDLE_BYTES = 16 * 1024 * 1024
"""Above this size the write-ahead log is emptied when no reader needs it. Below, the file keeps its
size: SQLite writes it again from its start."""


class WriteAheadLog:
    """Folds the write-ahead log of one connection into its file. Belongs to the writer's thread."""

    def __init__(self, connection: apsw.Connection, folder: Path | None) -> None:
        """Replace SQLite's own checkpoints, which do not report failures."""
        self._connection = connection
        self._path = folder / f"{FILE}-wal" if folder is not None else None
        self._pages = 0
        """Pages in the log after the newest commit."""
        self.rewritten = False
        """True while the log may hold a text that was overwritten in the file."""
        connection.set_wal_hook(self._committed)

    def _committed(self, _: apsw.Connection, __: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK

    def checkpoint(self) -> bool:
        """Fold a long log into the file as far as readers let it; False if the store failed.

        If this fails, commits stay in the log, and stay acknowledged.
        """
        if self._pages < CHECKPOINT_PAGES:
            return True
        self._pages = 0
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error as error:
            _LOG.warning("the write-ahead log is not folded into the file: %s", error)
            return not ends_the_store(error, self._connection.system_errno)
        return True

    def empty(self) -> None:
        """Empty the log if it may hold a text that was overwritten, or grew while a reader held it.

        Does not wait for readers: the next call tries again. Raises `apsw.Error`.
        """
        if self.rewritten or (self._path is not None and size_of(self._path) > MAX_IDLE_BYTES):
            (busy, *_) = row(self._connection, "PRAGMA wal_checkpoint(TRUNCATE)")
            self.rewritten = self.rewritten and bool(busy)
