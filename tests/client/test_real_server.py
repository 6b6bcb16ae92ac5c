"""The SDK with a real server."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from client.senders import sends
from grpc import aio
from support import Recorder, eventually, free_port, running

from chat_grpc.app.answer import Answer
from chat_grpc.client import (
    ChatCalls,
    ChatClient,
    ConnectionState,
    NoServer,
    Refused,
    Unreachable,
)
from chat_grpc.client.backoff import Backoff
from chat_grpc.core.moderation import AddBan, Kick
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


def at(server: Server) -> str:
    """Return the server's address."""
    return f"127.0.0.1:{server.port}"


async def texts(chat: ChatClient, count: int) -> list[str]:
    """Take `count` messages; return their texts."""
    found: list[str] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            event = await anext(chat)
            if event.HasField("message"):
                found.append(event.message.text)
    return found


async def test_to_a_number_a_name_and_everyone(server: Server) -> None:
    """A message reaches its recipient, and nobody else."""
    async with (
        ChatClient.connect(at(server), name="alice") as alice,
        ChatClient.connect(at(server), name="bob") as bob,
        ChatClient.connect(at(server), name="carol") as carol,
    ):
        await alice.send("to bob's number", to=bob.me.number)
        await alice.send("to bob's name", to="bob")
        await alice.send("to all")
        await alice.send("to the lobby", to="#lobby")
        expected = ["to bob's number", "to bob's name", "to all", "to the lobby"]
        assert await texts(bob, 4) == expected
        assert await texts(carol, 2) == expected[2:]
        clients = await alice.clients()
        assert [client.name for client in clients] == ["alice", "bob", "carol"]


async def test_sent_twice(server: Server) -> None:
    """The same request again gives the first answer; another with its id is refused."""
    async with ChatClient.connect(at(server), name="alice") as alice:
        first = await alice.send("hi", request_id="r1")
        again = await alice.send("hi", request_id="r1")
        assert (again.sequence, again.duplicate) == (first.sequence, True)
        with pytest.raises(Refused) as caught:
            await alice.send("other", request_id="r1")
        assert caught.value.reason == "REQUEST_ID_REUSED"


@pytest.mark.parametrize(
    ("text", "to", "reason"),
    [
        ("hi", 999, "CLIENT_NOT_FOUND"),
        ("hi", "nobody", "USER_NOT_FOUND"),
        ("hi", "#nowhere", "ROOM_NOT_FOUND"),
        ("", None, "TEXT_EMPTY"),
        ("x" * 100_000, None, "TEXT_TOO_LONG"),
    ],
)
async def test_refused(server: Server, text: str, to: int | str | None, reason: str) -> None:
    """An invalid message is refused with the same reason on a stream and by a call."""
    async with ChatClient.connect(at(server), name="alice") as alice:
        with pytest.raises(Refused) as on_stream:
            await alice.send(text, to)
        async with ChatCalls(at(server), token=alice.token) as calls:
            with pytest.raises(Refused) as by_call:
                await calls.send_to(text, to)
        assert (on_stream.value.reason, by_call.value.reason) == (reason, reason)
        assert (await alice.send("still here")).sequence > 0


async def test_many_sends_keep_their_order(server: Server) -> None:
    """Sends beyond the limit of unanswered requests keep their order."""
    async with (
        ChatClient.connect(at(server), name="alice") as alice,
        ChatClient.connect(at(server), name="bob") as bob,
    ):
        await asyncio.gather(*await sends(alice, 400))
        assert await texts(bob, 400) == [f"{n}" for n in range(400)]


@pytest.mark.parametrize(
    ("name", "token", "reason"),
    [
        ("ALICE", None, "NAME_TAKEN"),
        ("a b", None, "NAME_INVALID"),
        ("", "unknown", "BAD_CREDENTIALS"),
        ("", None, "NOT_SIGNED_IN"),
    ],
)
async def test_refused_clients(server: Server, name: str, token: str | None, reason: str) -> None:
    """A taken or invalid name and an unknown token are refused at once, with a reason."""
    async with ChatClient.connect(at(server), name="alice"):
        with pytest.raises(Refused) as caught:
            async with ChatClient.connect(at(server), name=name, token=token):
                pytest.fail("it may not")
        assert caught.value.reason == reason


async def test_a_client_continues_where_another_stopped(server: Server) -> None:
    """With `position` and `token` the next client gets the missed events."""
    async with Recorder(server, name="alice") as alice:
        async with ChatClient.connect(at(server), name="bob") as bob:
            pass
        await alice.sent("missed")
        async with ChatClient.connect(at(server), token=bob.token, position=bob.position) as again:
            assert await texts(again, 1) == ["missed"]
            assert again.recovery == chat_pb2.RECOVERY_COMPLETE


async def test_token_makes_the_same_guest(server: Server) -> None:
    """A guest's token makes the next stream, and a call, the same guest."""
    async with ChatClient.connect(at(server), name="alice") as alice:
        number, token = alice.me.number, alice.token
    async with ChatClient.connect(at(server), token=token) as alice:
        assert (alice.me.number, alice.me.name) == (number, "alice")
        async with (
            ChatClient.connect(at(server), name="bob") as bob,
            ChatCalls(at(server), token=token) as calls,
        ):
            await calls.send_to("by a call", to="bob")
            event = await anext(aiter(bob))
            while not event.HasField("message"):
                event = await anext(bob)
            assert event.message.author.number == number


async def test_same_device_takes_over(server: Server) -> None:
    """A second client of the same device ends the first for good."""
    async with (
        ChatClient.connect(at(server), name="alice", device_id="d") as first,
        ChatClient.connect(at(server), token=first.token, device_id="d"),
    ):
        with pytest.raises(Refused) as caught:
            [event async for event in first]
        assert caught.value.reason == "REPLACED"


async def test_a_kicked_or_banned_client_ends(server: Server) -> None:
    """The client ends with the server's sentence, and does not connect again."""
    async with (
        ChatClient.connect(at(server), name="alice") as alice,
        ChatClient.connect(at(server), name="bob") as bob,
    ):
        kick, ban = Kick(alice.me.number, "too loud"), AddBan(bob.me.number, "", 0, "spam")
        for change in (kick, ban):
            answer = Answer()
            server._hub.intake.change_account(answer, 0, change)
            await answer.settled()
        for chat, reason, text in (
            (alice, "KICKED", "You were kicked: too loud. You may connect again."),
            (bob, "BANNED", "You are banned: spam."),
        ):
            with pytest.raises(Refused) as caught:
                [event async for event in chat]
            assert (caught.value.reason, str(caught.value)) == (reason, text)
            assert chat.state is ConnectionState.CLOSED


async def test_calls(server: Server) -> None:
    """Calls sign in, send and list; a call that needs a token says so."""
    async with ChatCalls(at(server)) as calls:
        with pytest.raises(Refused) as caught:
            await calls.send_to("hi")
        assert caught.value.reason == "NOT_SIGNED_IN"
        answer = await calls.sign_in("alice")
        assert calls.token == answer.token
        sent = await calls.send_to("hi", request_id="r1")
        again = await calls.send_to("hi", request_id="r1")
        assert (again.sequence, again.duplicate) == (sent.sequence, True)
        assert await calls.clients() == []


async def test_calls_without_a_server() -> None:
    """A call without a server raises `Unreachable`."""
    async with ChatCalls(f"127.0.0.1:{free_port()}") as calls:
        with pytest.raises(Unreachable):
            await calls.clients()


async def test_a_call_to_a_server_that_has_gone() -> None:
    """It raises `Unreachable`, not `NoServer`, and is not retried: it may have been carried out."""
    async with running() as server, ChatCalls(at(server)) as calls:
        await calls.sign_in("alice")
        await server.stop(grace=0)
        with pytest.raises(Unreachable) as caught:
            await calls.create_room("ops")
        assert not isinstance(caught.value, NoServer)


async def test_calls_to_a_server_that_does_not_answer() -> None:
    """A call over its deadline raises `Unreachable` and closes its connection."""
    reached, left = asyncio.Event(), asyncio.Event()
    quick = [("grpc.min_reconnect_backoff_ms", 500)]

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    mute = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = mute.sockets[0].getsockname()[1]
    async with ChatCalls(f"127.0.0.1:{port}", timeout=0.3, channel_options=quick) as calls:
        with pytest.raises(Unreachable):
            await calls.clients()
    assert reached.is_set()
    await eventually(left.is_set)
    mute.close()
    await mute.wait_closed()


async def test_calls_to_another_kind_of_server() -> None:
    """A gRPC server without the chat service causes an error of the SDK."""
    other = aio.server()
    port = other.add_insecure_port("127.0.0.1:0")
    await other.start()
    async with ChatCalls(f"127.0.0.1:{port}") as calls:
        with pytest.raises(Refused) as caught:
            await calls.clients()
        assert caught.value.code is grpc.StatusCode.UNIMPLEMENTED
    with pytest.raises(Refused):
        async with ChatClient.connect(f"127.0.0.1:{port}", name="alice"):
            pytest.fail("it is no chat server")
    await other.stop(grace=0)


async def test_every_page_is_listed(server: Server) -> None:
    """The list is complete and ordered by number, also over several pages."""
    async with ChatCalls(at(server)) as calls:
        names = [f"guest{number}" for number in range(7)]
        clients = [ChatClient.connect(at(server), name=name) for name in names]
        for client in clients:
            await client.__aenter__()
        found = await calls.clients()
        assert [client.name for client in found] == names
        assert [client.number for client in found] == sorted(client.number for client in found)
        assert [c.name for c in await calls.clients(room="lobby")] == names
        for client in clients:
            await client.close()


async def test_guest_returns_to_a_server_that_lost_its_store() -> None:
    """A guest signs in again by name if the server lost its store."""
    port = free_port()
    async with running(listen=f"127.0.0.1:{port}"):
        alice = ChatClient.connect(f"127.0.0.1:{port}", name="alice", backoff=Backoff(0.05, 0.2))
        await alice.__aenter__()
        old = alice.token
        await alice.send("before")
    async with running(listen=f"127.0.0.1:{port}"):
        await alice.send("after")
        assert alice.token != old
        assert alice.recovery == chat_pb2.RECOVERY_OTHER_LOG
        await alice.close()
