"""The errors of the SDK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2
from grpc import aio
from grpc_status import rpc_status

from chat_grpc.v1 import chat_pb2

_CODES = {code.value[0]: code for code in grpc.StatusCode}

# The statuses with which gRPC itself ends a call; a chat server adds a reason to them.
_UNREACHABLE = {
    grpc.StatusCode.UNAVAILABLE: "The connection to the server was lost.",
    grpc.StatusCode.DEADLINE_EXCEEDED: "The server did not answer in time.",
    # A call ends with this status if it reaches a server that has just stopped accepting calls.
    grpc.StatusCode.CANCELLED: "The server ended the call.",
}

# The contract of `Connect` says not to reconnect after these; UNIMPLEMENTED is not a chat server.
_FINAL = frozenset(
    {
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)

# The reasons for a token that the server does not know or that expired; not for a revoked one.
_UNKNOWN_TOKEN = frozenset({"BAD_CREDENTIALS", "TOKEN_EXPIRED"})


CLOSED = "The client is closed; create a new one."
"""The text of `Closed` after `close`, or after the end of the `async with` block."""


class ChatError(Exception):
    """The base of the SDK's errors. The text is a sentence for people."""

    retry_after: float | None = None
    """Seconds after which a retry may succeed; None if this is unknown, or a retry cannot
    succeed."""

    grpc_error: aio.AioRpcError | None = None
    """The error of gRPC behind this one, with a text for developers; None without one."""


class Closed(ChatError):
    """The client was closed, or its `async with` block was left."""


class Unreachable(ChatError):
    """The server did not answer, or not in time. The request may have been carried out."""


class NoServer(Unreachable):
    """No connection could be made, so no request was sent."""


class TlsFailed(NoServer):
    """TLS is why no connection could be made, so trying again does not help."""


class TlsUnusable(ChatError):
    """A file of `Tls` cannot be used: it cannot be read, or is not the PEM that it should be."""


class ResumeFileUnusable(ChatError):
    """The `resume_file` cannot be read or written, is damaged, or belongs to another user."""


class Refused(ChatError):
    """The server refused a request, a call, or the stream."""

    def __init__(
        self,
        code: grpc.StatusCode,
        reason: str,
        message: str,
        metadata: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        """The gRPC status, for example `NOT_FOUND`."""
        self.reason = reason
        """The reason as the contract names it, for example `USER_NOT_FOUND`."""
        self.message = message
        """A sentence for people."""
        self.metadata = dict(metadata or {})
        """The values in the message, by name."""
        self.retry_after = retry_after

    @property
    def final(self) -> bool:
        """True if the client does not reconnect after a stream that ended with this error."""
        return self.code in _FINAL

    @property
    def rate_limited(self) -> bool:
        """True if nothing was carried out because of a rate: the request can be sent again."""
        return self.reason == "RATE_LIMITED" and "limit" in self.metadata and bool(self.retry_after)

    @property
    def token_unknown(self) -> bool:
        """True if the server does not know the token, or it expired."""
        return self.reason in _UNKNOWN_TOKEN


class UserChanged(Refused):
    """Another user has the name of a conversation now (`USER_CHANGED`). Nothing was sent.

    Send to `client_number` to write to the new user, to `previous_number` to write to the old one.
    """

    @property
    def user(self) -> str:
        """The name."""
        return self.metadata.get("user", "")

    @property
    def client_number(self) -> int:
        """The number of the user who has the name now; 0 if the server did not say."""
        return _number(self.metadata.get("client_number", ""))

    @property
    def previous_number(self) -> int:
        """The number of the user of the conversation; 0 if the server did not say."""
        return _number(self.metadata.get("previous_number", ""))

    @classmethod
    def of(cls, user: str, client_number: int, previous_number: int) -> Self:
        """Return the error for a name that the client itself saw change."""
        return cls(
            grpc.StatusCode.FAILED_PRECONDITION,
            "USER_CHANGED",
            f"The name {user} belongs to user {client_number} now; your conversation is with user "
            f"{previous_number}. Send to one of these numbers.",
            {
                "user": user,
                "client_number": str(client_number),
                "previous_number": str(previous_number),
            },
        )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0


_TYPES: dict[str, type[Refused]] = {"USER_CHANGED": UserChanged}
"""The reasons that have a class of their own."""


def refused(
    code: grpc.StatusCode,
    reason: str,
    message: str,
    metadata: Mapping[str, str] | None = None,
    retry_after: float | None = None,
) -> Refused:
    """Return the error for a reason."""
    return _TYPES.get(reason, Refused)(code, reason, message, metadata, retry_after)


def from_rejected(error: chat_pb2.RequestError) -> Refused:
    """Return the error of a request that the stream rejected."""
    retry = error.retry_after.ToMilliseconds() / 1000 if error.HasField("retry_after") else None
    code = _CODES.get(error.code, grpc.StatusCode.UNKNOWN)
    return refused(code, error.reason, error.message, error.metadata, retry)


def from_call(error: aio.AioRpcError) -> ChatError:
    """Return the error of a call that ended: `Unreachable` if no chat server answered it.

    gRPC's own text is for developers: it is in `grpc_error`, not in the message.
    """
    made = _from_call(error)
    # Without its traceback, whose frames would keep the call and the connection.
    made.grpc_error = error.with_traceback(None)
    return made


def _from_call(error: aio.AioRpcError) -> ChatError:
    try:
        reason, metadata, retry = _details(error)
    except (ValueError, DecodeError):  # the details contradict the status: not from our server
        reason, metadata, retry = "", {}, None
    code = error.code()
    if reason:
        return refused(code, reason, error.details() or code.name, metadata, retry)
    if code in _UNREACHABLE:
        return Unreachable(_UNREACHABLE[code])
    return Refused(code, "", f"The server did not answer as a chat server does ({code.name}).")


def _details(error: aio.AioRpcError) -> tuple[str, dict[str, str], float | None]:
    reason, metadata, retry = "", {}, None
    status = rpc_status.from_call(error)
    for detail in status.details if status is not None else ():
        info, delay = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(delay):
            retry = delay.retry_delay.ToMilliseconds() / 1000
    return reason, metadata, retry
