"""Every refusal has a place in the contract."""

from __future__ import annotations

import inspect

import grpc
import pytest
from google.rpc import status_pb2
from support import REASONS

from chat_grpc.core import errors
from chat_grpc.service.status import grpc_status, rejected_frame
from chat_grpc.v1 import chat_pb2

CLASSES = [
    each
    for each in vars(errors).values()
    if inspect.isclass(each) and issubclass(each, errors.ChatError) and each is not errors.ChatError
]


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_becomes_a_status_and_an_event(kind: type[errors.ChatError]) -> None:
    """Code and reason are the contract's, and both faces tell the same."""
    error = kind("A sentence.", metadata={"a": "b"}, retry_after=1.5)
    assert kind.reason in REASONS
    status = grpc_status(error)
    assert status.code in grpc.StatusCode
    assert status.code.value[0] == kind.code
    (details,) = [value for key, value in status.trailing_metadata if "status" in key]
    assert kind.reason.encode() in status_pb2.Status.FromString(details).details[0].value
    response = chat_pb2.ConnectResponse.FromString(rejected_frame("id", error, 1_500_000_000))
    told = response.events[0].rejected
    assert response.events[0].time.ToNanoseconds() == 1_500_000_000
    assert (told.request_id, told.error.code, told.error.reason) == ("id", kind.code, kind.reason)
    assert told.error.retry_after.ToMilliseconds() == 1500
    assert dict(told.error.metadata) == {"a": "b"}
