"""Connect's conformance suite in its server mode: gRPC, and the Connect protocol by HTTP/1.1."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from peers.tools import installed, run

HERE = Path(__file__).parent

CASES = {"conformance": 304, "web_conformance": 300}
"""The number of cases of the pinned version that the file NAME.yaml selects."""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("name", CASES)
async def test_every_case_of_the_suite_passes(name: str, loop: str) -> None:
    """The reference clients of connect-go and grpc-go get what the suite expects."""
    status, output = await run(
        installed("bin/connectconformance"),
        *("--mode", "server", "--conf", str(HERE / f"{name}.yaml")),
        *("--parallel", "4", "--max-servers", "1"),
        *("--", sys.executable, "-m", f"peers.{name}_service", loop),
        environment={"PYTHONPATH": str(HERE.parent)},
        within=110,
    )
    assert status == 0, output
    assert f"Total cases: {CASES[name]}\n" in output, output
