"""Limits of a connection, each with its reason. Sizes are in bytes, times in seconds.

The counter of refusals has the names of options, and those of `UNCONFIGURED`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chat_grpc.core.limits import MAX_REQUEST_BYTES
from chat_grpc.core.quotas import Quota

RESETS = "resets_per_second"
CONTROL_FRAMES = "control_frames_per_second"

HEADERS = "header_blocks"
"""Header blocks that are too large or too slow."""
UNREAD = "unread_connections"
"""Connections whose peer sends and does not read."""
PROTOCOL = "protocol_errors"
"""Connections that do not follow HTTP/2."""
LATE = "late_handshakes"
"""Connections that did not begin in time."""
TLS = "tls_errors"
"""TLS handshakes that failed."""
PROXY_HEADERS = "proxy_headers"
"""Connections of trusted proxies without a valid PROXY header."""
INSISTING = "insisting_callers"
"""Connections whose caller makes more calls, though too many refusals are held back already."""

UNCONFIGURED = (HEADERS, UNREAD, PROTOCOL, LATE, TLS, PROXY_HEADERS, INSISTING)
"""The refusals whose limits have no option."""

ABUSES = frozenset((RESETS, CONTROL_FRAMES, HEADERS, UNREAD, INSISTING))
"""The refusals of peers that cannot be mistaken: no client breaks these limits by accident."""

_CONTROL_SECONDS = 5.0
_RESET_SECONDS = 4.0
"""Seconds of a rate that may be used at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one peer may use. docs/hardening.md says how each was chosen."""

    max_streams: int = 100
    """Concurrent streams of a connection. More get REFUSED_STREAM, which a client may retry."""
    stream_window: int = 65_535
    """Unread request bytes of a stream: its flow-control window."""
    connection_window: int = 1024 * 1024
    """Flow-control window of a connection, so that its streams do not wait for one another."""
    max_message: int = MAX_REQUEST_BYTES
    """A larger request ends its call with RESOURCE_EXHAUSTED."""
    max_metadata: int = 16 * 1024
    """Decoded size of the headers of a call, counted as in RFC 9113, section 6.5.2."""
    max_header_list: int = 64 * 1024
    """Decoded headers above this end the connection: the decoder stops in the middle of them."""
    max_header_block: int = 32 * 1024
    """Encoded headers above this end the connection: they are buffered before they are decoded."""
    max_continuations: int = 16
    """CONTINUATION frames of one header block (CVE-2024-27316)."""
    control_burst: int = 1000
    """Control frames at once: PING, SETTINGS, PRIORITY, empty DATA, unknown types (CVE-2019-9512,
    -9515, -9518). The rate limits what a peer can make the server do for nothing."""
    control_rate: float = 200.0
    """Control frames per second in the long run; 0 sets no limit."""
    reset_burst: int = 200
    """Streams that a peer resets before they are answered, or makes the server reset, at once
    (CVE-2023-44487)."""
    reset_rate: float = 50.0
    """Resets per second in the long run; 0 sets no limit."""
    proxy_header: float = 5.0
    """Time until the PROXY header of a trusted proxy must be there: the specification asks for 3 s
    or more, to cover a retransmission."""
    handshake: float = 10.0
    """Time until the preface and the first SETTINGS must be there, a TLS handshake included."""
    header_block: float = 10.0
    """Time from HEADERS until the last CONTINUATION."""
    idle: float = 300.0
    """A connection without streams ends after this time."""
    keepalive: float = 20.0
    """A connection that is silent for this time gets a PING."""
    keepalive_timeout: float = 10.0
    """A PING that is not answered in this time ends the connection: the peer is gone."""
    write_buffer: int = 64 * 1024
    """Bytes in the socket's buffer above which streams wait."""
    max_unsent_control: int = 256 * 1024
    """Bytes that wait for a peer that sends requests and control frames but reads nothing."""


DEFAULT_LIMITS = Limits()


def limits_of(quota: Quota) -> Limits:
    """Return the limits of a connection, with the rates of a quota."""
    return replace(
        DEFAULT_LIMITS,
        control_rate=quota.control_frames_per_second,
        control_burst=max(1, int(quota.control_frames_per_second * _CONTROL_SECONDS)),
        reset_rate=quota.resets_per_second,
        reset_burst=max(1, int(quota.resets_per_second * _RESET_SECONDS)),
    )


class TokenBucket:
    """Allows `burst` events at once and `rate` events per second in the long run; 0 allows all."""

    __slots__ = ("_burst", "_rate", "_then", "_tokens")

    def __init__(self, burst: int, rate: float, now: float) -> None:
        """`now` is in seconds of a clock that never goes back."""
        self._burst = float(burst)
        self._rate = rate
        self._tokens = self._burst
        self._then = now

    def take(self, now: float) -> bool:
        """Count an event; return False if there are too many."""
        self._tokens = min(self._burst, self._tokens + (now - self._then) * self._rate)
        self._then = now
        self._tokens -= 1.0
        return self._tokens >= 0.0 or not self._rate
