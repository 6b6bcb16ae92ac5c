"""HTTP/2 frames as bytes (RFC 9113, sections 4 and 6)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from enum import IntEnum

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""The first bytes of a client (section 3.4)."""

HEADER_SIZE = 9
"""Bytes of a frame's header (section 4.1)."""

DEFAULT_WINDOW = 65_535
"""The initial flow-control window of a connection and of a stream (section 6.9.2)."""

MAX_WINDOW = 2**31 - 1
"""The largest window (section 6.9.1)."""

MIN_FRAME_SIZE, MAX_FRAME_SIZE = 2**14, 2**24 - 1
"""The range of SETTINGS_MAX_FRAME_SIZE (section 6.5.2)."""

DEFAULT_TABLE_SIZE = 4096
"""The initial size of the dynamic table of a header encoder (section 4.3.1)."""

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY = range(8)
WINDOW_UPDATE, CONTINUATION = 8, 9

ACK = END_STREAM = 0x1
END_HEADERS = 0x4
PADDED = 0x8
HAS_PRIORITY = 0x20

HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE = 1, 2, 3, 4
SETTING_MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = 5, 6

_HEADER = struct.Struct(">HBBBI")
_SETTING = struct.Struct(">HI")
_NUMBER = struct.Struct(">I")
_GOAWAY = struct.Struct(">II")

unpack_header = _HEADER.unpack_from
"""Unpack a frame's header: length (two high bytes, low byte), type, flags, stream."""


class ErrorCode(IntEnum):
    """Error codes (section 7)."""

    NO_ERROR = 0x0
    PROTOCOL_ERROR = 0x1
    INTERNAL_ERROR = 0x2
    FLOW_CONTROL_ERROR = 0x3
    SETTINGS_TIMEOUT = 0x4
    STREAM_CLOSED = 0x5
    FRAME_SIZE_ERROR = 0x6
    REFUSED_STREAM = 0x7
    CANCEL = 0x8
    COMPRESSION_ERROR = 0x9
    CONNECT_ERROR = 0xA
    ENHANCE_YOUR_CALM = 0xB
    INADEQUATE_SECURITY = 0xC
    HTTP_1_1_REQUIRED = 0xD


def frame_header(length: int, kind: int, flags: int, stream_id: int) -> bytes:
    """Return the header of a frame."""
    return _HEADER.pack(length >> 8, length & 0xFF, kind, flags, stream_id)


def frame(kind: int, flags: int, stream_id: int, payload: bytes = b"") -> bytes:
    """Return a frame."""
    return frame_header(len(payload), kind, flags, stream_id) + payload


def settings_frame(settings: Iterable[tuple[int, int]]) -> bytes:
    """Return a SETTINGS frame (section 6.5)."""
    return frame(SETTINGS, 0, 0, b"".join(_SETTING.pack(*setting) for setting in settings))


SETTINGS_ACK = frame(SETTINGS, ACK, 0)


def reset_frame(stream_id: int, code: int) -> bytes:
    """Return a RST_STREAM frame (section 6.4)."""
    return frame(RST_STREAM, 0, stream_id, _NUMBER.pack(code))


def go_away_frame(last_stream_id: int, code: int, text: str = "") -> bytes:
    """Return a GOAWAY frame; `text` is debug data for a person (section 6.8)."""
    return frame(GOAWAY, 0, 0, _GOAWAY.pack(last_stream_id, code) + text.encode())


def window_update_frame(stream_id: int, increment: int) -> bytes:
    """Return a WINDOW_UPDATE frame; stream 0 is the connection (section 6.9)."""
    return frame(WINDOW_UPDATE, 0, stream_id, _NUMBER.pack(increment))


def headers_frames(stream_id: int, block: bytes, max_size: int, *, end_stream: bool) -> bytes:
    """Return a header block as HEADERS and CONTINUATION frames (sections 6.2 and 6.10)."""
    first, rest = block[:max_size], block[max_size:]
    flags = (END_STREAM if end_stream else 0) | (0 if rest else END_HEADERS)
    parts = [frame(HEADERS, flags, stream_id, first)]
    while rest:
        part, rest = rest[:max_size], rest[max_size:]
        parts.append(frame(CONTINUATION, 0 if rest else END_HEADERS, stream_id, part))
    return b"".join(parts)


def number_of(payload: bytes) -> int:
    """Return the 32-bit number at the start of a payload."""
    return int(_NUMBER.unpack_from(payload)[0])


def settings_of(payload: bytes) -> Iterable[tuple[int, int]]:
    """Return the settings of a SETTINGS payload, whose length must be a multiple of six."""
    return _SETTING.iter_unpack(payload)
