"""Servers that cannot be reached: fast, plain errors, and no proxy for this machine."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Any

import pytest
from client.distant import distant
from client.scripted import RecordedBackoff, Scripted, client_of, scripted
from support import UNIT, eventually, free_port

from chat_grpc.client import (
    ChatCalls,
    ChatClient,
    ConnectionState,
    InvalidAddress,
    NoServer,
    caller,
)
from chat_grpc.client.backoff import Backoff
from chat_grpc.client.channel import PROXY_VARIABLES


async def test_a_port_that_refuses() -> None:
    """Entering fails at once, and the error tells how to start a server."""
    port = free_port()
    began = time.monotonic()
    with pytest.raises(NoServer) as caught:
        async with ChatClient.connect(f"localhost:{port}", name="alice"):
            pytest.fail("nobody is there")
    assert time.monotonic() - began < 2 * UNIT
    assert str(caught.value) == (
        f"No server answers at localhost:{port}. Start one with `chat-grpc serve`."
    )


async def test_a_call_to_a_port_that_refuses() -> None:
    """A call fails at once, too, idempotent or not."""
    began = time.monotonic()
    async with ChatCalls(f"127.0.0.1:{free_port()}") as calls:
        for call in (calls.clients(), calls.sign_in("alice")):
            with pytest.raises(NoServer, match="chat-grpc serve"):
                await call
    assert time.monotonic() - began < 2 * UNIT


async def test_a_host_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the host, and suggests no command, because the host is another machine."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NoServer) as caught:
        async with ChatClient.connect("chat.invalid", name="alice"):
            pytest.fail("nobody is there")
    assert (
        str(caught.value) == "There is no host chat.invalid; check the address chat.invalid:50051."
    )


async def test_waiting_for_a_server() -> None:
    """With `wait` the first connection is retried until a server answers."""
    port = free_port()
    backoff = RecordedBackoff()
    client = ChatClient.connect(f"127.0.0.1:{port}", name="alice", backoff=backoff, wait=True)
    entering = asyncio.create_task(client.__aenter__())
    await eventually(lambda: len(backoff.waits) > 2)
    async with scripted(port) as script:
        visit = await script.visit()
        await visit.welcome()
        await entering
        await client.close()


async def test_waiting_ends() -> None:
    """`connect_timeout` limits the wait; the last attempt's error is raised."""
    with pytest.raises(NoServer, match="No server answers"):
        async with ChatClient.connect(
            f"127.0.0.1:{free_port()}", name="a", wait=True, connect_timeout=0.2
        ):
            pytest.fail("nobody is there")


async def test_a_call_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """With `wait` a call is retried until its deadline, also one that is not idempotent.

    It gives up only when the next wait, here 0.1 s, would end after the deadline.
    """
    waits: list[float] = []

    def uniform(_: float, longest: float) -> float:
        waits.append(longest)
        return 0.1

    monkeypatch.setattr(caller, "Backoff", partial(Backoff, uniform=uniform))
    began = time.monotonic()
    async with ChatCalls(f"127.0.0.1:{free_port()}", timeout=1.0, wait=True) as calls:
        with pytest.raises(NoServer):
            await calls.sign_in("alice")
    assert time.monotonic() - began > 0.89
    assert len(waits) > 1, "there was no second attempt"


async def test_a_lost_connection_is_tried_again() -> None:
    """After the first welcome a refused connection is retried: the server may be restarting."""
    backoff = RecordedBackoff()
    port = free_port()
    async with scripted(port) as first:
        client = client_of(first, backoff=backoff)
        entering = asyncio.create_task(client.__aenter__())
        await (await first.visit()).welcome()
        await entering
    await eventually(lambda: len(backoff.waits) > 3)
    assert client.state is not ConnectionState.CLOSED
    async with scripted(port) as second:
        await (await second.visit()).resumed()
        await eventually(lambda: client.state is ConnectionState.LIVE)
        await client.close()


async def test_a_distant_server(script: Scripted) -> None:
    """A server that takes over half a second to answer is reached."""
    async with distant(script.port, 0.6) as port:
        client = ChatClient.connect(f"127.0.0.1:{port}", name="alice")
        entering = asyncio.create_task(client.__aenter__())
        visit = await script.visit()
        await visit.welcome()
        await entering
        assert script.opened == 1
        await client.close()


@pytest.mark.parametrize("variable", PROXY_VARIABLES)
async def test_no_proxy_on_this_machine(
    script: Scripted, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """A server on this machine is reached directly, whatever the proxy variables are."""
    for name in ("no_proxy", "no_grpc_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, f"http://127.0.0.1:{free_port()}")
    client = ChatClient.connect(f"localhost:{script.port}", name="alice")
    entering = asyncio.create_task(client.__aenter__())
    await (await script.visit()).welcome()
    await entering
    await client.close()


async def test_proxy_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections to other machines use the proxy; the error names its variable."""
    proxied = asyncio.Event()

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        if line.startswith(b"CONNECT chat.invalid:50051"):
            proxied.set()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    for name in (*PROXY_VARIABLES, "no_proxy", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises(NoServer, match=r"\$http_proxy is set"):
        async with ChatClient.connect("chat.invalid", name="alice"):
            pytest.fail("nobody is there")
    assert proxied.is_set()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("make", [ChatClient.connect, ChatCalls])
@pytest.mark.parametrize("server", ["localhost:65587", "localhost:", "ftp://chat.example", ""])
def test_an_invalid_address(make: Any, server: str) -> None:
    """An invalid address raises an error before any connection."""
    with pytest.raises(InvalidAddress):
        make(server)
