"""Calls and streams leave nothing for the garbage collector, whose runs stop the event loop."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from support import eventually, running
from transport.peer import Client

from chat_grpc.server import Server
from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.frames import frame
from chat_grpc.transport.http2.headers import encode
from chat_grpc.v1 import chat_pb2

CHAT = "/chat_grpc.v1.ChatService/"
OWN = ("chat_grpc.", "google.")
"""The packages whose objects count: the sockets of asyncio's own loop leave cycles."""


@pytest.fixture
def garbage() -> Iterator[list[object]]:
    """Keep what the garbage collector finds."""
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield gc.garbage
    gc.set_debug(0)
    gc.garbage.clear()


def found(garbage: list[object]) -> dict[str, int]:
    """Return the types of the objects that only the garbage collector frees."""
    gc.collect()
    names = (f"{type(each).__module__}.{type(each).__qualname__}" for each in garbage)
    return dict(Counter(name for name in names if name.startswith(OWN)))


async def ended(client: Client, count: int) -> None:
    """Wait until a number of calls has ended."""
    await eventually(
        lambda: sum("grpc-status" in each for each in client.headers.values()) == count
    )


@pytest.mark.parametrize(
    ("method", "request_", "flags"),
    [
        ("ListClients", chat_pb2.ListClientsRequest(), frames.END_STREAM),
        ("ListRooms", chat_pb2.ListRoomsRequest(), frames.END_STREAM),
        ("Connect", chat_pb2.ConnectRequest(), 0),
    ],
)
async def test_calls(
    server: Server,
    garbage: list[object],
    method: str,
    request_: chat_pb2.ListClientsRequest,
    flags: int,
) -> None:
    """A call that was answered or refused is freed at its end."""
    async with Client(server.port) as client:
        for number in range(1, 41, 2):
            client.open(number, CHAT + method)
            client.message(number, request_.SerializeToString(), flags)
        await ended(client, 20)
    assert not found(garbage)


async def test_calls_without_a_request(garbage: list[object]) -> None:
    """A call that is ended because others wait longer is freed."""
    async with running(silent_calls_per_address=2) as server:
        async with Client(server.port) as client:
            for number in range(1, 41, 2):
                client.open(number, f"{CHAT}Connect")
            await ended(client, 18)
        await eventually(lambda: server.status().silent_call_count == 0)
    assert not found(garbage)


VIOLATIONS = {
    "a frame that is too large": b"\xff\xff\xff" + bytes(65536),
    "headers without an end": b"".join(
        frame(kind, 0, 1, bytes(16_000)) for kind in (frames.HEADERS, *[frames.CONTINUATION] * 4)
    ),
    "headers that cannot be decoded": frame(frames.HEADERS, 4, 1, b"\xff" * 100),
    "headers that are too large": frame(
        frames.HEADERS, 4, 1, encode([(b"x", b"y" * 4000)]) + b"\xbe" * 50
    ),
    "too many pings": frame(frames.PING, 0, 0, bytes(8)) * 1100,
    "a stream that is reset by the server": frame(frames.HEADERS, 5, 1, b""),
}
"""Bytes behind the start of a connection for which the server ends it."""


@pytest.mark.parametrize("sent", VIOLATIONS.values(), ids=VIOLATIONS)
async def test_connections_that_end_for_a_violation(
    server: Server, garbage: list[object], sent: bytes
) -> None:
    """A connection that broke a rule is freed at its end, with the bytes that it sent."""
    for _ in range(5):
        async with Client(server.port) as client:
            client.send(sent)
            await eventually(lambda: client.of(frames.GOAWAY) or client.of(frames.RST_STREAM))
    await eventually(lambda: server.connection_count == 0)
    assert not found(garbage)


async def test_streams(server: Server, garbage: list[object]) -> None:
    """A stream whose client has gone is freed."""
    for number in range(10):
        hello = chat_pb2.ConnectRequest(hello=chat_pb2.Hello(name=f"user{number}"))
        async with Client(server.port) as client:
            client.open(1, f"{CHAT}Connect")
            client.message(1, hello.SerializeToString())
            await eventually(partial(client.data, 1))
    await eventually(lambda: server.status().stream_count == 0)
    assert not found(garbage)
