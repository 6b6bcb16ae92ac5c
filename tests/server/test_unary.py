"""The unary methods, and the limits around them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from support import LOBBY, REASONS, UNIT, Recorder, channel_to, eventually, reason_of, running

from chat_grpc.app.methods import SERVICES
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2, chat_pb2_grpc

METHODS = [
    (service, method)
    for service in SERVICES
    for method in service.methods
    if not method.client_streaming
]


async def test_this_module_runs_on_the_transport_of_its_parameter(
    request: pytest.FixtureRequest, server: Server
) -> None:
    """The list in `conftest.py` has an effect."""
    assert server.config.transport == request.node.callspec.params["transport"]


async def test_clients_are_listed_by_rising_number(server: Server) -> None:
    """All pages of the list have the connected clients by rising number, without a token."""
    async with channel_to(server) as channel:
        stub = chat_pb2_grpc.ChatServiceStub(channel)
        clients = [Recorder(server, name=f"user{n}") for n in range(5)]
        for client in clients:
            await client.hello()
        seen: list[int] = []
        token, pages = "", 0
        while pages == 0 or token:
            request = chat_pb2.ListClientsRequest(page_size=2, page_token=token, room="lobby")
            page = await stub.ListClients(request)
            assert page.total_count == 5
            seen += [client.number for client in page.clients]
            token, pages = page.next_page_token, pages + 1
        assert (seen, pages) == ([1, 2, 3, 4, 5], 3)
        for client in clients:
            await client.__aexit__()
        await eventually(lambda: server.stream_count == 0)
        assert (await stub.ListClients(chat_pb2.ListClientsRequest())).total_count == 0


@pytest.mark.parametrize(
    ("request_", "code", "reason"),
    [
        ({"page_size": -1}, grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID"),
        ({"page_token": "x"}, grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"),
        ({"page_token": "ä"}, grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"),
        ({"room": "cellar"}, grpc.StatusCode.NOT_FOUND, "ROOM_NOT_FOUND"),
    ],
)
async def test_bad_list_requests_are_refused(
    server: Server, request_: dict[str, Any], code: grpc.StatusCode, reason: str
) -> None:
    """Each bad request has its status and reason."""
    async with channel_to(server) as channel:
        stub = chat_pb2_grpc.ChatServiceStub(channel)
        with pytest.raises(aio.AioRpcError) as error:
            await stub.ListClients(chat_pb2.ListClientsRequest(**request_))
        assert (error.value.code(), reason_of(error.value)) == (code, reason)


async def test_send_to_needs_a_token_and_says_so_before_it_reads(server: Server) -> None:
    """A call without a token is refused before its request has been sent."""
    async with channel_to(server) as channel:
        call: Any = channel.stream_stream("/chat_grpc.v1.ChatService/SendTo")()
        assert await asyncio.wait_for(call.code(), 5 * UNIT) is grpc.StatusCode.UNAUTHENTICATED
        for metadata in ((("authorization", "Basic x"),), (("authorization", "Bearer nobody"),)):
            stub = chat_pb2_grpc.ChatServiceStub(channel)
            with pytest.raises(aio.AioRpcError) as error:
                await stub.SendTo(chat_pb2.SendToRequest(target=LOBBY, text="x"), metadata=metadata)
            assert reason_of(error.value) == "BAD_CREDENTIALS"


@pytest.mark.parametrize(("service", "method"), METHODS, ids=lambda each: each.name)
async def test_every_method_of_the_contract_answers(
    server: Server, service: ServiceDescriptor, method: MethodDescriptor
) -> None:
    """A method that is not served yet answers with a reason of the contract."""
    async with Recorder(server, name="alice") as alice, channel_to(server) as channel:
        token = (("authorization", f"Bearer {alice.welcome.token}"),)
        ask: Any = channel.unary_unary(f"/{service.full_name}/{method.name}")
        call = ask(b"", metadata=token)
        code = await call.code()
        row = next(m for m in server.methods if m.name == f"{service.name}.{method.name}")
        # Of an admin method a guest does not learn more.
        assert (code is grpc.StatusCode.UNIMPLEMENTED) != row.served
        if not row.served:
            assert method.name in await call.details()
            with pytest.raises(aio.AioRpcError) as error:
                await call
            assert reason_of(error.value) in REASONS


async def test_every_method_but_two_needs_a_token(server: Server) -> None:
    """Every method of the chat needs a token, except `Connect` and `ListClients`."""
    async with channel_to(server) as channel:
        for service, method in METHODS:
            if service.name != "ChatService" or method.name == "ListClients":
                continue
            call: Any = channel.unary_unary(f"/{service.full_name}/{method.name}")
            with pytest.raises(aio.AioRpcError) as error:
                await call(b"")
            assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
            assert reason_of(error.value) == "NOT_SIGNED_IN"


async def test_the_first_request_must_come_in_time() -> None:
    """A call of any kind that sends no request ends with `DEADLINE_EXCEEDED`."""
    async with running(first_request=0.3) as server, channel_to(server) as channel:
        for method in (
            "chat_grpc.v1.ChatService/Connect",
            "chat_grpc.v1.ChatService/ListClients",
            "grpc.health.v1.Health/Check",
            "grpc.health.v1.Health/Watch",
        ):
            call: Any = channel.stream_stream(f"/{method}")()
            code = await asyncio.wait_for(call.code(), 5 * UNIT)
            assert code is grpc.StatusCode.DEADLINE_EXCEEDED, method
        await eventually(lambda: server.stream_count == 0)


async def test_the_stream_over_the_limit_is_refused_and_calls_still_work() -> None:
    """A stream over the limit gets `SERVER_FULL` at once; unary calls and health are answered."""
    async with running(max_streams=3) as server, channel_to(server) as channel:
        clients = [Recorder(server, name=f"user{n}") for n in range(3)]
        for client in clients:
            await client.hello()
        start = time.monotonic()
        over = Recorder(server, name="over")
        await over.hello(read=False)
        assert await over.ended() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert await over.end_reason() == "SERVER_FULL"
        assert time.monotonic() - start < 2 * UNIT
        stub = chat_pb2_grpc.ChatServiceStub(channel)
        assert (await stub.ListClients(chat_pb2.ListClientsRequest())).total_count == 3
        health = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
        assert health.status == health_pb2.HealthCheckResponse.SERVING
        await clients[0].__aexit__()
        await eventually(lambda: server.stream_count == 2)
        async with Recorder(server, name="next") as joined:
            assert joined.welcome.client.number > 0
        for client in [over, *clients[1:]]:
            await client.__aexit__()


async def test_a_request_over_the_size_limit_ends_that_call_only(server: Server) -> None:
    """A request over 64 KiB ends its call; the connection continues."""
    async with Recorder(server, name="alice") as alice, Recorder(server, name="bob") as bob:
        await bob.send("x" * 70_000)
        assert await bob.ended() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert (await alice.sent("still here")).sequence > 0


async def test_draining_tells_streams_to_go_away_and_then_ends_them() -> None:
    """Draining sends `go_away`, then `UNAVAILABLE` with `DRAINING`, each within its time."""
    server_context = running()
    server = await server_context.__aenter__()
    async with Recorder(server, name="alice") as alice:
        stopping = asyncio.create_task(server.stop(grace=0.5))
        await eventually(lambda: alice.of("go_away"))
        late = Recorder(server, name="late")
        assert await alice.ended() is grpc.StatusCode.UNAVAILABLE
        assert await alice.end_reason() == "DRAINING"
        await late.__aexit__()
        await stopping


async def test_the_list_follows_every_stream(server: Server) -> None:
    """A client is listed with its current streams, however often it was listed before."""
    async with channel_to(server) as channel, Recorder(server, name="alice", agent="one") as alice:
        stub: Any = chat_pb2_grpc.ChatServiceStub(channel)

        async def listed() -> tuple[int, str]:
            [client] = (await stub.ListClients(chat_pb2.ListClientsRequest())).clients
            return client.stream_count, client.agent

        assert await listed() == (1, "one")
        async with Recorder(server, token=alice.welcome.token, agent="two"):
            assert await listed() == (2, "two")
        await eventually(lambda: server.stream_count == 1)
        assert await listed() == (1, "one")
