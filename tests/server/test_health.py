"""The health service: its states, and the cost of watchers."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import grpc
import pytest
from app.calls import Call
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from support import Recorder, channel_to, eventually, reason_of

from chat_grpc.app.first_requests import FirstRequests
from chat_grpc.app.health import Health
from chat_grpc.app.side_streams import SideStreams
from chat_grpc.core.caller import Caller
from chat_grpc.core.quotas import Quota, Quotas
from chat_grpc.server import WRITING, Server

States = health_pb2.HealthCheckResponse


def watch(health: Health, name: str = "") -> tuple[Call, asyncio.Task[None]]:
    """Watch a service."""
    call = Call(health_pb2.HealthCheckRequest(service=name).SerializeToString())
    return call, asyncio.create_task(health.watch(call, Caller(peer=call.peer)))


def seen(call: Call) -> list[int]:
    """Return the states that a watcher has read."""
    return [States.FromString(response).status for response in call.responses]


def health_service() -> Health:
    """A health service of its own."""
    quotas = Quotas(Quota(), time.monotonic)
    return Health(FirstRequests(5, quotas), SideStreams(quotas))


async def test_a_watcher_that_does_not_read_delays_no_other() -> None:
    """A watcher that does not read delays no other, and later gets the newest state."""
    health = health_service()
    health.set([""], serving=True)
    (stalled, first), (reading, second) = watch(health), watch(health)
    reading.reads.set()
    await eventually(lambda: seen(reading) == [States.SERVING])
    health.set([""], serving=False)
    await eventually(lambda: seen(reading) == [States.SERVING, States.NOT_SERVING])
    stalled.reads.set()
    await eventually(lambda: seen(stalled) == [States.SERVING, States.NOT_SERVING])
    for task in (first, second):
        task.cancel()
    await asyncio.gather(first, second, return_exceptions=True)


async def test_one_watcher_that_leaves_takes_nothing_from_the_others() -> None:
    """After one watcher leaves, the others are told of the next change."""
    health = health_service()
    health.set(["a"], serving=True)
    (leaving, first), (staying, second) = watch(health, "a"), watch(health, "a")
    leaving.reads.set()
    staying.reads.set()
    await eventually(lambda: seen(staying))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    health.set(["a"], serving=False)
    await eventually(lambda: seen(staying) == [States.SERVING, States.NOT_SERVING])
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)


async def test_check_and_watch_of_a_server(server: Server) -> None:
    """Check and Watch know the server's services; others are NOT_FOUND or SERVICE_UNKNOWN."""
    async with channel_to(server) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        for name in ("", WRITING, "chat_grpc.v1.ChatService"):
            assert (await stub.Check(health_pb2.HealthCheckRequest(service=name))).status == 1
        with pytest.raises(aio.AioRpcError) as refused:
            await stub.Check(health_pb2.HealthCheckRequest(service="nobody"))
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND
        call = stub.Watch(health_pb2.HealthCheckRequest(service="nobody"))
        assert (await call.read()).status == States.SERVICE_UNKNOWN
        call.cancel()


async def test_watchers_beyond_the_limit_are_refused(server: Server) -> None:
    """Watchers over the cap are refused while chat continues; one that leaves frees a slot."""
    async with channel_to(server) as channel, Recorder(server, name="alice") as alice:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest()
        calls = [stub.Watch(request) for _ in range(Quota().side_streams_per_address)]
        for call in calls:
            assert (await call.read()).status == States.SERVING
        over = stub.Watch(request)
        with pytest.raises(aio.AioRpcError) as refused:
            await over.read()
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert reason_of(refused.value) == "RATE_LIMITED"
        assert (await alice.sent("hello")).sequence > 0
        calls.pop().cancel()

        async def admitted() -> bool:
            call = stub.Watch(request)
            calls.append(call)
            try:
                return bool(await call.read())
            except aio.AioRpcError:
                return False

        await eventually(admitted)
        for call in calls:
            call.cancel()
