"""Connections to the SQLite file, and the meaning of its errors."""

from __future__ import annotations

import errno as errno_
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from chat_grpc.core.errors import ChatError, StorageBusy, StorageFailed, StorageFull

Value = int | str | bytes | None
Values = Sequence[Value] | Mapping[str, Value]

FILE = "chat.db"
"""The store's file in its folder."""

MARK = "head"
"""The file beside it with the newest acknowledged sequence."""

BUSY_SECONDS = 2.0
"""Seconds for which a commit, or a read, waits for another process that has the file locked."""

DAMAGED = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError, UnicodeDecodeError)
"""The errors for a file that is damaged, or is not a database."""

_STATEMENTS = 256

# The shared memory beside the file cannot grow on a full disk.
_FULL = frozenset({apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_SHMMAP})

# SQLite reports ENOSPC as a full disk, but a used-up quota and the file size limit of the process
# as an error of the disk.
_FULL_ERRNO = frozenset({errno_.ENOSPC, errno_.EDQUOT, errno_.EFBIG})

_READ = frozenset({apsw.SQLITE_IOERR_READ, apsw.SQLITE_IOERR_SHORT_READ})


def connect(
    path: Path | None, *, read_only: bool = False, vfs: str | None = None
) -> apsw.Connection:
    """Open a connection; None is a store in memory. One thread at a time may use it.

    A read-only connection does not checkpoint. `vfs` names another file system layer, for tests.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection = apsw.Connection(
        str(path) if path is not None else ":memory:", flags, vfs, _STATEMENTS
    )
    connection.set_busy_timeout(int(BUSY_SECONDS * 1000))
    if read_only:
        run(connection, "PRAGMA wal_autocheckpoint = 0")
        run(connection, "PRAGMA query_only = 1")
        # Closing the last connection would write to the file, even a read-only one.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    return connection


def open_reader(path: Path | None, table: str, *, vfs: str | None = None) -> apsw.Connection:
    """Open a connection that only reads, with all files that it needs. `table` is any table."""
    connection = connect(path, read_only=True, vfs=vfs)
    try:
        # A sort that spills over must not need a file.
        run(connection, "PRAGMA temp_store = MEMORY")
        # SQLite opens the write-ahead log and the shared memory with the first read.
        row(connection, f"SELECT 1 FROM {table}")
    except BaseException:
        connection.close()
        raise
    return connection


def run(connection: apsw.Connection, sql: str, values: Values = ()) -> None:
    """Run statements to their end, and drop their rows."""
    for _ in connection.execute(sql, values):
        pass


def rows(connection: apsw.Connection, sql: str, values: Values = ()) -> list[Any]:
    """Return all rows of a statement."""
    return connection.execute(sql, values).fetchall()


def row(connection: apsw.Connection, sql: str, values: Values = ()) -> Any:
    """Return the first row of a statement, or None."""
    cursor = connection.execute(sql, values)
    try:
        return cursor.fetchone()
    finally:
        cursor.close()


@contextmanager
def transaction(connection: apsw.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Run a block in one transaction.

    Use `IMMEDIATE` to write: a deferred transaction that starts to write fails at once if another
    connection wrote meanwhile.
    """
    run(connection, f"BEGIN {kind}")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            run(connection, "ROLLBACK")
        raise
    run(connection, "COMMIT")


def refusal(error: apsw.Error, errno: int = 0) -> ChatError:
    """Return the error that callers get for an error of SQLite.

    `errno` is the system's number of the newest error of the connection, 0 if it is not known.
    """
    if is_full(error, errno):
        return storage_full()
    if isinstance(error, apsw.BusyError):
        return StorageBusy(
            "Another program has the server's store locked; try again.", retry_after=1.0
        )
    return store_failed()


def is_full(error: Exception, errno: int = 0) -> bool:
    """Return whether an error comes from a disk, quota or file size limit that is used up."""
    if isinstance(error, OSError):
        return error.errno in _FULL_ERRNO
    extended = getattr(error, "extendedresult", 0)
    full_write = extended == apsw.SQLITE_IOERR_WRITE and errno in _FULL_ERRNO
    return isinstance(error, apsw.FullError) or extended in _FULL or full_write


def storage_full() -> StorageFull:
    """Make the error for a write without space."""
    return StorageFull("The server's disk is full; reading works, writing does not.")


def store_failed() -> StorageFailed:
    """Make the error for everything after the store failed."""
    return StorageFailed("The server's store failed; it accepts no more messages.")


def ends_the_store(error: apsw.Error, errno: int = 0) -> bool:
    """Return whether the disk failed to store data, after which nothing more may be written.

    A failed read is no reason, nor is a full disk.
    """
    read = getattr(error, "extendedresult", 0) in _READ
    return isinstance(error, apsw.IOError) and not read and not is_full(error, errno)
