"""Disk errors: nothing is acknowledged that is not stored, and no failed sync is retried."""

from __future__ import annotations

import errno
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import apsw
import pytest
from journal.asking import ALICE, Ask, say
from journal.faulty_vfs import Disk, Operation, disk_full, faulty, io_error
from journal.life import Rows, what_is_there
from journal.opened import Opened, opened
from support import eventually, store_of

from chat_grpc.core.errors import StorageFailed, StorageFull
from chat_grpc.journal import JournalError, wal
from chat_grpc.journal.check import check
from chat_grpc.journal.database import refusal, run
from chat_grpc.journal.store import Store

FSYNC = apsw.SQLITE_IOERR_FSYNC
WRITE = apsw.SQLITE_IOERR_WRITE
READ = apsw.SQLITE_IOERR_READ


def words(number: int) -> Ask:
    """Return a message with a text of its own."""
    return say(ALICE, "lobby", f"words {number} " + "x" * 500, f"r{number}")


@asynccontextmanager
async def filled(folder: Path) -> AsyncIterator[tuple[Opened, Disk, list[int]]]:
    """Open a journal with a few messages on a disk that may fail; the list gets its failure."""
    failures: list[int] = []
    with faulty() as disk:
        async with opened(folder, vfs=disk.name) as this:
            this.journal.on_failure = lambda: failures.append(len(this.back))
            await this.journal.add_guest(ALICE.name, ALICE.key, b"token")
            for number in range(5):
                await this.answer(words(number))
            try:
                yield this, disk, failures
            finally:
                disk.fault = None


def once(chosen: Callable[[Operation], bool], error: apsw.Error) -> Callable[[Operation], None]:
    """Return a fault of the first operation of a kind only."""
    left = [error]

    def fault(operation: Operation) -> None:
        if left and chosen(operation):
            raise left.pop()

    return fault


def after(steps: int, error: apsw.Error) -> Callable[[Operation], None]:
    """Return a fault of one operation, counted without reads."""
    count = itertools.count(1)
    return once(lambda operation: operation.kind != "read" and next(count) == steps, error)


def full_after(writes: int) -> Callable[[Operation], None]:
    """Return a fault of all writes after a number of them: the disk is full."""
    count = itertools.count()

    def fault(operation: Operation) -> None:
        if operation.kind == "write" and next(count) >= writes:
            raise disk_full()

    return fault


def used_up_after(disk: Disk, writes: int, number: int) -> Callable[[Operation], None]:
    """Return a fault of all writes after a number of them, with a system error number."""
    count = itertools.count()

    def fault(operation: Operation) -> None:
        if operation.kind == "write" and next(count) >= writes:
            disk.errno = number
            raise io_error(WRITE)

    return fault


def is_sync(operation: Operation) -> bool:
    """Return True for a sync of the write-ahead log."""
    return operation.kind == "sync" and operation.file.endswith("-wal")


def request_ids(log: Rows) -> list[str]:
    """Return the request ids in a log."""
    return [row[7] for row in log if row[7]]


async def test_an_fsync_that_fails_ends_all_writing(tmp_path: Path) -> None:
    """After a failed fsync all entries get an error, and the sync is not retried."""
    async with filled(tmp_path) as (this, disk, failures):
        disk.fault = once(is_sync, io_error(FSYNC))
        first, second = this.ask(words(10)), this.ask(words(11))
        await eventually(lambda: {first, second} <= set(this.back))
        done, file = len(disk.done), store_of(tmp_path).read_bytes()
        third = await this.answer(words(12))
        assert all(
            isinstance(entry.outcome.error, StorageFailed) for entry in (first, second, third)
        )
        with pytest.raises(StorageFailed):
            await this.journal.add_guest("Bob", "bob", b"other")
        with pytest.raises(StorageFailed):
            await this.journal.with_writer(forget_none)
        assert (await this.page("#lobby")).encoded.count(b"words") == 5
        assert len(failures) == 1
    assert len(disk.done) == done, "something was written after the failure"
    assert store_of(tmp_path).read_bytes() == file
    kept = request_ids(what_is_there(tmp_path))
    assert kept in ([f"r{n}" for n in range(5)], [*(f"r{n}" for n in range(5)), "r10", "r11"])


async def test_an_error_at_any_step_of_a_commit_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """After one failed write or sync of a commit, the batch is stored fully or not at all."""
    before = [f"r{n}" for n in range(5)]
    stored = 0
    for step in range(1, 100):
        folder = tmp_path / str(step)
        async with filled(folder) as (this, disk, failures):
            disk.fault = after(step, io_error(WRITE))
            entry = this.ask(words(10))
            last = await this.answer(words(11))
            disk.fault = None
            failed = isinstance(last.outcome.error, StorageFailed)
            assert isinstance(entry.outcome.error, StorageFailed) == failed
            assert len(failures) == int(failed)
        kept = request_ids(what_is_there(folder))
        assert kept == [*before, "r10", "r11"] or (failed and kept == before), f"step {step}"
        stored += failed and kept != before
        if not failed:
            break
    assert step > 8
    assert stored, "a failed sync leaves the written data"


async def test_a_read_that_fails_ends_only_that_read(tmp_path: Path) -> None:
    """After a failed read the next read works, and so does writing."""
    async with filled(tmp_path) as (this, disk, failures):
        disk.fault = once(lambda operation: operation.kind == "read", io_error(READ))
        with pytest.raises(StorageFailed):
            await this.page("#lobby")
        disk.fault = None
        assert (await this.page("#lobby")).encoded.count(b"words") == 5
        assert (await this.answer(words(10))).outcome.error is None
        assert not failures


def forget_none(connection: apsw.Connection) -> None:
    """Write to the store as the upkeep does."""
    run(connection, "UPDATE users SET seen_time = seen_time + 1")


async def test_a_failed_write_of_the_upkeep_ends_all_writing(tmp_path: Path) -> None:
    """A failed write of the upkeep ends writing, because the same disk may lose commits."""
    async with filled(tmp_path) as (this, disk, failures):
        disk.fault = once(is_sync, io_error(FSYNC))
        with pytest.raises(apsw.IOError):
            await this.journal.with_writer(forget_none)
        assert isinstance((await this.answer(words(10))).outcome.error, StorageFailed)
        assert len(failures) == 1
    assert request_ids(what_is_there(tmp_path)) == [f"r{n}" for n in range(5)]


async def test_a_failed_read_of_the_upkeep_ends_nothing(tmp_path: Path) -> None:
    """A failed read of the upkeep is retried in the next round."""
    async with filled(tmp_path) as (this, disk, failures):
        await this.journal.with_writer(
            lambda connection: connection.execute("PRAGMA shrink_memory")
        )
        disk.fault = once(lambda operation: operation.kind == "read", io_error(READ))
        with pytest.raises(apsw.IOError):
            await this.journal.with_writer(forget_none)
        disk.fault = None
        assert (await this.answer(words(10))).outcome.error is None
        assert not failures


async def test_a_checkpoint_that_fails_loses_nothing_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed checkpoint the write-ahead log keeps everything, also at the end."""
    monkeypatch.setattr(wal, "CHECKPOINT_PAGES", 8)
    async with filled(tmp_path) as (this, disk, failures):
        disk.fault = once(lambda o: o.kind == "sync" and o.file == "chat.db", io_error(FSYNC))
        entries = [await this.answer(words(number)) for number in range(10, 30)]
        assert len(failures) == 1
    acknowledged = [
        entry.command.key.request_id for entry in entries if entry.outcome.error is None
    ]
    assert 0 < len(acknowledged) < 20
    assert all(
        isinstance(entry.outcome.error, StorageFailed) for entry in entries[len(acknowledged) :]
    )
    # The commit before the failed checkpoint was also acknowledged: it is stored.
    first = [f"r{n}" for n in range(5)]
    assert request_ids(what_is_there(tmp_path)) == [*first, *acknowledged]


async def test_waiting_entries_are_refused_in_order_when_the_store_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a checkpoint fails, all waiting entries are refused in their order."""
    monkeypatch.setattr(wal, "CHECKPOINT_PAGES", 1)
    async with filled(tmp_path) as (this, disk, failures):
        first = len(this.back)
        disk.fault = once(lambda o: o.kind == "sync" and o.file == "chat.db", io_error(FSYNC))
        entries = [this.ask(words(number)) for number in range(10, 3000)]
        await this.all_back(first + len(entries))
        assert this.back[first:] == entries
        assert entries[0].outcome.error is None
        assert isinstance(entries[-1].outcome.error, StorageFailed)
        assert len(failures) == 1


async def test_a_full_disk_under_a_checkpoint_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the disk is full for a checkpoint, commits continue and retry it."""
    monkeypatch.setattr(wal, "CHECKPOINT_PAGES", 8)
    async with filled(tmp_path) as (this, disk, failures):
        disk.fault = once(lambda o: o.kind == "write" and o.file == "chat.db", disk_full())
        entries = [await this.answer(words(number)) for number in range(10, 30)]
        assert not any(entry.outcome.error for entry in entries)
        assert "chat.db" in {each.file for each in disk.done if each.kind == "sync"}
        assert not failures


async def test_a_full_disk_refuses_until_there_is_space(tmp_path: Path) -> None:
    """A full disk refuses entries, leaves no transaction open, and allows reads."""
    async with filled(tmp_path) as (this, disk, failures):
        acknowledged = [f"r{n}" for n in range(5)]
        for step in range(12):
            disk.fault = full_after(step)
            entries = [await this.answer(words(100 * step + n)) for n in range(10, 20)]
            assert isinstance(entries[-1].outcome.error, StorageFull)
            assert this.journal.full
            assert (await this.answer(words(0))).outcome.duplicate
            assert this.journal.full, "a repetition writes nothing"
            with pytest.raises(StorageFull):
                await this.journal.add_guest("Bob", "bob", b"other")
            assert not await this.journal.with_writer(lambda c: c.in_transaction)
            acknowledged += [
                entry.command.key.request_id for entry in entries if entry.outcome.error is None
            ]
            assert (await this.page("#lobby")).encoded.count(b"words") == len(acknowledged)
            disk.fault = None
            assert (await this.answer(words(100 * step + 20))).outcome.error is None
            acknowledged.append(f"r{100 * step + 20}")
            assert not this.journal.full
        assert not failures
    assert request_ids(what_is_there(tmp_path)) == acknowledged


@pytest.mark.parametrize("number", [errno.EDQUOT, errno.EFBIG, errno.ENOSPC])
async def test_a_used_up_limit_is_a_full_disk(tmp_path: Path, number: int) -> None:
    """EDQUOT and EFBIG are handled as a full disk: entries are refused until there is space."""
    async with filled(tmp_path) as (this, disk, failures):
        for step in range(6):
            disk.fault = used_up_after(disk, step, number)
            entries = [await this.answer(words(100 * step + n)) for n in range(10, 15)]
            assert isinstance(entries[-1].outcome.error, StorageFull)
            assert this.journal.full
            assert (await this.page("#lobby")).encoded.count(b"words") >= 5
            disk.fault = None
            assert (await this.answer(words(100 * step + 20))).outcome.error is None
            assert not this.journal.full
        assert not failures
    assert check(store_of(tmp_path)) == []


async def test_another_error_of_a_write_ends_the_store(tmp_path: Path) -> None:
    """A write error with another system error number ends the store."""
    async with filled(tmp_path) as (this, disk, failures):
        disk.fault = used_up_after(disk, 0, errno.EIO)
        assert isinstance((await this.answer(words(10))).outcome.error, StorageFailed)
        assert failures


def test_a_start_on_a_full_disk_says_so(tmp_path: Path) -> None:
    """A start on a full disk ends with one line that says so."""
    with faulty() as disk:
        disk.fault = full_after(3)
        with pytest.raises(JournalError, match=r"chat\.db cannot be opened: the disk is full"):
            Store(tmp_path, vfs=disk.name).open()


def test_a_full_disk_shows_in_the_shared_memory_too() -> None:
    """A full disk is also recognized when the shared memory file cannot grow."""
    for extended in (apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_SHMMAP):
        assert isinstance(refusal(io_error(extended)), StorageFull)
    assert isinstance(refusal(io_error(WRITE)), StorageFailed)
