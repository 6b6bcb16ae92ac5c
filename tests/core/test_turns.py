"""Long walks on the event loop."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from chat_grpc.core.turns import TURN, in_turns


async def walk(cost: float) -> list[int]:
    """Walk over 1,000 items that take `cost` seconds each; return those at which others ran."""
    now, at = 0.0, 0

    def clock() -> float:
        return now

    others: list[int] = []

    async def run_beside() -> None:
        while True:
            others.append(at)
            await asyncio.sleep(0)

    beside = asyncio.create_task(run_beside())
    async for item in in_turns(range(1000), clock):
        at, now = item, now + cost
    beside.cancel()
    return others


async def test_others_run_after_each_turn() -> None:
    """A step has a turn's work, and the items up to the next look at the clock."""
    cost = TURN / 100
    ran = await walk(cost)
    steps = [after - before for before, after in pairwise(ran)]
    assert steps
    assert max(steps) * cost <= TURN * 1.2


async def test_a_short_walk_is_one_step() -> None:
    """The event loop does not run others if the whole walk takes less than a turn."""
    assert await walk(TURN / 10_000) == []
