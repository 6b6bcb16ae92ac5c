"""Every error is a reason of the contract."""

from __future__ import annotations

import inspect

import grpc
import pytest
from support import REASONS

from chat_grpc.app.status import encode_rejected, status_of
from chat_grpc.core import errors
from chat_grpc.v1 import chat_pb2

CLASSES = [
    each
    for each in vars(errors).values()
    if inspect.isclass(each) and issubclass(each, errors.ChatError) and each is not errors.ChatError
]


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_becomes_a_status_and_an_event(kind: type[errors.ChatError]) -> None:
    """Code and reason are the contract's, and equal in the status and in the event."""
    error = kind("A sentence.", metadata={"a": "b"}, retry_after=1.5)
    assert kind.reason in REASONS
    status = status_of(error)
    assert status.code == kind.code
    assert kind.code in {code.value[0] for code in grpc.StatusCode}
    assert kind.reason.encode() in status.details[0].value
    response = chat_pb2.ConnectResponse.FromString(encode_rejected("id", error, 1_500_000_000))
    told = response.events[0].rejected
    assert response.events[0].time.ToNanoseconds() == 1_500_000_000
    assert (told.request_id, told.error.code, told.error.reason) == ("id", kind.code, kind.reason)
    assert told.error.retry_after.ToMilliseconds() == 1500
    assert dict(told.error.metadata) == {"a": "b"}
