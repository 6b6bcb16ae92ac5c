"""A connection whose peer sends some bytes, with calls that echo."""

from __future__ import annotations

import asyncio
from typing import Any

from google.rpc import status_pb2

from chat_grpc.transport.http2.call import Call
from chat_grpc.transport.http2.headers import FirstSections
from chat_grpc.transport.http2.limits import Limits
from chat_grpc.transport.http2.protocol import Http2Protocol
from chat_grpc.transport.http2.sending import NewestFrames
from chat_grpc.transport.http2.turns import ReadTurns


class Sink(asyncio.Transport):
    """A socket that forgets what is written, as a peer does that reads everything."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0
        self.closed = False

    def write(self, data: Any) -> None:
        """Count the bytes."""
        self.written += len(data)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Accept any limits."""

    def get_write_buffer_size(self) -> int:
        """Return 0: everything is written at once."""
        return 0

    def can_write_eof(self) -> bool:
        """Return True, as for TCP."""
        return True

    def write_eof(self) -> None:
        """Accept the end."""

    def pause_reading(self) -> None:
        """Accept it: the bytes come all the same."""

    def resume_reading(self) -> None:
        """Accept it."""

    def is_closing(self) -> bool:
        """Return whether the connection was closed."""
        return self.closed

    def close(self) -> None:
        """Note the end."""
        self.closed = True

    def abort(self) -> None:
        """Note the end."""
        self.closed = True


class Echo:
    """A service that answers each request with itself."""

    def serves(self, path: str) -> bool:
        """See `protocol.Service`."""
        return len(path) < 20

    async def serve(self, path: str, duplex: Call) -> status_pb2.Status | None:
        """See `protocol.Service`."""
        while (request := await duplex.read()) is not None:
            await duplex.write(request)
        return None


class CallsOfBytes:
    """One connection."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    async def run(self, data: bytes, size: int) -> list[str]:
        """Send bytes in pieces, then close; return what is left open."""
        loop = asyncio.get_running_loop()
        connections: set[Http2Protocol] = set()
        turns = ReadTurns(loop.time)
        protocol = Http2Protocol(
            Echo(), self._limits, loop.time, connections, turns, FirstSections(), NewestFrames()
        )
        socket = Sink()
        protocol.connection_made(socket)
        for at in range(0, len(data), size):
            if socket.closed:
                break
            protocol.data_received(data[at : at + size])
            await asyncio.sleep(0)
        socket.closed = True
        protocol.connection_lost(None)
        for _ in range(5):
            await asyncio.sleep(0)
        left = [str(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if protocol.call_count or connections:
            left.append(f"{protocol.call_count} calls, {len(connections)} connections")
        return left
