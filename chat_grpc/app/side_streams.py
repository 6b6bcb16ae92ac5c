"""A limit for the streams of health and reflection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chat_grpc.core import limits
from chat_grpc.core.errors import TooManyStreams
from chat_grpc.core.networks import network_of


class SideStreams:
    """Limits the open streams of health (`Watch`) and of reflection.

    Each of them costs little, but nothing else bounds their number. Belongs to the event loop.
    """

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        """By the address of the peer."""

    @contextmanager
    def admit(self, peer: str) -> Iterator[None]:
        """Count a stream while it is open. Raises `TooManyStreams`."""
        peer = network_of(peer)
        mine = self._open[peer] >= limits.MAX_SIDE_STREAMS_PER_ADDRESS
        if mine or self._open.total() >= limits.MAX_SIDE_STREAMS:
            limit = limits.MAX_SIDE_STREAMS_PER_ADDRESS if mine else limits.MAX_SIDE_STREAMS
            whose = "of one address" if mine else "in total"
            raise TooManyStreams(
                f"At most {limit} streams of health and reflection {whose} are open at a time.",
                retry_after=5.0,
            )
        self._open[peer] += 1
        try:
            yield
        finally:
            self._open[peer] -= 1
            if not self._open[peer]:
                del self._open[peer]
