"""Helpers of several test modules: waiting, servers, and clients on the bare contract."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, Any, Self, cast

import grpc
from google.rpc import error_details_pb2
from grpc import aio
from grpc_status import rpc_status
from web_channel import WebChannel

from chat_grpc.config import OFF, Config
from chat_grpc.journal.database import Value, rows
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2, chat_pb2_grpc

UNIT = float(os.environ.get("CHAT_GRPC_TEST_UNIT", "1"))
"""Scales every time limit of the tests; raise it on a slow machine."""

TRANSPORT = os.environ.get("CHAT_GRPC_TRANSPORT", "http2")
"""The transport of the servers that tests start."""

WEB = "web"
"""Stands for the web transport, beside that of `TRANSPORT`: it needs `running` and `channel_to`."""

LOBBY = chat_pb2.Target(room="lobby")

# The names of RequestError.reason, as the contract lists them.
REASONS = frozenset(
    [
        "HELLO_REQUIRED",
        "NOT_SIGNED_IN",
        "BAD_CREDENTIALS",
        "TOKEN_EXPIRED",
        "TOKEN_REVOKED",
        "NAME_INVALID",
        "NAME_TAKEN",
        "REPLACED",
        "CLIENT_NOT_FOUND",
        "USER_NOT_FOUND",
        "USER_CHANGED",
        "TOO_MANY_ROOMS",
        "ROOM_NOT_FOUND",
        "MESSAGE_NOT_FOUND",
        "NOT_A_MEMBER",
        "NOT_ALLOWED",
        "MUTED",
        "BANNED",
        "BAN_NOT_FOUND",
        "BLOCKED",
        "TEXT_EMPTY",
        "TEXT_TOO_LONG",
        "TEXT_INVALID",
        "REQUEST_ID_REUSED",
        "REQUEST_TOO_LARGE",
        "REQUEST_ID_INVALID",
        "FIELD_INVALID",
        "LAST_OWNER",
        "PAGE_TOKEN_INVALID",
        "RATE_LIMITED",
        "SERVER_FULL",
        "BACKUP_RUNNING",
        "STORAGE_FULL",
        "STORAGE_FAILED",
        "DRAINING",
        "WRITE_FAILED",
        "BUS_UNAVAILABLE",
        "QUERY_TOO_COSTLY",
        "INDEX_NOT_READY",
        "INVITE_INVALID",
        "INVITE_NOT_FOUND",
        "TOKEN_NOT_FOUND",
        "ISSUER_UNAVAILABLE",
        "KICKED",
        "SIGN_IN_DENIED",
        "SIGN_IN_EXPIRED",
        "CERTIFICATE_UNKNOWN",
        "CERTIFICATE_MISMATCH",
    ]
)


async def eventually(check: Callable[[], Any], within: float = 15.0) -> Any:
    """Wait until `check` returns a true value, and return it; fail after `within` seconds."""
    end = time.monotonic() + within * UNIT
    while True:
        found = check()
        if isinstance(found, Awaitable):
            found = await found
        if found or time.monotonic() > end:
            assert found, "the condition was not met in time"
            return found
        await asyncio.sleep(0.01)


def wait_for(check: Callable[[], Any], within: float = 15.0) -> Any:
    """Do the same as `eventually`, for tests without an event loop."""
    end = time.monotonic() + within * UNIT
    while True:
        found = check()
        if found or time.monotonic() > end:
            assert found, "the condition was not met in time"
            return found
        time.sleep(0.01)


def reason_of(error: grpc.RpcError | aio.AioRpcError) -> str:
    """Return the reason in the status of a call, or an empty string."""
    status = rpc_status.from_call(error)
    for detail in status.details if status is not None else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            assert info.domain == "chat_grpc"
            return str(info.reason)
    return ""


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[Server]:
    """Run a server in this process, with its store in memory by default."""
    settings: dict[str, Any] = {"listen": "127.0.0.1:0", "data": ":memory:", "node": "node-1"}
    if TRANSPORT == WEB:
        settings |= {"web_listen": settings["listen"]} | options
    else:
        settings |= {"transport": TRANSPORT, "web_listen": OFF} | options
    server = Server(Config(**settings))
    await server.start()
    try:
        yield server
    finally:
        await server.stop(grace=0)


def channel_to(server: Server | int, authority: bytes | None = None) -> aio.Channel:
    """Open a separate connection, by TLS if the certificate of an authority is given."""
    if TRANSPORT == WEB and not isinstance(server, int):
        return cast("aio.Channel", WebChannel(server.web_port, authority))
    port = server if isinstance(server, int) else server.port
    options = [("grpc.use_local_subchannel_pool", 1)]
    if authority is None:
        return aio.insecure_channel(f"127.0.0.1:{port}", options=options)
    credentials = grpc.ssl_channel_credentials(authority)
    return aio.secure_channel(f"127.0.0.1:{port}", credentials, options=options)


class Recorder:
    """A client on the bare contract that keeps every event."""

    def __init__(self, server: Server | int | aio.Channel, **hello: Any) -> None:
        self._channel = server if isinstance(server, aio.Channel) else channel_to(server)
        self.stub = chat_pb2_grpc.ChatServiceStub(self._channel)
        self._hello = hello
        self.events: list[chat_pb2.Event] = []
        self.call: Any = None
        self._sent = 0
        self.written = 0
        """Requests written, the hello included."""
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.hello()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self.call is not None:
            self.call.cancel()
        await self._channel.close()

    async def hello(self, *, read: bool = True, metadata: Any = None) -> None:
        """Open the stream; by default, read it in the background."""
        self.call = self.stub.Connect(metadata=metadata)
        if read:
            await self.write(hello=chat_pb2.Hello(**self._hello))
            await self.listen()
            return
        with contextlib.suppress(aio.AioRpcError):  # a refusal may come before the write
            await self.write(hello=chat_pb2.Hello(**self._hello))

    async def listen(self) -> None:
        """Read the stream in the background."""
        reader = self._reader = asyncio.create_task(self._read())
        await eventually(lambda: self.events or reader.done())
        if reader.done():
            await reader

    async def _read(self) -> None:
        while (response := await self.call.read()) is not aio.EOF:
            self.events.extend(response.events)

    async def ended(self) -> grpc.StatusCode:
        """Wait for the end of the stream; return its status."""
        return await asyncio.wait_for(self.call.code(), 10 * UNIT)

    async def end_reason(self) -> str:
        """Wait for the end of the stream; return the reason in its status."""
        await self.ended()
        error = aio.AioRpcError(
            await self.call.code(),
            await self.call.initial_metadata(),
            await self.call.trailing_metadata(),
            details=await self.call.details(),
        )
        return reason_of(error)

    async def write(self, **request: Any) -> None:
        """Write one request."""
        await self.call.write(chat_pb2.ConnectRequest(**request))
        self.written += 1

    async def send(self, text: str, target: chat_pb2.Target = LOBBY, **fields: Any) -> str:
        """Send a message; return its request id."""
        self._sent += 1
        request_id = fields.pop("request_id", f"r{self._sent}")
        send = chat_pb2.Send(target=target, text=text, request_id=request_id, **fields)
        await self.write(send=send)
        return str(request_id)

    async def sent(
        self, text: str, target: chat_pb2.Target = LOBBY, *, within: float = 5.0, **fields: Any
    ) -> Any:
        """Send a message and wait for the answer: a `Sent` or a `RequestError`."""
        before = len(self.events)
        request_id = await self.send(text, target, **fields)

        def answer() -> Any:
            for event in self.events[before:]:
                if event.sent.request_id == request_id and event.HasField("sent"):
                    return event.sent
                if event.HasField("rejected") and event.rejected.request_id == request_id:
                    return event.rejected.error
            return None

        return await eventually(answer, within)

    @property
    def welcome(self) -> chat_pb2.Welcome:
        """The first event."""
        assert self.events[0].HasField("welcome")
        return self.events[0].welcome

    def of(self, kind: Any) -> list[Any]:
        """Return the events of one kind, each without its `Event` envelope."""
        return [getattr(event, kind) for event in self.events if event.HasField(kind)]

    @property
    def texts(self) -> list[str]:
        """The texts of the messages."""
        return [message.text for message in self.of("message")]

    @property
    def sequences(self) -> list[int]:
        """The sequences of the stored events, in the order of their arrival."""
        return [event.sequence for event in self.events if event.sequence]


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


COMMAND = [sys.executable, "-m", "chat_grpc"]
NO_PAGE = ("--web-listen", OFF)
"""Servers of tests that run at the same time do not compete for the default port of the page."""


class Process:
    """A server in a process of its own."""

    def __init__(
        self,
        *arguments: str,
        port: int | None = None,
        command: Sequence[str] = COMMAND,
        log: IO[Any] | None = None,
        stderr: int | None = None,
    ) -> None:
        """`log` is the file that `log()` reads; `stderr` is a descriptor to use in its place.

        The process closes `log`, but not `stderr`.
        """
        self.port = port or free_port()
        # A file, because a pipe would fill up and block it.
        self._output = log or tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [*command, "serve", "--listen", f"127.0.0.1:{self.port}", *NO_PAGE, *arguments],
            stderr=self._output if stderr is None else stderr,
            stdout=subprocess.DEVNULL,
        )
        wait_for(lambda: self._process.poll() is not None or "listening on" in self.log(), 20)
        assert self._process.poll() is None, self.log()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """True until the process has ended."""
        return self._process.poll() is None

    def signal(self, which: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(which)

    def wait(self, within: float = 10.0) -> int:
        """Wait for the end; return the exit status."""
        return self._process.wait(within * UNIT)

    def log(self) -> str:
        """Return the output of the server so far."""
        # Read without a seek: the server writes at the position of this file description, which
        # both processes share.
        descriptor = self._output.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode()

    def end(self) -> None:
        """Kill the process if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._output.close()


@contextmanager
def serving(
    *arguments: str, port: int | None = None, command: Sequence[str] = COMMAND
) -> Iterator[Process]:
    """Run a server in a process of its own."""
    process = Process(*arguments, port=port, command=command)
    try:
        yield process
    finally:
        process.end()


def store_of(folder: Path) -> Path:
    """Return the path of a store's file."""
    return folder / "chat.db"


async def on_store(server: Server, sql: str, *values: Value) -> list[Any]:
    """Run a statement on the store of a running server; return its rows."""
    return await server._journal.with_writer(lambda one: rows(one, sql, values))
