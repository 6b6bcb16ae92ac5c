"""The bytes of a client of HTTP/2."""

from __future__ import annotations

from functools import cache

from chat_grpc.transport.http2 import frames, grpc
from chat_grpc.transport.http2.frames import frame
from chat_grpc.transport.http2.headers import encode

CALL = "/chat_grpc.v1.ChatService/Connect"

START = (
    frames.PREFACE
    + frames.settings_frame([(frames.INITIAL_WINDOW_SIZE, frames.MAX_WINDOW)])
    + frames.window_update_frame(0, frames.MAX_WINDOW - frames.DEFAULT_WINDOW)
)
"""The start of a connection whose client never gives back a window."""

END = frames.go_away_frame(0, frames.ErrorCode.NO_ERROR)


def request_headers(stream: int, path: str, *extra: tuple[bytes, bytes], flags: int = 4) -> bytes:
    """Return the HEADERS of a call; by default they are complete, and the call is not."""
    headers = [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", path.encode()),
        (b":authority", b"localhost"),
        (b"content-type", b"application/grpc"),
        (b"te", b"trailers"),
        *extra,
    ]
    return frame(frames.HEADERS, flags, stream, encode(headers))


call_headers = cache(request_headers)
"""The same, kept for the next call: a program that makes many streams asks for the same ones."""


def grpc_message(message: bytes) -> bytes:
    """Return a message with its prefix."""
    return grpc.prefix(len(message)) + message
