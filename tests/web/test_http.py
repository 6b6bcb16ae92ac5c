"""HTTP/1.1: malformed, slow, large and pipelined requests; files; the Connect protocol."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest
from support import UNIT, Recorder, eventually, running
from web.browser import raw_request

from chat_grpc import config
from chat_grpc.config import Config
from chat_grpc.listeners import ListenError
from chat_grpc.option_values import ConfigError
from chat_grpc.server import Server

LIST = "/chat_grpc.v1.ChatService/ListClients"
HEAD = f"POST {LIST} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
EMPTY = f"{HEAD}Content-Length: 2\r\n\r\n{{}}"


@pytest.fixture
async def web() -> AsyncIterator[Server]:
    """A server with the web transport under a path."""
    async with running(web_listen="127.0.0.1:0", web_path="/chat") as started:
        yield started


@pytest.fixture
async def plain() -> AsyncIterator[Server]:
    """A server with the web transport."""
    async with running(web_listen="127.0.0.1:0") as started:
        yield started


@pytest.fixture
async def client(plain: Server) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the server."""
    url = f"http://127.0.0.1:{plain.web_port}"
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as opened:
        yield opened


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (EMPTY, 200),
        (f"{HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n", 200),
        (f"{HEAD}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{{}}", 100),
        # Requests that two programs could read in two ways.
        (f"{HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (f"{HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}} ", 400),
        (f"{HEAD}Content-Length: +2\r\n\r\n{{}}", 400),
        (f"{HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
        (f"{HEAD}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
        (f"{HEAD}X: a\r\n b: c\r\nContent-Length: 2\r\n\r\n{{}}", 400),
        (EMPTY.replace("\r\n", "\n"), 400),
        (f"{HEAD}Host: evil.example\r\nContent-Length: 2\r\n\r\n{{}}", 421),
        (f"{HEAD}Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", 400),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "x" * 50, 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (f"{HEAD}X: {'x' * 20_000}\r\n\r\n", 431),
        (f"GET /{'x' * 20_000} HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
        (f"{HEAD}Content-Length: 70000\r\n\r\n", 413),
        (f"{HEAD}Transfer-Encoding: chunked\r\n\r\n11171\r\n{'x' * 70_001}\r\n0\r\n\r\n", 413),
        (f"DELETE {LIST} HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405),
    ],
)
async def test_each_request_has_its_status(plain: Server, request_: str, status: int) -> None:
    """A request that is malformed, ambiguous or too large is refused, and its connection ends."""
    found, _ = await raw_request(plain.web_port, request_.encode("latin-1"))
    assert found == status
    await eventually(lambda: plain.connection_count == 0)


async def test_requests_of_a_connection_are_answered_in_order(plain: Server) -> None:
    """A connection is kept; what a client sends early is answered later, or asked for again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", plain.web_port)
    for _ in range(3):
        writer.write(EMPTY.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" not in head
        assert await reader.readexactly(2) == b"{}"
    writer.write(EMPTY.encode() * 2)
    assert b"\r\nconnection: close\r\n" in await reader.readuntil(b"\r\n\r\n")
    assert await reader.read() == b"{}"
    writer.close()


async def test_slow_requests_end(plain: Server) -> None:
    """A request that is not complete in time is refused, and an idle connection is closed."""
    assert plain.listeners.web is not None
    for sent in (b"", b"POST", f"{HEAD}Content-Length: 2\r\n\r\n{{".encode()):
        reader, writer = await asyncio.open_connection("127.0.0.1", plain.web_port)
        writer.write(sent)
        await eventually(lambda: plain.connection_count == 1)
        (connection,) = plain.listeners.web.connections
        now = asyncio.get_running_loop().time()
        connection.check_time(now + 5)
        assert plain.connection_count == 1
        connection.check_time(now + 11)
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        writer.close()
        await eventually(lambda: plain.connection_count == 0)


async def test_a_peer_that_leaves_ends_its_call(plain: Server) -> None:
    """A call whose peer is gone is cancelled."""
    writers = []
    for _ in range(50):
        _, writer = await asyncio.open_connection("127.0.0.1", plain.web_port)
        writer.write(EMPTY.encode())
        writer.transport.abort()
        writers.append(writer)
    await eventually(lambda: plain.connection_count == 0)


async def test_files_are_compressed_and_never_stale(client: httpx2.AsyncClient) -> None:
    """The page is asked for each time, and sent only if it has changed."""
    page = await client.get("/", headers={"accept-encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["vary"] == "accept-encoding"
    tag = page.headers["etag"]
    again = await client.get("/", headers={"accept-encoding": "gzip", "if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    raw = await client.get("/", headers={"accept-encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in raw.headers
    assert raw.headers["etag"] != tag
    assert raw.content == page.content
    head = await client.head("/")
    assert head.content == b""
    assert (await client.get("/../config.py")).status_code == 404
    assert (await client.get("/%2e%2e/config.py")).status_code == 404


async def test_errors_are_those_of_the_connect_protocol(client: httpx2.AsyncClient) -> None:
    """An error has the status of HTTP, the code, and the details of the status of gRPC."""
    answer = await client.post("/chat_grpc.v1.ChatService/ListRooms", json={})
    assert answer.status_code == 401
    error = answer.json()
    assert error["code"] == "unauthenticated"
    (detail,) = error["details"]
    assert detail["type"] == "google.rpc.ErrorInfo"
    assert detail["debug"] == {"reason": "NOT_SIGNED_IN", "domain": "chat_grpc"}
    bad = await client.post(LIST, content=b"{", headers={"content-type": "application/json"})
    assert (bad.status_code, bad.json()["code"]) == (400, "invalid_argument")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"connect-protocol-version": "1"}, 200, ""),
        ({"connect-protocol-version": "2"}, 400, "invalid_argument"),
        ({"connect-timeout-ms": "5000"}, 200, ""),
        ({"connect-timeout-ms": "0"}, 504, "deadline_exceeded"),
        ({"connect-timeout-ms": "12345678901"}, 400, "invalid_argument"),
        ({"content-encoding": "gzip"}, 501, "unimplemented"),
        ({"content-type": "application/json; charset=utf-8"}, 200, ""),
        ({"x-bin": "*"}, 400, "invalid_argument"),
    ],
)
async def test_the_headers_of_the_connect_protocol(
    client: httpx2.AsyncClient, headers: dict[str, str], status: int, code: str
) -> None:
    """Version, deadline, compression and binary metadata follow the specification."""
    given = {"content-type": "application/json", **headers}
    answer = await client.post(LIST, content=b"{}", headers=given)
    assert answer.status_code == status
    assert not code or answer.json()["code"] == code


async def test_a_stream_over_post_is_refused_with_a_reason(client: httpx2.AsyncClient) -> None:
    """`Connect` needs a WebSocket, and says so."""
    given = {"content-type": "application/connect+proto"}
    answer = await client.post("/chat_grpc.v1.ChatService/Connect", content=b"", headers=given)
    assert answer.status_code == 501
    assert "WebSocket" in answer.json()["message"]


async def test_everything_is_under_the_path(web: Server) -> None:
    """With `--web-path` the page, the calls and the cookie are under it, and nothing else is."""
    url = f"http://127.0.0.1:{web.web_port}"
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
        moved = await client.get("/chat")
        assert (moved.status_code, moved.headers["location"]) == (308, "/chat/")
        assert (await client.get("/chat/")).status_code == 200
        assert (await client.get("/")).status_code == 404
        assert (await client.post(LIST, json={})).status_code == 404
        assert (await client.post(f"/chat{LIST}", json={})).json() == {}
        headers = {"origin": url, "x-chat-grpc-session": "cookie"}
        path = "/chat/chat_grpc.v1.AccountService/SignIn"
        signed_in = await client.post(path, json={"name": "alice"}, headers=headers)
        assert "; Path=/chat;" in signed_in.headers["set-cookie"]


@pytest.mark.parametrize(
    "options",
    [
        {"web_listen": "nowhere"},
        {"web_listen": "unix:/tmp/x"},
        {"web_path": "chat"},
        {"web_path": "/chat/"},
        {"web_origin": ("chat.example.org",)},
        {"web_origin": ("https://chat.example.org/path",)},
    ],
)
def test_wrong_options_are_refused(options: dict[str, object]) -> None:
    """An address, a path or an origin that cannot be used ends the start."""
    with pytest.raises(ConfigError):
        Config(**options)  # type: ignore[arg-type]


async def test_a_network_needs_tls_or_a_word() -> None:
    """The address for browsers follows the rule of the address for gRPC."""
    open_to_all = Config(web_listen="0.0.0.0:8080")
    with pytest.raises(ConfigError, match=r"^0\.0\.0\.0:8080 is open to the network"):
        open_to_all.check_encrypted()
    assert not open_to_all.admits_guests


async def test_the_default_address_is_left_to_another_program(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy default port leaves a server without its page; a busy port that was named ends it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        monkeypatch.setattr(config, "WEB_ADDRESS", taken)
        async with running(web_listen="auto") as server:
            assert server.web_port == 0
            async with Recorder(server, name="alice"):
                pass
        assert f"cannot listen on {taken}: another program uses the port" in caplog.text
        assert "--web-listen off" in caplog.text
        with pytest.raises(ListenError, match=taken):
            async with running(web_listen=taken):
                pass
    async with running(web_listen="auto") as server:
        assert str(server.web_port) == taken.rpartition(":")[2]


async def test_a_flood_of_posts_leaves_the_loop_to_others(plain: Server) -> None:
    """Many connections with large requests are answered in turns."""

    async def flood() -> None:
        status, _ = await raw_request(
            plain.web_port, f"{HEAD}Content-Length: 60000\r\n\r\n{'[' * 60_000}"
        )
        assert status == 400

    async with asyncio.timeout(60 * UNIT):
        await asyncio.gather(*(flood() for _ in range(100)))
