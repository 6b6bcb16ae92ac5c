"""The rows of one transaction. Everything here blocks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import get_args

import apsw

from chat_grpc.core.account_changes import (
    DeleteAccount,
    EndToken,
    Forget,
    RemoveAccount,
    SetPassword,
)
from chat_grpc.core.changes import Delete, Erase
from chat_grpc.core.clock import SECOND
from chat_grpc.core.entry import ACCOUNT, USER, Entry
from chat_grpc.core.events import encode_stored
from chat_grpc.core.moderation import ModerationRequest
from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.core.user import User
from chat_grpc.journal.apply import apply
from chat_grpc.journal.batch import ROWS_A_STATEMENT, Batch, NewGuest, answer_again
from chat_grpc.journal.database import Value, row, rows, run, storage_full
from chat_grpc.journal.rows import COLUMNS, WIDTH, row_of, seal, sum_of, user_of

_KNOWN_DIRECTS = 100_000
"""Maximum number of pairs of users that are remembered as stored; then all are forgotten."""

_INSERT = f"INSERT INTO log ({COLUMNS})" + " VALUES {}"
_USED = (
    "WITH asked (author, request_id) AS (VALUES {})"
    " SELECT log.author, log.request_id, log.sequence, log.time, log.digest FROM asked"
    " JOIN log ON log.author = asked.author AND log.request_id = asked.request_id"
    " AND log.request_id IS NOT NULL"
)
_INSERT_USERS = "INSERT INTO users (number,name,key,guest,online,seen_time) VALUES {}"
_INSERT_MARKERS = "INSERT INTO read_markers (user,conversation,sequence) VALUES {}"
_INSERT_TOKENS = "INSERT INTO tokens (digest,user,use_time,sequence,create_time) VALUES {}"
_UPDATE_SEEN = (
    "WITH new (number, online, time) AS (VALUES {})"
    " UPDATE users SET online = new.online, seen_time = new.time FROM new"
    " WHERE users.number = new.number"
)
_INSERT_DIRECTS = "INSERT OR IGNORE INTO directs (user,other) VALUES {}"
_FREES = (
    *(Delete, Erase, EndToken, SetPassword, RemoveAccount, DeleteAccount, Forget),
    *get_args(ModerationRequest),
)
"""The changes that a full disk does not refuse: they erase a text, end the use of a token, or
moderate a user."""

_UPDATE_USES = (
    "WITH new (digest, time) AS (VALUES {})"
    " UPDATE tokens SET use_time = new.time FROM new WHERE tokens.digest = new.digest"
)


@cache
def _with_rows(sql: str, count: int, columns: int) -> str:
    """Return a statement with the placeholders of `count` rows."""
    one = f"({','.join('?' * columns)})"
    return sql.format(",".join([one] * count))


class Appender:
    """Appends the rows of each batch to the log, in the caller's transaction.

    Belongs to the writer's thread.
    """

    def __init__(
        self, connection: apsw.Connection, *, written: int, chain: int, next_number: int
    ) -> None:
        """The log ends with the sequence `written`; the next user gets `next_number`."""
        self._connection = connection
        self.written = written
        """The newest sequence."""
        self._chain = chain
        self._next_number = next_number
        self._directs: set[tuple[int, int]] = set()
        self.rewritten = False
        """True once a text was overwritten, until the caller sets it back."""

    @property
    def end(self) -> tuple[int, int, int]:
        """The end of the log; set it again after a transaction that was rolled back."""
        return self.written, self._chain, self._next_number

    @end.setter
    def end(self, end: tuple[int, int, int]) -> None:
        self.written, self._chain, self._next_number = end

    def append(self, batch: Batch, *, low: bool) -> None:
        """Write a batch, and fill in the outcome of each entry.

        `low` refuses everything that takes space. Only a batch that is not `single` needs a
        transaction of the caller's; one may be open after the return. Raises `apsw.Error`.
        """
        if low:
            self._refuse_growth(batch)
        for step in batch.steps:
            if isinstance(step, Entry):
                self._store_change(step)
            else:
                self._store_messages(step, batch)
        self._store_guests([guest for guest in batch.guests if guest.error is None])
        self._rows(_INSERT_DIRECTS, [p for a, b in batch.directs for p in ((a, b), (b, a))])
        self._rows(_UPDATE_SEEN, [(n, *seen) for n, seen in batch.seen.items()])
        self._rows(_UPDATE_USES, list(batch.uses.items()))

    def prepare(self, batch: Batch) -> bool:
        """Return whether one statement stores the whole batch, as a transaction of its own.

        Each further statement waits for the interpreter's lock once more.
        """
        batch.directs -= self._directs
        alone = len(batch.steps) == 1 and isinstance(batch.steps[0], list)
        return alone and not (batch.guests or batch.seen or batch.uses or batch.directs)

    def committed(self, batch: Batch) -> None:
        """Note that a batch is on the disk."""
        if len(self._directs) + len(batch.directs) > _KNOWN_DIRECTS:
            self._directs.clear()
        self._directs |= batch.directs

    def _refuse_growth(self, batch: Batch) -> None:
        """Refuse entries that take disk space, but those of `_FREES`; answer repeated requests."""
        entries: dict[Value, Entry] = {e.outcome.sequence: e for e in batch.entries}
        kept: list[list[Value] | Entry] = []
        for step in batch.steps:
            if not isinstance(step, Entry):
                for sequence in self._new_ones(step, entries)[::WIDTH]:
                    entries[sequence].outcome.error = storage_full()
            elif isinstance(step.command.change, _FREES):
                kept.append(step)
            elif not self._is_repeated(step):
                step.outcome.error = storage_full()
        batch.steps = kept
        batch.directs = set()
        for guest in batch.guests:
            guest.error = storage_full()

    def _store_messages(self, values: list[Value], batch: Batch) -> None:
        end = self.end
        try:
            self._insert(values)
        except apsw.ConstraintError:
            # A request id that was used before: nothing of the statement was stored.
            self.end = end
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
        self.written = newest

    def _new_ones(self, values: list[Value], entries: dict[Value, Entry]) -> list[Value]:
        """Answer the requests whose id was used before; return the rows of the others."""
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
        if self._is_repeated(entry):
            return
        apply(self._connection, entry, self._user(command.author), self._next_number)
        if not outcome.stored:
            return
        if command.kind == ACCOUNT:
            self._store_account(entry)
            return
        outcome.encoded = encode_stored(outcome.sequence, outcome.content)
        self._insert(row_of(entry))
        for sequence, body in outcome.rewritten.items():
            self._rewrite(sequence, body)

    def _store_account(self, entry: Entry) -> None:
        """Store a change of accounts; what the event loop gets of it has no hashes."""
        outcome = entry.outcome
        changed = outcome.account
        assert changed is not None
        if changed.user is not None and changed.user.number == self._next_number:
            self._next_number += 1
        outcome.encoded = outcome.content
        self._insert(row_of(entry))
        outcome.encoded = outcome.content = b""
        outcome.rewritten = changed.events
        for sequence, body in (*changed.blanked, *changed.events.items()):
            self._rewrite(sequence, body)

    def _is_repeated(self, entry: Entry) -> bool:
        """Return whether the request id of a change was used before; if so, answer it."""
        command = entry.command
        used = row(
            self._connection,
            "SELECT sequence, time, digest FROM log WHERE author = ? AND request_id = ?",
            (command.author, command.key.request_id),
        )
        if used is not None:
            answer_again(entry, *used)
        return used is not None

    def _rewrite(self, sequence: int, body: bytes) -> None:
        self.rewritten = True
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
        """Run a statement once for all rows, whose values follow one another."""
        run(self._connection, _with_rows(sql, len(values) // columns, columns), values)

    def _rows(self, sql: str, values: Sequence[tuple[Value, ...]]) -> None:
        for start in range(0, len(values), ROWS_A_STATEMENT):
            some = values[start : start + ROWS_A_STATEMENT]
            self._many(sql, [value for each in some for value in each], len(some[0]))

    def _store_guests(self, guests: Sequence[NewGuest]) -> None:
        events: list[Value] = []
        users: list[tuple[Value, ...]] = []
        tokens: list[tuple[Value, ...]] = []
        # Earlier messages do not count as unread.
        markers: list[tuple[Value, ...]] = []
        for guest in guests:
            number, seconds = self._next_number, guest.seconds
            guest.user = User(number, guest.name, guest.key)
            self._next_number += 1
            body = f"{guest.name}\0{guest.key}\0{guest.token_digest.hex()}".encode()
            start: list[Value] = [guest.sequence, USER, guest.time, number]
            events += [*start, None, None, None, None, None, body, 0, 0]
            users.append((number, guest.name, guest.key, 1, 0, seconds))
            made = guest.time // SECOND
            tokens.append((guest.token_digest, number, seconds, guest.sequence, made))
            markers.append((number, LOBBY_CHANNEL, guest.sequence))
        size = ROWS_A_STATEMENT * WIDTH
        for at in range(0, len(events), size):
            self._insert(events[at : at + size])
        self._rows(_INSERT_USERS, users)
        self._rows(_INSERT_TOKENS, tokens)
        self._rows(_INSERT_MARKERS, markers)
