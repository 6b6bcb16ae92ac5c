"""The sending side of an HTTP/2 connection: windows, frames to write, and GOAWAY (RFC 9113)."""

from __future__ import annotations

from collections import deque
from functools import lru_cache

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.errors import ConnectionViolation
from chat_grpc.transport.http2.frames import ErrorCode
from chat_grpc.transport.http2.headers import NO_TABLE
from chat_grpc.transport.http2.limits import Limits
from chat_grpc.transport.http2.streams import Stream

Bytes = bytes | memoryview

_REMEMBERED_RESETS = 1000
"""Streams that the server reset whose late frames are ignored (section 5.1, "closed")."""


class NewestFrames:
    """The DATA frames that were made last.

    Most clients have one stream, the first one of their connection, so a message to many streams
    has the same frames on most of them. They are made once, and are in memory once.
    """

    __slots__ = ("_frames", "_key", "_message")

    def __init__(self) -> None:
        self._message = self._frames = b""
        self._key = (0, b"", 0)

    def of(self, stream_id: int, prefix: bytes, message: bytes, most: int) -> bytes:
        """Return the frames of a message, each with at most `most` bytes."""
        key = (stream_id, prefix, most)
        # The same object: a comparison of the bytes could cost more than the frames.
        if message is not self._message or key != self._key:
            self._message, self._key = message, key
            self._frames = _data_frames(stream_id, prefix, message, most)
        return self._frames


class SendingSide:
    """Sends the frames of a connection: appends them to an output that `take_output` returns.

    It shares its state with the receiving side, which is `Connection`.
    """

    def __init__(self, limits: Limits, newest: NewestFrames) -> None:
        """`newest` is shared by all connections of a transport."""
        self._newest = newest
        self.streams: dict[int, Stream] = {}
        self.send_window = frames.DEFAULT_WINDOW
        self.failed: ConnectionViolation | None = None
        self.unanswered_pings = 0
        self.last_stream_id = 0
        """The newest stream of the peer."""
        self._limits = limits
        self._initial_send_window = frames.DEFAULT_WINDOW
        self._max_frame = frames.MIN_FRAME_SIZE
        self._size_update = b""
        """The update of the dynamic table's size that the next header block begins with."""
        self._reset_ids: deque[int] = deque(maxlen=_REMEMBERED_RESETS)
        self._refuse_after: int | None = None
        self._sent_data = False
        """True if DATA was sent since the peer's last PING."""
        greeting = _greeting(
            limits.max_streams, limits.stream_window, limits.max_metadata, limits.connection_window
        )
        self._output: list[Bytes] = [greeting]

    def take_output(self) -> bytes:
        """Return the bytes to write, and forget them."""
        output = self._output
        if not output:
            return b""
        self._output = []
        return b"".join(output)

    def sendable(self, stream: Stream) -> int:
        """Return how many bytes of DATA the peer accepts on a stream now."""
        return max(0, min(stream.send_window, self.send_window))

    def data_frames(self, stream: Stream, prefix: bytes, message: bytes) -> bytes | None:
        """Return the DATA frames of a message, and take its size from the windows.

        Return None, and take nothing, if the windows have no space for all of it.
        """
        size = len(prefix) + len(message)
        if size > stream.send_window or size > self.send_window:
            return None
        self._take_window(stream, size)
        return self._newest.of(stream.id, prefix, message, self._max_frame)

    def send_data(self, stream: Stream, data: memoryview) -> int:
        """Send as much of some data as the windows allow; return how many bytes that is."""
        sent = 0
        while size := min(len(data) - sent, self.sendable(stream), self._max_frame):
            self._take_window(stream, size)
            self._output += _data_frame(stream.id, data[sent : sent + size])
            sent += size
        return sent

    def _take_window(self, stream: Stream, size: int) -> None:
        stream.send_window -= size
        self.send_window -= size
        self._sent_data = True

    def send_headers(self, stream: Stream, block: bytes, *, end_stream: bool) -> None:
        """Send an encoded header block; `end_stream` closes the stream.

        Nothing is sent on a stream that has ended already (section 5.1).
        """
        if stream.id not in self.streams:
            return
        if self._size_update:
            block, self._size_update = self._size_update + block, b""
        self._output.append(
            frames.headers_frames(stream.id, block, self._max_frame, end_stream=end_stream)
        )
        stream.answered = True
        if end_stream:
            if not stream.remote_closed:
                # The response is complete; the peer need not send the rest (section 8.1).
                self._output.append(frames.reset_frame(stream.id, ErrorCode.NO_ERROR))
                self._reset_ids.append(stream.id)
            self.streams.pop(stream.id, None)

    def _drop_table(self) -> None:
        """Tell the peer with the next header block that no dynamic table is used (section 4.3.1).

        The encoder uses none anyway, but a peer that wants a smaller table may wait for the update.
        """
        self._size_update = NO_TABLE

    def reset(self, stream: Stream, code: ErrorCode) -> None:
        """End a stream at once (section 5.4.2)."""
        if self.streams.pop(stream.id, None) is not None:
            self._reset_id(stream.id, code)

    def _reset_id(self, stream_id: int, code: ErrorCode) -> None:
        self._output.append(frames.reset_frame(stream_id, code))
        self._reset_ids.append(stream_id)

    def consumed(self, stream: Stream, size: int) -> bool:
        """Give bytes of a request back to the window of its stream (section 6.9).

        Return whether there is a frame to write: small amounts are given back together.
        """
        stream.uncredited += size
        if stream.uncredited * 2 < self._limits.stream_window or stream.remote_closed:
            return False
        self._output.append(frames.window_update_frame(stream.id, stream.uncredited))
        stream.receive_window += stream.uncredited
        stream.uncredited = 0
        return True

    def ping(self) -> None:
        """Ask whether the peer is there (section 6.7)."""
        self.unanswered_pings += 1
        self._output.append(frames.frame(frames.PING, 0, 0, b"chatgrpc"))

    def announce_end(self) -> None:
        """Ask the peer to open no more streams; those on their way are served (section 6.8).

        The answer to the PING comes after the streams that were on their way.
        """
        self._output.append(frames.go_away_frame(frames.MAX_WINDOW, ErrorCode.NO_ERROR))
        self.ping()

    def refuse_streams(self) -> None:
        """Refuse every later stream, and tell the peer which was the last one served."""
        if self._refuse_after is None:
            self._refuse_after = self.last_stream_id
            self._output.append(frames.go_away_frame(self.last_stream_id, ErrorCode.NO_ERROR))

    def fail(self, violation: ConnectionViolation) -> None:
        """End the connection with GOAWAY (section 5.4.1)."""
        if self.failed is None:
            self.failed = violation
            self._output.append(
                frames.go_away_frame(self.last_stream_id, violation.code, violation.message)
            )


def _data_frames(stream_id: int, prefix: bytes, message: bytes, most: int) -> bytes:
    """Return the DATA frames of a message, each with at most `most` bytes."""
    size = len(prefix) + len(message)
    if size <= most:
        return frames.frame_header(size, frames.DATA, 0, stream_id) + prefix + message
    rest, first = memoryview(message), most - len(prefix)
    header = frames.frame_header(most, frames.DATA, 0, stream_id)
    parts: list[Bytes] = [header, prefix, rest[:first]]
    for at in range(first, len(message), most):
        parts += _data_frame(stream_id, rest[at : at + most])
    return b"".join(parts)


def _data_frame(stream_id: int, data: memoryview) -> tuple[bytes, memoryview]:
    return frames.frame_header(len(data), frames.DATA, 0, stream_id), data


@lru_cache(maxsize=16)
def _greeting(streams: int, stream_window: int, metadata: int, connection_window: int) -> bytes:
    """Return the first frames of a server: SETTINGS, and the window of the connection.

    Takes four of the `Limits`: a hash of all of them would cost more than the frames.
    """
    settings = frames.settings_frame(
        [
            (frames.MAX_CONCURRENT_STREAMS, streams),
            (frames.INITIAL_WINDOW_SIZE, stream_window),
            (frames.MAX_HEADER_LIST_SIZE, metadata),
        ]
    )
    return settings + frames.window_update_frame(0, connection_window - frames.DEFAULT_WINDOW)
