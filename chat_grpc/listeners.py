"""The addresses that a server listens on, for gRPC and for browsers, and their certificate."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable

from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.config import IF_FREE, Config
from chat_grpc.core.quotas import Quotas
from chat_grpc.core.supervision import Supervisor
from chat_grpc.option_values import ConfigError
from chat_grpc.transport import UNLIMITED, Transport
from chat_grpc.transport.admission import Admission
from chat_grpc.transport.http2.limits import limits_of
from chat_grpc.transport.http2.refusals import Refusals
from chat_grpc.transport.http2.server import Http2Transport
from chat_grpc.transport.identity import Identity, IdentityError, read_identity
from chat_grpc.transport.rotation import Rotation
from chat_grpc.transport.web.files import Files
from chat_grpc.transport.web.limits import web_limits_of
from chat_grpc.transport.web.server import WebTransport

_LOG = logging.getLogger("chat_grpc")


class ListenError(Exception):
    """The server cannot listen on the address; the text is one line."""


class Listeners:
    """The transports of one server: gRPC, and browsers if the options ask for them.

    They share the certificate, and the maximum number of connections. Belongs to the event loop.
    """

    def __init__(
        self,
        config: Config,
        dispatcher: Dispatcher,
        quotas: Quotas,
        monotonic: Callable[[], float],
        *,
        identity: Identity | None = None,
        connections: int = UNLIMITED,
    ) -> None:
        """`identity` is the certificate to begin with; None without TLS.

        `connections` is the maximum number of open ones; further ones are closed at once.
        """
        self._config = config
        self._dispatcher = dispatcher
        self._quotas = quotas
        self._monotonic = monotonic
        self._identity = identity
        self._connections = connections
        self._transport = self._chosen_transport()
        self.web: WebTransport | None = None
        """Serves browsers; None until they are served."""
        self._rotation: Rotation | None = None
        self.port = 0
        """The port of `Config.listen`, once started."""
        self.web_port = 0
        """The port of `Config.web_listen`, once started; 0 without one."""

    def _chosen_transport(self) -> Transport:
        config = self._config
        if config.transport == "grpcio":
            from chat_grpc.transport.grpcio.server import GrpcioTransport

            return GrpcioTransport(
                self._dispatcher, connections=self._connections, identity=self._identity
            )
        return Http2Transport(
            self._dispatcher,
            limits=limits_of(config.quota),
            admission=self._admission(
                self._identity.context if self._identity is not None else None
            ),
        )

    def _admission(self, tls: ssl.SSLContext | None) -> Admission:
        """Return the connections that one transport admits."""
        config, quotas = self._config, self._quotas
        return Admission(
            connections=self._connections,
            admits=self._admits,
            tls=tls,
            proxies=config.trusted_proxies if config.proxy_protocol else (),
            refusals=Refusals(quotas.refuse, self._monotonic, quotas.abused),
            meter=self._dispatcher.meter,
        )

    def _admits(self, peer: str) -> bool:
        """Return whether a new connection is within the limits, those of all listeners together."""
        count = self.connection_count
        return (count is None or count < self._connections) and self._dispatcher.admits(peer)

    async def start(self, supervisor: Supervisor) -> None:
        """Listen, and look for new certificates.

        Raises `ListenError`. Call `stop` also after a start that failed.
        """
        config = self._config
        self.port = await _listen(self._transport, config.address, config.listen, supervisor)
        if config.web_address is not None:
            await self._start_web(config.web_address, supervisor)
        if config.tls is not None and self._identity is not None:
            self._rotation = Rotation(config.tls, self._identity, self._use)
            self._rotation.start(supervisor)

    async def _start_web(self, address: tuple[str, int], supervisor: Supervisor) -> None:
        config = self._config
        web = WebTransport(
            self._dispatcher,
            await asyncio.to_thread(Files),
            path=config.web_path,
            limits=web_limits_of(config.quota),
            origins=config.web_origins,
            accepting=limits_of(config.quota),
            admission=self._admission(
                self._identity.web_context if self._identity is not None else None
            ),
        )
        try:
            self.web_port = await _listen(web, address, config.web_shown, supervisor)
        except ListenError as error:
            if config.web_listen != IF_FREE:
                raise
            _LOG.warning(
                "%s; browsers are not served: pass --web-listen HOST:PORT, or --web-listen off",
                error,
            )
            return
        self.web = web
        if isinstance(self._transport, Http2Transport):
            self._transport.tell_web(config.page_addresses.told(self.web_port))

    def _use(self, identity: Identity) -> None:
        """Give new connections another certificate."""
        self._transport.use(identity)
        if self.web is not None:
            self.web.use(identity)

    def read_certificate_again(self) -> bool:
        """Read the files of the certificate soon; return False without TLS."""
        if self._rotation is None:
            return False
        self._rotation.read_again()
        return True

    @property
    def connection_count(self) -> int | None:
        """The number of open connections; None if the transport does not count them."""
        count = self._transport.connection_count
        if count is None or self.web is None:
            return count
        return count + self.web.connection_count

    @property
    def certificate_expire_time(self) -> int | None:
        """The time when the certificate expires, in seconds since 1970; None without TLS."""
        return None if self._rotation is None else self._rotation.expire_time

    async def stop(self, grace: float) -> None:
        """End all connections, after `grace` seconds. Idempotent."""
        stops = [self._transport.stop(grace)]
        if self.web is not None:
            stops.append(self.web.stop(grace))
        if self._rotation is not None:
            stops.append(self._rotation.stop())
        await asyncio.gather(*stops)


def identity_of(config: Config) -> Identity | None:
    """Return the certificate of a server, None without TLS. Raises `ConfigError`."""
    if config.tls is None:
        return None
    try:
        return read_identity(config.tls)
    except IdentityError as error:
        raise ConfigError(f"TLS: {error}") from None


async def _listen(
    transport: Transport, address: tuple[str, int], shown: str, supervisor: Supervisor
) -> int:
    try:
        return await transport.start(*address, supervisor)
    except OSError:
        raise ListenError(
            f"cannot listen on {shown}: another program uses the port, or "
            "this machine does not have the address"
        ) from None
