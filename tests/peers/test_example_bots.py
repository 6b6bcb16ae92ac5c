"""The example bots in Go and Node answer mentions, each once, over restarts and lost stores."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from peers.tools import finish, installed, start
from support import UNIT, Process, eventually, serving

from chat_grpc.client import ChatCalls, ChatClient
from chat_grpc.v1 import chat_pb2

ROOT = Path(__file__).parents[2]
LANGUAGES = ["go", "node"]


async def start_bot(language: str, at: str, state: Path) -> asyncio.subprocess.Process:
    """Start the bot of a language."""
    arguments = ("--server", at, "--state", str(state))
    if language == "go":
        return await start(installed("bin/go-echo"), *arguments)
    node = shutil.which("node")
    assert node, "node is missing: the bot in Node needs Node.js"
    modules = {"NODE_PATH": str(installed("node-echo/node_modules"))}
    script = str(ROOT / "examples" / "node" / "echo.js")
    return await start(node, script, *arguments, environment=modules)


@asynccontextmanager
async def bot(language: str, at: str, state: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a bot from its connection on; kill it at the end."""
    process = await start_bot(language, at, state)
    try:
        async with ChatCalls(at, token=None) as calls:

            async def here() -> bool:
                return "echo" in [client.name for client in await calls.clients()]

            await eventually(here, within=30)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await finish(process)


async def answers(chat: ChatClient, count: int) -> list[chat_pb2.Message]:
    """Return the next messages of the bot."""
    found: list[chat_pb2.Message] = []
    async with asyncio.timeout(30 * UNIT):
        async for event in chat:
            if event.message.author.name == "echo":
                found.append(event.message)
                if len(found) == count:
                    break
    return found


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_bot_that_is_killed(language: str, tmp_path: Path) -> None:
    """A bot that is killed repeatedly is the same guest, and answers each mention once."""
    state = tmp_path / "state.json"
    with serving("--data", ":memory:") as server:
        at = f"127.0.0.1:{server.port}"
        async with ChatClient.connect(at, name="alice") as alice:
            asked: list[int] = []
            for run in range(3):
                async with bot(language, at, state):
                    asked.append((await alice.send(f"@echo {run}")).sequence)
                    await alice.send("just talk")
                    (answer, *_) = await answers(alice, 1 if run == 0 else 2)
                    assert answer.text.startswith("You said: @echo")
                asked.append((await alice.send(f"@echo {run} away")).sequence)
            async with bot(language, at, state) as last:
                await alice.send("@echo directly", "echo")
                await answers(alice, 2)
                last.send_signal(signal.SIGTERM)
                status, output = await finish(last)
                assert status == 0, output
            stored = [each.message async for each in alice.history() if each.message.reply_to]
            direct = [each.message async for each in alice.history("echo")]
    assert [message.reply_to for message in reversed(stored)] == asked
    assert len({message.author.number for message in stored}) == 1
    assert [message.text for message in direct] == ["You said: @echo directly", "@echo directly"]
    assert state.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_server_that_restarts(language: str, tmp_path: Path) -> None:
    """A bot reconnects after a stop and a crash of the server, and misses nothing."""
    state, data = tmp_path / "state.json", str(tmp_path / "data")
    server = await asyncio.to_thread(Process, "--data", data)
    at = f"127.0.0.1:{server.port}"
    try:
        async with ChatClient.connect(at, name="alice") as alice, bot(language, at, state):
            for number, which in enumerate((signal.SIGTERM, signal.SIGKILL)):
                await alice.send(f"@echo {number}")
                assert len(await answers(alice, 1)) == 1
                server.signal(which)
                await asyncio.to_thread(server.wait)
                server.end()
                server = await asyncio.to_thread(Process, "--data", data, port=server.port)
                await alice.send(f"@echo {number} back")
                assert len(await answers(alice, 1)) == 1
            stored = [each.message async for each in alice.history() if each.message.reply_to]
            assert len(stored) == 4
    finally:
        server.end()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_server_that_lost_its_store(language: str, tmp_path: Path) -> None:
    """A bot whose token and log are gone starts as a new guest at the head of the new log."""
    state = tmp_path / "state.json"
    for run in range(2):
        with serving("--data", str(tmp_path / f"data-{run}")) as server:
            at = f"127.0.0.1:{server.port}"
            async with ChatClient.connect(at, name="alice") as alice:
                if run == 1:
                    await alice.send("older than the bot")
                async with bot(language, at, state):
                    await alice.send(f"@echo {run}")
                    (answer,) = await answers(alice, 1)
                    assert answer.text == f"You said: @echo {run}"
    kept = json.loads(state.read_text())
    assert kept["token"]
    assert kept["log_id"]
    assert kept["incarnation"]
    assert kept["sequence"] > 0


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_taken_name(language: str, tmp_path: Path) -> None:
    """A bot that is refused ends with status 1 and the server's sentence."""
    with serving("--data", ":memory:") as server:
        at = f"127.0.0.1:{server.port}"
        async with ChatClient.connect(at, name="echo"):
            status, output = await finish(await start_bot(language, at, tmp_path / "state.json"))
    assert status == 1
    assert "Somebody else has the name echo" in output
