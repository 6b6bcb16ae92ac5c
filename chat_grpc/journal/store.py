"""The SQLite file: its schema, and one transaction for each batch. Everything here blocks."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

from filelock import FileLock, Timeout

from chat_grpc.core.entry import Entry, User
from chat_grpc.core.errors import ChatError, RequestIdReused, StorageFailed, StorageFull
from chat_grpc.journal import JournalError

EVENT_KIND = 0
USER_KIND = 1

Value = int | str | bytes | None

# A statement lets go of the interpreter's lock once, however many rows it has, and getting the lock
# back from a busy event loop takes up to 5 ms: so many rows go into one statement.
ROWS_A_STATEMENT = 64

_COLUMNS = 9


@dataclass(slots=True)
class NewGuest:
    """A guest to be stored; `user` is set by the commit."""

    sequence: int
    time: int
    name: str
    key: str
    token_digest: bytes
    user: User | None = None


@dataclass(slots=True)
class Batch:
    """What one transaction stores. `error` is set where nothing of it was stored."""

    entries: list[Entry] = field(default_factory=list)
    guests: list[NewGuest] = field(default_factory=list)
    seen: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By the user's number: online (1 or 0), and seconds since 1970."""
    uses: dict[bytes, int] = field(default_factory=dict)
    """By the token's digest: seconds since 1970."""
    rows: list[list[Value]] = field(default_factory=list)
    """The values of the entries' rows, `ROWS_A_STATEMENT` rows in each."""
    last: int = 0
    """The last sequence given to anything up to and with this batch."""
    error: ChatError | None = None


_INSERT_EVENTS = (
    "INSERT INTO log (sequence,kind,time,author,request_id,digest,topic,topic_too,body)"
    " VALUES {} ON CONFLICT (author, request_id) WHERE request_id IS NOT NULL DO NOTHING"
)
_INSERT_USER_EVENTS = "INSERT INTO log (sequence,kind,time,author,body) VALUES {}"
_INSERT_USERS = "INSERT INTO users (number,name,key,guest,online,seen_time) VALUES {}"
_INSERT_TOKENS = "INSERT INTO tokens (digest,user,use_time) VALUES {}"
_UPDATE_SEEN = (
    "WITH new (number, online, time) AS (VALUES {})"
    " UPDATE users SET online = new.online, seen_time = new.time FROM new"
    " WHERE users.number = new.number"
)
_UPDATE_USES = (
    "WITH new (digest, time) AS (VALUES {})"
    " UPDATE tokens SET use_time = new.time FROM new WHERE tokens.digest = new.digest"
)


@cache
def _with_rows(sql: str, rows: int, columns: int) -> str:
    """Fills in the placeholders of so many rows."""
    row = f"({','.join('?' * columns)})"
    return sql.format(",".join([row] * rows))


@cache
def page_query(topics: int) -> str:
    """Joins a page of the log, in one step: its frames, its last sequence, its rows, all rows.

    One step, because each row that the module fetches takes the interpreter's lock anew. Each
    topic is a range of an index; the running sum ends the page at a response's size.
    """
    one = (
        "SELECT * FROM (SELECT sequence, body FROM log WHERE {} = ? AND sequence > ?"
        " AND sequence <= ? ORDER BY sequence LIMIT ?)"
    )
    parts = [one.format(column) for column in ("topic", "topic_too") for _ in range(topics)]
    return (
        "WITH found AS MATERIALIZED ("
        f" SELECT sequence, body, sum(length(body)) OVER (ORDER BY sequence) AS size"
        f" FROM (SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY sequence LIMIT ?)"
        ") SELECT CAST(group_concat(body, '') AS BLOB), max(sequence), count(*),"
        " (SELECT count(*) FROM found)"
        " FROM (SELECT sequence, body FROM found WHERE size <= ?"
        " OR sequence = (SELECT min(sequence) FROM found WHERE sequence >= ?)"
        " ORDER BY sequence)"
    )


class Store:
    """The one connection that writes. Belongs to the writer's thread."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` holds the file; None keeps everything in memory."""
        self._folder = folder
        self._lock = FileLock(folder / "lock") if folder is not None else None
        self._connection: sqlite3.Connection
        self._next_number = 1
        self.log_id = ""
        self.head = 0
        self.oldest = 0

    @property
    def path(self) -> Path | None:
        """The file, where there is one."""
        return self._folder / "chat.db" if self._folder is not None else None

    def open(self) -> None:
        """Locks the folder, opens the file or makes it, brings its schema up to date."""
        if self._folder is not None:
            self._take_folder(self._folder)
        try:
            self._connection = connect(self.path)
            if self._folder is not None:
                self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._migrate()
            self._load()
        except sqlite3.Error as error:
            self._unlock()
            raise JournalError(f"{self.path} cannot be opened: {error}") from error
        except JournalError:
            self._unlock()
            raise

    def _take_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            assert self._lock is not None
            self._lock.acquire(timeout=0)
            # Also where the folder is open to others: SQLite's further files get the same mode.
            (folder / "chat.db").touch(mode=0o600)
        except Timeout:
            raise JournalError(f"{folder} is in use by another server") from None
        except OSError as error:
            raise JournalError(f"{folder} is not writable: {error.strerror or error}") from error

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def _migrate(self) -> None:
        steps = migrations()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version > len(steps):
            raise JournalError(
                f"{self.path} was written by a newer version of chat-grpc "
                f"(schema {version}, this one knows {len(steps)})"
            )
        if 0 < version < len(steps) and self.path is not None:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copy2(self.path, self.path.with_suffix(f".schema-{version}.db"))
        for number, step in enumerate(steps[version:], version + 1):
            self._connection.executescript(
                f"BEGIN IMMEDIATE;\n{step}\nPRAGMA user_version = {number};\nCOMMIT;"
            )

    def _load(self) -> None:
        one = self._connection.execute
        row = one("SELECT log_id FROM store").fetchone()
        if row is None:
            row = (secrets.token_hex(8),)
            one("INSERT INTO store (log_id) VALUES (?)", row)
        self.log_id = row[0]
        (self.oldest, self.head) = one(
            "SELECT coalesce(min(sequence), 0), coalesce(max(sequence), 0) FROM log"
        ).fetchone()
        (self._next_number,) = one("SELECT coalesce(max(number), 0) + 1 FROM users").fetchone()

    def reader(self) -> sqlite3.Connection:
        """Gives the connection for a read on this thread; the caller must not keep it."""
        return self._connection

    def recent_guests(self, now: int, within: float) -> list[User]:
        """Finds who was connected when the store was closed or shortly before; nobody is now."""
        rows = self._connection.execute(
            "SELECT number, name, key, guest FROM users WHERE online OR (guest AND seen_time >= ?)",
            (now - int(within),),
        ).fetchall()
        self._connection.execute("UPDATE users SET online = 0, seen_time = ? WHERE online", (now,))
        return [user_of(row) for row in rows]

    def commit(self, batch: Batch) -> None:
        """Stores a batch in one transaction, or sets its `error`; tells each entry its outcome."""
        alone = len(batch.rows) == 1 and not (batch.guests or batch.seen or batch.uses)
        number = self._next_number
        try:
            if alone:
                inserted = self._many(_INSERT_EVENTS, batch.rows[0], _COLUMNS)
            else:
                self._connection.execute("BEGIN IMMEDIATE")
                inserted = sum(self._many(_INSERT_EVENTS, row, _COLUMNS) for row in batch.rows)
                self._store_guests(batch.guests)
                self._rows(_UPDATE_SEEN, [(n, *seen) for n, seen in batch.seen.items()])
                self._rows(_UPDATE_USES, list(batch.uses.items()))
                self._connection.execute("COMMIT")
            if inserted < len(batch.entries):
                self._settle(batch.entries)
        except sqlite3.Error as error:
            self._next_number = number
            batch.error = _refusal(error)
            self._roll_back(batch)

    def _many(self, sql: str, values: Sequence[Value], columns: int) -> int:
        """Runs a statement once for all rows, whose values follow one another."""
        statement = _with_rows(sql, len(values) // columns, columns)
        return self._connection.execute(statement, values).rowcount

    def _rows(self, sql: str, rows: Sequence[tuple[Value, ...]]) -> None:
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            some = rows[start : start + ROWS_A_STATEMENT]
            self._many(sql, [value for row in some for value in row], len(some[0]))

    def _store_guests(self, guests: Sequence[NewGuest]) -> None:
        for guest in guests:
            guest.user = User(self._next_number, guest.name, guest.key)
            self._next_number += 1
        events: list[tuple[Value, ...]] = []
        users: list[tuple[Value, ...]] = []
        tokens: list[tuple[Value, ...]] = []
        for guest in guests:
            assert guest.user is not None
            number, seconds = guest.user.number, guest.time // 1_000_000_000
            content = f"{guest.name}\0{guest.key}".encode()
            events.append((guest.sequence, USER_KIND, guest.time, number, content))
            users.append((number, guest.name, guest.key, 1, 1, seconds))
            tokens.append((guest.token_digest, number, seconds))
        self._rows(_INSERT_USER_EVENTS, events)
        self._rows(_INSERT_USERS, users)
        self._rows(_INSERT_TOKENS, tokens)

    def _settle(self, entries: list[Entry]) -> None:
        """Finds the entries that were not stored because their request id was used before."""
        rows = self._connection.execute(
            "SELECT sequence FROM log WHERE sequence BETWEEN ? AND ?",
            (entries[0].sequence, entries[-1].sequence),
        )
        stored = {sequence for (sequence,) in rows}
        for entry in entries:
            if entry.sequence in stored:
                continue
            first, time, digest = self._connection.execute(
                "SELECT sequence, time, digest FROM log WHERE author = ? AND request_id = ?",
                (entry.author, entry.request_id),
            ).fetchone()
            if digest == entry.digest:
                entry.sequence, entry.time, entry.duplicate = first, time, True
            else:
                entry.error = RequestIdReused(
                    "This request_id was used before, for something else.",
                    metadata={"request_id": entry.request_id},
                )

    def _roll_back(self, batch: Batch) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error as error:
                batch.error = _refusal(error)

    def close(self) -> None:
        """Closes the file, which folds the write-ahead log into it, and gives the folder back."""
        self._connection.close()
        self._unlock()


def connect(path: Path | None, *, read_only: bool = False) -> sqlite3.Connection:
    """Opens a connection without transactions of the module's own making."""
    connection = sqlite3.connect(
        str(path) if path is not None else ":memory:",
        isolation_level=None,
        check_same_thread=False,
        timeout=2.0,
        cached_statements=256,
    )
    if read_only:
        # Only the writer checkpoints: a second connection that does so while the first
        # writes can corrupt the file in SQLite before 3.51.3.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA query_only = 1")
    return connection


def user_of(row: tuple[int, str, str, int]) -> User:
    """Makes a user of a row of `users`."""
    number, name, key, guest = row
    return User(number, name, key, bool(guest))


@cache
def migrations() -> list[str]:
    """The steps of the schema, in order; the first makes an empty store."""
    folder = resources.files("chat_grpc.journal") / "schema"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [file.read_text(encoding="utf-8") for file in files]


def _refusal(error: sqlite3.Error) -> ChatError:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return StorageFull("The server's disk is full; reading works, writing does not.")
    return StorageFailed("The server's store failed; nothing more is taken.")
