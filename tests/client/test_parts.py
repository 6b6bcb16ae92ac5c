"""The parts of the SDK that need no connection."""

from __future__ import annotations

import grpc
import pytest

from chat_grpc.client import Refused
from chat_grpc.client.backoff import Backoff
from chat_grpc.client.errors import from_rejected
from chat_grpc.client.requests import make_send
from chat_grpc.client.requests import target as target_of
from chat_grpc.v1 import chat_pb2


def test_targets() -> None:
    """A number, a name, a room and None each become the target that they mean."""
    assert target_of(3) == chat_pb2.Target(client_number=3)
    assert target_of("bob") == chat_pb2.Target(user="bob")
    assert target_of("#ops") == chat_pb2.Target(room="ops")
    assert target_of(None) == chat_pb2.Target(room="lobby")


@pytest.mark.parametrize("number", [0, -1, 2**31, 10**12])
def test_impossible_number(number: int) -> None:
    """An impossible number is refused like an unknown one."""
    with pytest.raises(Refused) as caught:
        target_of(number)
    assert (caught.value.code, caught.value.reason) == (
        grpc.StatusCode.NOT_FOUND,
        "CLIENT_NOT_FOUND",
    )


def test_text_that_is_not_unicode() -> None:
    """A text with a lone surrogate is refused instead of crashing the encoder."""
    with pytest.raises(Refused) as caught:
        make_send("a\udc80", None, 0, "r")
    assert caught.value.reason == "TEXT_INVALID"


def test_backoff_bounds() -> None:
    """The bound doubles from the base to the cap, and a success resets it."""
    bounds: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    backoff = Backoff(0.5, 5.0, uniform)
    assert [backoff.next() for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert {low for low, _ in bounds} == {0.0}
    backoff.reset()
    assert backoff.next() == 0.5


def test_backoff_is_random() -> None:
    """Two clients do not wait equally long, and never longer than the cap."""
    waits = [wait for _ in range(50) for wait in [Backoff(0.5, 5.0).next()]]
    assert len(set(waits)) > 40
    assert all(0 <= wait <= 0.5 for wait in waits)


def test_backoff_takes_what_the_server_asks() -> None:
    """The wait is never shorter than what the server asked for, even over the cap."""
    assert Backoff(0.5, 5.0, lambda _, most: most).next(at_least=30.0) == 30.0
    assert Backoff(0.5, 5.0, lambda _, most: most).next(at_least=0.1) == 0.5


async def test_backoff_sleeps() -> None:
    """A wait sleeps for its random time."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    await Backoff(0.5, 5.0, lambda _, most: most, sleep).wait(2.0)
    assert slept == [2.0]


def test_rejected_becomes_refused() -> None:
    """A rejected request gives code, reason, text, values and the time to wait."""
    error = chat_pb2.RequestError(
        code=8, reason="RATE_LIMITED", message="Slowly.", metadata={"rate": "5"}
    )
    error.retry_after.FromMilliseconds(1500)
    refused = from_rejected(error)
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (refused.reason, refused.message, str(refused)) == ("RATE_LIMITED", "Slowly.", "Slowly.")
    assert (refused.metadata, refused.retry_after) == ({"rate": "5"}, 1.5)


def test_rejected_with_a_code_to_come() -> None:
    """An unknown status code still gives a refusal."""
    assert from_rejected(chat_pb2.RequestError(code=99)).code is grpc.StatusCode.UNKNOWN
