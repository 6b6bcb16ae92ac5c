"""Unary calls: one channel, one deadline, and retries where they are safe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc import aio

from chat_grpc.client.backoff import Backoff
from chat_grpc.client.channel import Endpoint, authorization, error_of, open_channel
from chat_grpc.client.errors import (
    CLOSED,
    ChatError,
    Closed,
    NoServer,
    Refused,
    TlsFailed,
    Unreachable,
)
from chat_grpc.client.home_loop import HomeLoop
from chat_grpc.v1 import account_pb2_grpc, admin_pb2_grpc, chat_pb2_grpc

_AWAY = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
"""The statuses of a call that reaches no server, or one that is ending."""


@dataclass(slots=True, eq=False)
class _Line:
    """A channel, and the number of calls that use it."""

    channel: aio.Channel
    calls: int = 0
    answered: bool = False
    """True once a server answered a call."""


class Caller:
    """Makes the calls of one user to one server.

    While the server is away, idempotent calls are retried after a random time that grows, or after
    the time that the server asked for: up to `tries` attempts within the deadline. A call that was
    refused for its rate is retried until the deadline. If the server
    was never reached, `NoServer` is raised at once, unless `wait` is set. Belongs to one event
    loop.

    A channel that lost its connection is not used again: gRPC waits for seconds before it
    reconnects, and meanwhile fails all calls, although the server may be back.
    """

    def __init__(
        self,
        server: Endpoint,
        token: Callable[[], str],
        *,
        timeout: float = 10.0,
        tries: int = 6,
        wait: bool = False,
        check: Callable[[], None] | None = None,
    ) -> None:
        """`token` returns the current token. `timeout` is in seconds, for all attempts of a call.

        With `wait` a call is retried until its deadline if no connection can be made. `check` is
        called before each call, and raises if the call must not be made; by default all calls have
        to be made on the loop of the first one.
        """
        self._server = server
        self._token = token
        self._timeout = timeout
        self._tries = tries
        self._wait = wait
        self._reached = False
        """True once the server answered a call."""
        self._line: _Line | None = None
        """The line of the next call."""
        self._lines: set[_Line] = set()
        """The open lines: that of the next call, and others with pending calls."""
        self._closed = False
        self._check = check or HomeLoop().check

    async def close(self) -> None:
        """Close the connections. Pending and later calls raise `Closed`."""
        self._closed = True
        for line in list(self._lines):
            await line.channel.close()

    async def chat(self, method: str, request: Message, *, idempotent: bool) -> Any:
        """Call a method of `ChatService`. Raises `Refused`, `Unreachable` or `Closed`."""
        return await self._call(
            chat_pb2_grpc.ChatServiceStub, method, request, idempotent=idempotent
        )

    async def account(self, method: str, request: Message) -> Any:
        """Call a method of `AccountService`, which is not idempotent."""
        return await self._call(
            account_pb2_grpc.AccountServiceStub, method, request, idempotent=False
        )

    async def admin(self, method: str, request: Message) -> Any:
        """Call a method of `AdminService`, which is not idempotent."""
        return await self._call(admin_pb2_grpc.AdminServiceStub, method, request, idempotent=False)

    def admin_stream(self, method: str, request: Message) -> AsyncGenerator[Any, None]:
        """Yield the responses of a method of `AdminService`; see `_stream`."""
        return self._stream(admin_pb2_grpc.AdminServiceStub, method, request)

    def account_stream(self, method: str, request: Message) -> AsyncGenerator[Any, None]:
        """Yield the responses of a method of `AccountService`; see `_stream`."""
        return self._stream(account_pb2_grpc.AccountServiceStub, method, request)

    async def _stream(
        self, stub: Callable[[aio.Channel], Any], method: str, request: Message
    ) -> AsyncGenerator[Any, None]:
        """Yield the responses of a method, over a connection of its own.

        Has no deadline, and is not repeated. Raises `Refused`, `Unreachable` or `Closed`.
        """
        self._check()
        if self._closed:
            raise Closed(CLOSED)
        line = _Line(open_channel(self._server))
        self._lines.add(line)
        try:
            call = getattr(stub(line.channel), method)(
                request, metadata=authorization(self._token())
            )
            async for response in call:
                yield response
        except aio.AioRpcError as error:
            raise await error_of(error, line.channel, self._server) from None
        finally:
            await line.channel.close()
            self._lines.discard(line)

    async def _call(
        self, stub: Callable[[aio.Channel], Any], method: str, request: Message, *, idempotent: bool
    ) -> Any:
        clock = asyncio.get_running_loop().time
        end = clock() + self._timeout
        backoff = Backoff(0.2, 2.0)
        tries = 0
        while True:
            tries += 1
            try:
                left = max(end - clock(), 0.001)
                return await self._once(stub, method, request, left, idempotent=idempotent)
            except ChatError as error:
                wait = backoff.next(error.retry_after or 0.0)
                if not self._retry(error, tries, idempotent=idempotent) or clock() + wait >= end:
                    raise
            await asyncio.sleep(wait)

    def _retry(self, error: ChatError, tries: int, *, idempotent: bool) -> bool:
        """Return True if another attempt is safe, and may succeed."""
        if isinstance(error, NoServer):  # the request was not sent
            wait = self._wait and not isinstance(error, TlsFailed)
            return wait or (self._reached and tries < self._tries)
        if isinstance(error, Refused) and error.rate_limited:  # nothing was carried out
            return True
        cause = error.grpc_error
        away = cause is not None and cause.code() in _AWAY
        return away and idempotent and tries < self._tries

    async def _once(
        self,
        stub: Callable[[aio.Channel], Any],
        method: str,
        request: Message,
        timeout: float,
        *,
        idempotent: bool,
    ) -> Any:
        self._check()
        if self._closed:
            raise Closed(CLOSED)
        line = self._line
        if line is None:
            line = self._line = _Line(open_channel(self._server))
            self._lines.add(line)
        line.calls += 1
        try:
            call = getattr(stub(line.channel), method)
            answer = await call(request, timeout=timeout, metadata=authorization(self._token()))
        except aio.AioRpcError as error:
            if error.code() in _AWAY and self._line is line:
                self._line = None
            failed = await error_of(error, line.channel, self._server)
            line.answered |= isinstance(failed, Refused)
            self._reached |= line.answered
            shared = line.answered or (line.calls > 1 and not idempotent)
            if isinstance(failed, NoServer) and shared:
                # The channel may have lost a connection on which the request was sent.
                failed = Unreachable(str(failed))
                failed.grpc_error = error
            raise failed from None
        except asyncio.CancelledError:
            # Closing a channel cancels its calls, and with them the task that awaits them.
            task = asyncio.current_task()
            if self._closed and (task is None or not task.cancelling()):
                raise Closed(CLOSED) from None
            raise
        else:
            line.answered = self._reached = True
            return answer
        finally:
            line.calls -= 1
            if self._line is not line and not line.calls:
                await line.channel.close()
                self._lines.discard(line)
