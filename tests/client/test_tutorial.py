"""The tutorial, step by step as written, and the types of all programs in the documentation."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support import UNIT, eventually

from chat_grpc.client import ChatCalls, ChatClient
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "sdk.md", ROOT / "docs" / "sdk-reference.md"]


def programs_of(page: Path) -> list[str]:
    """Return the programs of a page."""
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


FIRST_BOT, BOT, TEST, SCRIPT, TOKEN_BOT = programs_of(PAGES[0])


@asynccontextmanager
async def running(
    text: str, at: str, folder: Path, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program of the tutorial as `echo.py`, with another server; kill it at the end."""
    (folder / "echo.py").write_text(text.replace("localhost:50051", at))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "echo.py"),
        cwd=folder,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def is_here(chat: ChatClient, name: str = "echo") -> bool:
    """Return True if the bot is connected."""
    return name in [client.name for client in await chat.clients()]


async def events(chat: ChatClient, kind: str, count: int) -> list[chat_pb2.Event]:
    """Return the next events of a kind."""
    found: list[chat_pb2.Event] = []
    async with asyncio.timeout(20 * UNIT):
        async for event in chat:
            if event.WhichOneof("event") == kind:
                found.append(event)
                if len(found) == count:
                    break
    return found


async def texts(chat: ChatClient, count: int) -> list[str]:
    """Return the texts of the next messages."""
    return [event.message.text for event in await events(chat, "message", count)]


async def test_steps_2_and_3(server: Server, tmp_path: Path) -> None:
    """The first bot answers a mention, and one that came while it was stopped or killed."""
    at = f"127.0.0.1:{server.port}"
    async with ChatClient.connect(at, name="alice") as alice:
        async with running(FIRST_BOT, at, tmp_path) as bot:
            await eventually(lambda: is_here(alice), within=20)
            await alice.send("@echo hello")
            assert await texts(alice, 1) == ["You said: hello"]
            bot.send_signal(signal.SIGINT)
            _, log = await asyncio.wait_for(bot.communicate(), 20 * UNIT)
        assert bot.returncode == 0
        told = re.fullmatch(r"[0-9-]+ [0-9:,]+ INFO echo is number (\d+) on .*\n", log.decode())
        assert told is not None
        await alice.send("@echo are you there?")
        async with running(FIRST_BOT, at, tmp_path) as bot:
            (answer,) = await events(alice, "message", 1)
            assert answer.message.text == "You said: are you there?"
            assert answer.message.author.number == int(told[1])
            bot.kill()
            await bot.communicate()
        await alice.send("@echo and now?")
        async with running(FIRST_BOT, at, tmp_path):
            assert await texts(alice, 1) == ["You said: and now?"]


async def test_the_bot_of_the_readme(server: Server, tmp_path: Path) -> None:
    """The bot in the README answers a mention."""
    at = f"127.0.0.1:{server.port}"
    bot = programs_of(ROOT / "README.md")[0]
    async with ChatClient.connect(at, name="alice") as alice, running(bot, at, tmp_path):
        await eventually(lambda: is_here(alice), within=20)
        await alice.send("@echo hello")
        assert await texts(alice, 1) == ["You said: hello"]


async def test_step_4(server: Server, tmp_path: Path) -> None:
    """The commands answer, a slow one delays no other, and a direct message is greeted."""
    at = f"127.0.0.1:{server.port}"
    async with ChatClient.connect(at, name="alice") as alice, running(BOT, at, tmp_path):
        await eventually(lambda: is_here(alice), within=20)
        await alice.send("!think about dice")
        await alice.send("!roll 2d6")
        rolled, thought = await texts(alice, 2)
        assert 2 <= int(rolled) <= 12
        assert thought == "About about dice I think nothing."
        await alice.send("hi", "echo")
        (reaction,) = await events(alice, "reaction", 1)
        assert reaction.reaction.emoji == "👋"
        assert (await texts(alice, 1))[0].startswith("Hello, alice.")
        assert "dice" in [room.name for room in await alice.rooms()]


async def test_step_6(tmp_path: Path) -> None:
    """The test of the tutorial passes, and fails for a bot that answers something else."""
    (tmp_path / "test_echo.py").write_text(TEST)
    for bot, status in ((BOT, 0), (BOT.replace("You said", "You wrote"), 1)):
        (tmp_path / "echo.py").write_text(bot)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:asyncio", "test_echo.py"),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(process.communicate(), 60 * UNIT)
        assert process.returncode == status, output.decode()


async def test_step_7(server: Server, tmp_path: Path) -> None:
    """The script sends, reacts and answers without asyncio, and prints nothing."""
    at = f"127.0.0.1:{server.port}"
    async with ChatClient.connect(at, name="alice") as alice:
        async with running(SCRIPT, at, tmp_path) as script:
            assert await texts(alice, 1) == ["The build is green."]
            await alice.send("Why?")
            assert await texts(alice, 1) == ["I only build."]
            _, errors = await asyncio.wait_for(script.communicate(), 20 * UNIT)
        assert (script.returncode, errors) == (0, b"")


async def test_step_8(server: Server, tmp_path: Path) -> None:
    """A bot with a token is that user; without it the program says what to set."""
    at = f"127.0.0.1:{server.port}"
    async with running(TOKEN_BOT, at, tmp_path) as bot:
        _, errors = await asyncio.wait_for(bot.communicate(), 20 * UNIT)
        assert (bot.returncode, errors) == (1, b"Set CHAT_TOKEN to the token of the bot.\n")
    async with ChatClient.connect(at, name="alice") as alice, ChatCalls(at) as calls:
        token = (await calls.sign_in("helper")).token
        async with running(TOKEN_BOT, at, tmp_path, CHAT_TOKEN=token):
            await eventually(lambda: is_here(alice, "helper"), within=20)
            await alice.send("@helper hello")
            assert await texts(alice, 1) == ["You said: hello"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_types(page: Path, tmp_path: Path) -> None:
    """`mypy --strict` accepts every program of a page."""
    for number, text in enumerate(programs_of(page)):
        name = "echo" if text == BOT else f"program_{number}"
        (tmp_path / f"{name}.py").write_text(text)
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--config-file=",
            "--cache-dir",
            tmp_path / "c",
        ),
        tmp_path,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 100 * UNIT)
    assert process.returncode == 0, output.decode()
