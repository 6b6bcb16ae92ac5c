"""The queue of events from the stream to the program."""

from __future__ import annotations

import asyncio

import pytest
from client.scripted import LOG, message

from chat_grpc.client import Closed, Position
from chat_grpc.client.inbox import Inbox, OwnSequences
from chat_grpc.v1 import chat_pb2


def inbox(most: int = 10_000, hard: int = 20_000) -> Inbox:
    """An inbox at the start of a log."""
    box = Inbox(most, hard)
    box.start_at(Position(LOG, 0))
    return box


def welcome(
    recovery: chat_pb2.Recovery.ValueType = chat_pb2.RECOVERY_COMPLETE,
    log_id: str = LOG,
    head: int = 0,
) -> chat_pb2.Event:
    """Return the first event of a stream."""
    return chat_pb2.Event(
        welcome=chat_pb2.Welcome(log_id=log_id, head_sequence=head, recovery=recovery)
    )


def caught_up(head: int) -> chat_pb2.Event:
    """Return a `caught_up`."""
    return chat_pb2.Event(caught_up=chat_pb2.CaughtUp(head_sequence=head))


async def test_each_event_once() -> None:
    """Repeated and older events are dropped; events that are not stored are always given."""
    box = inbox()
    typing = chat_pb2.Event(typing=chat_pb2.Typing(room="lobby"))
    for event in (message(1), message(2), typing, message(2), message(1), typing, message(5)):
        box.put(event)
    assert [(await box.take()).sequence for _ in range(5)] == [1, 2, 0, 0, 5]


async def test_position() -> None:
    """The position follows the events taken, not those received."""
    box = inbox()
    for sequence in (3, 4):
        box.put(message(sequence))
    assert (box.position, box.received) == (Position(LOG, 0), Position(LOG, 4))
    await box.take()
    assert box.position == Position(LOG, 3)


async def test_handled() -> None:
    """An event counts as handled once the next one is taken, or the program says so."""
    box = inbox()
    for sequence in (3, 4):
        box.put(message(sequence))
    await box.take()
    assert box.handled == Position(LOG, 0)
    await box.take()
    assert box.handled == Position(LOG, 3)
    box.handle()
    assert box.handled == Position(LOG, 4)
    waiting = asyncio.create_task(box.take())
    await asyncio.sleep(0)
    box.own(5)
    box.put(message(5))
    await asyncio.sleep(0)
    assert box.handled == Position(LOG, 5)
    waiting.cancel()


async def test_held_events() -> None:
    """Events that are held are not handled, in whatever order they are released."""
    box = inbox()
    with pytest.raises(RuntimeError, match="no event at hand"):
        box.hold()
    for sequence in (3, 4, 5):
        box.put(message(sequence))
    await box.take()
    await box.take()
    second = box.hold()
    await box.take()
    third = box.hold()
    box.handle()
    assert box.handled == Position(LOG, 3)
    third()
    assert box.handled == Position(LOG, 3)
    second()
    second()
    assert box.handled == Position(LOG, 5)


async def test_held_events_of_an_old_log() -> None:
    """In another log an event that is held keeps no position back: its sequence means nothing."""
    box = inbox()
    box.put(message(3))
    await box.take()
    box.hold()
    assert box.welcome(welcome(chat_pb2.RECOVERY_OTHER_LOG, "log-2", head=7))
    await box.take()
    box.handle()
    assert box.handled == Position("log-2", 7)


async def test_caught_up_moves_the_position() -> None:
    """After `caught_up` the position is the head, even if no event was visible."""
    box = inbox()
    box.put(caught_up(70))
    assert (box.position, box.received) == (Position(LOG, 0), Position(LOG, 70))
    await box.take()
    assert box.position == Position(LOG, 70)


async def test_first_welcome() -> None:
    """Without a position, the program is at the stream's start before it takes an event."""
    box = Inbox(1000, 1000)
    assert not box.welcome(welcome(chat_pb2.RECOVERY_FRESH, head=7))
    assert (box.position, box.handled) == (Position(LOG, 7), Position(LOG, 7))


async def test_other_log() -> None:
    """Queued events of the old log keep their position; the new log has its own sequences."""
    box = inbox()
    box.put(message(900))
    assert box.welcome(welcome(chat_pb2.RECOVERY_OTHER_LOG, "log-2", 5))
    box.put(message(6))
    assert (await box.take()).sequence == 900
    assert (box.position, box.in_old_log) == (Position(LOG, 900), True)
    assert (await box.take()).welcome.recovery == chat_pb2.RECOVERY_OTHER_LOG
    assert (box.position, box.in_old_log) == (Position("log-2", 5), False)
    assert (await box.take()).sequence == 6
    assert box.position == Position("log-2", 6)


async def test_own_of_the_old_log() -> None:
    """Own results in the old log are not given, also after the new log has started."""
    box = inbox()
    box.put(message(5), doubt=1)
    box.own(5)
    box.welcome(welcome(chat_pb2.RECOVERY_OTHER_LOG, "log-2"))
    box.put(message(5))
    box.settle(1)
    assert [(await box.take()).sequence for _ in range(2)] == [0, 5]
    assert box.position == Position("log-2", 5)


TRUNCATED, COMPLETE = chat_pb2.RECOVERY_TRUNCATED, chat_pb2.RECOVERY_COMPLETE
FRESH, OTHER = chat_pb2.RECOVERY_FRESH, chat_pb2.RECOVERY_OTHER_LOG


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        (TRUNCATED, COMPLETE, TRUNCATED),
        (COMPLETE, TRUNCATED, TRUNCATED),
        (OTHER, COMPLETE, OTHER),
        (OTHER, TRUNCATED, OTHER),
        (FRESH, COMPLETE, FRESH),
        (FRESH, TRUNCATED, TRUNCATED),
    ],
)
async def test_welcomes_in_a_row(
    first: chat_pb2.Recovery.ValueType,
    then: chat_pb2.Recovery.ValueType,
    told: chat_pb2.Recovery.ValueType,
) -> None:
    """Streams without events are merged into one `welcome`, which reports each gap."""
    box = inbox()
    box.welcome(welcome(first, "log-2" if first in (OTHER, FRESH) else LOG))
    box.welcome(welcome(then, box.received.log_id))
    box.put(message(9))
    assert (await box.take()).welcome.recovery == told
    assert not box.in_old_log
    assert (await box.take()).sequence == 9


async def test_welcome_comes_through_a_full_inbox() -> None:
    """A gap is reported even if the inbox is full; repeated ones take no more space."""
    box = inbox(most=1000)
    while not box.full:
        box.put(message(box.received.sequence + 1, "x" * 100))
    last = box.received.sequence
    for _ in range(1000):
        box.resume()
        box.welcome(welcome(TRUNCATED))
        box.put(message(100))
    taken = [await box.take() for _ in range(last + 1)]
    assert [event.sequence for event in taken] == [*range(1, last + 1), 0]
    assert taken[-1].welcome.recovery == TRUNCATED


async def test_bound() -> None:
    """An inbox over its bound is full until the program takes enough."""
    box = inbox(most=1000)
    box.started = True
    while not box.full:
        box.put(message(box.received.sequence + 1, "x" * 100))
    waiting = asyncio.create_task(box.space())
    await asyncio.sleep(0)
    assert not waiting.done()
    await box.take()
    await waiting
    assert not box.full


async def test_overflow() -> None:
    """Over the hard bound events are neither kept nor received until a stream resumes."""
    box = inbox(most=1000, hard=2000)
    box.started = True
    for sequence in range(1, 50):
        box.put(message(sequence, "x" * 100))
    box.put(caught_up(50))
    kept = box.received.sequence
    assert kept < 10
    overflow = asyncio.create_task(box.overflow())
    assert [(await box.take()).sequence for _ in range(kept)] == list(range(1, kept + 1))
    await overflow
    box.put(message(50))
    assert box.resume() == Position(LOG, kept)
    box.welcome(welcome())
    again = asyncio.create_task(box.overflow())
    await asyncio.sleep(0)
    assert not again.done()
    again.cancel()
    box.put(message(kept + 1))
    assert [(await box.take()).sequence for _ in range(2)] == [0, kept + 1]


async def test_before_it_is_read() -> None:
    """If the program never takes an event, the lower bound applies."""
    box = inbox(most=1000, hard=100_000)
    for sequence in range(1, 200):
        box.put(message(sequence, "x" * 100))
    assert box.received.sequence < 10


async def test_own_events() -> None:
    """Own results that the log brings are not given."""
    box = inbox()
    box.own(7)
    for sequence in (6, 7, 8):
        box.put(message(sequence))
    assert [(await box.take()).sequence for _ in range(2)] == [6, 8]


async def test_doubtful_events_wait() -> None:
    """An event that a request may have made waits for its answer, as do later events."""
    box = inbox()
    for sequence, doubt in ((1, 0), (2, 2), (3, 0), (4, 2)):
        box.put(message(sequence), doubt)
    assert (await box.take()).sequence == 1
    waiting = asyncio.create_task(box.take())
    box.own(4)
    box.settle(1)
    await asyncio.sleep(0)
    assert not waiting.done()
    box.settle(2)
    assert (await waiting).sequence == 2
    assert (await box.take()).sequence == 3
    box.put(message(5))
    assert (await box.take()).sequence == 5


async def test_cancelled_take() -> None:
    """A cancelled call takes no event, even if one arrives at the same moment."""
    box = inbox()
    taking = asyncio.create_task(box.take())
    await asyncio.sleep(0)
    box.put(message(1))
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert (await box.take()).sequence == 1


async def test_two_at_once() -> None:
    """A second task that iterates gets `RuntimeError`, and takes no event."""
    box = inbox()
    first = asyncio.create_task(box.take())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="another task"):
        await box.take()
    box.put(message(1))
    assert (await first).sequence == 1


async def test_end() -> None:
    """Events before the end are still given; then each call raises the error."""
    box = inbox()
    box.put(message(1), doubt=1)
    box.end(Closed("over"))
    assert (await box.take()).sequence == 1
    for _ in range(2):
        with pytest.raises(Closed):
            await box.take()


async def test_end_that_discards() -> None:
    """Events that were discarded at the end can be read again later."""
    box = inbox()
    for sequence in (1, 2):
        box.put(message(sequence))
    await box.take()
    box.end(Closed("over"), discard=True)
    with pytest.raises(Closed):
        await box.take()
    assert box.position == Position(LOG, 1)


def test_own_sequences_are_bounded() -> None:
    """The oldest own sequences are dropped: their events would be given, not lost."""
    own = OwnSequences(most=100)
    for sequence in (*range(1, 102), 50):
        own.add(sequence)
    assert len(own) == 91
    assert not own.passed(10)
    assert own.passed(11)
    assert own.passed(50)
    assert not own.passed(50)
    assert len(own) == 51
