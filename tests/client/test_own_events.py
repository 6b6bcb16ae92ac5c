"""Own results are answered once and not given as events, in whatever order they arrive."""

from __future__ import annotations

import asyncio

import pytest
from client.scripted import Scripted, Visit, live, meeting, message, next_of, status, stored
from grpc import StatusCode
from support import eventually

from chat_grpc.client import ChatClient, Position, Refused
from chat_grpc.v1 import chat_pb2

ME = chat_pb2.Author(number=1, name="alice")


def edited(sequence: int, target: int) -> chat_pb2.Event:
    """Return the event of an edit by the client's user."""
    text = chat_pb2.Message(author=ME, room="lobby", text="new")
    return chat_pb2.Event(
        sequence=sequence, edited=chat_pb2.Edited(target_sequence=target, message=text)
    )


def deleted(sequence: int, target: int) -> chat_pb2.Event:
    """Return the event of a deletion by the client's user."""
    return chat_pb2.Event(
        sequence=sequence, deleted=chat_pb2.Deleted(target_sequence=target, author=ME)
    )


def reaction(sequence: int, target: int) -> chat_pb2.Event:
    """Return the event of a reaction by the client's user."""
    return chat_pb2.Event(
        sequence=sequence, reaction=chat_pb2.Reaction(target_sequence=target, author=ME, emoji="👍")
    )


def sent(request_id: str, sequence: int, *, duplicate: bool = False) -> chat_pb2.Event:
    """Return an answer."""
    return chat_pb2.Event(
        sent=chat_pb2.Sent(request_id=request_id, sequence=sequence, duplicate=duplicate)
    )


async def edit_delete_react(
    chat: ChatClient, visit: Visit
) -> tuple[asyncio.Future[tuple[chat_pb2.Sent, chat_pb2.Sent, chat_pb2.Sent]], list[str]]:
    """Make one request of each kind; return the pending answers and the request ids."""
    asking = asyncio.gather(chat.edit(1, "new"), chat.delete(2), chat.react(3, "👍"))
    first, second, third = [await visit.request() for _ in range(3)]
    assert (first.edit.target_sequence, first.edit.text) == (1, "new")
    assert second.delete_message.target_sequence == 2
    assert (third.react.target_sequence, third.react.emoji) == (3, "👍")
    ids = [first.edit.request_id, second.delete_message.request_id, third.react.request_id]
    assert len(set(ids)) == 3
    return asking, ids


@pytest.mark.parametrize("answer_first", [False, True])
async def test_events_around_their_answers(script: Scripted, answer_first: bool) -> None:
    """A live stream brings the event before the answer, the log after it."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        asking, ids = await edit_delete_react(chat, visit)
        events = [edited(11, 1), deleted(12, 2), reaction(13, 3)]
        for request_id, event in zip(ids, events, strict=True):
            pair = [event, sent(request_id, event.sequence)]
            await visit.tell(*(reversed(pair) if answer_first else pair))
        await visit.tell(message(14))
        assert await stored(chat, 1) == [14]
        assert [each.sequence for each in await asking] == [11, 12, 13]


async def test_answers_lost(script: Scripted) -> None:
    """The log brings the results before the lost answers are repeated."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        asking, ids = await edit_delete_react(chat, visit)
        sending = asyncio.create_task(chat.send("mine"))
        (send,) = await visit.sends(1)
        visit.drop()
        again = await script.visit()
        made = [edited(11, 1), deleted(12, 2), message(13, "mine", author=1), reaction(14, 3)]
        await again.resumed(*made, message(15), head=15)
        taking = asyncio.create_task(stored(chat, 2))
        for request_id, sequence in ((ids[0], 11), (ids[1], 12), (ids[2], 14)):
            await again.request()
            await again.tell(sent(request_id, sequence, duplicate=True))
        await again.request()
        await again.tell(message(16))
        assert not taking.done()
        await again.answer(send, 13, duplicate=True)
        assert await taking == [15, 16]
        assert [each.sequence for each in await asking] == [11, 12, 14]
        assert (await sending).duplicate
        assert chat.position.sequence == 16


async def test_a_refused_request_made_nothing(script: Scripted) -> None:
    """Events of the user's other devices are given once the request is answered."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        reacting = asyncio.create_task(chat.react(3, "👍"))
        request = await visit.request()
        await visit.tell(reaction(7, 3))
        error = chat_pb2.RequestError(code=5, reason="MESSAGE_NOT_FOUND")
        rejected = chat_pb2.Rejected(request_id=request.react.request_id, error=error)
        await visit.tell(chat_pb2.Event(rejected=rejected))
        assert await stored(chat, 1) == [7]
        with pytest.raises(Refused):
            await reacting


async def test_other_devices(script: Scripted) -> None:
    """Events of the user's other streams are given like those of other users."""
    async with meeting(script) as (chat, visit):
        await visit.tell(message(1, author=1), edited(2, 1), reaction(3, 1))
        assert await stored(chat, 3) == [1, 2, 3]


async def test_other_devices_while_the_server_is_gone(script: Scripted) -> None:
    """Events that wait for an answer are given when the client ends without it."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        sending = asyncio.create_task(chat.send("mine"))
        await visit.sends(1)
        await visit.tell(message(5, author=1), message(6))
        visit.end(status(StatusCode.ABORTED, "REPLACED"))
        with pytest.raises(Refused):
            await sending
        assert await stored(chat, 2) == [5, 6]
        with pytest.raises(Refused):
            await next_of(chat, 1)


async def test_markers_come_back(script: Scripted) -> None:
    """A read marker has no answer; it is written to new streams until replaced."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        await chat.mark_read(5, to="#ops")
        await chat.mark_read(4, to="#ops")
        marked = (await visit.request()).mark_read
        assert (marked.target.room, marked.sequence) == ("ops", 5)
        marker = chat_pb2.ReadMarker(author=ME, room="ops", read_sequence=5)
        await visit.tell(chat_pb2.Event(sequence=9, read_marker=marker))
        (event,) = await next_of(chat, 1)
        assert event.read_marker.read_sequence == 5
        visit.drop()
        again = await script.visit()
        await again.resumed()
        assert (await again.request()).mark_read == marked


async def test_an_old_message_in_a_new_log(script: Scripted) -> None:
    """A request that names a message of a log that is gone never reaches the new log."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        await visit.tell(message(500), message(501))
        assert await stored(chat, 1) == [500]
        await chat.mark_read(500)
        await visit.request()
        reacting = asyncio.create_task(chat.react(500, "👍"))
        await visit.request()
        visit.drop()
        again = await script.visit()
        other = chat_pb2.RECOVERY_OTHER_LOG
        await again.welcome(log_id="log-2", head=900, recovery=other)
        with pytest.raises(Refused, match="another log"):
            await reacting
        # The program does not know of the new log yet: it still handles events of the old one.
        with pytest.raises(Refused, match="another log"):
            await chat.send("reply", reply_to=500)
        await chat.mark_read(500)
        sending = asyncio.create_task(chat.send("to all"))
        (send,) = await again.sends(1)
        await again.answer(send, 901)
        await sending
        assert await stored(chat, 1) == [501]
        assert (await next_of(chat, 1))[0].welcome.recovery == other
        deleting = asyncio.create_task(chat.delete(900))
        request = await again.request()
        await again.tell(sent(request.delete_message.request_id, 902))
        await deleting


async def test_position_passes_own_events(script: Scripted) -> None:
    """The position of a waiting program moves past its own results."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        waiting = asyncio.create_task(next_of(chat, 1))
        asking, ids = await edit_delete_react(chat, visit)
        for request_id, event in zip(
            ids, (edited(11, 1), deleted(12, 2), reaction(13, 3)), strict=True
        ):
            await visit.tell(event, sent(request_id, event.sequence))
        await asking
        await eventually(lambda: chat.position == Position("log-1", 13))
        assert not waiting.done()
        await visit.tell(message(14))
        await waiting
