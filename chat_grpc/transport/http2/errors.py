"""Violations of HTTP/2 by the peer. Each has the error code that RFC 9113 names for it."""

from __future__ import annotations

from chat_grpc.transport.http2.frames import ErrorCode
from chat_grpc.transport.http2.limits import PROTOCOL


class ConnectionViolation(Exception):
    """A violation that ends the connection with GOAWAY (RFC 9113, section 5.4.1)."""

    def __init__(self, code: ErrorCode, message: str, limit: str = PROTOCOL) -> None:
        """`message` is a sentence for the person who wrote the peer. `limit` is its counter."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.limit = limit


class StreamViolation(Exception):
    """A violation that ends one stream with RST_STREAM (RFC 9113, section 5.4.2)."""

    def __init__(self, stream_id: int, code: ErrorCode) -> None:
        super().__init__(stream_id, code)
        self.stream_id = stream_id
        self.code = code


def protocol_error(message: str) -> ConnectionViolation:
    """Return the violation of a rule that has no code of its own."""
    return ConnectionViolation(ErrorCode.PROTOCOL_ERROR, message)


def too_much(message: str, limit: str) -> ConnectionViolation:
    """Return the violation of a limit that protects the server."""
    return ConnectionViolation(ErrorCode.ENHANCE_YOUR_CALM, message, limit)
