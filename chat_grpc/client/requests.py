"""Requests as the contract has them, and those that wait for their answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import grpc

from chat_grpc.client.errors import ChatError, Refused, from_rejected
from chat_grpc.v1 import chat_pb2

To = int | str | None
"""A client's number, a user's name, a `#room`, or None for everyone."""

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
    if to.startswith("#"):
        return chat_pb2.Target(room=to[1:])
    return chat_pb2.Target(user=to)


def make_send(text: str, to: To, reply_to: int, request_id: str) -> chat_pb2.Send:
    """Makes a message. Raises `Refused` for what cannot be put into one."""
    try:
        return chat_pb2.Send(target=target(to), text=text, reply_to=reply_to, request_id=request_id)
    except UnicodeEncodeError as error:
        raise Refused(
            grpc.StatusCode.INVALID_ARGUMENT, "TEXT_INVALID", f"It is not Unicode: {error.reason}."
        ) from None


def check_size(send: chat_pb2.Send, limits: chat_pb2.Limits) -> None:
    """Refuses, as the server would, what must not be tried again on stream after stream."""
    size = len(send.text.encode())
    most = limits.max_text_bytes or MAX_REQUEST_BYTES
    if size > most:
        raise Refused(
            grpc.StatusCode.INVALID_ARGUMENT,
            "TEXT_TOO_LONG",
            f"The text has {size} bytes; the server takes {most}.",
            {"max_text_bytes": str(most)},
        )
    if send.ByteSize() > MAX_REQUEST_BYTES:
        raise Refused(
            grpc.StatusCode.INVALID_ARGUMENT,
            "FIELD_INVALID",
            f"The request has {send.ByteSize()} bytes; the server takes {MAX_REQUEST_BYTES}.",
        )


class Unanswered:
    """The requests that the server has not answered yet, in the order in which they were made.

    A request stays until its answer comes, over any number of connections, even where its caller
    was cancelled: it may have been carried out already. At most `limit` wait; `add` waits for the
    turn, so that a program cannot pile up more than the server takes.
    """

    def __init__(self, limit: int) -> None:
        self._slots = asyncio.Semaphore(limit)
        self._waiting: dict[str, tuple[chat_pb2.Send, asyncio.Future[chat_pb2.Sent]]] = {}
        self._failure: ChatError | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[chat_pb2.Send]:
        """Gives the requests, the oldest first."""
        return (send for send, _ in self._waiting.values())

    async def add(self, send: chat_pb2.Send) -> tuple[asyncio.Future[chat_pb2.Sent], bool]:
        """Gives the future of the answer, and whether the request is a new one.

        Raises `Refused` where another request with the same `request_id` waits, and what
        `fail` was told.
        """
        known = self._waiting.get(send.request_id)
        if known is None:
            await self._slots.acquire()
            known = self._waiting.get(send.request_id)
            if self._failure is not None or known is not None:
                self._slots.release()
        if self._failure is not None:
            raise self._failure
        if known is None:
            answer: asyncio.Future[chat_pb2.Sent] = asyncio.get_running_loop().create_future()
            self._waiting[send.request_id] = (send, answer)
            return answer, True
        if known[0] != send:
            raise Refused(
                grpc.StatusCode.ALREADY_EXISTS,
                "REQUEST_ID_REUSED",
                f"The request_id {send.request_id} is in use for another message.",
            )
        return known[1], False

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
        for request_id in list(self._waiting):
            answer = self._answered(request_id)
            if answer is not None:
                _fail(answer, error)

    def _answered(self, request_id: str) -> asyncio.Future[chat_pb2.Sent] | None:
        known = self._waiting.pop(request_id, None)
        if known is None:
            return None
        self._slots.release()
        return known[1]


def _fail(answer: asyncio.Future[chat_pb2.Sent], error: ChatError) -> None:
    answer.set_exception(error)
    answer.exception()  # a caller that was cancelled does not ask for it
