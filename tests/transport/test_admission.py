"""Connections that the application does not admit are closed before they are read."""

from __future__ import annotations

import asyncio
from functools import partial

from support import eventually, running
from transport.peer import Client

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.frames import frame


async def connect(port: int) -> bool:
    """Open a connection; return False if the server closes it at once."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(0.2):
            return await reader.read(1) != b""
    except TimeoutError:
        return True
    except ConnectionResetError:
        return False
    finally:
        writer.close()


async def test_a_storm_of_connections_is_cut_off() -> None:
    """An address opens a number of connections at once; the others are closed, and counted."""
    options = {"transport": "http2", "unlimited": ("none",), "connects_per_second": 0.5}
    async with running(**options) as server:
        opened = await asyncio.gather(*(connect(server.port) for _ in range(15)))
        assert sum(opened) == 10
        assert server.status().refusals == {"connects_per_second": 5}


async def test_the_connections_of_a_proxy_are_not_counted() -> None:
    """The callers behind a trusted proxy share its connections, and are counted by their calls."""
    options = {"unlimited": ("none",), "trusted_proxy": ("127.0.0.1",)}
    async with running(transport="http2", connects_per_second=0.5, **options) as server:
        assert all(await asyncio.gather(*(connect(server.port) for _ in range(15))))


async def test_connections_that_break_a_limit_count_as_many() -> None:
    """An address that uses up the burst of a connection opens no other one for a while."""
    options = {"unlimited": ("none",), "connects_per_second": 2, "control_frames_per_second": 2}
    async with running(transport="http2", **options) as server:
        async with Client(server.port) as client:  # the first of 40 at once
            client.send(frame(frames.PING, 0, 0, bytes(8)) * 11)
            await eventually(partial(client.of, frames.GOAWAY))
        assert not await connect(server.port)
        assert server.status().refusals == {
            "control_frames_per_second": 1,
            "connects_per_second": 1,
        }
