"""The HTTP/2 state machine: each rule of RFC 9113 that a peer can break, and each limit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hpack import Decoder
from hypothesis import given, settings
from hypothesis import strategies as st
from transport.violations import BLOCK, FATAL, MALFORMED, REQUEST, START, WHOLE

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.connection import Connection
from chat_grpc.transport.http2.frames import ErrorCode, frame
from chat_grpc.transport.http2.headers import encode
from chat_grpc.transport.http2.limits import Limits
from chat_grpc.transport.http2.sending import NewestFrames
from chat_grpc.transport.http2.streams import (
    DataReceived,
    Event,
    RequestEnded,
    RequestStarted,
    StreamEnded,
    WindowOpened,
)


class Peer:
    """A connection, with a clock that a test moves."""

    def __init__(self, limits: Limits | None = None, start: bytes = START) -> None:
        self.now = 0.0
        self.connection = Connection(lambda: self.now, limits or Limits())
        self.events: list[Event] = []
        self.send(start)

    def send(self, *parts: bytes) -> list[Event]:
        """Send bytes; return what happened."""
        events = [event for part in parts for event in self.connection.receive(part)]
        self.events += events
        return events

    def open(self, stream_id: int = 1, flags: int = frames.END_HEADERS) -> None:
        """Open a stream."""
        self.send(frame(frames.HEADERS, flags, stream_id, BLOCK))

    @property
    def failure(self) -> ErrorCode | None:
        """The code with which the connection failed, or None."""
        failed = self.connection.failed
        return failed.code if failed is not None else None

    def resets(self) -> dict[int, int]:
        """Return the codes of the RST_STREAM frames that were sent, by stream."""
        return {
            stream_id: frames.number_of(payload)
            for kind, _, stream_id, payload in frames_in(self.connection.take_output())
            if kind == frames.RST_STREAM
        }


def frames_in(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Take bytes apart into frames: type, flags, stream, payload."""
    at = 0
    while at < len(data):
        high, low, kind, flags, stream_id = frames.unpack_header(data, at)
        end = at + frames.HEADER_SIZE + (high << 8 | low)
        yield kind, flags, stream_id, data[at + frames.HEADER_SIZE : end]
        at = end


def kinds(events: list[Event]) -> list[type]:
    """Return the types of events."""
    return [type(event) for event in events]


def test_a_request_comes_in_as_events() -> None:
    """Headers, data and the end of a request are told in order."""
    peer = Peer()
    peer.open()
    events = peer.send(frame(frames.DATA, frames.END_STREAM, 1, b"hello"))
    assert kinds(peer.events) == [WindowOpened, RequestStarted, DataReceived, RequestEnded]
    started = peer.events[1]
    assert isinstance(started, RequestStarted)
    assert started.section.request().pseudo[b":path"] == b"/service/method"
    assert isinstance(events[0], DataReceived)
    assert events[0].data == b"hello"


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_bytes_may_come_in_any_pieces(size: int) -> None:
    """The same bytes in small pieces make the same events."""
    data = START + frame(frames.HEADERS, frames.END_HEADERS, 1, BLOCK)
    data += frame(frames.DATA, frames.END_STREAM, 1, b"x" * 50)
    peer = Peer(start=b"")
    peer.send(*(data[at : at + size] for at in range(0, len(data), size)))
    assert kinds(peer.events) == [WindowOpened, RequestStarted, DataReceived, RequestEnded]
    assert peer.failure is None


@pytest.mark.parametrize("name", FATAL)
def test_a_violation_ends_the_connection_with_its_code(name: str) -> None:
    """GOAWAY carries the code that the RFC names, and nothing is taken after it."""
    data, code = FATAL[name]
    peer = Peer(start=data)
    assert peer.failure == code
    *_, (kind, _, _, payload) = frames_in(peer.connection.take_output())
    assert (kind, frames.number_of(payload[4:])) == (frames.GOAWAY, code)
    assert peer.send(frame(frames.HEADERS, WHOLE, 99, BLOCK)) == []


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_ends_its_stream(name: str) -> None:
    """The stream gets PROTOCOL_ERROR; the connection goes on."""
    peer = Peer()
    peer.send(frame(frames.HEADERS, WHOLE, 1, encode(MALFORMED[name])))
    assert peer.resets() == {1: ErrorCode.PROTOCOL_ERROR}
    peer.open(3)
    assert isinstance(peer.events[-1], RequestStarted)
    assert peer.failure is None


def test_a_body_must_have_the_length_that_it_says() -> None:
    """Too much and too little are PROTOCOL_ERROR; the right length is not."""
    block = encode([*REQUEST, (b"content-length", b"4")])
    peer = Peer()
    for stream_id, body in ((1, b"12345"), (3, b"123"), (5, b"1234")):
        peer.send(frame(frames.HEADERS, frames.END_HEADERS, stream_id, block))
        peer.send(frame(frames.DATA, frames.END_STREAM, stream_id, body))
    assert peer.resets() == dict.fromkeys((1, 3), ErrorCode.PROTOCOL_ERROR)
    assert isinstance(peer.events[-1], RequestEnded)


def test_frames_on_closed_streams() -> None:
    """DATA after the end is STREAM_CLOSED; what was under way at our own reset is ignored."""
    peer = Peer()
    peer.open(1, WHOLE)
    peer.send(frame(frames.DATA, 0, 1, b"late"))
    assert peer.resets() == {1: ErrorCode.STREAM_CLOSED}
    peer.open(3)
    peer.connection.reset(peer.connection.streams[3], ErrorCode.CANCEL)
    assert peer.send(frame(frames.DATA, 0, 3, b"late")) == []
    assert peer.resets() == {3: ErrorCode.CANCEL}
    assert peer.failure is None


def test_more_streams_than_allowed_are_refused() -> None:
    """The next one gets REFUSED_STREAM, and a place that becomes free is given away again."""
    peer = Peer(Limits(max_streams=2))
    for stream_id in (1, 3, 5):
        peer.open(stream_id)
    assert peer.resets() == {5: ErrorCode.REFUSED_STREAM}
    events = peer.send(frames.reset_frame(1, ErrorCode.CANCEL))
    assert kinds(events) == [StreamEnded]
    peer.open(7)
    assert isinstance(peer.events[-1], RequestStarted)


def test_windows_bound_what_is_sent() -> None:
    """DATA is sent as far as the stream, the connection and the frame size allow."""
    peer = Peer()
    peer.send(frames.settings_frame([(frames.INITIAL_WINDOW_SIZE, 10)]))
    peer.open()
    connection, stream = peer.connection, peer.connection.streams[1]
    connection.take_output()
    assert connection.send_data(stream, memoryview(b"x" * 100)) == 10
    assert connection.data_frames(stream, b"", b"x") is None
    assert kinds(peer.send(frames.window_update_frame(1, 5))) == [WindowOpened]
    assert connection.send_data(stream, memoryview(b"x" * 100)) == 5
    peer.send(frames.settings_frame([(frames.INITIAL_WINDOW_SIZE, 0)]))
    peer.send(frames.window_update_frame(1, 4))
    assert connection.sendable(stream) == 0, "the window was lowered by 10 below zero"
    sent = [payload for kind, _, _, payload in frames_in(connection.take_output()) if kind == 0]
    assert b"".join(sent) == b"x" * 15


@pytest.mark.parametrize("size", [0, 4095])
def test_a_peer_that_wants_a_smaller_table_is_told_with_the_next_header_block(size: int) -> None:
    """A strict decoder refuses each header block before it; the following ones need no update."""
    peer = Peer()
    streams = (1, 3)
    for stream_id in streams:
        peer.open(stream_id)
    peer.send(frames.settings_frame([(frames.HEADER_TABLE_SIZE, size)]))
    block = encode([(b":status", b"200")])
    for stream_id in streams:
        peer.connection.send_headers(peer.connection.streams[stream_id], block, end_stream=False)
    sent = frames_in(peer.connection.take_output())
    first, second = (payload for kind, *_, payload in sent if kind == frames.HEADERS)
    decoder = Decoder()
    decoder.max_allowed_table_size = size
    decoder.decode(first)
    assert decoder.header_table_size == 0
    assert second == block


@pytest.mark.parametrize("size", [4096, 65536])
def test_a_peer_that_allows_the_usual_table_or_a_larger_one_is_told_nothing(size: int) -> None:
    """The encoder keeps its initial size, which the peer knows."""
    peer = Peer()
    peer.open()
    peer.send(frames.settings_frame([(frames.HEADER_TABLE_SIZE, size)]))
    block = encode([(b":status", b"200")])
    peer.connection.send_headers(peer.connection.streams[1], block, end_stream=False)
    *_, (_, _, _, payload) = frames_in(peer.connection.take_output())
    assert payload == block


def test_large_data_is_split_into_frames() -> None:
    """No frame is larger than the peer's maximum."""
    peer = Peer()
    peer.send(frames.settings_frame([(4, 2**20)]), frames.window_update_frame(0, 2**20))
    peer.open()
    connection = peer.connection
    connection.take_output()
    assert connection.send_data(connection.streams[1], memoryview(bytes(40_000))) == 40_000
    sizes = [len(payload) for _, _, _, payload in frames_in(connection.take_output())]
    assert sizes == [16384, 16384, 40_000 - 2 * 16384]


def test_data_beyond_the_windows_is_a_violation() -> None:
    """A stream may not be sent more than its window; consumed bytes are given back."""
    peer = Peer(Limits(stream_window=20_000))
    peer.open()
    stream = peer.connection.streams[1]
    peer.send(frame(frames.DATA, 0, 1, bytes(15_000)))
    peer.connection.consumed(stream, 15_000)
    peer.send(frame(frames.DATA, 0, 1, bytes(15_000)))
    assert peer.failure is None
    assert peer.resets() == {}
    peer.send(frame(frames.DATA, 0, 1, bytes(15_000)))
    assert peer.resets() == {1: ErrorCode.FLOW_CONTROL_ERROR}


FLOODS = {
    "pings": frame(frames.PING, 0, 0, bytes(8)),
    "settings": frames.settings_frame([]),
    "unknown frames": frame(99, 0, 0, b"x"),
    "priorities": frame(frames.PRIORITY, 0, 1, bytes(4) + b"\x01") + b"",
    "empty data": frame(frames.DATA, 0, 1),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_control_frames_ends_the_connection(name: str) -> None:
    """ENHANCE_YOUR_CALM; the same number over a longer time is allowed."""
    limits = Limits(control_burst=50, control_rate=10)
    peer = Peer(limits)
    peer.open()
    peer.send(*[FLOODS[name]] * 60)
    assert peer.failure == ErrorCode.ENHANCE_YOUR_CALM
    slow = Peer(limits)
    slow.open()
    for _ in range(300):
        slow.now += 0.2
        slow.send(FLOODS[name])
    assert slow.failure is None


@pytest.mark.parametrize("size", [0, 1, 16_379, 16_380, 40_000])
@pytest.mark.parametrize("most", [16_384, 20_000])
def test_a_message_is_divided_into_frames(size: int, most: int) -> None:
    """The frames of a message are as large as the peer accepts, or the windows stay as they are."""
    peer = Peer()
    settings = [(frames.INITIAL_WINDOW_SIZE, size + 5), (frames.SETTING_MAX_FRAME_SIZE, most)]
    peer.send(frames.settings_frame(settings))
    peer.open()
    connection, stream, message = peer.connection, peer.connection.streams[1], b"m" * size
    assert connection.data_frames(stream, b"prefi", message + b"m") is None
    data = connection.data_frames(stream, b"prefi", message)
    assert data is not None
    sent = list(frames_in(data))
    assert {(kind, flags, number) for kind, flags, number, _ in sent} == {(frames.DATA, 0, 1)}
    payloads = [payload for _, _, _, payload in sent]
    assert b"".join(payloads) == b"prefi" + message
    assert all(len(payload) == most for payload in payloads[:-1])
    assert 0 < len(payloads[-1]) <= most
    assert connection.sendable(stream) == 0


def test_streams_that_get_the_same_message_share_its_frames() -> None:
    """Only those of the same number, and with the same size of a frame."""
    newest, message = NewestFrames(), b"m" * 20_000
    first = newest.of(1, b"prefi", message, 16_384)
    assert newest.of(1, b"prefi", message, 16_384) is first
    for number, prefix, other, most in (
        (3, b"prefi", message, 16_384),
        (1, b"PREFI", message, 16_384),
        (1, b"prefi", b"n" * 20_000, 16_384),
        (1, b"prefi", message, 17_000),
    ):
        sent = list(frames_in(newest.of(number, prefix, other, most)))
        assert {stream for _, _, stream, _ in sent} == {number}
        assert b"".join(payload for _, _, _, payload in sent) == prefix + other
        assert len(sent[0][3]) == most
        assert newest.of(1, b"prefi", message, 16_384) == first


def test_a_ping_for_each_data_frame_is_no_flood() -> None:
    """grpc-go sends one after DATA, to estimate the bandwidth; a second one counts."""
    peer = Peer(Limits(control_burst=50, control_rate=10))
    peer.open()
    connection = peer.connection
    for _ in range(300):
        assert connection.data_frames(connection.streams[1], b"", b"x")
        peer.send(FLOODS["pings"])
    assert peer.failure is None
    peer.send(*[FLOODS["pings"]] * 60)
    assert peer.failure == ErrorCode.ENHANCE_YOUR_CALM


def test_a_flood_of_resets_ends_the_connection() -> None:
    """Rapid reset (CVE-2023-44487), and resets that a peer provokes."""
    peer = Peer(Limits(reset_burst=20, reset_rate=1))
    for stream_id in range(1, 61, 2):
        peer.open(stream_id)
        peer.send(frames.reset_frame(stream_id, ErrorCode.CANCEL))
    assert peer.failure == ErrorCode.ENHANCE_YOUR_CALM
    provoked = Peer(Limits(reset_burst=20, reset_rate=1))
    for stream_id in range(1, 61, 2):
        provoked.send(frame(frames.HEADERS, WHOLE, stream_id, encode(REQUEST[:2])))
    assert provoked.failure == ErrorCode.ENHANCE_YOUR_CALM


def test_resets_of_answered_streams_are_no_flood() -> None:
    """A client that cancels a stream after its first response does so as often as it likes."""
    peer = Peer(Limits(reset_burst=5, reset_rate=1, control_burst=5, control_rate=1))
    for stream_id in range(1, 61, 2):
        peer.open(stream_id)
        peer.connection.send_headers(peer.connection.streams[stream_id], BLOCK, end_stream=False)
        peer.send(frames.reset_frame(stream_id, ErrorCode.CANCEL))
    assert peer.failure is None
    assert not peer.connection.streams


def test_the_reset_of_a_stream_that_the_server_ended_is_no_flood() -> None:
    """grpc-go sends one for a stream that it has not half-closed; a second one counts."""
    peer = Peer(Limits(reset_burst=5, reset_rate=1, control_burst=5, control_rate=1))
    for stream_id in range(1, 31, 2):
        peer.open(stream_id)
        stream = peer.connection.streams[stream_id]
        peer.connection.send_headers(stream, BLOCK, end_stream=True)
        peer.send(frames.reset_frame(stream_id, ErrorCode.NO_ERROR))
    assert peer.failure is None
    peer.send(*[frames.reset_frame(1, ErrorCode.NO_ERROR)] * 6)
    assert peer.failure == ErrorCode.ENHANCE_YOUR_CALM


def test_data_after_the_reset_of_a_stream_that_the_server_ended_is_a_violation() -> None:
    """DATA that was on its way is ignored; after RST_STREAM the peer may send none."""
    peer = Peer()
    peer.open()
    peer.connection.send_headers(peer.connection.streams[1], BLOCK, end_stream=True)
    peer.connection.take_output()
    peer.send(frame(frames.DATA, 0, 1, b"x"))
    assert peer.resets() == {}
    peer.send(frames.reset_frame(1, ErrorCode.CANCEL), frame(frames.DATA, 0, 1, b"x"))
    assert peer.resets() == {1: ErrorCode.STREAM_CLOSED}


def test_no_headers_follow_a_reset_of_the_server() -> None:
    """A stream that a violation ended is not answered."""
    peer = Peer()
    peer.open()
    stream = peer.connection.streams[1]
    peer.send(frames.window_update_frame(1, 0))
    assert peer.resets() == {1: ErrorCode.PROTOCOL_ERROR}
    peer.connection.send_headers(stream, BLOCK, end_stream=True)
    assert peer.connection.take_output() == b""


def test_header_blocks_are_bounded() -> None:
    """In their number of CONTINUATION frames, their encoded and their decoded size."""
    many = Peer(Limits(max_continuations=3))
    many.send(frame(frames.HEADERS, 0, 1), *[frame(frames.CONTINUATION, 0, 1)] * 4)
    assert many.failure == ErrorCode.ENHANCE_YOUR_CALM
    long = Peer(Limits(max_header_block=1000))
    long.send(frame(frames.HEADERS, 0, 1), frame(frames.CONTINUATION, 0, 1, bytes(1001)))
    assert long.failure == ErrorCode.ENHANCE_YOUR_CALM
    bomb = Peer(Limits(max_header_list=5000))
    block = b"\x40\x01a\x7f\x81\x1e" + b"x" * 4000 + b"\xbe" * 1000  # one entry, 1,000 times
    bomb.send(frame(frames.HEADERS, frames.END_HEADERS, 1, block))
    assert bomb.failure == ErrorCode.ENHANCE_YOUR_CALM


def test_the_end_comes_in_two_steps() -> None:
    """After the first GOAWAY calls are taken until a PING is answered; after the second none is."""
    peer = Peer()
    peer.connection.ping()
    peer.connection.announce_end()
    peer.send(frame(frames.PING, frames.ACK, 0, bytes(8)))
    assert peer.connection.unanswered_pings == 1
    peer.open(1)
    assert isinstance(peer.events[-1], RequestStarted)
    peer.send(frame(frames.PING, frames.ACK, 0, bytes(8)))
    assert peer.connection.unanswered_pings == 0
    peer.connection.refuse_streams()
    before = len(peer.events)
    peer.open(3)
    assert len(peer.events) == before
    ends = [
        frames.number_of(payload)
        for kind, _, _, payload in frames_in(peer.connection.take_output())
        if kind == frames.GOAWAY
    ]
    assert ends == [frames.MAX_WINDOW, 1]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.builds(
                frame,
                st.integers(0, 12),
                st.integers(0, 255),
                st.integers(0, 9),
                st.one_of(st.binary(max_size=40), st.just(BLOCK)),
            ),
        ),
        max_size=20,
    )
)
def test_any_bytes_leave_a_connection_or_end_it_with_a_code(parts: list[bytes]) -> None:
    """No bytes raise anything; the streams that are open are those that were told of."""
    peer = Peer()
    peer.send(*parts)
    told = {e.stream.id for e in peer.events if isinstance(e, RequestStarted)}
    assert peer.connection.streams.keys() <= told
    assert len(peer.connection.take_output()) < 100_000
