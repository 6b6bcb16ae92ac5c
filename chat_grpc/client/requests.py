"""Requests as the contract has them, and those that wait for their answer."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import grpc

from chat_grpc.client.errors import ChatError, Refused, Unreachable, from_rejected
from chat_grpc.v1 import chat_pb2

To = int | str | None
"""A client's number, a user's name, a `#room`, or None for everyone."""

Request = chat_pb2.Send | chat_pb2.Edit | chat_pb2.DeleteMessage | chat_pb2.React
"""What the stream answers by `sent` or `rejected`."""

KEPT_BY_SERVER = 23 * 3600.0
"""Seconds for which a server surely knows a `request_id`: the contract has an hour more."""

MAX_REQUEST_BYTES = 60 * 1024
"""A server ends a stream that sends more than 64 KiB at once, and would do so at each retry."""


def target(to: To) -> chat_pb2.Target:
    """Makes the target of a message. Raises `Refused` for a number that no client can have."""
    if to is None:
        return chat_pb2.Target(room="lobby")
    if isinstance(to, int):
        if not 0 < to < 2**31:
            raise Refused(
                grpc.StatusCode.NOT_FOUND,
                "CLIENT_NOT_FOUND",
                f"There is no client {to}.",
                {"client_number": str(to)},
            )
        return chat_pb2.Target(client_number=to)
    with unicode_only():
        if to.startswith("#"):
            return chat_pb2.Target(room=to[1:])
        return chat_pb2.Target(user=to)


def sequence_of(number: int) -> int:
    """Gives a sequence back. Raises `Refused` for one that no message can have."""
    if not 0 < number < 2**63:
        raise Refused(
            grpc.StatusCode.NOT_FOUND, "MESSAGE_NOT_FOUND", f"There is no message {number}."
        )
    return number


@contextmanager
def unicode_only() -> Iterator[None]:
    """Raises `Refused` where a text is put into a request that is none."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise Refused(
            grpc.StatusCode.INVALID_ARGUMENT, "TEXT_INVALID", f"It is not Unicode: {error.reason}."
        ) from None


def make_send(text: str, to: To, reply_to: int, request_id: str | None) -> chat_pb2.Send:
    """Makes a message, and a request_id where none is given.

    Raises `Refused` for what cannot be put into one.
    """
    with unicode_only():
        return chat_pb2.Send(
            target=target(to),
            text=text,
            reply_to=sequence_of(reply_to) if reply_to else 0,
            request_id=request_id or uuid.uuid4().hex,
        )


def make_edit(sequence: int, text: str, request_id: str | None) -> chat_pb2.Edit:
    """Makes a new text for a message, like `make_send`."""
    with unicode_only():
        return chat_pb2.Edit(
            target_sequence=sequence_of(sequence),
            text=text,
            request_id=request_id or uuid.uuid4().hex,
        )


def make_delete(sequence: int, request_id: str | None) -> chat_pb2.DeleteMessage:
    """Makes the deletion of a message, like `make_send`."""
    with unicode_only():
        return chat_pb2.DeleteMessage(
            target_sequence=sequence_of(sequence), request_id=request_id or uuid.uuid4().hex
        )


def make_react(
    sequence: int, emoji: str, request_id: str | None, *, remove: bool
) -> chat_pb2.React:
    """Makes a reaction, like `make_send`."""
    with unicode_only():
        return chat_pb2.React(
            target_sequence=sequence_of(sequence),
            emoji=emoji,
            remove=remove,
            request_id=request_id or uuid.uuid4().hex,
        )


def check_size(request: Request, limits: chat_pb2.Limits) -> None:
    """Refuses, as the server would, what must not be tried again on stream after stream."""
    if isinstance(request, chat_pb2.Send | chat_pb2.Edit):
        size = len(request.text.encode())
        most = limits.max_text_bytes or MAX_REQUEST_BYTES
        if size > most:
            raise Refused(
                grpc.StatusCode.INVALID_ARGUMENT,
                "TEXT_TOO_LONG",
                f"The text has {size} bytes; the server takes {most}.",
                {"max_text_bytes": str(most)},
            )
    if request.ByteSize() > MAX_REQUEST_BYTES:
        raise Refused(
            grpc.StatusCode.INVALID_ARGUMENT,
            "FIELD_INVALID",
            f"The request has {request.ByteSize()} bytes; the server takes {MAX_REQUEST_BYTES}.",
        )


def of_log(request: Request) -> bool:
    """Tells whether a request names a message by its sequence, which only one log knows."""
    return not isinstance(request, chat_pb2.Send) or request.reply_to != 0


def other_log() -> Refused:
    """Makes the error of a request for a message of a log that the server has no more."""
    return Refused(
        grpc.StatusCode.NOT_FOUND,
        "MESSAGE_NOT_FOUND",
        "The server came back with another log: the message is not in it.",
    )


@dataclass(slots=True)
class _Waiting:
    ordinal: int
    request: Request
    answer: asyncio.Future[chat_pb2.Sent]
    written: float | None = None
    """When a stream was first to carry it, in seconds since 1970; None while none was."""


class Unanswered:
    """The requests that the server has not answered yet, in the order in which they were made.

    A request stays until its answer comes, over any number of connections, even where its caller
    was cancelled: it may have been carried out already. At most `limit` wait; `add` waits for the
    turn, so that a program cannot pile up more than the server takes.
    """

    def __init__(self, limit: int, now: Callable[[], float] = time.time) -> None:
        """`now` gives seconds since 1970: a clock that goes on while the machine sleeps."""
        self._slots = asyncio.Semaphore(limit)
        self._now = now
        self._waiting: dict[str, _Waiting] = {}
        self._failure: ChatError | None = None
        self.made = 0
        """How many requests were made so far: the ordinal of the newest."""

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def settled(self) -> int:
        """Every request up to this ordinal was answered."""
        for oldest in self._waiting.values():
            return oldest.ordinal - 1
        return self.made

    def check(self) -> None:
        """Raises what `fail` was told, if it was."""
        if self._failure is not None:
            raise self._failure.with_traceback(None)

    def to_write(self) -> Iterator[Request]:
        """Gives the requests, the oldest first, and notes that a stream is to carry them."""
        for waiting in self._waiting.values():
            waiting.written = waiting.written or self._now()
            yield waiting.request

    def written(self, request: Request) -> None:
        """Notes that a stream is to carry a request."""
        self._waiting[request.request_id].written = self._now()

    async def add(self, request: Request) -> tuple[asyncio.Future[chat_pb2.Sent], bool]:
        """Gives the future of the answer, and whether the request is a new one.

        Raises `Refused` where another request with the same `request_id` waits, and what
        `fail` was told.
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
        """Hands an answer to whoever waits for it; one that nobody waits for is ignored."""
        answer = self._answered(sent.request_id)
        if answer is not None:
            answer.set_result(sent)

    def rejected(self, rejected: chat_pb2.Rejected) -> None:
        """Hands a refusal to whoever waits for it."""
        answer = self._answered(rejected.request_id)
        if answer is not None:
            _fail(answer, from_rejected(rejected.error))

    def fail(self, error: ChatError) -> None:
        """Fails every request, those to come too."""
        self._failure = error
        self._fail_where(lambda _: True, error)

    def fail_old(self) -> None:
        """Fails what was written so long ago that the server may have forgotten the request_id.

        To write it again might do it twice.
        """
        before = self._now() - KEPT_BY_SERVER
        self._fail_where(
            lambda waiting: waiting.written is not None and waiting.written < before,
            Unreachable("no answer came within a day; it may have been carried out, or not"),
        )

    def fail_of_log(self) -> None:
        """Fails the requests that name a message, because the server has another log."""
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
    answer.exception()  # a caller that was cancelled does not ask for it
