"""Bots: which handler gets a message, errors, and slow handlers."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from client.bots import texts
from support import UNIT, eventually

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
