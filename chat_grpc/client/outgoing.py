"""The queue of requests from the program to the stream."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from grpc import aio

from chat_grpc.client.errors import ChatError
from chat_grpc.client.requests import Request
from chat_grpc.client.unanswered import Unanswered
from chat_grpc.v1 import chat_pb2

_MAX_MARKS = 256
"""Maximum number of conversations whose read marker is written to each new stream."""


class Outgoing:
    """Requests that are to be written, over any number of streams.

    - A request with an answer is written to each new stream until it is answered, always with the
      same `request_id`.
    - The newest read marker of each conversation is written to each new stream: the server does not
      say whether it took the previous one.
    - Typing is written to the current stream or dropped.

    Belongs to one event loop.
    """

    def __init__(self, limit: int) -> None:
        """At most `limit` requests are unanswered."""
        self.unanswered = Unanswered(limit)
        self.stirred = asyncio.Event()
        """Set when the program has made a request, also while there is no stream."""
        self._unsent: deque[chat_pb2.ConnectRequest] | None = None
        """None while no stream takes requests; the next stream gets all requests."""
        self._held = False
        """True once `hold` was called for the current stream."""
        self._awaited: set[str] = set()
        """The requests that were written before `hold` and are unanswered, by request id."""
        self._marks: dict[bytes, chat_pb2.MarkRead] = {}
        self._to_write = asyncio.Event()

    async def ask(self, request: Request) -> chat_pb2.Sent:
        """Write a request, and return its answer. Raises `Refused`, or the error of `fail`."""
        answer, new = await self.unanswered.add(request)
        if new and self._put(_wrapped(request)):
            self.unanswered.written(request)
        return await asyncio.shield(answer)

    def mark(self, mark: chat_pb2.MarkRead) -> None:
        """Write a read marker, now and to each new stream; drop one that would move back."""
        self.unanswered.check()
        key = mark.target.SerializeToString(deterministic=True)
        known = self._marks.pop(key, mark)
        self._marks[key] = mark if mark.sequence >= known.sequence else known
        if len(self._marks) > _MAX_MARKS:
            del self._marks[next(iter(self._marks))]
        if mark is self._marks[key]:
            self._put(chat_pb2.ConnectRequest(mark_read=mark))

    def pass_on(self, typing: chat_pb2.SetTyping) -> None:
        """Write that the user is typing, unless another request is waiting to be written."""
        if self._unsent is not None and not self._unsent:
            self._put(chat_pb2.ConnectRequest(set_typing=typing))

    def forget_log(self) -> None:
        """Drop the requests that name messages of a log that the server no longer has."""
        self._marks.clear()
        self.unanswered.fail_of_log()

    def fail(self, error: ChatError) -> None:
        """Fail every request, and those to come."""
        self.unanswered.fail(error)

    def hold(self) -> None:
        """Write no more to the current stream: keep what is unsent for the next one."""
        self._held = True
        self._awaited = set()
        if self._unsent is not None:
            unsent = {_request_id(request) for request in self._unsent}
            self._awaited = self.unanswered.request_ids - unsent
        self._unsent = None
        self._to_write.set()

    @property
    def awaits_answer(self) -> bool:
        """True if a request that was written before `hold` is unanswered."""
        self._awaited &= self.unanswered.request_ids
        return bool(self._awaited)

    async def write(self, call: Any, hello: chat_pb2.Hello, greeted: asyncio.Event) -> None:
        """Write to a stream until it ends or `hold` is called; only `hello` before its welcome.

        One call at a time.
        """
        self._held = False
        try:
            await call.write(chat_pb2.ConnectRequest(hello=hello))
            # A request that names a message must not reach another log.
            await greeted.wait()
            if self._held:
                return
            unsent = self._unsent = deque(map(_wrapped, self.unanswered.to_write()))
            unsent += [chat_pb2.ConnectRequest(mark_read=mark) for mark in self._marks.values()]
            while not self._held:
                self._to_write.clear()
                while unsent and not self._held:
                    await call.write(unsent[0])
                    unsent.popleft()
                if not self._held:
                    await self._to_write.wait()
        except (aio.AioRpcError, asyncio.InvalidStateError):
            return  # the stream has ended: the reader gets the reason
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


def _request_id(request: chat_pb2.ConnectRequest) -> str:
    """Return the id of a request with an answer; empty for the others."""
    kind = request.WhichOneof("request")
    asked = getattr(request, kind) if kind else None
    return str(getattr(asked, "request_id", ""))
