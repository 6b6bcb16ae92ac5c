"""Requests, and each rule of RFC 9113 that a peer can break, as bytes."""

from __future__ import annotations

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.frames import ErrorCode, frame
from chat_grpc.transport.http2.headers import encode

REQUEST = [
    (b":method", b"POST"),
    (b":scheme", b"http"),
    (b":path", b"/service/method"),
    (b":authority", b"localhost"),
    (b"content-type", b"application/grpc"),
    (b"te", b"trailers"),
]
BLOCK = encode(REQUEST)
START = frames.PREFACE + frames.settings_frame([])
WHOLE = frames.END_HEADERS | frames.END_STREAM

FATAL = {
    "no preface": (b"GET / HTTP/1.1\r\n\r\n", ErrorCode.PROTOCOL_ERROR),
    "no settings first": (
        frames.PREFACE + frame(frames.PING, 0, 0, bytes(8)),
        ErrorCode.PROTOCOL_ERROR,
    ),
    "a frame too large": (
        START + frames.frame_header(16385, frames.DATA, 0, 1),
        ErrorCode.FRAME_SIZE_ERROR,
    ),
    "data on stream 0": (START + frame(frames.DATA, 0, 0, b"x"), ErrorCode.PROTOCOL_ERROR),
    "data on an idle stream": (START + frame(frames.DATA, 0, 1, b"x"), ErrorCode.PROTOCOL_ERROR),
    "padding as long as the frame": (
        START + frame(frames.HEADERS, WHOLE, 1, BLOCK) + frame(frames.DATA, 8, 1, b"\x05abc"),
        ErrorCode.PROTOCOL_ERROR,
    ),
    "an even stream": (
        START + frame(frames.HEADERS, WHOLE, 2, BLOCK),
        ErrorCode.PROTOCOL_ERROR,
    ),
    "a stream below the last one": (
        START + frame(frames.HEADERS, WHOLE, 5, BLOCK) + frame(frames.HEADERS, WHOLE, 3, BLOCK),
        ErrorCode.PROTOCOL_ERROR,
    ),
    "a header block that is interrupted": (
        START + frame(frames.HEADERS, 0, 1, BLOCK) + frame(frames.PING, 0, 0, bytes(8)),
        ErrorCode.PROTOCOL_ERROR,
    ),
    "a continuation of nothing": (
        START + frame(frames.CONTINUATION, 4, 1, BLOCK),
        ErrorCode.PROTOCOL_ERROR,
    ),
    "headers that cannot be decoded": (
        START + frame(frames.HEADERS, WHOLE, 1, b"\xff\xff\xff\xff\xff"),
        ErrorCode.COMPRESSION_ERROR,
    ),
    "an index that does not exist": (
        START + frame(frames.HEADERS, WHOLE, 1, b"\xfe"),
        ErrorCode.COMPRESSION_ERROR,
    ),
    "three size updates": (
        START + frame(frames.HEADERS, WHOLE, 1, b"\x20\x3f\xe1\x1f\x20" + BLOCK),
        ErrorCode.COMPRESSION_ERROR,
    ),
    "settings on a stream": (START + frame(frames.SETTINGS, 0, 1), ErrorCode.PROTOCOL_ERROR),
    "a setting of 5 bytes": (
        START + frame(frames.SETTINGS, 0, 0, bytes(5)),
        ErrorCode.FRAME_SIZE_ERROR,
    ),
    "an acknowledgement with content": (
        START + frame(frames.SETTINGS, frames.ACK, 0, bytes(6)),
        ErrorCode.FRAME_SIZE_ERROR,
    ),
    "push of 2": (START + frames.settings_frame([(2, 2)]), ErrorCode.PROTOCOL_ERROR),
    "a window above the maximum": (
        START + frames.settings_frame([(4, 2**31)]),
        ErrorCode.FLOW_CONTROL_ERROR,
    ),
    "a frame size below the minimum": (
        START + frames.settings_frame([(5, 16383)]),
        ErrorCode.PROTOCOL_ERROR,
    ),
    "a ping of 6 bytes": (START + frame(frames.PING, 0, 0, bytes(6)), ErrorCode.FRAME_SIZE_ERROR),
    "a ping on a stream": (START + frame(frames.PING, 0, 1, bytes(8)), ErrorCode.PROTOCOL_ERROR),
    "a window update of 0": (START + frames.window_update_frame(0, 0), ErrorCode.PROTOCOL_ERROR),
    "a window update of 3 bytes": (
        START + frame(frames.WINDOW_UPDATE, 0, 0, bytes(3)),
        ErrorCode.FRAME_SIZE_ERROR,
    ),
    "a connection window above the maximum": (
        START + frames.window_update_frame(0, frames.MAX_WINDOW),
        ErrorCode.FLOW_CONTROL_ERROR,
    ),
    "a window update of an idle stream": (
        START + frames.window_update_frame(1, 1),
        ErrorCode.PROTOCOL_ERROR,
    ),
    "a reset of an idle stream": (START + frames.reset_frame(1, 8), ErrorCode.PROTOCOL_ERROR),
    "a reset of 3 bytes": (
        START + frame(frames.RST_STREAM, 0, 1, bytes(3)),
        ErrorCode.FRAME_SIZE_ERROR,
    ),
    "a push": (START + frame(frames.PUSH_PROMISE, 4, 1, bytes(8)), ErrorCode.PROTOCOL_ERROR),
    "go away on a stream": (START + frame(frames.GOAWAY, 0, 1, bytes(8)), ErrorCode.PROTOCOL_ERROR),
    "a short priority of an idle stream": (
        START + frame(frames.PRIORITY, 0, 1, bytes(4)),
        ErrorCode.FRAME_SIZE_ERROR,
    ),
    "a priority of stream 0": (
        START + frame(frames.PRIORITY, 0, 0, bytes(5)),
        ErrorCode.PROTOCOL_ERROR,
    ),
}
"""Violations that end a connection, each with the code of its GOAWAY."""

MALFORMED = {
    "no path": [(b":method", b"POST"), (b":scheme", b"http")],
    "an empty path": [*REQUEST[:2], (b":path", b"")],
    "a path twice": [*REQUEST[:3], (b":path", b"/x")],
    "a pseudo-header behind a header": [(b"a", b"b"), *REQUEST],
    "an unknown pseudo-header": [(b":x", b"y"), *REQUEST],
    "a response's pseudo-header": [(b":status", b"200"), *REQUEST],
    "a header in capitals": [*REQUEST, (b"Name", b"x")],
    "a header of the connection": [*REQUEST, (b"connection", b"close")],
    "another te": [*REQUEST[:4], (b"te", b"gzip")],
    "a line break": [*REQUEST, (b"name", b"a\nb")],
    "an empty name": [*REQUEST, (b"", b"x")],
    "a space in a name": [*REQUEST, (b"a b", b"x")],
    "a slash in a name": [*REQUEST, (b"a/b", b"x")],
    "a length that is no number": [*REQUEST, (b"content-length", b"x")],
    "a length of 5000 digits": [*REQUEST, (b"content-length", b"1" * 5000)],
}
"""Header sections that end their stream with PROTOCOL_ERROR."""
