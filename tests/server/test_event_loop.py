"""The server runs on uvloop if it is installed, and otherwise on the event loop of asyncio."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import psutil
import pytest
from support import COMMAND, Recorder, serving

SCRIPT = Path(__file__).resolve().parents[2] / "bench" / "peers" / "without_uvloop.py"


@pytest.mark.parametrize("hidden", [False, True])
async def test_a_server_with_and_without_uvloop(hidden: bool, transport: str) -> None:
    """With uvloop hidden from its imports, a server serves a stream, and ends in order."""
    command = [sys.executable, str(SCRIPT)] if hidden else COMMAND
    arguments = ("--data", ":memory:", "--transport", transport)
    with serving(*arguments, command=command) as process:
        loaded = {Path(each.path).parent.name for each in psutil.Process(process.pid).memory_maps()}
        assert ("uvloop" in loaded) is not hidden
        async with Recorder(process.port, name="alice") as alice:
            assert (await alice.sent("hello")).sequence > 0
            process.signal(signal.SIGTERM)
            await alice.ended()
        assert process.wait() == 0
        assert "Traceback" not in process.log()
