"""Closing and cancelling at any moment leaves no task, connection or waiting call."""

from __future__ import annotations

import asyncio

import pytest
from client.scripted import Scripted, entered, live, meeting, message, next_of, stored
from support import UNIT, eventually

from chat_grpc.client import ChatClient, ChatError, Closed, ConnectionState, Refused


async def ends(awaitable: asyncio.Future[object] | asyncio.Task[object]) -> object:
    """Wait for the end of a task; return its error, or None."""
    await asyncio.wait({awaitable}, timeout=5 * UNIT)
    assert awaitable.done()
    return asyncio.CancelledError if awaitable.cancelled() else awaitable.exception()


async def test_close_within_iterating(script: Scripted) -> None:
    """Iterating ends after the event at hand; queued events are left for the next client."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        await visit.tell(*(message(sequence) for sequence in range(1, 6)))
        seen = []
        async for event in chat:
            seen.append(event.sequence)
            if event.sequence == 2:
                await chat.close()
        assert seen == [1, 2]
        assert chat.position.sequence == 2


async def test_close_that_is_cancelled(script: Scripted) -> None:
    """Closing continues if its caller is cancelled, and a second close waits for it."""
    async with meeting(script) as (chat, visit):
        sending = asyncio.create_task(chat.send("hi"))
        await visit.sends(1)
        closing = asyncio.create_task(chat.close())
        await asyncio.sleep(0)
        closing.cancel()
        assert await ends(closing) is asyncio.CancelledError
        assert isinstance(await ends(sending), Closed)
        await chat.close()
        await eventually(lambda: script.open_streams == 0)


async def test_closes_at_once(script: Scripted) -> None:
    """Several tasks may close: each returns when the client is closed."""
    async with meeting(script) as (chat, _):
        await asyncio.gather(*(chat.close() for _ in range(5)))
        assert chat.state is ConnectionState.CLOSED
        await eventually(lambda: script.open_streams == 0)


@pytest.mark.parametrize("steps", [*range(1, 12), 20, 40])
async def test_cancelled_while_entering(script: Scripted, steps: int) -> None:
    """Entering that is cancelled after N steps of the loop leaves nothing open."""
    client = ChatClient.connect(script.address, name="alice")
    entering = asyncio.create_task(client.__aenter__())
    for _ in range(steps):
        await asyncio.sleep(0)
    entering.cancel()
    assert await ends(entering) is asyncio.CancelledError
    assert client.state is ConnectionState.CLOSED
    with pytest.raises(Closed):
        await client.send("hi")
    await eventually(lambda: script.open_streams == 0)


@pytest.mark.parametrize("steps", range(8))
async def test_cancelled_while_iterating(script: Scripted, steps: int) -> None:
    """Cancelling the wait for an event, early or late, loses no event."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        taking = asyncio.ensure_future(anext(chat))
        await asyncio.sleep(0)
        await visit.tell(message(1), message(2))
        for _ in range(steps):
            await asyncio.sleep(0)
        taking.cancel()
        first = [] if await ends(taking) else [taking.result().sequence]
        assert first + await stored(chat, 2 - len(first)) == [1, 2]


async def test_sends_that_give_up(script: Scripted) -> None:
    """A time limit on a send ends the wait; the message may be stored, and its id tells."""
    async with meeting(script) as (chat, visit):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await chat.send("hi", request_id="r1")
        (send,) = await visit.sends(1)
        again = asyncio.create_task(chat.send("hi", request_id="r1"))
        await asyncio.sleep(0)
        await visit.answer(send, 7)
        assert (await again).sequence == 7


async def test_two_tasks_iterate(script: Scripted) -> None:
    """A second task that iterates gets an error; the first gets every event."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        first = asyncio.create_task(next_of(chat, 1))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="another task"):
            await anext(chat)
        await visit.tell(message(1))
        assert [event.sequence for event in await first] == [1]


async def test_entered_once(script: Scripted) -> None:
    """A client cannot be entered a second time."""
    async with meeting(script) as (chat, _):
        with pytest.raises(RuntimeError, match="one `async with`"):
            await chat.__aenter__()
    closed = ChatClient.connect(script.address, name="alice")
    await closed.close()
    with pytest.raises(Closed):
        await closed.__aenter__()
    await eventually(lambda: script.open_streams == 0)


async def test_callback_that_always_raises(script: Scripted) -> None:
    """An error in `on_state` fails waiting calls, and closing still completes."""

    def on_state(_: ConnectionState) -> None:
        raise ZeroDivisionError

    entering, visit = await entered(script, on_state=on_state)
    await visit.welcome()
    error = await ends(entering)
    assert isinstance(error, ChatError | ZeroDivisionError)
    await eventually(lambda: script.open_streams == 0)


async def test_the_end_is_raised_each_time(script: Scripted) -> None:
    """Raising the same error many times costs no memory: its traceback does not grow."""
    async with meeting(script) as (chat, _):
        await chat.close()
        depths = []
        for _ in range(3):
            with pytest.raises(Closed) as caught:
                await chat.send("hi")
            depths.append(len(caught.traceback))
        assert depths[0] == depths[2]


async def test_refused_before_it_is_sent(script: Scripted) -> None:
    """An invalid request raises at once, and takes no slot of the unanswered ones."""
    async with meeting(script) as (chat, visit):
        for asking in (
            chat.send("a\udc80"),
            chat.send("x", to=0),
            chat.send("x", to="\udc80"),
            chat.send("x", reply_to=-1),
            chat.edit(0, "x"),
            chat.delete(2**63),
            chat.react(1, "\udc80"),
            chat.mark_read(0),
            chat.typing(to=-1),
        ):
            with pytest.raises(Refused):
                await asking
        sending = asyncio.create_task(chat.send("hi"))
        (send,) = await visit.sends(1)
        await visit.answer(send, 1)
        await sending
