"""The files of a store in use: moved, deleted or locked files, file modes, and disk space."""

from __future__ import annotations

import os
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
import pytest
from journal.asking import ALICE, delete, say
from journal.locking import locked
from journal.opened import opened
from support import UNIT, eventually, store_of

from chat_grpc.core.entry import Entry
from chat_grpc.core.errors import StorageBusy, StorageFailed, StorageFull
from chat_grpc.journal import files, wal
from chat_grpc.journal.check import check
from chat_grpc.journal.files import Files


@pytest.fixture(autouse=True)
def at_every_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the store check its files before each commit."""
    monkeypatch.setattr(files, "LOOK_EVERY", 0.0)


def delete_folder(folder: Path) -> None:
    """Delete the folder with its content."""
    shutil.rmtree(folder)


def move_folder(folder: Path) -> None:
    """Rename the folder."""
    folder.rename(folder.with_name("elsewhere"))


def replace_folder(folder: Path) -> None:
    """Replace the folder by a copy."""
    move_folder(folder)
    shutil.copytree(folder.with_name("elsewhere"), folder)


def replace(name: str) -> Callable[[Path], None]:
    """Return a function that replaces a file by a copy."""

    def it(folder: Path) -> None:
        shutil.copy(folder / name, folder / "copy")
        (folder / "copy").replace(folder / name)

    return it


def remove(name: str) -> Callable[[Path], None]:
    """Return a function that deletes a file."""
    return lambda folder: (folder / name).unlink()


ACCIDENTS = [delete_folder, move_folder, replace_folder]
NAMES = ["chat.db", "chat.db-wal", "chat.db-shm", "head", "lock"]


@pytest.mark.parametrize(
    "accident", [*ACCIDENTS, *map(replace, NAMES), *map(remove, NAMES)], ids=lambda _: ""
)
async def test_nothing_is_acknowledged_that_would_be_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, accident: Callable[[Path], None]
) -> None:
    """If the files were moved, deleted or replaced, the store ends with the reason."""
    folder, failures = tmp_path / "store", []
    async with opened(folder) as this:
        this.journal.on_failure = lambda: failures.append(1)
        await this.journal.add_guest(ALICE.name, ALICE.key, b"token")
        assert (await this.answer(say(ALICE, "lobby", "before", "a"))).outcome.error is None
        accident(folder)
        entry = await this.answer(say(ALICE, "lobby", "after", "b"))
        assert isinstance(entry.outcome.error, StorageFailed)
        await eventually(lambda: failures == [1])
        # A closed store would take the lock of the process that uses the folder now.
    assert "was moved, deleted or replaced while the server was running" in caplog.text


async def test_an_idle_store_ends_too(tmp_path: Path) -> None:
    """The upkeep checks the files of a store without commits."""
    failures: list[int] = []
    async with opened(tmp_path / "store") as this:
        this.journal.on_failure = lambda: failures.append(1)
        delete_folder(tmp_path / "store")
        await eventually(lambda: failures == [1])


async def test_only_the_owner_reads_the_files(tmp_path: Path) -> None:
    """All files are private to their owner, including an older lock file that others could read."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "lock").touch(mode=0o644)
    async with opened(tmp_path / "store") as this:
        await this.journal.add_guest(ALICE.name, ALICE.key, b"token")
        found = (tmp_path / "store").iterdir()
        modes = {each.name: each.stat().st_mode & 0o777 for each in found}
    assert set(NAMES) <= modes.keys()
    assert set(modes.values()) == {0o600}


class Space:
    """The free space of a disk, set by a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free = 2**30
        real = os.statvfs
        monkeypatch.setattr(os, "statvfs", lambda path: self._told(real(path)))

    def _told(self, real: os.statvfs_result) -> os.statvfs_result:
        values = list(real)
        values[0:5] = [4096, 4096, 2**24, self.free // 4096, self.free // 4096]
        return os.statvfs_result(values)


async def test_messages_leave_a_reserve_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the reserve only deletions and repeated requests succeed, until there is space."""
    space = Space(monkeypatch)
    async with opened(tmp_path) as this:
        await this.journal.add_guest(ALICE.name, ALICE.key, b"token")
        first = say(ALICE, "lobby", "first", "a")
        sequence = (await this.answer(first)).outcome.sequence
        space.free = files.RESERVE - 1
        refused = await this.answer(say(ALICE, "lobby", "second", "b"))
        assert isinstance(refused.outcome.error, StorageFull)
        assert this.journal.full
        assert (await this.answer(first)).outcome.duplicate
        with pytest.raises(StorageFull):
            await this.journal.add_guest("Bob", "bob", b"other")
        gone = await this.answer(delete(ALICE, sequence, ("#lobby",)))
        assert gone.outcome.stored
        assert this.journal.full
        space.free = files.RESERVE
        await eventually(lambda: not this.journal.full)
        assert (await this.answer(say(ALICE, "lobby", "third", "c"))).outcome.error is None
    assert check(store_of(tmp_path)) == []


def test_the_reserve_of_a_small_disk_is_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reserve is at most a twentieth of the disk."""
    blocks = [4096, 4096, 1000, 51, 51, 0, 0, 0, 0, 255]
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(blocks))
    found = Files(tmp_path)
    assert found.look() == ""
    assert not found.low
    blocks[3:5] = [49, 49]
    found.look()
    assert found.low


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Limit the size of this process's files, in bytes."""
    _, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_the_limit_of_a_file_is_a_full_disk(tmp_path: Path) -> None:
    """A real file size limit (EFBIG) refuses entries without loss until it is raised."""
    async with opened(tmp_path) as this:
        await this.journal.add_guest(ALICE.name, ALICE.key, b"token")
        kept = []
        with largest_file(2_000_000):
            for number in range(400):
                text = f"{number} " + "x" * 15_000
                entry = await this.answer(say(ALICE, "lobby", text, f"{number}"))
                if entry.outcome.error is not None:
                    break
                kept.append(entry.outcome.sequence)
            assert isinstance(entry.outcome.error, StorageFull)
            assert this.journal.full
            assert (await this.page("#lobby")).count > 0
        again = await this.answer(say(ALICE, "lobby", "again", "again"))
        assert again.outcome.error is None
        assert not this.journal.full
        page = await this.journal.block(0, 2**62)
        assert page.last >= kept[0]
    assert check(store_of(tmp_path)) == []


async def test_a_locked_store_refuses_within_its_time(tmp_path: Path) -> None:
    """While the store is locked, each message is refused within its time limit."""
    async with opened(tmp_path) as this:
        await this.journal.add_guest(ALICE.name, ALICE.key, b"token")
        took: list[float] = []
        with locked(store_of(tmp_path), "EXCLUSIVE"):
            begun = time.monotonic()
            waiting: dict[Entry, float] = {}
            number = 0

            def asks_and_watches() -> bool:
                nonlocal number
                now = time.monotonic()
                for entry in [e for e in waiting if e in this.back]:
                    assert isinstance(entry.outcome.error, StorageBusy)
                    took.append(now - waiting.pop(entry))
                if now - begun < 5.0:
                    number += 1
                    waiting[this.ask(say(ALICE, "lobby", "words", f"{number}"))] = now
                return not waiting

            await eventually(asks_and_watches, within=10)
        assert len(took) > 50
        assert max(took) < 2.0 + UNIT
        assert (await this.answer(say(ALICE, "lobby", "after", "z"))).outcome.error is None


async def test_a_log_that_a_reader_held_is_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large write-ahead log is truncated once its reader has ended; a small one stays."""
    monkeypatch.setattr(wal, "MAX_IDLE_BYTES", 500_000)
    log = store_of(tmp_path).with_name("chat.db-wal")
    async with opened(tmp_path) as this:
        await this.journal.add_guest(ALICE.name, ALICE.key, b"token")
        with closing(apsw.Connection(str(store_of(tmp_path)))) as reader:
            reader.execute("BEGIN; SELECT * FROM sqlite_schema").fetchall()
            for number in range(100):
                await this.answer(say(ALICE, "lobby", "x" * 15_000, f"{number}"))
            assert log.stat().st_size > 1_000_000
        await eventually(lambda: log.stat().st_size == 0)
        await this.answer(say(ALICE, "lobby", "x", "after"))
        await this.journal.erase()
        assert 0 < log.stat().st_size < 500_000
