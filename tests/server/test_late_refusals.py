"""Late refusals, end to end: a client that insists gets few answers, and others notice nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.people import Person, meeting
from support import eventually, running

from chat_grpc.client import ChatCalls
from chat_grpc.core.quotas import REFUSAL_BURST, REFUSALS_PER_SECOND

RATE = {"queries_per_second": 0.1}
"""Admits one call, so that all others are refused."""


@asynccontextmanager
async def insisting(person: Person, count: int) -> AsyncIterator[list[float]]:
    """Make calls at a time, each of which is repeated at once; yield the times of the refusals."""
    refused: list[float] = []

    async def insist() -> None:
        while True:
            assert await person.refused("ListRooms") == "RATE_LIMITED"
            refused.append(time.monotonic())

    await person.do("ListRooms")
    tasks = [asyncio.create_task(insist()) for _ in range(count)]
    try:
        yield refused
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_first_refusals_of_a_client_come_at_once() -> None:
    """A client that is refused now and then does not wait for its answers."""
    async with running(**RATE) as server, meeting(server, "alice") as [alice]:
        await alice.do("ListRooms")
        for _ in range(REFUSAL_BURST):
            assert await alice.refused("ListRooms") == "RATE_LIMITED"
            assert len(server.dispatcher.late_refusals) == 0


async def test_a_client_that_insists_gets_few_refusals() -> None:
    """The refusals of a user come at a rate; another user is answered at once."""
    async with running(**RATE) as server, meeting(server, "alice", "bob") as [alice, bob]:
        began = time.monotonic()
        async with insisting(alice, 40) as refused:
            await eventually(lambda: len(refused) >= REFUSAL_BURST)
            await bob.do("ListRooms")
            assert await bob.refused("ListRooms") == "RATE_LIMITED"
            await eventually(lambda: len(refused) >= 2 * REFUSAL_BURST)
        for at, when in enumerate(refused):
            assert at <= REFUSAL_BURST + 2 + REFUSALS_PER_SECOND * (when - began)


async def test_held_calls_end_with_their_client() -> None:
    """A held call that its client cancels ends at once."""
    async with running(**RATE) as server, meeting(server, "alice") as [alice]:
        late = server.dispatcher.late_refusals
        async with insisting(alice, REFUSAL_BURST + 30):
            await eventually(lambda: len(late) >= 30)
        await eventually(lambda: len(late) == 0, within=1.0)


async def test_the_end_of_a_server_answers_the_held_calls() -> None:
    """A server that ends does not wait for the calls that it holds, and cuts none of them off."""
    async with running(**RATE) as server, meeting(server, "alice") as [alice]:
        await alice.do("ListRooms")
        alice.call.cancel()
        await eventually(lambda: server.stream_count == 0)
        calls = (alice.refused("ListRooms") for _ in range(REFUSAL_BURST + 60))
        reasons = asyncio.gather(*calls)
        await eventually(lambda: sum(server.status().refusals.values()) == REFUSAL_BURST + 60)
        assert len(server.dispatcher.late_refusals) > 30
        await server.stop(grace=5.0)
        assert await reasons == ["RATE_LIMITED"] * (REFUSAL_BURST + 60)


async def test_a_client_of_the_sdk_is_never_held() -> None:
    """`ChatCalls` waits for `retry_after`, and gets its refusals at once."""
    async with running(queries_per_second=4) as server:
        held: list[int] = []
        async with ChatCalls(f"127.0.0.1:{server.port}") as calls:
            await calls.sign_in("alice")
            for _ in range(50):
                await calls.rooms()
                held.append(len(server.dispatcher.late_refusals))
        assert server.status().refusals["queries_per_second"] > 3
        assert not any(held)


async def test_a_stream_that_insists_is_read_slowly() -> None:
    """After a refused request a stream is not read for 5 ms, so refusals keep nobody busy."""
    options = {"messages_per_second": 1, "message_burst": 10}
    async with running(**options) as server, meeting(server, "alice") as [alice]:
        for _ in range(50):
            await alice.send("x")
        await eventually(lambda: len(alice.of("rejected")) >= 35)
        times = [event.time for event in alice.events if event.HasField("rejected")]
        lasted = (times[-1].ToNanoseconds() - times[0].ToNanoseconds()) / 1e9
        assert lasted >= 0.005 * (len(times) - 1)
