"""Presence: who is told of connects and disconnects, when, and at what cost."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import pytest
from grpc import aio
from server.people import Person, meeting
from support import channel_to, eventually

from chat_grpc.core import limits
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

CAME = chat_pb2.Presence.CHANGE_JOINED
LEFT = chat_pb2.Presence.CHANGE_LEFT


def told(person: Person) -> list[tuple[str, int]]:
    """Return the presence events of a person."""
    return [(presence.client.name, presence.change) for presence in person.of("presence")]


async def test_a_departure_is_announced_after_the_grace(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A departure is announced after the grace, 10 seconds by default, with name and time."""
    assert limits.PRESENCE_GRACE == 10.0
    monkeypatch.setattr(limits, "PRESENCE_GRACE", 0.5)
    async with meeting(server, "alice") as [alice]:
        async with Person(server, name="bob"):
            await eventually(lambda: told(alice) == [("bob", CAME)])
            end = time.monotonic()
        await eventually(lambda: told(alice) == [("bob", CAME), ("bob", LEFT)])
        assert time.monotonic() - end >= 0.5
        event = alice.events[-1]
        assert (event.presence.client.number, event.presence.client.stream_count) == (2, 0)
        assert abs(event.time.ToSeconds() - time.time()) < 60


async def test_a_return_within_the_grace_is_not_announced(server: Server) -> None:
    """A reconnect within the grace and a second device are not announced."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await eventually(lambda: told(alice) == [("bob", CAME)])
        for _ in range(3):
            await bob.__aexit__()
            await eventually(lambda: server.stream_count == 1)
            bob = Person(server, token=bob.token)
            await bob.hello()
        async with Person(server, token=bob.token), Person(server, name="carol"):
            await eventually(lambda: ("carol", CAME) in told(alice))
        assert told(alice) == [("bob", CAME), ("carol", CAME)]
        await bob.__aexit__()


async def test_a_return_after_the_grace_is_announced(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that returns after the grace is announced as left and as come."""
    monkeypatch.setattr(limits, "PRESENCE_GRACE", 0.0)
    async with meeting(server, "alice") as [alice]:
        async with Person(server, name="bob") as bob:
            await eventually(lambda: len(told(alice)) == 1)
        await eventually(lambda: len(told(alice)) == 2)
        async with Person(server, token=bob.token):
            await eventually(lambda: len(told(alice)) == 3)
        assert told(alice) == [("bob", CAME), ("bob", LEFT), ("bob", CAME)]


async def test_a_device_that_leaves_while_another_stays_is_not_told(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client is present until its last stream ends."""
    monkeypatch.setattr(limits, "PRESENCE_GRACE", 0.0)
    async with meeting(server, "alice", "bob") as [alice, bob]:
        async with Person(server, token=bob.token):
            await eventually(lambda: server.stream_count == 3)
        await eventually(lambda: server.stream_count == 2)
        async with Person(server, name="carol"):
            await eventually(lambda: ("carol", CAME) in told(alice))
        await eventually(lambda: ("carol", LEFT) in told(alice))
        assert [name for name, _ in told(alice)] == ["bob", "carol", "carol"]


async def test_too_many_changes_at_once_are_told_as_one(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the budget a stream is told that presence is missing, and lists clients."""
    monkeypatch.setattr(limits, "PRESENCE_BUDGET", 0)
    async with meeting(server, "alice") as [alice]:
        await eventually(lambda: len(alice.of("caught_up")) == 2)
        async with Person(server, name="bob"):
            await eventually(lambda: len(alice.of("caught_up")) == 3)
            assert alice.of("caught_up")[-1].fell_behind
            assert alice.events[-1].time.seconds > 0
            clients = (await alice.do("ListClients")).clients
            assert [client.name for client in clients] == ["alice", "bob"]
        assert told(alice) == []


CROWD = 1000
A_CONNECTION = 100
"""The maximum number of streams on one connection."""


async def test_a_crowd_that_comes_at_once_costs_little(server: Server) -> None:
    """1,000 concurrent connects cost a bounded number of responses a second."""
    asyncio.get_running_loop().set_debug(False)  # debug mode takes most of the time otherwise
    async with meeting(server, "alice") as [alice], AsyncExitStack() as opened:
        crowd: list[asyncio.Task[None]] = []
        responses: list[int] = []
        start = time.monotonic()
        for at in range(0, CROWD, A_CONNECTION):
            channel = await opened.enter_async_context(channel_to(server))
            names = [f"user{number}" for number in range(at, at + A_CONNECTION)]
            crowd += [asyncio.create_task(attend(channel, name, responses)) for name in names]
        await eventually(lambda: server.stream_count == CROWD + 1, 30)
        await eventually(lambda: all_is_told(server), 30)
        took = time.monotonic() - start
        # Two answers to the hello, and one tick more than the rate allows.
        assert len(responses) <= 3 * CROWD + limits.PRESENCE_RATE * took
        # Told is what the server wrote; alice reads it later.
        await eventually(
            lambda: (
                any(caught_up.fell_behind for caught_up in alice.of("caught_up"))
                or len(told(alice)) == CROWD
            )
        )
        clients = await alice.do("ListClients", page_size=1000)
        assert (clients.total_count, len(clients.clients)) == (CROWD + 1, 1000)
        for each in crowd:
            each.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)


async def attend(channel: aio.Channel, name: str, responses: list[int]) -> None:
    """Open a stream and count its responses."""
    call: Any = channel.stream_stream("/chat_grpc.v1.ChatService/Connect")()
    hello = chat_pb2.ConnectRequest(hello=chat_pb2.Hello(name=name))
    await call.write(hello.SerializeToString())
    try:
        while (raw := await call.read()) is not aio.EOF:
            responses.append(len(raw))
    finally:
        call.cancel()


def all_is_told(server: Server) -> bool:
    """Return True once everybody has been told who is present."""
    status = server.status()
    return not (status.unannounced_count or status.scheduled_stream_count)
