"""Draining a server: streams leave over a time, calls are served meanwhile, nothing is lost."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from server.accounts import operator
from support import UNIT, Process, Recorder, channel_to, eventually, free_port, reason_of, serving

from chat_grpc.client import ChatCalls, ChatClient, Refused
from chat_grpc.v1 import chat_pb2


async def refused(port: int) -> tuple[grpc.StatusCode, str]:
    """Try to open a stream; return its status and reason."""
    late = Recorder(port, name="late")
    try:
        with pytest.raises(aio.AioRpcError) as error:
            await late.hello()
    finally:
        await late.__aexit__()
    return error.value.code(), reason_of(error.value)


async def test_a_drain_ends_the_server_in_order(tmp_path: Path) -> None:
    """`go_away` is spread out; new streams are refused, calls served; then the process ends."""
    with serving("--data", str(tmp_path), "--drain", "1") as process:
        port = process.port
        async with AsyncExitStack() as people, operator(tmp_path) as calls:
            streams = [
                await people.enter_async_context(Recorder(port, name=f"p{n}")) for n in range(8)
            ]
            channel = await people.enter_async_context(channel_to(port))
            health: Any = health_pb2_grpc.HealthStub(channel)
            assert await calls.drain(3.0) == 8
            state = await health.Check(health_pb2.HealthCheckRequest())
            assert state.status == health_pb2.HealthCheckResponse.NOT_SERVING
            assert await refused(port) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
            token = streams[0].welcome.token
            async with ChatCalls(f"127.0.0.1:{port}", token=token) as unary:
                sent = await unary.send_to("served meanwhile")
                assert sent.sequence
            assert (await calls.server_status()).draining
            told: dict[int, float] = {}

            def note() -> bool:
                now = time.monotonic()
                for number, stream in enumerate(streams):
                    if stream.of("go_away"):
                        told.setdefault(number, now)
                return len(told) == len(streams)

            await eventually(note, 10)
            times = sorted(told.values())
            assert times[-1] - times[0] > 1.5
            for stream in streams:
                assert await stream.ended() is grpc.StatusCode.UNAVAILABLE
        assert await asyncio.to_thread(process.wait) == 0
        assert "draining" in process.log()


async def test_a_drain_without_streams_ends_at_once(tmp_path: Path) -> None:
    """The server does not wait for the duration if no stream is left."""
    with serving("--data", str(tmp_path)) as process:
        async with operator(tmp_path) as calls:
            assert await calls.drain(600.0) == 0
        assert await asyncio.to_thread(process.wait) == 0


async def test_a_signal_speeds_a_drain_up(tmp_path: Path) -> None:
    """SIGTERM during a drain tells all streams at once; each stream is told once."""
    with serving("--data", str(tmp_path), "--drain", "2") as process:
        async with AsyncExitStack() as people, operator(tmp_path) as calls:
            streams = [
                await people.enter_async_context(Recorder(process.port, name=f"p{n}"))
                for n in range(4)
            ]
            await calls.drain(600.0)
            process.signal(signal.SIGTERM)
            for stream in streams:
                assert await stream.ended() is grpc.StatusCode.UNAVAILABLE
                assert len(stream.of("go_away")) == 1
        assert await asyncio.to_thread(process.wait) == 0


async def test_a_second_drain_replaces_the_first(tmp_path: Path) -> None:
    """A shorter duration speeds the drain up."""
    with serving("--data", str(tmp_path), "--drain", "2") as process:
        async with operator(tmp_path) as calls, Recorder(process.port, name="alice") as alice:
            assert await calls.drain(600.0) == 1
            assert await calls.drain(0.0) == 1
            assert await alice.ended() is grpc.StatusCode.UNAVAILABLE
        assert await asyncio.to_thread(process.wait) == 0


async def test_the_duration_has_bounds(tmp_path: Path) -> None:
    """A duration below 0 or above an hour is refused, and the server goes on."""
    with serving("--data", str(tmp_path)) as process:
        async with operator(tmp_path) as calls:
            for seconds in (-1.0, 3601.0):
                with pytest.raises(Refused) as error:
                    await calls.drain(seconds)
                assert error.value.reason == "FIELD_INVALID"
        async with Recorder(process.port, name="alice") as alice:
            assert (await alice.sent("still here")).sequence


@pytest.mark.parametrize("transport", ["http2", "grpcio"])
async def test_nothing_is_lost_or_doubled_over_a_drain_and_a_restart(
    tmp_path: Path, transport: str
) -> None:
    """SDK clients with sends in flight leave, come back, and have every message once."""
    port = free_port()
    arguments = ("--data", str(tmp_path), "--transport", transport, "--messages-per-second", "0")
    address = f"127.0.0.1:{port}"
    process = Process(*arguments, port=port)
    seen: list[str] = []
    try:
        async with (
            ChatClient.connect(address, name="writer") as writer,
            ChatClient.connect(address, name="reader") as reader,
        ):

            def note(event: chat_pb2.Event) -> None:
                if event.HasField("message"):
                    seen.append(event.message.text)

            async def read() -> None:
                async for event in reader:
                    note(event)

            reading = asyncio.create_task(read())
            sends = [asyncio.create_task(writer.send(f"m{n}")) for n in range(300)]
            async with operator(tmp_path) as calls:
                assert await calls.drain(1.0) == 2
            more = [asyncio.create_task(writer.send(f"m{n}")) for n in range(300, 400)]
            assert await asyncio.to_thread(process.wait) == 0
            process.end()
            process = await asyncio.to_thread(Process, *arguments, port=port)
            answers = await asyncio.wait_for(asyncio.gather(*sends, *more), 30 * UNIT)
            assert all(isinstance(each, chat_pb2.Sent) for each in answers)
            await eventually(lambda: len(seen) >= 400, 20)
            assert seen == [f"m{n}" for n in range(400)]
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    finally:
        process.end()
