"""Streams of an HTTP/2 connection, and what happens to them (RFC 9113, section 5)."""

from __future__ import annotations

from typing import Any, NamedTuple

from chat_grpc.transport.http2.headers import Section


class Stream:
    """One stream. It is in `Connection.streams` from HEADERS until both sides have closed it."""

    __slots__ = (
        "answered",
        "body_left",
        "id",
        "owner",
        "receive_window",
        "remote_closed",
        "send_window",
        "uncredited",
    )

    def __init__(self, stream_id: int, send_window: int, receive_window: int) -> None:
        self.id = stream_id
        self.send_window = send_window
        """Bytes of DATA that the peer accepts; negative after it lowered its initial window."""
        self.receive_window = receive_window
        """Bytes of DATA that the peer may send."""
        self.uncredited = 0
        """Consumed bytes that no WINDOW_UPDATE has given back yet."""
        self.remote_closed = False
        self.answered = False
        """True once headers of the response are sent."""
        self.body_left: int | None = None
        """Bytes that are left of the request's `content-length`."""
        self.owner: Any = None
        """The call that the user of the connection attached."""


class RequestStarted(NamedTuple):
    """A request's header section is complete."""

    stream: Stream
    section: Section


class DataReceived(NamedTuple):
    """Bytes of a request's body. `Connection.consumed` must give them back to the window."""

    stream: Stream
    data: bytes


class RequestEnded(NamedTuple):
    """The peer has sent all of a request."""

    stream: Stream


class StreamEnded(NamedTuple):
    """A stream ended early: the peer reset it, or violated the protocol."""

    stream: Stream
    code: int


class WindowOpened(NamedTuple):
    """There is more space to send in; `stream` is None for all streams."""

    stream: Stream | None


Event = RequestStarted | DataReceived | RequestEnded | StreamEnded | WindowOpened
