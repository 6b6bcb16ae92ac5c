"""The checks before a store is opened, and before it is used."""

from __future__ import annotations

import os
from pathlib import Path

import apsw

from chat_grpc.journal import JournalDamaged
from chat_grpc.journal.database import FILE, MARK, rows, transaction
from chat_grpc.journal.mark import disagreement, told
from chat_grpc.journal.rows import COLUMNS, damage, gaps_between

_CHECKED = 2000
"""Rows at the end of the log that are checked."""

_PART = 1024 * 1024


def damaged(path: Path | None, what: str) -> JournalDamaged:
    """Make the error for a damaged store."""
    return JournalDamaged(
        f"{path} is damaged: {what}. It was left as it is; "
        "`chat-grpc check` shows details, `chat-grpc restore` restores a backup"
    )


def refuse_rest(folder: Path) -> None:
    """Raise `JournalDamaged` if `chat.db` is gone, but its other files are not.

    SQLite would make an empty file, and delete the write-ahead log.
    """
    if size_of(folder / FILE):
        return
    _, acknowledged = told(mark_of(folder))
    if acknowledged:
        raise damaged(folder / FILE, f"it is gone, but {acknowledged} was acknowledged")
    if size_of(folder / f"{FILE}-wal"):
        raise damaged(folder / FILE, "it is gone, but its write-ahead log is there")


def check_end(
    connection: apsw.Connection, path: Path | None, log_id: str, head: int, first: int | None
) -> None:
    """Raise `JournalDamaged` if the end of a log is damaged or missing.

    `first` is the chain before the first row of the log.
    """
    if path is not None and (wrong := disagreement(mark_of(path.parent), log_id, head)):
        raise damaged(path, wrong)
    tail = f"SELECT {COLUMNS} FROM log ORDER BY sequence DESC LIMIT ?"
    newest = rows(connection, tail, (_CHECKED,))[::-1]
    whole = len(newest) < _CHECKED
    gaps = gaps_between(connection, 0 if whole else newest[0][0], head)
    wrong, _ = damage(newest, first if whole else None, gaps)
    if wrong:
        raise damaged(path, wrong)


def settle(connection: apsw.Connection, log: Path) -> None:
    """Write a write-ahead log that a crash left to the disk again, and sync it.

    A killed process may have written a transaction without a sync; from now on it counts as stored.
    A sync alone is not enough: after a failed fsync the system may regard pages as written that are
    not (Rebello et al., "Can Applications Recover from fsync Failures?", 2020). Raises
    `apsw.BusyError` if another process writes.
    """
    if not size_of(log):
        return
    with transaction(connection), log.open("r+b", buffering=0) as file:
        at = 0
        while part := file.read(_PART):
            file.seek(at)
            at += file.write(part)
            file.seek(at)
        os.fsync(file)


def sync(path: Path) -> None:
    """Sync a file, or the names in a folder.

    Never use it for the file of an open store: closing a descriptor releases all of its locks.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def mark_of(folder: Path) -> bytes:
    """Return the mark of a store, empty if there is none."""
    return (folder / MARK).read_bytes() if (folder / MARK).exists() else b""


def size_of(path: Path) -> int:
    """Return the size of a file in bytes, 0 if there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
