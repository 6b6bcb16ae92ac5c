"""Clients that misbehave, in a process of their own: `python -m flood.bad PORT NAME…`.

Each of the ten kinds has connections from an address of its own, and opens another one when one
ends. The process says `ready` once they run, and does not end by itself. It has the lowest
priority: its own work takes no time from the server and from the good clients.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from flood.calls import connected_socket
from wire import CALL, START, call_headers, grpc_message

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.frames import frame
from chat_grpc.v1 import chat_pb2

SIGN_IN = "/chat_grpc.v1.AccountService/SignIn"

CONNECTIONS = 20
"""Connections of each kind at a time."""

AGAIN = 0.5
"""Seconds until a connection that ended is opened again."""

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Kind = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _slow_hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begin 100 calls that need no token, and send no first request."""
    writer.write(START + b"".join(call_headers(n, SIGN_IN) for n in range(1, 200, 2)))
    await reader.read()


async def _never_reading(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Open a stream with the largest windows, and read nothing of it."""
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    hello = chat_pb2.ConnectRequest(hello=chat_pb2.Hello(name=f"deaf{next(_NUMBERS)}"))
    data = grpc_message(hello.SerializeToString())
    writer.write(START + call_headers(1, CALL) + frame(frames.DATA, 0, 1, data))
    await asyncio.Event().wait()


async def _resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset streams before they are answered."""
    writer.write(START)
    for n in range(1, 100_000, 2):
        if reader.at_eof():
            return
        writer.write(call_headers(n, CALL) + frames.reset_frame(n, frames.ErrorCode.CANCEL))
        if n % 20 == 1:
            await writer.drain()
            await asyncio.sleep(0.02)


async def _pings(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send pings and settings."""
    writer.write(START)
    more = frame(frames.PING, 0, 0, bytes(8)) * 25 + frames.settings_frame([]) * 25
    while not reader.at_eof():
        writer.write(more)
        await writer.drain()
        await asyncio.sleep(0.02)


async def _huge_frames(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a frame of 16 MiB."""
    writer.write(START + call_headers(1, CALL) + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01")
    writer.write(bytes(65536))
    await reader.read()


async def _huge_metadata(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send headers without an end."""
    writer.write(START + call_headers(1, CALL, (b"x-large", b"x" * 16_000), flags=0))
    for _ in range(20):
        writer.write(frame(frames.CONTINUATION, 0, 1, bytes(16_000)))
    await reader.read()


async def _half_requests(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send half of a request, and leave."""
    data = grpc_message(bytes(100))[:50]
    writer.write(START + call_headers(1, CALL) + frame(frames.DATA, 0, 1, data))
    await writer.drain()


async def _wrong_protocol(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a request of HTTP/1.1."""
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await reader.read()


async def _bad_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begin TLS at a port without it."""
    writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(506))
    await reader.read()


async def _storm(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    """Connect, and leave at once."""


_NUMBERS = itertools.count()

KINDS: dict[str, tuple[Kind, str]] = {
    "slow hello": (_slow_hello, "silent_calls_per_address"),
    "never reading": (_never_reading, ""),
    "resets": (_resets, "resets_per_second"),
    "pings": (_pings, "control_frames_per_second"),
    "huge frames": (_huge_frames, "protocol_errors"),
    "huge metadata": (_huge_metadata, "header_blocks"),
    "half requests": (_half_requests, "connects_per_second"),
    "wrong protocol": (_wrong_protocol, "protocol_errors"),
    "bad TLS": (_bad_tls, "protocol_errors"),
    "connect storm": (_storm, "connects_per_second"),
}
"""Each kind, and the counter of its refusals. One that reads nothing is not refused."""


@asynccontextmanager
async def _connection(port: int, address: str) -> AsyncIterator[Stream]:
    bad = await connected_socket(port, address, buffer=4096)
    reader, writer = await asyncio.open_connection(sock=bad)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _repeat(port: int, name: str) -> None:
    kind, _ = KINDS[name]
    address = f"127.0.1.{list(KINDS).index(name) + 1}"
    while True:
        with contextlib.suppress(OSError):
            async with _connection(port, address) as (reader, writer):
                await kind(reader, writer)
        await asyncio.sleep(0.1 if kind is _storm else AGAIN)


async def main(port: int, names: list[str]) -> None:
    """Misbehave until the process is killed."""
    print("ready", flush=True)
    await asyncio.gather(*(_repeat(port, name) for name in names for _ in range(CONNECTIONS)))


if __name__ == "__main__":
    os.nice(19)
    asyncio.run(main(int(sys.argv[1]), sys.argv[2:] or list(KINDS)))
