"""A service that answers every request with a few bytes, on the HTTP/2 of the transport.

h2spec sends `GET /` and expects DATA. A gRPC server must refuse such a request, so that several of
h2spec's cases say nothing about it. Here they do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from chat_grpc.transport.http2.connection import Connection
from chat_grpc.transport.http2.headers import encode
from chat_grpc.transport.http2.streams import (
    DataReceived,
    RequestEnded,
    Stream,
    StreamEnded,
    WindowOpened,
)

_HEADERS = encode([(b":status", b"200"), (b"content-type", b"text/plain")])
_TRAILERS = encode([(b"x-end", b"yes")])
_BODY = b"some bytes of text"


class _PlainProtocol(asyncio.Protocol):
    """One connection: the state machine under test, and a socket."""

    def __init__(self) -> None:
        self._connection = Connection(time.monotonic)
        self._unsent: dict[Stream, memoryview] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        connection = self._connection
        for event in connection.receive(data):
            match event:
                case DataReceived(stream, body):
                    connection.consumed(stream, len(body))
                case RequestEnded(stream):
                    connection.send_headers(stream, _HEADERS, end_stream=False)
                    self._unsent[stream] = memoryview(_BODY)
                    self._send(stream)
                case WindowOpened(_):
                    for stream in list(self._unsent):
                        self._send(stream)
                case StreamEnded(stream):
                    self._unsent.pop(stream, None)
        self._transport.write(connection.take_output())
        if connection.failed is not None:
            self._transport.close()

    def _send(self, stream: Stream) -> None:
        rest = self._unsent[stream]
        rest = self._unsent[stream] = rest[self._connection.send_data(stream, rest) :]
        if not rest:
            del self._unsent[stream]
            self._connection.send_headers(stream, _TRAILERS, end_stream=True)


@asynccontextmanager
async def serving_plain() -> AsyncIterator[int]:
    """Serve on a free port, and give the port."""
    server = await asyncio.get_running_loop().create_server(_PlainProtocol, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])
