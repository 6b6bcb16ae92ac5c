"""The examples do what they document."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from client.bots import is_here
from support import UNIT, eventually

from chat_grpc.client import ChatClient
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

EXAMPLES = Path(__file__).parents[2] / "examples"


@contextmanager
def example(name: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run an example in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, EXAMPLES / name, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


async def message_to(chat: ChatClient) -> chat_pb2.Event:
    """Return the next message."""
    async with asyncio.timeout(10 * UNIT):
        async for event in chat:
            if event.HasField("message"):
                return event
    raise AssertionError("the stream ended")


async def test_bot(server: Server, tmp_path: Path) -> None:
    """The bot answers its commands in rooms and direct messages, and ends on Ctrl-C."""
    at = f"127.0.0.1:{server.port}"
    async with ChatClient.connect(at, name="alice") as alice:
        with example("bot.py", "--server", at, "--resume", str(tmp_path / "dice")) as bot:
            await eventually(lambda: is_here(alice, "dice"), within=20)
            asked = await alice.send("!roll 3d1")
            await alice.send("just talk")
            reply = await message_to(alice)
            assert reply.message.text == "3 (1 + 1 + 1)"
            assert (reply.message.room, reply.message.reply_to) == ("lobby", asked.sequence)
            await alice.send("!roll 2d6", to="dice")
            reply = await message_to(alice)
            assert re.fullmatch(r"\d+ \(\d \+ \d\)", reply.message.text)
            assert reply.message.user.name == "alice"
            await alice.send("!echo hello", to="dice")
            assert (await message_to(alice)).message.text == "hello"
            bot.send_signal(signal.SIGINT)
            await eventually(lambda: bot.poll() is not None, within=10)
            assert bot.returncode == 0


async def test_bot_that_crashes(server: Server, tmp_path: Path) -> None:
    """A bot that is killed repeatedly stays the same guest, and answers each command once."""
    at = f"127.0.0.1:{server.port}"
    arguments = ("bot.py", "--server", at, "--resume", str(tmp_path / "dice"))
    async with ChatClient.connect(at, name="alice") as alice:
        asked: list[int] = []
        for start in range(3):
            with example(*arguments) as bot:
                await eventually(lambda: is_here(alice, "dice"), within=20)
                asked += [(await alice.send(f"!echo {start} {n}")).sequence for n in range(5)]
                await message_to(alice)
                bot.kill()
            asked.append((await alice.send(f"!echo {start} away")).sequence)
        with example(*arguments):
            await alice.send("!echo last")
            async with asyncio.timeout(30 * UNIT):
                while (await message_to(alice)).message.text != "last":
                    pass
            stored = [s.message async for s in alice.history() if s.message.reply_to]
            replies = [message.reply_to for message in reversed(stored)][:-1]
            assert replies == asked
            assert len({message.author.number for message in stored}) == 1


async def test_send(server: Server) -> None:
    """A message is sent and reported; one to an unknown user fails with a sentence."""
    at = f"127.0.0.1:{server.port}"
    async with ChatClient.connect(at, name="alice") as alice:
        with example("send.py", "dinner", "--to", "alice", "--server", at) as process:
            assert (await message_to(alice)).message.text == "dinner"
            await eventually(lambda: process.poll() is not None, within=10)
            assert process.returncode == 0
            assert process.stdout is not None
            assert "for 1 open streams" in process.stdout.read()
        arguments = ("x", "--to", "nobody", "--server", at, "--name", "walter")
        with example("send.py", *arguments) as process:
            await eventually(lambda: process.poll() is not None, within=10)
            assert process.returncode == 1
            assert process.stderr is not None
            assert process.stderr.read() == "Not sent: There is no user nobody.\n"
