"""A server process with its page, which tests stop and start again on the same data."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from support import COMMAND, Process, free_port


class Site:
    """One server over all its processes. Belongs to the event loop."""

    def __init__(self, data: Path, *options: str) -> None:
        """`options` are more options of `chat-grpc serve`."""
        self.port = free_port()
        """The port of gRPC."""
        self.web_port = free_port()
        """The port of the page."""
        self.data = data
        self.command = COMMAND
        """The command of the next process, without `serve`."""
        self._options = options
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://127.0.0.1:{self.web_port}/"

    @property
    def process(self) -> Process:
        """The process that runs."""
        assert self._process is not None, "the server does not run"
        return self._process

    async def start(self) -> None:
        """Start a process, and wait until it serves."""
        arguments = ["--data", str(self.data), "--web-listen", f"127.0.0.1:{self.web_port}"]
        self._process = await asyncio.to_thread(
            Process,
            *(*arguments, "--drain", "0.5", *self._options),
            port=self.port,
            command=self.command,
        )

    async def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process, if one runs."""
        process, self._process = self._process, None
        if process is None:
            return
        process.signal(how)
        try:
            await asyncio.to_thread(process.wait, 20)
        finally:
            log = process.log()
            process.end()
        assert not re.search(r"Traceback|\[error", log), log

    async def restart(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End the process, by default without a warning, and start another one."""
        await self.end(how)
        await self.start()


@asynccontextmanager
async def site_at(data: Path, *options: str) -> AsyncIterator[Site]:
    """Run a server with its page."""
    site = Site(data, *options)
    await site.start()
    try:
        yield site
    finally:
        await site.end()
