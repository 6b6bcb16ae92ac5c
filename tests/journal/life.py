"""One store on a disk that may fail, with a record of what was promised and when."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self
from unittest import mock

import apsw
from journal.asking import ALICE, BOB, TIME, Ask, delete, edit, room, say
from journal.faulty_vfs import Disk, Operation, faulty, io_error

from chat_grpc.core.changes import CreateRoom
from chat_grpc.core.clock import SECOND
from chat_grpc.core.entry import MESSAGE, Entry
from chat_grpc.core.events import encode_stored
from chat_grpc.core.history import events_of
from chat_grpc.journal import store as store_module
from chat_grpc.journal import wal
from chat_grpc.journal.batch import Batch, NewGuest
from chat_grpc.journal.check import check
from chat_grpc.journal.database import FILE, MARK, row, rows, run
from chat_grpc.journal.opening import settle
from chat_grpc.journal.rows import COLUMNS, row_of
from chat_grpc.journal.store import Store

Rows = list[tuple[Any, ...]]


def batch_of(asks: Iterable[Ask], after: int) -> Batch:
    """Prepare a transaction as the journal does."""
    batch = Batch()
    for sequence, ask in enumerate(asks, after + 1):
        entry = ask.make()
        command, outcome = entry.command, entry.outcome
        outcome.sequence = sequence
        batch.entries.append(entry)
        if command.change is not None:
            batch.steps.append(entry)
            continue
        outcome.encoded = encode_stored(sequence, command.content)
        batch.steps.append(row_of(entry))
        low, high = command.channels[0], command.channels[-1]
        if low[0] == "@":
            batch.directs.add((int(low[1:]), int(high[1:])))
    return batch


def log_of(store: Store) -> Rows:
    """Read the whole log."""
    return store.with_connection(
        lambda connection: rows(connection, f"SELECT {COLUMNS} FROM log ORDER BY sequence")
    )


class CommitSteps:
    """Count the operations of a commit on the disk, except reads."""

    def __init__(self) -> None:
        self.count = 0

    def makes_durable(self, operation: Operation) -> bool:
        """Return True for the sync after which the commit returns."""
        self.count += operation.kind != "read"
        # When the write-ahead log restarts, its header is synced first, by the second operation.
        return operation.kind == "sync" and self.count > 2


def written_and_synced(log: Path) -> list[Operation]:
    """Record the rewrite and sync of `settle`, which bypasses the VFS."""
    return [Operation("write", log.name, 0, log.read_bytes()), Operation("sync", log.name)]


class Life:
    """A store that is opened, written, killed and reopened, all on one disk.

    After each step the log is recorded, with the number of operations on the disk until then. After
    every later accident the store must have this log, or a later one.
    """

    def __init__(
        self,
        folder: Path,
        disk: Disk,
        settling: Callable[[Path], list[Operation]] = written_and_synced,
        checkpoint_pages: int = wal.CHECKPOINT_PAGES,
    ) -> None:
        """`settling` replaces the recovery of a write-ahead log at the start.

        A small `checkpoint_pages` causes many checkpoints.
        """
        self._settling = settling
        self._often = mock.patch.object(wal, "CHECKPOINT_PAGES", checkpoint_pages)
        self.folder = folder
        self.disk = disk
        self.promised: list[tuple[int, Rows]] = []
        self.marks: list[tuple[int, bytes]] = []
        self.openings: list[int] = []
        """How many operations were done each time that it had just been opened."""
        self.store = Store(folder, vfs=disk.name)
        self.asked = 0

    def __enter__(self) -> Self:
        self._often.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._often.stop()
        self.disk.fault = None
        self.store.close()

    def open(self, *pragmas: str) -> None:
        """Open the store."""
        with mock.patch.object(store_module, "settle", self._settle):
            self.store.open()
        for pragma in pragmas:
            self.store.with_connection(partial(run, sql=pragma))
        self.promise()
        self.openings.append(len(self.disk.done))
        if not self.promised[-1][1]:
            guests = [
                NewGuest(user.number, TIME, TIME // SECOND, user.name, user.key, user.key.encode())
                for user in (ALICE, BOB)
            ]
            self._store(Batch(guests=guests))

    def _settle(self, connection: apsw.Connection, log: Path) -> None:
        settle(connection, log)
        if log.exists():
            self.disk.done += self._settling(log)

    def promise(self) -> None:
        """Record the present log, which is promised from now on."""
        fault, self.disk.fault = self.disk.fault, None
        self.promised.append((len(self.disk.done), log_of(self.store)))
        self.marks.append((len(self.disk.done), (self.folder / MARK).read_bytes()))
        self.disk.fault = fault

    def commit(self, asks: Iterable[Ask]) -> list[Entry]:
        """Store something in one transaction."""
        batch = batch_of(asks, self.store.with_connection(last_of))
        self._store(batch)
        return batch.entries

    def _store(self, batch: Batch) -> None:
        self.store.commit(batch)
        assert batch.error is None, batch.error
        self.promise()

    def some(self, chance: random.Random) -> list[Ask]:
        """Return random entries to store."""
        asks = []
        for _ in range(chance.choice([1, 1, 2, 5])):
            self.asked += 1
            text, request_id = f"text {self.asked} " + "x" * chance.randrange(800), f"{self.asked}"
            asks.append(say(ALICE, BOB if chance.random() < 0.5 else "lobby", text, request_id))
        messages = [row for row in self.promised[-1][1] if row[1] == MESSAGE]
        if messages and chance.random() < 0.3:
            chosen = chance.choice(messages)
            event, channels = events_of(chosen[9])[0], tuple(filter(None, chosen[4:6]))
            asks.append(edit(ALICE, event, channels, f"edit {self.asked}"))
            if chance.random() < 0.3:
                asks.append(delete(ALICE, event.sequence, channels))
        if chance.random() < 0.2:
            name = f"room{self.asked}"
            asks.append(room(ALICE, CreateRoom(name, name, "a room", invite_only=False)))
        return asks

    def kill(self, during: Iterable[Ask] = (), at: int = 0) -> None:
        """End the store as `kill -9` does: nothing is closed, and the files stay as they are.

        If there are entries to store, the kill comes `during` their commit, before its operation
        `at`; 0 is the sync that makes it durable.
        """
        asks, old, steps = list(during), self.folder, CommitSteps()

        def fault(operation: Operation) -> None:
            durable = steps.makes_durable(operation)
            if self.folder == old and (durable if at == 0 else steps.count == at):
                self._leave()

        if asks:
            self.disk.fault = fault
            self.store.commit(batch_of(asks, self.store.with_connection(last_of)))
            self.disk.fault = None
        if self.folder == old:
            self._leave()
        self.store.close()
        self.store = Store(self.folder, vfs=self.disk.name)

    def _leave(self) -> None:
        # The life continues on copies of the files, because this process must close these.
        old, self.folder = self.folder, self.folder.with_name(self.folder.name + "+")
        copy_files(old, self.folder)
        self.disk.dead.add(old)

    def fail(self, asks: Iterable[Ask]) -> None:
        """End the store after a commit whose sync fails; the page cache keeps the written data."""
        steps = CommitSteps()

        def fault(operation: Operation) -> None:
            if steps.makes_durable(operation):
                raise io_error(apsw.SQLITE_IOERR_FSYNC)

        batch = batch_of(asks, self.store.with_connection(last_of))
        self.disk.fault = fault
        self.store.commit(batch)
        self.disk.fault = None
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.store.close()
        self.store = Store(self.folder, vfs=self.disk.name)


def last_of(connection: apsw.Connection) -> int:
    """Return the newest sequence."""
    return int(row(connection, "SELECT coalesce(max(sequence), 0) FROM log")[0])


def copy_files(folder: Path, to: Path) -> None:
    """Copy the present files of a store."""
    to.mkdir()
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal", MARK):
        if (folder / name).exists():
            shutil.copyfile(folder / name, to / name)


def lay_out(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of files."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def what_is_there(folder: Path) -> Rows:
    """Open the store of a folder as the server does, check it fully, and return its log.

    Raises `JournalError`.
    """
    with faulty() as disk:
        store = Store(folder, vfs=disk.name)
        store.open()
        found = log_of(store)
        store.close()
    assert check(folder / FILE) == []
    return found
