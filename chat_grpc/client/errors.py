"""What can go wrong for a client."""

from __future__ import annotations

from collections.abc import Mapping

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2
from grpc import aio
from grpc_status import rpc_status

from chat_grpc.v1 import chat_pb2

_CODES = {code.value[0]: code for code in grpc.StatusCode}

# What gRPC itself says where no server answers; ours gives a reason along with them.
_NO_ANSWER = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        # Of a call that reaches a server which has just stopped taking any.
        grpc.StatusCode.CANCELLED,
    }
)

# What `Connect` in the contract says not to reconnect after; and no chat server is no chat server.
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

# What a server says of a token that it does not know (any more); not of one that was revoked.
_UNKNOWN_TOKEN = frozenset({"BAD_CREDENTIALS", "TOKEN_EXPIRED"})


class ChatError(Exception):
    """Anything that the SDK raises about the chat."""

    retry_after: float | None = None
    """Seconds after which trying again can help; None where nobody knows, or it cannot."""


class Closed(ChatError):
    """The client was closed, or its `async with` block left, before the answer came."""


class Unreachable(ChatError):
    """No server answers there, or it did not in time: what was asked for may have been done."""


class ResumeFileUnusable(ChatError):
    """The `resume_file` cannot be read or written, is damaged, or belongs to somebody else."""


class Refused(ChatError):
    """The server said no."""

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
        """The stable name of the contract, for example `USER_NOT_FOUND`."""
        self.message = message
        """A sentence for people."""
        self.metadata = dict(metadata or {})
        """The values that the message speaks of."""
        self.retry_after = retry_after

    @property
    def final(self) -> bool:
        """True where the stream is not opened again after it ended with this."""
        return self.code in _FINAL

    @property
    def token_unknown(self) -> bool:
        """True where the server does not know the token, or not any more."""
        return self.reason in _UNKNOWN_TOKEN


def from_rejected(error: chat_pb2.RequestError) -> Refused:
    """Makes the error of a request that the stream rejected."""
    retry = error.retry_after.ToMilliseconds() / 1000 if error.HasField("retry_after") else None
    code = _CODES.get(error.code, grpc.StatusCode.UNKNOWN)
    return Refused(code, error.reason, error.message, error.metadata, retry)


def from_call(error: aio.AioRpcError) -> ChatError:
    """Makes the error of a call that ended; `Unreachable` where it never came to a server."""
    try:
        reason, metadata, retry = _details(error)
    except (ValueError, DecodeError):  # the details contradict the status: not from our server
        reason, metadata, retry = "", {}, None
    message = error.details() or error.code().name
    if error.code() in _NO_ANSWER and not reason:
        return Unreachable(message)
    return Refused(error.code(), reason, message, metadata, retry)


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
