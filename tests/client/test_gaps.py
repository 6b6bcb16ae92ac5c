"""How a program learns that the server no longer has some events."""

from __future__ import annotations

import pytest
from client.scripted import LOG, Scripted, entered, live, meeting, message, next_of, stored
from support import eventually

from chat_grpc.client import Position
from chat_grpc.v1 import chat_pb2


async def test_the_stream_begins_with_welcome(script: Scripted) -> None:
    """The program gets `welcome` like other events, without the token, which is a secret."""
    async with meeting(script) as (chat, _):
        first, last = await live(chat)
        assert (first.welcome.client.number, first.welcome.log_id) == (1, LOG)
        assert first.welcome.recovery == chat_pb2.RECOVERY_FRESH
        assert first.welcome.token == ""
        assert chat.token == "token-1"
        assert last.HasField("caught_up")


async def test_a_gap_is_told_where_it_lies(script: Scripted) -> None:
    """A gap is reported between the events around it, however late the program takes them."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        await visit.tell(message(1), message(2))
        visit.drop()
        again = await script.visit()
        truncated = chat_pb2.RECOVERY_TRUNCATED
        await again.welcome(message(80), head=80, recovery=truncated, oldest=80)
        again.drop()
        third = await script.visit()
        assert third.hello.resume_after == 80
        await third.resumed(message(81), head=81)
        await eventually(lambda: chat.recovery == chat_pb2.RECOVERY_COMPLETE)
        events = [event for event in await next_of(chat, 8) if not event.HasField("caught_up")]
        assert [event.sequence for event in events] == [1, 2, 0, 80, 0, 81]
        assert events[2].welcome.recovery == truncated
        assert events[2].welcome.oldest_sequence == 80
        assert events[4].welcome.recovery == chat_pb2.RECOVERY_COMPLETE


async def test_another_log(script: Scripted) -> None:
    """Lower sequences of another log are new events; `welcome` moves the position into it."""
    async with meeting(script) as (chat, visit):
        await visit.tell(message(500))
        assert await stored(chat, 1) == [500]
        visit.drop()
        again = await script.visit()
        await again.welcome(log_id="log-2", head=3, recovery=chat_pb2.RECOVERY_OTHER_LOG)
        await again.tell(message(4), message(500))
        assert chat.position == Position(LOG, 500)
        (event,) = await next_of(chat, 1)
        assert event.welcome.recovery == chat_pb2.RECOVERY_OTHER_LOG
        assert chat.position == Position("log-2", 3)
        assert await stored(chat, 2) == [4, 500]


async def test_an_older_copy_of_the_log(script: Scripted) -> None:
    """A log that ends before the client's position is another one, even with the same id."""
    async with meeting(script) as (chat, visit):
        await visit.tell(message(500))
        assert await stored(chat, 1) == [500]
        visit.drop()
        again = await script.visit()
        await again.welcome(head=3, recovery=chat_pb2.RECOVERY_OTHER_LOG)
        await again.tell(message(4))
        assert await stored(chat, 1) == [4]
        assert chat.position == Position(LOG, 4)


async def test_a_position_of_another_log(script: Scripted) -> None:
    """A program that resumes in a log that is gone gets that `welcome` first."""
    entering, visit = await entered(script, position=Position("gone", 70))
    await visit.welcome(head=3, recovery=chat_pb2.RECOVERY_OTHER_LOG)
    await visit.tell(message(4))
    chat = await entering
    assert chat.position == Position("gone", 70)
    (event,) = await next_of(chat, 1)
    assert event.welcome.recovery == chat_pb2.RECOVERY_OTHER_LOG
    assert await stored(chat, 1) == [4]
    await chat.close()


@pytest.mark.parametrize("fell_behind", [False, True])
async def test_nothing_is_missing(script: Scripted, fell_behind: bool) -> None:
    """`caught_up` moves the position to the head, where the next stream resumes."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        caught_up = chat_pb2.CaughtUp(head_sequence=70, fell_behind=fell_behind)
        await visit.tell(chat_pb2.Event(caught_up=caught_up))
        (event,) = await next_of(chat, 1)
        assert event.caught_up.fell_behind is fell_behind
        assert chat.position == Position(LOG, 70)
        visit.drop()
        assert (await script.visit()).hello.resume_after == 70
