"""The first connection, the client's identity, and closing."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from client.scripted import (
    LOG,
    Scripted,
    entered,
    meeting,
    message,
    next_of,
    status,
    stored,
)
from support import eventually

from chat_grpc.client import (
    ChatClient,
    ChatError,
    Closed,
    ConnectionState,
    Position,
    Refused,
)
from chat_grpc.client.backoff import Backoff
from chat_grpc.v1 import chat_pb2

FINAL = [
    (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_REVOKED"),
    (grpc.StatusCode.PERMISSION_DENIED, "BANNED"),
    (grpc.StatusCode.ALREADY_EXISTS, "NAME_TAKEN"),
    (grpc.StatusCode.ABORTED, "REPLACED"),
    (grpc.StatusCode.FAILED_PRECONDITION, "HELLO_REQUIRED"),
    (grpc.StatusCode.INVALID_ARGUMENT, "NAME_INVALID"),
]


async def test_welcome(script: Scripted) -> None:
    """The welcome sets the client's identity, and the server's version and limits."""
    async with meeting(script) as (chat, visit):
        assert visit.hello.name == "alice"
        assert visit.hello.agent.startswith("chat-grpc-python/")
        assert visit.hello.device_id
        assert (chat.me.number, chat.token, chat.node) == (1, "token-1", "node-7")
        assert (chat.limits.max_text_bytes, chat.server_version) == (1024, "9.9")
        assert chat.recovery == chat_pb2.RECOVERY_FRESH


async def test_states(script: Scripted) -> None:
    """A connection that is lost once goes through its states in order."""
    seen: list[ConnectionState] = []
    async with meeting(script, on_state=seen.append) as (chat, visit):
        await eventually(lambda: chat.state is ConnectionState.LIVE)
        visit.drop()
        await (await script.visit()).resumed()
        await eventually(lambda: chat.state is ConnectionState.LIVE)
    state = ConnectionState
    once = [state.CATCHING_UP, state.LIVE]
    assert seen == [*once, state.WAITING, state.CONNECTING, *once, state.CLOSED]


async def test_refused_at_first(script: Scripted) -> None:
    """If the server refuses until `connect_timeout` is over, its reason is raised."""
    entering, visit = await entered(script, connect_timeout=0.3, backoff=None)
    visit.end(status(grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVER_FULL", retry_after=60.0))
    with pytest.raises(Refused) as caught:
        await entering
    assert (caught.value.reason, caught.value.retry_after) == ("SERVER_FULL", 60.0)


async def test_cancelled_while_connecting(script: Scripted) -> None:
    """Cancelling the first connection leaves nothing open."""
    entering, _ = await entered(script)
    entering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await entering
    await eventually(lambda: script.open_streams == 0)


async def test_token_takes_the_place_of_the_name(script: Scripted) -> None:
    """A client with a token sends no name; the token is in the metadata."""
    async with meeting(script, token="kept") as (_, visit):
        assert visit.hello.name == ""
        assert visit.metadata["authorization"] == "Bearer kept"


async def test_resume_of_another_client(script: Scripted) -> None:
    """The first stream resumes at a position that was kept."""
    entering, visit = await entered(script, position=Position(LOG, 41))
    assert (visit.hello.log_id, visit.hello.resume_after) == (LOG, 41)
    await visit.resumed(message(41), message(42), head=42)
    chat = await entering
    assert await stored(chat, 1) == [42]
    assert chat.position == Position(LOG, 42)
    await chat.close()


@pytest.mark.parametrize(("code", "reason"), FINAL)
async def test_final_status_at_first(script: Scripted, code: grpc.StatusCode, reason: str) -> None:
    """A final status is raised at once by the first connection."""
    entering, visit = await entered(script)
    visit.end(status(code, reason, "Not you."))
    with pytest.raises(Refused, match="Not you") as caught:
        await entering
    assert (caught.value.code, caught.value.reason) == (code, reason)
    assert caught.value.metadata == {"k": "v"}


@pytest.mark.parametrize(("code", "reason"), FINAL)
async def test_final_status_later(script: Scripted, code: grpc.StatusCode, reason: str) -> None:
    """A final status of an open stream is raised by a send, by iterating, and afterwards."""
    async with meeting(script) as (chat, visit):
        sending = asyncio.create_task(chat.send("hi"))
        await visit.sends(1)
        visit.end(status(code, reason))
        with pytest.raises(Refused) as caught:
            await sending
        assert caught.value.reason == reason
        with pytest.raises(Refused):
            await next_of(chat, 3)  # welcome and caught_up come first
        with pytest.raises(Refused):
            await chat.send("again")
        assert chat.state is ConnectionState.CLOSED


async def test_guest_of_a_server_that_lost_its_store(script: Scripted) -> None:
    """A guest with an unknown token signs in by name, once, and sends again."""
    async with meeting(script) as (chat, visit):
        sending = asyncio.create_task(chat.send("hi"))
        await visit.sends(1)
        visit.drop()
        (await script.visit()).end(status(grpc.StatusCode.UNAUTHENTICATED, "BAD_CREDENTIALS"))
        third = await script.visit()
        assert third.hello.name == "alice"
        assert "authorization" not in third.metadata
        await third.welcome(log_id="log-2", token="token-2")
        (send,) = await third.sends(1)
        await third.answer(send, 1)
        await sending
        assert chat.token == "token-2"


async def test_new_guest_is_tried_once(script: Scripted) -> None:
    """The client ends if the server also refuses the name."""
    entering, visit = await entered(script, token="kept")
    visit.end(status(grpc.StatusCode.UNAUTHENTICATED, "BAD_CREDENTIALS"))
    (await script.visit()).end(status(grpc.StatusCode.UNAUTHENTICATED, "NOT_SIGNED_IN"))
    with pytest.raises(Refused) as caught:
        await entering
    assert caught.value.reason == "NOT_SIGNED_IN"


async def test_token_that_ends_on_an_open_stream(script: Scripted) -> None:
    """A stream that ends because of its token is not reopened by name."""
    async with meeting(script) as (chat, visit):
        visit.end(status(grpc.StatusCode.UNAUTHENTICATED, "BAD_CREDENTIALS"))
        with pytest.raises(Refused):
            await next_of(chat, 3)


async def test_token_without_a_name(script: Scripted) -> None:
    """Without a name an unknown token ends the client."""
    entering, visit = await entered(script, name="", token="kept")
    visit.end(status(grpc.StatusCode.UNAUTHENTICATED, "BAD_CREDENTIALS"))
    with pytest.raises(Refused):
        await entering


async def test_close(script: Scripted) -> None:
    """Leaving the block fails waiting calls, and ends iterating and the stream. Idempotent."""
    async with meeting(script) as (chat, visit):
        sending = asyncio.create_task(chat.send("hi"))
        iterating = asyncio.create_task(next_of(chat, 3))
        await visit.sends(1)
    with pytest.raises(Closed):
        await sending
    with pytest.raises(StopAsyncIteration):
        await iterating
    assert [event async for event in chat] == []
    with pytest.raises(Closed):
        await chat.send("late")
    assert chat.state is ConnectionState.CLOSED
    await chat.close()
    await eventually(lambda: script.open_streams == 0)


async def test_close_while_away(script: Scripted) -> None:
    """A client that waits to reconnect can be closed."""
    sleeping = asyncio.Event()

    async def sleep(_: float) -> None:
        sleeping.set()
        await asyncio.get_running_loop().create_future()

    backoff = Backoff(sleep=sleep)
    async with meeting(script, backoff=backoff) as (chat, visit):
        visit.drop()
        await sleeping.wait()
        assert chat.state is ConnectionState.WAITING
    with pytest.raises(Closed):
        await chat.send("hi")


async def test_close_before_entering() -> None:
    """A client that was never entered can be closed."""
    chat = ChatClient.connect("127.0.0.1:1", name="alice")
    await chat.close()
    with pytest.raises(Closed):
        await chat.send("hi")


async def test_callback_that_raises(script: Scripted) -> None:
    """An error in the program's callback ends the client with an error that names it."""

    def on_state(state: ConnectionState) -> None:
        if state is ConnectionState.WAITING:
            raise RuntimeError("a fault of the program")

    async with meeting(script, on_state=on_state) as (chat, visit):
        visit.drop()
        with pytest.raises(ChatError, match="a fault of the program"):
            await next_of(chat, 3)
