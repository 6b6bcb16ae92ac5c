"""Many clients at once: all reconnect after a restart, and any may leave at any time."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from pathlib import Path
from typing import Any

import pytest
from grpc import aio
from support import LOBBY, UNIT, channel_to, eventually, free_port, serving
from torture.server import complaints

from chat_grpc.client import ChatClient, ConnectionState
from chat_grpc.client.backoff import Backoff
from chat_grpc.v1 import account_pb2, account_pb2_grpc, chat_pb2, chat_pb2_grpc

pytestmark = [pytest.mark.usefixtures("no_debug"), pytest.mark.xdist_group("loaded")]

CLIENTS = 500


class Regular:
    """A client that stays connected, and records the texts that it gets."""

    def __init__(self, port: int, number: int) -> None:
        self.texts: list[str] = []
        self.chat = ChatClient.connect(
            f"127.0.0.1:{port}",
            name=f"guest{number}",
            backoff=Backoff(0.5, 2.0),
            connect_timeout=60 * UNIT,
            wait=True,
        )

    async def run(self) -> None:
        """Read until the client is closed."""
        async for event in self.chat:
            if event.HasField("message"):
                self.texts.append(event.message.text)

    @property
    def live(self) -> bool:
        """True while the client is live."""
        return self.chat.state is ConnectionState.LIVE


@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_500_clients_come_back_after_a_restart(how: signal.Signals, tmp_path: Path) -> None:
    """All clients reconnect and get every message, and none is refused."""
    port = free_port()
    async with contextlib.AsyncExitStack() as opened:
        regulars = [Regular(port, number) for number in range(CLIENTS)]
        with serving("--data", str(tmp_path), port=port) as process:
            await asyncio.gather(*(opened.enter_async_context(r.chat) for r in regulars))
            readers = [asyncio.create_task(regular.run()) for regular in regulars]
            await eventually(lambda: all(regular.live for regular in regulars), 60)
            await regulars[0].chat.send("before")
            process.signal(how)
            await asyncio.to_thread(process.wait)
        with serving("--data", str(tmp_path), port=port) as process:
            await regulars[0].chat.send("after")
            await eventually(lambda: all(regular.live for regular in regulars), 60)
            texts = ["before", "after"]
            await eventually(lambda: all(r.texts == texts for r in regulars[1:]), 60)
            assert complaints(process.log()) == []
            await opened.aclose()
        await asyncio.gather(*readers)


async def come_and_go(port: int, number: int, times: int) -> None:
    """Make calls and cancel each at some point, from before its first byte to after its last."""
    chance = random.Random(number)
    async with channel_to(port) as channel:
        account: Any = account_pb2_grpc.AccountServiceStub(channel)
        signed_in = await account.SignIn(account_pb2.SignInRequest(name=f"guest{number}"))
        metadata = (("authorization", f"Bearer {signed_in.token}"),)
        stub: Any = chat_pb2_grpc.ChatServiceStub(channel)
        for each in range(times):
            if each % 4 == 3:
                lists = stub.ListMessages(
                    chat_pb2.ListMessagesRequest(target=LOBBY), metadata=metadata
                )
                await _cancelled(lists, lists.code(), chance)
            else:
                stream = stub.Connect(metadata=metadata)
                await _cancelled(stream, _talk(stream, f"{number}-{each}"), chance)


async def _talk(stream: Any, prefix: str) -> None:
    await stream.write(chat_pb2.ConnectRequest(hello=chat_pb2.Hello(device_id="d")))
    await stream.read()
    for number in range(1000):
        send = chat_pb2.Send(target=LOBBY, text="x" * 500, request_id=f"{prefix}-{number}")
        await stream.write(chat_pb2.ConnectRequest(send=send))
        if number % 10 == 9:
            await stream.read()


async def _cancelled(call: Any, work: Any, chance: random.Random) -> None:
    """Let a call run for a random time, and cancel it."""
    with contextlib.suppress(TimeoutError, asyncio.CancelledError, aio.AioRpcError):
        async with asyncio.timeout(chance.choice((0.0, 0.002, 0.01, 0.05)) * chance.random()):
            await work
    call.cancel()


@pytest.mark.timeout(300)
async def test_1000_calls_cancelled_anywhere_leave_no_trace(tmp_path: Path) -> None:
    """After 1,000 canceled calls the server's log is clean and nobody is connected."""
    with serving("--data", str(tmp_path)) as process:
        await asyncio.gather(*(come_and_go(process.port, number, 50) for number in range(20)))
        async with channel_to(process.port) as channel:
            stub: Any = chat_pb2_grpc.ChatServiceStub(channel)

            async def nobody() -> bool:
                answer = await stub.ListClients(chat_pb2.ListClientsRequest())
                return not answer.total_count

            await eventually(nobody, 20)
        process.signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait) == 0
        assert complaints(process.log()) == []
