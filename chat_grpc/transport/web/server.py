"""The web transport: listens for browsers, and ends its connections in order."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Container, Iterable

from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.transport import UNLIMITED
from chat_grpc.transport.http2.limits import DEFAULT_LIMITS, Limits
from chat_grpc.transport.http2.refusals import UNCOUNTED, Refusals
from chat_grpc.transport.http2.turns import ReadTurns
from chat_grpc.transport.identity import Identity
from chat_grpc.transport.listener import Listener
from chat_grpc.transport.reading import MeterOf, unmetered
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
        connections: int = UNLIMITED,
        admit: Callable[[str], bool] = lambda _: True,
        tls: ssl.SSLContext | None = None,
        proxies: Container[str] = (),
        accepting: Limits = DEFAULT_LIMITS,
        refusals: Refusals = UNCOUNTED,
        meter: MeterOf = unmetered,
    ) -> None:
        """`path` is the prefix of all paths; see `Guard` for `origins`, `Http2Transport` for more.

        `tls` must offer `http/1.1` by ALPN. `accepting` are the limits until a connection is ready.
        """
        self._site = ChatSite(dispatcher, files, Guard(origins), limits, path)
        self._limits = limits
        self._turns = ReadTurns(time.monotonic)
        self._secured = tls is not None
        self._refusals = refusals
        self._meter = meter
        self._listener: Listener[HttpConnection] = Listener(
            self._connection,
            limits=accepting,
            connections=connections,
            admit=admit,
            tls=tls,
            turns=self._turns,
            proxies=proxies,
            refusals=refusals,
        )

    def _connection(self) -> HttpConnection:
        return HttpConnection(
            self._site,
            self._limits,
            time.monotonic,
            self._listener.open,
            self._turns,
            secured=self._secured,
            refusals=self._refusals,
            meter=self._meter,
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
        end = time.monotonic() + grace
        for connection in list(connections):
            connection.finish()
        while connections and time.monotonic() < end:
            await asyncio.sleep(0.02)
        await self._listener.stop()

    @property
    def connection_count(self) -> int:
        """The number of open connections, those in their handshake included."""
        return self._listener.connection_count
