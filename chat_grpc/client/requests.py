"""Requests of the contract, made from the arguments of a program."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from chat_grpc.client.arguments import MessageRef, Recipient, message_sequence
from chat_grpc.client.errors import Refused
from chat_grpc.v1 import chat_pb2

Request = chat_pb2.Send | chat_pb2.Edit | chat_pb2.DeleteMessage | chat_pb2.React
"""A request that the stream answers by `sent` or `rejected`."""

MAX_REQUEST_BYTES = 60 * 1024
"""The server ends a stream that sends a request of over 64 KiB, and would at each retry."""


def target(to: Recipient) -> chat_pb2.Target:
    """Return the target of a message. Raises `Refused` for a number that no client can have."""
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


def sequence_of(message: MessageRef, argument: str = "message") -> int:
    """Return the sequence of a message. Raises `Refused` for one that no message can have.

    Raises `TypeError` or `ValueError`, which names the `argument`, for a value that is no message.
    """
    number = message_sequence(message, argument)
    if not 0 < number < 2**63:
        raise Refused(
            grpc.StatusCode.NOT_FOUND, "MESSAGE_NOT_FOUND", f"There is no message {number}."
        )
    return number


@contextmanager
def unicode_only() -> Iterator[None]:
    """Raise `Refused` if the block puts a text into a request that is not valid Unicode."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise Refused(
            grpc.StatusCode.INVALID_ARGUMENT,
            "TEXT_INVALID",
            f"The text is not valid Unicode: {error.reason}.",
        ) from None


def make_send(
    text: str, to: Recipient, reply_to: MessageRef, request_id: str | None
) -> chat_pb2.Send:
    """Return a message, with a new request_id if none is given.

    Raises `Refused` for a value that does not fit into the request.
    """
    with unicode_only():
        return chat_pb2.Send(
            target=target(to),
            text=text,
            reply_to=0 if reply_to == 0 else sequence_of(reply_to, "reply_to"),
            request_id=request_id or uuid.uuid4().hex,
        )


def make_edit(message: MessageRef, text: str, request_id: str | None) -> chat_pb2.Edit:
    """Return the request for a new text of a message, as `make_send` does."""
    with unicode_only():
        return chat_pb2.Edit(
            target_sequence=sequence_of(message),
            text=text,
            request_id=request_id or uuid.uuid4().hex,
        )


def make_delete(message: MessageRef, request_id: str | None) -> chat_pb2.DeleteMessage:
    """Return the request to delete a message, as `make_send` does."""
    with unicode_only():
        return chat_pb2.DeleteMessage(
            target_sequence=sequence_of(message), request_id=request_id or uuid.uuid4().hex
        )


def make_react(
    message: MessageRef, emoji: str, request_id: str | None, *, remove: bool
) -> chat_pb2.React:
    """Return the request for a reaction, as `make_send` does."""
    with unicode_only():
        return chat_pb2.React(
            target_sequence=sequence_of(message),
            emoji=emoji,
            remove=remove,
            request_id=request_id or uuid.uuid4().hex,
        )


def check_size(request: Request, limits: chat_pb2.Limits) -> None:
    """Raise `Refused`, as the server does, for a request that is too large.

    Sending it would end stream after stream.
    """
    if isinstance(request, chat_pb2.Send | chat_pb2.Edit):
        size = len(request.text.encode())
        most = limits.max_text_bytes or MAX_REQUEST_BYTES
        if size > most:
            raise Refused(
                grpc.StatusCode.INVALID_ARGUMENT,
                "TEXT_TOO_LONG",
                f"The text has {size} bytes; at most {most} are allowed.",
                {"max_text_bytes": str(most)},
            )
    if request.ByteSize() > MAX_REQUEST_BYTES:
        raise Refused(
            grpc.StatusCode.INVALID_ARGUMENT,
            "FIELD_INVALID",
            f"The request has {request.ByteSize()} bytes; at most {MAX_REQUEST_BYTES} are allowed.",
        )


def of_log(request: Request) -> bool:
    """Return True if a request names a message by its sequence, which only one log knows."""
    return not isinstance(request, chat_pb2.Send) or request.reply_to != 0


def other_log() -> Refused:
    """Return the error for a message of a log that the server no longer has."""
    return Refused(
        grpc.StatusCode.NOT_FOUND,
        "MESSAGE_NOT_FOUND",
        "The server has another log now, which does not have the message.",
    )
