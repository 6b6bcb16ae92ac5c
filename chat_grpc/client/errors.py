"""What can go wrong for a client."""

from __future__ import annotations

from collections.abc import Mapping

import grpc
from google.rpc import error_details_pb2
from grpc import aio
from grpc_status import rpc_status

from chat_grpc.v1 import chat_pb2

_CODES = {code.value[0]: code for code in grpc.StatusCode}


class ChatError(Exception):
    """Anything that the SDK raises about the chat."""


class Closed(ChatError):
    """The client was closed, or its `async with` block left, before the answer came."""


class Unreachable(ChatError):
    """No server answers there, or it did not in time."""


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
        """Seconds after which trying again can help; None where it cannot."""


def from_rejected(error: chat_pb2.RequestError) -> Refused:
    """Makes the error of a request that the stream rejected."""
    retry = error.retry_after.ToMilliseconds() / 1000 if error.HasField("retry_after") else None
    code = _CODES.get(error.code, grpc.StatusCode.UNKNOWN)
    return Refused(code, error.reason, error.message, error.metadata, retry)


def from_call(error: aio.AioRpcError) -> ChatError:
    """Makes the error of a call that ended; `Unreachable` where it never came to a server."""
    reason, metadata, retry = "", {}, None
    try:
        status = rpc_status.from_call(error)
    except ValueError:  # the details contradict the status: they are not from our server
        status = None
    for detail in status.details if status is not None else ():
        info, delay = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(delay):
            retry = delay.retry_delay.ToMilliseconds() / 1000
    if error.code() is grpc.StatusCode.UNAVAILABLE and not reason:
        return Unreachable(error.details() or "the server cannot be reached")
    return Refused(error.code(), reason, error.details() or error.code().name, metadata, retry)
