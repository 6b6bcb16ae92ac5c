"""The SQLite file: one transaction for each batch. Everything here blocks."""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

import apsw
from filelock import FileLock, Timeout

from chat_grpc.core.entry import USER, Entry
from chat_grpc.core.errors import StorageFailed
from chat_grpc.core.events import encode_stored
from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.core.user import User
from chat_grpc.journal import JournalError, RecentUser, ages
from chat_grpc.journal.apply import apply
from chat_grpc.journal.batch import Batch, NewGuest, answer_again
from chat_grpc.journal.database import (
    BUSY_MS,
    DAMAGED,
    FILE,
    MARK,
    Value,
    connect,
    ends_the_store,
    is_full,
    refusal,
    row,
    rows,
    run,
    store_failed,
)
from chat_grpc.journal.mark import Mark
from chat_grpc.journal.migrations import check_version, migrate
from chat_grpc.journal.opening import check_end, damaged, refuse_rest, settle
from chat_grpc.journal.rows import COLUMNS, WIDTH, row_of, seal, sum_of, user_of

_T = TypeVar("_T")
_LOG = logging.getLogger("chat_grpc.journal")

# A statement lets go of the interpreter's lock once, however many rows it has, and getting the lock
# back from a busy event loop takes up to 5 ms: so many rows go into one statement.
ROWS_A_STATEMENT = 64

CHECKPOINT_PAGES = 1000
"""From so many pages on the write-ahead log is folded into the file, as SQLite does by itself."""

_KNOWN_DIRECTS = 100_000
"""So many pairs of users are known to be stored; then they are asked for anew."""

_INSERT = f"INSERT INTO log ({COLUMNS})" + " VALUES {}"
_USED = (
    "WITH asked (author, request_id) AS (VALUES {})"
    " SELECT log.author, log.request_id, log.sequence, log.time, log.digest FROM asked"
    " JOIN log ON log.author = asked.author AND log.request_id = asked.request_id"
    " AND log.request_id IS NOT NULL"
)
_INSERT_USERS = "INSERT INTO users (number,name,key,guest,online,seen_time) VALUES {}"
_INSERT_MARKERS = "INSERT INTO read_markers (user,conversation,sequence) VALUES {}"
_INSERT_TOKENS = "INSERT INTO tokens (digest,user,use_time) VALUES {}"
_UPDATE_SEEN = (
    "WITH new (number, online, time) AS (VALUES {})"
    " UPDATE users SET online = new.online, seen_time = new.time FROM new"
    " WHERE users.number = new.number"
)
_INSERT_DIRECTS = "INSERT OR IGNORE INTO directs (user,other) VALUES {}"
_UPDATE_USES = (
    "WITH new (digest, time) AS (VALUES {})"
    " UPDATE tokens SET use_time = new.time FROM new WHERE tokens.digest = new.digest"
)


@cache
def _with_rows(sql: str, count: int, columns: int) -> str:
    """Fills in the placeholders of so many rows."""
    one = f"({','.join('?' * columns)})"
    return sql.format(",".join([one] * count))


class Store:
    """The one connection that writes. Belongs to the writer's thread."""

    def __init__(self, folder: Path | None, *, vfs: str | None = None) -> None:
        """`folder` holds the file; None keeps everything in memory. `vfs` is for tests."""
        self._folder = folder
        self._vfs = vfs
        self._lock = FileLock(folder / "lock") if folder is not None else None
        self._mark: Mark | None = None
        self._connection: apsw.Connection
        self._next_number = 1
        self._chain = 0
        self._written = 0
        self._directs: set[tuple[int, int]] = set()
        self.log_id = ""
        self.times: ages.Times
        """The times at the opening."""
        self.head = 0
        self.oldest = 0
        self.failed = False
        """True once the disk did not take something: nothing more is written."""
        self._rewritten = False
        self._pages = 0
        """Pages in the write-ahead log after the newest commit."""

    @property
    def path(self) -> Path | None:
        """The file, where there is one."""
        return self._folder / FILE if self._folder is not None else None

    def open(self) -> None:
        """Locks the folder, opens the file or makes it, brings its schema up to date.

        Raises `JournalError`, which leaves nothing open, and all files as they were.
        """
        try:
            if self._folder is not None:
                self._take_folder(self._folder)
            self._open()
        except BaseException as error:
            self._close()
            if isinstance(error, DAMAGED):
                raise damaged(self.path, str(error)) from error
            if isinstance(error, apsw.Error | OSError):
                why = "the disk is full" if is_full(error) else error
                raise JournalError(f"{self.path} cannot be opened: {why}") from error
            raise

    def _take_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            assert self._lock is not None
            self._lock.acquire(timeout=0)
            refuse_rest(folder)
            # Also where the folder is open to others: SQLite's further files get the same mode.
            (folder / FILE).touch(mode=0o600)
        except Timeout:
            raise JournalError(f"{folder} is in use by another server") from None
        except OSError as error:
            raise JournalError(f"{folder} is not writable: {error.strerror or error}") from error

    def _open(self) -> None:
        connection = self._connection = connect(self.path, vfs=self._vfs)
        # In the place of SQLite's own checkpoints, which tell nobody when they fail.
        connection.set_wal_hook(self._committed)
        # Until it is known to be whole, nothing is written, nor folded into the file at the end.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        run(connection, "PRAGMA synchronous = FULL")
        # What is deleted is overwritten, and not only forgotten.
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
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)

    def _keep_a_log(self) -> None:
        if self._folder is not None:
            run(self._connection, "PRAGMA journal_mode = WAL")

    def _load(self) -> None:
        """Reads where the log ends. Raises `JournalDamaged` where its end is damaged or missing."""
        newest = row(
            self._connection, "SELECT sequence, chain FROM log ORDER BY sequence DESC LIMIT 1"
        )
        found = row(self._connection, "SELECT log_id, pruned, pruned_chain FROM store")
        if found is None:
            if newest is not None:
                raise damaged(self.path, "its name is gone")
            found = (secrets.token_hex(8), 0, 0)
            run(self._connection, "INSERT INTO store (log_id) VALUES (?)", found[:1])
        self.log_id, pruned, chain = found
        self.head, self._chain = newest or (pruned, chain)
        self._written = self.head
        self.oldest = pruned + 1 if self.head else 0
        highest = "SELECT coalesce(max(number), 0) + 1 FROM users"
        (self._next_number,) = row(self._connection, highest)
        check_end(self._connection, self.path, self.log_id, self.head, chain)
        self.times = ages.times(self._connection)

    def with_connection(self, action: Callable[[apsw.Connection], _T]) -> _T:
        """Gives the connection to a function, which must not keep it.

        Raises what it raises, and `StorageFailed` once the store failed.
        """
        if self.failed:
            raise store_failed()
        try:
            found = action(self._connection)
        except apsw.Error as error:
            self.failed = ends_the_store(error)
            raise
        self._checkpoint()
        return found

    def recent_users(self, now: int, within: float) -> list[RecentUser]:
        """Find the users of `Journal.recent_users`, and note that nobody is connected now."""
        found = rows(
            self._connection,
            "SELECT number, name, key, guest, online FROM users"
            " WHERE online OR (guest AND seen_time >= ?)"
            " ORDER BY online DESC, seen_time DESC, number DESC",
            (now - int(within),),
        )
        # If this cannot be stored now, their names are kept after the next restart as well.
        with contextlib.suppress(apsw.FullError, apsw.BusyError):
            run(self._connection, "UPDATE users SET online = 0, seen_time = ? WHERE online", (now,))
        return [RecentUser(user_of(tuple(each)), bool(online)) for *each, online in found]

    # ------------------------------------------------------------ writing

    def commit(self, batch: Batch) -> None:
        """Stores a batch in one transaction, or sets its `error`; tells each entry its outcome."""
        if self.failed:
            batch.error = store_failed()
            return
        batch.directs -= self._directs
        alone = len(batch.steps) == 1 and isinstance(batch.steps[0], list)
        before = self._next_number, self._chain, self._written
        try:
            # One statement is a transaction of its own, and each more waits for the lock of the
            # interpreter once more.
            if not (alone and not (batch.guests or batch.seen or batch.uses or batch.directs)):
                run(self._connection, "BEGIN IMMEDIATE")
            for step in batch.steps:
                if isinstance(step, Entry):
                    self._store_change(step)
                else:
                    self._store_messages(step, batch)
            self._store_guests(batch.guests)
            self._rows(_INSERT_DIRECTS, [p for a, b in batch.directs for p in ((a, b), (b, a))])
            self._rows(_UPDATE_SEEN, [(n, *seen) for n, seen in batch.seen.items()])
            self._rows(_UPDATE_USES, list(batch.uses.items()))
            if self._connection.in_transaction:
                run(self._connection, "COMMIT")
        except apsw.Error as error:
            self._next_number, self._chain, self._written = before
            batch.error = refusal(error)
            self._roll_back(batch)
            self.failed = isinstance(batch.error, StorageFailed)
        else:
            batch.last = self._written
            if self._mark is not None:
                self._mark.write(self._written)
            self._remember(batch.directs)
            self._checkpoint()

    def _remember(self, directs: set[tuple[int, int]]) -> None:
        if len(self._directs) + len(directs) > _KNOWN_DIRECTS:
            self._directs.clear()
        self._directs |= directs

    def _store_messages(self, values: list[Value], batch: Batch) -> None:
        chain, written = self._chain, self._written
        try:
            self._insert(values)
        except apsw.ConstraintError:
            # A request id that was used before: nothing of the statement was stored.
            self._chain, self._written = chain, written
            if not self._connection.in_transaction:
                run(self._connection, "BEGIN IMMEDIATE")
            if new := self._new_ones(values, {e.outcome.sequence: e for e in batch.entries}):
                self._insert(new)
            batch.directs = batch.stored_directs() - self._directs

    def _insert(self, values: list[Value]) -> None:
        self._chain = seal(values, self._chain)
        self._many(_INSERT, values, WIDTH)
        newest = values[-WIDTH]
        assert isinstance(newest, int)
        self._written = newest

    def _new_ones(self, values: list[Value], entries: dict[Value, Entry]) -> list[Value]:
        """Answers the requests whose id was used before; gives the rows of the others."""
        asked = [
            (command.author, command.key.request_id)
            for sequence in values[::WIDTH]
            if (command := entries[sequence].command).key.request_id
        ]
        statement = _with_rows(_USED, len(asked), 2)
        found = rows(self._connection, statement, [value for pair in asked for value in pair])
        used = {(author, request_id): first for author, request_id, *first in found}
        new: list[Value] = []
        for at in range(0, len(values), WIDTH):
            entry = entries[values[at]]
            author, request_id = entry.command.author, entry.command.key.request_id
            if request_id and (author, request_id) in used:
                answer_again(entry, *used[author, request_id])
                continue
            first = [entry.outcome.sequence, entry.command.time, entry.command.key.digest]
            used[author, request_id] = first
            new += values[at : at + WIDTH]
        return new

    def _store_change(self, entry: Entry) -> None:
        command, outcome = entry.command, entry.outcome
        used = row(
            self._connection,
            "SELECT sequence, time, digest FROM log WHERE author = ? AND request_id = ?",
            (command.author, command.key.request_id),
        )
        if used is not None:
            answer_again(entry, *used)
            return
        apply(self._connection, entry, self._user(command.author))
        if not outcome.stored:
            return
        outcome.encoded = encode_stored(outcome.sequence, outcome.content)
        self._insert(row_of(entry))
        for sequence, body in outcome.rewritten.items():
            self._rewrite(sequence, body)

    def _rewrite(self, sequence: int, body: bytes) -> None:
        self._rewritten = True
        request_id, digest = row(
            self._connection, "SELECT request_id, digest FROM log WHERE sequence = ?", (sequence,)
        )
        run(
            self._connection,
            "UPDATE log SET body = ?, sum = ? WHERE sequence = ?",
            (body, sum_of(request_id, digest, body), sequence),
        )

    def _user(self, number: int) -> User | None:
        found = row(
            self._connection,
            "SELECT number, name, key, guest FROM users WHERE number = ?",
            (number,),
        )
        return user_of(found) if found is not None else None

    def _many(self, sql: str, values: Sequence[Value], columns: int) -> None:
        """Runs a statement once for all rows, whose values follow one another."""
        run(self._connection, _with_rows(sql, len(values) // columns, columns), values)

    def _rows(self, sql: str, values: Sequence[tuple[Value, ...]]) -> None:
        for start in range(0, len(values), ROWS_A_STATEMENT):
            some = values[start : start + ROWS_A_STATEMENT]
            self._many(sql, [value for each in some for value in each], len(some[0]))

    def _store_guests(self, guests: Sequence[NewGuest]) -> None:
        events: list[Value] = []
        users: list[tuple[Value, ...]] = []
        tokens: list[tuple[Value, ...]] = []
        # What was written before somebody came is history, and not unread.
        markers: list[tuple[Value, ...]] = []
        for guest in guests:
            number, seconds = self._next_number, guest.seconds
            guest.user = User(number, guest.name, guest.key)
            self._next_number += 1
            body = f"{guest.name}\0{guest.key}".encode()
            start: list[Value] = [guest.sequence, USER, guest.time, number]
            events += [*start, None, None, None, None, None, body, 0, 0]
            users.append((number, guest.name, guest.key, 1, 0, seconds))
            tokens.append((guest.token_digest, number, seconds))
            markers.append((number, LOBBY_CHANNEL, guest.sequence))
        size = ROWS_A_STATEMENT * WIDTH
        for at in range(0, len(events), size):
            self._insert(events[at : at + size])
        self._rows(_INSERT_USERS, users)
        self._rows(_INSERT_TOKENS, tokens)
        self._rows(_INSERT_MARKERS, markers)

    def _roll_back(self, batch: Batch) -> None:
        if self._connection.in_transaction:
            try:
                run(self._connection, "ROLLBACK")
            except apsw.Error as error:
                batch.error = refusal(error)

    # ------------------------------------------------------------ the end

    def _committed(self, _: apsw.Connection, __: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK

    def _checkpoint(self) -> None:
        """Folds a long write-ahead log into the file, as far as readers let it.

        What was committed stays in the log where this fails, and stays acknowledged.
        """
        if self._pages < CHECKPOINT_PAGES:
            return
        self._pages = 0
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error as error:
            _LOG.warning("the write-ahead log is not folded into the file: %s", error)
            self.failed = ends_the_store(error)

    def erase(self) -> None:
        """Empties the write-ahead log, if a text was overwritten that it may hold.

        Where a reader hinders it, it is to be tried again.
        """
        if self._rewritten:
            self._connection.set_busy_timeout(0)  # the commits must not wait for a backup
            try:
                (busy, *_) = row(self._connection, "PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                self._connection.set_busy_timeout(BUSY_MS)
            self._rewritten = bool(busy)

    def close(self) -> None:
        """Closes the file and gives the folder back.

        The write-ahead log is folded into the file first, unless the store failed: an fsync that
        failed must not be tried again, because the system may have dropped what it could not write
        (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
        """
        if self.failed:
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        self._close()

    def _close(self) -> None:
        with contextlib.ExitStack() as closing:
            if self._lock is not None:
                closing.callback(self._lock.release)
            if self._mark is not None:
                closing.callback(self._mark.close)
            if (connection := getattr(self, "_connection", None)) is not None:
                closing.callback(connection.close)
