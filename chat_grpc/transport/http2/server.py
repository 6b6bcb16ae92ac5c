"""The HTTP/2 transport: listens, and ends its connections in order."""

from __future__ import annotations

import time
from collections import Counter

from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.transport.admission import EVERYONE, Admission
from chat_grpc.transport.http2.headers import FirstSections
from chat_grpc.transport.http2.http1 import not_http2
from chat_grpc.transport.http2.limits import DEFAULT_LIMITS, Limits
from chat_grpc.transport.http2.protocol import Http2Protocol, Service
from chat_grpc.transport.http2.sending import NewestFrames
from chat_grpc.transport.http2.turns import ReadTurns
from chat_grpc.transport.identity import Identity
from chat_grpc.transport.listener import Listener, wait_while

_ROUND_TRIP = 0.2
"""Seconds within which a peer answers that its calls are no longer on their way."""


class Http2Transport:
    """Serves the calls of a service over HTTP/2. Belongs to the event loop."""

    def __init__(
        self,
        service: Service,
        *,
        limits: Limits = DEFAULT_LIMITS,
        admission: Admission = EVERYONE,
    ) -> None:
        """The TLS of `admission` must offer `h2` by ALPN."""
        self._service = service
        self._limits = limits
        self._turns = ReadTurns(time.monotonic)
        self._firsts = FirstSections()
        self._newest = NewestFrames()
        self._admission = admission
        self._not_http2 = not_http2()
        self._listener: Listener[Http2Protocol] = Listener(
            self._connection, limits=limits, turns=self._turns, admission=admission
        )

    def tell_web(self, url: str) -> None:
        """Tell clients of HTTP/1.1 the URL of the page from now on."""
        self._not_http2 = not_http2(url)

    def _connection(self) -> Http2Protocol:
        return Http2Protocol(
            self._service,
            self._limits,
            time.monotonic,
            self._listener.open,
            self._turns,
            self._firsts,
            self._newest,
            self._admission.refusals,
            self._not_http2,
            self._admission.meter,
        )

    async def start(self, host: str, port: int, supervisor: Supervisor = UNSUPERVISED) -> int:
        """Listen, and return the port; see `Transport.start`."""
        return await self._listener.start(host, port, supervisor)

    async def start_unix(self, path: str, supervisor: Supervisor = UNSUPERVISED) -> None:
        """Listen on a Unix socket; see `Listener.start_unix`."""
        await self._listener.start_unix(path, supervisor)

    def use(self, identity: Identity) -> None:
        """See `Transport.use`."""
        self._listener.tls = identity.context

    async def stop(self, grace: float) -> None:
        """Refuse new calls, and end the open ones after `grace` seconds.

        GOAWAY is sent in two steps (RFC 9113, section 6.8): the first asks for no more calls, with
        a PING; the second comes after the answer and says which calls were the last ones.
        """
        connections = self._listener.open
        self._listener.refuse()
        for connection in list(connections):
            connection.announce_end()
        end = time.monotonic() + grace
        within = min(_ROUND_TRIP, grace)
        await wait_while(lambda: any(each.awaits_answer for each in connections), within)
        for connection in list(connections):
            connection.refuse_calls()
        within = end - time.monotonic()
        await wait_while(lambda: any(each.call_count for each in connections), within)
        await self._listener.stop()

    @property
    def connection_count(self) -> int:
        """The number of open connections, those in their handshake included."""
        return self._listener.connection_count

    @property
    def connections_by_address(self) -> Counter[str]:
        """See `Listener.connections_by_address`."""
        return self._listener.connections_by_address
