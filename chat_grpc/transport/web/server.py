"""The web transport: listens for browsers, and ends its connections in order."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable

from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.transport.admission import EVERYONE, Admission
from chat_grpc.transport.http2.limits import DEFAULT_LIMITS, Limits
from chat_grpc.transport.http2.turns import ReadTurns
from chat_grpc.transport.identity import Identity
from chat_grpc.transport.listener import Listener, wait_while
from chat_grpc.transport.web.files import Files
from chat_grpc.transport.web.guard import Guard
from chat_grpc.transport.web.http import HttpConnection
from chat_grpc.transport.web.limits import DEFAULT_WEB_LIMITS, WebLimits
from chat_grpc.transport.web.site import ChatSite


class WebTransport:
    """Serves the page, calls by POST, and streams by WebSocket. Belongs to the event loop."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        files: Files,
        *,
        path: str = "",
        origins: Iterable[str] = (),
        limits: WebLimits = DEFAULT_WEB_LIMITS,
        accepting: Limits = DEFAULT_LIMITS,
        admission: Admission = EVERYONE,
    ) -> None:
        """`path` is the prefix of all paths; see `Guard` for `origins`.

        `accepting` are the limits until a connection is ready. The TLS of `admission` must offer
        `http/1.1` by ALPN.
        """
        self._site = ChatSite(dispatcher, files, Guard(origins), limits, path)
        self._limits = limits
        self._turns = ReadTurns(time.monotonic)
        self._admission = admission
        self._listener: Listener[HttpConnection] = Listener(
            self._connection, limits=accepting, turns=self._turns, admission=admission
        )

    def _connection(self) -> HttpConnection:
        return HttpConnection(
            self._site,
            self._limits,
            time.monotonic,
            self._listener.open,
            self._turns,
            secured=self._admission.tls is not None,
            refusals=self._admission.refusals,
            meter=self._admission.meter,
        )

    async def start(self, host: str, port: int, supervisor: Supervisor = UNSUPERVISED) -> int:
        """Listen, and return the port; see `Transport.start`."""
        return await self._listener.start(host, port, supervisor)

    def use(self, identity: Identity) -> None:
        """See `Transport.use`."""
        self._listener.tls = identity.web_context

    async def stop(self, grace: float) -> None:
        """Refuse new connections, and end the open ones after `grace` seconds."""
        self._listener.refuse()
        connections = self._listener.open
        for connection in list(connections):
            connection.finish()
        await wait_while(lambda: bool(connections), grace)
        await self._listener.stop()

    @property
    def connections(self) -> Collection[HttpConnection]:
        """The open connections that are ready for requests."""
        return self._listener.open

    @property
    def connection_count(self) -> int:
        """The number of open connections, those in their handshake included."""
        return self._listener.connection_count
