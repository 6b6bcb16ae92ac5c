"""The listener: accepts connections, enforces their limits of time, and ends them in order."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.transport import UNLIMITED
from chat_grpc.transport.http2.headers import FirstSections
from chat_grpc.transport.http2.limits import DEFAULT_LIMITS, Limits
from chat_grpc.transport.http2.protocol import Http2Protocol, Service, peer_of
from chat_grpc.transport.http2.tls import TlsConnection
from chat_grpc.transport.http2.turns import ReadTurns
from chat_grpc.transport.identity import Identity

_CHECK_EVERY = 1.0
"""Seconds between two checks of the limits of time."""

_SLICE = 1000
"""Connections that are checked in one turn of the event loop, which takes about 1 ms."""

_ROUND_TRIP = 0.2
"""Seconds in which calls that are on their way are still accepted while the server stops."""

_BACKLOG = 1024

_LOOPBACK = ("127.0.0.1", "::1")


class Http2Transport:
    """Serves the calls of a service over HTTP/2. Belongs to the event loop."""

    def __init__(
        self,
        service: Service,
        *,
        limits: Limits = DEFAULT_LIMITS,
        connections: int = UNLIMITED,
        admit: Callable[[str], bool] = lambda _: True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`connections` is the maximum number of open ones; further ones are closed at once.

        `admit` is asked with the address of each new one, which is closed if it returns False, also
        before its TLS handshake. `tls` must offer `h2` by ALPN.
        """
        self._service = service
        self._limits = limits
        self._most = connections
        self._admit = admit
        self._tls = tls
        self._open: set[Http2Protocol] = set()
        self._handshakes: set[TlsConnection] = set()
        self._turns = ReadTurns(time.monotonic)
        self._firsts = FirstSections()
        self._servers: list[asyncio.Server] = []
        self._checker: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int, supervisor: Supervisor = UNSUPERVISED) -> int:
        """Listen, and return the port; see `Transport.start`."""
        first, *others = _LOOPBACK if host == "localhost" else (host,)
        self._servers.append(await self._listen(first, port))
        port = int(self._servers[0].sockets[0].getsockname()[1])
        for other in others:
            # This machine may have no IPv6, or another program the port there.
            with contextlib.suppress(OSError):
                self._servers.append(await self._listen(other, port))
        self._checker = supervisor.start(self._check_times(), name="connection times")
        return port

    async def _listen(self, host: str, port: int) -> asyncio.Server:
        accept = partial(self._accept, secured=self._tls is not None)
        return await asyncio.get_running_loop().create_server(
            accept, host, port, backlog=_BACKLOG, reuse_port=False
        )

    async def start_unix(self, path: str, supervisor: Supervisor = UNSUPERVISED) -> None:
        """Listen on a Unix socket that only this user can open, in plain text. Raises `OSError`.

        A file of an earlier process is replaced: nobody else may listen there.
        """
        loop = asyncio.get_running_loop()
        listener = _unix_socket(path)
        accept = partial(self._accept, secured=False)
        try:
            server = await loop.create_unix_server(accept, sock=listener, backlog=_BACKLOG)
        except BaseException:
            listener.close()
            raise
        self._servers.append(server)
        self._checker = supervisor.start(self._check_times(), name="connection times")

    def use(self, identity: Identity) -> None:
        """See `Transport.use`."""
        self._tls = identity.context

    def _accept(self, *, secured: bool) -> asyncio.Protocol:
        if self.connection_count >= self._most:
            return _Refused()
        connection = Http2Protocol(
            self._service, self._limits, time.monotonic, self._open, self._turns, self._firsts
        )
        if not secured:
            return _Admission(connection, self._admit)
        assert self._tls is not None
        tls = TlsConnection(connection, self._tls, self._limits, self._handshakes, self._turns)
        return _Admission(tls, self._admit)

    async def stop(self, grace: float) -> None:
        """Refuse new calls, and end the open ones after `grace` seconds.

        GOAWAY is sent in two steps (RFC 9113, section 6.8): the first asks for no more calls, the
        second comes after a round trip and says which calls were the last ones.
        """
        for server in self._servers:
            server.close()
        end = time.monotonic() + grace
        for connection in list(self._open):
            connection.announce_end()
        await asyncio.sleep(min(_ROUND_TRIP, grace))
        for connection in list(self._open):
            connection.refuse_calls()
        while any(connection.call_count for connection in self._open) and time.monotonic() < end:
            await asyncio.sleep(0.02)
        for connection in list(self._open):
            connection.close()
        await asyncio.sleep(0)
        for connection in list(self._open):
            connection.abort()
        for handshake in list(self._handshakes):
            handshake.abort()
        if self._checker is not None:
            self._checker.cancel()
            await asyncio.gather(self._checker, return_exceptions=True)
        while self._open or self._handshakes:
            await asyncio.sleep(0)

    @property
    def connection_count(self) -> int:
        """The number of open connections, those in their handshake included."""
        return len(self._open) + len(self._handshakes)

    @property
    def connections_by_address(self) -> Counter[str]:
        """The number of open connections of each address, those in their handshake included."""
        peers = [each.peer for each in self._open], [each.peer for each in self._handshakes]
        return Counter(itertools.chain(*peers))

    async def _check_times(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_EVERY)
            now = time.monotonic()
            checked: list[Http2Protocol | TlsConnection] = [*self._open, *self._handshakes]
            for at, connection in enumerate(checked):
                if at % _SLICE == _SLICE - 1:
                    await asyncio.sleep(0)
                connection.check_time(now)


def _unix_socket(path: str) -> socket.socket:
    """Return a Unix socket that does not listen yet, so that nobody can connect before its mode."""
    with contextlib.suppress(FileNotFoundError):
        Path(path).unlink()
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(path)
        Path(path).chmod(0o600)
    except BaseException:
        listener.close()
        raise
    return listener


class _Admission(asyncio.Protocol):
    """A connection until its address is known: it goes on with a protocol, or is closed at once.

    It is closed without an answer: the peer may open thousands a second.
    """

    def __init__(self, protocol: asyncio.Protocol, admit: Callable[[str], bool]) -> None:
        self._protocol = protocol
        self._admit = admit

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol`."""
        # uvloop's transports are no subclasses of asyncio's.
        socket = cast("asyncio.Transport", transport)
        if self._admit(peer_of(transport)):
            socket.set_protocol(self._protocol)
            self._protocol.connection_made(transport)
        else:
            socket.abort()


class _Refused(asyncio.Protocol):
    """A connection beyond the maximum: it is closed at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol`."""
        cast("asyncio.Transport", transport).abort()
