"""The promises of the SDK, under any sequence of stream events."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from client.world import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_grpc.client import Position
from chat_grpc.client.inbox import Inbox, OwnSequences
from chat_grpc.client.unanswered import Unanswered
from chat_grpc.v1 import chat_pb2

STEPS = st.lists(st.tuples(st.integers(0, 18), st.integers(0, 999)), max_size=150)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_each_event_once_and_no_own_ones(steps: list[tuple[int, int]]) -> None:
    """Each stored event comes once, by rising sequence; own results never; gaps are reported."""
    asyncio.run(run(steps))


def random_steps(seed: int) -> list[tuple[int, int]]:
    """Return the steps of one run."""
    chance = random.Random(seed)
    return [(chance.randrange(19), chance.randrange(1000)) for _ in range(400)]


def test_long_lives() -> None:
    """The promises hold over long runs, which have every kind of recovery."""
    seen: set[int] = set()
    taken = 0
    for seed in range(60):
        world = asyncio.run(run(random_steps(seed)))
        taken += len(world.taken)
        seen |= {e.welcome.recovery for e in world.taken if e.HasField("welcome")}
    assert seen == {1, 2, 3, 4}
    assert taken > 1000


def _each_is_new(put: Any) -> Any:
    def planted(inbox: Inbox, event: chat_pb2.Event, doubt: int = 0) -> None:
        if event.sequence:
            inbox.received = Position(inbox.received.log_id, event.sequence - 1)
        put(inbox, event, doubt)

    return planted


def _one_further(resume: Any) -> Any:
    def planted(inbox: Inbox) -> Position:
        position: Position = resume(inbox)
        return Position(position.log_id, position.sequence + (1 if position.log_id else 0))

    return planted


async def _never(_: Inbox) -> None:
    await asyncio.get_running_loop().create_future()


PLANTED: dict[str, tuple[type, str, Callable[[Any], Any]]] = {
    "own events are given": (OwnSequences, "passed", lambda _: lambda *_: False),
    "no event waits for an answer": (Inbox, "put", lambda put: lambda box, e, _=0: put(box, e)),
    "events come twice": (Inbox, "put", _each_is_new),
    "resume is off by one": (Inbox, "resume", _one_further),
    "an overflow loses events": (Inbox, "overflow", lambda _: _never),
    "another log goes unnoticed": (Inbox, "welcome", lambda _: lambda *_: False),
    "an answer is lost": (Unanswered, "sent", lambda _: lambda *_: None),
    "the position is ahead": (Inbox, "handled", lambda _: property(lambda box: box.received)),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_planted_bugs_are_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model finds each kind of planted bug."""
    where, name, make = PLANTED[bug]
    monkeypatch.setattr(where, name, make(getattr(where, name)))
    for seed in range(30):
        try:
            asyncio.run(run(random_steps(seed)))
        except (AssertionError, IndexError):
            return
    pytest.fail("it went unnoticed")
