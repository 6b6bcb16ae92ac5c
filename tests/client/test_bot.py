"""Bots: which handler gets a message, errors, slow handlers, signals, and restarts."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from client.processes import is_here
from support import UNIT, eventually, free_port

from chat_grpc.client import ChatClient, ConnectionState, NoServer, sync
from chat_grpc.client.bot import Bot, Message
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


@asynccontextmanager
async def serving(bot: Bot) -> AsyncIterator[None]:
    """Run a bot in this loop, from its connection until `stop` has ended it."""
    running = asyncio.create_task(bot.serve())

    def connected() -> bool:
        try:
            return bool(bot.chat)
        except RuntimeError:
            return running.done()

    await eventually(connected)
    try:
        yield
    finally:
        bot.stop()
        await running


async def texts(chat: ChatClient, count: int) -> list[str]:
    """Return the texts of the next messages."""
    found: list[str] = []
    async with asyncio.timeout(10 * UNIT):
        async for event in chat:
            if event.HasField("message"):
                found.append(event.message.text)
                if len(found) == count:
                    break
    return found


async def test_handlers(server: Server, tmp_path: Path) -> None:
    """A message goes to its command, else to `on_mention`, else to `on_direct`."""
    at = f"127.0.0.1:{server.port}"
    bot = Bot(at, name="echo", resume_file=tmp_path / "resume")
    seen: list[str] = []

    @bot.on_message
    async def every(message: Message) -> None:
        seen.append(message.text)

    @bot.command("Add")
    def add(message: Message) -> str:
        return f"sum {sum(map(int, message.arguments.split()))}"

    @bot.on_mention
    async def mentioned(message: Message) -> str:
        return f"mention {message.arguments}"

    @bot.on_direct
    async def direct(message: Message) -> None:
        assert message.direct
        await message.reply(f"direct {message.arguments}")
        await message.reply(f"from {message.author.name}")

    async with serving(bot), ChatClient.connect(at, name="alice") as alice:
        for text, expected in (
            ("!add 1 2", "sum 3"),
            ("@echo !ADD 2 2", "sum 4"),
            ("!add\n2 3", "sum 5"),
            ("@echo: how are you?", "mention how are you?"),
            ("how is @echo?", "mention how is @echo?"),
        ):
            asked = await alice.send(text)
            assert await texts(alice, 1) == [expected]
            (stored,) = await alice.history(limit=1).all()
            assert stored.message.reply_to == asked.sequence
        await alice.send("just talk")
        await alice.send("!unknown")
        await alice.send("hello", "echo")
        assert await texts(alice, 2) == ["direct hello", "from alice"]
        await alice.send("@echo hi", "echo")
        assert await texts(alice, 1) == ["mention hi"]
        assert len(seen) == 9


async def test_a_slow_handler_delays_nobody(server: Server, tmp_path: Path) -> None:
    """While handlers wait, in coroutines and in threads, later messages are handled."""
    at = f"127.0.0.1:{server.port}"
    bot = Bot(at, name="echo", resume_file=tmp_path / "resume")
    gate, thread_gate = asyncio.Event(), threading.Event()

    @bot.command("wait")
    async def wait(_: Message) -> str:
        await gate.wait()
        return "waited"

    @bot.command("block")
    def block(_: Message) -> str:
        thread_gate.wait(20 * UNIT)
        return "blocked"

    @bot.command("ping")
    async def ping(_: Message) -> str:
        return "pong"

    async with serving(bot), ChatClient.connect(at, name="alice") as alice:
        for text in ("!wait", "!block", "!ping"):
            await alice.send(text)
        assert await texts(alice, 1) == ["pong"]
        gate.set()
        assert await texts(alice, 1) == ["waited"]
        thread_gate.set()
        assert await texts(alice, 1) == ["blocked"]


async def test_an_error_is_logged(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An error in a handler is logged with its handler and its message; the bot goes on."""
    at = f"127.0.0.1:{server.port}"
    bot = Bot(at, name="echo", resume_file=tmp_path / "resume")

    @bot.command("boom")
    async def boom(_: Message) -> None:
        raise ZeroDivisionError("a fault of the program")

    @bot.command("refused")
    async def refused(message: Message) -> None:
        await message.chat.send("hi", "nobody")

    @bot.command("number")
    async def number(_: Message) -> Any:
        return 7

    @bot.command("ping")
    async def ping(_: Message) -> str:
        return "pong"

    async with serving(bot), ChatClient.connect(at, name="alice") as alice:
        for text in ("!boom", "!refused", "!number", "!ping"):
            await alice.send(text)
            if text == "!ping":
                assert await texts(alice, 1) == ["pong"]
        await eventually(lambda: len(caplog.records) >= 3)
    told = "\n".join(record.getMessage() for record in caplog.records)
    assert "boom failed for message" in told
    assert "There is no user nobody." in told
    assert "number failed for message" in told
    assert "a fault of the program" in caplog.text
    assert "returned 7" in caplog.text


async def test_start_handlers(server: Server, tmp_path: Path) -> None:
    """A start handler gets the client, for example to join rooms."""
    at = f"127.0.0.1:{server.port}"
    bot = Bot(at, name="echo", resume_file=tmp_path / "resume")

    @bot.on_start
    async def start(chat: ChatClient) -> None:
        await chat.create_room("ops")

    with pytest.raises(RuntimeError, match="not connected"):
        _ = bot.chat
    async with serving(bot):

        async def there() -> bool:
            return "ops" in [room.name for room in await bot.chat.rooms()]

        await eventually(there)


def test_names_of_commands() -> None:
    """A command has one word, and one handler."""
    bot = Bot(name="echo", resume_file=None)
    bot.command("roll")(lambda _: None)
    for name in ("roll", "ROLL", "", "two words"):
        with pytest.raises(ValueError, match="is empty, has spaces, or is registered"):
            bot.command(name)


def test_default_resume_file() -> None:
    """The resume file is named after the bot; None keeps nothing."""
    assert Bot(name="echo")._options["resume_file"] == "echo.resume.json"
    assert Bot(name="echo", resume_file=None)._options["resume_file"] is None


async def test_unfinished_messages_come_again(server: Server, tmp_path: Path) -> None:
    """A message whose handler did not return is handled again; a finished one is not."""
    at = f"127.0.0.1:{server.port}"
    handled: list[str] = []
    hanging = asyncio.Event()

    def bot_of(*, hangs: bool) -> Bot:
        bot = Bot(at, name="echo", resume_file=tmp_path / "resume")

        @bot.on_message
        async def every(message: Message) -> None:
            handled.append(message.text)
            await message.reply(f"re: {message.text}")
            if hangs and message.text == "two":
                hanging.set()
                await asyncio.get_running_loop().create_future()

        return bot

    async with ChatClient.connect(at, name="alice") as alice:
        first = asyncio.create_task(bot_of(hangs=True).serve())
        await eventually(lambda: (tmp_path / "resume").exists())

        async def two_clients() -> bool:
            return len(await alice.clients()) == 2

        await eventually(two_clients)
        await alice.send("one")
        assert await texts(alice, 1) == ["re: one"]
        await alice.send("two")
        await hanging.wait()
        await alice.send("three")
        assert await texts(alice, 2) == ["re: two", "re: three"]
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await alice.send("four")
        async with serving(bot_of(hangs=False)):
            assert await texts(alice, 1) == ["re: four"]
            await eventually(lambda: handled.count("two") == 2)
        assert handled.count("one") == 1
        answers = [s.message.text async for s in alice.history() if s.message.reply_to]
        assert sorted(answers) == ["re: four", "re: one", "re: three", "re: two"]


async def test_running_in_a_thread(server: Server) -> None:
    """`running` runs the bot in a thread within a block, more than once; errors are raised."""
    at = f"127.0.0.1:{server.port}"
    bot = Bot("127.0.0.1:1", name="echo", resume_file=None)

    @bot.on_direct
    async def direct(message: Message) -> str:
        return f"re: {message.text}"

    def work() -> None:
        for name in ("echo", "echo2"):
            with bot.running(at, name=name), sync.ChatClient.connect(at, name=f"to-{name}") as chat:
                chat.send("hello", name)
                answers = (each.message.text for each in chat if each.HasField("message"))
                assert next(answers) == "re: hello"
        with pytest.raises(NoServer), bot.running():
            pass
        with pytest.raises(ZeroDivisionError), bot.running(at, name="echo3"):
            raise ZeroDivisionError

    await asyncio.to_thread(work)


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


def test_a_lost_connection_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The log says once that the connection was lost, and that it is back."""
    caplog.set_level(logging.INFO)
    bot = Bot(name="echo", resume_file=None)
    connected = (ConnectionState.CATCHING_UP, ConnectionState.LIVE)
    lost = (ConnectionState.WAITING, ConnectionState.CONNECTING)
    for state in (*connected, *lost, *lost, *connected):
        bot._show_state(state)
    assert [record.getMessage() for record in caplog.records] == [
        "there is no connection to the server; trying again",
        "connected",
    ]


def test_a_mention_at_the_start() -> None:
    """Only a mention of the bot itself is taken from the start of a text."""

    class Chat:
        me = chat_pb2.Client(number=7, name="echo")

    for text, expected in (
        ("@echo hi", "hi"),
        ("@Echo, hi", "hi"),
        ("@echo#7: hi", "hi"),
        ("@echo", ""),
        ("@alice hi", "@alice hi"),
        ("hi @echo", "hi @echo"),
    ):
        event = chat_pb2.Event(message=chat_pb2.Message(text=text, mentioned_numbers=[7]))
        chat: Any = Chat()
        assert Message(chat, event).unaddressed == expected
