"""Restoring a backup in place of a lost store, and interrupting the restore."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from journal.faulty_vfs import faulty
from journal.life import Life, Rows, copy_files, what_is_there

from chat_grpc.journal import JournalError
from chat_grpc.journal.backup import backup, restore
from chat_grpc.journal.database import FILE, MARK

LOG = f"{FILE}-wal"


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Path, Rows, Rows]:
    """Create a killed store and an older backup of it; return the logs of both."""
    chance = random.Random(3)
    with faulty() as disk, Life(tmp_path / "store", disk) as life:
        life.open()
        life.commit(life.some(chance))
        backup(life.folder, tmp_path / "backup.db")
        old = life.promised[-1][1]
        for _ in range(5):
            life.commit(life.some(chance))
        life.kill()
        return life.folder, tmp_path / "backup.db", old, life.promised[-1][1]


def test_files_of_a_lost_store_are_moved_aside(
    made: tuple[Path, Path, Rows, Rows],
) -> None:
    """The lost store's files are moved aside: its write-ahead log would damage the new one."""
    folder, file, old, _ = made
    (folder / FILE).unlink()
    left = {name: (folder / name).read_bytes() for name in (LOG, MARK)}
    aside = restore(file, folder, replace=False)
    assert aside is not None
    assert {name: (aside / name).read_bytes() for name in (LOG, MARK)} == left
    assert what_is_there(folder) == old


def test_a_restore_may_be_interrupted_anywhere(
    made: tuple[Path, Path, Rows, Rows], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an interruption the folder has one whole store or none; repeating it works."""
    source, file, old, new = made
    rename = Path.replace
    for step in range(1, 10):
        folder = tmp_path / f"{step}"
        copy_files(source, folder)
        left = step

        def interrupted(path: Path, target: Path) -> Path:
            nonlocal left
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
            return rename(path, target)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", interrupted)
            try:
                restore(file, folder, replace=True)
                break
            except KeyboardInterrupt:
                pass
        copy_files(folder, tmp_path / f"{step} opened")
        try:
            assert what_is_there(tmp_path / f"{step} opened") == new
        except JournalError:
            assert step > 1
        restore(file, folder, replace=True)
        assert what_is_there(folder) == old
    assert step > 4
