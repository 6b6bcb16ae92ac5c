"""Refusals of the web transport: counted by name, and shown to admins."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from support import UNIT, eventually, running
from web.browser import browser_at, raw_request
from web.test_websocket import HELLO, frame, raw_socket

from chat_grpc.server import Server
from chat_grpc.transport.http2 import limits as http2_limits
from chat_grpc.transport.web import limits

LIST = "/chat_grpc.v1.ChatService/ListClients"
POST = f"POST {LIST} HTTP/1.1\r\nContent-Type: application/json\r\n"
LOCAL = f"{POST}Host: localhost\r\n"


def refusals(server: Server) -> dict[str, int]:
    """Return the counts of refusals that `GetServerStatus` shows."""
    return dict(server.status().refusals)


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (f"{POST}Host: evil.example\r\nContent-Length: 2\r\n\r\n{{}}", "foreign_hosts"),
        (f"{LOCAL}Origin: http://evil.example\r\nContent-Length: 2\r\n\r\n{{}}", "foreign_origins"),
        (f"{LOCAL}Sec-Fetch-Site: cross-site\r\nContent-Length: 2\r\n\r\n{{}}", "foreign_origins"),
        (f"{LOCAL}X: {'x' * 20_000}\r\n\r\n", "large_requests"),
        (f"{LOCAL}Content-Length: 70000\r\n\r\n", "large_requests"),
        (f"{LOCAL}Content-Length: +2\r\n\r\n", "protocol_errors"),
    ],
)
async def test_a_refused_request_is_counted_once(request_: str, name: str) -> None:
    """Each refused request is one refusal of its name, and of no other."""
    async with running(web_listen="127.0.0.1:0") as server:
        status, _ = await raw_request(server.web_port, request_)
        assert status >= 400
        assert refusals(server) == {name: 1}
        status, _ = await raw_request(server.web_port, f"{LOCAL}Content-Length: 2\r\n\r\n{{}}")
        assert status == 200
        assert refusals(server) == {name: 1}


async def test_a_slow_request_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is not complete in time is a refusal."""
    short = limits.WebLimits(request=0.05)
    monkeypatch.setattr(limits, "DEFAULT_WEB_LIMITS", short)
    async with running(web_listen="127.0.0.1:0") as server:
        status, _ = await raw_request(server.web_port, f"{LOCAL}Content-Length: 2\r\n\r\n")
        assert status == 408
        assert refusals(server) == {"slow_requests": 1}


@pytest.mark.parametrize(
    ("frames", "name"),
    [
        (frame(9, b"") * 1500, "control_frames_per_second"),
        (frame(1, b"text"), "protocol_errors"),
        (frame(2, b"unmasked", mask=False), "protocol_errors"),
        (frame(2, b"x" * 70_000), "large_requests"),
    ],
    ids=["pings", "text", "unmasked", "large"],
)
async def test_a_violation_of_a_websocket_is_counted_once(frames: bytes, name: str) -> None:
    """Each violation ends its WebSocket, and is one refusal."""
    async with running(web_listen="127.0.0.1:0") as server:
        reader, writer = await raw_socket(server.web_port)
        writer.write(frame(2, HELLO) + frames)
        with contextlib.suppress(ConnectionError):  # TCP resets a socket with unread input
            await asyncio.wait_for(reader.read(), 10 * UNIT)
        writer.close()
        await eventually(lambda: server.connection_count == 0)
        assert refusals(server) == {name: 1}


@pytest.mark.parametrize("name", [*http2_limits.UNCONFIGURED, *limits.UNCONFIGURED])
def test_each_refusal_without_an_option_is_documented(name: str) -> None:
    """The page about limits says what each name counts."""
    assert f"`{name}`" in (Path(__file__).parents[2] / "docs" / "limits.md").read_text()


async def test_a_websocket_that_ends_in_order_is_no_refusal() -> None:
    """A close frame of the peer, and a lost connection, are not counted."""
    async with running(web_listen="127.0.0.1:0") as server, browser_at(server.web_port) as browser:
        async with browser.stream() as stream:
            await stream.hello(name="ann")
        _, writer = await raw_socket(server.web_port)
        writer.write(frame(2, HELLO))
        await eventually(lambda: server.stream_count == 1)
        writer.transport.abort()
        await eventually(lambda: server.connection_count == 0)
        assert refusals(server) == {}


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({}, "http://127.0.0.1:{port}/\r\n"),
        ({"web_path": "/chat"}, "http://127.0.0.1:{port}/chat/\r\n"),
        ({"web_origin": ("https://chat.example.org",)}, "https://chat.example.org/\r\n"),
    ],
)
async def test_the_port_of_grpc_tells_http_1_where_the_page_is(
    options: dict[str, object], place: str
) -> None:
    """A browser at the port of gRPC is told the address of the page."""
    async with running(web_listen="127.0.0.1:0", **options) as server:
        status, body = await raw_request(server.port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status == 505
        assert body.endswith(place.format(port=server.web_port))
