"""Backups of a running server as a stream: consistent, bounded, and one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from server.accounts import operator, token_of, with_accounts
from support import Recorder, channel_to, eventually, on_store, running

from chat_grpc.client import ChatCalls, Refused
from chat_grpc.core import limits
from chat_grpc.core.errors import NoStoredFile
from chat_grpc.journal import online_backup
from chat_grpc.journal.backup import restore
from chat_grpc.journal.check import check
from chat_grpc.server import Server
from chat_grpc.v1 import admin_pb2, admin_pb2_grpc


@asynccontextmanager
async def served(folder: Path, **options: Any) -> AsyncIterator[tuple[Server, ChatCalls]]:
    """Run a server, and call it as an admin."""
    async with running(data=str(folder), **options) as server, operator(folder) as calls:
        yield server, calls


async def save(calls: ChatCalls, file: Path) -> int:
    """Write a backup to a file; return the number of its chunks."""
    count, total = 0, 0
    with file.open("wb") as out:
        async with aclosing(calls.backup()) as chunks:
            async for each in chunks:
                out.write(each.chunk)
                count, total = count + 1, each.total_bytes
        assert out.tell() == total
    return count


def leftovers(folder: Path) -> list[str]:
    """Return the names of unfinished copies in a data folder."""
    return [each.name for each in folder.iterdir() if "backup" in each.name]


async def test_a_backup_under_load_is_whole(tmp_path: Path) -> None:
    """A backup that is made while messages are stored passes the check, and brings them back."""
    data, file = tmp_path / "data", tmp_path / "copy.db"
    data.mkdir()
    async with served(data) as (server, calls), Recorder(server, name="alice") as alice:
        for number in range(50):
            await alice.send("x" * 10_000, request_id=f"before{number}")
        await eventually(lambda: len(alice.of("sent")) == 50)
        before = alice.of("sent")[-1].sequence
        stop = asyncio.Event()

        async def load() -> int:
            count = 0
            while not stop.is_set():
                await alice.sent(f"during {count}")
                count += 1
            return count

        loading = asyncio.create_task(load())
        assert await save(calls, file) > 1
        stop.set()
        assert await loading > 0
        assert leftovers(data) == []
    assert check(file) == []
    restore(file, tmp_path / "restored", replace=False)
    async with running(data=str(tmp_path / "restored")) as restored:
        assert restored.status().head_sequence >= before


async def test_a_backup_that_is_not_read_holds_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commits and checkpoints go on while a backup is not read; then it is given up."""
    monkeypatch.setattr(limits, "STALLED", 3.0)
    async with served(tmp_path) as (server, calls), Recorder(server, name="alice") as alice:
        for number in range(300):
            await alice.send("x" * 16_000, request_id=f"r{number}")
        await eventually(lambda: len(alice.of("sent")) == 300, 20)
        async with channel_to(server) as channel:
            await calls.create_user("root", "correct horse battery", admin=True)
            token = await token_of(server, "root")
            stub: Any = admin_pb2_grpc.AdminServiceStub(channel)
            call = stub.Backup(
                admin_pb2.BackupRequest(), metadata=(("authorization", f"Bearer {token}"),)
            )
            await call.read()
            with pytest.raises(Refused) as error:
                await save(calls, tmp_path / "second.db")
            assert (error.value.reason, error.value.retry_after) == ("BACKUP_RUNNING", 10.0)
            assert (await alice.sent("not delayed")).sequence

            async def emptied() -> bool:
                [(busy, *_)] = await on_store(server, "PRAGMA wal_checkpoint(TRUNCATE)")
                return not busy

            await eventually(emptied)  # the word index may be reading

            async def given_up() -> bool:
                return not server.status().backing_up

            await eventually(given_up, 10)
        assert await save(calls, tmp_path / "third.db")


async def test_a_client_that_goes_away_leaves_nothing(tmp_path: Path) -> None:
    """A client that leaves during the copy, or while it reads, leaves no file behind."""
    async with served(tmp_path) as (server, calls), Recorder(server, name="alice") as alice:
        for number in range(300):
            await alice.send("x" * 16_000, request_id=f"r{number}")
        await eventually(lambda: len(alice.of("sent")) == 300, 20)
        reading = calls.backup()
        assert (await anext(reading)).chunk
        assert leftovers(tmp_path) == []
        await reading.aclose()
        await eventually(lambda: not server.status().backing_up)
        copying = asyncio.create_task(save(calls, tmp_path / "never.db"))
        await eventually(lambda: server.status().backing_up)
        copying.cancel()
        await asyncio.gather(copying, return_exceptions=True)
        await eventually(lambda: not server.status().backing_up)
        await eventually(lambda: leftovers(tmp_path) == [])


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [("COPY_SECONDS", -1.0, "RATE_LIMITED"), ("MAX_LOG_GROWTH", -1, "RATE_LIMITED")],
)
async def test_a_copy_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: float, reason: str
) -> None:
    """A copy that takes too long, or during which too much is written, is given up."""
    monkeypatch.setattr(online_backup, name, value)
    monkeypatch.setattr("chat_grpc.journal.backup._STEPS", 10)
    async with served(tmp_path) as (server, calls), Recorder(server, name="alice") as alice:
        for number in range(100):
            await alice.send("x" * 1000, request_id=f"r{number}")
        await eventually(lambda: len(alice.of("sent")) == 100, 20)
        with pytest.raises(Refused) as error:
            await save(calls, tmp_path / "copy.db")
        assert error.value.reason == reason
        assert "given up" in str(error.value)
        assert leftovers(tmp_path) == []
        assert not server.status().backing_up


async def test_a_disk_without_space_for_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy is not begun if it would leave the server less than its reserve."""
    monkeypatch.setattr(online_backup, "RESERVE", 2**60)
    async with served(tmp_path) as (_, calls):
        with pytest.raises(Refused) as error:
            await save(calls, tmp_path / "copy.db")
        assert error.value.reason == "STORAGE_FULL"


async def test_a_store_in_memory_has_no_backup() -> None:
    """A server without a file refuses."""
    async with running() as server:
        with pytest.raises(NoStoredFile, match="in memory"):
            server._journal.copy()


async def test_copies_of_a_killed_server_are_removed(tmp_path: Path) -> None:
    """The next backup removes what a killed server left behind."""
    left = tmp_path / ".online-backup-x"
    left.mkdir()
    (left / "chat.db").write_bytes(b"secret")
    async with served(tmp_path) as (_, calls):
        await save(calls, tmp_path / "copy.db")
    assert not left.exists()


async def test_the_end_of_the_admin_role_ends_a_backup(tmp_path: Path) -> None:
    """A backup that is being read ends when its caller may no longer make it."""
    async with with_accounts(tmp_path, "root", "alice") as server, operator(tmp_path) as local:
        async with Recorder(server, name="carol") as carol:
            for number in range(600):
                await carol.send("x" * 16_000, request_id=f"r{number}")
            await eventually(lambda: len(carol.of("sent")) == 600, 20)
        token = await token_of(server, "root")
        async with ChatCalls(f"127.0.0.1:{server.port}", token=token) as root:
            reading = root.backup()
            await anext(reading)
            await local.set_user_admin("root", admin=False)
            with pytest.raises(Refused) as error:
                async for _ in reading:
                    pass
            assert error.value.reason == "NOT_ALLOWED"
