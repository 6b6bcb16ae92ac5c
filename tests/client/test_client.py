"""The SDK, against the real server."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import grpc
import pytest
from support import Recorder, eventually, free_port, running

from chat_grpc.client import (
    ChatCalls,
    ChatClient,
    Closed,
    ConnectionState,
    Position,
    Refused,
    Unreachable,
)
from chat_grpc.client.backoff import Backoff
from chat_grpc.client.channel import target
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


def at(server: Server) -> str:
    """Where the server is."""
    return f"127.0.0.1:{server.port}"


class Texts:
    """Reads the texts that a client gets, in the background."""

    def __init__(self, chat: ChatClient) -> None:
        self.seen: list[str] = []
        self.task = asyncio.create_task(self._read(chat))

    async def _read(self, chat: ChatClient) -> None:
        async for event in chat:
            if event.HasField("message"):
                self.seen.append(event.message.text)

    async def until(self, count: int) -> None:
        """Waits until so many texts came."""
        await eventually(lambda: len(self.seen) == count, 20)


async def test_send_returns_when_the_message_is_stored(server: Server) -> None:
    """To everyone, by name, by number; the others get it in the order of the calls."""
    async with (
        ChatClient.connect(at(server), name="alice") as alice,
        ChatClient.connect(at(server), name="bob") as bob,
    ):
        texts = Texts(bob)
        sent = [
            await alice.send("to all"),
            await alice.send("by name", "bob"),
            await alice.send("by number", bob.me.number),
        ]
        await eventually(lambda: len(texts.seen) == 3)
        assert texts.seen == ["to all", "by name", "by number"]
        assert [s.sequence for s in sent] == sorted(s.sequence for s in sent)
        assert [client.name for client in await bob.clients()] == ["alice", "bob"]
    await eventually(texts.task.done)


async def test_a_refusal_is_an_error_of_that_send(server: Server) -> None:
    """It carries code and reason, and the next send works."""
    async with ChatClient.connect(at(server), name="alice") as alice:
        with pytest.raises(Refused) as error:
            await alice.send("x", "nobody")
        assert error.value.code is grpc.StatusCode.NOT_FOUND
        assert error.value.reason == "USER_NOT_FOUND"
        assert (await alice.send("x")).sequence > 0


async def test_many_sends_keep_their_order(server: Server) -> None:
    """More than may be unanswered at once, from as many tasks."""
    async with (
        ChatClient.connect(at(server), name="alice") as alice,
        ChatClient.connect(at(server), name="bob") as bob,
    ):
        texts = Texts(bob)
        await asyncio.gather(*(alice.send(f"{n}") for n in range(1000)))
        await eventually(lambda: len(texts.seen) == 1000)
        assert texts.seen == [f"{n}" for n in range(1000)]


async def test_a_lost_connection_comes_back_and_nothing_is_lost(tmp_path: Path) -> None:
    """Over restarts of the server: what is sent meanwhile is stored once, what was missed comes."""
    port = free_port()
    options = {"listen": f"127.0.0.1:{port}", "data": str(tmp_path)}
    states: list[ConnectionState] = []
    async with running(**options):
        alice = ChatClient.connect(f"127.0.0.1:{port}", name="alice", on_state=states.append)
        bob = ChatClient.connect(f"127.0.0.1:{port}", name="bob")
        await alice.__aenter__()
        await bob.__aenter__()
        texts = Texts(bob)
        await alice.send("0")
    for number in range(1, 4):
        sending = asyncio.create_task(alice.send(f"{number}"))
        await eventually(lambda: alice.state is not ConnectionState.LIVE)
        async with running(**options):
            await sending
            await texts.until(number + 1)
    assert texts.seen == ["0", "1", "2", "3"]
    assert ConnectionState.WAITING in states
    assert alice.me.number == 1
    await alice.close()
    await bob.close()
    assert states[-1] is ConnectionState.CLOSED
    await eventually(texts.task.done)


async def test_a_client_goes_on_where_another_stopped(server: Server) -> None:
    """`position` and `token` make the next client get what it missed."""
    async with Recorder(server, name="alice") as alice:
        async with ChatClient.connect(at(server), name="bob") as bob:
            pass
        await alice.sent("missed")
        async with ChatClient.connect(at(server), token=bob.token, position=bob.position) as again:
            texts = Texts(again)
            await eventually(lambda: texts.seen == ["missed"])
            assert again.recovery == chat_pb2.RECOVERY_COMPLETE
    assert isinstance(again.position, Position)
    await eventually(texts.task.done)


async def test_a_guest_begins_anew_where_the_server_lost_its_store() -> None:
    """The token is no longer known; the name still makes a guest, and sending goes on."""
    port = free_port()
    listen = f"127.0.0.1:{port}"
    async with running(listen=listen):
        chat = ChatClient.connect(listen, name="alice")
        await chat.__aenter__()
        old = chat.token
    async with running(listen=listen):
        assert (await chat.send("hello")).sequence > 0
        assert chat.token != old
        await chat.close()


async def test_ends_that_another_try_cannot_mend_are_raised(server: Server) -> None:
    """A name that is taken, a name that cannot be, a token that is not known."""
    async with ChatClient.connect(at(server), name="alice"):
        for options, reason in (
            ({"name": "alice"}, "NAME_TAKEN"),
            ({"name": "a b"}, "NAME_INVALID"),
            ({"token": "unknown"}, "BAD_CREDENTIALS"),
        ):
            with pytest.raises(Refused) as error:
                async with ChatClient.connect(at(server), **options):
                    pass
            assert error.value.reason == reason


async def test_a_replaced_device_is_told(server: Server) -> None:
    """The older client's iteration and sends raise `REPLACED`; it does not fight back."""
    async with (
        ChatClient.connect(at(server), name="alice", device_id="phone") as old,
        ChatClient.connect(at(server), token=old.token, device_id="phone"),
    ):
        with pytest.raises(Refused, match="same device"):
            async for _ in old:
                pass
        with pytest.raises(Refused):
            await old.send("x")


async def test_no_server_is_unreachable() -> None:
    """The first connection is tried for as long as was asked, and no longer."""
    with pytest.raises(Unreachable):
        async with ChatClient.connect(f"127.0.0.1:{free_port()}", name="x", connect_timeout=0.5):
            pass
    async with ChatCalls(f"127.0.0.1:{free_port()}") as calls:
        with pytest.raises(Unreachable):
            await calls.clients()


async def test_closing_ends_what_waits() -> None:
    """A send without an answer raises `Closed`, and iterating ends."""
    async with running() as gone:
        chat = ChatClient.connect(at(gone), name="alice")
        await chat.__aenter__()
        texts = Texts(chat)
    sending = asyncio.create_task(chat.send("never"))
    await eventually(lambda: chat.state is not ConnectionState.LIVE)
    await chat.close()
    with pytest.raises(Closed):
        await sending
    await eventually(texts.task.done)


async def test_calls_without_a_stream(server: Server) -> None:
    """Sign in, send, list; a repeated request id is a duplicate."""
    async with ChatCalls(at(server)) as calls, Recorder(server, name="bob") as bob:
        with pytest.raises(Refused) as error:
            await calls.send_to("x")
        assert error.value.reason == "NOT_SIGNED_IN"
        await calls.sign_in("carol")
        first = await calls.send_to("hello", "bob", request_id="1")
        again = await calls.send_to("hello", "bob", request_id="1")
        assert (again.sequence, again.duplicate) == (first.sequence, True)
        await eventually(lambda: bob.texts == ["hello"])
        assert [client.name for client in await calls.clients()] == ["bob"]


def test_backoff_is_bounded_and_spread() -> None:
    """The bound doubles up to the cap; the server's wish is the least."""
    longest = Backoff(0.5, 5.0, uniform=lambda _, bound: bound)
    assert [longest.next() for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    longest.reset()
    assert longest.next() == 0.5
    assert longest.next(at_least=7.0) == 7.0
    spread = Backoff()
    waits = [spread.next() for _ in itertools.repeat(None, 100)]
    assert all(0 <= wait <= 5 for wait in waits)
    assert len(set(waits)) > 90


@pytest.mark.parametrize(
    ("server", "meant"),
    [
        ("localhost", "localhost:50051"),
        ("localhost:1", "localhost:1"),
        ("::1", "[::1]:50051"),
        ("[::1]", "[::1]:50051"),
        ("[::1]:7", "[::1]:7"),
        ("unix:/tmp/x", "unix:/tmp/x"),
    ],
)
def test_where_a_server_is(server: str, meant: str) -> None:
    """The port may be left out."""
    assert target(server) == meant
