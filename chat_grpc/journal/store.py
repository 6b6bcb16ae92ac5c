"""The SQLite file: one transaction for each batch. Everything here blocks."""

from __future__ import annotations

import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import apsw
from filelock import FileLock, Timeout

from chat_grpc.core.errors import StorageFailed
from chat_grpc.journal import JournalError, RecentUser, ages, incarnations
from chat_grpc.journal.appender import Appender
from chat_grpc.journal.batch import Batch
from chat_grpc.journal.database import (
    BUSY_SECONDS,
    DAMAGED,
    FILE,
    MARK,
    connect,
    ends_the_store,
    is_full,
    refusal,
    row,
    rows,
    run,
    store_failed,
)
from chat_grpc.journal.files import LOCK, Files
from chat_grpc.journal.incarnations import Incarnations
from chat_grpc.journal.mark import Mark
from chat_grpc.journal.migrations import check_version, migrate
from chat_grpc.journal.opening import check_end, damaged, refuse_rest, settle
from chat_grpc.journal.rows import user_of
from chat_grpc.journal.wal import WriteAheadLog

_T = TypeVar("_T")
_LOG = logging.getLogger("chat_grpc.journal")

_WAIT_STEP = 0.005
"""Seconds between two tries to lock a file that another process has locked."""


class Store:
    """The one connection that writes. Belongs to the writer's thread."""

    def __init__(self, folder: Path | None, *, vfs: str | None = None) -> None:
        """`folder` holds the file; None keeps everything in memory. `vfs` is for tests."""
        self._folder = folder
        self._vfs = vfs
        self._lock = FileLock(folder / LOCK, mode=0o600) if folder is not None else None
        self._mark: Mark | None = None
        self._files: Files | None = None
        self._connection: apsw.Connection
        self._wal: WriteAheadLog
        self._appender: Appender
        self._wait_until = 0.0
        self.log_id = ""
        self.incarnations = Incarnations()
        self.times: ages.Times
        """The times at the opening."""
        self.head = 0
        self.oldest = 0
        self.failed = False
        """True once a write has failed permanently, or the files are gone: every batch is
        refused."""

    @property
    def path(self) -> Path | None:
        """The file, None for a store in memory."""
        return self._folder / FILE if self._folder is not None else None

    @property
    def low(self) -> bool:
        """True while the disk has less space than the reserve."""
        return self._files is not None and self._files.low

    def open(self) -> None:
        """Lock the folder, open the file or make it, and bring its schema up to date.

        Raises `JournalError`, which leaves nothing open, and all files as they were.
        """
        try:
            if self._folder is not None:
                self._take_folder(self._folder)
            self._open()
        except BaseException as error:
            errno = self._errno()
            self._close()
            # An SQLError: a table or column of this version is not in the schema.
            if isinstance(error, (*DAMAGED, apsw.SQLError)):
                raise damaged(self.path, str(error)) from error
            if isinstance(error, apsw.Error | OSError):
                why = "the disk is full" if is_full(error, errno) else error
                raise JournalError(f"{self.path} cannot be opened: {why}") from error
            raise

    def _errno(self) -> int:
        """Return the system's number of the newest error of the connection."""
        connection = getattr(self, "_connection", None)
        return connection.system_errno if connection is not None else 0

    def _take_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            assert self._lock is not None
            self._lock.acquire(timeout=0)
            (folder / LOCK).chmod(0o600)
            refuse_rest(folder)
            # SQLite gives its further files the mode of this one, also in a folder that is open.
            (folder / FILE).touch(mode=0o600)
        except Timeout:
            raise JournalError(f"{folder} is in use by another server") from None
        except OSError as error:
            raise JournalError(f"{folder} is not writable: {error.strerror or error}") from error

    def _open(self) -> None:
        connection = self._connection = connect(self.path, vfs=self._vfs)
        connection.set_busy_handler(self._wait)
        self._wait_until = time.monotonic() + BUSY_SECONDS
        self._wal = WriteAheadLog(connection, self._folder)
        # Until the store is known to be whole, nothing is written, or folded into the file.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        run(connection, "PRAGMA synchronous = FULL")
        # SQLite overwrites what is deleted.
        run(connection, "PRAGMA secure_delete = ON")
        if check_version(connection, self.path) == 0:
            self._keep_a_log()
        if self._folder is not None:
            settle(connection, self._folder / f"{FILE}-wal")
        migrate(connection, self.path)
        self._load()
        self._keep_a_log()
        if self._folder is not None:
            self._mark = Mark(self._folder / MARK)
            self._mark.begin(self.log_id, self.head)
            self._files = Files(self._folder)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
        self.start_incarnation()

    def start_incarnation(self) -> None:
        """Store that a server started, unless it is stored. The next call tries a full disk again.

        While it is not stored, clients cannot prove their history, and need not.
        """
        if not self.incarnations.current:
            with self._tolerating_space():
                self.incarnations.start(self._connection, self._appender.written)

    @contextlib.contextmanager
    def _tolerating_space(self) -> Iterator[None]:
        """Suppress the errors of a full disk, and of a store that another process has locked."""
        try:
            yield
        except apsw.Error as error:
            if not isinstance(error, apsw.BusyError) and not is_full(error, self._errno()):
                raise

    def _wait(self, _: int) -> bool:
        """Wait a moment for another process that has the file locked; False after the deadline."""
        left = self._wait_until - time.monotonic()
        if left <= 0.0:
            return False
        time.sleep(min(_WAIT_STEP, left))
        return True

    def _keep_a_log(self) -> None:
        if self._folder is not None:
            run(self._connection, "PRAGMA journal_mode = WAL")

    def _load(self) -> None:
        """Read the end of the log. Raises `JournalDamaged` if it is damaged or missing."""
        newest = row(
            self._connection, "SELECT sequence, chain FROM log ORDER BY sequence DESC LIMIT 1"
        )
        found = row(self._connection, "SELECT log_id, pruned, pruned_chain FROM store")
        if found is None:
            if newest is not None:
                raise damaged(self.path, "its name is gone")
            found = (secrets.token_hex(8), 0, 0)
            run(self._connection, "INSERT INTO store (log_id) VALUES (?)", found[:1])
        self.log_id, pruned, first_chain = found
        self.head, chain = newest or (pruned, first_chain)
        self.oldest = pruned + 1 if self.head else 0
        highest = (
            "SELECT max(last_user, coalesce((SELECT max(number) FROM users), 0)) + 1 FROM store"
        )
        (next_number,) = row(self._connection, highest)
        self._appender = Appender(
            self._connection, written=self.head, chain=chain, next_number=next_number
        )
        check_end(self._connection, self.path, self.log_id, self.head, first_chain)
        self.times = ages.times(self._connection)
        self.incarnations = incarnations.stored(self._connection)

    def with_connection(self, action: Callable[[apsw.Connection], _T]) -> _T:
        """Give the connection to a function, which must not keep it.

        It does not wait for other processes, because commits wait for it. Raises what the
        function raises, and `StorageFailed` once the store failed.
        """
        if self.failed or not self._files_are_there():
            raise store_failed()
        self._wait_until = 0.0
        try:
            found = action(self._connection)
        except apsw.Error as error:
            self.failed = ends_the_store(error, self._errno())
            raise
        self.failed = not self._wal.checkpoint()
        return found

    def _files_are_there(self) -> bool:
        lost = self._files.look() if self._files is not None else ""
        if lost:
            assert self._folder is not None
            self.failed = True
            _LOG.error(
                "%s was moved, deleted or replaced while the server was running: "
                "nothing more is acknowledged",
                self._folder / lost,
            )
        return not lost

    def recent_users(self, now: int, within: float) -> list[RecentUser]:
        """Find the users of `Journal.recent_users`, and note that nobody is connected now."""
        found = rows(
            self._connection,
            "SELECT number, name, key, guest, online FROM users"
            " WHERE online OR (guest AND seen_time >= ?)"
            # Of two connected users of one name the older one has it with a suffix.
            " ORDER BY online DESC, iif(online, number, seen_time) DESC, number DESC",
            (now - int(within),),
        )
        # If this cannot be stored now, their names are kept after the next restart as well.
        with self._tolerating_space():
            run(self._connection, "UPDATE users SET online = 0, seen_time = ? WHERE online", (now,))
        return [RecentUser(user_of(tuple(each)), bool(online)) for *each, online in found]

    def commit(self, batch: Batch) -> None:
        """Store a batch in one transaction, or set its `error`; fill in each entry's outcome."""
        if self.failed or not self._files_are_there():
            batch.error = store_failed()
            return
        self._wait_until = min(batch.deadline, time.monotonic() + BUSY_SECONDS)
        before = self._appender.end
        try:
            if not self._appender.prepare(batch):
                run(self._connection, "BEGIN IMMEDIATE")
            self._appender.append(batch, low=self.low)
            if self._connection.in_transaction:
                run(self._connection, "COMMIT")
        except apsw.Error as error:
            batch.error = refusal(error, self._errno())
            self._roll_back(batch)
            self._appender.end = before
            self.failed = isinstance(batch.error, StorageFailed)
        else:
            batch.last = self._appender.written
            if self._mark is not None:
                self._mark.write(batch.last)
            self._appender.committed(batch)
            self.failed = not self._wal.checkpoint()

    def _roll_back(self, batch: Batch) -> None:
        if self._connection.in_transaction:
            try:
                run(self._connection, "ROLLBACK")
            except apsw.Error as error:
                batch.error = refusal(error, self._errno())

    def erase(self) -> None:
        """Empty the write-ahead log if it may hold a text that was overwritten, or is too long.

        If a reader is in the way, the next call tries again.
        """
        self._wal.rewritten |= self._appender.rewritten
        self._appender.rewritten = False
        self._wal.empty()

    def close(self) -> None:
        """Close the file and unlock the folder.

        The write-ahead log is folded into the file first, unless the store failed: an fsync that
        failed must not be tried again, because the system may have dropped what it could not write
        (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
        """
        if self.failed:
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        self._wait_until = time.monotonic() + BUSY_SECONDS
        self._close()

    def _close(self) -> None:
        with contextlib.ExitStack() as closing:
            if self._lock is not None:
                closing.callback(self._lock.release)
            if self._mark is not None:
                closing.callback(self._mark.close)
            if (connection := getattr(self, "_connection", None)) is not None:
                closing.callback(connection.close)
