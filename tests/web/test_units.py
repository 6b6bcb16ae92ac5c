"""The TypeScript of the page: its units, and its engine against a real server under faults."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import UNIT, free_port, serving

WEB = Path(__file__).resolve().parents[2] / "web"

PLANTED = [
    "forgets its position",
    "a retry has a new request id",
    "no retry after a drop",
    "own messages twice",
]


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[str]:
    """The URL of a server with short heartbeats."""
    port = free_port()
    limits = ("--connects-per-second", "0", "--guests-per-minute", "0", "--heartbeat", "1")
    address = ("--web-listen", f"127.0.0.1:{port}")
    with serving("--data", str(tmp_path / "data"), *address, *limits):
        yield f"http://127.0.0.1:{port}/"


def units(chat: str, *names: str, **environment: str) -> tuple[int, str]:
    """Run the units of the files with these names; return the exit status and the output."""
    process = subprocess.Popen(
        ["node", "tests/run.mjs", *names],
        cwd=WEB,
        env=os.environ | {"CHAT_URL": chat} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # The runner has children of its own, which end with their group.
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=120 * UNIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        pytest.fail(f"the units did not end:\n{output}")
    return process.returncode, output


@pytest.mark.timeout(240)
def test_the_units_of_the_page_pass(chat: str) -> None:
    """All units in web/tests pass."""
    status, output = units(chat)
    assert status == 0, output


@pytest.mark.slow
@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_of_the_engine_is_found(chat: str, bug: str) -> None:
    """The tests of faults fail with a bug in the engine that loses or repeats messages."""
    status, output = units(chat, "faults", PLANT=bug)
    assert status == 1, output
    assert "\nnot ok" in output, output
