"""Connect's conformance suite in its gRPC server mode."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from peers.tools import installed, run

HERE = Path(__file__).parent

CASES = 304
"""The number of cases of the pinned version that conformance.yaml selects."""

KNOWN_FAILING: dict[str, str] = {}
"""The cases that this server fails, each with its reason. The runner objects if one passes."""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_every_case_of_the_suite_passes_but_the_named_ones(loop: str) -> None:
    """The reference clients of connect-go and grpc-go get what the suite expects."""
    known = [option for case in KNOWN_FAILING for option in ("--known-failing", case)]
    status, output = await run(
        installed("bin/connectconformance"),
        *("--mode", "server", "--conf", str(HERE / "conformance.yaml"), *known),
        *("--parallel", "4", "--max-servers", "1"),
        *("--", sys.executable, "-m", "peers.conformance_service", loop),
        environment={"PYTHONPATH": str(HERE.parent)},
        within=110,
    )
    assert status == 0, output
    assert f"Total cases: {CASES}\n" in output, output
