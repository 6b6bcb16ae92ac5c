"""A real gRPC server that a test scripts: each stream does only what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc import aio
from grpc_status import rpc_status
from support import UNIT

from chat_grpc.client import ChatClient
from chat_grpc.client.backoff import Backoff
from chat_grpc.v1 import chat_pb2

LOG = "log-1"


def duration(seconds: float) -> duration_pb2.Duration:
    """Return a `Duration` of seconds."""
    made = duration_pb2.Duration()
    made.FromMilliseconds(round(seconds * 1000))
    return made


def message(sequence: int, text: str = "", author: int = 2) -> chat_pb2.Event:
    """Return a stored message to everyone."""
    return chat_pb2.Event(
        sequence=sequence,
        message=chat_pb2.Message(
            author=chat_pb2.Author(number=author, name="bob"), room="lobby", text=text
        ),
    )


def status(
    code: grpc.StatusCode, reason: str, text: str = "no", retry_after: float | None = None
) -> grpc.Status:
    """Return the status with which a call of the chat ends."""
    details = [any_pb2.Any()]
    details[0].Pack(
        error_details_pb2.ErrorInfo(reason=reason, domain="chat_grpc", metadata={"k": "v"})
    )
    if retry_after is not None:
        details.append(any_pb2.Any())
        details[1].Pack(error_details_pb2.RetryInfo(retry_delay=duration(retry_after)))
    number: Any = code.value[0]
    made: grpc.Status = rpc_status.to_status(
        status_pb2.Status(code=number, message=text, details=details)
    )
    return made


class Visit:
    """One stream of a client, from the server's side."""

    def __init__(self, hello: chat_pb2.Hello, context: Any) -> None:
        self.hello = hello
        self._context = context
        self.metadata = {key: str(value) for key, value in context.invocation_metadata()}
        self.ended: asyncio.Future[grpc.Status | None] = asyncio.get_running_loop().create_future()

    async def tell(self, *events: chat_pb2.Event) -> None:
        """Write events as one response."""
        await self._context.write(chat_pb2.ConnectResponse(events=events))

    async def welcome(
        self,
        *events: chat_pb2.Event,
        log_id: str = LOG,
        head: int = 0,
        recovery: chat_pb2.Recovery.ValueType = chat_pb2.RECOVERY_FRESH,
        token: str = "token-1",
        heartbeat: float = 15.0,
        max_text_bytes: int = 1024,
        caught_up: bool = True,
        oldest: int = 0,
        incarnation: str = "",
    ) -> None:
        """Welcome the client; send the missed events, and `caught_up` unless told otherwise."""
        welcome = chat_pb2.Welcome(
            client=chat_pb2.Client(number=1, name="alice", guest=True),
            log_id=log_id,
            head_sequence=head,
            oldest_sequence=oldest,
            recovery=recovery,
            token=token,
            heartbeat_interval=duration(heartbeat),
            limits=chat_pb2.Limits(max_text_bytes=max_text_bytes),
            server_version="9.9",
            node="node-7",
            incarnation=incarnation,
        )
        await self.tell(chat_pb2.Event(welcome=welcome), *events)
        if caught_up:
            await self.tell(chat_pb2.Event(caught_up=chat_pb2.CaughtUp(head_sequence=head)))

    async def resumed(self, *events: chat_pb2.Event, head: int = 0) -> None:
        """Welcome a client that reconnects, and send the missed events."""
        await self.welcome(*events, head=head, recovery=chat_pb2.RECOVERY_COMPLETE)

    async def request(self) -> chat_pb2.ConnectRequest:
        """Wait for the next request."""
        async with asyncio.timeout(5 * UNIT):
            request: Any = await self._context.read()
        assert request is not aio.EOF
        assert isinstance(request, chat_pb2.ConnectRequest)
        return request

    async def sends(self, count: int) -> list[chat_pb2.Send]:
        """Wait for `count` messages."""
        return [(await self.request()).send for _ in range(count)]

    async def answer(self, send: chat_pb2.Send, sequence: int, *, duplicate: bool = False) -> None:
        """Answer that a message is stored."""
        sent = chat_pb2.Sent(request_id=send.request_id, sequence=sequence, duplicate=duplicate)
        await self.tell(chat_pb2.Event(sent=sent))

    def end(self, ending: grpc.Status | None = None) -> None:
        """End the stream with a status, OK by default."""
        if not self.ended.done():
            self.ended.set_result(ending)

    def drop(self) -> None:
        """End the stream as a draining server does."""
        self.end(status(grpc.StatusCode.UNAVAILABLE, "DRAINING"))


class Scripted:
    """The server; it hands each new stream to the test."""

    def __init__(self) -> None:
        self.port = 0
        self.opened = 0
        """The number of streams opened so far."""
        self._visits: asyncio.Queue[Visit] = asyncio.Queue()
        self._open: set[Visit] = set()

    @property
    def address(self) -> str:
        """The server's address."""
        return f"127.0.0.1:{self.port}"

    @property
    def open_streams(self) -> int:
        """The number of open streams."""
        return len(self._open)

    async def connect(self, _: Any, context: Any) -> None:
        """Serve a stream until the test or the client ends it."""
        first = await context.read()
        visit = Visit(first.hello, context)
        self._open.add(visit)
        self.opened += 1
        try:
            self._visits.put_nowait(visit)
            ending = await visit.ended
        finally:
            self._open.discard(visit)
        if ending is not None:
            await context.abort_with_status(ending)

    async def visit(self) -> Visit:
        """Wait for the next stream."""
        async with asyncio.timeout(5 * UNIT):
            return await self._visits.get()


@asynccontextmanager
async def scripted(port: int = 0) -> AsyncIterator[Scripted]:
    """Run a scripted server."""
    servicer = Scripted()
    server = aio.server(options=[("grpc.so_reuseport", 0)])
    connect = grpc.stream_stream_rpc_method_handler(
        servicer.connect,
        request_deserializer=chat_pb2.ConnectRequest.FromString,
        response_serializer=chat_pb2.ConnectResponse.SerializeToString,
    )
    methods = {"Connect": connect}
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("chat_grpc.v1.ChatService", methods)]
    )
    servicer.port = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield servicer
    finally:
        await server.stop(grace=0)


class RecordedBackoff(Backoff):
    """Records the longest possible waits instead of waiting."""

    def __init__(self) -> None:
        super().__init__(uniform=lambda _, most: most, sleep=self._record)
        self.waits: list[float] = []

    async def _record(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)


def client_of(server: Scripted, **options: Any) -> ChatClient:
    """Return a client that is not connected yet: alice with a recorded backoff by default."""
    settings: dict[str, Any] = {"name": "alice", "backoff": RecordedBackoff()} | options
    return ChatClient.connect(server.address, **settings)


@asynccontextmanager
async def meeting(
    server: Scripted, first: Iterable[chat_pb2.Event] = (), **options: Any
) -> AsyncIterator[tuple[ChatClient, Visit]]:
    """Connect a client, welcome it, and yield both ends."""
    client = client_of(server, **options)
    entering = asyncio.create_task(client.__aenter__())
    visit = await server.visit()
    await visit.welcome(*first)
    await entering
    try:
        yield client, visit
    finally:
        await client.close()


async def next_of(client: ChatClient, count: int) -> list[chat_pb2.Event]:
    """Take `count` events."""
    async with asyncio.timeout(5 * UNIT):
        return [await anext(client) for _ in range(count)]


async def live(client: ChatClient) -> list[chat_pb2.Event]:
    """Take the events up to and including the next `caught_up`."""
    events = await next_of(client, 1)
    while not events[-1].HasField("caught_up"):
        events += await next_of(client, 1)
    return events


async def stored(client: ChatClient, count: int) -> list[int]:
    """Take events until `count` stored ones came; return their sequences."""
    found: list[int] = []
    async with asyncio.timeout(5 * UNIT):
        while len(found) < count:
            event = await anext(client)
            if event.sequence:
                found.append(event.sequence)
    return found


async def entered(script: Scripted, **options: Any) -> tuple[asyncio.Task[ChatClient], Visit]:
    """Start to connect; return the task and the server's end."""
    entering = asyncio.create_task(client_of(script, **options).__aenter__())
    return entering, await script.visit()
