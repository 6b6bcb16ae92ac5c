"""Calls on a connection whose socket is a list of bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from google.rpc import status_pb2
from hpack import Decoder
from support import eventually

from chat_grpc.transport.http2 import frames, grpc
from chat_grpc.transport.http2.call import Call
from chat_grpc.transport.http2.frames import frame
from chat_grpc.transport.http2.headers import FirstSections, encode
from chat_grpc.transport.http2.limits import DEFAULT_LIMITS, Limits
from chat_grpc.transport.http2.protocol import Http2Protocol
from chat_grpc.transport.http2.sending import NewestFrames
from chat_grpc.transport.http2.turns import ReadTurns

REQUEST = [
    (b":method", b"POST"),
    (b":scheme", b"http"),
    (b":path", b"/service/method"),
    (b"content-type", b"application/grpc"),
    (b"te", b"trailers"),
]


class Socket(asyncio.Transport):
    """A socket that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.held = False
        """True while it is not read."""

    def write(self, data: Any) -> None:
        """Keep the bytes."""
        self.written += bytes(data)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Accept any limits."""

    def get_write_buffer_size(self) -> int:
        """Return 0: everything is written at once."""
        return 0

    def pause_reading(self) -> None:
        """Note that it is not read."""
        self.held = True

    def resume_reading(self) -> None:
        """Note that it is read again."""
        self.held = False

    def is_closing(self) -> bool:
        """Return False: it stays open."""
        return False

    def can_write_eof(self) -> bool:
        """Return False, as for TLS."""
        return False

    def close(self) -> None:
        """Stay open."""


class Reading:
    """A service that reads all requests of a call, and keeps what came of it."""

    def __init__(self) -> None:
        self.call: Call | None = None
        self.requests: list[bytes] = []
        self.cancelled = self.ended = False

    def serves(self, path: str) -> bool:
        """Return True: every path is served."""
        return True

    async def serve(self, path: str, call: Call) -> status_pb2.Status | None:
        """Read until the half-close."""
        self.call = call
        try:
            while (request := await call.read()) is not None:
                self.requests.append(request)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        self.ended = True
        return None


class Peer:
    """A client that has opened stream 1."""

    def __init__(
        self,
        headers: list[tuple[bytes, bytes]] | None = None,
        *,
        clock: Callable[[], float] | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.service = Reading()
        self.socket = Socket()
        clock = clock or asyncio.get_running_loop().time
        self.protocol = Http2Protocol(
            self.service, limits, clock, set(), ReadTurns(clock), FirstSections(), NewestFrames()
        )
        self.protocol.connection_made(self.socket)
        self.send(frames.PREFACE, frames.settings_frame([]))
        self.send(frame(frames.HEADERS, frames.END_HEADERS, 1, encode(headers or REQUEST)))

    def send(self, *parts: bytes) -> None:
        """Let the server receive bytes."""
        for part in parts:
            self.protocol.data_received(part)

    def headers(self) -> dict[str, str]:
        """Return all headers that the server has sent."""
        found: dict[str, str] = {}
        decoder = Decoder()
        for block in self.sent(frames.HEADERS):
            found |= {str(name): str(value) for name, value in decoder.decode(block)}
        return found

    def sent(self, wanted: int) -> list[bytes]:
        """Return the payloads of the frames of a kind that the server has sent."""
        found, at = [], 0
        while at < len(self.socket.written):
            high, low, kind, _, _ = frames.unpack_header(self.socket.written, at)
            end = at + frames.HEADER_SIZE + (high << 8 | low)
            if kind == wanted:
                found.append(self.socket.written[at + frames.HEADER_SIZE : end])
            at = end
        return found


async def test_a_half_close_after_a_whole_request_ends_the_requests() -> None:
    """The handler sees the request and the end, and the status is OK."""
    peer = Peer()
    peer.send(frame(frames.DATA, frames.END_STREAM, 1, grpc.prefix(3) + b"abc"))
    await eventually(lambda: peer.service.ended)
    assert peer.service.requests == [b"abc"]
    assert peer.headers()["grpc-status"] == "0"


@pytest.mark.parametrize("part", [grpc.prefix(3)[:2], grpc.prefix(3) + b"ab"])
async def test_a_half_close_in_the_middle_of_a_request_is_internal(part: bytes) -> None:
    """The handler is cancelled, whether the prefix or the message is cut short."""
    peer = Peer()
    await eventually(lambda: peer.service.call)
    peer.send(frame(frames.DATA, frames.END_STREAM, 1, part))
    assert peer.headers()["grpc-status"] == "13"
    await eventually(lambda: peer.service.cancelled)


@pytest.mark.parametrize(
    ("bad", "status"),
    [(grpc.prefix(2**20), "8"), (b"\x01" + grpc.prefix(1)[1:] + b"x", "13"), (b"\0\0", "13")],
    ids=["too large", "compressed", "cut short"],
)
@pytest.mark.parametrize("joined", [True, False])
async def test_requests_before_a_bad_one_are_read(bad: bytes, status: str, joined: bool) -> None:
    """Also if they are in one frame with it: the frames of a peer change no answer."""
    peer = Peer()
    good = grpc.prefix(3) + b"abc"
    if joined:
        peer.send(frame(frames.DATA, frames.END_STREAM, 1, good * 2 + bad))
    else:
        peer.send(frame(frames.DATA, 0, 1, good), frame(frames.DATA, 0, 1, good))
        await eventually(lambda: len(peer.service.requests) == 2)
        peer.send(frame(frames.DATA, frames.END_STREAM, 1, bad))
    await eventually(lambda: "grpc-status" in peer.headers())
    assert peer.headers()["grpc-status"] == status
    assert peer.service.requests == [b"abc", b"abc"]
    assert not peer.service.ended


async def test_headers_that_are_sent_early_are_written_at_once() -> None:
    """A client of tonic waits for them before it sends a request."""
    peer = Peer()
    call = await eventually(lambda: peer.service.call)
    call.start([("key", "value")])
    assert peer.headers()["key"] == "value"
    peer.send(frame(frames.DATA, frames.END_STREAM, 1))
    await eventually(lambda: peer.service.ended)


async def test_another_content_type_is_no_call() -> None:
    """A request with messages that are not of Protocol Buffers is answered with 415."""
    json = [(n, b"application/grpc+json" if n == b"content-type" else v) for n, v in REQUEST]
    peer = Peer(json)
    assert peer.headers()[":status"] == "415"
    assert peer.service.call is None


async def test_a_call_knows_the_time_that_is_left() -> None:
    """None without a deadline."""
    peer = Peer([*REQUEST, (b"grpc-timeout", b"1H")])
    unlimited = Peer()
    await eventually(lambda: peer.service.call and unlimited.service.call)
    assert peer.service.call is not None
    assert unlimited.service.call is not None
    assert 3500 < (peer.service.call.time_left or 0) <= 3600
    assert unlimited.service.call.time_left is None
    for each in (peer, unlimited):
        each.protocol.connection_lost(None)
    await eventually(lambda: peer.service.cancelled and unlimited.service.cancelled)


HTML = [*REQUEST[:3], (b"content-type", b"text/html")]


@pytest.mark.parametrize(
    ("headers", "flags", "data"),
    [
        (HTML, frames.END_STREAM, b""),
        ([*REQUEST, (b"grpc-encoding", b"gzip")], frames.END_STREAM, b""),
        (REQUEST, frames.END_STREAM, grpc.prefix(3) + b"ab"),
        ([*REQUEST, (b"grpc-timeout", b"1n")], 0, b"\0"),
    ],
    ids=["not gRPC", "compressed", "cut short", "deadline"],
)
async def test_calls_that_the_application_does_not_answer_are_few(
    headers: list[tuple[bytes, bytes]], flags: int, data: bytes
) -> None:
    """A connection ends for many calls that no limit of the application concerns."""
    peer = Peer(limits=replace(DEFAULT_LIMITS, control_burst=3, control_rate=0.001))

    def fail(stream: int) -> None:
        peer.send(frame(frames.HEADERS, frames.END_HEADERS, stream, encode(headers)))
        peer.send(frame(frames.DATA, flags, stream, data))

    for stream in (3, 5, 7):
        fail(stream)
    await eventually(lambda: len(peer.sent(frames.HEADERS)) == 3)
    assert not peer.sent(frames.GOAWAY)
    fail(9)
    [goaway] = await eventually(lambda: peer.sent(frames.GOAWAY))
    assert frames.number_of(goaway[4:8]) == frames.ErrorCode.ENHANCE_YOUR_CALM
