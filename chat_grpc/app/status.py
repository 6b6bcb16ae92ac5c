"""Errors of the chat as a status or a `rejected` event. No other module does this."""

from __future__ import annotations

from google.protobuf import any_pb2, duration_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

from chat_grpc.core.errors import ChatError
from chat_grpc.core.events import encode
from chat_grpc.v1 import chat_pb2

DOMAIN = "chat_grpc"


def status_of(error: ChatError) -> status_pb2.Status:
    """Return the status of a call that an error ended, with one `ErrorInfo`."""
    details = [
        error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    ]
    return _status(error.code, error.message, details, error.retry_after)


def internal_status(error_id: str) -> status_pb2.Status:
    """Return the status of a call that a defect ended. The log has the details under the id."""
    info = error_details_pb2.ErrorInfo(
        reason="INTERNAL", domain=DOMAIN, metadata={"error_id": error_id}
    )
    return _status(code_pb2.INTERNAL, f"Internal error, id {error_id}.", [info], None)


def _status(
    code: int,
    message: str,
    details: list[error_details_pb2.ErrorInfo],
    retry_after: float | None,
) -> status_pb2.Status:
    packed = []
    for info in details:
        packed.append(any_pb2.Any())
        packed[-1].Pack(info)
    if retry_after is not None:
        retry = error_details_pb2.RetryInfo(retry_delay=duration(retry_after))
        packed.append(any_pb2.Any())
        packed[-1].Pack(retry)
    return status_pb2.Status(code=code, message=message, details=packed)


def encode_rejected(request_id: str, error: ChatError, nanoseconds: int) -> bytes:
    """Encode the `rejected` event that answers a refused request of a stream.

    `nanoseconds` is the time at which the request was taken, since 1970.
    """
    told = chat_pb2.RequestError(
        code=error.code, reason=error.reason, message=error.message, metadata=error.metadata
    )
    if error.retry_after is not None:
        told.retry_after.CopyFrom(duration(error.retry_after))
    event = chat_pb2.Event(rejected=chat_pb2.Rejected(request_id=request_id, error=told))
    event.time.FromNanoseconds(nanoseconds)
    return encode(event)


def duration(seconds: float) -> duration_pb2.Duration:
    """Return a `Duration`, rounded to milliseconds."""
    made = duration_pb2.Duration()
    made.FromMilliseconds(round(seconds * 1000))
    return made
