"""Measure the memory of a stream, by part: `python bench/memory.py`.

Each stage runs in a process of its own and holds 2,000 connections from this process. The growth of
its resident memory, divided by the connections, minus the stage before it, is the cost of a part.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import socket
import struct
import subprocess
import sys
from pathlib import Path

import structlog

from chat_grpc.config import Config
from chat_grpc.server import Server
from chat_grpc.transport.http2 import frames, grpc
from chat_grpc.transport.http2.call import Call
from chat_grpc.transport.http2.headers import encode
from chat_grpc.transport.http2.server import Http2Transport
from chat_grpc.v1 import chat_pb2

COUNT = 2000
WARM = 200
"""Connections before the first reading, so that one-time costs do not count."""

SETTLE = 1.0
"""Seconds in which a stage takes the bytes of its newest connections."""

STAGES = {
    "socket": "the socket's transport in the event loop",
    "connection": "HTTP/2 connection: protocol and state machine",
    "call": "one call on it, and its task",
    "chat": "the chat: caller, stream, delivery, client, presence",
}


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


class Forever:
    """A service whose calls never end."""

    def serves(self, path: str) -> bool:
        """Return True."""
        return bool(path)

    async def serve(self, path: str, duplex: Call) -> None:
        """Read until the call is cancelled."""
        while path and await duplex.read() is not None:
            pass


async def serve(stage: str) -> None:
    """Serve a stage; print the resident memory whenever a line comes in."""
    loop = asyncio.get_running_loop()
    if stage == "socket":
        plain = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
        port = plain.sockets[0].getsockname()[1]
    elif stage == "chat":
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        server = Server(Config(listen="127.0.0.1:0", data=":memory:", log_level="error"))
        await server.start()
        port = server.port
    else:
        port = await Http2Transport(Forever()).start("127.0.0.1", 0)
    print(port, flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        await asyncio.sleep(SETTLE)
        print(resident(), flush=True)


def opening(stage: str, number: int) -> bytes:
    """Return the bytes that a client sends in a stage."""
    if stage == "socket":
        return b""
    start = frames.PREFACE + frames.settings_frame([])
    if stage == "connection":
        return start
    headers = [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", b"/chat_grpc.v1.ChatService/Connect"),
        (b":authority", b"localhost"),
        (b"content-type", b"application/grpc"),
        (b"te", b"trailers"),
    ]
    start += frames.frame(frames.HEADERS, frames.END_HEADERS, 1, encode(headers))
    if stage == "call":
        return start
    hello = chat_pb2.ConnectRequest(hello=chat_pb2.Hello(name=f"user{number}"))
    message = hello.SerializeToString()
    return start + frames.frame(frames.DATA, 0, 1, grpc.prefix(len(message)) + message)


def measure(stage: str) -> float:
    """Return the bytes of a connection in a stage."""
    process = subprocess.Popen(
        [sys.executable, __file__, stage], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    port = int(process.stdout.readline())
    connections: list[socket.socket] = []

    def grow(count: int) -> int:
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", port))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.sendall(opening(stage, len(connections)))
            connections.append(one)
            if stage == "chat":
                one.recv(65536)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    try:
        before = grow(WARM)
        return (grow(COUNT) - before) / COUNT
    finally:
        for one in connections:
            one.close()
        process.kill()
        process.communicate()


def main() -> None:
    """Print the table."""
    if len(sys.argv) > 1:
        import uvloop

        asyncio.Runner(loop_factory=uvloop.new_event_loop).run(serve(sys.argv[1]))
        return
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    print("| part | KiB |\n|---|---:|")
    before = 0.0
    for stage, text in STAGES.items():
        size = measure(stage)
        print(f"| {text} | {(size - before) / 1024:.1f} |", flush=True)
        before = size
    print(f"| together | {before / 1024:.1f} |")


if __name__ == "__main__":
    main()
