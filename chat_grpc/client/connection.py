"""One stream: what is read from it, and when; what is written to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from grpc import aio

from chat_grpc.client.errors import Unreachable
from chat_grpc.client.session import Session
from chat_grpc.v1 import chat_pb2

_WELCOME_WITHIN = 20.0
_SILENCE = 2.5
"""A stream that is silent for so many heartbeat intervals is taken for lost."""

_TOLD = frozenset({"welcome", "caught_up", "go_away"})

Call = aio.StreamStreamCall[chat_pb2.ConnectRequest, chat_pb2.ConnectResponse]


class Connection:
    """One stream of a session, from `hello` to its end. Belongs to one event loop."""

    def __init__(
        self, call: Call, session: Session, told: Callable[[chat_pb2.Event], None]
    ) -> None:
        """`told` is called with each `welcome`, `caught_up` and `go_away`, once it was taken."""
        self._call = call
        self._session = session
        self._told = told
        self._greeted = asyncio.Event()
        self._silence = _WELCOME_WITHIN

    async def run(self) -> None:
        """Reads and writes until the stream ends, or has to be opened again.

        Raises `AioRpcError`, or `Unreachable` where the server fell silent.
        """
        inbox, outgoing = self._session.inbox, self._session.outgoing
        hello = self._session.hello()
        reader = asyncio.create_task(self._read(), name="chat-client-reader")
        writer = asyncio.create_task(
            outgoing.write(self._call, hello, self._greeted), name="chat-client-writer"
        )
        overflow = asyncio.create_task(inbox.overflow(), name="chat-client-overflow")
        tasks = {reader, writer, overflow}
        try:
            waiting = tasks
            while not reader.done() and not overflow.done():
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            await _end(*tasks)

    async def _read(self) -> None:
        inbox = self._session.inbox
        while True:
            try:
                async with asyncio.timeout(self._silence):
                    response: Any = await self._call.read()
            except TimeoutError:
                raise Unreachable("the server fell silent") from None
            if response is aio.EOF:
                return
            for event in response.events:
                kind = self._session.take(event)
                if kind == "welcome":
                    self._welcomed(event.welcome)
                if kind in _TOLD:
                    self._told(event)
            if inbox.full:
                await self._pause()

    def _welcomed(self, welcome: chat_pb2.Welcome) -> None:
        interval = welcome.heartbeat_interval.ToMilliseconds() / 1000
        self._silence = max(1.0, interval * _SILENCE) if interval else 60.0
        self._greeted.set()

    async def _pause(self) -> None:
        """Waits until the program took something, unless an answer to it is to come."""
        inbox, outgoing = self._session.inbox, self._session.outgoing
        if not inbox.started or outgoing.unanswered:
            return
        outgoing.stirred.clear()
        room = asyncio.create_task(inbox.room(), name="chat-client-room")
        request = asyncio.create_task(outgoing.stirred.wait(), name="chat-client-request")
        try:
            await asyncio.wait({room, request}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(room, request)


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
