"""Limits of a web connection, each with its reason. Sizes are in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from chat_grpc.core.limits import MAX_REQUEST_BYTES


@dataclass(frozen=True, slots=True)
class WebLimits:
    """The share of the server that one connection may use. docs/web.md lists the limits."""

    max_head: int = 16 * 1024
    """Request line and headers together; larger ones are answered 431."""
    max_body: int = MAX_REQUEST_BYTES
    """A body; larger ones are answered 413. Also the maximum size of a WebSocket message."""
    request: float = 10.0
    """Time from the first byte of a request, or from the accept, until its body is complete."""
    keep_alive: float = 75.0
    """A connection without a request ends after this time: longer than nginx keeps one (60 s), so
    that nginx does not send a request on a connection that ends."""
    stalled: float = 60.0
    """A connection whose peer reads nothing of a response for this time ends."""
    ping: float = 20.0
    """A WebSocket that is silent for this time gets a ping."""
    ping_timeout: float = 10.0
    """A WebSocket that answers nothing within this time after a ping ends: its peer is gone."""
    closing: float = 2.0
    """Time for which the peer's part of the end of a connection is awaited."""
    write_buffer: int = 64 * 1024
    """Bytes in the socket's buffer above which a stream waits."""
    control_burst: int = 1000
    """Pings, fragments and other frames at once that carry no whole message."""
    control_rate: float = 200.0
    """The same per second in the long run; above it, the WebSocket ends."""


DEFAULT_WEB_LIMITS = WebLimits()
