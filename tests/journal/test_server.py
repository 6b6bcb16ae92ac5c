"""A server whose store cannot write: the responses to clients, and the end of the server."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import apsw
import grpc
import pytest
from google.rpc import error_details_pb2
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from journal.faulty_vfs import Disk, Operation, disk_full, faulty, io_error
from journal.life import what_is_there
from journal.locking import locked
from support import (
    LOBBY,
    UNIT,
    Recorder,
    channel_to,
    eventually,
    reason_of,
    running,
    serving,
    store_of,
)

from chat_grpc.server import WRITING, Server
from chat_grpc.v1 import chat_pb2

SERVER = Path(__file__).with_name("failing_server.py")


@asynccontextmanager
async def on_a_disk(folder: Path) -> AsyncIterator[tuple[Server, Disk]]:
    """Run a server on a disk that may fail."""
    with faulty(for_all=True) as disk:
        async with running(data=str(folder)) as server:
            try:
                yield server, disk
            finally:
                disk.fault = None


async def send(client: Recorder, text: str) -> chat_pb2.SendToResponse:
    """Send to everyone by `SendTo`."""
    request = chat_pb2.SendToRequest(target=LOBBY, text=text, request_id=text)
    metadata = (("authorization", f"Bearer {client.welcome.token}"),)
    response: chat_pb2.SendToResponse = await client.stub.SendTo(request, metadata=metadata)
    return response


async def history(client: Recorder) -> list[str]:
    """Return the texts of the lobby, newest first."""
    metadata = (("authorization", f"Bearer {client.welcome.token}"),)
    request = chat_pb2.ListMessagesRequest(target=LOBBY)
    response = await client.stub.ListMessages(request, metadata=metadata)
    return [stored.message.text for stored in response.messages]


def fail_syncs(operation: Operation) -> None:
    """Fail each sync."""
    if operation.kind == "sync":
        raise io_error(apsw.SQLITE_IOERR_FSYNC)


def fill_disk(operation: Operation) -> None:
    """Fail each write."""
    if operation.kind == "write":
        raise disk_full()


async def test_a_full_disk_refuses_only_what_is_to_be_stored(tmp_path: Path) -> None:
    """A full disk refuses writes until there is space; reads and presence continue."""
    async with on_a_disk(tmp_path) as (server, disk), Recorder(server, name="alice") as alice:
        async with Recorder(server, name="bob") as bob:
            token = bob.welcome.token
        await send(alice, "before")
        disk.fault = fill_disk
        with pytest.raises(aio.AioRpcError) as refused:
            await send(alice, "refused")
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert reason_of(refused.value) == "STORAGE_FULL"
        assert (await alice.sent("refused too")).reason == "STORAGE_FULL"
        assert await history(alice) == ["before"]
        async with Recorder(server, token=token) as bob, channel_to(server) as channel:
            await eventually(lambda: [p.client.name for p in alice.of("presence")].count("bob"))
            health = health_pb2_grpc.HealthStub(channel)
            asked = health_pb2.HealthCheckRequest(service=WRITING)
            not_serving = health_pb2.HealthCheckResponse.NOT_SERVING

            async def told() -> bool:
                return bool((await health.Check(asked)).status == not_serving)

            await eventually(told)
            disk.fault = None
            before = time.monotonic()
            await send(alice, "after")
            assert time.monotonic() - before < 1.0 * UNIT
            await eventually(lambda: bob.texts == ["after"])
        assert await history(alice) == ["after", "before"]
        assert server.supervisor.failure is None


async def test_a_locked_store_asks_callers_to_wait(tmp_path: Path) -> None:
    """Writes to a store that is locked for long get a time to retry; reads continue."""
    async with running(data=str(tmp_path)) as server, Recorder(server, name="alice") as alice:
        await send(alice, "before")
        with locked(store_of(tmp_path)):
            before = time.monotonic()
            call = asyncio.ensure_future(send(alice, "during"))
            assert await history(alice) == ["before"]
            assert not call.done()
            with pytest.raises(aio.AioRpcError) as refused:
                await call
            assert time.monotonic() - before < 4.0 * UNIT
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        assert reason_of(refused.value) == "STORAGE_FAILED"
        assert retry_after(refused.value) == 1.0
        await send(alice, "during")
        assert await history(alice) == ["during", "before"]
        assert server.supervisor.failure is None


def retry_after(error: aio.AioRpcError) -> float:
    """Return the number of seconds after which a call may be retried."""
    status = rpc_status.from_call(error)
    assert status is not None
    for detail in status.details:
        info = error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            return float(info.retry_delay.ToTimedelta().total_seconds())
    return 0.0


async def test_a_short_lock_is_waited_for(tmp_path: Path) -> None:
    """A short lock delays a call without an error."""
    async with running(data=str(tmp_path)) as server, Recorder(server, name="alice") as alice:
        with locked(store_of(tmp_path)):
            call = asyncio.ensure_future(send(alice, "patient"))
            assert await history(alice) == []
            assert not call.done()
        assert (await call).sequence > 0


async def test_a_server_starts_beside_a_locked_store(tmp_path: Path) -> None:
    """A server starts although its store is locked; writes wait for the lock."""
    async with running(data=str(tmp_path)) as server, Recorder(server, name="alice") as alice:
        await send(alice, "before")
        token = alice.welcome.token
    async with AsyncExitStack() as opened:
        with locked(store_of(tmp_path)):
            server = await opened.enter_async_context(running(data=str(tmp_path)))
            alice = await opened.enter_async_context(Recorder(server, token=token))
            assert await history(alice) == ["before"]
            call = asyncio.ensure_future(send(alice, "after"))
        assert (await call).sequence > 0


async def test_an_fsync_that_fails_ends_the_streams(tmp_path: Path) -> None:
    """After a failed fsync the sender gets an error, and the server asks to be ended."""
    async with on_a_disk(tmp_path) as (server, disk), Recorder(server, name="alice") as alice:
        await send(alice, "before")
        disk.fault = fail_syncs
        with pytest.raises(aio.AioRpcError) as refused:
            await send(alice, "refused")
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        assert reason_of(refused.value) == "STORAGE_FAILED"
        assert server.supervisor.failure is not None
        assert await history(alice) == ["before"]


async def test_a_process_ends_when_its_folder_is_gone(tmp_path: Path) -> None:
    """The process ends with status 1 and the reason, also without a write."""
    folder = tmp_path / "store"
    with serving("--data", str(folder)) as process:
        async with Recorder(process.port, name="alice") as alice:
            await send(alice, "before")
            shutil.rmtree(folder)
            assert await alice.ended() is grpc.StatusCode.UNAVAILABLE
            assert await asyncio.to_thread(process.wait) == 1
        assert "was moved, deleted or replaced while the server was running" in process.log()
    assert not folder.exists()


async def test_a_process_ends_when_an_fsync_fails(tmp_path: Path) -> None:
    """The process ends with status 1 within a second; everything acknowledged is stored."""
    trigger, folder = tmp_path / "now", tmp_path / "store"
    command = [sys.executable, str(SERVER), str(trigger)]
    with serving("--data", str(folder), command=command) as process:
        async with Recorder(process.port, name="alice") as alice:
            acknowledged = {(await send(alice, f"{number}")).sequence for number in range(10)}
            trigger.touch()
            before = time.monotonic()
            with pytest.raises(aio.AioRpcError):
                await send(alice, "refused")
            assert await alice.ended() is grpc.StatusCode.UNAVAILABLE
            assert await asyncio.to_thread(process.wait) == 1
            assert time.monotonic() - before < 1.0 * UNIT
    assert acknowledged <= {row[0] for row in what_is_there(folder)}
    with serving("--data", str(folder)) as process:
        async with Recorder(process.port, token=alice.welcome.token) as alice:
            assert (await send(alice, "9")).duplicate
