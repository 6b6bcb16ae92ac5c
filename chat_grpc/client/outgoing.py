"""Requests on their way from the program to the stream."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from grpc import aio

from chat_grpc.client.errors import ChatError
from chat_grpc.client.requests import Request, Unanswered
from chat_grpc.v1 import chat_pb2

_MAX_MARKS = 256
"""Conversations whose read marker is told again to each new stream."""


class Outgoing:
    """What is to be written, over any number of streams.

    - A request with an answer is written to each new stream until the answer comes, always with
      the same `request_id`.
    - Of the read markers the newest of each conversation is written to each new stream: nothing
      tells whether the one before took it.
    - Typing is written to the stream at hand, or lost.

    Belongs to one event loop.
    """

    def __init__(self, limit: int) -> None:
        """At most `limit` requests wait for their answer."""
        self.unanswered = Unanswered(limit)
        self.stirred = asyncio.Event()
        """Set when the program has asked for something, even while nobody writes."""
        self._unsent: deque[chat_pb2.ConnectRequest] | None = None
        """None while no stream takes requests: the next one is given all that is known here."""
        self._marks: dict[bytes, chat_pb2.MarkRead] = {}
        self._to_write = asyncio.Event()

    async def ask(self, request: Request) -> chat_pb2.Sent:
        """Writes a request, and returns its answer. Raises `Refused`, or what `fail` was told."""
        answer, new = await self.unanswered.add(request)
        if new and self._put(_wrapped(request)):
            self.unanswered.written(request)
        return await asyncio.shield(answer)

    def mark(self, mark: chat_pb2.MarkRead) -> None:
        """Writes a read marker, now and to each stream to come; one that is behind is dropped."""
        self.unanswered.check()
        key = mark.target.SerializeToString(deterministic=True)
        known = self._marks.pop(key, mark)
        self._marks[key] = mark if mark.sequence >= known.sequence else known
        if len(self._marks) > _MAX_MARKS:
            del self._marks[next(iter(self._marks))]
        if mark is self._marks[key]:
            self._put(chat_pb2.ConnectRequest(mark_read=mark))

    def pass_on(self, typing: chat_pb2.SetTyping) -> None:
        """Writes that the user is typing, unless something else waits to be written."""
        if self._unsent is not None and not self._unsent:
            self._put(chat_pb2.ConnectRequest(set_typing=typing))

    def forget_log(self) -> None:
        """Drops what names messages of a log that the server has no more."""
        self._marks.clear()
        self.unanswered.fail_of_log()

    def fail(self, error: ChatError) -> None:
        """Fails every request, those to come too."""
        self.unanswered.fail(error)

    async def write(self, call: Any, hello: chat_pb2.Hello, greeted: asyncio.Event) -> None:
        """Writes to a stream until it ends; after `hello` not before the server greeted.

        One call at a time.
        """
        try:
            await call.write(chat_pb2.ConnectRequest(hello=hello))
            # What names a message must not reach another log than it was meant for.
            await greeted.wait()
            unsent = self._unsent = deque(map(_wrapped, self.unanswered.to_write()))
            unsent += [chat_pb2.ConnectRequest(mark_read=mark) for mark in self._marks.values()]
            while True:
                while unsent:
                    await call.write(unsent[0])
                    unsent.popleft()
                self._to_write.clear()
                await self._to_write.wait()
        except (aio.AioRpcError, asyncio.InvalidStateError):
            return  # the stream has ended: the reader is told why
        finally:
            self._unsent = None

    def _put(self, request: chat_pb2.ConnectRequest) -> bool:
        self.stirred.set()
        if self._unsent is None:
            return False
        self._unsent.append(request)
        self._to_write.set()
        return True


def _wrapped(request: Request) -> chat_pb2.ConnectRequest:
    match request:
        case chat_pb2.Send():
            return chat_pb2.ConnectRequest(send=request)
        case chat_pb2.Edit():
            return chat_pb2.ConnectRequest(edit=request)
        case chat_pb2.DeleteMessage():
            return chat_pb2.ConnectRequest(delete_message=request)
        case chat_pb2.React():
            return chat_pb2.ConnectRequest(react=request)
