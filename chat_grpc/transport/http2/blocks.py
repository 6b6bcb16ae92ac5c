"""Header blocks as they arrive: one HEADERS frame, and CONTINUATION frames behind it."""

from __future__ import annotations

from typing import NamedTuple

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.errors import ConnectionViolation, protocol_error, too_much
from chat_grpc.transport.http2.frames import ErrorCode
from chat_grpc.transport.http2.limits import HEADERS, Limits


class Block(NamedTuple):
    """A complete header block, not decoded yet."""

    stream_id: int
    end_stream: bool
    encoded: bytes


class BlockReader:
    """Joins the frames of one header block at a time, within limits (RFC 9113, section 4.3)."""

    __slots__ = ("_buffer", "_continuations", "_end_stream", "_limits", "since", "stream_id")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buffer: bytearray | None = None
        self._end_stream = False
        self._continuations = 0
        self.stream_id = 0
        """The stream of the unfinished block."""
        self.since = 0.0
        """When the unfinished block began, in seconds of the caller's clock; 0.0 for none."""

    @property
    def unfinished(self) -> bool:
        """True while CONTINUATION frames are missing."""
        return self._buffer is not None

    def headers(self, flags: int, stream_id: int, payload: bytes, now: float) -> Block | None:
        """Take a HEADERS frame; return the block if it is complete (section 6.2)."""
        encoded = unpadded(flags, payload)
        if flags & frames.HAS_PRIORITY:
            if len(encoded) < 5:
                raise ConnectionViolation(ErrorCode.FRAME_SIZE_ERROR, "HEADERS is too short.")
            if frames.number_of(encoded) & frames.MAX_WINDOW == stream_id:
                raise protocol_error("A stream depends on itself.")  # RFC 7540, section 5.3.1
            encoded = encoded[5:]
        end_stream = bool(flags & frames.END_STREAM)
        if flags & frames.END_HEADERS:
            return Block(stream_id, end_stream, encoded)
        self._buffer, self._end_stream, self._continuations = bytearray(encoded), end_stream, 0
        self.stream_id, self.since = stream_id, now
        return None

    def continuation(self, flags: int, payload: bytes) -> Block | None:
        """Take a CONTINUATION frame; return the block if it is complete (section 6.10)."""
        buffer = self._buffer
        if buffer is None:
            raise protocol_error("CONTINUATION without HEADERS.")
        self._continuations += 1
        buffer += payload
        if (
            self._continuations > self._limits.max_continuations
            or len(buffer) > self._limits.max_header_block
        ):
            raise too_much("The header block is too large.", HEADERS)
        if not flags & frames.END_HEADERS:
            return None
        self._buffer, self.since = None, 0.0
        return Block(self.stream_id, self._end_stream, bytes(buffer))


def unpadded(flags: int, payload: bytes) -> bytes:
    """Return a payload without its padding (sections 6.1 and 6.2)."""
    if not flags & frames.PADDED:
        return payload
    if not payload or payload[0] >= len(payload):
        raise protocol_error("The padding is longer than the frame.")
    return payload[1 : len(payload) - payload[0]]
