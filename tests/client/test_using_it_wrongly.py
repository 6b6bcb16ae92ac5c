"""Each wrong use of a client is a clear error at once, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from client.scripted import Scripted, meeting
from support import UNIT, eventually, free_port

from chat_grpc.client import ChatCalls, ChatClient, Closed, ConnectionState, Refused
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

USES: list[Callable[[ChatClient], Awaitable[object]]] = [
    lambda chat: chat.send("hi"),
    lambda chat: chat.send("hi", request_id="r1"),
    lambda chat: chat.reply(
        chat_pb2.Event(message=chat_pb2.Message(author=chat_pb2.Author(number=2))), "hi"
    ),
    lambda chat: chat.edit(1, "hi"),
    lambda chat: chat.delete(1),
    lambda chat: chat.react(1, "👍"),
    lambda chat: chat.mark_read(1),
    lambda chat: chat.typing(),
    lambda chat: anext(chat),
    lambda chat: chat.clients(),
    lambda chat: chat.history().all(),
    lambda chat: chat.kick("bob"),
]


async def test_await_connects(server: Server) -> None:
    """`await` returns the connected client, which `close` ends."""
    chat = await ChatClient.connect(f"127.0.0.1:{server.port}", name="alice")
    assert chat.me.number == 1
    await chat.send("hi")
    await chat.close()
    assert chat.state is ConnectionState.CLOSED


async def test_async_with_closes_what_await_connected(server: Server) -> None:
    """`async with` on a client that `await` connected closes it, once."""
    chat = await ChatClient.connect(f"127.0.0.1:{server.port}", name="alice")
    async with chat as same:
        assert same is chat
        await chat.send("hi")
        with pytest.raises(RuntimeError, match="connects once"):
            await chat
        with pytest.raises(RuntimeError, match="connects once"):
            await chat.__aenter__()
    with pytest.raises(Closed, match="create a new one"):
        await chat.send("late")


async def test_async_with_on_a_closed_client(server: Server) -> None:
    """A client that was closed after `await` is not entered."""
    chat = await ChatClient.connect(f"127.0.0.1:{server.port}", name="alice")
    await chat.close()
    with pytest.raises(Closed):
        await chat.__aenter__()


@pytest.mark.parametrize("use", USES)
async def test_not_connected(use: Callable[[ChatClient], Awaitable[object]]) -> None:
    """Each method of a client that is not connected raises at once, and names both ways."""
    chat = ChatClient.connect(f"127.0.0.1:{free_port()}", name="alice")
    with pytest.raises(RuntimeError, match=r"`async with .*`chat = await ChatClient\.connect"):
        await asyncio.wait_for(use(chat), UNIT)


@pytest.mark.parametrize("use", USES)
async def test_another_loop(
    script: Scripted, use: Callable[[ChatClient], Awaitable[object]]
) -> None:
    """Each method raises at once on another event loop."""
    async with meeting(script) as (chat, _):

        async def elsewhere() -> object:
            return await use(chat)

        with pytest.raises(RuntimeError, match="belongs to another event loop"):
            await asyncio.to_thread(asyncio.run, elsewhere())
        with pytest.raises(RuntimeError, match="belongs to another event loop"):
            await asyncio.to_thread(asyncio.run, chat.close())


async def test_calls_on_another_loop(server: Server) -> None:
    """`ChatCalls` belongs to the loop of its first call."""
    async with ChatCalls(f"127.0.0.1:{server.port}") as calls:
        await calls.sign_in("alice")

        async def elsewhere() -> object:
            return await calls.clients()

        with pytest.raises(RuntimeError, match="belongs to another event loop"):
            await asyncio.to_thread(asyncio.run, elsewhere())


async def test_a_taken_name_names_the_cure(server: Server, tmp_path: Path) -> None:
    """The refusal of a held name says how the next start keeps it, or where it did not."""
    at = f"127.0.0.1:{server.port}"
    async with ChatClient.connect(at, name="echo"):
        pass
    with pytest.raises(
        Refused, match=r"resume_file the next start is .* without that, wait \d+ seconds\."
    ) as caught:
        await ChatClient.connect(at, name="echo")
    with pytest.raises(Refused, match=rf"did not keep its guest in {tmp_path / 'other'}"):
        await ChatClient.connect(at, name="echo", resume_file=tmp_path / "other")
    assert caught.value.reason == "NAME_TAKEN"
    assert caught.value.retry_after
    assert caught.value.__cause__ is None
    assert caught.value.grpc_error is not None


NEVER_CLOSED = "async def main():\n    chat = await connect()\n    await chat.clients()"
SCRIPTS = {
    "never closed": f"{NEVER_CLOSED}\nasyncio.run(main())",
    "kept after the loop": f"{NEVER_CLOSED}\n    return chat\nkept = asyncio.run(main())",
    "calls never closed": (
        "async def main():\n"
        "    calls = ChatCalls(AT)\n"
        "    await calls.clients()\n"
        "asyncio.run(main())"
    ),
    "a pending call": (
        "async def main():\n"
        "    chat = await connect()\n"
        "    asked = asyncio.create_task(chat.clients())\n"
        "    await asyncio.sleep(0)\n"
        "asyncio.run(main())"
    ),
    "a stream of responses left": (
        "async def main():\n"
        "    calls = ChatCalls(AT)\n"
        "    await calls.sign_in('alice')\n"
        "    async for record in calls.export_data():\n"
        "        return\n"
        "asyncio.run(main())"
    ),
    "an exit within the block": (
        "async def main():\n"
        "    async with ChatClient.connect(AT, name='alice') as chat:\n"
        "        sys.exit(0)\n"
        "asyncio.run(main())"
    ),
    "two loops": (
        "async def main(name):\n"
        "    async with ChatClient.connect(AT, name=name) as chat:\n"
        "        await chat.send('hi')\n"
        "for name in 'abc':\n"
        "    asyncio.run(main(name))"
    ),
}
PREAMBLE = """import asyncio, sys
from chat_grpc.client import ChatCalls, ChatClient
AT = sys.argv[1]
def connect():
    return ChatClient.connect(AT, name="alice")
"""


def output_of(script: str, *arguments: str) -> tuple[int, str]:
    """Run a program; return its exit status and what it wrote to standard error."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", PREAMBLE + script, *arguments],
        capture_output=True,
        text=True,
        timeout=30 * UNIT,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
async def test_the_end_of_a_program_is_silent(server: Server, script: str) -> None:
    """Nothing is printed at the end of a program, however it leaves its clients."""
    at = f"127.0.0.1:{server.port}"
    assert await asyncio.to_thread(output_of, script, at) == (0, "")


async def test_a_client_of_an_earlier_loop(server: Server) -> None:
    """A client that is used after its `asyncio.run` has ended gets one clear error."""
    script = f"{NEVER_CLOSED}\n    return chat\nasyncio.run(asyncio.run(main()).clients())"
    status, errors = await asyncio.to_thread(output_of, script, f"127.0.0.1:{server.port}")
    assert status == 1
    assert "belongs to another event loop" in errors.splitlines()[-1]
    assert "Event loop is closed" not in errors


async def test_an_error_has_one_traceback(server: Server) -> None:
    """A refusal, and a server that does not answer, print one traceback each."""
    at = f"127.0.0.1:{server.port}"
    script = "async def main():\n    await connect()\nasyncio.run(main())"
    async with ChatClient.connect(at, name="alice"):
        for address, sentence in ((at, "resume_file"), (f"127.0.0.1:{free_port()}", "No server")):
            status, errors = await asyncio.to_thread(output_of, script, address)
            assert status == 1
            assert errors.count("Traceback") == 1, errors
            assert sentence in errors.splitlines()[-1]


async def test_a_failed_await_leaves_nothing(script: Scripted) -> None:
    """`await` that is cancelled ends the client."""
    chat = ChatClient.connect(script.address, name="alice")

    async def connect() -> None:
        await chat

    connecting = asyncio.create_task(connect())
    await script.visit()
    connecting.cancel()
    with suppress(asyncio.CancelledError):
        await connecting
    assert chat.state is ConnectionState.CLOSED
    await eventually(lambda: script.open_streams == 0)
