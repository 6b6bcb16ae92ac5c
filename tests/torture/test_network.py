"""Faults of the network and of clients, one at a time."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from support import COMMAND, Recorder, eventually, running
from torture.device import CHANNEL
from torture.proxy import Proxy
from torture.raw_http2 import deaf_client

from chat_grpc.client import ChatClient, ConnectionState
from chat_grpc.core.limits import MAX_OUTBOX_BYTES, MAX_RESPONSE_BYTES
from chat_grpc.server import Server
from chat_grpc.transport.grpcio.server import CHANNEL_OPTIONS

pytestmark = pytest.mark.xdist_group("loaded")

DROPPED_WITHIN = (
    sum(
        dict(CHANNEL_OPTIONS)[f"grpc.{name}_ms"] for name in ("keepalive_time", "keepalive_timeout")
    )
    / 1000
)
"""Seconds of silence after which the server drops a peer."""

TEXT = "x" * 8000


@asynccontextmanager
async def behind_a_proxy(server: Server, name: str) -> AsyncIterator[tuple[ChatClient, Proxy]]:
    """Connect a client of the SDK through a proxy."""
    async with (
        Proxy(server.port) as proxy,
        ChatClient.connect(f"127.0.0.1:{proxy.port}", name=name, channel_options=CHANNEL) as chat,
    ):
        yield chat, proxy


class Reader:
    """Records the texts that a client gets."""

    def __init__(self, chat: ChatClient) -> None:
        self._chat = chat
        self.texts: list[str] = []
        self.fell_behind = False

    async def run(self) -> None:
        """Read until canceled."""
        async for event in self._chat:
            if event.HasField("message"):
                self.texts.append(event.message.text)
            self.fell_behind |= event.caught_up.fell_behind


@asynccontextmanager
async def reading(chat: ChatClient) -> AsyncIterator[Reader]:
    """Read a client's events in the background."""
    reader = Reader(chat)
    task = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_killed_client_is_gone_at_once(server: Server) -> None:
    """A killed client is offline as soon as the kernel closes its connection."""
    arguments = ["tail", "--server", f"127.0.0.1:{server.port}", "--name", "bob"]
    client = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, stdout=asyncio.subprocess.DEVNULL
    )
    await eventually(lambda: server.stream_count == 1, 20)
    client.kill()
    await eventually(lambda: server.stream_count == 0)
    await client.wait()


@pytest.mark.timeout(240)
async def test_a_peer_that_says_nothing_is_dropped_and_comes_back(server: Server) -> None:
    """A peer behind a black hole, and one that never reads, are dropped; the first one resumes."""
    async with (
        Recorder(server, name="alice") as alice,
        behind_a_proxy(server, "bob") as (bob, proxy),
        reading(bob) as got,
    ):
        with deaf_client(server.port, "carol"):
            await eventually(lambda: server.stream_count == 3)
            proxy.stall()
            for number in range(1500):
                await alice.send(f"{number} {TEXT}")
            await eventually(lambda: len(alice.of("sent")) == 1500, 30)
            longest = server.status().longest_queue_bytes
            assert longest <= MAX_OUTBOX_BYTES + MAX_RESPONSE_BYTES
            await eventually(lambda: server.stream_count == 1, DROPPED_WITHIN + 5)
        await eventually(lambda: bob.state is not ConnectionState.LIVE, DROPPED_WITHIN + 5)
        proxy.heal()
        await eventually(lambda: len(got.texts) == 1500, 60)
        assert [text.split()[0] for text in got.texts] == [str(n) for n in range(1500)]


async def test_short_silences_of_the_network_end_nothing(server: Server) -> None:
    """Fifty short silences and a long one do not end the stream, which misses nothing."""
    chance = random.Random(12)
    async with (
        Recorder(server, name="alice") as alice,
        behind_a_proxy(server, "bob") as (bob, proxy),
        reading(bob) as got,
    ):
        numbers = itertools.count()
        for seconds in [*(chance.uniform(0.01, 0.1) for _ in range(50)), 3.0]:
            proxy.stall()
            for _ in range(5):
                await alice.send(str(next(numbers)))
            await asyncio.sleep(seconds)  # the fault itself: nothing is waited for
            proxy.heal()
        await eventually(lambda: len(got.texts) == 255, 20)
        assert got.texts == [str(number) for number in range(255)]
        assert proxy.opened == 1


async def test_a_slow_reader_gets_all_in_the_end(server: Server) -> None:
    """A reader of 10 kB/s delays nobody; its queue is bounded, and it gets all messages."""
    async with (
        Recorder(server, name="alice") as alice,
        Recorder(server, name="carol") as carol,
        behind_a_proxy(server, "bob") as (bob, proxy),
        reading(bob) as got,
    ):
        proxy.bytes_a_second = 10_000
        for number in range(500):
            await alice.send(f"{number} {TEXT}")
        await eventually(lambda: len(carol.texts) == 500, 30)
        assert len(got.texts) < 250
        status = server.status()
        assert status.lagging_users == ("bob",)
        assert status.longest_queue_bytes <= MAX_OUTBOX_BYTES + MAX_RESPONSE_BYTES
        proxy.heal()
        await eventually(lambda: len(got.texts) == 500, 30)
        assert [text.split()[0] for text in got.texts] == [str(n) for n in range(500)]
        await eventually(lambda: got.fell_behind)


async def test_the_largest_window_changes_nothing() -> None:
    """A client with a window of 2 GiB that reads nothing costs only its bounded queue."""
    async with running() as server, Recorder(server, name="alice") as alice:
        with deaf_client(server.port, "bob"):
            await eventually(lambda: server.stream_count == 2)
            for number in range(1000):
                await alice.send(f"{number} {TEXT}")
            await eventually(lambda: len(alice.of("sent")) == 1000, 30)
            longest = server.status().longest_queue_bytes
            assert longest <= MAX_OUTBOX_BYTES + MAX_RESPONSE_BYTES
        await eventually(lambda: server.stream_count == 1)
