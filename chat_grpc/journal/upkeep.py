"""What the store needs now and then, in small steps between the commits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

import apsw

from chat_grpc.core import limits
from chat_grpc.core.clock import SECOND, Moment
from chat_grpc.core.errors import StorageFailed
from chat_grpc.journal import ages
from chat_grpc.journal.database import row, rows, run, transaction
from chat_grpc.journal.rows import sum_of

_T = TypeVar("_T")
_LOG = logging.getLogger("chat_grpc.journal")

STEP = 1.0
"""Seconds between two rounds."""

_NOTE_EVERY = 300.0
"""Seconds of running time between two notes of the clocks."""

_KEPT = limits.REQUEST_ID_LIFETIME
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

    def with_writer(self, action: Callable[[apsw.Connection], _T]) -> Awaitable[_T]:
        """Runs something on the connection that writes, between two batches."""

    def erase(self) -> Awaitable[None]:
        """Empties the write-ahead log where it may hold a text that was overwritten."""

    def kept_from(self, sequence: int) -> None:
        """Is told what the oldest event is from now on, before those older are dropped."""


class Upkeep:
    """Forgets request ids, prunes, and empties the write-ahead log.

    Belongs to the event loop. A step that fails is tried again in the next round.
    """

    def __init__(self, journal: Writer, retention: Retention, now: Callable[[], Moment]) -> None:
        """`now` gives the present moment of the store."""
        self._journal = journal
        self._retention = retention
        self._now = now
        self._note_at = 0.0

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

    async def round(self) -> None:
        """Does what there is to do. Raises `apsw.Error`."""
        await self._note()
        await self._forget()
        await self._prune()
        await self._journal.erase()

    async def _note(self) -> None:
        """Stores the clocks now and then; a killed server loses no more of its running time."""
        now = self._now()
        if now.running >= self._note_at:
            self._note_at = now.running + _NOTE_EVERY
            await self._journal.with_writer(partial(ages.note, now=now))

    async def _forget(self) -> None:
        than = _before(self._now(), limits.REQUEST_ID_LIFETIME)
        while await self._journal.with_writer(partial(forget, than=than)):
            pass

    async def _prune(self) -> None:
        if not (self._retention.seconds or self._retention.size):
            return
        find = partial(prunable, retention=self._retention, now=self._now())
        while last := await self._journal.with_writer(find):
            # Readers that start before it must learn that something may be missing.
            self._journal.kept_from(last + 1)
            await self._journal.with_writer(partial(prune, last=last))


def forget(connection: apsw.Connection, than: Moment) -> bool:
    """Forget the request ids of some events older than a moment; False where none is left."""
    up_to = ages.older(connection, "forgotten", than)
    if not up_to:
        return False
    old = rows(
        connection,
        "SELECT sequence, request_id, body FROM log"
        " WHERE sequence > (SELECT forgotten FROM store) AND sequence <= ?"
        " ORDER BY sequence LIMIT ?",
        (up_to, _FORGET_ROWS),
    )
    values = [(sum_of(None, None, body), sequence) for sequence, known, body in old if known]
    with transaction(connection):
        connection.executemany(
            "UPDATE log SET request_id = NULL, digest = NULL, sum = ? WHERE sequence = ?", values
        )
        last = old[-1][0] if len(old) == _FORGET_ROWS else up_to
        run(connection, "UPDATE store SET forgotten = ?", (last,))
    return True


def prunable(connection: apsw.Connection, retention: Retention, now: Moment) -> int:
    """Return the last of some of the oldest events that are no longer kept, 0 for none.

    Events whose request ids may still be asked for stay.
    """
    up_to = 0
    if retention.seconds:
        up_to = ages.older(connection, "pruned", _before(now, _KEPT, retention.seconds))
    if not up_to and retention.size and _used(connection) > retention.size:
        up_to = ages.older(connection, "pruned", _before(now, _KEPT))
    (last,) = row(
        connection,
        "SELECT max(sequence) FROM (SELECT sequence FROM log WHERE sequence <= ?"
        " ORDER BY sequence LIMIT ?)",
        (up_to, _PRUNE_ROWS),
    )
    return int(last or 0)


def prune(connection: apsw.Connection, *, last: int) -> None:
    """Drop the events up to one; users, rooms and memberships stay."""
    with transaction(connection):
        run(
            connection,
            "UPDATE store SET pruned = :last,"
            " pruned_chain = (SELECT chain FROM log WHERE sequence = :last),"
            " forgotten = max(forgotten, :last)",
            {"last": last},
        )
        run(connection, "DELETE FROM reactions WHERE target <= ?", (last,))
        run(connection, "DELETE FROM log WHERE sequence <= ?", (last,))
        run(connection, "DELETE FROM ages WHERE sequence <= ?", (last,))


def _before(now: Moment, running: float, seconds: float = 0.0) -> Moment:
    """Return the moment a running time before another, and at least some seconds before it."""
    return Moment(now.running - running, now.time - int(seconds * SECOND))


def _used(connection: apsw.Connection) -> int:
    (pages,) = row(connection, "PRAGMA page_count")
    (free,) = row(connection, "PRAGMA freelist_count")
    (size,) = row(connection, "PRAGMA page_size")
    return int((pages - free) * size)
