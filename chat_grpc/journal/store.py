"""The SQLite file: its schema, and one transaction for each batch. Everything here blocks."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

from filelock import FileLock, Timeout

from chat_grpc.core.entry import USER, Entry, User
from chat_grpc.core.errors import ChatError, RequestIdReused, StorageFailed, StorageFull
from chat_grpc.core.events import stored_frame
from chat_grpc.core.rooms import Member, Room
from chat_grpc.journal import JournalError, search
from chat_grpc.journal.apply import apply

Value = int | str | bytes | None

# A statement lets go of the interpreter's lock once, however many rows it has, and getting the lock
# back from a busy event loop takes up to 5 ms: so many rows go into one statement.
ROWS_A_STATEMENT = 64

COLUMNS = "sequence,kind,time,author,request_id,digest,topic,topic_too,target,body,sum,chain"
_WIDTH = COLUMNS.count(",") + 1
_BODY, _SUM, _CHAIN = _WIDTH - 3, _WIDTH - 2, _WIDTH - 1

_MERGE_PAGES = 200

_KNOWN_DIRECTS = 100_000
"""So many pairs of users are known to be stored; then they are asked for anew."""


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
    steps: list[list[Value] | Entry] = field(default_factory=list)
    """In the order of the log: the values of up to `ROWS_A_STATEMENT` messages' rows, or a
    change."""
    directs: set[tuple[int, int]] = field(default_factory=set)
    """Pairs of users of whom one wrote to the other."""
    last: int = 0
    """The last sequence given to anything up to and with this batch."""
    error: ChatError | None = None


_INSERT = f"INSERT INTO log ({COLUMNS})" + " VALUES {}"
_USED = (
    "WITH asked (author, request_id) AS (VALUES {})"
    " SELECT log.author, log.request_id, log.sequence, log.time, log.digest FROM asked"
    " JOIN log ON log.author = asked.author AND log.request_id = asked.request_id"
    " AND log.request_id IS NOT NULL"
)
_INSERT_USERS = "INSERT INTO users (number,name,key,guest,online,seen_time) VALUES {}"
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
def _with_rows(sql: str, rows: int, columns: int) -> str:
    """Fills in the placeholders of so many rows."""
    row = f"({','.join('?' * columns)})"
    return sql.format(",".join([row] * rows))


class Store:
    """The one connection that writes. Belongs to the writer's thread."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` holds the file; None keeps everything in memory."""
        self._folder = folder
        self._lock = FileLock(folder / "lock") if folder is not None else None
        self._connection: sqlite3.Connection
        self._next_number = 1
        self._chain = 0
        self._directs: set[tuple[int, int]] = set()
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
            # What is deleted is overwritten, and not only forgotten.
            self._connection.execute("PRAGMA secure_delete = ON")
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
        (self._chain,) = one(
            "SELECT coalesce((SELECT chain FROM log ORDER BY sequence DESC LIMIT 1), 0)"
        ).fetchone()

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
        batch.directs -= self._directs
        alone = len(batch.steps) == 1 and isinstance(batch.steps[0], list)
        number, chain = self._next_number, self._chain
        try:
            # One statement is a transaction of its own, and each more waits for the lock of the
            # interpreter once more.
            if not (alone and not (batch.guests or batch.seen or batch.uses or batch.directs)):
                self._connection.execute("BEGIN IMMEDIATE")
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
                self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._next_number, self._chain = number, chain
            batch.error = _refusal(error)
            self._roll_back(batch)
        else:
            self._remember(batch.directs)

    def _remember(self, directs: set[tuple[int, int]]) -> None:
        if len(self._directs) + len(directs) > _KNOWN_DIRECTS:
            self._directs.clear()
        self._directs |= directs

    def _store_messages(self, values: list[Value], batch: Batch) -> None:
        chain = self._chain
        try:
            self._insert(values)
        except sqlite3.IntegrityError:
            # A request id that was used before: nothing of the statement was stored.
            self._chain = chain
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
            if new := self._new_ones(values, {e.sequence: e for e in batch.entries}):
                self._insert(new)

    def _insert(self, values: list[Value]) -> None:
        for at in range(0, len(values), _WIDTH):
            body = values[at + _BODY]
            assert isinstance(body, bytes)
            values[at + _SUM] = zlib.crc32(body)
            values[at + _CHAIN] = self._chain = link(values[at : at + _BODY], self._chain)
        self._many(_INSERT, values, _WIDTH)

    def _new_ones(self, values: list[Value], entries: dict[Value, Entry]) -> list[Value]:
        """Answers the requests whose id was used before; gives the rows of the others."""
        asked = [
            (entry.author, entry.request_id)
            for sequence in values[::_WIDTH]
            if (entry := entries[sequence]).request_id
        ]
        statement = _with_rows(_USED, len(asked), 2)
        rows = self._connection.execute(statement, [value for pair in asked for value in pair])
        used = {(author, request_id): first for author, request_id, *first in rows.fetchall()}
        new: list[Value] = []
        for at in range(0, len(values), _WIDTH):
            entry = entries[values[at]]
            key = (entry.author, entry.request_id)
            if entry.request_id and key in used:
                _answer_again(entry, *used[key])
                continue
            used[key] = [entry.sequence, entry.time, entry.digest]
            new += values[at : at + _WIDTH]
        return new

    def _store_change(self, entry: Entry) -> None:
        used = self._connection.execute(
            "SELECT sequence, time, digest FROM log WHERE author = ? AND request_id = ?",
            (entry.author, entry.request_id),
        ).fetchone()
        if used is not None:
            _answer_again(entry, *used)
            return
        apply(self._connection, entry, self._user(entry.author))
        if not entry.stored:
            return
        entry.frame = stored_frame(entry.sequence, entry.content)
        self._insert(row_of(entry))
        for sequence, body in entry.rewritten.items():
            self._connection.execute(
                "UPDATE log SET body = ?, sum = ? WHERE sequence = ?",
                (body, zlib.crc32(body), sequence),
            )

    def _user(self, number: int) -> User | None:
        row = self._connection.execute(
            "SELECT number, name, key, guest FROM users WHERE number = ?", (number,)
        ).fetchone()
        return user_of(row) if row is not None else None

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
        events: list[Value] = []
        users: list[tuple[Value, ...]] = []
        tokens: list[tuple[Value, ...]] = []
        for guest in guests:
            assert guest.user is not None
            number, seconds = guest.user.number, guest.time // 1_000_000_000
            body = f"{guest.name}\0{guest.key}".encode()
            row: list[Value] = [guest.sequence, USER, guest.time, number]
            events += [*row, None, None, None, None, None, body, 0, 0]
            users.append((number, guest.name, guest.key, 1, 1, seconds))
            tokens.append((guest.token_digest, number, seconds))
        size = ROWS_A_STATEMENT * _WIDTH
        for start in range(0, len(events), size):
            self._insert(events[start : start + size])
        self._rows(_INSERT_USERS, users)
        self._rows(_INSERT_TOKENS, tokens)

    def _roll_back(self, batch: Batch) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error as error:
                batch.error = _refusal(error)

    # ------------------------------------------------------------ the index of words

    def advance_index(self) -> bool:
        """Indexes a part of what is not yet; False where nothing is left."""
        with self._transaction():
            return search.advance(self._connection)

    def merge_index(self) -> bool:
        """Does a part of the merging that rids the index of removed words; False at its end."""
        with self._transaction():
            return search.merge(self._connection, _MERGE_PAGES)

    def truncate_wal(self) -> bool:
        """Folds the write-ahead log into the file and empties it; False where readers hinder it."""
        (busy, _, _) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return bool(busy == 0)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    # ------------------------------------------------------------ rooms

    def rooms(self) -> list[Room]:
        """Reads all rooms with their members."""
        one = self._connection.execute
        rooms = {
            key: Room(key, name, topic, bool(private))
            for key, name, topic, private in one("SELECT key, name, topic, invite_only FROM rooms")
        }
        members = one(
            "SELECT room, role, from_sequence, number, name, key, guest"
            " FROM members JOIN users ON user = number WHERE to_sequence IS NULL"
        )
        for key, role, since, *user in members:
            rooms[key].add(Member(user_of((user[0], user[1], user[2], user[3])), role, since))
        for key, number in one("SELECT room, user FROM invites"):
            rooms[key].invited.add(number)
        return list(rooms.values())

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


def _answer_again(entry: Entry, first: int, time: int, digest: bytes | None) -> None:
    """Answers a request whose id was used before."""
    if digest == entry.digest:
        entry.sequence, entry.time, entry.duplicate = first, time, True
    else:
        entry.error = RequestIdReused(
            "This request_id was used before, for something else.",
            metadata={"request_id": entry.request_id},
        )


def row_of(entry: Entry) -> list[Value]:
    """Gives the values of an entry's row, in the order of `COLUMNS`."""
    topics = entry.topics
    return [
        entry.sequence,
        entry.kind,
        entry.time,
        entry.author,
        entry.request_id or None,
        entry.digest,
        topics[0],
        topics[1] if len(topics) > 1 else None,
        entry.target or None,
        entry.frame,
        0,
        0,
    ]


def link(row: Sequence[Value], chain: int) -> int:
    """Goes on with the chain: a checksum of what a row has before its body, and all before it."""
    return zlib.crc32(repr(tuple(row)).encode(), chain)


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
