"""One stream: reads events from it and writes requests to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from grpc import aio

from chat_grpc.client.errors import Unreachable
from chat_grpc.client.session import Session
from chat_grpc.v1 import chat_pb2

_WELCOME_WITHIN = 20.0
"""Seconds that the server may take for its first event."""

_SILENCE = 2.5
"""A stream counts as lost after this many heartbeat intervals of silence."""

LEAVE_WITHIN = 1.0
"""Seconds after `go_away` in which the answers to requests on the wire may come."""

_NOTIFIED = frozenset({"welcome", "caught_up", "go_away"})

Call = aio.StreamStreamCall[chat_pb2.ConnectRequest, chat_pb2.ConnectResponse]


class Connection:
    """One stream of a session, from `hello` to its end. Belongs to one event loop.

    After `go_away` it writes no more requests, and ends as soon as those on the wire are answered:
    the server need not wait for it. What is unsent or unanswered is written to the next stream.
    """

    def __init__(
        self, call: Call, session: Session, notify: Callable[[chat_pb2.Event], None]
    ) -> None:
        """`notify` is called with each `welcome`, `caught_up` and `go_away`, once it is handled."""
        self._call = call
        self._session = session
        self._notify = notify
        self._greeted = asyncio.Event()
        self._silence = _WELCOME_WITHIN
        self._leave_by: float | None = None
        """The time at which to end after `go_away`, in seconds of the loop's clock."""

    async def run(self) -> None:
        """Read and write until the stream ends, should end, or has to be opened again.

        Raises `AioRpcError`, or `Unreachable` if the server fell silent.
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
                    if task.cancelled():
                        # Not by this client: gRPC cancels the writer when the reader gives up, and
                        # `asyncio.timeout` may cancel a reader whose response came in time.
                        raise Unreachable("The stream was cancelled.")
                    task.result()
        finally:
            await _end(*tasks)

    async def _read(self) -> None:
        inbox = self._session.inbox
        while not self._left:
            response = await self._response()
            if response is None:
                return
            for event in response.events:
                self._take(event)
            if inbox.full:
                await self._pause()

    async def _response(self) -> chat_pb2.ConnectResponse | None:
        """Return the next response; None at the end of the stream, or when it must leave."""
        wait = self._silence
        if self._leave_by is not None:
            wait = max(0.0, min(wait, self._leave_by - asyncio.get_running_loop().time()))
        try:
            async with asyncio.timeout(wait):
                response: Any = await self._call.read()
        except TimeoutError:
            if self._leave_by is not None:
                return None
            raise Unreachable("The server fell silent.") from None
        if response is aio.EOF:
            return None
        assert isinstance(response, chat_pb2.ConnectResponse)
        return response

    def _take(self, event: chat_pb2.Event) -> None:
        kind = self._session.take(event)
        if kind == "welcome":
            self._welcomed(event.welcome)
        elif kind == "go_away" and self._leave_by is None:
            self._leave_by = asyncio.get_running_loop().time() + LEAVE_WITHIN
            self._session.outgoing.hold()
        if kind in _NOTIFIED:
            self._notify(event)

    def _welcomed(self, welcome: chat_pb2.Welcome) -> None:
        interval = welcome.heartbeat_interval.ToMilliseconds() / 1000
        self._silence = max(1.0, interval * _SILENCE) if interval else 60.0
        self._greeted.set()

    @property
    def _left(self) -> bool:
        return self._leave_by is not None and not self._session.outgoing.awaits_answer

    async def _pause(self) -> None:
        """Wait until the program took an event, unless an answer to it is due."""
        inbox, outgoing = self._session.inbox, self._session.outgoing
        if not inbox.started or outgoing.unanswered or self._leave_by is not None:
            return
        outgoing.stirred.clear()
        space = asyncio.create_task(inbox.space(), name="chat-client-space")
        request = asyncio.create_task(outgoing.stirred.wait(), name="chat-client-request")
        try:
            await asyncio.wait({space, request}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(space, request)


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
