"""A gRPC client that gives the server the largest HTTP/2 windows and reads nothing."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator

from chat_grpc.v1 import chat_pb2

_SETTINGS, _HEADERS, _DATA, _WINDOW_UPDATE = 4, 1, 0, 8
_END_HEADERS = 4
_INITIAL_WINDOW_SIZE = 4
_MOST = 2**31 - 1
_DEFAULT_WINDOW = 65_535


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _header(name: str, value: str) -> bytes:
    """Encode a header as an HPACK literal without indexing and without Huffman coding."""
    return b"\x00" + b"".join(bytes((len(part),)) + part.encode() for part in (name, value))


@contextlib.contextmanager
def deaf_client(port: int, name: str) -> Iterator[socket.socket]:
    """Open a stream as a guest; the server's data stays in the kernel's buffers."""
    request = chat_pb2.ConnectRequest(hello=chat_pb2.Hello(name=name)).SerializeToString()
    headers = (
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/chat_grpc.v1.ChatService/Connect"),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
    )
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            + _frame(_SETTINGS, 0, 0, struct.pack(">HI", _INITIAL_WINDOW_SIZE, _MOST))
            + _frame(_WINDOW_UPDATE, 0, 0, struct.pack(">I", _MOST - _DEFAULT_WINDOW))
            + _frame(_HEADERS, _END_HEADERS, 1, b"".join(_header(*each) for each in headers))
            + _frame(_DATA, 0, 1, struct.pack(">BI", 0, len(request)) + request)
        )
        yield connection
