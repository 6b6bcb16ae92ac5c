"""Backups of running and stopped servers, which are checked before use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support import Recorder, eventually, running, store_of

from chat_grpc.journal import JournalDamaged, JournalError
from chat_grpc.journal.backup import backup, restore
from chat_grpc.journal.check import check
from chat_grpc.v1 import chat_pb2


def damage(path: Path, word: bytes) -> None:
    """Change one byte of a text in a file."""
    content = path.read_bytes()
    at = content.index(word)
    path.write_bytes(content[:at] + b"X" + content[at + 1 :])


def names_in(folder: Path) -> set[str]:
    """Return the names in a folder."""
    return {path.name for path in folder.iterdir()}


async def store_with(folder: Path, *texts: str) -> chat_pb2.Welcome:
    """Create a store with messages of alice; return her welcome."""
    async with running(data=str(folder)) as server, Recorder(server, name="alice") as alice:
        for text in texts:
            await alice.sent(text)
        return alice.welcome


async def test_a_backup_of_a_running_server_brings_everything_back(tmp_path: Path) -> None:
    """A restored backup has the messages, the users and their tokens."""
    there, file = tmp_path / "there", tmp_path / "backup.db"
    async with (
        running(data=str(tmp_path / "here")) as server,
        Recorder(server, name="alice") as alice,
    ):
        await alice.sent("one")
        await alice.sent("two")
        assert backup(tmp_path / "here", file) == file.stat().st_size
        await alice.sent("after")
        token = alice.welcome.token
    assert restore(file, there, replace=False) is None
    async with running(data=str(there)) as server:
        # The restored log has another id, so that sequences of the first log are not used with it.
        log_id = server.status().log_id
        assert log_id != alice.welcome.log_id
        async with Recorder(server, token=token, log_id=log_id, resume_after=0) as back:
            await eventually(lambda: back.of("caught_up"))
            assert (back.welcome.client.number, back.texts) == (1, ["one", "two"])


async def test_a_restored_log_is_another_log_for_clients(tmp_path: Path) -> None:
    """A client of the original log always gets `OTHER_LOG` from the restored one."""
    folder, file = tmp_path / "data", tmp_path / "backup.db"
    old = await store_with(folder, "one")
    backup(folder, file)
    restore(file, folder, replace=True)
    async with running(data=str(folder)) as server, Recorder(server, name="bob") as bob:
        await bob.sent("other")
        hello = {"log_id": old.log_id, "resume_after": 2}
        async with Recorder(server, token=old.token, **hello) as back:
            assert back.welcome.recovery == chat_pb2.RECOVERY_OTHER_LOG


async def test_a_backup_of_a_stopped_server_leaves_its_folder_as_it_is(tmp_path: Path) -> None:
    """A backup changes nothing in the folder, and is private to its owner."""
    folder, file = tmp_path / "data", tmp_path / "backup.db"
    await store_with(folder, "one")
    before = store_of(folder).read_bytes()
    backup(folder, file)
    assert store_of(folder).read_bytes() == before
    assert file.stat().st_mode & 0o077 == 0
    assert names_in(tmp_path) == {"backup.db", "data"}


async def test_a_backup_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    """A backup never replaces a file, and needs a folder with a store."""
    await store_with(tmp_path / "data", "one")
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(JournalError, match="exists already"):
        backup(tmp_path / "data", tmp_path / "kept")
    with pytest.raises(JournalError, match="holds no store"):
        backup(tmp_path, tmp_path / "backup.db")
    assert (tmp_path / "kept").read_text() == "mine"


async def test_a_damaged_store_is_not_backed_up(tmp_path: Path) -> None:
    """A damaged store is not backed up."""
    await store_with(tmp_path / "data", "precious words")
    damage(store_of(tmp_path / "data"), b"precious")
    with pytest.raises(JournalDamaged, match="damaged"):
        backup(tmp_path / "data", tmp_path / "backup.db")
    assert not (tmp_path / "backup.db").exists()


async def test_a_damaged_backup_is_not_taken(tmp_path: Path) -> None:
    """A damaged backup is refused, and the present store stays."""
    folder, file = tmp_path / "data", tmp_path / "backup.db"
    await store_with(folder, "precious words")
    backup(folder, file)
    damage(file, b"precious")
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE log (x)")
    (tmp_path / "text").write_text("no store" * 1000)
    (tmp_path / "empty").touch()
    for bad in (file, other, tmp_path / "text", tmp_path / "empty", tmp_path / "none"):
        with pytest.raises(JournalError):
            restore(bad, folder, replace=True)
    assert check(store_of(folder)) == []
    assert not list(folder.glob("before-restore-*"))


async def test_a_store_in_use_or_in_the_way_is_not_replaced(tmp_path: Path) -> None:
    """A running store is never replaced; a stopped one only on request, and it is kept."""
    folder, file = tmp_path / "data", tmp_path / "backup.db"
    await store_with(folder, "one")
    backup(folder, file)
    async with running(data=str(folder)):
        with pytest.raises(JournalError, match="in use by a server"):
            restore(file, folder, replace=True)
    with pytest.raises(JournalError, match="holds a store already"):
        restore(file, folder, replace=False)
    aside = restore(file, folder, replace=True)
    assert aside is not None
    assert check(store_of(aside)) == []
    assert check(store_of(folder)) == []
