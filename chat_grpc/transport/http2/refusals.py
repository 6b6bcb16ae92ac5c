"""The connections and requests that a transport refuses: all are counted, few are logged."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from chat_grpc.transport.http2.limits import ABUSES

_LOG = logging.getLogger("chat_grpc.transport")

_LOG_EVERY = 1.0
"""Seconds between two log lines: a peer may be refused thousands of times a second."""


class Refusals:
    """Counts each refusal, and logs at most one a second. Belongs to the event loop."""

    def __init__(
        self,
        count: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        abused: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`count` is called with the name of the limit of each refusal, as in `limits.py`.

        `abused` is called with the address of each peer that broke one of `ABUSES`.
        """
        self._abused = abused
        self._count = count
        self._clock = clock
        self._log_at = 0.0

    def note(self, limit: str, peer: str, message: str) -> None:
        """Count a refused connection or request of a peer. `message` is for the operator."""
        self._count(limit)
        if limit in ABUSES:
            self._abused(peer)
        if (now := self._clock()) >= self._log_at:
            self._log_at = now + _LOG_EVERY
            _LOG.info("connection of %s refused: %s", peer, message)


UNCOUNTED = Refusals()
"""For a listener whose refusals nobody counts."""
