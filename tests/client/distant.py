"""A server with a slow network path."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def distant(port: int, delay: float) -> AsyncIterator[int]:
    """Forward connections to a port, with a delay in seconds each way; yield the port to use."""

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await asyncio.sleep(delay)
            writer.write(data)
        writer.close()

    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        there, out = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(forward(reader, out), forward(there, writer))
        except asyncio.CancelledError:
            pass  # asyncio would log it
        finally:
            for each in (writer, out):
                each.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
