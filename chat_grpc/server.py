"""One node of the chat: builds its parts, starts them, and ends them in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from chat_grpc.app.account_settings import AccountSettings
from chat_grpc.app.application import Application
from chat_grpc.app.connect import StreamSettings
from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.app.methods import SERVICES, MethodTable
from chat_grpc.app.server_status import ServerStatus
from chat_grpc.app.status import encode_rejected
from chat_grpc.collector import Collector
from chat_grpc.config import IF_FREE, Config, ConfigError
from chat_grpc.console import Console
from chat_grpc.core import limits
from chat_grpc.core.accounts import Accounts
from chat_grpc.core.blocks import Blocks
from chat_grpc.core.clock import Clock
from chat_grpc.core.entry import Entry
from chat_grpc.core.hub import Hub
from chat_grpc.core.mentions import Mentions
from chat_grpc.core.passes import Passes
from chat_grpc.core.presence import Presence
from chat_grpc.core.quotas import Quotas
from chat_grpc.core.rooms import Rooms
from chat_grpc.journal.pruning import Retention
from chat_grpc.journal.sqlite import SqliteJournal
from chat_grpc.local_socket import LocalSocket
from chat_grpc.supervisor import STORE_FAILED, Supervisor
from chat_grpc.system_clock import event_clock
from chat_grpc.transport import UNLIMITED, Transport
from chat_grpc.transport.admission import Admission
from chat_grpc.transport.grpcio.pacer import Pacer
from chat_grpc.transport.http2.limits import limits_of
from chat_grpc.transport.http2.refusals import Refusals
from chat_grpc.transport.http2.server import Http2Transport
from chat_grpc.transport.identity import Identity, IdentityError, read_identity
from chat_grpc.transport.rotation import Rotation
from chat_grpc.transport.web.files import Files
from chat_grpc.transport.web.limits import web_limits_of
from chat_grpc.transport.web.server import WebTransport

if TYPE_CHECKING:
    from chat_grpc.oidc.provider import Provider

_LOG = logging.getLogger("chat_grpc")

WRITING = "chat_grpc.v1.ChatService/write"
"""The health service that reports whether messages are accepted: not while the disk is full."""

_TICK = 0.1
_SAMPLE_EVERY = 1.0

_STOPPED = 2.0
"""Seconds without a round of chores after which the process is considered to have been stopped."""


class ListenError(Exception):
    """The server cannot listen on the address; the text is one line."""


class Server:
    """One node of the chat.

    Belongs to the event loop on which `start` is called. `start` raises `ConfigError` if the
    certificate or its key cannot be used, `JournalError` or `ListenError`, and then leaves nothing
    open.
    """

    def __init__(
        self, config: Config, *, connections: int = UNLIMITED, words: bool | None = None
    ) -> None:
        """`connections` is the maximum number of open ones; further ones are closed at once.

        `words` is whether the console tells the state in words, for a person, or in values, for a
        program; None for no console.
        """
        self.config = config
        self._connections = connections
        self._words = words
        self.port = 0
        """The port that is listened on, once started."""
        events = event_clock()
        self._clock = Clock(time.monotonic, events.nanoseconds)
        self._journal = SqliteJournal(
            config.folder,
            clock=events,
            retention=Retention(config.keep_days * 86400, config.keep_megabytes * 1_000_000),
        )
        self._pacer: Pacer | Passes = (
            Pacer(config.writers, self._clock.monotonic)
            if config.transport == "grpcio"
            else Passes(self._clock.monotonic)
        )
        self._log = structlog.stdlib.get_logger("chat_grpc")
        self._identity: Identity | None = None
        self._collector = Collector()
        self._rotation: Rotation | None = None
        self._chores: asyncio.Task[None] | None = None
        self._console: Console | None = None
        self._closing = contextlib.AsyncExitStack()
        self._hub: Hub
        self._issuer: Provider | None = None
        self._app: Application
        self._transport: Transport
        self._web: WebTransport | None = None
        self.web_port = 0
        """The port of `Config.web_listen`, once started; 0 without one."""
        self._draining: asyncio.Task[None] | None = None
        self._drained = asyncio.Event()
        self.supervisor = Supervisor()
        """Reports when the server must end: the store failed permanently, or a defect occurred."""

    async def start(self, *, locally: bool = False) -> None:
        """Open the store, listen, and serve.

        `locally` listens only on the socket in the data folder, for an operator on this machine.
        """
        if not locally:
            self.config.check_encrypted()
            self._identity = await asyncio.to_thread(_identity_of, self.config)
        self._issuer = await _issuer_of(self.config, self._clock)
        async with contextlib.AsyncExitStack() as opened:
            if self._issuer is not None:
                opened.push_async_callback(self._issuer.close)
                # The server starts whether the issuer answers or not.
                reaching = self.supervisor.start(self._issuer.reach(), name="issuer")
                opened.callback(reaching.cancel)
            self._journal.on_failure = self._store_failed
            deliver = self.supervisor.guard(self._deliver, name="delivery")
            await self._journal.open(deliver, self.supervisor)
            opened.push_async_callback(self._journal.close)
            await self._build()
            opened.push_async_callback(self._app.passwords.close)
            self._hub.catch_up.start(self.supervisor)
            opened.push_async_callback(self._hub.catch_up.stop)
            self._pacer.start(self.supervisor)
            opened.push_async_callback(self._pacer.stop)
            self._app.eraser.start(self.supervisor)
            opened.push_async_callback(self._app.eraser.stop)
            self._app.account_eraser.start(self.supervisor)
            opened.push_async_callback(self._app.account_eraser.stop)
            if not locally:
                await self._listen()
                self._rotate(opened)
            if (folder := self.config.folder) is not None:
                local = LocalSocket(folder, self._app.local_dispatcher)
                await local.start(self.supervisor)
                opened.push_async_callback(local.stop)
            self._chores = self.supervisor.start(self._do_chores(), name="chores")
            if self._words is not None:
                self._console = Console(self._hub, self._journal, words=self._words)
                self._console.start(self.supervisor)
            self._set_health(serving=True)
            self._closing = opened.pop_all()
        self._collector.start()

    async def _listen(self) -> None:
        config = self.config
        self.port = await self._listen_on(self._transport, config.address, config.listen)
        if config.web_address is not None:
            await self._listen_for_browsers(config.web_address)

    async def _listen_for_browsers(self, address: tuple[str, int]) -> None:
        config = self.config
        web = WebTransport(
            self._app.dispatcher,
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
            self.web_port = await self._listen_on(web, address, config.web_shown)
        except ListenError as error:
            if config.web_listen != IF_FREE:
                await self._transport.stop(0.0)
                raise
            _LOG.warning(
                "%s; browsers are not served: pass --web-listen HOST:PORT, or --web-listen off",
                error,
            )
            return
        self._web = web
        if isinstance(self._transport, Http2Transport):
            self._transport.tell_web(self._web_place(address[0]))

    def _web_place(self, host: str) -> str:
        """Return where the page is: its URL, or the port if the server has no single address."""
        config = self.config
        if config.web_origins:
            return f"{config.web_origins[0]}{config.web_path}/"
        if host in ("0.0.0.0", "::"):  # noqa: S104
            return f"port {self.web_port} of this host"
        return config.page(self.web_port)

    async def _listen_on(self, transport: Transport, address: tuple[str, int], shown: str) -> int:
        try:
            return await transport.start(*address, self.supervisor)
        except OSError:
            raise ListenError(
                f"cannot listen on {shown}: another program uses the port, or "
                "this machine does not have the address"
            ) from None

    def _rotate(self, opened: contextlib.AsyncExitStack) -> None:
        """Use each new certificate that the files have from now on."""
        if self.config.tls is not None and self._identity is not None:
            self._rotation = Rotation(self.config.tls, self._identity, self._use)
            self._rotation.start(self.supervisor)
            opened.push_async_callback(self._rotation.stop)

    def _use(self, identity: Identity) -> None:
        """Give new connections another certificate."""
        self._transport.use(identity)
        if self._web is not None:
            self._web.use(identity)

    def reload(self) -> None:
        """Read the files of the certificate again; they are the only ones that may change."""
        if self._rotation is not None:
            self._log.info("SIGHUP: the certificate is read again")
            self._rotation.read_again()
        else:
            self._log.info("SIGHUP: there is nothing to reload")

    def _deliver(self, entries: Sequence[Entry]) -> None:
        self._hub.deliver(entries)

    def _store_failed(self) -> None:
        self.supervisor.fail("the store failed: no more messages are acknowledged", STORE_FAILED)

    async def _build(self) -> None:
        config = self.config
        node = config.node_name
        self._hub = Hub(
            append=self._journal.append,
            head=self._journal.head,
            pacer=self._pacer,
            presence=Presence(node),
            rooms=Rooms(await self._journal.rooms()),
            read_page=self._journal.read,
            read_block=self._journal.block,
            oldest=lambda: self._journal.oldest,
            refuse=encode_rejected,
            clock=self._clock,
            accounts=Accounts(await self._journal.accounts.known()),
            blocks=Blocks(await self._journal.accounts.blocks()),
            moderation=await self._journal.accounts.moderation(),
            quotas=Quotas(config.quota, self._clock.monotonic, config.unlimited_networks),
        )
        for user, connected in await self._journal.recent_users(limits.NAME_HOLD):
            if self._hub.clients.by_key(user.key) is None:
                client = self._hub.clients.hold(user)
                if connected:
                    self._hub.presence.expect(client)
        mentions = Mentions(self._hub.clients, self._hub.rooms, self._journal.users_named)
        settings = StreamSettings(node, config.max_streams, config.heartbeat)
        self._app = Application(
            self._hub,
            self._journal,
            mentions,
            settings,
            first_request=config.first_request,
            accounts=AccountSettings(config.accounts, guests=config.admits_guests),
            node=self,
            proxies=config.trusted_proxies,
            issuer=self._issuer,
            pages=lambda: config.pages(self.web_port),
        )
        if config.transport == "grpcio":
            from chat_grpc.transport.grpcio.server import GrpcioTransport

            self._transport = GrpcioTransport(
                self._app.dispatcher, connections=self._connections, identity=self._identity
            )
        else:
            self._transport = Http2Transport(
                self._app.dispatcher,
                limits=limits_of(config.quota),
                admission=self._admission(
                    self._identity.context if self._identity is not None else None
                ),
            )

    def _admission(self, tls: ssl.SSLContext | None) -> Admission:
        """Return the connections that one transport admits."""
        config, quotas = self.config, self._hub.quotas
        return Admission(
            connections=self._connections,
            admits=self._admits,
            tls=tls,
            proxies=config.trusted_proxies if config.proxy_protocol else (),
            refusals=Refusals(quotas.refuse, self._clock.monotonic, quotas.abused),
            meter=self._app.dispatcher.meter,
        )

    def _admits(self, peer: str) -> bool:
        """Return whether a new connection is within the limits, those of all listeners together."""
        count = self.connection_count
        return (count is None or count < self._connections) and self._app.dispatcher.admits(peer)

    def _set_health(self, *, serving: bool) -> None:
        names = ["", WRITING, *(service.full_name for service in SERVICES)]
        self._app.health.set(names, serving=serving)

    async def _do_chores(self) -> None:
        last = beat = sampled = self._clock.monotonic()
        full = False
        while True:
            await asyncio.sleep(_TICK)
            now = self._clock.monotonic()
            if (stopped := now - last - _TICK) > _STOPPED:
                self._log.warning("the process did not run", seconds=round(stopped, 1))
                self._hub.was_stopped(stopped)
            last = now
            self._hub.tick()
            if full != self._journal.full:
                full = self._journal.full
                self._app.health.set([WRITING], serving=not full and not self._hub.draining)
            if now - beat >= min(1.0, self.config.heartbeat / 4):
                beat = now
                await self._app.connect.heartbeat()
                self._collector.tick(now, len(self._hub.streams))
            if now - sampled >= _SAMPLE_EVERY:
                sampled = now
                self._hub.rates.sample()

    @property
    def stream_count(self) -> int:
        """The number of open streams."""
        return len(self._hub.streams)

    @property
    def methods(self) -> MethodTable:
        """The methods that it serves, with their policies."""
        return self.dispatcher.methods

    @property
    def dispatcher(self) -> Dispatcher:
        """Serves the calls of every transport."""
        return self._app.dispatcher

    @property
    def has_admin(self) -> bool:
        """True if an account has the admin role."""
        return self._hub.accounts.admin_count > 0

    def status(self) -> ServerStatus:
        """Return the state of this node."""
        return self._app.status()

    @property
    def failed(self) -> bool:
        """True once the server must end because of a failure."""
        return self.supervisor.failure is not None

    @property
    def connection_count(self) -> int | None:
        """The number of open connections; None if the transport does not count them."""
        count = self._transport.connection_count
        if count is None or self._web is None:
            return count
        return count + self._web.connection_count

    @property
    def certificate_expire_time(self) -> int | None:
        """The time when the certificate expires, in seconds since 1970; None without TLS."""
        return None if self._rotation is None else self._rotation.expire_time

    # ------------------------------------------------------------ the end

    def drain(self, seconds: float) -> int:
        """Refuse new streams, and tell the open ones to go away over some seconds.

        Returns the number of open streams. When they have left, or `Config.drain` seconds after the
        last one was told, `drained` returns; then `stop` ends the server. Another call replaces the
        seconds of the first.
        """
        self._refuse_streams()
        if self._draining is not None:
            self._draining.cancel()
        self._draining = self.supervisor.start(self._drain(seconds), name="drain")
        self._log.info("draining", streams=self.stream_count, seconds=seconds)
        return self.stream_count

    async def _drain(self, seconds: float) -> None:
        await self._app.drain.run(seconds, self.config.drain)
        self._drained.set()

    async def drained(self) -> None:
        """Wait until a drain has ended."""
        await self._drained.wait()

    def _refuse_streams(self) -> None:
        self._hub.draining = True
        self._set_health(serving=False)

    async def stop(self, grace: float | None = None) -> None:
        """End the server in order. Streams get at most `grace` seconds to leave by themselves.

        New streams are refused. The open ones are told to go away; those that stay are ended with
        `UNAVAILABLE`. Then the write backlog is committed, and the store is closed. Each step runs
        even if the one before it failed. `grace` is `Config.drain` unless given. A `drain` that
        runs ends at once.
        """
        grace = self.config.drain if grace is None else grace
        async with contextlib.AsyncExitStack() as steps:  # the last one runs first
            steps.push_async_callback(self._closing.aclose)
            steps.push_async_callback(self._stop_chores)
            steps.push_async_callback(self._stop_listening, min(1.0, max(grace, 0.1)))
            steps.callback(self._app.connect.end_all)
            steps.push_async_callback(self._let_leave, grace)
            steps.callback(self._refuse_streams)

    async def _stop_listening(self, grace: float) -> None:
        """End all connections, after `grace` seconds."""
        stops = [self._transport.stop(grace)]
        if self._web is not None:
            stops.append(self._web.stop(grace))
        await asyncio.gather(*stops)

    async def _let_leave(self, grace: float) -> None:
        """Tell the streams to go away, and wait until they have left."""
        if self._draining is not None:
            self._draining.cancel()
            await asyncio.gather(self._draining, return_exceptions=True)
        await self._app.drain.run(0.0, grace)

    async def _stop_chores(self) -> None:
        if self._chores is not None:
            self._chores.cancel()
            await asyncio.gather(self._chores, return_exceptions=True)
        if self._console is not None:
            await self._console.stop()


async def _issuer_of(config: Config, clock: Clock) -> Provider | None:
    """Return the OpenID Connect issuer, None without one. Raises `ConfigError`."""
    if (settings := config.issuer) is None:
        return None
    try:
        from chat_grpc.oidc.provider import open_provider
    except ImportError as error:
        raise ConfigError(
            f"oidc-issuer needs packages that are not installed ({error.name}): "
            "pip install 'chat-grpc[oidc]'"
        ) from None
    return await open_provider(settings, seconds=clock.seconds, monotonic=clock.monotonic)


def _identity_of(config: Config) -> Identity | None:
    """Return the certificate of a server, None without TLS. Raises `ConfigError`."""
    if config.tls is None:
        return None
    try:
        return read_identity(config.tls)
    except IdentityError as error:
        raise ConfigError(f"TLS: {error}") from None
