"""gRPC framing without I/O, as "gRPC over HTTP2" (PROTOCOL-HTTP2.md) describes it."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote_from_bytes

from google.rpc import code_pb2, status_pb2

from chat_grpc.transport.http2.headers import Headers, encode, size_of

Metadata = Sequence[tuple[str, str | bytes]]

PREFIX_SIZE: Final = 5
"""Bytes before each message: the compressed flag and the length."""

_PREFIX = struct.Struct(">BI")
_CONTENT_TYPE = re.compile(rb"application/grpc(\+proto)?\s*(;.*)?", re.IGNORECASE)
_TIMEOUT = re.compile(rb"(\d{1,8})([HMSmun])")
_SECONDS = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}
_OWN = frozenset({b"te", b"content-type", b"grpc-timeout", b"grpc-encoding", b"content-length"})
"""Headers of the protocol itself, which are no metadata of the application."""

# Percent-encoded are all bytes but space to tilde, and the percent sign itself.
_UNQUOTED: Final = "".join(chr(byte) for byte in range(0x20, 0x7F) if byte != ord("%"))


class CallError(Exception):
    """A call that the framing itself refuses, with the status that the peer gets."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status_pb2.Status(code=code, message=message)


def prefix(size: int) -> bytes:
    """Return the prefix of an uncompressed message of a size in bytes."""
    return _PREFIX.pack(0, size)


class MessageReader:
    """Takes the DATA of a request apart into messages."""

    __slots__ = ("_buffer", "_max_size", "failure")

    def __init__(self, max_size: int) -> None:
        """`max_size` is the maximum size of a message in bytes."""
        self.failure: CallError | None = None
        """The error of a message that is too large or compressed. None is read behind it."""
        self._max_size = max_size
        self._buffer: bytearray | None = None

    @property
    def partial(self) -> bool:
        """True if a message has begun and not ended."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that data completes, up to one that sets `failure`."""
        if self.failure is not None:
            return []
        buffer: bytes | bytearray = data
        if self._buffer:
            self._buffer += data
            buffer = self._buffer
        messages = []
        at = 0
        while len(buffer) - at >= PREFIX_SIZE:
            compressed, size = _PREFIX.unpack_from(buffer, at)
            self.failure = self._check(compressed, size)
            if self.failure is not None:
                at = len(buffer)
                break
            end = at + PREFIX_SIZE + size
            if end > len(buffer):
                break
            messages.append(bytes(buffer[at + PREFIX_SIZE : end]))
            at = end
        rest = buffer[at:]
        self._buffer = bytearray(rest) if rest else None
        return messages

    def _check(self, compressed: int, size: int) -> CallError | None:
        if compressed:
            return CallError(
                code_pb2.INTERNAL,
                f"The compressed flag is {compressed}; it must be 0, as grpc-encoding is identity.",
            )
        if size > self._max_size:
            return CallError(
                code_pb2.RESOURCE_EXHAUSTED,
                f"The request has {size} bytes; the maximum is {self._max_size}.",
            )
        return None


class Request(NamedTuple):
    """The call that the headers of a request ask for."""

    path: str
    metadata: Metadata
    timeout: float | None
    """Seconds until the deadline; None for none."""


def request_of(
    headers: Headers, path: str, max_metadata: int, serves: Callable[[str], bool]
) -> Request:
    """Return the call that the headers of a request ask for. Raises `CallError`.

    `max_metadata` is in bytes. `serves` returns whether there is a method with a path.
    """
    if size_of(headers) > max_metadata:
        raise CallError(
            code_pb2.RESOURCE_EXHAUSTED, f"The metadata is larger than {max_metadata} bytes."
        )
    if not serves(path):
        raise CallError(code_pb2.UNIMPLEMENTED, f"There is no method {path}.")
    check_encoding(headers)
    return Request(path, metadata_of(headers), timeout_of(headers))


def is_grpc(headers: Headers) -> bool:
    """Return whether `content-type` is that of gRPC with messages of Protocol Buffers.

    The messages of another suffix, for example `+json` or `-web`, would be misread.
    """
    values = [value for name, value in headers if name == b"content-type"]
    return len(values) == 1 and _CONTENT_TYPE.fullmatch(values[0]) is not None


def timeout_of(headers: Headers) -> float | None:
    """Return `grpc-timeout` in seconds, or None. Raises `CallError` if it is malformed."""
    for name, value in headers:
        if name == b"grpc-timeout":
            match = _TIMEOUT.fullmatch(value)
            if match is None:
                raise CallError(code_pb2.INTERNAL, "grpc-timeout is malformed.")
            return int(match[1]) * _SECONDS[match[2]]
    return None


def check_encoding(headers: Headers) -> None:
    """Raise `CallError` if the requests are compressed (compression.md)."""
    for name, value in headers:
        if name == b"grpc-encoding" and value != b"identity":
            raise CallError(
                code_pb2.UNIMPLEMENTED,
                f"grpc-encoding {value.decode('ascii', 'replace')} is not supported; use identity.",
            )


def metadata_of(headers: Headers) -> Metadata:
    """Return the metadata of the application. Values of keys with `-bin` are bytes."""
    found: list[tuple[str, str | bytes]] = []
    for name, value in headers:
        if name[:1] == b":" or name in _OWN:
            continue
        key = name.decode("ascii")
        if key.endswith("-bin"):
            found += [(key, _from_base64(part)) for part in value.split(b",")]
        else:
            found.append((key, value.decode("ascii", "replace")))
    return found


def _from_base64(value: bytes) -> bytes:
    value = value.strip()
    try:
        return base64.b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        raise CallError(code_pb2.INVALID_ARGUMENT, "A binary header is not base64.") from None


def encode_metadata(metadata: Iterable[tuple[str, str | bytes]]) -> bytes:
    """Encode metadata of the application as a header block."""
    return encode((key.encode(), _encoded_value(value)) for key, value in metadata)


def _encoded_value(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else base64.b64encode(value).rstrip(b"=")


_OK = encode([(b"grpc-status", b"0")])

# `:status: 200` is entry 8 of the static table (RFC 7541, appendix A).
RESPONSE: Final = b"\x88" + encode(
    [(b"content-type", b"application/grpc"), (b"grpc-accept-encoding", b"identity")]
)
"""The header block that begins a response."""


def encode_status(status: status_pb2.Status | None) -> bytes:
    """Encode the status of a call as a trailers block; None is OK."""
    if status is None:
        return _OK
    trailers = [(b"grpc-status", str(status.code).encode())]
    if status.message:
        trailers.append((b"grpc-message", percent_encoded(status.message)))
    if status.details:
        details = base64.b64encode(status.SerializeToString()).rstrip(b"=")
        trailers.append((b"grpc-status-details-bin", details))
    return encode(trailers)


def percent_encoded(message: str) -> bytes:
    """Encode a status message ("Percent-Encoded" in the protocol)."""
    return quote_from_bytes(message.encode(), safe=_UNQUOTED).encode()


_UNSUPPORTED_MEDIA_TYPE = encode([(b":status", b"415"), (b"content-length", b"0")])
_METHOD_NOT_ALLOWED = encode([(b":status", b"405"), (b"allow", b"POST"), (b"content-length", b"0")])


def http_error(method: bytes, headers: Headers) -> bytes | None:
    """Return the header block that refuses a request that is not one of gRPC, or None if it is one.

    415 is the protocol's, 405 that of RFC 9110, section 15.5.6.
    """
    if not is_grpc(headers):
        return _UNSUPPORTED_MEDIA_TYPE
    return None if method == b"POST" else _METHOD_NOT_ALLOWED
