"""A connection of a trusted proxy, until its PROXY header is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol, cast

from chat_grpc.transport.http2.limits import PROXY_HEADERS, Limits
from chat_grpc.transport.http2.proxy_header import InvalidHeader, read_header
from chat_grpc.transport.http2.refusals import Refusals


class Arriving(Protocol):
    """A connection that is not ready for calls yet."""

    peer: str
    """The peer's address without a port."""

    def check_time(self, now: float) -> None:
        """End the connection if it takes too long."""

    def abort(self) -> None:
        """Close the connection at once."""


Begin = Callable[[asyncio.Transport, str], asyncio.Protocol | None]
"""Goes on with a connection from an address; returns None if the connection is refused."""


class ProxiedConnection(asyncio.Protocol):
    """Reads the PROXY header of a connection, and hands the connection on.

    The header comes before TLS (section 2 of the specification). A connection without a valid one
    is closed: it would have the address of the proxy. Belongs to the event loop.
    """

    def __init__(
        self,
        peer: str,
        begin: Begin,
        limits: Limits,
        arriving: set[Arriving],
        refusals: Refusals,
    ) -> None:
        """`peer` is the proxy's address. `arriving` holds the connection until it goes on."""
        self.peer = peer
        self._begin = begin
        self._limits = limits
        self._arriving = arriving
        self._refusals = refusals
        self._opened = time.monotonic()
        self._received = b""
        self._socket: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol`."""
        # uvloop's transports are no subclasses of asyncio's.
        self._socket = cast("asyncio.Transport", transport)
        self._arriving.add(self)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._socket.is_closing():
            return
        self._received += data
        try:
            header = read_header(self._received)
        except InvalidHeader as error:
            self._refuse(str(error))
            return
        if header is not None:
            self._arriving.discard(self)
            protocol = self._begin(self._socket, header.source or self.peer)
            if protocol is not None and (rest := self._received[header.size :]):
                protocol.data_received(rest)

    def eof_received(self) -> bool:
        """Close the connection; see `connection_lost`."""
        return False

    def connection_lost(self, _: Exception | None) -> None:
        """Forget the connection. A proxy that checks whether the port is open sends nothing."""
        self._arriving.discard(self)

    def check_time(self, now: float) -> None:
        """End a connection whose header takes too long; called about every second."""
        if now - self._opened > self._limits.proxy_header:
            self._refuse("The PROXY header did not come in time.")

    def _refuse(self, message: str) -> None:
        self._refusals.note(PROXY_HEADERS, self.peer, message)
        self._socket.abort()

    def abort(self) -> None:
        """Close the connection at once."""
        self._socket.abort()
