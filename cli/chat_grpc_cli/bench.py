"""A quick measurement of a server, from Python."""

from __future__ import annotations

import asyncio
import statistics
import time
import uuid
from collections.abc import Sequence
from typing import Any

import click
from grpc import aio

from chat_grpc.client import ChatCalls, ChatError, Tls
from chat_grpc.client.channel import endpoint, open_channel
from chat_grpc.client.errors import Unreachable, from_call
from chat_grpc.client.pace import Pace
from chat_grpc.v1 import chat_pb2, chat_pb2_grpc

_WINDOW = 64
"""Maximum number of messages in flight."""

_WRITERS = 4
"""The streams that write."""


class _Bench:
    def __init__(self, prefix: str, streams: int) -> None:
        self._prefix = prefix
        self._streams = streams
        self._calls: list[Any] = []
        self._pace = Pace(time.monotonic)
        self.rate = 0.0
        """Messages a second that the server accepts from each writer; 0.0 if any number."""
        self._slots = asyncio.Semaphore(_WINDOW)
        self._left: dict[str, int] = {}
        self.deliveries = 0
        self.responses = 0
        self.latencies: list[float] = []

    async def open(self, channels: Sequence[aio.Channel]) -> None:
        """Open a stream on each channel."""
        for number, channel in enumerate(channels):
            call = chat_pb2_grpc.ChatServiceStub(channel).Connect()
            hello = chat_pb2.Hello(name=f"{self._prefix}-{number}")
            await call.write(chat_pb2.ConnectRequest(hello=hello))
            response: Any = await call.read()
            self._calls.append(call)
        limits = response.events[0].welcome.limits
        self.rate = limits.messages_per_second
        limits.messages_per_second *= _WRITERS
        limits.message_burst *= _WRITERS
        limits.bytes_per_second *= _WRITERS
        self._pace.adopt(limits)

    async def read(self, call: Any) -> None:
        """Read one stream until the server ends it."""
        while (response := await call.read()) is not aio.EOF:
            now = time.perf_counter()
            self.responses += 1
            for event in response.events:
                if event.WhichOneof("event") == "message":
                    self._got(event.message.text, now)

    def _got(self, text: str, now: float) -> None:
        if text not in self._left:
            return
        self.deliveries += 1
        if self.deliveries % 10 == 0:
            self.latencies.append(now - float(text.partition(" ")[0]))
        self._left[text] -= 1
        if self._left[text] == 0:
            del self._left[text]
            self._slots.release()

    async def write(self, until: float) -> None:
        """Write from the first streams in turn, with `_WINDOW` messages in flight."""
        writers = self._calls[:_WRITERS]
        count = 0
        while time.perf_counter() < until:
            await self._slots.acquire()
            text = f"{time.perf_counter()} {count}".ljust(128, ".")
            self._left[text] = self._streams - 1
            send = chat_pb2.Send(
                target=chat_pb2.Target(room="lobby"), text=text, request_id=uuid.uuid4().hex
            )
            request = chat_pb2.ConnectRequest(send=send)
            while delay := self._pace.delay:
                await asyncio.sleep(delay)
            self._pace.wrote(request)
            await writers[count % len(writers)].write(request)
            count += 1

    def readers(self) -> list[asyncio.Task[None]]:
        """Start a reader for each stream."""
        return [asyncio.create_task(self.read(call)) for call in self._calls]


async def run(server: str, tls: Tls | None, name: str, streams: int, seconds: float) -> None:
    """Measure, and print the result. Raises `ChatError`."""
    async with ChatCalls(server, tls=tls) as calls:
        await calls.clients()
    bench = _Bench(f"{name}-{uuid.uuid4().hex[:6]}", streams)
    channels = [open_channel(endpoint(server, tls)) for _ in range(streams)]
    try:
        await bench.open(channels)
        _print(bench, streams, await _measure(bench, seconds))
    except aio.AioRpcError as error:
        raise from_call(error) from error
    finally:
        for channel in channels:
            await channel.close()


async def _measure(bench: _Bench, seconds: float) -> float:
    """Read and write for `seconds`; return the time that passed. Raises a stream's first error."""
    start = time.perf_counter()
    writer = asyncio.create_task(bench.write(start + seconds))
    tasks = [writer, *bench.readers()]
    try:
        [first, *_], _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await first
        if first is not writer:
            raise Unreachable("The server ended a stream.")
        return time.perf_counter() - start
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _print(bench: _Bench, streams: int, seconds: float) -> None:
    if len(bench.latencies) < 2:
        raise ChatError("No message was received. Is somebody else using the server?")
    cuts = statistics.quantiles(bench.latencies, n=100)
    click.echo(
        f"{streams} streams, {_WINDOW} messages of 128 bytes in flight, {seconds:.1f} s\n"
        f"  deliveries/s       {bench.deliveries / seconds:,.0f}\n"
        f"  send to receipt    median {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms\n"
        f"  events a response  {bench.deliveries / max(bench.responses, 1):.1f}\n"
        f"{_limited(bench.rate)}This client is written in Python and reaches its limit before the "
        "server does; `make bench` uses a faster load generator."
    )


def _limited(rate: float) -> str:
    """Return a sentence about the server's limit for each of the writers, if there is one."""
    if not rate:
        return ""
    return (
        f"The server accepts {rate:g} messages a second from each of the {_WRITERS} writers; start "
        "it with --messages-per-second 0 to measure more.\n"
    )
