"""A client of grpc-js (Node) against the chat server."""

from __future__ import annotations

import asyncio
import shutil
import signal
from pathlib import Path

import pytest
from peers.tools import finish, installed, start
from support import UNIT, serving

HERE = Path(__file__).parent
PROTOS = HERE.parents[1] / "protos"

CASES = [
    "unary",
    "stream",
    "cancel",
    "deadline",
    "big_metadata",
    "too_big_metadata",
    "too_large_request",
    "status_details",
]


async def start_case(port: int, case: str) -> asyncio.subprocess.Process:
    """Start the client with one case."""
    node = shutil.which("node")
    assert node, "node is missing: the tests of grpc-js need Node.js"
    modules = {"NODE_PATH": str(installed("node/node_modules"))}
    address = f"127.0.0.1:{port}"
    script = str(HERE / "js" / "client.js")
    return await start(node, script, address, case, str(PROTOS), environment=modules)


@pytest.mark.parametrize("case", CASES)
async def test_a_case_of_grpc_js_passes(case: str) -> None:
    """A client of grpc-js gets what its case expects."""
    with serving("--data", ":memory:", "--transport", "http2") as process:
        status, output = await finish(await start_case(process.port, case))
    assert status == 0, output


async def test_grpc_js_is_served_while_the_server_drains() -> None:
    """Its stream gets `go_away`, is served until it ends, and the server then ends."""
    with serving("--data", ":memory:", "--transport", "http2", "--drain", "30") as process:
        client = await start_case(process.port, "drain")
        assert client.stdout is not None
        try:
            line = await asyncio.wait_for(client.stdout.readline(), 30 * UNIT)
            assert line == b"open\n", line + await client.stdout.read()
            process.signal(signal.SIGTERM)
        finally:
            status, output = await finish(client)
        assert status == 0, output
        assert await asyncio.to_thread(process.wait) == 0
