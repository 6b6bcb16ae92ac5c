"""The Connect protocol without I/O, as connectrpc.com/docs/protocol describes it."""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from collections.abc import Iterable
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from chat_grpc.core.errors import FieldInvalid

VERSION: Final = "1"

PROTO, JSON = "proto", "json"
_CONTENT_TYPE = re.compile(
    r"application/(connect\+)?(proto|json)(?:\s*;\s*charset=\"?utf-8\"?)?\s*"
)
_TIMEOUT = re.compile(r"\d{1,10}")

_CODES: Final = {
    code_pb2.CANCELLED: "canceled",
    **{
        number: name.lower()
        for name, number in code_pb2.Code.items()
        if number not in (code_pb2.OK, code_pb2.CANCELLED)
    },
}

HTTP_STATUS: Final = {
    code_pb2.CANCELLED: 499,
    code_pb2.UNKNOWN: 500,
    code_pb2.INVALID_ARGUMENT: 400,
    code_pb2.DEADLINE_EXCEEDED: 504,
    code_pb2.NOT_FOUND: 404,
    code_pb2.ALREADY_EXISTS: 409,
    code_pb2.PERMISSION_DENIED: 403,
    code_pb2.RESOURCE_EXHAUSTED: 429,
    code_pb2.FAILED_PRECONDITION: 400,
    code_pb2.ABORTED: 409,
    code_pb2.OUT_OF_RANGE: 400,
    code_pb2.UNIMPLEMENTED: 501,
    code_pb2.INTERNAL: 500,
    code_pb2.UNAVAILABLE: 503,
    code_pb2.DATA_LOSS: 500,
    code_pb2.UNAUTHENTICATED: 401,
}
"""The HTTP status of each status of gRPC."""

_ENVELOPE = struct.Struct(">BI")
ENVELOPE_SIZE: Final = _ENVELOPE.size
"""Bytes before each message of a stream."""
_COMPRESSED, _END = 1, 2

_DETAILS: Final[tuple[type[Message], ...]] = (
    error_details_pb2.ErrorInfo,
    error_details_pb2.RetryInfo,
)


_OWN: Final = frozenset(
    {
        *(b"accept", b"accept-encoding", b"accept-language", b"cache-control", b"connection"),
        *(b"content-encoding", b"content-length", b"content-type", b"cookie", b"expect", b"host"),
        *(b"connect-accept-encoding", b"connect-content-encoding", b"connect-protocol-version"),
        *(b"connect-timeout-ms", b"keep-alive", b"origin", b"pragma", b"referer", b"te"),
        *(b"transfer-encoding", b"upgrade"),
    }
)
"""Headers of HTTP and of the protocol, which are no metadata of the application."""


class Refused(Exception):
    """A request that is not one of the protocol; carries the status of the answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status_pb2.Status(code=code, message=message)


def content_type_of(value: str) -> tuple[str, bool] | None:
    """Return the codec of a `content-type`, and whether it is that of a stream; None for others."""
    match = _CONTENT_TYPE.fullmatch(value.lower())
    return (match[2], match[1] is not None) if match else None


def is_stream(value: str) -> bool:
    """Return whether a `content-type` is that of a stream."""
    found = content_type_of(value)
    return found is not None and found[1]


def content_type(codec: str, *, streams: bool) -> str:
    """Return the `content-type` of a response."""
    return f"application/{'connect+' if streams else ''}{codec}"


def timeout_of(value: str) -> float | None:
    """Return `connect-timeout-ms` in seconds; None without one. Raises `Refused`."""
    if not value:
        return None
    if _TIMEOUT.fullmatch(value) is None:
        raise Refused(
            code_pb2.INVALID_ARGUMENT,
            f"connect-timeout-ms must be a number of at most 10 digits, not {value[:20]!r}.",
        )
    return int(value) / 1000.0


def metadata_of(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str | bytes]]:
    """Return the metadata in the headers of a request. Values of names with `-bin` are bytes.

    Raises `Refused` for one that is not base64.
    """
    found: list[tuple[str, str | bytes]] = []
    for name, value in headers:
        if name in _OWN or name.startswith((b"sec-", b"proxy-")):
            continue
        key = name.decode("ascii", "replace")
        if key.endswith("-bin"):
            found.append((key, _from_base64(value)))
        else:
            found.append((key, value.decode("ascii", "replace")))
    return found


def headers_of(
    metadata: Iterable[tuple[str, str | bytes]], *, prefix: str = ""
) -> list[tuple[str, str]]:
    """Return the headers of metadata. Bytes become base64."""
    return [(f"{prefix}{name}", _text(value)) for name, value in metadata]


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else base64.b64encode(value).rstrip(b"=").decode()


def _from_base64(value: bytes) -> bytes:
    value = value.strip()
    try:
        return base64.b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        raise Refused(code_pb2.INVALID_ARGUMENT, "A binary header is not base64.") from None


def check_version(value: str) -> None:
    """Raise `Refused` for another version of the protocol. A client need not name one."""
    if value not in ("", VERSION):
        raise Refused(
            code_pb2.INVALID_ARGUMENT,
            f"connect-protocol-version must be {VERSION}, not {value[:20]!r}.",
        )


def check_encoding(value: str) -> None:
    """Raise `Refused` for a compressed request."""
    if value not in ("", "identity"):
        raise Refused(
            code_pb2.UNIMPLEMENTED,
            f"The compression {value[:20]!r} is not supported; use identity.",
        )


def decode(codec: str, request: type[Message], body: bytes) -> bytes:
    """Return a request as the bytes of Protocol Buffers. Raises `FieldInvalid`."""
    if codec == PROTO:
        return body
    try:
        parsed = json_format.Parse(
            body, request(), ignore_unknown_fields=True, max_recursion_depth=32
        )
    except (json_format.ParseError, DecodeError, ValueError, RecursionError) as error:
        raise FieldInvalid(
            f"The request is not the JSON of a {request.DESCRIPTOR.name}: {_line(error)}"
        ) from None
    return parsed.SerializeToString()


def encode(codec: str, response: type[Message], encoded: bytes) -> bytes:
    """Return a response in a codec."""
    if codec == PROTO:
        return encoded
    return json_format.MessageToJson(response.FromString(encoded), indent=None).encode()


def enveloped(data: bytes, *, end: bool = False) -> bytes:
    """Return a message of a stream, or its end, in its envelope."""
    return _ENVELOPE.pack(_END if end else 0, len(data)) + data


def only_message(body: bytes) -> bytes:
    """Return the one message of the body of a stream. Raises `Refused`."""
    if len(body) < ENVELOPE_SIZE:
        raise Refused(code_pb2.UNIMPLEMENTED, "The body of the request has no message.")
    flags, size = _ENVELOPE.unpack_from(body)
    if flags & _COMPRESSED:
        raise Refused(code_pb2.INTERNAL, "The request is compressed, but names no compression.")
    if flags or size > len(body) - ENVELOPE_SIZE:
        raise Refused(
            code_pb2.INVALID_ARGUMENT, "The body of the request must be a message in an envelope."
        )
    if size < len(body) - ENVELOPE_SIZE:
        raise Refused(code_pb2.UNIMPLEMENTED, "The method takes one request.")
    return body[ENVELOPE_SIZE:]


def end_of_stream(
    status: status_pb2.Status | None, metadata: Iterable[tuple[str, str | bytes]] = ()
) -> bytes:
    """Return the last envelope of a stream, with its trailing metadata; None is OK."""
    content: dict[str, Any] = {} if status is None else {"error": error_of(status)}
    for name, value in metadata:
        content.setdefault("metadata", {}).setdefault(name, []).append(_text(value))
    return enveloped(json.dumps(content).encode(), end=True)


def error_of(status: status_pb2.Status) -> dict[str, Any]:
    """Return a status as the JSON of an error. `debug` has the known details in plain form."""
    error: dict[str, Any] = {"code": _CODES.get(status.code, "unknown"), "message": status.message}
    if status.details:
        error["details"] = [_detail(each) for each in status.details]
    return error


def _detail(detail: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": detail.TypeName(),
        "value": _text(detail.value),
    }
    for kind in _DETAILS:
        if detail.Is(kind.DESCRIPTOR):
            unpacked = kind.FromString(detail.value)
            told["debug"] = json_format.MessageToDict(unpacked)
    return told


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
