"""The parts of the SDK that need no connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import grpc
import pytest
from client.scripted import LOG, message

from chat_grpc.client import Closed, Position, Refused
from chat_grpc.client.backoff import Backoff
from chat_grpc.client.channel import target
from chat_grpc.client.errors import from_rejected
from chat_grpc.client.inbox import Inbox
from chat_grpc.client.requests import Unanswered, make_send
from chat_grpc.client.requests import target as target_of
from chat_grpc.v1 import chat_pb2


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("localhost", "localhost:50051"),
        ("localhost:7", "localhost:7"),
        (":7", "localhost:7"),
        ("192.0.2.1", "192.0.2.1:50051"),
        ("::1", "[::1]:50051"),
        ("fe80::1:2", "[fe80::1:2]:50051"),
        ("[::1]", "[::1]:50051"),
        ("[::1]:7", "[::1]:7"),
        ("unix:/run/chat", "unix:/run/chat"),
        ("unix:chat.sock", "unix:chat.sock"),
        ("dns:///chat.example:7", "dns:///chat.example:7"),
    ],
)
def test_server_address(server: str, expected: str) -> None:
    """A server that is named without a port has the default one."""
    assert target(server) == expected


def test_targets() -> None:
    """A number, a name, a room and nobody in particular each become the target they mean."""
    assert target_of(3) == chat_pb2.Target(client_number=3)
    assert target_of("bob") == chat_pb2.Target(user="bob")
    assert target_of("#ops") == chat_pb2.Target(room="ops")
    assert target_of(None) == chat_pb2.Target(room="lobby")


@pytest.mark.parametrize("number", [0, -1, 2**31, 10**12])
def test_impossible_number(number: int) -> None:
    """A number that no client can have is refused like one that nobody has."""
    with pytest.raises(Refused) as caught:
        target_of(number)
    assert (caught.value.code, caught.value.reason) == (
        grpc.StatusCode.NOT_FOUND,
        "CLIENT_NOT_FOUND",
    )


def test_text_that_is_not_unicode() -> None:
    """A text with a lone surrogate is refused, not a crash of the encoder."""
    with pytest.raises(Refused) as caught:
        make_send("a\udc80", None, 0, "r")
    assert caught.value.reason == "TEXT_INVALID"


def test_backoff_bounds() -> None:
    """The bound of the wait doubles from the base to the cap, and begins anew after a success."""
    bounds: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    backoff = Backoff(0.5, 5.0, uniform)
    assert [backoff.next() for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert {low for low, _ in bounds} == {0.0}
    backoff.reset()
    assert backoff.next() == 0.5


def test_backoff_is_random() -> None:
    """Two clients do not wait equally long, and never longer than the cap."""
    waits = [wait for _ in range(50) for wait in [Backoff(0.5, 5.0).next()]]
    assert len(set(waits)) > 40
    assert all(0 <= wait <= 0.5 for wait in waits)


def test_backoff_takes_what_the_server_asks() -> None:
    """The wait is never shorter than what the server asked for, even over the cap."""
    assert Backoff(0.5, 5.0, lambda _, most: most).next(at_least=30.0) == 30.0
    assert Backoff(0.5, 5.0, lambda _, most: most).next(at_least=0.1) == 0.5


async def test_backoff_sleeps() -> None:
    """Waiting takes the time that was drawn."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    await Backoff(0.5, 5.0, lambda _, most: most, sleep).wait(2.0)
    assert slept == [2.0]


def test_rejected_becomes_refused() -> None:
    """A rejected request gives code, reason, text, values and the time to wait."""
    error = chat_pb2.RequestError(
        code=8, reason="RATE_LIMITED", message="Slowly.", metadata={"rate": "5"}
    )
    error.retry_after.FromMilliseconds(1500)
    refused = from_rejected(error)
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (refused.reason, refused.message, str(refused)) == ("RATE_LIMITED", "Slowly.", "Slowly.")
    assert (refused.metadata, refused.retry_after) == ({"rate": "5"}, 1.5)


def test_rejected_with_a_code_to_come() -> None:
    """A code that this version does not know is still a refusal."""
    assert from_rejected(chat_pb2.RequestError(code=99)).code is grpc.StatusCode.UNKNOWN


def inbox(most: int = 10_000, hard: int = 20_000) -> Inbox:
    """An inbox at the start of a log."""
    return Inbox(Position(LOG, 0), most, hard)


async def test_inbox_gives_each_event_once() -> None:
    """What comes again, or from before, is dropped; what is not stored is always given."""
    box = inbox()
    typing = chat_pb2.Event(typing=chat_pb2.Typing(room="lobby"))
    for event in (message(1), message(2), typing, message(2), message(1), typing, message(5)):
        box.put(event)
    assert [(await box.take()).sequence for _ in range(5)] == [1, 2, 0, 0, 5]


async def test_inbox_position() -> None:
    """The position follows what the program took, not what came."""
    box = inbox()
    for sequence in (3, 4):
        box.put(message(sequence))
    assert (box.position, box.received) == (Position(LOG, 0), Position(LOG, 4))
    await box.take()
    assert box.position == Position(LOG, 3)


async def test_inbox_other_log() -> None:
    """Events of the old log that still wait keep their position; sequences begin anew."""
    box = inbox()
    box.put(message(900))
    box.welcome(chat_pb2.Welcome(log_id="log-2", head_sequence=5))
    box.put(message(6))
    assert (await box.take()).sequence == 900
    assert box.position == Position(LOG, 900)
    assert (await box.take()).sequence == 6
    assert box.position == Position("log-2", 6)


async def test_inbox_bound() -> None:
    """An inbox over its bound is full until the program takes enough."""
    box = inbox(most=1000)
    box.started = True
    while not box.full:
        box.put(message(box.received.sequence + 1, "x" * 100))
    waiting = asyncio.create_task(box.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    await box.take()
    await waiting
    assert not box.full


async def test_inbox_overflow() -> None:
    """Over the hard bound nothing more is kept or counted as received, until a stream resumes."""
    box = inbox(most=1000, hard=2000)
    box.started = True
    for sequence in range(1, 50):
        box.put(message(sequence, "x" * 100))
    kept = box.received.sequence
    assert kept < 10
    overflow = asyncio.create_task(box.overflow())
    assert [(await box.take()).sequence for _ in range(kept)] == list(range(1, kept + 1))
    await overflow
    box.put(message(50))
    assert box.resume() == Position(LOG, kept)
    box.welcome(chat_pb2.Welcome(log_id=LOG, recovery=chat_pb2.RECOVERY_COMPLETE))
    again = asyncio.create_task(box.overflow())
    await asyncio.sleep(0)
    assert not again.done()
    again.cancel()
    box.put(message(kept + 1))
    assert (await box.take()).sequence == kept + 1


async def test_inbox_before_it_is_read() -> None:
    """A program that never takes an event costs no more than the lower bound."""
    box = inbox(most=1000, hard=100_000)
    for sequence in range(1, 200):
        box.put(message(sequence, "x" * 100))
    assert box.received.sequence < 10


async def test_inbox_own_messages() -> None:
    """The program's own message, which a resumed stream brings along, is not given to it."""
    box = inbox()
    box.own(7)
    for sequence in (6, 7, 8):
        box.put(message(sequence))
    assert [(await box.take()).sequence for _ in range(2)] == [6, 8]


async def test_inbox_end() -> None:
    """What came before the end is still given; then the end is raised, each time."""
    box = inbox()
    box.put(message(1))
    box.end(Closed("over"))
    assert (await box.take()).sequence == 1
    for _ in range(2):
        with pytest.raises(Closed):
            await box.take()


def send(request_id: str, text: str = "hi") -> chat_pb2.Send:
    """A message to everyone."""
    return make_send(text, None, 0, request_id)


async def test_unanswered_limit() -> None:
    """Over the limit the next request waits for an answer, and they keep their order."""
    unanswered = Unanswered(limit=2)
    await unanswered.add(send("a"))
    await unanswered.add(send("b"))
    waiting = [asyncio.create_task(unanswered.add(send(name))) for name in "cd"]
    await asyncio.sleep(0)
    assert [each.request_id for each in unanswered] == ["a", "b"]
    unanswered.sent(chat_pb2.Sent(request_id="a"))
    await waiting[0]
    assert [each.request_id for each in unanswered] == ["b", "c"]
    unanswered.sent(chat_pb2.Sent(request_id="b"))
    await waiting[1]
    assert [each.request_id for each in unanswered] == ["c", "d"]


async def test_unanswered_same_request() -> None:
    """The same request again waits for the same answer; another one with its id is refused."""
    unanswered = Unanswered(limit=2)
    first, new = await unanswered.add(send("a"))
    again, new_again = await unanswered.add(send("a"))
    assert (first is again, new, new_again) == (True, True, False)
    with pytest.raises(Refused) as caught:
        await unanswered.add(send("a", "other"))
    assert caught.value.reason == "REQUEST_ID_REUSED"
    await unanswered.add(send("b"))
    assert len(unanswered) == 2


async def test_unanswered_fail() -> None:
    """An end fails those that wait for an answer, those that wait for their turn, and the next."""
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


async def test_unanswered_strange_answers() -> None:
    """Answers to what nobody asked are ignored."""
    unanswered = Unanswered(limit=1)
    unanswered.sent(chat_pb2.Sent(request_id="x"))
    unanswered.rejected(chat_pb2.Rejected())
    await unanswered.add(send("a"))
    assert len(unanswered) == 1
