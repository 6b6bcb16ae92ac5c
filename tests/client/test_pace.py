"""Clients keep to the server's limits: every request is accepted, only later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hypothesis import given
from hypothesis import strategies as st
from support import UNIT, running

from chat_grpc.client import ChatCalls, ChatClient
from chat_grpc.client.pace import Pace
from chat_grpc.core.quotas import Quota, Quotas
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


def address(server: Server) -> str:
    """Return the address of a server."""
    return f"127.0.0.1:{server.port}"


REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(["send", "mark_read", "set_typing"]),
        st.integers(0, 20_000),
        st.floats(0, 2),
        st.floats(0, 1),
    ),
    max_size=100,
)


@given(
    rate=st.floats(0.5, 100),
    burst=st.integers(4, 200),
    size=st.sampled_from([0, 1000, 100_000]),
    requests=REQUESTS,
)
def test_the_server_accepts_what_comes_at_the_pace(
    rate: float, burst: int, size: int, requests: list[tuple[str, int, float, float]]
) -> None:
    """Requests at the pace are accepted, also if the network holds some of them up for a time."""
    now = 1000.0
    margin = 0.25 * burst / rate
    quota = Quota(messages_per_second=rate, message_burst=burst, bytes_per_second=size)
    pace = Pace(lambda: now)
    pace.adopt(
        chat_pb2.Limits(
            messages_per_second=rate,
            message_burst=burst,
            bytes_per_second=size,
            byte_burst=quota.byte_burst,
        )
    )
    arrivals: list[tuple[float, str, int]] = []
    for kind, length, gap, held_up in requests:
        now += gap
        now += pace.delay
        request = chat_pb2.ConnectRequest()
        getattr(request, kind).SetInParent()
        if kind == "send":
            request.send.text = "x" * length
        assert pace.delay < 0.001
        pace.wrote(request)
        arrived = max(now + held_up * margin * 0.99, arrivals[-1][0] if arrivals else 0.0)
        arrivals.append((arrived, kind, request.ByteSize()))
    then = 0.0
    quotas = Quotas(quota, lambda: then)
    for arrived, kind, length in arrivals:
        then = arrived
        quotas.request(kind, length, 1, "127.0.0.1")


def test_a_lifted_limit_is_no_pace() -> None:
    """Without limits, before and after a welcome, requests are written at once."""
    pace = Pace(lambda: 0.0)
    for limits in (None, chat_pb2.Limits()):
        if limits is not None:
            pace.adopt(limits)
        for _ in range(1000):
            pace.wrote(chat_pb2.ConnectRequest(send=chat_pb2.Send(text="x" * 1000)))
        assert pace.delay == 0.0


@asynccontextmanager
async def chatting(**limits: float) -> AsyncIterator[tuple[Server, ChatClient]]:
    """Run a server with limits, and a client of it."""
    async with (
        running(**limits) as server,
        ChatClient.connect(address(server), name="alice") as alice,
    ):
        yield server, alice


async def test_thousands_of_messages_in_a_loop_are_all_accepted() -> None:
    """A program that sends far more than the rate gets no error, and its messages keep order."""
    async with chatting(messages_per_second=800, message_burst=100) as (server, alice):
        start = time.monotonic()
        answers = await asyncio.gather(*(alice.send(f"{n}") for n in range(2000)))
        took = time.monotonic() - start
        sequences = [answer.sequence for answer in answers]
        assert sequences == sorted(sequences)
        assert took >= (2000 - 100) / 800
        assert server.status().refusals == {}


async def test_clients_that_share_a_token_are_all_served() -> None:
    """Requests that the server refuses because of the user's other client are sent again."""
    async with (
        chatting(messages_per_second=40, message_burst=20) as (server, one),
        ChatClient.connect(address(server), token=one.token) as two,
    ):
        sends = [chat.send(f"{n}") for n in range(50) for chat in (one, two)]
        answers = await asyncio.gather(*sends)
        assert len({answer.sequence for answer in answers}) == 100
        assert server.status().refusals["messages_per_second"] > 0


async def test_the_newest_read_marker_arrives_however_many_wait() -> None:
    """While requests wait for the rate, only the newest read marker of a conversation is kept."""
    async with chatting(messages_per_second=20, message_burst=10) as (server, alice):
        sequences = [(await alice.send("x")).sequence for _ in range(12)]
        for sequence in sequences * 20:
            await alice.mark_read(sequence)
        async with asyncio.timeout(10 * UNIT):
            async for event in alice:
                if event.read_marker.read_sequence == sequences[-1]:
                    break
        assert server.status().refusals == {}


async def test_calls_over_the_rate_are_repeated() -> None:
    """A call that is refused for its rate is made again when the server says, and succeeds."""
    limits = {"messages_per_second": 20, "message_burst": 2, "queries_per_second": 2}
    async with running(**limits) as server, ChatCalls(address(server)) as calls:
        await calls.sign_in("alice")
        for number in range(10):
            assert (await calls.send_to(f"{number}")).sequence
        for _ in range(22):
            assert len([each async for each in calls.history(limit=5)]) == 5
        refusals = server.status().refusals
        assert refusals["messages_per_second"] > 0
        assert refusals["queries_per_second"] > 0
