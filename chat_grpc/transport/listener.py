"""A listener: accepts connections, enforces their limits of number and time, and ends them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import time
from collections import Counter
from collections.abc import Callable, Container
from functools import partial
from pathlib import Path
from typing import Generic, Protocol, TypeVar, cast

from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.core.turns import in_turns
from chat_grpc.transport.admission import Admission
from chat_grpc.transport.http2.limits import Limits
from chat_grpc.transport.http2.proxied import Arriving, Begin, ProxiedConnection
from chat_grpc.transport.http2.tls import TlsConnection
from chat_grpc.transport.http2.turns import ReadTurns
from chat_grpc.transport.peer import peer_of

_CHECK_EVERY = 1.0
"""Seconds between two checks of the limits of time."""

_BACKLOG = 1024

_LOOPBACK = ("127.0.0.1", "::1")


class ServerConnection(Protocol):
    """The protocol of one connection, as a listener uses it."""

    peer: str
    """The peer's address without a port; `unix` for a Unix socket."""

    def check_time(self, now: float) -> None:
        """Enforce the limits of time; called about every second."""

    def close(self) -> None:
        """Close the connection once everything is written."""

    def abort(self) -> None:
        """Close the connection at once."""


async def wait_while(condition: Callable[[], bool], seconds: float) -> None:
    """Wait while a condition holds, for some seconds at most."""
    end = time.monotonic() + seconds
    while condition() and time.monotonic() < end:
        await asyncio.sleep(0.005)


C = TypeVar("C", bound=ServerConnection)


class Listener(Generic[C]):
    """Listens on addresses, and holds the connections. Belongs to the event loop."""

    def __init__(
        self,
        make: Callable[[], C],
        *,
        limits: Limits,
        turns: ReadTurns,
        admission: Admission,
    ) -> None:
        """`make` returns the protocol of a connection, which adds itself to `open` while it is.

        `limits` hold until a connection is ready. `turns` are those of `make`.
        """
        self.open: set[C] = set()
        """The open connections."""
        self.tls = admission.tls
        """The TLS of new connections; None for plain text."""
        self._make = make
        self._limits = limits
        self._admission = admission
        self._handshakes: set[Arriving] = set()
        self._turns = turns
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
        accept = partial(
            self._accept, secured=self.tls is not None, proxies=self._admission.proxies
        )
        return await asyncio.get_running_loop().create_server(
            accept, host, port, backlog=_BACKLOG, reuse_port=False
        )

    async def start_unix(self, path: str, supervisor: Supervisor = UNSUPERVISED) -> None:
        """Listen on a Unix socket that only this user can open, in plain text. Raises `OSError`.

        A file of an earlier process is replaced: nobody else may listen there.
        """
        loop = asyncio.get_running_loop()
        listener = _unix_socket(path)
        accept = partial(self._accept, secured=False, proxies=())
        try:
            server = await loop.create_unix_server(accept, sock=listener, backlog=_BACKLOG)
        except BaseException:
            listener.close()
            raise
        self._servers.append(server)
        self._checker = supervisor.start(self._check_times(), name="connection times")

    def _accept(self, *, secured: bool, proxies: Container[str]) -> asyncio.Protocol:
        if self.connection_count >= self._admission.connections:
            return _Refused()
        return _Accepted(partial(self._begin, secured=secured), partial(self._arrive, proxies))

    def _arrive(self, proxies: Container[str], peer: str, begin: Begin) -> ProxiedConnection | None:
        """Return the protocol that reads the PROXY header of a peer; None if it sends none."""
        if peer not in proxies:
            return None
        return ProxiedConnection(
            peer, begin, self._limits, self._handshakes, self._admission.refusals
        )

    def _begin(
        self, transport: asyncio.Transport, peer: str, *, secured: bool
    ) -> asyncio.Protocol | None:
        """Go on with a connection whose address is known, or close it at once.

        It is closed without an answer: the peer may open thousands a second.
        """
        if not self._admission.admits(peer):
            transport.abort()
            return None
        connection = self._make()
        connection.peer = peer
        protocol = cast("asyncio.Protocol", connection)
        if secured:
            assert self.tls is not None
            protocol = tls = TlsConnection(
                *(protocol, self.tls, self._limits, self._handshakes, self._turns),
                self._admission.refusals,
            )
            tls.peer = peer
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        return protocol

    def refuse(self) -> None:
        """Accept no more connections."""
        for server in self._servers:
            server.close()

    async def stop(self) -> None:
        """End all connections, after what they have written."""
        for connection in list(self.open):
            connection.close()
        await asyncio.sleep(0)
        for connection in list(self.open):
            connection.abort()
        for handshake in list(self._handshakes):
            handshake.abort()
        if self._checker is not None:
            self._checker.cancel()
            await asyncio.gather(self._checker, return_exceptions=True)
        while self.open or self._handshakes:
            await asyncio.sleep(0)

    @property
    def connection_count(self) -> int:
        """The number of open connections, those in their handshake included."""
        return len(self.open) + len(self._handshakes)

    @property
    def connections_by_address(self) -> Counter[str]:
        """The number of open connections of each address, those in their handshake included."""
        peers = [each.peer for each in self.open], [each.peer for each in self._handshakes]
        return Counter(itertools.chain(*peers))

    async def _check_times(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_EVERY)
            await self._check_each()

    async def _check_each(self) -> None:
        # The list ends with this call. In `_check_times` it would keep the connections that ended
        # until the next check, which would then release all of them in one step of the loop.
        now = time.monotonic()
        checked: list[C | Arriving] = [*self.open, *self._handshakes]
        async for connection in in_turns(checked, time.monotonic):
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


class _Accepted(asyncio.Protocol):
    """A connection until its peer is known."""

    def __init__(
        self, begin: Begin, proxied: Callable[[str, Begin], asyncio.Protocol | None]
    ) -> None:
        self._begin = begin
        self._proxied = proxied

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol`."""
        # uvloop's transports are no subclasses of asyncio's.
        socket, peer = cast("asyncio.Transport", transport), peer_of(transport)
        if (header := self._proxied(peer, self._begin)) is None:
            self._begin(socket, peer)
        else:
            socket.set_protocol(header)
            header.connection_made(socket)


class _Refused(asyncio.Protocol):
    """A connection beyond the maximum: it is closed at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol`."""
        cast("asyncio.Transport", transport).abort()
