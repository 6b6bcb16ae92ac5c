"""The dispatcher: callers, first requests, and unread responses."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from app.calls import Call
from google.rpc import code_pb2, error_details_pb2, status_pb2
from support import Recorder, channel_to, eventually, running

from chat_grpc.app import dispatch
from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.core import limits
from chat_grpc.server import Server
from chat_grpc.v1 import account_pb2, chat_pb2

CHAT = "/chat_grpc.v1.ChatService/"
LIST = chat_pb2.ListClientsRequest().SerializeToString()


@pytest.fixture
async def dispatcher(server: Server) -> Dispatcher:
    """The dispatcher of a running server."""
    return server.dispatcher


def reason_of(status: status_pb2.Status | None) -> str:
    """Return the reason of a status."""
    assert status is not None
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return str(info.reason)


async def guest(dispatcher: Dispatcher, name: str) -> list[tuple[str, str]]:
    """Make a guest; return the metadata of the guest's calls."""
    call = Call(account_pb2.SignInRequest(name=name).SerializeToString())
    call.reads.set()
    assert await dispatcher.serve("/chat_grpc.v1.AccountService/SignIn", call) is None
    token = account_pb2.SignInResponse.FromString(call.responses[0]).token
    return [("authorization", f"Bearer {token}")]


async def test_a_unary_call_gets_its_response(dispatcher: Dispatcher) -> None:
    """A unary call reads one request, writes one response, and ends with OK."""
    call = Call(LIST)
    call.reads.set()
    assert await dispatcher.serve(f"{CHAT}ListClients", call) is None
    assert len(call.responses) == 1


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ((), "NOT_SIGNED_IN"),
        ([("authorization", "Bearer unknown")], "BAD_CREDENTIALS"),
        ([("authorization", "Basic eDp5")], "BAD_CREDENTIALS"),
    ],
)
async def test_a_caller_without_the_right_learns_it_before_sending(
    dispatcher: Dispatcher, metadata: list[tuple[str, str]], reason: str
) -> None:
    """A caller without the required right is refused before its first request is read."""
    call = Call(metadata=metadata, ends=False)
    assert reason_of(await dispatcher.serve(f"{CHAT}SendTo", call)) == reason


async def test_a_token_that_is_wrong_is_refused_where_none_is_needed(
    dispatcher: Dispatcher,
) -> None:
    """An invalid token is refused even where no token is required."""
    call = Call(LIST, metadata=[("authorization", "Bearer unknown")])
    assert reason_of(await dispatcher.serve(f"{CHAT}ListClients", call)) == "BAD_CREDENTIALS"


async def test_an_unexpected_exception_tells_only_an_id(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller gets only the id of an unexpected exception; the text goes to the log."""

    def parse(*_: object) -> object:
        raise OSError("/secret/path")

    monkeypatch.setattr(dispatch, "parse", parse)
    status = await dispatcher.serve(f"{CHAT}ListClients", Call(LIST))
    assert status is not None
    assert status.code == code_pb2.INTERNAL
    assert "secret" not in str(status)
    error_id = status.message.split()[-1].rstrip(".")
    assert error_id in caplog.text
    assert "/secret/path" in caplog.text


async def test_the_oldest_silent_call_of_an_address_ends_first() -> None:
    """Over the limit of calls without a request, the oldest one of the address ends, and counts.

    A call whose request is here is served, and does not count.
    """
    async with running(silent_calls_per_address=3) as server:
        dispatcher = server.dispatcher
        silent = [Call(ends=False) for _ in range(3)] + [Call(ends=False, peer="192.0.2.2")]
        calls = (dispatcher.serve(f"{CHAT}ListClients", each) for each in silent)
        served = [asyncio.create_task(each) for each in calls]
        await eventually(lambda: server.status().silent_call_count == len(silent))
        assert not any(task.done() for task in served)
        call = Call(LIST)
        call.reads.set()
        assert await dispatcher.serve(f"{CHAT}ListClients", call) is None
        assert not any(task.done() for task in served)
        fourth = Call(ends=False)
        served.append(asyncio.create_task(dispatcher.serve(f"{CHAT}ListClients", fourth)))
        await eventually(served[0].done)
        assert reason_of(served[0].result()) == "HELLO_REQUIRED"
        assert not any(task.done() for task in served[1:])
        assert server.status().refusals == {"silent_calls_per_address": 1}
        for task in served:
            task.cancel()
        await asyncio.gather(*served, return_exceptions=True)


async def test_calls_with_a_wrong_token_count_as_queries_of_their_address() -> None:
    """An address that tries tokens is refused for its rate; another address is not."""
    async with running(queries_per_second=0.1) as server:
        wrong = [("authorization", "Bearer unknown")]
        reasons = [
            reason_of(
                await server.dispatcher.serve(
                    f"{CHAT}ListRooms", Call(metadata=wrong, peer="192.0.2.1")
                )
            )
            for _ in range(10)
        ]
        assert reasons == ["BAD_CREDENTIALS"] + ["RATE_LIMITED"] * 9
        other = Call(metadata=wrong, peer="192.0.2.2")
        assert reason_of(await server.dispatcher.serve(f"{CHAT}ListRooms", other)) == (
            "BAD_CREDENTIALS"
        )
        assert server.status().refusals == {"queries_per_second": 9}


async def test_unread_responses_are_bounded_for_each_user(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user's unread responses are capped; others are served, and the memory is freed."""
    alice, bob = await guest(dispatcher, "alice"), await guest(dispatcher, "bob")
    monkeypatch.setattr(limits, "MAX_PENDING_RESPONSES", 5)
    rooms = chat_pb2.ListRoomsRequest().SerializeToString()
    unread = Call(rooms, metadata=alice)
    pending = asyncio.create_task(dispatcher.serve(f"{CHAT}ListRooms", unread))
    await eventually(lambda: dispatcher.pending_bytes > 0)
    refused = await dispatcher.serve(f"{CHAT}ListRooms", Call(rooms, metadata=alice))
    assert reason_of(refused) == "RATE_LIMITED"
    read = Call(rooms, metadata=bob)
    read.reads.set()
    assert await dispatcher.serve(f"{CHAT}ListRooms", read) is None
    unread.reads.set()
    assert await pending is None
    assert dispatcher.pending_bytes == 0


async def test_a_response_that_is_never_read_ends_its_call(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A response that the peer never reads ends its call after a time limit."""
    monkeypatch.setattr(limits, "RESPONSE_STALLED", 0.05)
    status = await dispatcher.serve(f"{CHAT}ListClients", Call(LIST))
    assert reason_of(status) == "RATE_LIMITED"
    assert dispatcher.pending_bytes == 0


async def test_a_user_has_a_limited_number_of_streams() -> None:
    """A user's streams are capped; a new stream of the same device replaces the old one."""
    async with running(streams_per_user=2) as server, Recorder(server, name="alice") as first:
        token = first.welcome.token
        async with Recorder(server, token=token, device_id="d"):
            third = Recorder(server, token=token)
            await third.hello(read=False)
            assert await third.end_reason() == "RATE_LIMITED"
            await third.__aexit__()
            async with Recorder(server, token=token, device_id="d") as again:
                assert again.welcome.client.number == first.welcome.client.number


async def test_silent_calls_take_no_places_from_streams() -> None:
    """Calls that have not identified themselves do not count as streams."""
    async with running(max_streams=1) as server, channel_to(server) as channel:
        connect: Any = channel.stream_stream(f"{CHAT}Connect")
        silent = [connect() for _ in range(5)]
        await eventually(lambda: server.status().silent_call_count == 5)
        async with Recorder(server, name="alice") as alice:
            assert alice.welcome.client.name == "alice"
        for call in silent:
            call.cancel()
