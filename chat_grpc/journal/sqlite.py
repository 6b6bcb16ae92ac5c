"""The journal on one SQLite file."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import apsw

from chat_grpc.core.block import Block
from chat_grpc.core.clock import EventClock
from chat_grpc.core.entry import Entry
from chat_grpc.core.errors import NoStoredFile, StorageFailed, StorageFull
from chat_grpc.core.rooms import DeletedRoom, Room
from chat_grpc.core.stream import Range
from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.core.tail import Page
from chat_grpc.core.user import User
from chat_grpc.journal import JournalError, RecentUser, ages, queries, user_reads, word_index
from chat_grpc.journal.account_reads import AccountReads
from chat_grpc.journal.apply_rooms import forget_deleted_room
from chat_grpc.journal.backlog import Backlog
from chat_grpc.journal.batch import Batch, NewGuest, number
from chat_grpc.journal.database import BUSY_SECONDS, store_failed
from chat_grpc.journal.export_reads import ExportReads
from chat_grpc.journal.files import size_of_store
from chat_grpc.journal.history import History
from chat_grpc.journal.indexer import Indexer
from chat_grpc.journal.moderation_reads import ModerationReads
from chat_grpc.journal.online_backup import Copy, online_copy
from chat_grpc.journal.pruning import Retention
from chat_grpc.journal.reader import PAGES, Reader
from chat_grpc.journal.store import Store
from chat_grpc.journal.upkeep import Upkeep
from chat_grpc.journal.writer_thread import WriterThread

_T = TypeVar("_T")
_LOG = logging.getLogger("chat_grpc.journal")

FOR_GOOD = Retention()
"""All events are kept."""

_TOKEN_USE_STEP = 3600


class SqliteJournal:
    """A `Journal` on SQLite: write-ahead log, `synchronous=FULL`, group commit.

    One thread owns the only connection that writes, and does one transaction after the other.
    Meanwhile the event loop collects entries and prepares their rows, so that the thread seldom
    needs the interpreter's lock. Reads have threads and connections of their own; see `lanes`.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        clock: EventClock,
        retention: Retention = FOR_GOOD,
        vfs: str | None = None,
    ) -> None:
        """`folder` keeps the store; None keeps nothing on disk.

        `open` lets `clock` continue the times of the store. `vfs` names another file
        system layer, for tests.
        """
        self._store = Store(folder, vfs=vfs)
        self._retention = retention
        self._clock = clock
        self._writer = WriterThread()
        self._loop: asyncio.AbstractEventLoop
        self._committed: Callable[[Sequence[Entry]], None]
        self._reader = Reader(self._store.path, self.with_writer, vfs=vfs)
        self.index = Indexer(
            folder / word_index.FILE if folder is not None else None,
            self._reader,
            head=lambda: self.head,
            oldest=lambda: self.oldest,
        )
        """The word index, which follows the log."""
        self.history = History(self._reader, self.index)
        self.accounts = AccountReads(self._reader)
        self.moderation = ModerationReads(self._reader)
        self.exports = ExportReads(self._reader)
        self._backlog = Backlog()
        self._rest = Batch()
        self._guests: list[tuple[NewGuest, asyncio.Future[User]]] = []
        self._waiting_since = 0.0
        """The monotonic time at which the oldest entry of the write backlog arrived."""
        self._starting = False
        self._busy = False
        self._last = 0
        self._low = False
        self.full = False
        """True while the disk is full, and writing is refused."""
        self._upkeep: asyncio.Task[None] | None = None
        self._quiet: asyncio.Event = asyncio.Event()
        self.on_failure: Callable[[], None] = lambda: None
        """Called once on the loop when the store has failed permanently."""
        self.log_id = ""
        self.head = 0
        self.oldest = 0
        self.failed = False
        self.commits = 0
        """Transactions since the start."""

    # ------------------------------------------------------------ life

    async def open(
        self,
        committed: Callable[[Sequence[Entry]], None],
        supervisor: Supervisor = UNSUPERVISED,
    ) -> None:
        """Open the store; see `Journal.open`."""
        self._loop = asyncio.get_running_loop()
        self._committed = committed
        self._quiet.set()
        self._writer.start()
        try:
            await self._writer.run(self._store.open)
            await self._open_reader()
        except BaseException:
            self._writer.stop()
            raise
        self.log_id, self.head, self.oldest = (
            self._store.log_id,
            self._store.head,
            self._store.oldest,
        )
        self._last = self.head
        self._clock.begin(self._store.times.newest, self._store.times.noted)
        await self.index.open(self.log_id, supervisor)
        upkeep = Upkeep(self, self._retention, self._clock.moment)
        self._upkeep = supervisor.start(upkeep.run(), name="upkeep of the store")

    async def close(self) -> None:
        """Commit the write backlog, and close the store."""
        if self._upkeep is not None:
            self._upkeep.cancel()
            await asyncio.gather(self._upkeep, return_exceptions=True)
        await self._quiet.wait()
        # If it cannot be stored now, the running time since the last note is lost.
        with contextlib.suppress(apsw.Error, StorageFailed):
            await self.with_writer(partial(ages.note, now=self._clock.moment()))
        await self.index.close()
        await self._reader.close()
        await self._writer.run(self._store.close)
        await asyncio.to_thread(self._writer.stop)

    async def _open_reader(self) -> None:
        try:
            await self._reader.open()
        except apsw.Error as error:
            await self._writer.run(self._store.close)
            raise JournalError(f"{self._store.path} cannot be read: {error}") from error

    def with_writer(self, action: Callable[[apsw.Connection], _T]) -> asyncio.Future[_T]:
        """Run a function on the connection that writes, between two batches.

        Raises what the function raises, and `StorageFailed` once the store failed.
        """

        def run() -> _T:
            try:
                return self._store.with_connection(action)
            finally:
                if self._store.failed:
                    self._writer.on_loop(self._fail)

        return self._writer.run(run)

    def _fail(self) -> None:
        if not self.failed:
            self.failed = True
            self.on_failure()

    async def erase(self) -> None:
        """Empty the write-ahead log; see `Store.erase`. Also note whether the disk has space."""
        await self.with_writer(lambda _: self._store.erase())
        await self.with_writer(lambda _: self._store.start_incarnation())
        if self._store.low != self._low:
            self._low = self._store.low
            self._note_full(self._low)

    def kept_from(self, sequence: int) -> None:
        """Note the sequence of the oldest event, before older ones are dropped."""
        self.oldest = sequence

    # ------------------------------------------------------------ writing

    def append(self, entry: Entry) -> None:
        """Take an entry; see `Journal.append`."""
        self._backlog.append(entry)
        self._wake()

    async def drained(self, author: int) -> None:
        """Wait until an author may append more; see `Journal.drained`."""
        await self._backlog.drained(author)

    async def deleted_rooms(self) -> list[DeletedRoom]:
        """Read the deleted rooms; see `Journal.deleted_rooms`."""
        return await self._reader.run(queries.deleted_rooms, PAGES)

    async def messages_of(
        self, room: DeletedRoom, after: int, limit: int
    ) -> list[tuple[int, bool]]:
        """Read messages of a deleted room; see `Journal.messages_of`."""
        read = partial(queries.messages_of, room=room, after=after, limit=limit)
        return await self._reader.run(read, PAGES)

    async def forget_deleted_room(self, room: DeletedRoom) -> None:
        """Note that a deleted room is erased; see `Journal.forget_deleted_room`."""
        await self.with_writer(partial(forget_deleted_room, sequence=room.sequence))

    async def add_guest(self, name: str, key: str, token_digest: bytes) -> User:
        """Store a guest; see `Journal.add_guest`."""
        future: asyncio.Future[User] = self._loop.create_future()
        guest = NewGuest(
            0, self._clock.nanoseconds(), self._clock.trusted_seconds(), name, key, token_digest
        )
        self._guests.append((guest, future))
        self._wake()
        return await future

    def note_presence(self, user: User, online: bool) -> None:
        """Note that a user connected or left."""
        self._rest.seen[user.number] = (int(online), self._clock.trusted_seconds())
        self._wake()

    def _wake(self) -> None:
        # At the end of this turn of the loop, so that all entries of the turn share a commit.
        if not self._busy and not self._starting:
            self._starting = True
            self._waiting_since = time.monotonic()
            self._quiet.clear()
            self._loop.call_soon(self._start)

    def _start(self) -> None:
        self._starting = False
        batch, futures = self._next_batch()
        if self.failed:
            batch.error = store_failed()
            self._finish(batch, futures)
            return
        self._busy = True
        self._writer.put(lambda: self._commit(batch, futures))

    def _next_batch(self) -> tuple[Batch, list[asyncio.Future[User]]]:
        batch, self._rest = self._rest, Batch()
        batch.deadline = self._waiting_since + BUSY_SECONDS
        self._waiting_since = time.monotonic()
        batch.entries = self._backlog.take()
        self._last = number(batch, self._last)
        futures = []
        for guest, future in self._guests:
            self._last += 1
            guest.sequence = self._last
            batch.guests.append(guest)
            futures.append(future)
        self._guests = []
        return batch, futures

    def _commit(self, batch: Batch, futures: list[asyncio.Future[User]]) -> None:
        try:
            self._store.commit(batch)
        except Exception:
            _LOG.exception("a commit failed")
            batch.error = store_failed()
            self._store.failed = True
        self._writer.on_loop(self._finish, batch, futures)

    def _finish(self, batch: Batch, futures: list[asyncio.Future[User]]) -> None:
        self._busy = False
        self.commits += 1
        if self._store.failed:
            self._fail()
        self._note_space(batch)
        if self._backlog or self._guests or self._rest.seen or self._rest.uses:
            if self.failed:
                self._wake()  # the rest of the backlog is refused after this batch
            else:
                self._start()  # the disk works while this batch is delivered
        elif not self._starting:
            self._quiet.set()
        if batch.error is None:
            self.head = batch.last
            self.oldest = self.oldest or min(self.head, 1)
        for entry in batch.entries if batch.error is not None else ():
            entry.outcome.error = batch.error
        for guest, future in zip(batch.guests, futures, strict=True):
            if future.done():
                continue
            if batch.error is not None:
                future.set_exception(batch.error)
            elif guest.error is not None:
                future.set_exception(guest.error)
            elif guest.user is not None:
                future.set_result(guest.user)
        self._committed(batch.entries)

    def _note_space(self, batch: Batch) -> None:
        self._low = self._store.low
        # A batch that wrote nothing, such as a repetition, says nothing about the disk.
        wrote = batch.last > self.head or batch.seen or batch.uses
        if self._low or batch.error is not None or wrote:
            self._note_full(self._low or isinstance(batch.error, StorageFull))

    def _note_full(self, full: bool) -> None:
        if full != self.full:
            self.full = full
            text = "the disk is full: writing is refused" if full else "the disk has space again"
            _LOG.warning("%s", text)

    # ------------------------------------------------------------ reading

    @property
    def incarnation(self) -> str:
        """The name of this start of a server; see `Journal.incarnation`."""
        return self._store.incarnations.current

    def knows(self, incarnation: str, sequence: int) -> bool:
        """Return whether this log gave a sequence in an incarnation; see `Journal.knows`."""
        return self._store.incarnations.knows(incarnation, sequence)

    async def read(self, ranges: Sequence[Range], after: int, up_to: int) -> Page:
        """Read a page of the log; see `Journal.read`."""
        return await self._reader.run(
            lambda connection: queries.page(connection, ranges, after, up_to), PAGES
        )

    async def block(self, after: int, up_to: int) -> Block:
        """Read a block of the log; see `Journal.block`."""
        return await self._reader.run(
            lambda connection: queries.block(connection, after, up_to), PAGES
        )

    def copy(self) -> contextlib.AbstractAsyncContextManager[Copy]:
        """Copy the store; see `Journal.copy`."""
        if self._store.path is None:
            raise NoStoredFile("The store is in memory; there is nothing to copy.")
        return online_copy(self._store.path.parent)

    async def size(self) -> int:
        """Return the size of the store's files; see `Journal.size`."""
        path = self._store.path
        if path is None:
            return 0
        return await self._reader.run(lambda _: size_of_store(path.parent))

    async def rooms(self) -> list[Room]:
        """Read all rooms; see `Journal.rooms`."""
        return await self.with_writer(queries.rooms)

    async def user_by_token(self, token_digest: bytes) -> User | None:
        """Return the user of a token; see `Journal.user_by_token`."""
        now = self._clock.trusted_seconds()
        found = await self._reader.run(
            partial(user_reads.user_of_token, digest=token_digest, now=now)
        )
        if found is None:
            return None
        user, use_time = found
        if use_time + _TOKEN_USE_STEP < now:
            self.note_uses([token_digest])
        return user

    def note_uses(self, token_digests: Collection[bytes]) -> None:
        """Note that tokens are in use; see `Journal.note_uses`."""
        if token_digests:
            self._rest.uses |= dict.fromkeys(token_digests, self._clock.trusted_seconds())
            self._wake()

    async def user_by_number(self, number: int) -> User | None:
        """Return a user."""
        return await self._reader.run(partial(user_reads.user_by_number, number=number))

    async def user_by_key(self, key: str) -> User | None:
        """Return the account with a name, or the guest who had it last."""
        return await self._reader.run(partial(user_reads.user_by_key, key=key))

    async def users_named(self, keys: Collection[str], numbers: Collection[int]) -> list[User]:
        """Find users by names and numbers; see `Journal.users_named`."""
        return await self._reader.run(partial(user_reads.users_named, keys=keys, numbers=numbers))

    async def namesakes(self, number: int, key: str) -> list[int]:
        """Find users of a name in a user's conversations; see `Journal.namesakes`."""
        return await self._reader.run(partial(user_reads.namesakes, number=number, key=key))

    async def recent_users(self, within: float) -> list[RecentUser]:
        """Find the users who were connected when the server ended; see `Journal.recent_users`."""
        now = self._clock.trusted_seconds()
        return await self._writer.run(lambda: self._store.recent_users(now, within))
