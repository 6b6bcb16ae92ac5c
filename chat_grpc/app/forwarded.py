"""Calls that come through a trusted proxy, seen with the address of their caller."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Sequence

from chat_grpc.app.duplex import Duplex, Metadata
from chat_grpc.core.delivery import Prompt
from chat_grpc.core.networks import Networks, forwarded
from chat_grpc.core.quotas import LOOPBACK

HEADER = "x-forwarded-for"

_LOG = logging.getLogger("chat_grpc.app")


def seen_through(duplex: Duplex, proxies: Networks) -> Duplex:
    """Return a call of a trusted proxy as a call of the caller behind it."""
    values = [str(value) for key, value in duplex.metadata if key == HEADER]
    return _Forwarded(duplex, forwarded(duplex.peer, values, proxies)) if values else duplex


class UnnamedProxy:
    """Warns once of a proxy on this machine that the operator did not name."""

    def __init__(self) -> None:
        self._local: Networks | None = Networks(LOOPBACK)

    def look_at(self, duplex: Duplex) -> None:
        """Log a warning if a call comes from this machine, and was forwarded."""
        if self._local is None or duplex.peer not in self._local:
            return
        if any(key == HEADER for key, _ in duplex.metadata):
            self._local = None
            _LOG.warning(
                "a call from %s has x-forwarded-for, which is ignored: all callers behind that "
                "proxy count as this machine, and have no limits of an address; if it is your "
                "proxy, use --trusted-proxy %s",
                *(duplex.peer, duplex.peer),
            )


class _Forwarded:
    """A `Duplex` with another peer."""

    def __init__(self, duplex: Duplex, peer: str) -> None:
        self._duplex = duplex
        self.peer = peer
        # Bound once: the events of a stream pass through here only with grpcio.
        self.read = duplex.read
        self.write = duplex.write

    @property
    def connection(self) -> Hashable:
        """See `Duplex.connection`."""
        return self._duplex.connection

    @property
    def certificate_uris(self) -> Sequence[str]:
        """See `Duplex.certificate_uris`: they are those of the proxy's certificate."""
        return self._duplex.certificate_uris

    @property
    def metadata(self) -> Metadata:
        """See `Duplex.metadata`."""
        return self._duplex.metadata

    @property
    def received(self) -> bool:
        """See `Duplex.received`."""
        return self._duplex.received

    @property
    def prompt(self) -> Prompt | None:
        """See `Duplex.prompt`."""
        return self._duplex.prompt

    def shut(self) -> bool:
        """See `Duplex.shut`: the connection is the proxy's."""
        return False
