"""Late refusals: which calls are held, for how long, and what ends them."""

from __future__ import annotations

import asyncio

import pytest
from app.calls import Call
from support import eventually

from chat_grpc.app import late_refusals
from chat_grpc.app.duplex import CallEnded
from chat_grpc.app.late_refusals import LateRefusals
from chat_grpc.core.quotas import REFUSAL_BURST, Quota, Quotas

USER = 1
NEVER = 1000
"""More refusals than are held of one user."""


class World:
    """Late refusals whose quotas see a clock that stands still."""

    def __init__(self) -> None:
        self.late = LateRefusals(Quotas(Quota(), lambda: 0.0))
        self.held: list[asyncio.Task[None]] = []

    async def insist(self, count: int, user: int = USER) -> None:
        """Refuse a number of calls; keep those that are held."""
        for _ in range(count):
            self.held.append(asyncio.create_task(self.late.hold(user, Call())))
        await asyncio.sleep(0)
        self.held = [task for task in self.held if not task.done()]


async def test_the_first_refusals_come_at_once_and_later_ones_one_by_one() -> None:
    """A burst is answered at once; each call beyond it is held a little longer."""
    world = World()
    await world.insist(REFUSAL_BURST)
    assert len(world.late) == 0
    await world.insist(3)
    assert len(world.late) == 3
    first, second, third = world.held
    await first
    assert not third.done()
    await asyncio.gather(second, third)
    assert len(world.late) == 0


async def test_a_held_call_that_is_cancelled_ends_at_once() -> None:
    """The peer is gone: nothing of the call is kept, and the others stay."""
    world = World()
    await world.insist(REFUSAL_BURST + 100)
    last = world.held[-1]
    last.cancel()
    await asyncio.wait([last])
    assert last.cancelled()
    others = world.held[:-1]
    assert len(world.late) == sum(not task.done() for task in others) > 50
    world.late.release()
    await asyncio.gather(*others)


async def test_a_server_that_ends_holds_no_call() -> None:
    """`release` answers the held calls at once, and those that follow."""
    world = World()
    await world.insist(REFUSAL_BURST + 100)
    assert len(world.late) == 100
    world.late.release()
    async with asyncio.timeout(0.5):
        await asyncio.gather(*world.held)
    await world.insist(NEVER)
    assert not world.held


async def test_who_insists_with_too_many_calls_is_shut_out() -> None:
    """Above the calls that are held of a user, the connection is closed; others stay."""
    world = World()
    await world.insist(REFUSAL_BURST)
    held = [
        asyncio.create_task(world.late.hold(USER, call))
        for call in (_shared() for _ in "x" * NEVER)
    ]
    await asyncio.sleep(0)
    call, shared = Call(), _shared()
    with pytest.raises(CallEnded):
        await world.late.hold(USER, call)
    assert call.was_shut
    await world.late.hold(USER, shared)
    assert not shared.was_shut
    other = Call()
    await world.late.hold(USER + 1, other)
    assert not other.was_shut
    world.late.release()
    await asyncio.gather(*held)


def _shared() -> Call:
    """Return a call on a connection with calls of several callers."""
    call = Call()
    call.can_shut = False
    return call


async def test_the_calls_that_are_held_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers of many addresses together hold at most `MAX_HELD` calls."""
    monkeypatch.setattr(late_refusals, "MAX_HELD", 10)
    world = World()
    await world.insist(REFUSAL_BURST + 10)
    await world.insist(REFUSAL_BURST, user=USER + 1)
    assert len(world.late) == 10
    call = Call(peer="192.0.2.2")
    with pytest.raises(CallEnded):
        await world.late.hold(USER + 1, call)
    assert call.was_shut
    world.late.release()
    await eventually(lambda: all(task.done() for task in world.held))
