"""The synchronous clients: the asynchronous ones, on threads of their own."""

from __future__ import annotations

import asyncio
import inspect
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from client.test_using_it_wrongly import output_of
from support import UNIT, Process, eventually, free_port, wait_for

from chat_grpc.client import ChatCalls as AsyncCalls
from chat_grpc.client import ChatClient as AsyncClient
from chat_grpc.client import Closed, ConnectionState, NoServer, Refused
from chat_grpc.client.sync import ChatCalls, ChatClient
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


async def on_thread(server: Server, work: Callable[[str], None]) -> None:
    """Run synchronous code beside the server's loop, with its address."""
    await asyncio.to_thread(work, f"127.0.0.1:{server.port}")


ASYNC_ONLY = {"hold", "connect", "close"}


@pytest.mark.parametrize(("ours", "theirs"), [(ChatClient, AsyncClient), (ChatCalls, AsyncCalls)])
def test_every_method_is_there(ours: type, theirs: type) -> None:
    """Each public name of an asynchronous client is there, with its signature."""
    for name, member in inspect.getmembers(theirs):
        if name.startswith("_") or name in ASYNC_ONLY:
            continue
        assert hasattr(ours, name), name
        if not isinstance(member, property):
            assert inspect.signature(getattr(ours, name)) == inspect.signature(member), name


async def test_sending_and_receiving(server: Server) -> None:
    """Messages are sent, received and answered; iterating ends after a time without an event."""

    def work(at: str) -> None:
        with ChatClient.connect(at, name="alice") as alice, ChatClient(at, name="bob") as bob:
            assert (alice.me.name, alice.state) != ("", ConnectionState.CLOSED)
            sent = alice.send("hello", bob.me)
            received = [e for e in bob.events(timeout=0.5 * UNIT) if e.HasField("message")]
            assert [event.sequence for event in received] == [sent.sequence]
            bob.reply(received[0], "hi")
            for event in alice:
                if event.HasField("message"):
                    assert event.message.reply_to == sent.sequence
                    break
            with pytest.raises(TimeoutError):
                alice.receive(timeout=0.01)
            texts = [stored.message.text for stored in alice.history(bob.me)]
            assert texts == ["hi", "hello"]
            assert alice.history(bob.me, limit=1).all()[0].message.text == "hi"
            assert alice.position.sequence > sent.sequence
        assert list(alice) == []
        with pytest.raises(Closed):
            alice.send("late")
        with pytest.raises(Closed):
            alice.receive()

    await on_thread(server, work)


async def test_calls(server: Server) -> None:
    """`ChatCalls` signs in, sends, lists, and iterates over a stream of responses."""

    def work(at: str) -> None:
        with ChatCalls(at) as calls:
            assert calls.sign_in("alice").number == 1
            assert calls.token
            assert calls.send_to("hello").sequence
            assert [room.name for room in calls.rooms()] == ["lobby"]
            texts = [each.message.text for each in ChatCalls(at, token=calls.token).history()]
            assert texts == ["hello"]
            assert '"record":"end"' in list(calls.export_data())[-1]
            for _ in calls.export_data():  # left before its end
                break

    await on_thread(server, work)


async def test_errors(server: Server) -> None:
    """Errors are those of the asynchronous client, and a client that cannot connect is gone."""

    def work(at: str) -> None:
        before = threading.active_count()
        with pytest.raises(NoServer):
            ChatClient.connect(f"127.0.0.1:{free_port()}", name="alice")
        with pytest.raises(ValueError, match="not an address"):
            ChatClient.connect("not an address", name="alice")
        with ChatClient.connect(at, name="alice") as alice:
            with pytest.raises(Refused, match="no user bob"):
                alice.send("hi", "bob")
            with pytest.raises(TypeError, match="reply_to"):
                alice.send("hi", reply_to="17")  # type: ignore[arg-type]
        wait_for(lambda: threading.active_count() <= before)

    await on_thread(server, work)


async def test_threads(server: Server) -> None:
    """Several threads use one client; closing it ends those that wait."""

    def work(at: str) -> None:
        chat = ChatClient.connect(at, name="alice")
        sent: list[chat_pb2.Sent] = []
        received: list[chat_pb2.Event] = []
        threads = [threading.Thread(target=lambda: sent.append(chat.send("hi"))) for _ in range(10)]
        reader = threading.Thread(target=lambda: received.extend(chat))
        for thread in (reader, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        assert len({each.sequence for each in sent}) == 10
        chat.close()
        chat.close()
        reader.join(10 * UNIT)
        assert not reader.is_alive()

    await on_thread(server, work)


async def test_a_callback_that_uses_its_client(server: Server) -> None:
    """A call from the client's own thread is an error, and not a deadlock."""
    errors: list[str] = []

    def work(at: str) -> None:
        chats: list[ChatClient] = []

        def on_state(_: ConnectionState) -> None:
            for chat in chats:
                with pytest.raises(RuntimeError) as caught:
                    chat.send("hi")
                errors.append(str(caught.value))

        with ChatClient.connect(at, name="alice", on_state=on_state) as chat:
            chats.append(chat)

    await on_thread(server, work)
    assert errors
    assert "its own thread" in errors[0]


async def test_a_client_that_is_forgotten(server: Server) -> None:
    """The thread and the stream of a client end with the last reference to it."""

    def work(at: str) -> None:
        before = threading.active_count()
        ChatClient.connect(at, name="alice")
        wait_for(lambda: threading.active_count() <= before)

    await on_thread(server, work)
    await eventually(lambda: server.stream_count == 0)


async def test_the_thread_itself_forgets_the_client(server: Server) -> None:
    """The last reference may go on the client's own thread, which then ends as well."""

    def work(at: str) -> None:
        before = threading.active_count()
        kept = [ChatClient.connect(at, name="alice")]
        thread = kept[0]._thread

        async def forget() -> None:
            kept.clear()

        thread.call(forget())
        wait_for(lambda: threading.active_count() <= before)

    await on_thread(server, work)


SILENT = {
    "never closed": (
        "chat = ChatClient.connect(AT, name='alice', resume_file=FILE)\nchat.send('hi')"
    ),
    "calls never closed": "calls = ChatCalls(AT)\ncalls.clients()",
    "an exit within the block": (
        "with ChatClient.connect(AT, name='alice') as chat:\n    sys.exit(0)"
    ),
    "a thread that still waits": (
        "chat = ChatClient.connect(AT, name='alice')\n"
        "threading.Thread(target=lambda: list(chat), daemon=True).start()"
    ),
}
PREAMBLE = """import threading
from chat_grpc.client.sync import ChatCalls, ChatClient
FILE = sys.argv[2]
"""


@pytest.mark.parametrize("script", SILENT.values(), ids=SILENT)
async def test_the_end_of_a_program_is_silent(server: Server, tmp_path: Path, script: str) -> None:
    """Nothing is printed at the end of a program, however it leaves its clients."""
    arguments = (f"127.0.0.1:{server.port}", str(tmp_path / "resume"))
    assert await asyncio.to_thread(output_of, PREAMBLE + script, *arguments) == (0, "")


WAITING = """
from chat_grpc.client.sync import ChatClient
import sys
with ChatClient.connect(sys.argv[1], name="alice", resume_file=sys.argv[2]) as chat:
    try:
        print("open", flush=True)
        for event in chat:
            pass
    except KeyboardInterrupt:
        print(chat.send("bye").sequence, flush=True)
        raise
"""


def interrupted(*arguments: str) -> tuple[str, str]:
    """Run the program above, interrupt it, and return the rest of its output, and its errors."""
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "open\n"
        program.send_signal(signal.SIGINT)
        return program.communicate(timeout=20 * UNIT)


async def test_ctrl_c(server: Server, tmp_path: Path) -> None:
    """Ctrl-C ends a program that waits for events with one traceback, and closes its client."""
    output, errors = await asyncio.to_thread(
        interrupted, f"127.0.0.1:{server.port}", str(tmp_path / "resume")
    )
    assert output.strip().isdigit(), errors
    assert errors.count("Traceback") == 1
    assert errors.endswith("\nKeyboardInterrupt\n")
    async with AsyncCalls(f"127.0.0.1:{server.port}") as calls:

        async def nobody() -> bool:
            return await calls.clients() == []

        await eventually(nobody)


def test_a_server_that_restarts(tmp_path: Path) -> None:
    """A synchronous client reconnects and resumes, as the asynchronous one does."""
    first = Process("--data", str(tmp_path))
    with ChatClient.connect(f"127.0.0.1:{first.port}", name="alice") as alice:
        alice.send("before")
        first.end()
        second = Process("--data", str(tmp_path), port=first.port)
        try:
            alice.send("after")
            assert [each.message.text for each in alice.history()] == ["after", "before"]
        finally:
            second.end()
