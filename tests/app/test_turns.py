"""Turns: a burst of calls begins a few at a time, and connections take turns."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from chat_grpc.app import turns
from chat_grpc.app.turns import PAUSE, STEP, Turns


class Clock:
    """A clock that calls move on."""

    def __init__(self) -> None:
        self.now = 100.0

    def read(self) -> float:
        """Return the time in seconds."""
        return self.now


class Loop:
    """Notes which calls began in which turn of the event loop."""

    def __init__(self, *, seconds: float) -> None:
        """Each call takes `seconds` of the loop's time."""
        self.clock = Clock()
        self.turns = Turns(self.clock.read)
        self.begun: list[list[Any]] = [[]]
        self.seconds = seconds

    async def call(self, connection: Any) -> None:
        """Make a call."""
        await self.turns.take(connection)
        self.begun[-1].append(connection)
        self.clock.now += self.seconds

    async def make(self, connections: list[Any]) -> list[list[Any]]:
        """Make calls at once, and return those that began in each turn of the loop."""
        tasks = [asyncio.create_task(self.call(each)) for each in connections]
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0)
            self.begun.append([])
        return [begun for begun in self.begun if begun]


async def test_a_call_alone_begins_at_once() -> None:
    """A call that comes while no other waits does not wait for a turn of the loop."""
    taking = Turns(Clock().read).take("a")
    with pytest.raises(StopIteration):
        taking.send(None)


async def test_cheap_calls_begin_together() -> None:
    """A burst of cheap calls begins in few turns, of which none takes much longer than a step."""
    loop = Loop(seconds=STEP / 10)
    begun = await loop.make(["a"] * 1000)
    assert 9 <= max(map(len, begun)) <= 12
    loop.begun, loop.seconds = [[]], 0.0
    assert [len(each) for each in await loop.make(["a"] * 1000)] == [1000]


async def test_expensive_calls_begin_one_in_a_turn() -> None:
    """Once the calls are known to take long, each turn of the loop begins one."""
    begun = await Loop(seconds=2 * STEP).make(["a"] * 50)
    assert [len(each) for each in begun[:1] + begun[-40:]] == [1] * 41


async def test_the_number_grows_again() -> None:
    """After expensive calls, cheaper ones begin together again."""
    loop = Loop(seconds=2 * STEP)
    await loop.make(["a"] * 50)
    loop.begun, loop.seconds = [[]], STEP / 20
    begun = await loop.make(["a"] * 1000)
    assert max(map(len, begun[1:])) > 15


async def test_connections_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call does not wait for the many calls of another connection."""
    monkeypatch.setattr(turns, "FIRST", 2)
    monkeypatch.setattr(turns, "MOST", 2)
    loop = Loop(seconds=2 * STEP)
    begun = await loop.make(["busy"] * 40 + ["b", "c"])
    order = [connection for each in begun for connection in each]
    assert order.index("b") < 10
    assert order.index("c") < 10
    assert len(loop.turns) == 0


async def test_a_cancelled_call_takes_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that are cancelled while they wait do not delay the others."""
    monkeypatch.setattr(turns, "FIRST", 1)
    monkeypatch.setattr(turns, "MOST", 1)
    loop = Loop(seconds=2 * STEP)
    tasks = [asyncio.create_task(loop.call(number)) for number in range(50)]
    await asyncio.sleep(0)
    for task in tasks[1:49]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert loop.begun == [[0, 49]]
    assert len(loop.turns) == 0


async def test_the_event_loop_rests_between_turns() -> None:
    """A flood of calls leaves pauses, in which the thread that commits has the interpreter."""
    began = time.monotonic()
    begun = await Loop(seconds=2 * STEP).make(["a"] * 50)
    assert time.monotonic() - began >= (len(begun) - 2) * PAUSE
