"""A TCP proxy that can cut, stall, slow down and swallow connections."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self

_CHUNK = 64 * 1024


class Proxy:
    """Stands between one client and the server. Belongs to the event loop."""

    def __init__(self, server_port: int) -> None:
        self.port = 0
        """The port on which it listens, once started."""
        self.bytes_a_second = 0.0
        """The rate from the server to the client, in bytes a second; 0 for no limit."""
        self.opened = 0
        """The number of connections so far."""
        self._server_port = server_port
        self._flows = asyncio.Event()
        self._flows.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = int(self._listener.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        self.heal()
        while self._tasks:
            self.cut()
            await asyncio.wait(self._tasks, timeout=0.1)
        await self._listener.wait_closed()

    def cut(self) -> None:
        """Reset every connection, on both sides."""
        for end in self._ends:
            end.transport.abort()

    def stall(self) -> None:
        """Pass nothing on until `heal`: both sides see a silent connection."""
        self._flows.clear()

    @property
    def flows(self) -> bool:
        """False while it stalls."""
        return self._flows.is_set()

    def heal(self) -> None:
        """Pass everything on again without a limit; nothing is lost."""
        self.bytes_a_second = 0.0
        self._flows.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._ends.add(writer)
        self.opened += 1
        try:
            with contextlib.suppress(OSError):
                await self._connect(reader, writer)
        finally:
            self._ends.discard(writer)
            writer.transport.abort()
            self._tasks.discard(task)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
        self._ends.add(to_server)
        ways = [
            asyncio.create_task(self._pass_on(reader, to_server, slow=False)),
            asyncio.create_task(self._pass_on(from_server, writer, slow=True)),
        ]
        try:
            # The end of one direction ends the other: HTTP/2 has no half-closed connections.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._ends.discard(to_server)
            to_server.transport.abort()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slow: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while True:
                rate = self.bytes_a_second if slow else 0.0
                some = await reader.read(max(1, int(rate / 10)) if rate else _CHUNK)
                await self._flows.wait()
                if not some:
                    return
                writer.write(some)
                await writer.drain()
                if rate:
                    await asyncio.sleep(len(some) / rate)
