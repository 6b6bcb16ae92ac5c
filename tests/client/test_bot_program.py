"""Bots in processes of their own: signals, second copies, and restarts."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from client.bots import is_here, texts
from support import UNIT, eventually, free_port

from chat_grpc.client import ChatClient
from chat_grpc.server import Server

PROGRAM = """
import sys, time
from chat_grpc.client.bot import Bot, Message
bot = Bot(sys.argv[1], name="echo")

@bot.on_mention
async def answer(message: Message) -> str:
    return message.arguments

@bot.command("slow")
def slow(message: Message) -> str:
    open("slow", "w").close()
    time.sleep(0.5)
    return "slow"

bot.run()
"""


@asynccontextmanager
async def program(
    at: str, folder: Path, text: str = PROGRAM
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a bot in a process of its own."""
    path = folder / "echo.py"
    path.write_text(text)
    started = await asyncio.create_subprocess_exec(
        sys.executable, path, at, cwd=folder, stderr=subprocess.PIPE
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.communicate()


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
async def test_signals(server: Server, tmp_path: Path, which: signal.Signals) -> None:
    """A signal lets handlers finish, keeps the position, and ends with status 0 and no noise."""
    at = f"127.0.0.1:{server.port}"
    async with ChatClient.connect(at, name="alice") as alice:
        async with program(at, tmp_path) as bot:
            await eventually(lambda: is_here(alice, "echo"), within=20)
            asked = await alice.send("!slow")
            await eventually((tmp_path / "slow").exists)
            bot.send_signal(which)
            assert await texts(alice, 1) == ["slow"]
            _, errors = await asyncio.wait_for(bot.communicate(), 20 * UNIT)
        assert bot.returncode == 0
        assert b"Traceback" not in errors
        assert errors.splitlines()[-1].endswith(b"1 messages are being handled")
        assert json.loads((tmp_path / "echo.resume.json").read_text())["sequence"] >= asked.sequence


HANGING = """
import asyncio, sys
from chat_grpc.client.bot import Bot, Message
bot = Bot(sys.argv[1], name="echo", wait=True, connect_timeout=None)

@bot.on_message
async def hang(message: Message) -> None:
    open("slow", "w").close()
    await asyncio.get_running_loop().create_future()

bot.run()
"""


async def test_a_second_copy(server: Server, tmp_path: Path) -> None:
    """A second start with the same resume file takes over; the first ends, and says why."""
    at = f"127.0.0.1:{server.port}"
    async with ChatClient.connect(at, name="alice") as alice, program(at, tmp_path) as first:
        await eventually(lambda: is_here(alice, "echo"), within=20)
        async with program(at, tmp_path):
            _, errors = await asyncio.wait_for(first.communicate(), 20 * UNIT)
            assert await is_here(alice, "echo")
    assert first.returncode == 1
    assert errors.endswith(b"Another copy of the bot has the same resume file.\n")


async def test_a_second_signal(server: Server, tmp_path: Path) -> None:
    """A second signal cancels handlers; their message is handled again by the next start."""
    at = f"127.0.0.1:{server.port}"
    async with ChatClient.connect(at, name="alice") as alice:
        for _ in range(2):
            async with program(at, tmp_path, HANGING) as bot:
                await eventually(lambda: is_here(alice, "echo"), within=20)
                await alice.send("hang")
                await eventually((tmp_path / "slow").exists)
                (tmp_path / "slow").unlink()
                bot.send_signal(signal.SIGTERM)
                assert bot.stderr is not None
                while b"being handled" not in await bot.stderr.readline():
                    pass
                bot.send_signal(signal.SIGTERM)
                _, errors = await asyncio.wait_for(bot.communicate(), 4 * UNIT)
                assert (bot.returncode, errors) == (0, b"")


async def test_a_signal_while_it_connects(tmp_path: Path) -> None:
    """A bot that waits for its server ends at once."""
    async with program(f"127.0.0.1:{free_port()}", tmp_path, HANGING) as bot:
        await eventually((tmp_path / "echo.resume.json").exists, within=20)
        bot.send_signal(signal.SIGINT)
        _, errors = await asyncio.wait_for(bot.communicate(), 10 * UNIT)
    assert bot.returncode == 0
    # A slow machine may give the bot the time to tell that it waits.
    assert all(b"there is no connection" in line for line in errors.splitlines())


async def test_restarts(server: Server, tmp_path: Path) -> None:
    """A bot that is killed is the same guest at once, and answers each message once."""
    at = f"127.0.0.1:{server.port}"
    async with ChatClient.connect(at, name="alice") as alice:
        expected: list[str] = []
        for start in range(3):
            async with program(at, tmp_path) as bot:
                await eventually(lambda: is_here(alice, "echo"), within=20)
                await alice.send(f"@echo {start} here")
                expected += [f"{start} here", f"{start} away"]
                await texts(alice, 1 if start == 0 else 2)
                bot.kill()
                await bot.communicate()
            await alice.send(f"@echo {start} away")
        async with program(at, tmp_path):
            await texts(alice, 1)
        stored = [each async for each in alice.history() if each.message.reply_to]
        assert sorted(each.message.text for each in stored) == sorted(expected)
        assert len({each.message.author.number for each in stored}) == 1


async def test_no_server(tmp_path: Path) -> None:
    """Without a server the program ends with status 1 and one sentence."""
    async with program(f"127.0.0.1:{free_port()}", tmp_path) as bot:
        _, errors = await asyncio.wait_for(bot.communicate(), 20 * UNIT)
    assert bot.returncode == 1
    assert len(errors.splitlines()) == 1
    assert b"The bot stops: No server answers at" in errors
