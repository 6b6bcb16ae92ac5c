"""The unusual parts of calls and of connections, by name. Most are invalid, some are only rare."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from google.protobuf.message import Message
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from transport.player import Data, Fields, Headers, Op, Raw
from transport.violations import BLOCK, FATAL, START

from chat_grpc.transport.http2 import frames, grpc
from chat_grpc.transport.http2.frames import ErrorCode, frame
from chat_grpc.v1 import chat_pb2

HEALTH = b"/grpc.health.v1.Health/Check"
CLIENTS = b"/chat_grpc.v1.ChatService/ListClients"
SEND = b"/chat_grpc.v1.ChatService/SendTo"
CONNECT = b"/chat_grpc.v1.ChatService/Connect"
REFLECTION = b"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"

REQUESTS: Mapping[bytes, Message] = {
    HEALTH: health_pb2.HealthCheckRequest(),
    CLIENTS: chat_pb2.ListClientsRequest(page_size=5),
    SEND: chat_pb2.SendToRequest(text="x"),
    CONNECT: chat_pb2.ConnectRequest(set_typing=chat_pb2.SetTyping()),
    REFLECTION: reflection_pb2.ServerReflectionRequest(list_services="x"),
}
"""The methods that are called, each with a valid request. They leave nothing behind."""


def request(path: bytes = HEALTH) -> list[tuple[bytes, bytes]]:
    """Return the headers of a call."""
    return [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", path),
        (b":authority", b"localhost"),
        (b"content-type", b"application/grpc"),
        (b"te", b"trailers"),
    ]


def framed(*messages: bytes) -> bytes:
    """Return messages with their prefixes."""
    return b"".join(grpc.prefix(len(message)) + message for message in messages)


Change = Callable[[list[tuple[bytes, bytes]]], Fields]


def _with(*fields: tuple[bytes, bytes]) -> Change:
    """Add fields at the end."""
    return lambda headers: [*headers, *fields]


def _first(*fields: tuple[bytes, bytes]) -> Change:
    """Add fields at the start."""
    return lambda headers: [*fields, *headers]


def _set(name: bytes, value: bytes) -> Change:
    """Give a field another value."""
    return lambda headers: [(n, value if n == name else v) for n, v in headers]


def _without(name: bytes) -> Change:
    """Leave a field out."""
    return lambda headers: [(n, v) for n, v in headers if n != name]


HEADERS: Mapping[str, Change] = {
    "an unknown method": _set(b":path", b"/chat_grpc.v1.ChatService/Nothing"),
    "an unknown service": _set(b":path", b"/nobody.Nothing/Never"),
    "a path of one part": _set(b":path", b"/Check"),
    "a path without a slash": _set(b":path", b"grpc.health.v1.Health/Check"),
    "a path with a query": _set(b":path", HEALTH + b"?x=1"),
    "a path that is UTF-8": _set(b":path", "/ä/ö".encode()),
    "an empty path": _set(b":path", b""),
    "no path": _without(b":path"),
    "a path twice": _first((b":path", HEALTH)),
    "a method twice": _first((b":method", b"POST")),
    "a scheme twice": _first((b":scheme", b"http")),
    "an authority twice": _first((b":authority", b"localhost")),
    "no method": _without(b":method"),
    "method GET": _set(b":method", b"GET"),
    "method PUT": _set(b":method", b"PUT"),
    "an unknown method of HTTP": _set(b":method", b"SEND"),
    "no scheme": _without(b":scheme"),
    "scheme https": _set(b":scheme", b"https"),
    "scheme ftp": _set(b":scheme", b"ftp"),
    "no authority": _without(b":authority"),
    "a host in place of the authority": lambda headers: [
        *_without(b":authority")(headers),
        (b"host", b"localhost"),
    ],
    "a host and an authority": _with((b"host", b"localhost")),
    "an unknown pseudo-header": _first((b":name", b"x")),
    "the pseudo-header of a response": _first((b":status", b"200")),
    "a pseudo-header behind a header": lambda headers: [*headers[1:], headers[0]],
    "no content-type": _without(b"content-type"),
    "content-type text/plain": _set(b"content-type", b"text/plain"),
    "content-type +proto": _set(b"content-type", b"application/grpc+proto"),
    "content-type +json": _set(b"content-type", b"application/grpc+json"),
    "content-type with a parameter": _set(b"content-type", b"application/grpc;charset=utf-8"),
    "content-type of grpc-web": _set(b"content-type", b"application/grpc-web"),
    "content-type in capitals": _set(b"content-type", b"Application/GRPC"),
    "content-type twice": _with((b"content-type", b"application/grpc")),
    "no te": _without(b"te"),
    "te gzip": _set(b"te", b"gzip"),
    "te twice": _with((b"te", b"trailers")),
    "a timeout in seconds": _with((b"grpc-timeout", b"60S")),
    "the longest timeout": _with((b"grpc-timeout", b"99999999H")),
    "a timeout without a unit": _with((b"grpc-timeout", b"10")),
    "a timeout without a number": _with((b"grpc-timeout", b"S")),
    "a timeout of nine digits": _with((b"grpc-timeout", b"123456789S")),
    "a negative timeout": _with((b"grpc-timeout", b"-1S")),
    "a fraction as timeout": _with((b"grpc-timeout", b"1.5S")),
    "a timeout with an unknown unit": _with((b"grpc-timeout", b"1s")),
    "an empty timeout": _with((b"grpc-timeout", b"")),
    "a timeout with a space": _with((b"grpc-timeout", b"10 S")),
    "a timeout twice": _with((b"grpc-timeout", b"60S"), (b"grpc-timeout", b"61S")),
    "grpc-encoding identity": _with((b"grpc-encoding", b"identity")),
    "grpc-encoding gzip": _with((b"grpc-encoding", b"gzip")),
    "an unknown grpc-encoding": _with((b"grpc-encoding", b"snappy")),
    "grpc-accept-encoding": _with((b"grpc-accept-encoding", b"gzip, nothing")),
    "binary metadata": _with((b"a-bin", b"AAEC"), (b"b-bin", b"AA")),
    "binary metadata with padding": _with((b"a-bin", b"AA==")),
    "binary metadata with commas": _with((b"a-bin", b"AAEC,AA")),
    "empty binary metadata": _with((b"a-bin", b"")),
    "binary metadata that is not base64": _with((b"a-bin", b"not base64!")),
    "binary metadata of an impossible length": _with((b"a-bin", b"A")),
    "binary metadata with a rest": _with((b"a-bin", b"AB")),
    "metadata of 15 KiB": _with((b"a", b"x" * 15 * 1024)),
    "metadata of 17 KiB": _with((b"a", b"x" * 17 * 1024)),
    "much metadata of 100 fields": _with(*((b"a%d" % n, b"x" * 150) for n in range(100))),
    "100 fields of metadata": _with(*((b"a%d" % n, b"x") for n in range(100))),
    "an unknown token": _with((b"authorization", b"Bearer x")),
    "another authorization": _with((b"authorization", b"Basic x")),
    "an unknown header of gRPC": _with((b"grpc-unknown", b"x")),
    "an empty value": _with((b"a", b"")),
    "a tab in a value": _with((b"a", b"x\ty")),
    "a value that is not ASCII": _with((b"a", b"\xc3\xa4")),
    "a control character in a value": _with((b"a", b"x\x01y")),
    "NUL in a value": _with((b"a", b"x\0y")),
    "a line break in a value": _with((b"a", b"x\ny")),
    "a space before a value": _with((b"a", b" x")),
    "a space after a value": _with((b"a", b"x ")),
    "a capital in a name": _with((b"Name", b"x")),
    "a space in a name": _with((b"a b", b"x")),
    "an empty name": _with((b"", b"x")),
    "a name that is not ASCII": _with((b"\xc3\xa4", b"x")),
    "a colon in a name": _with((b"a:b", b"x")),
    "a slash in a name": _with((b"a/b", b"x")),
    "connection": _with((b"connection", b"close")),
    "keep-alive": _with((b"keep-alive", b"x")),
    "transfer-encoding": _with((b"transfer-encoding", b"chunked")),
    "upgrade": _with((b"upgrade", b"h2c")),
    "a content-length that is no number": _with((b"content-length", b"x")),
    "a content-length of 5000 digits": _with((b"content-length", b"1" * 5000)),
    "two content-lengths": _with((b"content-length", b"1"), (b"content-length", b"2")),
    "a content-length that is too small": _with((b"content-length", b"1")),
    "a content-length that is too large": _with((b"content-length", b"1000")),
}
"""Changes of the headers of a valid call."""

_MAX = 64 * 1024

BODIES: Mapping[str, Callable[[bytes], bytes]] = {
    "no message": lambda _: b"",
    "an empty message": lambda _: framed(b""),
    "a message that cannot be parsed": lambda _: framed(b"\xff\xff\xff"),
    "two messages": lambda message: framed(message, message),
    "three messages": lambda message: framed(message, message, message),
    "a compressed message": lambda message: b"\x01" + framed(message)[1:],
    "a message with an unknown flag": lambda message: b"\x02" + framed(message)[1:],
    "a message of 64 KiB": lambda _: framed(b"\xfa\x7f\xfa\xff\x03" + bytes(_MAX - 5)),
    "a message above 64 KiB": lambda _: framed(bytes(_MAX + 1)),
    "a message of 4 GiB": lambda _: b"\0\xff\xff\xff\xff" + bytes(1000),
    "a message that is cut short": lambda _: grpc.prefix(10) + b"12345",
    "a prefix that is cut short": lambda _: b"\0\0\0",
    "a rest behind a message": lambda message: framed(message) + b"\0\0",
    "a message and one that is compressed": lambda message: framed(message) + b"\1\0\0\0\0",
    "a message and one above 64 KiB": lambda message: framed(message) + grpc.prefix(_MAX + 1),
}
"""Bodies of a call in place of its valid request."""

ON_STREAM: Mapping[str, Callable[[int], list[Op]]] = {
    "a window update of 0 on a stream": lambda s: [Raw(frames.window_update_frame(s, 0))],
    "a window above the maximum": lambda s: [
        Raw(frames.window_update_frame(s, frames.MAX_WINDOW)),
    ],
    "headers twice": lambda s: [Headers(s, request())],
    "trailers that do not end": lambda s: [Headers(s, [(b"a", b"b")])],
    "a priority of 4 bytes": lambda s: [Raw(frame(frames.PRIORITY, 0, s, bytes(4)))],
    "a priority on itself": lambda s: [
        Raw(frame(frames.PRIORITY, 0, s, s.to_bytes(4, "big") + b"\0"))
    ],
}
"""Violations on a stream whose request is not complete."""

ENDS: Mapping[str, Callable[[int], list[Op]]] = {
    "trailers": lambda s: [Headers(s, [(b"a", b"b")], end=True)],
    "empty trailers": lambda s: [Headers(s, [], end=True)],
    "trailers with a pseudo-header": lambda s: [Headers(s, [(b":path", b"/x")], end=True)],
    "trailers with a capital": lambda s: [Headers(s, [(b"Name", b"x")], end=True)],
    "empty data with padding": lambda s: [Data(s, b"", end=True, padding=3)],
}
"""Ends of a request in place of an empty DATA frame."""

LATE: Mapping[str, Callable[[int], list[Op]]] = {
    "data after the end": lambda s: [Raw(frame(frames.DATA, 0, s, b"x"))],
    "headers after the end": lambda s: [Raw(frame(frames.HEADERS, 5, s, BLOCK))],
    "a window update after the end": lambda s: [Raw(frames.window_update_frame(s, 10))],
    "a window update of 0 after the end": lambda s: [Raw(frames.window_update_frame(s, 0))],
    "a reset after the end": lambda s: [Raw(frames.reset_frame(s, ErrorCode.CANCEL))],
    "a priority after the end": lambda s: [Raw(frame(frames.PRIORITY, 0, s, bytes(5)))],
}
"""Frames on a stream that has ended on both sides."""

CONNECTION: Mapping[str, bytes] = {
    **{
        name: data.removeprefix(START)
        for name, (data, _) in FATAL.items()
        if data.startswith(START) and name != "a window above the maximum"  # it is below
    },
    "a go away": frames.go_away_frame(0, ErrorCode.NO_ERROR),
    "an unknown setting": frames.settings_frame([(99, 1)]),
    "an unknown frame with flags": frame(200, 255, 7, b"x" * 20),
    "a header table of 0": frames.settings_frame([(frames.HEADER_TABLE_SIZE, 0)]),
    "the largest frames": frames.settings_frame([(frames.SETTING_MAX_FRAME_SIZE, 2**24 - 1)]),
    "no pushes": frames.settings_frame([(frames.ENABLE_PUSH, 0)]),
    "a ping": frame(frames.PING, 0, 0, b"12345678"),
    "an answer to no ping": frame(frames.PING, frames.ACK, 0, b"12345678"),
    "an acknowledgement of no settings": frames.SETTINGS_ACK,
    "a window above 2^31-1 by settings": frames.settings_frame([(4, 2**31)]),
    "a large window": frames.window_update_frame(0, 2**30),
    "a priority of an idle stream": frame(frames.PRIORITY, 0, 99, bytes(5)),
    "text": b"this is not HTTP/2 at all, but a sentence",
    "zeros": bytes(90),
}
"""Frames on a new connection."""
