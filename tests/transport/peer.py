"""A client of HTTP/2 that writes the frames itself, and a server for it to talk to."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

from google.rpc import status_pb2
from hpack import Decoder
from support import eventually
from wire import call_headers, grpc_message

from chat_grpc.transport.admission import Admission
from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.call import Call
from chat_grpc.transport.http2.frames import frame
from chat_grpc.transport.http2.limits import Limits
from chat_grpc.transport.http2.server import Http2Transport

Handler = Callable[[Call], Awaitable[status_pb2.Status | None]]


class Service:
    """Serves every path but `/no/where` with one handler, and notes how its calls ended."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.calls: list[Call] = []
        self.cancelled = 0

    def serves(self, path: str) -> bool:
        """See `protocol.Service`."""
        return path != "/no/where"

    async def serve(self, path: str, duplex: Call) -> status_pb2.Status | None:
        """See `protocol.Service`."""
        assert path == duplex.path
        self.calls.append(duplex)
        try:
            return await self._handler(duplex)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def echo(call: Call) -> None:
    """Answer each request with itself."""
    while (request := await call.read()) is not None:
        await call.write(request)


class Client:
    """A client of HTTP/2 that does what a test says."""

    def __init__(
        self,
        port: int,
        *,
        settings: list[tuple[int, int]] | None = None,
        tls: ssl.SSLContext | None = None,
        first: bytes = b"",
    ) -> None:
        """`first` is sent before everything else, and before TLS."""
        self._port = port
        self._first = first
        self._tls = tls
        self._settings = settings or []
        self._decoder = Decoder()
        self._buffer = b""
        self.frames: list[tuple[int, int, int, bytes]] = []
        self.headers: dict[int, dict[str, str]] = {}
        """All headers and trailers by stream."""
        self.closed = False

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._port, ssl=None if self._first else self._tls
        )
        if self._first:
            self._writer.write(self._first)
            if self._tls is not None:
                await self._writer.start_tls(self._tls, server_hostname="127.0.0.1")
        self.send(frames.PREFACE, frames.settings_frame(self._settings))
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._writer.close()

    @property
    def tls(self) -> Any:
        """The connection's `ssl.SSLObject`."""
        return self._writer.get_extra_info("ssl_object")

    def send(self, *parts: bytes) -> None:
        """Write bytes."""
        self._writer.write(b"".join(parts))

    def pause(self) -> None:
        """Read nothing more from the socket."""
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]

    def abort(self) -> None:
        """Close the connection at once."""
        self._writer.transport.abort()

    def open(
        self, stream_id: int = 1, path: str = "/s/m", *extra: tuple[bytes, bytes], flags: int = 4
    ) -> None:
        """Begin a call."""
        self.send(call_headers(stream_id, path, *extra, flags=flags))

    def message(self, stream_id: int, message: bytes, flags: int = 0) -> None:
        """Write a message of a call, in one frame."""
        self.send(frame(frames.DATA, flags, stream_id, grpc_message(message)))

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionResetError):
            await self._read_frames()
        self.closed = True

    async def _read_frames(self) -> None:
        while data := await self._reader.read(65536):
            self._buffer += data
            while len(self._buffer) >= frames.HEADER_SIZE:
                high, low, kind, flags, stream_id = frames.unpack_header(self._buffer, 0)
                end = frames.HEADER_SIZE + (high << 8 | low)
                if len(self._buffer) < end:
                    break
                payload = self._buffer[frames.HEADER_SIZE : end]
                self._buffer = self._buffer[end:]
                self._take(kind, flags, stream_id, payload)

    def _take(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        self.frames.append((kind, flags, stream_id, payload))
        if kind == frames.HEADERS:
            found = {str(name): str(value) for name, value in self._decoder.decode(payload)}
            self.headers.setdefault(stream_id, {}).update(found)

    def data(self, stream_id: int) -> bytes:
        """Return the DATA of a stream so far."""
        return b"".join(
            payload for kind, _, number, payload in self.frames if (kind, number) == (0, stream_id)
        )

    def has(self, stream_id: int, size: int) -> bool:
        """Return whether a stream has this many bytes of DATA."""
        return len(self.data(stream_id)) == size

    def was_asked(self, count: int) -> bool:
        """Return whether the server sent this many PINGs."""
        return len(self.of(frames.PING)) >= count

    def of(self, kind: int) -> list[bytes]:
        """Return the payloads of one type of frame."""
        return [payload for found, _, _, payload in self.frames if found == kind]

    async def status(self, stream_id: int = 1) -> int:
        """Wait for the status of a call."""
        await eventually(lambda: "grpc-status" in self.headers.get(stream_id, {}))
        return int(self.headers[stream_id]["grpc-status"])


@asynccontextmanager
async def serving(
    handler: Handler,
    limits: Limits | None = None,
    **admission: Any,
) -> AsyncIterator[tuple[Service, int, Http2Transport]]:
    """Run a transport with a service. `admission` has the fields of `Admission`."""
    service = Service(handler)
    transport = Http2Transport(service, limits=limits or Limits(), admission=Admission(**admission))
    port = await transport.start("127.0.0.1", 0)
    try:
        yield service, port, transport
    finally:
        await transport.stop(0)
