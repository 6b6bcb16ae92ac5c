"""About a minute of torture; `make torture` runs longer."""

from __future__ import annotations

import os
import secrets
from itertools import islice
from pathlib import Path

import pytest
from torture.records import Ended, read_all
from torture.round import torture
from torture.steps import Plan, client_steps, plan_of, server_steps

from chat_grpc.config import TRANSPORTS

pytestmark = [pytest.mark.usefixtures("no_debug"), pytest.mark.xdist_group("loaded")]

SEED_VARIABLE = "CHAT_GRPC_TORTURE_SEED"

SECONDS = 22.0
"""Seconds of torture of each transport."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_nothing_is_lost_and_nothing_comes_twice(transport: str, tmp_path: Path) -> None:
    """No promise is broken under all faults; the seed is from the environment, or a new one."""
    seed = os.environ.get(SEED_VARIABLE) or secrets.token_hex(4)
    print(f"seed {seed}: {SEED_VARIABLE}={seed} repeats it")
    violations = await torture(plan_of(seed, SECONDS), seed, tmp_path, transport=transport)
    told = "\n".join(map(str, violations))
    assert not violations, f"seed {seed}, histories in {tmp_path}:\n{told}"


@pytest.mark.timeout(240)
async def test_a_clock_that_jumps_changes_no_order_and_ends_no_stream(tmp_path: Path) -> None:
    """Jumps of up to an hour, five times a second, change no order and end no stream."""
    steps = ("send", "direct", "again", "edit", "delete", "react", "mark", "list", "twin")
    plan = Plan(seconds=8.0, users=3, sdk=1, pause=0.1, faults={}).only(*steps)
    violations = await torture(plan, "clock", tmp_path, "jumping_clock")
    assert not violations, "\n".join(map(str, violations))
    ends = [record for record in read_all(tmp_path / "history") if isinstance(record, Ended)]
    dropped = [end for end in ends if not end.own and end.status == "UNAVAILABLE"]
    assert not dropped


def test_the_same_seed_gives_the_same_decisions() -> None:
    """One seed gives the same steps; another seed, or another client, gives others."""

    def decisions(seed: str, client: str) -> list[object]:
        plan = plan_of(seed, 60.0)
        return [
            plan,
            *islice(client_steps(seed, client, plan), 500),
            *islice(server_steps(seed, plan), 9),
        ]

    assert decisions("x", "u1/0") == decisions("x", "u1/0")
    assert decisions("x", "u1/0") != decisions("x", "u1/1")
    assert decisions("x", "u1/0") != decisions("y", "u1/0")
