"""The inputs that fuzzing starts from: the bytes of the tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from transport import faults
from transport.player import Data, Headers, Op, Raw
from transport.random_scripts import plain_call
from transport.violations import MALFORMED

from chat_grpc.transport.http2 import frames, grpc
from chat_grpc.transport.http2.frames import frame
from chat_grpc.transport.http2.headers import encode

_RAW, _FRAMES = b"\x0e", b"\x0f"
"""First bytes: the rest is sent in pieces of 8 bytes, as it is or as frames."""


def _sent(op: Op) -> bytes:
    match op:
        case Headers(stream, fields, end):
            return frame(frames.HEADERS, frames.END_HEADERS | int(end), stream, encode(fields))
        case Data(stream, data, end):
            return frame(frames.DATA, int(end), stream, data)
        case Raw(data):
            return data
    return b""


def _connections() -> Iterator[bytes]:
    """The bytes of a peer behind the start of a connection."""
    for change in faults.HEADERS.values():
        yield b"".join(map(_sent, plain_call(1, change=change)))
    for body in faults.BODIES.values():
        yield b"".join(map(_sent, plain_call(1, body=body)))
    for parts in (faults.ON_STREAM, faults.ENDS, faults.LATE):
        for part in parts.values():
            yield b"".join(map(_sent, [*plain_call(1), *part(1)]))
            yield b"".join(map(_sent, plain_call(1, before=part(1))))
    yield from faults.CONNECTION.values()
    yield b"".join(_sent(op) for stream in (1, 3, 5) for op in plain_call(stream))


def _short(data: bytes) -> bytes | None:
    """Return frames with the short headers of `targets.wire`, or None if they do not fit."""
    parts = []
    at = 0
    while at + frames.HEADER_SIZE <= len(data):
        high, low, kind, flags, stream = frames.unpack_header(data, at)
        size = high << 8 | low
        if size > 255:
            return None
        at += frames.HEADER_SIZE
        parts.append(bytes((kind, flags, stream & 0x0F, size)) + data[at : at + size])
        at += size
    return b"".join(parts)


def _proxy_headers() -> Iterator[bytes]:
    """PROXY headers of a trusted proxy, whole and broken, with the bytes of a client."""
    for line in (
        *("TCP4 192.0.2.1 198.51.100.7 1 2", "TCP6 2001:db8::1 ::1 65535 0", "UNKNOWN"),
        *("UNKNOWN a b", "TCP4 192.0.2.01 1.2.3.4 1 2", "TCP4 1.2.3.4 1.2.3.4 1 65536"),
    ):
        yield f"PROXY {line}\r\nPRI".encode()
    for command, family, size in (
        *((0x20, 0x00, 0), (0x21, 0x00, 3), (0x21, 0x11, 12), (0x21, 0x21, 50)),
        *((0x21, 0x31, 216), (0x21, 0x12, 12), (0x21, 0x11, 11), (0x11, 0x11, 12)),
    ):
        start = b"\r\n\r\n\x00\r\nQUIT\n" + bytes((command, family))
        yield start + size.to_bytes(2, "big") + bytes(size) + b"PRI"


def seeds() -> Mapping[str, list[bytes]]:
    """Return the seeds of each target."""
    sent = [data for data in _connections() if len(data) < 4000]
    short = [found for data in sent if (found := _short(data)) is not None]
    connection = [_RAW + data for data in sent] + [_FRAMES + data for data in short]
    fields = [change(faults.request()) for change in faults.HEADERS.values()]
    blocks = [encode(each) for each in (*fields, *MALFORMED.values())]
    bodies = [body(b"abc") for body in faults.BODIES.values()]
    return {
        "connection": connection,
        "calls": connection,
        "headers": [b"\0" + block for block in blocks if len(block) < 4000],
        "proxy_header": [*_proxy_headers()],
        "messages": [b"\x02" + body for body in (*bodies, grpc.prefix(0)) if len(body) < 4000],
    }
