"""Faults of the network under WebSockets: streams end in time, and resume with nothing lost."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from grpc import aio
from support import Recorder, eventually, running
from torture.proxy import Proxy
from web.test_websocket import HELLO, frame, raw_socket
from web_channel import WebChannel

from chat_grpc.core.limits import MAX_OUTBOX_BYTES, MAX_RESPONSE_BYTES
from chat_grpc.server import Server
from chat_grpc.transport.web import limits

IN_TIME = 6.0
"""Seconds in which a silent peer is dropped; the limits of this file are shorter."""


@pytest.fixture
async def web(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    """A server that drops silent peers after about 1.5 s."""
    short = dataclasses.replace(limits.DEFAULT_WEB_LIMITS, request=1.0, ping=1.0, ping_timeout=0.5)
    monkeypatch.setattr(limits, "DEFAULT_WEB_LIMITS", short)
    async with running(web_listen="127.0.0.1:0") as server:
        yield server


def by_web(port: int, **hello: Any) -> Recorder:
    """Return a client of the web address at a port."""
    return Recorder(cast("aio.Channel", WebChannel(port)), **hello)


def resuming(port: int, client: Recorder) -> Recorder:
    """Return a client that goes on where another one ended."""
    welcome, seen = client.welcome, client.sequences[-1]
    return by_web(port, token=welcome.token, log_id=welcome.log_id, resume_after=seen)


async def send_numbers(sender: Recorder, numbers: range) -> None:
    """Send numbers, and wait until all are stored."""
    for number in numbers:
        await sender.send(str(number), request_id=f"n{number}")
    last = f"n{numbers[-1]}"
    await eventually(lambda: last in [each.request_id for each in sender.of("sent")], 20)


async def test_a_stream_behind_a_silent_network_ends_in_time_and_resumes(web: Server) -> None:
    """A peer that answers no ping is dropped; the next stream has each message once, in order."""
    async with by_web(web.web_port, name="ann") as ann, Proxy(web.web_port) as proxy:
        async with by_web(proxy.port, name="bob") as bob:
            await send_numbers(ann, range(10))
            await eventually(lambda: len(bob.texts) == 10)
            proxy.stall()
            await send_numbers(ann, range(10, 300))
            await eventually(lambda: web.stream_count == 1, IN_TIME)
            assert web.connection_count == 1
            before = len(bob.texts)
            proxy.heal()
            await eventually(lambda: bob.call.done())
            assert bob.texts == [str(n) for n in range(len(bob.texts))]
            assert len(bob.texts) >= before
        async with resuming(proxy.port, bob) as back:
            await eventually(lambda: len(bob.texts) + len(back.texts) == 300, 20)
            assert bob.texts + back.texts == [str(n) for n in range(300)]


async def _read_until_cut(
    client: Recorder, proxy: Proxy, sender: Recorder, numbers: range
) -> list[str]:
    """Open a stream, reset it while numbers are sent, and return the texts that it got."""
    async with client, asyncio.TaskGroup() as group:
        group.create_task(send_numbers(sender, numbers))
        await eventually(lambda: client.texts)
        proxy.cut()
        await client.ended()
        return client.texts


@pytest.mark.parametrize("times", [20])
async def test_resets_while_others_write_lose_nothing(web: Server, times: int) -> None:
    """After each of many resets the stream resumes; the joined list has each message once."""
    async with by_web(web.web_port, name="ann") as ann, Proxy(web.web_port) as proxy:
        texts: list[str] = []
        bob = by_web(proxy.port, name="bob")
        for first in range(0, 10 * times, 10):
            texts += await _read_until_cut(bob, proxy, ann, range(first, first + 10))
            bob = resuming(proxy.port, bob)
        async with bob:
            await eventually(lambda: len(texts) + len(bob.texts) == 10 * times, 20)
            texts += bob.texts
        assert texts == [str(number) for number in range(10 * times)]
        await eventually(lambda: web.stream_count == 1)
        await eventually(lambda: web.connection_count == 1)


async def test_a_half_closed_socket_ends_its_stream(web: Server) -> None:
    """The end of input ends a stream at once: a peer that says nothing more cannot answer pings."""
    reader, writer = await raw_socket(web.web_port)
    writer.write(frame(2, HELLO))
    await eventually(lambda: web.stream_count == 1)
    writer.write_eof()
    await eventually(lambda: web.stream_count == 0)
    await eventually(lambda: web.connection_count == 0)
    await reader.read()
    writer.close()


@pytest.mark.parametrize("end", ["abort", "write_eof"])
@pytest.mark.parametrize("kept", [1, 5, len(HELLO)])
async def test_a_socket_that_ends_inside_a_frame_leaves_nothing(
    web: Server, kept: int, end: str
) -> None:
    """A frame that is cut off is dropped with its connection."""
    _, writer = await raw_socket(web.web_port)
    writer.write(frame(2, HELLO) + frame(2, HELLO)[:kept])
    await eventually(lambda: web.stream_count == 1)
    getattr(writer.transport, end)()
    await eventually(lambda: web.stream_count == 0)
    await eventually(lambda: web.connection_count == 0)
    writer.close()


async def test_requests_behind_a_stalled_network_end_in_time(web: Server) -> None:
    """A request, an upgrade, and the first frame that never become complete end in time."""
    pieces = (b"POST /", b"GET /chat_grpc.v1.ChatService/Connect HTTP/1.1\r\nUpgrade: webs")
    writers = []
    for piece in pieces:
        _, writer = await asyncio.open_connection("127.0.0.1", web.web_port)
        writer.write(piece)
        writers.append(writer)
    _, silent = await raw_socket(web.web_port)
    silent.write(frame(2, HELLO)[:3])
    await eventually(lambda: web.connection_count == 3)
    await eventually(lambda: web.connection_count == 0, IN_TIME)
    assert dict(web.status().refusals) == {"slow_requests": 2}
    for writer in (*writers, silent):
        writer.close()


async def test_a_stream_that_reads_nothing_holds_a_bounded_amount(web: Server) -> None:
    """A peer that takes 20 kB/s delays nobody, and gets each message in the end."""
    text = "x" * 4000
    async with (
        by_web(web.web_port, name="ann") as ann,
        Proxy(web.web_port) as proxy,
        by_web(proxy.port, name="bob") as bob,
    ):
        proxy.bytes_a_second = 20_000
        for number in range(500):
            await ann.send(f"{number} {text}")
        await eventually(lambda: len(ann.of("sent")) == 500, 30)
        assert len(bob.texts) < 250
        assert web.status().longest_queue_bytes <= MAX_OUTBOX_BYTES + MAX_RESPONSE_BYTES
        proxy.heal()
        await eventually(lambda: len(bob.texts) == 500, 30)
        assert [each.split()[0] for each in bob.texts] == [str(n) for n in range(500)]
