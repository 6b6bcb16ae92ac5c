"""One node of the chat: builds its parts, starts them, and ends them in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
from grpc import aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from chat_grpc.config import Config
from chat_grpc.core import limits
from chat_grpc.core.clock import Clock
from chat_grpc.core.entry import Entry
from chat_grpc.core.hub import Hub
from chat_grpc.core.mentions import Mentions
from chat_grpc.core.pacer import Pacer
from chat_grpc.core.presence import Presence
from chat_grpc.core.rooms import Rooms
from chat_grpc.journal.sqlite import SqliteJournal
from chat_grpc.journal.upkeep import Retention
from chat_grpc.service.account import AccountMethods
from chat_grpc.service.chat import ChatMethods
from chat_grpc.service.connect import Connect, StreamSettings
from chat_grpc.service.guard import Guard
from chat_grpc.service.history import HistoryMethods
from chat_grpc.service.identity import Identity
from chat_grpc.service.registry import SERVICES, authorizer, handlers
from chat_grpc.service.rooms import RoomMethods
from chat_grpc.service.status import rejected_frame
from chat_grpc.supervisor import STORE_FAILED, Supervisor
from chat_grpc.system_clock import event_clock
from chat_grpc.telemetry import Console

WRITING = "chat_grpc.v1.ChatService/write"
"""The name under which health tells whether messages are taken: not while the disk is full."""

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

_TICK = 0.1
_RATES_EVERY = 10.0

_STOPPED = 2.0
"""Seconds without a round of chores after which the process counts as stopped meanwhile."""

_LEAVES_WITHIN = 1.0
"""Seconds in which a client that knows `go_away` leaves, once it has it."""

# Measured; docs/hardening.md has the reason for each.
CHANNEL_OPTIONS: list[tuple[str, int]] = [
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_connection_idle_ms", 300_000),
    ("grpc.server_handshake_timeout_ms", 10_000),
    ("grpc.max_concurrent_streams", 100),
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", limits.MAX_REQUEST_BYTES),
    ("grpc.max_receive_message_length", limits.MAX_REQUEST_BYTES),
    ("grpc.max_metadata_size", 16 * 1024),
    ("grpc.absolute_max_metadata_size", 16 * 1024),
]


class ListenError(Exception):
    """The address cannot be listened on; the text is one line."""


class Server:
    """One node of the chat.

    Belongs to the event loop on which `start` is called. `start` raises `JournalError` or
    `ListenError`, and then leaves nothing open.
    """

    def __init__(self, config: Config, *, show_rates: bool = False) -> None:
        """`show_rates` logs the rates of the last seconds, for a person at a terminal."""
        self.config = config
        self._show_rates = show_rates
        self.port = 0
        """The port that is listened on, once started."""
        self._pool = ThreadPoolExecutor(config.threads, thread_name_prefix="chat-grpc-handler")
        events = event_clock()
        self._clock = Clock(time.monotonic, events.nanoseconds)
        self._journal = SqliteJournal(
            config.folder,
            pool=self._pool,
            clock=events,
            retention=Retention(config.keep_days * 86400, config.keep_megabytes * 1_000_000),
        )
        self._pacer = Pacer(config.writers, self._clock.monotonic)
        self._health = health.aio.HealthServicer()
        self._log = structlog.stdlib.get_logger("chat_grpc")
        self._chores: asyncio.Task[None] | None = None
        self._closing = contextlib.AsyncExitStack()
        self._hub: Hub
        self._connect: Connect
        self._grpc: aio.Server
        self.supervisor = Supervisor()
        """Knows whether the server must end: the store failed for good, or a defect came up."""

    async def start(self) -> None:
        """Opens the store, listens, and serves."""
        async with contextlib.AsyncExitStack() as opened:
            opened.callback(self._pool.shutdown, wait=False)
            self._journal.on_failure = self._store_failed
            deliver = self.supervisor.guard(self._deliver, name="delivery")
            await self._journal.open(deliver, self.supervisor)
            opened.push_async_callback(self._journal.close)
            await self._build()
            self._hub.catch_up.start(self.supervisor)
            opened.push_async_callback(self._hub.catch_up.stop)
            self._pacer.start(self.supervisor)
            opened.push_async_callback(self._pacer.stop)
            host, port = self.config.address
            shown = f"[{host}]" if ":" in host else host
            try:
                self.port = self._grpc.add_insecure_port(f"{shown}:{port}")
            except RuntimeError:
                raise ListenError(
                    f"cannot listen on {self.config.listen}: the port is in use, or not ours"
                ) from None
            await self._grpc.start()
            self._chores = self.supervisor.start(self._do_chores(), name="chores")
            await self._set_health(_SERVING)
            self._closing = opened.pop_all()
        # What exists now stays for good; the collector need not walk it again and again.
        gc.freeze()

    def _deliver(self, entries: Sequence[Entry]) -> None:
        self._hub.deliver(entries)

    def _store_failed(self) -> None:
        self.supervisor.fail("the store failed: nothing more is acknowledged", STORE_FAILED)

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
            refuse=rejected_frame,
            clock=self._clock,
        )
        for user in await self._journal.recent_guests(limits.NAME_HOLD):
            if self._hub.clients.by_key(user.key) is None:
                self._hub.clients.hold(user)
        identity = Identity(self._hub, self._journal)
        mentions = Mentions(self._hub.clients, self._hub.rooms, self._journal.users_named)
        self._connect = Connect(
            self._hub,
            self._journal,
            identity,
            mentions,
            StreamSettings(node, config.max_streams, config.heartbeat),
        )
        guard = Guard(
            self._pool, first_request=config.first_request, authorize=authorizer(identity)
        )
        self._grpc = aio.server(
            migration_thread_pool=self._pool, interceptors=[guard], options=CHANNEL_OPTIONS
        )
        self._grpc.add_generic_rpc_handlers(
            handlers(
                self._connect,
                ChatMethods(self._hub, self._journal, identity, mentions, node),
                HistoryMethods(self._hub, self._journal.history, identity),
                RoomMethods(self._hub, self._journal, identity),
                AccountMethods(self._hub, identity),
            )
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._grpc)
        names = [service.full_name for service in SERVICES]
        reflection.enable_server_reflection(
            [*names, health.SERVICE_NAME, reflection.SERVICE_NAME], self._grpc
        )

    async def _set_health(
        self, status: health_pb2.HealthCheckResponse.ServingStatus.ValueType
    ) -> None:
        for name in ("", WRITING, *(service.full_name for service in SERVICES)):
            await self._health.set(name, status)

    async def _do_chores(self) -> None:
        console = Console(self._hub)
        last = beat = rates = self._clock.monotonic()
        full = False
        while True:
            await asyncio.sleep(_TICK)
            now = self._clock.monotonic()
            if (stopped := now - last - _TICK) > _STOPPED:
                self._log.warning("the process did not run", seconds=round(stopped, 1))
                self._hub.was_stopped(stopped)
            last = now
            self._hub.tick()
            console.tell_presence()
            if full != self._journal.full:
                full = self._journal.full
                await self._health.set(WRITING, _NOT_SERVING if full else _SERVING)
            if now - beat >= min(1.0, self.config.heartbeat / 4):
                beat = now
                self._connect.heartbeat()
            if now - rates >= _RATES_EVERY:
                rates = now
                if self._show_rates:
                    console.tell_rates()

    @property
    def stream_count(self) -> int:
        """Streams that are open."""
        return len(self._hub.streams)

    async def stop(self, grace: float | None = None) -> None:
        """End the server in order. Streams get at most `grace` seconds to leave by themselves.

        New streams are refused. The open ones are told to go away; those that stay are ended with
        `UNAVAILABLE`. Then the write backlog is committed, and the store is closed. Each step runs
        even if the one before it failed. `grace` is `Config.drain` unless given.
        """
        grace = self.config.drain if grace is None else grace
        self._hub.draining = True
        async with contextlib.AsyncExitStack() as steps:  # the last one runs first
            steps.callback(self._pool.shutdown, wait=True)
            steps.push_async_callback(self._closing.aclose)
            steps.push_async_callback(self._stop_chores)
            steps.push_async_callback(self._grpc.stop, grace=min(1.0, max(grace, 0.1)))
            steps.callback(self._connect.end_all)
            steps.push_async_callback(self._drain, grace)
            steps.push_async_callback(self._set_health, _NOT_SERVING)

    async def _drain(self, grace: float) -> None:
        """Tell the streams to go away, and wait until they have left.

        A client that knows `go_away` leaves as soon as it has it. After `_LEAVES_WITHIN` seconds
        a stream that has got everything and still stays is not waited for: it does not know
        `go_away`, or its network is so slow that the end reaches it no earlier either.
        """
        self._connect.go_away(within=min(grace, 2.0))
        start = self._clock.monotonic()
        while self._hub.streams and (waited := self._clock.monotonic() - start) < grace:
            if waited >= _LEAVES_WITHIN:
                self._connect.end_all(idle_only=True)
            await asyncio.sleep(0.02)

    async def _stop_chores(self) -> None:
        if self._chores is not None:
            self._chores.cancel()
            await asyncio.gather(self._chores, return_exceptions=True)
