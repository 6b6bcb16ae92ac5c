"""The pace of a stream's requests, so that the server refuses none for its rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chat_grpc.v1 import chat_pb2

_COSTS: Final = {"mark_read": 0.25, "set_typing": 0.25}
"""The cost of a request in messages, as in `Limits.messages_per_second`; of the others it is 1."""

_MARGIN: Final = 0.25
"""The part of the burst that is left unused. The server sees the requests closer together than
they were sent if the network held some of them up: by default for up to 2.5 seconds."""

_LEAST_PAUSE: Final = 0.25
"""Seconds for which nothing is written after a refusal. Requests that are on their way are refused
meanwhile, and not accepted before the one that has to be sent again."""

_BYTES: Final = 256
"""Bytes of a token if the server limits only bytes."""


class Pace:
    """Tells when the next request may be written. Does no I/O.

    The limits are those of a user: if several clients share a token, the server may still refuse
    some of their requests; `pause` then delays the next ones.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._cost = self._byte_cost = 0.0
        """Seconds that a message, and a byte, take of the rate."""
        self._ahead = 0.0
        """Seconds of the rate that may be used at once."""
        self._full = clock()
        """The time at which the whole burst is there again."""
        self._paused = 0.0
        """The time until which nothing is written."""

    def adopt(self, limits: chat_pb2.Limits) -> None:
        """Keep to the limits of a `welcome`."""
        messages, size = limits.messages_per_second, limits.bytes_per_second
        self._cost = 1.0 / messages if messages else 0.0
        self._byte_cost = 1.0 / size if size else 0.0
        burst, unit = float(limits.message_burst), self._cost
        if not messages:
            burst, unit = limits.byte_burst / _BYTES, self._byte_cost * _BYTES
        self._ahead = max((1.0 - _MARGIN) * burst - 1.0, 0.0) * unit

    @property
    def delay(self) -> float:
        """The seconds until a request may be written; 0.0 if one may be now."""
        now = self._clock()
        wait = max(self._full - now - self._ahead, self._paused - now)
        return max(wait, 0.0)

    def wrote(self, request: chat_pb2.ConnectRequest) -> None:
        """Count a request."""
        kind = request.WhichOneof("request")
        cost = _COSTS.get(kind or "", 1.0) * self._cost
        cost = max(cost, request.ByteSize() * self._byte_cost)
        self._full = max(self._full, self._clock()) + cost

    def pause(self, seconds: float) -> None:
        """Let nothing be written for a time, because the server refused a request."""
        self._paused = max(self._paused, self._clock() + max(seconds, _LEAST_PAUSE))
