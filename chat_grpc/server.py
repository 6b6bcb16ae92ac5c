"""One node of the chat: builds its parts, starts them, and ends them in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
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
from chat_grpc.config import Config
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
from chat_grpc.listeners import Listeners, identity_of
from chat_grpc.local_socket import LocalSocket
from chat_grpc.option_values import ConfigError
from chat_grpc.supervisor import STORE_FAILED, Supervisor
from chat_grpc.system_clock import event_clock
from chat_grpc.transport import UNLIMITED
from chat_grpc.transport.grpcio.pacer import Pacer
from chat_grpc.transport.identity import Identity

if TYPE_CHECKING:
    from chat_grpc.oidc.provider import Provider

_LOG = logging.getLogger("chat_grpc")

WRITING = "chat_grpc.v1.ChatService/write"
"""The health service that reports whether messages are accepted: not while the disk is full."""

_TICK = 0.1
_SAMPLE_EVERY = 1.0

_STOPPED = 2.0
"""Seconds without a round of chores after which the process is considered to have been stopped."""


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
        self._chores: asyncio.Task[None] | None = None
        self._console: Console | None = None
        self._closing = contextlib.AsyncExitStack()
        self._hub: Hub
        self._issuer: Provider | None = None
        self._app: Application
        self._listeners: Listeners | None = None
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
            self._identity = await asyncio.to_thread(identity_of, self.config)
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
                # Before the start, which may fail or be cancelled halfway.
                opened.push_async_callback(self.listeners.stop, 0.0)
                await self.listeners.start(self.supervisor)
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

    def reload(self) -> None:
        """Read the files of the certificate again; they are the only ones that may change."""
        if self._listeners is not None and self._listeners.read_certificate_again():
            self._log.info("SIGHUP: the certificate is read again")
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
            moderation=await self._journal.moderation.in_force(),
            quotas=Quotas(config.quota, self._clock.monotonic, config.unlimited_networks),
        )
        await self._hold_names()
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
            pages=lambda: config.page_addresses.known(self.web_port),
        )
        self._listeners = Listeners(
            config,
            self._app.dispatcher,
            self._hub.quotas,
            self._clock.monotonic,
            identity=self._identity,
            connections=self._connections,
        )

    async def _hold_names(self) -> None:
        """Hold the names of the users who were connected when the server ended."""
        for user, connected in await self._journal.recent_users(limits.NAME_HOLD):
            if self._hub.clients.by_key(user.key) is None:
                client = self._hub.clients.hold(user)
                if connected:
                    self._hub.presence.expect(client)

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
    def listeners(self) -> Listeners:
        """The addresses that it listens on. Raises `RuntimeError` before `start`."""
        if self._listeners is None:
            raise RuntimeError("The server has not started.")
        return self._listeners

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self.listeners.port

    @property
    def web_port(self) -> int:
        """The port of `Config.web_listen`; 0 without one."""
        return self.listeners.web_port

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
        return self.listeners.connection_count

    @property
    def certificate_expire_time(self) -> int | None:
        """The time when the certificate expires, in seconds since 1970; None without TLS."""
        return self.listeners.certificate_expire_time

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
            steps.push_async_callback(self.listeners.stop, min(1.0, max(grace, 0.1)))
            steps.callback(self._app.release_refusals)
            steps.callback(self._app.connect.end_all)
            steps.push_async_callback(self._let_leave, grace)
            steps.callback(self._refuse_streams)

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
