"""The check of a whole store: its pages, its log, its tables, and its word index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import apsw

from chat_grpc.core.account_changes import DELETED as DELETED_ACCOUNT
from chat_grpc.core.account_changes import REGISTERED, SIGNED_IN
from chat_grpc.core.entry import ACCOUNT, DELETED, EDITED, MESSAGE, REACTION, READ, ROOM, USER
from chat_grpc.core.history import events_of, message_of
from chat_grpc.core.room_rules import CREATED, INVITED, JOINED, LEFT, UPDATED, channel_of
from chat_grpc.core.room_rules import DELETED as ROOM_DELETED
from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.core.user import deleted_user
from chat_grpc.journal import JournalError, index_check, word_index
from chat_grpc.journal.account_check import AccountTables
from chat_grpc.journal.database import DAMAGED, connect, row, rows, transaction
from chat_grpc.journal.mark import disagreement
from chat_grpc.journal.migrations import check_version, steps
from chat_grpc.journal.opening import mark_of
from chat_grpc.journal.rows import COLUMNS, conversation_of, damage, gaps_between
from chat_grpc.v1 import chat_pb2

_CHUNK = 1000
_MOST_FINDINGS = 20


def check(path: Path) -> list[str]:
    """Check a whole store; return one sentence for each finding, none if it is whole.

    A server may be running: the check sees the store at one moment, and writes nothing. Raises
    `JournalError` if there is no store that this version can read. Blocks.
    """
    if not path.is_file():
        raise JournalError(f"{path} is not there")
    # Read before the log: a running server advances both. A backup has no mark.
    mark = mark_of(path.parent)
    connection = connect(path, read_only=True)
    try:
        with index_check.snapshot(path) as index, transaction(connection, "DEFERRED"):
            found = _check(connection, path, mark)
            return found or _check_index(index, connection)
    except DAMAGED as error:
        return [str(error)]
    except apsw.Error as error:
        raise JournalError(f"{path} cannot be read: {error}") from error
    finally:
        connection.close()


def _check(connection: apsw.Connection, path: Path, mark: bytes) -> list[str]:
    pages = rows(connection, f"PRAGMA integrity_check({_MOST_FINDINGS})")
    if found := [f"the file: {text}" for (text,) in pages if text != "ok"]:
        return found  # the rest of such a file cannot be trusted
    if check_version(connection, path) < len(steps()):
        raise JournalError(f"{path} is of an older version; a server brings it up to date")
    if row(connection, "SELECT 1 FROM store") is None:
        return ["the file: the name of its log is gone"]
    if found := [*_check_log(connection), *_check_mark(connection, mark)]:
        return found
    return _Tables(connection).check()


def _check_index(index: apsw.Connection | None, log: apsw.Connection) -> list[str]:
    if index is None:
        return []
    try:
        return [*islice(index_check.differences(index, log), _MOST_FINDINGS)]
    except DAMAGED as error:
        return [f"the word index: {error}; remove {word_index.FILE} while no server runs"]


def _check_mark(connection: apsw.Connection, mark: bytes) -> Iterator[str]:
    log_id, pruned = row(connection, "SELECT log_id, pruned FROM store")
    (head,) = row(connection, "SELECT coalesce(max(sequence), ?) FROM log", (pruned,))
    if wrong := disagreement(mark, log_id, head):
        yield f"the log: {wrong}"


def _check_log(connection: apsw.Connection) -> Iterator[str]:
    after, chain = row(connection, "SELECT pruned, pruned_chain FROM store")
    while found := _chunk(connection, COLUMNS, after):
        wrong, chain = damage(found, chain, gaps_between(connection, after, found[-1][0]))
        if wrong:
            yield f"the log: {wrong}"
            return
        after = found[-1][0]


def _chunk(connection: apsw.Connection, columns: str, after: int) -> list[Any]:
    return rows(
        connection,
        f"SELECT {columns} FROM log WHERE sequence > ? ORDER BY sequence LIMIT ?",
        (after, _CHUNK),
    )


class _Tables:
    """Derives the tables from the log, and compares them with the stored ones.

    If the beginning of the log is no longer kept, only rows that the rest of it names are compared.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._pruned = row(connection, "SELECT pruned FROM store")[0]
        self._users: dict[int, tuple[str, str]] = {}
        self._accounts = AccountTables(connection, self._pruned)
        self._rooms: dict[str, tuple[str, str, int]] = {}
        self._members: dict[tuple[str, int], tuple[int, int]] = {}
        self._invites: dict[tuple[str, int], bool] = {}
        self._reactions: dict[int, dict[tuple[str, int], bool]] = {}
        self._read: dict[tuple[int, str], int] = {}
        self._directs: set[tuple[int, int]] = set()
        self._deleted: set[int] = set()
        self._created: dict[str, int] = {}
        self._deleted_rooms: dict[int, str] = {}
        """The channels of deleted rooms, by the sequence of the deletion."""

    def check(self) -> list[str]:
        """Return the findings."""
        after = self._pruned
        while found := _chunk(
            self._connection, "sequence,kind,author,channel,other_channel,target,body,time", after
        ):
            for each in found:
                self._take(*each)
            after = found[-1][0]
        return [*self._findings()][:_MOST_FINDINGS]

    def _take(
        self,
        sequence: int,
        kind: int,
        author: int,
        one: str,
        too: str,
        target: int,
        body: bytes,
        time: int,
    ) -> None:
        if kind == USER:
            name, key, *digest = body.decode().split("\0")
            self._users[author] = (name, key)
            self._read[author, LOBBY_CHANNEL] = sequence
            self._accounts.take_guest(sequence, author, time, *digest)
            return
        if kind == ACCOUNT:
            self._take_account(sequence, author, time, body)
            return
        event = events_of(body)[0]
        if kind == MESSAGE and one[0] == "@":
            low, high = int(one[1:]), int((too or one)[1:])
            self._directs |= {(low, high), (high, low)}
        elif kind == DELETED:
            self._deleted.add(target)
            self._reactions[target] = dict.fromkeys(self._reactions.get(target, ()), False)
        elif kind == REACTION:
            of_target = self._reactions.setdefault(target, {})
            of_target[event.reaction.emoji, author] = not event.reaction.removed
        elif kind == READ:
            self._read[author, conversation_of(body)] = event.read_marker.read_sequence
        elif kind == ROOM:
            self._take_room(sequence, one[1:], event.room_change)

    def _take_account(self, sequence: int, author: int, time: int, body: bytes) -> None:
        told = self._accounts.take(sequence, author, time, body)
        if told["what"] == DELETED_ACCOUNT:
            gone = deleted_user(told["user"])
            self._users[gone.number] = (gone.name, gone.key)
            for marker in [marker for marker in self._read if marker[0] == gone.number]:
                del self._read[marker]
        if told["what"] == REGISTERED or (told["what"] == SIGNED_IN and told["new"]):
            self._users[told["user"]] = (told["name"], told["key"])
            if told["new"]:
                self._read[told["user"], LOBBY_CHANNEL] = sequence

    def _take_room(self, sequence: int, key: str, change: chat_pb2.RoomChange) -> None:
        room, number = change.room, change.subject.number
        if change.change == ROOM_DELETED:
            self._take_deleted_room(sequence, key)
            return
        if change.change == CREATED:
            self._created[key] = sequence
        self._rooms[key] = (room.name, room.topic, int(room.invite_only))
        if change.change in (CREATED, JOINED):
            self._members[key, number] = (int(change.role), sequence)
            self._invites[key, number] = False
            self._read[number, channel_of(key)] = sequence
        elif change.change == LEFT:
            self._members[key, number] = (0, 0)
            self._invites[key, number] = False
        elif change.change == INVITED:
            self._invites[key, number] = True
        elif change.change != UPDATED:
            _, since = self._members.get((key, number), (0, 0))
            self._members[key, number] = (int(change.role), since)

    def _take_deleted_room(self, sequence: int, key: str) -> None:
        channel = channel_of(key)
        self._deleted_rooms[sequence] = channel
        self._accounts.take_deleted_room(channel)
        self._rooms.pop(key, None)
        self._created.pop(key, None)
        for member in [member for member in self._members if member[0] == key]:
            self._members[member] = (0, 0)
        for invite in [invite for invite in self._invites if invite[0] == key]:
            self._invites[invite] = False
        for marker in [marker for marker in self._read if marker[1] == channel]:
            del self._read[marker]

    def _findings(self) -> Iterator[str]:
        yield from self._compare("users", "number", "name, key", self._users)
        yield from self._accounts.findings()
        yield from self._compare("rooms", "key", "name, topic, invite_only", self._rooms)
        yield from self._compare_rooms()
        yield from self._compare_members()
        yield from self._compare_sets()
        still = sorted(filter(self._has_text, self._deleted))
        yield from (f"the message {sequence} is deleted, but has its text" for sequence in still)

    def _compare_rooms(self) -> Iterator[str]:
        found = dict(rows(self._connection, "SELECT key, created FROM rooms"))
        deleted = {channel[1:] for channel in self._deleted_rooms.values()}
        gone = sorted((deleted - self._rooms.keys()) & found.keys())
        yield from (f"rooms: {key} is deleted, but there" for key in gone)
        for key, created in self._created.items():
            # 0 for a room that is older than this column.
            if found.get(key, 0) not in (0, created):
                yield f"rooms: {key} was created by {created}, not by {found[key]}"
        being_erased = {
            sequence for (sequence,) in rows(self._connection, "SELECT sequence FROM deleted_rooms")
        }
        for sequence, channel in self._deleted_rooms.items():
            if sequence not in being_erased:
                yield from self._not_erased(sequence, channel)

    def _not_erased(self, before: int, channel: str) -> Iterator[str]:
        messages = rows(
            self._connection,
            "SELECT sequence FROM log WHERE channel = ? AND kind = ? AND sequence < ?",
            (channel, MESSAGE, before),
        )
        for (sequence,) in messages:
            if sequence not in self._deleted:
                yield f"the message {sequence} is of a deleted room, but is not erased"

    def _has_text(self, sequence: int) -> bool:
        bodies = rows(
            self._connection,
            "SELECT body FROM log WHERE sequence = :target AND kind = :message"
            " UNION ALL SELECT body FROM log WHERE target = :target AND kind = :edited",
            {"target": sequence, "message": MESSAGE, "edited": EDITED},
        )
        return any(message_of(body).text for (body,) in bodies)

    def _compare(self, table: str, key: str, columns: str, told: dict[Any, Any]) -> Iterator[str]:
        """Compare a table by its key."""
        found = {
            each[0]: each[1:]
            for each in rows(self._connection, f"SELECT {key}, {columns} FROM {table}")
        }
        yield from self._differences(table, found, told)

    def _compare_members(self) -> Iterator[str]:
        found = {
            (room, user): (role, since)
            for room, user, role, since in rows(
                self._connection,
                "SELECT room, user, role, from_sequence FROM members WHERE to_sequence IS NULL",
            )
        }
        ended = {key for key, (role, _) in self._members.items() if not role}
        yield from (f"members: {key} left, but is there" for key in sorted(ended & found.keys()))
        # If the joining of a member is no longer kept, the log does not say since when.
        told = {
            key: (role, since or found.get(key, (0, 0))[1])
            for key, (role, since) in self._members.items()
            if role
        }
        yield from self._differences("members", found, told)

    def _compare_sets(self) -> Iterator[str]:
        one = self._connection
        # Reactions to a message that is no longer kept are dropped with it.
        reactions = {
            (target, *key): there
            for target, of_target in self._reactions.items()
            for key, there in of_target.items()
            if target > self._pruned
        }
        sets: list[tuple[str, str, dict[Any, bool]]] = [
            ("invites", "room, user", self._invites),
            ("reactions", "target, emoji, user", reactions),
            ("directs", "user, other", dict.fromkeys(self._directs, True)),
        ]
        for table, columns, told in sets:
            found = dict.fromkeys(rows(one, f"SELECT {columns} FROM {table}"), ())
            gone = sorted(key for key, there in told.items() if not there and key in found)
            yield from (f"{table}: {key} is gone, but there" for key in gone)
            kept = {key: () for key, there in told.items() if there}
            yield from self._differences(table, found, kept)
        lost = (
            "SELECT user, conversation FROM read_markers"
            " WHERE event > ? AND event NOT IN (SELECT sequence FROM log)"
        )
        for user, where in rows(one, lost, (self._pruned,)):
            yield f"read_markers: the event of {(user, where)} is missing"
        markers = "SELECT user, conversation, sequence FROM read_markers"
        places = {(user, where): up_to for user, where, up_to in rows(one, markers)}
        yield from self._differences("read_markers", places, self._read)

    def _differences(
        self, table: str, found: dict[Any, Any], told: dict[Any, Any]
    ) -> Iterator[str]:
        missing: Iterable[Any] = sorted(told.keys() - found.keys())
        yield from (f"{table}: {key} is missing" for key in missing)
        for key in sorted(told.keys() & found.keys()):
            if found[key] != told[key]:
                yield f"{table}: {key} is {found[key]}, but the log says {told[key]}"
        if not self._pruned:
            extra = sorted(found.keys() - told.keys())
            yield from (f"{table}: {key} is not in the log" for key in extra)
