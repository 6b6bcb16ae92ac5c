"""Unanswered requests, and the requests that a stream gets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from client.scripted import LOG, message

from chat_grpc.client import Closed, Refused, Unreachable
from chat_grpc.client.outgoing import Outgoing
from chat_grpc.client.requests import (
    Request,
    make_delete,
    make_edit,
    make_react,
    make_send,
)
from chat_grpc.client.session import Session
from chat_grpc.client.unanswered import KEPT_BY_SERVER, Unanswered
from chat_grpc.v1 import chat_pb2


def send(request_id: str, text: str = "hi", reply_to: int = 0) -> chat_pb2.Send:
    """A message to everyone."""
    return make_send(text, None, reply_to, request_id)


def waiting(unanswered: Unanswered) -> list[str]:
    """Return the ids of the unanswered requests, the oldest first."""
    return [each.request_id for each in unanswered.to_write()]


async def test_limit() -> None:
    """Over the limit, requests wait for an answer and keep their order."""
    unanswered = Unanswered(limit=2)
    await unanswered.add(send("a"))
    await unanswered.add(send("b"))
    turns = [asyncio.create_task(unanswered.add(send(name))) for name in "cd"]
    await asyncio.sleep(0)
    assert waiting(unanswered) == ["a", "b"]
    unanswered.sent(chat_pb2.Sent(request_id="a"))
    await turns[0]
    assert waiting(unanswered) == ["b", "c"]
    unanswered.sent(chat_pb2.Sent(request_id="b"))
    await turns[1]
    assert waiting(unanswered) == ["c", "d"]


async def test_cancelled_while_it_waits_for_its_turn() -> None:
    """A request that is cancelled before its turn is never made, and takes no slot."""
    unanswered = Unanswered(limit=1)
    await unanswered.add(send("a"))
    turns = [asyncio.create_task(unanswered.add(send(name))) for name in "bc"]
    await asyncio.sleep(0)
    turns[0].cancel()
    unanswered.sent(chat_pb2.Sent(request_id="a"))
    await turns[1]
    assert waiting(unanswered) == ["c"]


async def test_same_request() -> None:
    """The same request again waits for the same answer; another one with its id is refused."""
    unanswered = Unanswered(limit=2)
    first, new = await unanswered.add(send("a"))
    again, new_again = await unanswered.add(send("a"))
    assert (first is again, new, new_again) == (True, True, False)
    for other in (send("a", "other"), make_edit(1, "hi", "a")):
        with pytest.raises(Refused) as caught:
            await unanswered.add(other)
        assert caught.value.reason == "REQUEST_ID_REUSED"
    await unanswered.add(send("b"))
    assert len(unanswered) == 2


async def test_same_request_while_it_waits_for_its_turn() -> None:
    """Identical requests that wait for their turn become one, and free the other slot."""
    unanswered = Unanswered(limit=1)
    await unanswered.add(send("a"))
    twins = [asyncio.create_task(unanswered.add(send("b"))) for _ in range(2)]
    await asyncio.sleep(0)
    unanswered.sent(chat_pb2.Sent(request_id="a"))
    first, _ = await twins[0]
    unanswered.sent(chat_pb2.Sent(request_id="b", sequence=2))
    second, new = await twins[1]
    assert (await first).sequence == 2
    assert new
    assert first is not second


async def test_fail() -> None:
    """The end fails unanswered requests, those that wait for their turn, and later ones."""
    unanswered = Unanswered(limit=1)
    answer, _ = await unanswered.add(send("a"))
    turns = [asyncio.create_task(unanswered.add(send(name))) for name in "bc"]
    await asyncio.sleep(0)
    unanswered.fail(Closed("over"))
    failed: list[Awaitable[object]] = [answer, *turns]
    for each in failed:
        with pytest.raises(Closed):
            await each
    with pytest.raises(Closed):
        await unanswered.add(send("d"))


async def test_strange_answers() -> None:
    """Answers to unknown requests are ignored."""
    unanswered = Unanswered(limit=1)
    unanswered.sent(chat_pb2.Sent(request_id="x"))
    unanswered.rejected(chat_pb2.Rejected())
    await unanswered.add(send("a"))
    assert len(unanswered) == 1


async def test_settled() -> None:
    """Answers out of order settle the requests before the oldest unanswered one."""
    unanswered = Unanswered(limit=3)
    for name in "abc":
        await unanswered.add(send(name))
    settled = []
    for name in "bac":
        unanswered.sent(chat_pb2.Sent(request_id=name))
        settled.append(unanswered.settled)
    assert settled == [0, 2, 3]


async def test_no_answer_for_a_day() -> None:
    """A request that the server may have forgotten fails; an unsent one is sent."""
    now = 1_000_000.0
    unanswered = Unanswered(limit=3, now=lambda: now)
    old, _ = await unanswered.add(send("old"))
    assert waiting(unanswered) == ["old"]
    now += KEPT_BY_SERVER
    await unanswered.add(send("new"))
    unanswered.fail_old()
    assert waiting(unanswered) == ["old", "new"]
    now += 1
    unanswered.fail_old()
    with pytest.raises(Unreachable, match="may have been carried out"):
        await old
    assert waiting(unanswered) == ["new"]


async def test_events_do_not_wait_for_what_is_given_up() -> None:
    """An event that such a request may have made is given when the next stream starts."""
    now = 1_000_000.0
    session = Session(name="alice", token="", device_id="d", agent="a")
    session.outgoing.unanswered = unanswered = Unanswered(limit=3, now=lambda: now)
    session.take(welcome())
    asking = asyncio.create_task(session.outgoing.ask(send("old")))
    await spin()
    assert waiting(unanswered) == ["old"]
    session.take(message(5, author=1))
    taking = asyncio.create_task(session.inbox.take())
    await spin()
    assert taking.done()  # the welcome was taken
    taking = asyncio.create_task(session.inbox.take())
    await spin()
    assert not taking.done()
    now += KEPT_BY_SERVER + 1
    session.take(welcome())
    assert (await taking).sequence == 5
    with pytest.raises(Unreachable):
        await asking


def welcome() -> chat_pb2.Event:
    """Return the first event of a stream of user 1."""
    client = chat_pb2.Client(number=1)
    return chat_pb2.Event(
        welcome=chat_pb2.Welcome(
            client=client, log_id=LOG, recovery=chat_pb2.RECOVERY_COMPLETE, head_sequence=4
        )
    )


@pytest.mark.parametrize(
    ("request_", "kept"),
    [
        (send("a"), True),
        (send("a", reply_to=5), False),
        (make_edit(5, "hi", "a"), False),
        (make_delete(5, "a"), False),
        (make_react(5, "👍", "a", remove=False), False),
    ],
)
async def test_other_log(request_: Request, kept: bool) -> None:
    """A request that names a message fails in another log; other requests continue."""
    unanswered = Unanswered(limit=3)
    answer, _ = await unanswered.add(request_)
    unanswered.fail_of_log()
    assert (len(unanswered) == 1) is kept
    if not kept:
        with pytest.raises(Refused) as caught:
            await answer
        assert caught.value.reason == "MESSAGE_NOT_FOUND"


class Wire:
    """Keep what is written to a stream."""

    def __init__(self) -> None:
        self.written: list[chat_pb2.ConnectRequest] = []

    async def write(self, request: chat_pb2.ConnectRequest) -> None:
        """Keep a request."""
        self.written.append(request)

    def kinds(self) -> list[Any]:
        """Return the kinds of the requests that were written."""
        return [request.WhichOneof("request") for request in self.written]


async def write_to(outgoing: Outgoing, *, greeted: bool = True) -> tuple[Wire, asyncio.Task[None]]:
    """Return an open stream."""
    wire, event = Wire(), asyncio.Event()
    if greeted:
        event.set()
    task = asyncio.create_task(outgoing.write(wire, chat_pb2.Hello(), event))
    await spin()
    return wire, task


async def spin() -> None:
    """Let every task run as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_each_stream_gets_what_is_open() -> None:
    """A new stream gets the unanswered requests in order, and the newest markers."""
    outgoing = Outgoing(10)
    asking = [asyncio.create_task(outgoing.ask(send(name))) for name in "ab"]
    for sequence, room in ((5, "x"), (7, "x"), (6, "x"), (3, "y")):
        target = chat_pb2.Target(room=room)
        outgoing.mark(chat_pb2.MarkRead(target=target, sequence=sequence))
    for _ in range(2):
        wire, task = await write_to(outgoing)
        assert [request.send.request_id for request in wire.written[1:3]] == ["a", "b"]
        marks = [(r.mark_read.target.room, r.mark_read.sequence) for r in wire.written[3:]]
        assert marks == [("x", 7), ("y", 3)]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    outgoing.fail(Closed("over"))
    await asyncio.gather(*asking, return_exceptions=True)


async def test_nothing_before_the_welcome() -> None:
    """A stream gets only `hello` before its welcome; typing is dropped."""
    outgoing = Outgoing(10)
    wire, task = await write_to(outgoing, greeted=False)
    asking = asyncio.create_task(outgoing.ask(send("a")))
    outgoing.pass_on(chat_pb2.SetTyping())
    await spin()
    assert wire.kinds() == ["hello"]
    for each in (task, asking):
        each.cancel()
    await asyncio.gather(task, asking, return_exceptions=True)


async def test_marks_of_an_ended_client() -> None:
    """A marker after the end raises the error of the end."""
    outgoing = Outgoing(10)
    outgoing.fail(Closed("over"))
    with pytest.raises(Closed):
        outgoing.mark(chat_pb2.MarkRead(sequence=1))
