"""grpcurl against the chat server, by reflection alone."""

from __future__ import annotations

import asyncio
import json
import signal

from peers.tools import finish, installed, run, start
from support import UNIT, Process, serving

CHAT = "chat_grpc.v1.ChatService"
ACCOUNT = "chat_grpc.v1.AccountService"
OPTIONS = ("--data", ":memory:", "--transport", "http2")
INVALID_ARGUMENT, DEADLINE_EXCEEDED, UNAVAILABLE = 64 + 3, 64 + 4, 64 + 14
"""Exit statuses of grpcurl: 64 plus the code of the call."""


async def grpcurl(process: Process, *arguments: str) -> tuple[int, str]:
    """Run grpcurl; the last of the arguments is the method, or a verb and its object."""
    *options, method = arguments
    return await run(
        installed("bin/grpcurl"), "-plaintext", *options, f"127.0.0.1:{process.port}", method
    )


async def test_services_are_listed_and_called() -> None:
    """Reflection finds them; a unary call, and a call with 15 KiB of metadata, are served."""
    with serving(*OPTIONS) as process:
        status, output = await grpcurl(process, "list")
        assert status == 0
        assert {CHAT, ACCOUNT} <= set(output.split())
        status, output = await grpcurl(process, f"{CHAT}/ListClients")
        assert (status, json.loads(output)) == (0, {})
        padding = f"x-padding: {'p' * 15 * 1024}"
        status, output = await grpcurl(process, "-H", padding, f"{CHAT}/ListClients")
        assert (status, json.loads(output)) == (0, {})


async def test_errors_have_their_status_and_details() -> None:
    """The status has a code and the reason."""
    with serving(*OPTIONS) as process:
        name = '{"name": "not a name!"}'
        status, output = await grpcurl(process, "-d", name, f"{ACCOUNT}/SignIn")
        assert status == INVALID_ARGUMENT, output
        assert "NAME_INVALID" in output


async def test_a_stream_ends_at_its_deadline() -> None:
    """It has its events until then."""
    with serving(*OPTIONS) as process:
        hello = '{"hello": {"name": "alice"}}'
        limit = ("-max-time", str(2 * UNIT))
        status, output = await grpcurl(process, *limit, "-d", hello, f"{CHAT}/Connect")
        assert status == DEADLINE_EXCEEDED, output
        assert '"welcome"' in output


async def test_a_stream_ends_when_the_server_drains() -> None:
    """It gets `go_away`, and then UNAVAILABLE."""
    with serving(*OPTIONS, "--drain", "10") as process:
        client = await start(
            installed("bin/grpcurl"),
            *("-plaintext", "-d", '{"hello": {"name": "alice"}}'),
            *(f"127.0.0.1:{process.port}", f"{CHAT}/Connect"),
        )
        assert client.stdout is not None
        try:
            await asyncio.wait_for(client.stdout.readuntil(b"caught_up"), 30 * UNIT)
            process.signal(signal.SIGTERM)
        finally:
            status, output = await finish(client)
        assert '"go_away"' in output
        assert status == UNAVAILABLE, output
        assert await asyncio.to_thread(process.wait) == 0
