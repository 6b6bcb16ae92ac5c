"""Limits of a web connection, each with its reason. Sizes are in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from chat_grpc.core.limits import MAX_REQUEST_BYTES
from chat_grpc.core.quotas import Quota
from chat_grpc.transport.http2.limits import limits_of

HOSTS: Final = "foreign_hosts"
"""Requests whose `Host` is not a name of this server."""
ORIGINS: Final = "foreign_origins"
"""Requests of pages of other sites."""
SIZES: Final = "large_requests"
"""Requests with headers, a body or a WebSocket message over the limit."""
SLOW: Final = "slow_requests"
"""Requests that are not complete in time."""

UNCONFIGURED: Final = (HOSTS, ORIGINS, SIZES, SLOW)
"""The refusals whose limits have no option. None is an abuse: each may be an accident."""


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


def web_limits_of(quota: Quota) -> WebLimits:
    """Return the limits of a connection, with the rate of a quota."""
    shared = limits_of(quota)
    return replace(
        DEFAULT_WEB_LIMITS, control_rate=shared.control_rate, control_burst=shared.control_burst
    )
