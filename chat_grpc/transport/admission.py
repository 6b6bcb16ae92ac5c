"""The rules by which a listener admits connections."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Container
from dataclasses import dataclass

from chat_grpc.transport import UNLIMITED
from chat_grpc.transport.http2.refusals import UNCOUNTED, Refusals
from chat_grpc.transport.reading import MeterOf, unmetered


def _everyone(_: str) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The connections that a listener admits, and what it counts of them."""

    connections: int = UNLIMITED
    """The maximum number of open connections; further ones are closed at once."""
    admits: Callable[[str], bool] = _everyone
    """Asked with each new address before its TLS handshake; False closes the connection."""
    tls: ssl.SSLContext | None = None
    """The TLS of the first connections, with the transport's protocol in ALPN; None for plain."""
    proxies: Container[str] = ()
    """Addresses whose connections begin with a PROXY header, which has that of the client."""
    refusals: Refusals = UNCOUNTED
    """Counts each refused connection and request."""
    meter: MeterOf = unmetered
    """Returns the function that counts the received bytes of an address."""


EVERYONE = Admission()
"""Admits all connections, and counts nothing."""
