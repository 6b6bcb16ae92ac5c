"""Calls that hold no stream: one connection, a deadline, another try where it is safe."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc import aio

from chat_grpc.client.backoff import Backoff
from chat_grpc.client.channel import authorization, open_channel
from chat_grpc.client.errors import Closed, from_call
from chat_grpc.spelling.addresses import Address
from chat_grpc.v1 import account_pb2_grpc, chat_pb2_grpc


@dataclass(slots=True, eq=False)
class _Line:
    channel: aio.Channel
    calls: int = 0


_AWAY = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
"""What a call ends with that meets a server on its way out."""


class Caller:
    """Makes the calls of one user to one server.

    A call that may be made again is, while the server is `UNAVAILABLE`: after a random time that
    grows, or after the time that the server asked for, up to `tries` in all and never beyond the
    deadline. Belongs to one event loop.

    A channel over which the server was not available is not used again: gRPC would wait for
    seconds before it connects anew, and fail all calls meanwhile, with the server long back.
    """

    def __init__(
        self,
        server: Address,
        token: Callable[[], str],
        *,
        timeout: float = 10.0,
        tries: int = 6,
        channel_options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """`token` gives the token at hand. `timeout` is in seconds, for all tries of one call."""
        self._server = server
        self._token = token
        self._timeout = timeout
        self._tries = tries
        self._channel_options = channel_options
        self._line: _Line | None = None
        self._lines: set[_Line] = set()
        """Those that are open: the one for the next call, and others with calls under way."""
        self._closed = False

    async def close(self) -> None:
        """Ends the connections; calls under way, and those to come, raise `Closed`."""
        self._closed = True
        for line in list(self._lines):
            await line.channel.close()

    async def chat(self, method: str, request: Message, *, again: bool) -> Any:
        """Calls a method of `ChatService`; `again` says that two calls do no more than one.

        Raises `Refused`, `Unreachable` or `Closed`.
        """
        return await self._call(chat_pb2_grpc.ChatServiceStub, method, request, again=again)

    async def account(self, method: str, request: Message) -> Any:
        """Calls a method of `AccountService`, once."""
        return await self._call(account_pb2_grpc.AccountServiceStub, method, request, again=False)

    async def _call(
        self, stub: Callable[[aio.Channel], Any], method: str, request: Message, *, again: bool
    ) -> Any:
        clock = asyncio.get_running_loop().time
        end = clock() + self._timeout
        backoff = Backoff(0.2, 2.0)
        tries = self._tries if again else 1
        while True:
            tries -= 1
            try:
                return await self._once(stub, method, request, max(end - clock(), 0.001))
            except aio.AioRpcError as error:
                failed = from_call(error)
                wait = backoff.next(failed.retry_after or 0.0)
                hopeless = error.code() not in _AWAY
                if hopeless or not tries or clock() + wait >= end:
                    raise failed from error
            await asyncio.sleep(wait)

    async def _once(
        self, stub: Callable[[aio.Channel], Any], method: str, request: Message, timeout: float
    ) -> Any:
        if self._closed:
            raise Closed("the client is closed")
        line = self._line
        if line is None:
            line = self._line = _Line(open_channel(self._server, self._channel_options))
            self._lines.add(line)
        line.calls += 1
        try:
            call = getattr(stub(line.channel), method)
            return await call(request, timeout=timeout, metadata=authorization(self._token()))
        except aio.AioRpcError as error:
            if error.code() in _AWAY and self._line is line:
                self._line = None
            raise
        except asyncio.CancelledError:
            # A channel that is closed cancels its calls, and with them who waits for them.
            task = asyncio.current_task()
            if self._closed and (task is None or not task.cancelling()):
                raise Closed("the client is closed") from None
            raise
        finally:
            line.calls -= 1
            if self._line is not line and not line.calls:
                await line.channel.close()
                self._lines.discard(line)
