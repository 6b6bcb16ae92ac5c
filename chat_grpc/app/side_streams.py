"""A limit for the streams of health and reflection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chat_grpc.core import limits
from chat_grpc.core.errors import TooManyStreams
from chat_grpc.core.networks import network_of
from chat_grpc.core.quotas import Quotas


class SideStreams:
    """Limits the open streams of health (`Watch`) and of reflection.

    Each of them costs little, but nothing else bounds their number. Belongs to the event loop.
    """

    def __init__(self, quotas: Quotas) -> None:
        """`quotas` has the limit of an address, and counts the refusals."""
        self._quotas = quotas
        self._open: Counter[str] = Counter()
        """By the address of the peer."""

    @contextmanager
    def admit(self, peer: str) -> Iterator[None]:
        """Count a stream while it is open. Raises `TooManyStreams`."""
        peer = network_of(peer)
        most = self._quotas.quota.side_streams_per_address
        mine = bool(most) and self._open[peer] >= most
        if mine or self._open.total() >= limits.MAX_SIDE_STREAMS:
            raise self._too_many(most if mine else limits.MAX_SIDE_STREAMS, mine)
        self._open[peer] += 1
        try:
            yield
        finally:
            self._open[peer] -= 1
            if not self._open[peer]:
                del self._open[peer]

    def _too_many(self, limit: int, mine: bool) -> TooManyStreams:
        name = "side_streams_per_address" if mine else "side_streams"
        self._quotas.refuse(name)
        whose = "of one address" if mine else "in total"
        return TooManyStreams(
            f"At most {limit} streams of health and reflection {whose} are open at a time.",
            metadata={"limit": name, name: str(limit)},
            retry_after=5.0,
        )
