"""The server under torture, for about a minute; `make torture` does it for longer."""

from __future__ import annotations

import os
import secrets
from itertools import islice
from pathlib import Path

import pytest
from torture.round import torture
from torture.steps import Plan, client_steps, server_steps

pytestmark = pytest.mark.usefixtures("no_debug")

SEED_VARIABLE = "CHAT_GRPC_TORTURE_SEED"


@pytest.mark.timeout(600)
async def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path) -> None:
    """Over drops, stalls, retries and kills; the seed is from the environment, or a new one."""
    seed = os.environ.get(SEED_VARIABLE) or secrets.token_hex(4)
    print(f"seed {seed}: {SEED_VARIABLE}={seed} takes it again")
    violations = await torture(Plan(seconds=45.0), seed, tmp_path)
    told = "\n".join(map(str, violations))
    assert not violations, f"seed {seed}, histories in {tmp_path}:\n{told}"


def test_the_same_seed_gives_the_same_decisions() -> None:
    """For each client and for the nemesis; another seed, or another client, gives others."""
    plan = Plan()

    def decisions(seed: str, client: str) -> list[object]:
        return [
            *islice(client_steps(seed, client, plan), 500),
            *islice(server_steps(seed, plan), 9),
        ]

    assert decisions("x", "u1/0") == decisions("x", "u1/0")
    assert decisions("x", "u1/0") != decisions("x", "u1/1")
    assert decisions("x", "u1/0") != decisions("y", "u1/0")
