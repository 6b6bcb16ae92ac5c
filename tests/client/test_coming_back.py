"""Losing the connection and reconnecting."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from client.scripted import (
    LOG,
    RecordedBackoff,
    Scripted,
    duration,
    entered,
    live,
    meeting,
    message,
    next_of,
    scripted,
    status,
    stored,
)
from support import eventually

from chat_grpc.client import (
    ChatClient,
    ConnectionState,
    Refused,
)
from chat_grpc.v1 import chat_pb2

PASSING = [
    (grpc.StatusCode.UNAVAILABLE, "DRAINING"),
    (grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVER_FULL"),
    (grpc.StatusCode.DEADLINE_EXCEEDED, "HELLO_REQUIRED"),
    (grpc.StatusCode.INTERNAL, "INTERNAL"),
    (grpc.StatusCode.UNKNOWN, ""),
]


@pytest.mark.parametrize(("code", "reason"), PASSING)
async def test_comes_back(script: Scripted, code: grpc.StatusCode, reason: str) -> None:
    """After any other status the client reconnects as the same guest and resumes."""
    async with meeting(script) as (chat, visit):
        await visit.tell(message(1), message(2))
        assert await stored(chat, 2) == [1, 2]
        visit.end(status(code, reason))
        again = await script.visit()
        assert (again.hello.log_id, again.hello.resume_after) == (LOG, 2)
        assert again.hello.device_id == visit.hello.device_id
        assert (again.hello.name, again.metadata["authorization"]) == ("", "Bearer token-1")
        await again.resumed(message(2), message(3), head=3)
        assert await stored(chat, 1) == [3]


async def test_comes_back_after_a_plain_end(script: Scripted) -> None:
    """A stream that ends with OK is opened again."""
    async with meeting(script) as (chat, visit):
        visit.end()
        await (await script.visit()).resumed(message(1), head=1)
        assert await stored(chat, 1) == [1]


async def test_server_restarts() -> None:
    """The client reconnects to a server that was away for a while."""
    backoff = RecordedBackoff()
    async with scripted() as script:
        client = ChatClient.connect(script.address, name="alice", backoff=backoff)
        entering = asyncio.create_task(client.__aenter__())
        await (await script.visit()).welcome()
        await entering
    await eventually(lambda: len(backoff.waits) > 3)
    async with scripted(script.port) as script:
        await (await script.visit()).resumed(message(1), head=1)
        assert await stored(client, 1) == [1]
        await client.close()


async def test_sends_again_with_the_same_request_id(script: Scripted) -> None:
    """Unanswered requests are sent again, unchanged and in order; answered ones are not."""
    async with meeting(script) as (chat, visit):
        sending = [asyncio.create_task(chat.send(f"m{n}", to=n + 1)) for n in range(5)]
        first = await visit.sends(5)
        await visit.answer(first[1], 7)
        assert (await sending[1]).sequence == 7
        visit.drop()
        again = await script.visit()
        await again.resumed()
        second = await again.sends(4)
        assert second == [first[0], *first[2:]]
        for index, send in enumerate(second):
            await again.answer(send, 10 + index, duplicate=index == 0)
        answers = await asyncio.gather(*sending)
        assert [answer.sequence for answer in answers] == [10, 7, 11, 12, 13]
        assert [answer.duplicate for answer in answers] == [True, *[False] * 4]


async def test_sends_made_while_away_follow(script: Scripted) -> None:
    """Requests made without a connection are written after earlier ones."""
    async with meeting(script) as (chat, visit):
        early = asyncio.create_task(chat.send("early"))
        await visit.sends(1)
        visit.drop()
        again = await script.visit()
        late = asyncio.create_task(chat.send("late"))
        await again.resumed()
        sends = await again.sends(2)
        assert [send.text for send in sends] == ["early", "late"]
        for send in sends:
            await again.answer(send, 1)
        await asyncio.gather(early, late)


async def test_cancelled_send(script: Scripted) -> None:
    """A send whose caller was cancelled is still sent again; its answer is ignored."""
    async with meeting(script) as (chat, visit):
        sending = asyncio.create_task(chat.send("hi", request_id="r1"))
        await visit.sends(1)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        visit.drop()
        again = await script.visit()
        await again.resumed()
        (send,) = await again.sends(1)
        assert send.request_id == "r1"
        error = chat_pb2.RequestError(code=5, reason="USER_NOT_FOUND")
        rejected = chat_pb2.Rejected(request_id="r1", error=error)
        await again.tell(chat_pb2.Event(rejected=rejected), message(1))
        assert await stored(chat, 1) == [1]


async def test_rejected(script: Scripted) -> None:
    """A refused request raises from its `send`; the stream continues."""
    async with meeting(script) as (chat, visit):
        sending = asyncio.create_task(chat.send("hi", to="nobody"))
        (send,) = await visit.sends(1)
        assert send.target.user == "nobody"
        error = chat_pb2.RequestError(code=5, reason="USER_NOT_FOUND", message="Who?")
        rejected = chat_pb2.Rejected(request_id=send.request_id, error=error)
        await visit.tell(chat_pb2.Event(rejected=rejected))
        with pytest.raises(Refused, match="Who") as caught:
            await sending
        assert caught.value.code is grpc.StatusCode.NOT_FOUND
        assert chat.state is ConnectionState.LIVE


async def test_own_message_comes_with_what_was_missed(script: Scripted) -> None:
    """An answered own message is not given again when a resumed stream brings it."""
    async with meeting(script) as (chat, visit):
        sending = asyncio.create_task(chat.send("mine"))
        (send,) = await visit.sends(1)
        await visit.answer(send, 5)
        await sending
        visit.drop()
        again = await script.visit()
        await again.resumed(message(4), message(5, "mine", author=1), message(6), head=6)
        assert await stored(chat, 2) == [4, 6]


async def test_backoff_grows_until_live(script: Scripted) -> None:
    """The wait grows with each failed attempt up to the cap; a live stream resets it."""
    backoff = RecordedBackoff()
    async with meeting(script, backoff=backoff) as (_, visit):
        for _ in range(6):
            visit.drop()
            visit = await script.visit()
        assert backoff.waits == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
        await visit.resumed()
        visit.drop()
        await script.visit()
        assert backoff.waits[-1] == 0.5


async def test_server_that_only_welcomes(script: Scripted) -> None:
    """The wait also grows if the server ends each stream before it is live."""
    backoff = RecordedBackoff()
    async with meeting(script, backoff=backoff) as (chat, visit):
        await live(chat)
        visit.drop()
        for _ in range(3):
            visit = await script.visit()
            await visit.welcome(caught_up=False, recovery=chat_pb2.RECOVERY_COMPLETE)
            visit.drop()
        await script.visit()
        assert backoff.waits == [0.5, 1.0, 2.0, 4.0]


async def test_go_away_delay(script: Scripted) -> None:
    """The client waits as long as `go_away` asks, once; the program gets the event."""
    backoff = RecordedBackoff()
    async with meeting(script, backoff=backoff) as (chat, visit):
        away = chat_pb2.GoAway(reconnect_after=duration(7.25), message="bye")
        await visit.tell(chat_pb2.Event(go_away=away))
        await live(chat)
        (event,) = await next_of(chat, 1)
        assert event.go_away.message == "bye"
        visit.drop()
        again = await script.visit()
        assert backoff.waits == [7.25]
        again.drop()
        await script.visit()
        assert backoff.waits[1] < 2.0


async def test_retry_after(script: Scripted) -> None:
    """The client waits as long as the status of the stream asks."""
    backoff = RecordedBackoff()
    async with meeting(script, backoff=backoff) as (_, visit):
        visit.end(status(grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVER_FULL", retry_after=9.0))
        await script.visit()
        assert backoff.waits == [9.0]


async def test_silence(script: Scripted) -> None:
    """A stream is lost after 2.5 heartbeat intervals of silence, but not with heartbeats."""
    entering, visit = await entered(script)
    await visit.welcome(heartbeat=0.3)
    chat = await entering
    loop = asyncio.get_running_loop()
    start = loop.time()
    beats = 0
    while loop.time() - start < 1.5:
        await visit.tell(chat_pb2.Event(heartbeat=chat_pb2.Heartbeat()))
        beats += 1
        await asyncio.wait({visit.ended}, timeout=0.3)
    assert beats >= 4
    assert script.open_streams == 1
    again = await script.visit()
    assert again.hello.log_id == LOG
    await eventually(lambda: script.open_streams == 1)
    await chat.close()
