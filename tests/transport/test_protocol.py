"""Connections and calls over real sockets, with a client that writes the frames itself."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from google.rpc import code_pb2
from support import UNIT, eventually
from transport.peer import Client, Service, echo, serving
from transport.violations import BLOCK

from chat_grpc.app.duplex import CallEnded
from chat_grpc.transport.admission import Admission
from chat_grpc.transport.http2 import frames, grpc
from chat_grpc.transport.http2.call import Call
from chat_grpc.transport.http2.frames import ErrorCode, frame
from chat_grpc.transport.http2.headers import encode
from chat_grpc.transport.http2.limits import Limits
from chat_grpc.transport.http2.server import Http2Transport


async def test_a_call_from_headers_to_trailers() -> None:
    """Headers, messages and a status come back; the half-close ends the call."""
    async with serving(echo) as (service, port, _), Client(port) as client:
        client.open(1, "/s/m", (b"key", b"value"))
        client.message(1, b"one")
        client.message(1, b"two", frames.END_STREAM)
        assert await client.status() == 0
        assert client.data(1) == b"".join(grpc.prefix(3) + m for m in (b"one", b"two"))
        assert client.headers[1][":status"] == "200"
        assert client.headers[1]["content-type"] == "application/grpc"
        assert ("key", "value") in service.calls[0].metadata
        assert service.calls[0].peer == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        ("/no/where", [], code_pb2.UNIMPLEMENTED),
        ("/s/m", [(b"grpc-encoding", b"gzip")], code_pb2.UNIMPLEMENTED),
        ("/s/m", [(b"grpc-timeout", b"soon")], code_pb2.INTERNAL),
        ("/s/m", [(b"a", b"x" * 17_000)], code_pb2.RESOURCE_EXHAUSTED),
        ("/s/m", [(b"a-bin", b"not base64!")], code_pb2.INVALID_ARGUMENT),
    ],
)
async def test_calls_that_the_framing_refuses(
    path: str, headers: list[tuple[bytes, bytes]], code: int
) -> None:
    """A status without a response, and the connection goes on."""
    async with serving(echo) as (service, port, _), Client(port) as client:
        block = encode(
            [
                (b":method", b"POST"),
                (b":scheme", b"http"),
                (b":path", path.encode()),
                (b"content-type", b"application/grpc"),
                *headers,
            ]
        )
        client.send(frames.headers_frames(1, block, 16384, end_stream=True))
        assert await client.status() == code
        assert service.calls == []
        client.open(3)
        client.message(3, b"x", frames.END_STREAM)
        assert await client.status(3) == 0


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ([], {":status": "415"}),
        ([(b"content-type", b"application/grpc")], {":status": "405", "allow": "POST"}),
    ],
)
async def test_a_request_that_is_not_of_grpc_gets_an_http_status(
    headers: list[tuple[bytes, bytes]], answer: dict[str, str]
) -> None:
    """415 for the content-type, as the protocol asks for; else 405 for the method."""
    async with serving(echo) as (service, port, _), Client(port) as client:
        fields = [(b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/"), *headers]
        client.send(frame(frames.HEADERS, 5, 1, encode(fields)))
        await eventually(lambda: 1 in client.headers)
        assert client.headers[1] == {**answer, "content-length": "0"}
        assert service.calls == []


async def test_http_1_gets_a_sentence() -> None:
    """A browser or curl is told which protocol this is."""
    async with serving(echo) as (_, port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 5 * UNIT)
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 505 ")
        assert b"content-length: %d" % len(body) in head
        assert b"gRPC" in body
        assert b"browsers" not in body


async def test_a_deadline_ends_a_call_and_its_handler() -> None:
    """`grpc-timeout` is enforced by the server, too."""

    async def sleep(call: Call) -> None:
        await call.read()
        await asyncio.get_running_loop().create_future()

    async with serving(sleep) as (service, port, _), Client(port) as client:
        client.open(1, "/s/m", (b"grpc-timeout", b"50m"))
        client.message(1, b"x")
        assert await client.status() == code_pb2.DEADLINE_EXCEEDED
        await eventually(lambda: service.cancelled == 1)


async def test_a_reset_or_a_lost_connection_cancels_the_handler() -> None:
    """The handler learns it at once."""
    async with serving(echo) as (service, port, _):
        async with Client(port) as client:
            client.open(1)
            client.open(3)
            await eventually(lambda: len(service.calls) == 2)
            client.send(frames.reset_frame(1, ErrorCode.CANCEL))
            await eventually(lambda: service.cancelled == 1)
        await eventually(lambda: service.cancelled == 2)


async def test_a_response_waits_for_the_window_and_nothing_is_lost() -> None:
    """A peer with a small window gets everything in order, as it gives the window back."""
    size = 1000

    async def send(call: Call) -> None:
        for number in range(20):
            await call.write(bytes([number]) * size)

    window = [(frames.INITIAL_WINDOW_SIZE, 700)]
    async with serving(send) as (service, port, _), Client(port, settings=window) as client:
        client.open(1, flags=5)
        await eventually(lambda: len(client.data(1)) == 700)
        assert not service.calls[0].ready
        given = 700

        async def whole() -> bool:
            nonlocal given
            if len(client.data(1)) == given:
                client.send(frames.window_update_frame(1, 333))
                given += 333
            return "grpc-status" in client.headers[1]

        await eventually(whole, 20)
        expected = b"".join(grpc.prefix(size) + bytes([number]) * size for number in range(20))
        assert client.data(1) == expected


async def test_a_stalled_stream_delays_no_other_on_its_connection() -> None:
    """Another stream of the connection goes on, as long as the connection has a window."""
    window = [(frames.INITIAL_WINDOW_SIZE, 100)]
    async with serving(echo) as (_, port, _), Client(port, settings=window) as client:
        client.open(1)
        client.message(1, b"x" * 500)
        await eventually(lambda: len(client.data(1)) == 100)
        client.open(3)
        for number in range(5):
            client.message(3, b"y" * 10)
            size = 15 * (number + 1)
            await eventually(partial(client.has, 3, size))


async def test_requests_that_nobody_reads_stop_at_the_window() -> None:
    """The window of a stream is given back only as its handler reads."""
    reads = asyncio.Event()

    async def late(call: Call) -> None:
        await reads.wait()
        while await call.read() is not None:
            pass

    limits = Limits(stream_window=10_000)
    async with serving(late, limits) as (_, port, _), Client(port) as client:
        client.open(1)
        for _ in range(9):
            client.message(1, bytes(1000))
        client.open(3, flags=5)
        await eventually(lambda: len(client.headers) == 0 and client.of(frames.SETTINGS))
        assert [p for k, _, s, p in client.frames if (k, s) == (frames.WINDOW_UPDATE, 1)] == []
        reads.set()
        await eventually(
            lambda: [s for k, _, s, _ in client.frames if (k, s) == (frames.WINDOW_UPDATE, 1)]
        )
        client.message(1, b"", frames.END_STREAM)
        assert await client.status() == 0


async def test_a_peer_that_still_sends_learns_why_its_connection_ends() -> None:
    """GOAWAY is not lost: the server reads on until the peer closes, or for a second."""
    async with serving(echo) as (service, port, transport):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frames.PREFACE + frames.settings_frame([]))
        writer.write(frame(frames.HEADERS, frames.END_HEADERS, 1, BLOCK))
        await eventually(lambda: service.calls)
        for _ in range(50):
            writer.write(frame(frames.PUSH_PROMISE, 4, 1, bytes(8)) + bytes(60_000))
            await writer.drain()
        answer = await asyncio.wait_for(reader.read(), 5 * UNIT)
        assert frames.go_away_frame(1, ErrorCode.PROTOCOL_ERROR)[9:] in answer
        await eventually(lambda: service.cancelled == 1)
        await eventually(lambda: transport.connections_by_address.total() == 0)
        writer.close()


async def test_a_silent_peer_is_asked_and_dropped() -> None:
    """A PING comes after a silence; without an answer the connection ends."""
    limits = Limits(keepalive=0.1, keepalive_timeout=0.1)
    async with serving(echo, limits) as (service, port, _), Client(port) as client:
        client.open(1)
        await eventually(lambda: client.of(frames.PING))
        await eventually(lambda: client.closed, 10)
        await eventually(lambda: service.cancelled == 1)


async def test_a_peer_that_answers_stays() -> None:
    """An answered PING keeps the connection."""
    limits = Limits(keepalive=0.1, keepalive_timeout=0.5)
    async with serving(echo, limits) as (_, port, _), Client(port) as client:
        client.open(1)
        for count in (1, 2):
            await eventually(partial(client.was_asked, count))
            client.send(frame(frames.PING, frames.ACK, 0, client.of(frames.PING)[-1]))
        client.message(1, b"there", frames.END_STREAM)
        assert await client.status() == 0


@pytest.mark.parametrize("preface", [b"", frames.PREFACE[:10], frames.PREFACE])
async def test_a_peer_that_does_not_finish_its_preface_is_dropped(preface: bytes) -> None:
    """Connections that say nothing do not stay."""
    async with serving(echo, Limits(handshake=0.1)) as (_, port, transport):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(preface)
        await eventually(lambda: transport.connections_by_address.total() == 1)
        await eventually(lambda: transport.connections_by_address.total() == 0)
        await asyncio.gather(reader.read(), return_exceptions=True)
        writer.close()


async def test_the_end_of_a_server_lets_calls_finish() -> None:
    """GOAWAY comes first, the call that is open ends well, and no new one is taken."""
    async with serving(echo) as (_, port, transport), Client(port) as client:
        client.open(1)
        client.message(1, b"one")
        await eventually(lambda: client.data(1))
        stopping = asyncio.create_task(transport.stop(5))
        await eventually(lambda: len(client.of(frames.GOAWAY)) == 2)
        client.open(3)
        client.message(1, b"two", frames.END_STREAM)
        assert await client.status() == 0
        await stopping
        assert 3 not in client.headers
        await eventually(lambda: client.closed)


async def test_connections_beyond_the_maximum_are_closed() -> None:
    """The next one is closed at once; a place that becomes free can be used."""
    transport = Http2Transport(Service(echo), admission=Admission(connections=1))
    port = await transport.start("127.0.0.1", 0)
    async with Client(port) as first:
        first.open(1)
        first.message(1, b"x")
        await eventually(lambda: first.data(1))
        async with Client(port) as second:
            await eventually(lambda: second.closed or second._task.done())
    await eventually(lambda: transport.connections_by_address.total() == 0)
    await transport.stop(0)


async def test_a_unix_socket(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Calls over a Unix socket have the peer `unix`."""
    path = str(tmp_path_factory.mktemp("socket") / "s")
    service = Service(echo)
    transport = Http2Transport(service)
    await transport.start_unix(path)
    _, writer = await asyncio.open_unix_connection(path)
    block = encode(
        [
            (b":method", b"POST"),
            (b":scheme", b"http"),
            (b":path", b"/s/m"),
            (b"content-type", b"application/grpc"),
        ]
    )
    writer.write(frames.PREFACE + frames.settings_frame([]) + frame(frames.HEADERS, 5, 1, block))
    await eventually(lambda: service.calls)
    assert service.calls[0].peer == "unix"
    writer.close()
    await transport.stop(0)


async def test_a_call_that_has_ended_takes_no_response() -> None:
    """`CallEnded` says so to the handler."""
    errors: list[Exception] = []

    async def stubborn(call: Call) -> None:
        try:
            await call.read()
        finally:
            try:
                call.send(b"x")
            except CallEnded as error:
                errors.append(error)

    async with serving(stubborn) as (service, port, _), Client(port) as client:
        client.open(1)
        await eventually(lambda: service.calls)
        client.send(frames.reset_frame(1, ErrorCode.CANCEL))
        await eventually(lambda: errors)
