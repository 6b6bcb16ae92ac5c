"""The requests that the server has not answered yet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, KeysView
from dataclasses import dataclass

import grpc

from chat_grpc.client.errors import ChatError, Refused, Unreachable, from_rejected
from chat_grpc.client.requests import Request, of_log, other_log
from chat_grpc.v1 import chat_pb2

KEPT_BY_SERVER = 23 * 3600.0
"""Seconds for which a server certainly knows a `request_id`: an hour less than in the contract."""


@dataclass(slots=True)
class _Waiting:
    ordinal: int
    request: Request
    answer: asyncio.Future[chat_pb2.Sent]
    written: float | None = None
    """The time when it was first written to a stream, in seconds since 1970; None before."""


class Unanswered:
    """The unanswered requests, in the order in which they were made.

    A request stays until its answer comes, over any number of connections, also if its caller was
    cancelled: it may have been carried out already. At most `limit` are unanswered; `add` waits
    for its turn, so that a program cannot queue more than the server takes.
    """

    def __init__(self, limit: int, now: Callable[[], float] = time.time) -> None:
        """`now` gives seconds since 1970: a clock that runs while the machine sleeps."""
        self._slots = asyncio.Semaphore(limit)
        self._now = now
        self._waiting: dict[str, _Waiting] = {}
        self._failure: ChatError | None = None
        self.made = 0
        """The ordinal of the newest request, which is the number of requests made."""

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def request_ids(self) -> KeysView[str]:
        """The ids of the unanswered requests, the oldest first."""
        return self._waiting.keys()

    @property
    def requests(self) -> Iterator[Request]:
        """The unanswered requests, the oldest first."""
        return (waiting.request for waiting in self._waiting.values())

    @property
    def settled(self) -> int:
        """The highest ordinal up to which every request is answered."""
        for oldest in self._waiting.values():
            return oldest.ordinal - 1
        return self.made

    def check(self) -> None:
        """Raise the error of `fail`, if it was called."""
        if self._failure is not None:
            raise self._failure.with_traceback(None)

    def to_write(self) -> Iterator[Request]:
        """Yield the requests, the oldest first, and note that they are written to a stream."""
        for waiting in self._waiting.values():
            waiting.written = waiting.written or self._now()
            yield waiting.request

    def written(self, request: Request) -> None:
        """Note that a request is written to a stream."""
        self._waiting[request.request_id].written = self._now()

    async def add(self, request: Request) -> tuple[asyncio.Future[chat_pb2.Sent], bool]:
        """Return the future of the answer, and True if the request is new.

        Raises `Refused` if another request with the same `request_id` is unanswered, and the error
        of `fail`.
        """
        known = self._waiting.get(request.request_id)
        if known is None:
            await self._slots.acquire()
            known = self._waiting.get(request.request_id)
            if self._failure is not None or known is not None:
                self._slots.release()
        self.check()
        if known is None:
            answer: asyncio.Future[chat_pb2.Sent] = asyncio.get_running_loop().create_future()
            self.made += 1
            self._waiting[request.request_id] = _Waiting(self.made, request, answer)
            return answer, True
        if known.request != request:
            raise Refused(
                grpc.StatusCode.ALREADY_EXISTS,
                "REQUEST_ID_REUSED",
                f"The request_id {request.request_id} is in use for another request.",
            )
        return known.answer, False

    def sent(self, sent: chat_pb2.Sent) -> None:
        """Pass an answer to its caller; ignore one that nobody waits for."""
        answer = self._answered(sent.request_id)
        if answer is not None:
            answer.set_result(sent)

    def rejected(self, rejected: chat_pb2.Rejected) -> None:
        """Pass a refusal to its caller."""
        answer = self._answered(rejected.request_id)
        if answer is not None:
            _fail(answer, from_rejected(rejected.error))

    def fail(self, error: ChatError) -> None:
        """Fail every request, and those to come."""
        self._failure = error
        self._fail_where(lambda _: True, error)

    def fail_old(self) -> None:
        """Fail requests that are so old that the server may have forgotten their request_id.

        Writing them again could carry them out twice.
        """
        before = self._now() - KEPT_BY_SERVER
        self._fail_where(
            lambda waiting: waiting.written is not None and waiting.written < before,
            Unreachable("No answer came within a day. The request may have been carried out."),
        )

    def fail_of_log(self) -> None:
        """Fail the requests that name a message, because the server has another log."""
        self._fail_where(lambda waiting: of_log(waiting.request), other_log())

    def _fail_where(self, fits: Callable[[_Waiting], bool], error: ChatError) -> None:
        for request_id, waiting in list(self._waiting.items()):
            answer = self._answered(request_id) if fits(waiting) else None
            if answer is not None:
                _fail(answer, error)

    def _answered(self, request_id: str) -> asyncio.Future[chat_pb2.Sent] | None:
        known = self._waiting.pop(request_id, None)
        if known is None:
            return None
        self._slots.release()
        return known.answer


def _fail(answer: asyncio.Future[chat_pb2.Sent], error: ChatError) -> None:
    answer.set_exception(error)
    answer.exception()  # marks it as retrieved: a cancelled caller never asks for it
