"""A browser as the server sees it: it sends `Origin`, and keeps the cookie of its session."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from support import UNIT
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chat_grpc.v1 import chat_pb2

PATH = "/chat_grpc.v1.ChatService/Connect"


class Stream:
    """A stream of a page."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, request: chat_pb2.ConnectRequest) -> None:
        """Send one request."""
        await self.socket.send(request.SerializeToString())

    async def receive(self) -> chat_pb2.ConnectResponse:
        """Return the next response."""
        data = await asyncio.wait_for(self.socket.recv(), 10 * UNIT)
        assert isinstance(data, bytes)
        return chat_pb2.ConnectResponse.FromString(data)

    async def hello(self, **fields: Any) -> chat_pb2.Welcome:
        """Send the hello; return the welcome."""
        await self.send(chat_pb2.ConnectRequest(hello=chat_pb2.Hello(**fields)))
        return (await self.receive()).events[0].welcome

    async def until(self, wanted: Callable[[chat_pb2.Event], Any]) -> chat_pb2.Event:
        """Return the first event that is wanted."""
        while True:
            for event in (await self.receive()).events:
                if wanted(event):
                    return event

    async def closed(self) -> tuple[int, str]:
        """Wait for the end; return the close code and the reason."""
        with pytest.raises(ConnectionClosed) as caught:
            await self.until(lambda _: False)
        close = caught.value.rcvd
        assert close is not None, "the connection was cut"
        return close.code, close.reason


class Browser:
    """The page of one server in one browser."""

    def __init__(self, origin: str, http: httpx2.AsyncClient, tls: ssl.SSLContext | None) -> None:
        self.http = http
        self.origin = origin
        self.cookie = ""
        """The cookie as it is sent; empty without one."""
        self._tls = tls

    async def call(self, path: str, request: Any, *, cookie: str = "") -> httpx2.Response:
        """Call a unary method as the page does."""
        headers = {"x-chat-grpc-session": "cookie", **self._headers(cookie)}
        response = await self.http.post(path, json=request, headers=headers)
        if (kept := response.headers.get("set-cookie")) is not None:
            self.cookie = "" if "Max-Age=0" in kept else kept.partition(";")[0]
        return response

    def _headers(self, cookie: str = "") -> dict[str, str]:
        headers = {"origin": self.origin, "sec-fetch-site": "same-origin"}
        if cookie or self.cookie:
            headers["cookie"] = f"other=1; {cookie or self.cookie}"
        return headers

    @asynccontextmanager
    async def stream(self, path: str = PATH, **options: Any) -> AsyncIterator[Stream]:
        """Open a stream."""
        url = f"ws{self.origin.removeprefix('http')}{path}"
        settings = {"compression": None, "proxy": None, "ping_interval": None, **options}
        opening = connect(url, ssl=self._tls, additional_headers=self._headers(), **settings)
        async with opening as socket:
            yield Stream(socket)


@asynccontextmanager
async def browser_at(
    port: int, authority: bytes | None = None, origin: str | None = None
) -> AsyncIterator[Browser]:
    """Open the page of a server, by TLS if the certificate of an authority is given."""
    tls = None if authority is None else ssl.create_default_context(cadata=authority.decode())
    origin = origin or f"http{'s' if tls is not None else ''}://127.0.0.1:{port}"
    verify = tls if tls is not None else False
    async with httpx2.AsyncClient(
        base_url=origin, verify=verify, trust_env=False, timeout=20
    ) as http:
        yield Browser(origin, http, tls)


async def raw_request(port: int, request: str | bytes) -> tuple[int, str]:
    """Send bytes, and return the status and the body of the first response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request.encode() if isinstance(request, str) else request)
        async with asyncio.timeout(20 * UNIT):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = head.lower().partition("content-length: ")[2].partition("\r\n")[0]
            body = (await reader.readexactly(int(length or 0))).decode()
        return int(head.split()[1]), body
    finally:
        writer.close()
