"""The upkeep of the store, in small steps between the commits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol, TypeVar

import apsw

from chat_grpc.core import limits
from chat_grpc.core.clock import Moment
from chat_grpc.core.errors import StorageFailed
from chat_grpc.journal import ages, pruning
from chat_grpc.journal.pruning import Retention

_T = TypeVar("_T")
_LOG = logging.getLogger("chat_grpc.journal")

STEP = 1.0
"""Seconds between two rounds."""

_NOTE_EVERY = 300.0
"""Seconds of running time between two notes of the clocks."""

_USERS_EVERY = 3600.0
"""Seconds of running time between two searches for expired tokens and unused guests."""


class Writer(Protocol):
    """The journal, as its upkeep sees it."""

    def with_writer(self, action: Callable[[apsw.Connection], _T]) -> Awaitable[_T]:
        """Run a function on the connection that writes, between two batches."""

    def erase(self) -> Awaitable[None]:
        """Empty the write-ahead log if it may hold a text that was overwritten."""

    def kept_from(self, sequence: int) -> None:
        """Note the sequence of the oldest event, before older ones are dropped."""


class Upkeep:
    """Forgets request ids, drops events that are no longer kept, and empties the write-ahead log.

    Belongs to the event loop. A step that fails is tried again in the next round.
    """

    def __init__(self, journal: Writer, retention: Retention, now: Callable[[], Moment]) -> None:
        """`now` returns the present moment of the store."""
        self._journal = journal
        self._retention = retention
        self._now = now
        self._note_at = 0.0
        self._users_at = 0.0
        self._lasting = 0

    async def run(self) -> None:
        """Work until it is cancelled."""
        while True:
            await asyncio.sleep(STEP)
            try:
                await self.round()
            except apsw.Error as error:  # for example, the disk is full
                _LOG.warning("the upkeep of the store waits: %s", error)
            except StorageFailed:
                return  # the server ends

    async def round(self) -> None:
        """Take the steps that are due. Raises `apsw.Error`."""
        await self._note()
        await self._forget()
        await self._prune_users()
        await self._prune()
        await self._remove_superseded()
        await self._journal.erase()

    async def _note(self) -> None:
        """Store the clocks at intervals; a killed server loses at most one of its running time."""
        now = self._now()
        if now.running >= self._note_at:
            self._note_at = now.running + _NOTE_EVERY
            await self._journal.with_writer(partial(ages.note, now=now))

    async def _forget(self) -> None:
        than = pruning.before(self._now(), limits.REQUEST_ID_LIFETIME)
        while await self._journal.with_writer(partial(pruning.forget, than=than)):
            pass

    async def _prune(self) -> None:
        if not (self._retention.seconds or self._retention.size):
            return
        find = partial(
            pruning.prunable, retention=self._retention, now=self._now(), lasting=self._lasting
        )
        while last := await self._journal.with_writer(find):
            # Readers that start before it must learn that something may be missing.
            self._journal.kept_from(last + 1)
            await self._journal.with_writer(partial(pruning.prune, last=last))

    async def _remove_superseded(self) -> None:
        least = pruning.SUPERSEDED_AFTER
        than = pruning.before(self._now(), least, least)
        while await self._journal.with_writer(partial(pruning.remove_superseded, than=than)):
            pass

    async def _prune_users(self) -> None:
        now = self._now()
        if now.running < self._users_at:
            return
        self._users_at = now.running + _USERS_EVERY
        digest, number = b"", 0
        while digest := await self._journal.with_writer(
            partial(pruning.prune_tokens, now=now, after=digest)
        ):
            pass
        while number := await self._journal.with_writer(
            partial(pruning.prune_guests, after=number)
        ):
            pass
        if self._retention.size:
            self._lasting = await self._journal.with_writer(pruning.lasting_size)
