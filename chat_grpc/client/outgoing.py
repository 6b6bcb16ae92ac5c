"""The queue of requests from the program to the stream."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from typing import Any

from grpc import aio

from chat_grpc.client.errors import ChatError, from_rejected
from chat_grpc.client.pace import Pace
from chat_grpc.client.requests import Request
from chat_grpc.client.unanswered import Unanswered
from chat_grpc.v1 import chat_pb2

_MAX_MARKS = 256
"""Maximum number of conversations whose read marker is written to each new stream."""


_LEAST_DELAY = 0.005
"""Seconds that a writer waits at least for the rate: then several requests are due at once."""


class Outgoing:
    """Requests that are to be written, over any number of streams.

    - A request with an answer is written to each new stream until it is answered, always with the
      same `request_id`.
    - The newest read marker of each conversation is written to each new stream: the server does not
      say whether it took the previous one.
    - Typing is written to the current stream or dropped.
    - Requests are written at the pace of the server's limits. One that the server refuses for its
      rate is written again, before the later ones that are not written yet.

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
        self._queued_marks: dict[bytes, chat_pb2.ConnectRequest] = {}
        """The read markers in `_unsent`: a newer one takes the place of an older one."""
        self.pace = Pace(time.monotonic)
        self._refused: set[str] = set()
        """The requests that are to be written again, by request id."""
        self._mark_refused = False
        """True if the read markers are to be written again."""
        self._stop = asyncio.Event()
        """Set by `hold`, to wake a writer that waits until the next request is due."""
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
        key = _conversation(mark)
        known = self._marks.pop(key, mark)
        self._marks[key] = mark if mark.sequence >= known.sequence else known
        if len(self._marks) > _MAX_MARKS:
            del self._marks[next(iter(self._marks))]
        if mark is self._marks[key]:
            self._put_mark(key, mark)

    def _put_mark(self, key: bytes, mark: chat_pb2.MarkRead) -> None:
        queued = self._queued_marks.get(key)
        if queued is not None:
            queued.mark_read.CopyFrom(mark)
            return
        request = chat_pb2.ConnectRequest(mark_read=mark)
        if self._put(request):
            self._queued_marks[key] = request

    def again(self, rejected: chat_pb2.Rejected) -> bool:
        """Write a request again if it was refused for its rate; return True then."""
        error = from_rejected(rejected.error)
        if not error.rate_limited:
            return False
        self.pace.pause(error.retry_after or 0.0)
        if rejected.request_id in self.unanswered.request_ids:
            self._refused.add(rejected.request_id)
        elif not rejected.request_id:
            self._mark_refused = True
        self._to_write.set()
        return True

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
        self._stop.set()

    @property
    def awaits_answer(self) -> bool:
        """True if a request that was written before `hold` is unanswered."""
        self._awaited &= self.unanswered.request_ids - self._refused
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
            self._refused.clear()
            self._queued_marks.clear()
            self._mark_refused = True
            while not self._held:
                self._to_write.clear()
                self._put_back(unsent)
                while unsent and not self._held:
                    if not await self._is_due():
                        self._put_back(unsent)
                        continue
                    request = unsent[0]
                    if request.HasField("mark_read"):  # what is being written must not change
                        self._queued_marks.pop(_conversation(request.mark_read), None)
                    await call.write(request)
                    self.pace.wrote(request)
                    unsent.popleft()
                if not self._held:
                    await self._to_write.wait()
        except (aio.AioRpcError, asyncio.InvalidStateError):
            return  # the stream has ended: the reader gets the reason
        finally:
            self._unsent = None
            self._queued_marks.clear()

    async def _is_due(self) -> bool:
        """Return True if a request may be written; otherwise wait for a time, and return False."""
        delay = self.pace.delay
        if not delay:
            return True
        self._stop.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(delay, _LEAST_DELAY)):
                await self._stop.wait()
        return False

    def _put_back(self, unsent: deque[chat_pb2.ConnectRequest]) -> None:
        """Put the requests that were refused for their rate before those that are unsent."""
        if self._held:
            return  # the next stream gets all of them
        if self._refused:
            refused = [
                _wrapped(each)
                for each in self.unanswered.requests
                if each.request_id in self._refused
            ]
            unsent.extendleft(reversed(refused))
            self._refused.clear()
        if self._mark_refused:
            self._mark_refused = False
            for key, mark in self._marks.items():
                self._put_mark(key, mark)

    def _put(self, request: chat_pb2.ConnectRequest) -> bool:
        self.stirred.set()
        if self._unsent is None:
            return False
        self._unsent.append(request)
        self._to_write.set()
        return True


def _conversation(mark: chat_pb2.MarkRead) -> bytes:
    return mark.target.SerializeToString(deterministic=True)


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
