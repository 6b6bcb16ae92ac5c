"""Requests and responses of HTTP/1.1 as values, and how a response is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus

from google.rpc import status_pb2

from chat_grpc.transport.web import connect_protocol

Headers = Sequence[tuple[bytes, bytes]]
"""Names in lower case, and values."""

_SECURITY = (
    b"content-security-policy: default-src 'none'; script-src 'self'; connect-src 'self'; "
    b"style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; "
    b"base-uri 'none'; manifest-src 'self'; worker-src 'self'\r\n"
    b"x-content-type-options: nosniff\r\n"
    b"referrer-policy: no-referrer\r\n"
    b"cross-origin-opener-policy: same-origin\r\n"
    b"cross-origin-resource-policy: same-origin\r\n"
)
_SECURITY_BY_TLS = _SECURITY + b"strict-transport-security: max-age=31536000\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """One request, complete with its body."""

    method: str
    path: str
    """The path as it was sent, without the query."""
    headers: Headers
    body: bytes
    secured: bool
    """True if it came by TLS."""
    upgrades: bool = False
    """True if the client asks for another protocol on the connection."""

    def header(self, name: bytes) -> str:
        """Return the value of a header; empty without one. Several values are joined by commas."""
        return b",".join(value for key, value in self.headers if key == name).decode("latin-1")

    def count(self, name: bytes) -> int:
        """Return how often a header was sent."""
        return sum(key == name for key, _ in self.headers)


@dataclass(frozen=True, slots=True)
class Response:
    """A response whose body is complete."""

    status: int
    headers: Sequence[tuple[str, str]] = field(default=())
    body: bytes = b""


def text_response(status: int, text: str, *headers: tuple[str, str]) -> Response:
    """Return a response that is a line of text."""
    plain = ("content-type", "text/plain; charset=utf-8")
    return Response(status, (plain, *_UNCACHED, *headers), f"{text}\n".encode())


def error_response(
    status: status_pb2.Status, *headers: tuple[str, str], http_status: int | None = None
) -> Response:
    """Return the response of a unary call that failed, as the Connect protocol defines it."""
    body = json.dumps(connect_protocol.error_of(status)).encode()
    http_status = http_status or connect_protocol.HTTP_STATUS[status.code]
    return Response(http_status, (("content-type", "application/json"), *_UNCACHED, *headers), body)


def stream_error_response(status: status_pb2.Status, codec: str) -> Response:
    """Return the response of a stream that failed before its first message.

    Its HTTP status is 200: a client of the protocol reads the error only behind that.
    """
    kind = ("content-type", connect_protocol.content_type(codec, streams=True))
    return Response(200, (kind, *_UNCACHED), connect_protocol.end_of_stream(status))


def too_large_response(content_type: str, status: status_pb2.Status) -> Response:
    """Return the response to a request with a body that is too large."""
    found = connect_protocol.content_type_of(content_type)
    if found is None:
        return text_response(413, status.message)
    codec, streams = found
    if streams:
        return stream_error_response(status, codec)
    return error_response(status, http_status=413)


_UNCACHED = (("cache-control", "no-store"),)


def encode_head(
    status: int, headers: Sequence[tuple[str, str]], *, secured: bool, close: bool = False
) -> bytes:
    """Encode the status line and the headers, those for security included."""
    lines = [f"HTTP/1.1 {status} {_phrase(status)}\r\ndate: {formatdate(usegmt=True)}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in headers]
    if close:
        lines.append("connection: close\r\n")
    security = _SECURITY_BY_TLS if secured else _SECURITY
    return "".join(lines).encode("latin-1") + security + b"\r\n"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # 499, which the Connect protocol uses
        return "Client Closed Request"
