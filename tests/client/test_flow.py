"""Bounds: buffered events, unanswered requests, the size of a request."""

from __future__ import annotations

import asyncio

import pytest
from client.scripted import Scripted, Visit, live, meeting, message, next_of, stored
from client.senders import sends
from support import eventually

from chat_grpc.client import Refused
from chat_grpc.client.session import HARD_MAX_BUFFERED_BYTES, MAX_BUFFERED_BYTES, MAX_UNANSWERED
from chat_grpc.v1 import chat_pb2

TEXT = "x" * 16 * 1024
FLOOD = 3 * HARD_MAX_BUFFERED_BYTES // len(TEXT)
"""More messages than all buffers between server and program can hold."""


class Flood:
    """Write messages as fast as the client takes them."""

    def __init__(self, visit: Visit, first: int = 1) -> None:
        self.written = first - 1
        self._visit = visit
        self._task = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self.written < FLOOD:
            await self._visit.tell(*(message(self.written + 1 + n, TEXT) for n in range(8)))
            self.written += 8

    async def stalled(self) -> bool:
        """Return True if no message was taken for a while."""
        before = self.written
        await asyncio.wait({self._task}, timeout=0.3)
        return self.written == before and not self._task.done()

    async def end(self) -> None:
        """Stop the flood."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_program_that_takes_its_time(script: Scripted) -> None:
    """If the program stops iterating, the server stops writing, and no event is lost."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        flood = Flood(visit)
        await eventually(flood.stalled, within=20)
        assert flood.written * len(TEXT) < 2 * MAX_BUFFERED_BYTES + 6 * 1024 * 1024
        taken = await stored(chat, FLOOD)
        assert taken == list(range(1, FLOOD + 1))
        await flood.end()


async def test_send_from_within_iterating(script: Scripted) -> None:
    """A send is answered although the buffer is full and the program takes no events."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        flood = Flood(visit)
        await eventually(flood.stalled, within=20)
        sending = asyncio.create_task(chat.send("hi"))
        (send,) = await visit.sends(1)
        await eventually(lambda: flood.written == FLOOD, within=20)
        await visit.answer(send, FLOOD + 1)
        assert (await sending).sequence == FLOOD + 1
        await flood.end()


async def test_overflow_is_read_again(script: Scripted) -> None:
    """Discarded events are read again once the program has taken the buffered ones."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        sending = asyncio.create_task(chat.send("hi"))
        (send,) = await visit.sends(1)
        flood = Flood(visit)
        await eventually(lambda: flood.written == FLOOD, within=20)
        await visit.answer(send, FLOOD + 1)
        await sending
        taking = asyncio.create_task(stored(chat, FLOOD))
        again = await script.visit()
        assert 0 < again.hello.resume_after < FLOOD
        await again.welcome(recovery=chat_pb2.RECOVERY_COMPLETE, caught_up=False)
        rest = Flood(again, again.hello.resume_after + 1)
        taken = await taking
        assert taken == list(range(1, FLOOD + 1))
        assert script.opened == 2
        await flood.end()
        await rest.end()


async def test_program_that_only_sends(script: Scripted) -> None:
    """A program that never iterates can send, however many events arrive."""
    async with meeting(script) as (chat, visit):
        flood = Flood(visit)
        await eventually(lambda: flood.written == FLOOD, within=20)
        for number in range(3):
            sending = asyncio.create_task(chat.send("hi"))
            (send,) = await visit.sends(1)
            await visit.answer(send, FLOOD + 1 + number)
            await sending
        assert script.open_streams == 1
        await flood.end()


async def test_requests_under_way(script: Scripted) -> None:
    """At most 256 requests are unanswered; the next one is written when one is answered."""
    async with meeting(script) as (chat, visit):
        count = MAX_UNANSWERED + 2
        sending = await sends(chat, count)
        first = await visit.sends(MAX_UNANSWERED)
        following = asyncio.create_task(visit.request())
        await asyncio.wait({following}, timeout=0.2)
        assert not following.done()
        await visit.answer(first[0], 1)
        assert (await following).send.text == str(MAX_UNANSWERED)
        for send in first[1:]:
            await visit.answer(send, 1)
        await visit.answer((await following).send, 1)
        (last,) = await visit.sends(1)
        await visit.answer(last, 1)
        await asyncio.gather(*sending)


async def test_texts_that_are_too_long(script: Scripted) -> None:
    """The client refuses a text over the server's limit, which would end stream after stream."""
    async with meeting(script) as (chat, visit):
        with pytest.raises(Refused) as caught:
            await chat.send("é" * 513)
        assert (caught.value.reason, caught.value.metadata) == (
            "TEXT_TOO_LONG",
            {"max_text_bytes": "1024"},
        )
        with pytest.raises(Refused):
            await chat.send("hi", request_id="r" * 100_000)
        sending = asyncio.create_task(chat.send("é" * 512))
        (send,) = await visit.sends(1)
        await visit.answer(send, 1)
        await sending


async def test_typing(script: Scripted) -> None:
    """Typing is written to the server, and dropped without a connection."""
    async with meeting(script) as (chat, visit):
        await chat.typing(to="#ops")
        assert (await visit.request()).set_typing.target.room == "ops"
    await chat.typing()


async def test_hidden_events(script: Scripted) -> None:
    """Iterating gives no answers and no heartbeats."""
    async with meeting(script) as (chat, visit):
        await visit.tell(
            chat_pb2.Event(heartbeat=chat_pb2.Heartbeat()),
            chat_pb2.Event(),
            chat_pb2.Event(presence=chat_pb2.Presence()),
            chat_pb2.Event(typing=chat_pb2.Typing()),
            message(1),
        )
        kinds = [event.WhichOneof("event") for event in await next_of(chat, 5)]
        assert kinds == ["welcome", "caught_up", "presence", "typing", "message"]
