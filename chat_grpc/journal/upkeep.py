"""What the store needs now and then, in small steps between the commits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

import apsw

from chat_grpc.core import limits
from chat_grpc.core.entry import MESSAGE
from chat_grpc.core.errors import StorageFailed
from chat_grpc.journal import search
from chat_grpc.journal.database import row, rows, run, transaction
from chat_grpc.journal.rows import sum_of

_T = TypeVar("_T")
_LOG = logging.getLogger("chat_grpc.journal")

STEP = 1.0
"""Seconds between two rounds."""

_NANOSECONDS = 1_000_000_000
_BUSY_MESSAGES = 500
"""More messages than this in a round are a load beside which the index of words waits."""

_MOST_NOT_INDEXED = 50_000
"""So far the index may fall behind under load: about a second of indexing before a search."""

_FORGET_ROWS = 500
_PRUNE_ROWS = 200


@dataclass(frozen=True, slots=True)
class Retention:
    """How long events are kept. What a request id can still need is kept in any case."""

    seconds: float = 0.0
    """Older events go; 0 for none."""
    size: int = 0
    """Where the store uses more bytes, its oldest events go; 0 for none."""


class Writer(Protocol):
    """The journal, as its upkeep sees it."""

    head: int

    def with_writer(self, action: Callable[[apsw.Connection], _T]) -> Awaitable[_T]:
        """Runs something on the connection that writes, between two batches."""

    def erase(self) -> Awaitable[None]:
        """Empties the write-ahead log where it may hold a text that was overwritten."""

    def kept_from(self, sequence: int) -> None:
        """Is told what the oldest event is from now on, before those older are dropped."""


class Upkeep:
    """Keeps the index of words near the head, forgets request ids, prunes, empties the log.

    Belongs to the event loop. A step that fails is tried again in the next round.
    """

    def __init__(
        self, journal: Writer, retention: Retention, nanoseconds: Callable[[], int]
    ) -> None:
        """`nanoseconds` is the time since 1970."""
        self._journal = journal
        self._retention = retention
        self._nanoseconds = nanoseconds
        self._head = journal.head
        self._indexed = 0

    async def run(self) -> None:
        """Works until it is cancelled."""
        while True:
            await asyncio.sleep(STEP)
            try:
                await self.round()
            except apsw.Error as error:  # a full disk, for example
                _LOG.warning("the upkeep of the store waits: %s", error)
            except StorageFailed:
                return  # the server ends
            except Exception:  # a defect: the rest of the upkeep goes on
                _LOG.exception("the upkeep of the store failed")

    async def round(self) -> None:
        """Does what there is to do. Raises `apsw.Error`."""
        await self._index()
        await self._forget()
        await self._prune()
        await self._journal.erase()

    async def _index(self) -> None:
        head = self._journal.head
        busy = head - self._head > _BUSY_MESSAGES
        self._head = head
        behind = _MOST_NOT_INDEXED if busy else 0
        while head - self._indexed > behind:
            more = await self._journal.with_writer(advance_index)
            self._indexed = await self._journal.with_writer(search.indexed) if more else head

    async def _forget(self) -> None:
        before = self._nanoseconds() - int(limits.REQUEST_ID_LIFETIME * _NANOSECONDS)
        while await self._journal.with_writer(lambda connection: forget(connection, before)):
            pass

    async def _prune(self) -> None:
        if not (self._retention.seconds or self._retention.size):
            return
        now = self._nanoseconds()
        while last := await self._journal.with_writer(
            lambda connection: prunable(connection, self._retention, now)
        ):
            # Who reads from before it must know that something may be missing.
            self._journal.kept_from(last + 1)
            await self._journal.with_writer(partial(prune, last=last))


def advance_index(connection: apsw.Connection) -> bool:
    """Indexes the words of some messages; False where none is left."""
    with transaction(connection):
        return search.advance(connection)


def forget(connection: apsw.Connection, before: int) -> bool:
    """Forgets the request ids of some events older than a time in nanoseconds since 1970.

    False where none is left.
    """
    old = _oldest(connection, "request_id, body", "forgotten", _FORGET_ROWS, before)
    if not old:
        return False
    values = [(sum_of(None, None, each[3]), each[0]) for each in old if each[2] is not None]
    with transaction(connection):
        connection.executemany(
            "UPDATE log SET request_id = NULL, digest = NULL, sum = ? WHERE sequence = ?", values
        )
        run(connection, "UPDATE store SET forgotten = ?", (old[-1][0],))
    return len(old) == _FORGET_ROWS


def prunable(connection: apsw.Connection, retention: Retention, now: int) -> int:
    """Finds some of the oldest events that are kept no longer; gives the last one, 0 for none.

    `now` is in nanoseconds since 1970. Events whose request ids may still be asked for stay.
    """
    before = 0
    if retention.seconds:
        before = now - int(retention.seconds * _NANOSECONDS)
    if retention.size and _used(connection) > retention.size:
        before = now
    before = min(before, now - int(limits.REQUEST_ID_LIFETIME * _NANOSECONDS))
    old = _oldest(connection, "kind", "pruned", _PRUNE_ROWS, before)
    return int(old[-1][0]) if old else 0


def prune(connection: apsw.Connection, *, last: int) -> None:
    """Drops the events up to one; users, rooms and memberships stay."""
    with transaction(connection):
        messages = "SELECT sequence FROM log WHERE sequence <= ? AND kind = ?"
        for (sequence,) in rows(connection, messages, (last, MESSAGE)):
            search.remove(connection, sequence)
        run(
            connection,
            "UPDATE store SET pruned = :last,"
            " pruned_chain = (SELECT chain FROM log WHERE sequence = :last),"
            " indexed = max(indexed, :last), forgotten = max(forgotten, :last)",
            {"last": last},
        )
        run(connection, "DELETE FROM reactions WHERE target <= ?", (last,))
        run(connection, "DELETE FROM log WHERE sequence <= ?", (last,))


def _oldest(
    connection: apsw.Connection, columns: str, after: str, limit: int, before: int
) -> list[Any]:
    """Reads sequence, time and some columns of the oldest events after a place of the store.

    Up to the first that is not older than `before`: a clock may jump, the order of the log counts.
    """
    select = f"SELECT sequence, time, {{}} FROM log WHERE sequence > (SELECT {after} FROM store)"
    select += " ORDER BY sequence LIMIT ?"
    first = row(connection, select.format("0"), (1,))
    if first is None or first[1] >= before:  # nothing to do, as in most rounds
        return []
    found = rows(connection, select.format(columns), (limit,))
    for count, (_, time, *_) in enumerate(found):
        if time >= before:
            return found[:count]
    return found


def _used(connection: apsw.Connection) -> int:
    (pages,) = row(connection, "PRAGMA page_count")
    (free,) = row(connection, "PRAGMA freelist_count")
    (size,) = row(connection, "PRAGMA page_size")
    return int((pages - free) * size)
