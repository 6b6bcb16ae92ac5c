"""Servers in processes of their own, started without blocking the loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from support import Process


@asynccontextmanager
async def serving(*arguments: str, port: int | None = None) -> AsyncIterator[Process]:
    """Run a server in a process of its own."""
    process = await asyncio.to_thread(Process, *arguments, port=port)
    try:
        yield process
    finally:
        await asyncio.to_thread(process.end)


async def killed(process: Process) -> None:
    """Kill a server, as a crash does."""
    process.signal(signal.SIGKILL)
    await asyncio.to_thread(process.wait)
