"""A hub with a clock that jumps forward: it loses no state."""

from __future__ import annotations

import asyncio
import time
from itertools import product

import pytest
from core.node import ALICE, Node, node

from chat_grpc.core import limits
from chat_grpc.core.caller import Caller
from chat_grpc.core.clock import Clock
from chat_grpc.core.stream import Stream
from chat_grpc.core.user import User

BOB = User(2, "bob", "bob")
CAROL = User(3, "carol", "carol")


class Steps:
    """A clock that stands still between its steps."""

    def __init__(self) -> None:
        self.now = time.monotonic()
        self.clock = Clock(lambda: self.now, time.time_ns)


def come(made: Node, user: User) -> Stream:
    """Open a stream of a user."""
    stream = made.hub.open(
        Caller(identity=user), made.write, device_id="", agent="", cancel=lambda: None
    )
    made.hub.begin(stream, None)
    return stream


STEPS = (0.2, limits.PRESENCE_GRACE, limits.NAME_HOLD - 1, limits.NAME_HOLD, 86400.0)


@pytest.mark.parametrize(("first", "second", "back"), [*product(STEPS, STEPS, (True, False))])
async def test_ticks_of_any_length_work(first: float, second: float, back: bool) -> None:
    """Ticks of any length work while users leave and return."""
    steps = Steps()
    async with node([], steps.clock) as made:
        alice, bob, carol = come(made, ALICE), come(made, BOB), come(made, CAROL)
        made.hub.tick()
        made.hub.close(bob)
        made.hub.close(carol)
        for step in (first, second, limits.PRESENCE_GRACE + 1, limits.NAME_HOLD):
            steps.now += step
            made.hub.tick()
            steps.now += step
            made.hub.tick()
            if back:
                made.hub.close(come(made, BOB))
        assert made.hub.clients.by_key("alice") == ALICE
        assert made.hub.clients.by_key("bob") == (BOB if back else None)
        assert made.hub.clients.by_key("carol") is None
        made.hub.close(alice)


async def test_names_are_held_over_a_time_in_which_the_process_did_not_run() -> None:
    """Time in which the process did not run extends the hold of names."""
    steps = Steps()
    async with node([], steps.clock) as made:
        made.hub.close(come(made, BOB))
        steps.now += 3600
        made.hub.was_stopped(3600)
        made.hub.tick()
        assert made.hub.clients.by_key("bob") == BOB
        steps.now += limits.NAME_HOLD
        made.hub.tick()
        assert made.hub.clients.by_key("bob") is None


async def test_a_write_that_a_stop_interrupted_is_not_stalled_by_it() -> None:
    """A write that was in progress during a stop does not count as stalled."""
    async with node([]) as made:
        stream = come(made, BOB)
        stream.delivery.writing_since = began = time.monotonic()
        made.hub.was_stopped(100)
        assert stream.delivery.writing_since == began + 100
        stream.delivery.writing_since = 0.0
        made.hub.was_stopped(100)
        assert stream.delivery.writing_since == 0.0
        await asyncio.sleep(0)
