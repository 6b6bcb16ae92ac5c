"""The programs and descriptors that `make peers` installs, and how the tests run them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path

from support import UNIT

TOOLS = Path(__file__).resolve().parents[2] / ".tools"


def installed(name: str) -> Path:
    """Return the path of a file below `.tools`."""
    path = TOOLS / name
    assert path.exists(), f"{path} is missing; `make peers` installs it"
    return path


async def start(
    program: Path | str, *arguments: str, environment: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Start a program whose streams the test reads and writes, in a process group of its own.

    `environment` is added to that of the tests.
    """
    return await asyncio.create_subprocess_exec(
        str(program),
        *arguments,
        env={**os.environ, **(environment or {})},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )


async def finish(process: asyncio.subprocess.Process, within: float = 60.0) -> tuple[int, str]:
    """Wait for the end of a program; return its exit status and the rest of its output.

    A program that does not end in `within` seconds is killed with what it started, and the test
    fails.
    """
    try:
        output, _ = await asyncio.wait_for(process.communicate(), within * UNIT)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def run(
    program: Path | str,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    within: float = 60.0,
) -> tuple[int, str]:
    """Run a program to its end; return its exit status and its output."""
    return await finish(await start(program, *arguments, environment=environment), within)


def refuses(port: int) -> bool:
    """Return whether nothing listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
