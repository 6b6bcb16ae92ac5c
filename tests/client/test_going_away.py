"""When a server goes away, clients leave soon and lose nothing."""

from __future__ import annotations

import asyncio
import time

from client.scripted import (
    RecordedBackoff,
    Scripted,
    Visit,
    duration,
    live,
    meeting,
    message,
    next_of,
    stored,
)
from support import UNIT, eventually

from chat_grpc.client import ConnectionState
from chat_grpc.client.connection import LEAVE_WITHIN
from chat_grpc.v1 import chat_pb2


async def go_away(visit: Visit, after: float = 0.0) -> None:
    """Tell the client that the server goes away."""
    await visit.tell(chat_pb2.Event(go_away=chat_pb2.GoAway(reconnect_after=duration(after))))


async def test_an_idle_client_leaves_at_once(script: Scripted) -> None:
    """A client without open requests leaves at once; the program sees `go_away`."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        began = time.monotonic()
        await go_away(visit)
        second = await script.visit()
        assert time.monotonic() - began < LEAVE_WITHIN
        await eventually(lambda: script.open_streams == 1)
        await second.resumed()
        assert (await next_of(chat, 1))[0].HasField("go_away")


async def test_reconnecting_is_spread(script: Scripted) -> None:
    """The client stays away as long as the server asked."""
    backoff = RecordedBackoff()
    async with meeting(script, backoff=backoff) as (_, visit):
        await go_away(visit, 7.25)
        await (await script.visit()).resumed()
        assert backoff.waits == [7.25]


async def test_answers_on_their_way_are_awaited(script: Scripted) -> None:
    """A request that the server received is answered on the old stream and not sent again."""
    async with meeting(script) as (chat, visit):
        sending = asyncio.create_task(chat.send("hi"))
        (send,) = await visit.sends(1)
        await go_away(visit)
        await eventually(lambda: script.open_streams == 1)
        await visit.answer(send, 7)
        assert (await sending).sequence == 7
        second = await script.visit()
        await second.resumed(head=7)
        again = asyncio.create_task(chat.send("later"))
        (send,) = await second.sends(1)
        assert send.text == "later"
        await second.answer(send, 8)
        await again


async def test_no_request_after_go_away(script: Scripted) -> None:
    """Requests made after `go_away` are written to the next stream, once."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        first = asyncio.create_task(chat.send("before"))
        (send,) = await visit.sends(1)
        await go_away(visit)
        assert (await next_of(chat, 1))[0].HasField("go_away")
        second = asyncio.create_task(chat.send("after"))
        await eventually(lambda: chat._session.outgoing.unanswered.made == 2)
        await visit.answer(send, 1)
        await first
        later = await script.visit()
        await later.resumed(head=1)
        (send,) = await later.sends(1)
        assert send.text == "after"
        await later.answer(send, 2)
        assert (await second).sequence == 2


async def test_a_server_that_does_not_answer_any_more(script: Scripted) -> None:
    """Without an answer the client leaves after a second and sends the request again."""
    async with meeting(script) as (chat, visit):
        sending = asyncio.create_task(chat.send("hi"))
        (send,) = await visit.sends(1)
        began = time.monotonic()
        await go_away(visit)
        second = await script.visit()
        assert LEAVE_WITHIN * 0.9 < time.monotonic() - began < 5 * UNIT
        await second.resumed()
        (again,) = await second.sends(1)
        assert again.request_id == send.request_id
        await second.answer(again, 1, duplicate=True)
        assert (await sending).duplicate


async def test_events_after_go_away(script: Scripted) -> None:
    """Events after `go_away` come after the resume, each once."""
    async with meeting(script) as (chat, visit):
        await visit.tell(message(1), message(2))
        assert await stored(chat, 2) == [1, 2]
        await go_away(visit)
        second = await script.visit()
        assert second.hello.resume_after == 2
        await second.resumed(message(2), message(3), head=3)
        assert await stored(chat, 1) == [3]
        await eventually(lambda: chat.state is ConnectionState.LIVE)


async def test_go_away_with_the_welcome(script: Scripted) -> None:
    """If `go_away` follows the welcome, waiting requests are not written to that stream."""
    away = chat_pb2.Event(go_away=chat_pb2.GoAway())
    async with meeting(script) as (chat, visit):
        visit.drop()
        second = await script.visit()
        sending = asyncio.create_task(chat.send("hi"))
        await eventually(lambda: chat._session.outgoing.unanswered.made == 1)
        began = time.monotonic()
        await second.welcome(away, recovery=chat_pb2.RECOVERY_COMPLETE, caught_up=False)
        third = await script.visit()
        assert time.monotonic() - began < LEAVE_WITHIN
        await third.resumed()
        (send,) = await third.sends(1)
        await third.answer(send, 1)
        await sending
