"""The server under torture, for about a minute; `make torture` does it for longer."""

from __future__ import annotations

import os
import secrets
from itertools import islice
from pathlib import Path

import pytest
from torture.records import Ended, read_all
from torture.round import torture
from torture.steps import Plan, client_steps, plan_of, server_steps

pytestmark = pytest.mark.usefixtures("no_debug")

SEED_VARIABLE = "CHAT_GRPC_TORTURE_SEED"


@pytest.mark.timeout(600)
async def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path) -> None:
    """Over drops, stalls, retries and kills; the seed is from the environment, or a new one."""
    seed = os.environ.get(SEED_VARIABLE) or secrets.token_hex(4)
    print(f"seed {seed}: {SEED_VARIABLE}={seed} takes it again")
    violations = await torture(plan_of(seed, 45.0), seed, tmp_path)
    told = "\n".join(map(str, violations))
    assert not violations, f"seed {seed}, histories in {tmp_path}:\n{told}"


@pytest.mark.timeout(240)
async def test_a_clock_that_jumps_changes_no_order_and_ends_no_stream(tmp_path: Path) -> None:
    """The time of day is told and never relied upon: an hour to and fro, five times a second."""
    steps = ("send", "direct", "again", "edit", "delete", "react", "mark", "list", "twin")
    plan = Plan(seconds=8.0, users=3, sdk=1, pause=0.1, faults={}).only(*steps)
    violations = await torture(plan, "clock", tmp_path, "jumping_clock")
    assert not violations, "\n".join(map(str, violations))
    ends = [record for record in read_all(tmp_path / "history") if isinstance(record, Ended)]
    dropped = [end for end in ends if not end.own and end.status == "UNAVAILABLE"]
    assert not dropped


def test_the_same_seed_gives_the_same_decisions() -> None:
    """For each client and for the nemesis; another seed, or another client, gives others."""

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
