"""`Host`, `Origin` and the cookie: no page of another site acts for a user, or learns a token."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from certificates import Certificates
from support import LOBBY, Recorder, eventually, running
from web.browser import Browser, browser_at, raw_request

from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

SIGN_IN = "/chat_grpc.v1.AccountService/SignIn"
LIST = "/chat_grpc.v1.ChatService/ListClients"
CONNECT = "/chat_grpc.v1.ChatService/Connect"


@pytest.fixture
async def web() -> AsyncIterator[Server]:
    """A server with the web transport."""
    async with running(web_listen="127.0.0.1:0", web_origin=("https://chat.example",)) as started:
        yield started


@pytest.fixture
async def browser(web: Server) -> AsyncIterator[Browser]:
    """A browser with the page of the server."""
    async with browser_at(web.web_port) as opened:
        yield opened


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:80", 200),
        ("localhost", 200),
        ("chat.localhost:8080", 200),
        ("[::1]:8080", 200),
        ("192.0.2.7", 200),
        ("chat.example", 200),
        ("CHAT.example", 200),
        ("chat.example:8080", 421),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("user@localhost", 421),
        ("", 421),
    ],
)
async def test_only_the_names_of_the_server_are_answered(
    web: Server, host: str, status: int
) -> None:
    """A name that another site could own is refused, so that DNS rebinding fails."""
    found, body = await raw_request(web.web_port, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")
    assert found == status
    if "evil.example" in host:
        assert f"--web-origin https://{host}" in body


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("same", True),
        ("https://chat.example", True),
        ("http://chat.example", False),
        ("https://chat.example.evil.example", False),
        ("https://evil.example", False),
        ("http://localhost:1", False),
        ("null", False),
    ],
)
async def test_pages_of_other_sites_call_nothing(
    web: Server, origin: str | None, *, allowed: bool
) -> None:
    """A POST or an upgrade with a foreign `Origin` is refused, with and without a cookie."""
    own = f"http://127.0.0.1:{web.web_port}"
    headers = {} if origin is None else {"origin": own if origin == "same" else origin}
    async with httpx2.AsyncClient(base_url=own, trust_env=False) as client:
        posted = await client.post(LIST, json={}, headers=headers)
        opened = await client.get(CONNECT, headers=headers)
    assert posted.status_code == (200 if allowed else 403)
    assert opened.status_code == (426 if allowed else 403)


async def test_forms_and_simple_requests_call_nothing(web: Server) -> None:
    """The bodies that a page may send to other sites without a preflight are no calls."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        url = f"http://127.0.0.1:{web.web_port}{LIST}"
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            answer = await client.post(url, content=b"{}", headers={"content-type": kind})
            assert answer.status_code == 415
        asked = await client.options(url, headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in asked.headers
        crossed = {"sec-fetch-site": "cross-site"}
        assert (await client.post(url, json={}, headers=crossed)).status_code == 403


async def test_a_page_never_learns_its_token(browser: Browser) -> None:
    """The token of a sign-in goes into a cookie that no script reads, also that of a guest."""
    answer = await browser.call(SIGN_IN, {"name": "alice"})
    assert answer.status_code == 200
    assert "token" not in answer.json()
    cookie = answer.headers["set-cookie"]
    assert "; HttpOnly; SameSite=Strict" in cookie
    assert "Path=/;" in cookie
    assert "Secure" not in cookie
    async with browser.stream() as stream:
        welcome = await stream.hello()
        assert welcome.client.name == "alice"
        assert welcome.token == ""
    assert (await browser.call("/chat_grpc.v1.ChatService/ListRooms", {})).status_code == 200


async def test_a_program_gets_its_token_in_the_response(web: Server) -> None:
    """Without the header of the page the response has the token, and sets no cookie."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        url = f"http://127.0.0.1:{web.web_port}{SIGN_IN}"
        answer = await client.post(url, json={"name": "bot"})
        assert answer.json()["token"]
        assert "set-cookie" not in answer.headers
        # A program that is no page cannot ask for a cookie: it would not send `Origin`.
        headers = {"x-chat-grpc-session": "cookie"}
        assert (await client.post(url, json={"name": "two"}, headers=headers)).json()["token"]


async def test_a_cookie_without_an_origin_is_no_token(browser: Browser) -> None:
    """The cookie counts only in requests of the server's own page."""
    await browser.call(SIGN_IN, {"name": "alice"})
    path = "/chat_grpc.v1.ChatService/ListRooms"
    cookies = {"cookie": browser.cookie, "content-type": "application/json"}
    answer = await browser.http.post(path, content=b"{}", headers=cookies)
    assert answer.status_code == 401


async def test_a_sign_out_clears_the_cookie(browser: Browser) -> None:
    """After a sign-out the browser has no token, and the old one is revoked."""
    await browser.call(SIGN_IN, {"name": "alice"})
    old = browser.cookie
    answer = await browser.call("/chat_grpc.v1.AccountService/SignOut", {})
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert browser.cookie == ""
    answer = await browser.call("/chat_grpc.v1.ChatService/ListRooms", {}, cookie=old)
    assert answer.status_code == 401
    assert "Max-Age=0" in answer.headers["set-cookie"]


async def test_a_revoked_token_ends_the_stream(web: Server, browser: Browser) -> None:
    """The WebSocket of a token that ends closes at once, with its reason."""
    await browser.call(SIGN_IN, {"name": "alice"})
    async with browser.stream() as stream:
        await stream.hello()
        await browser.call("/chat_grpc.v1.AccountService/SignOut", {})
        code, reason = await stream.closed()
    assert code == 4016
    assert reason.startswith("TOKEN_REVOKED: ")
    await eventually(lambda: web.stream_count == 0)


async def test_browsers_and_programs_are_in_one_chat(web: Server, browser: Browser) -> None:
    """A WebSocket and a stream of gRPC see each other's messages."""
    await browser.call(SIGN_IN, {"name": "alice"})
    async with browser.stream() as stream, Recorder(web.port, name="bob") as bob:
        await stream.hello()
        send = chat_pb2.Send(target=LOBBY, text="from a page", request_id="1")
        await stream.send(chat_pb2.ConnectRequest(send=send))
        await eventually(lambda: bob.texts == ["from a page"])
        await bob.sent("from a program")
        await stream.until(lambda event: event.message.text == "from a program")


async def test_by_tls_the_cookie_is_bound_to_it(certificates: Certificates) -> None:
    """By TLS the cookie is Secure with a prefix, and the page asks for TLS from then on."""
    async with (
        running(web_listen="127.0.0.1:0", **certificates.options) as server,
        browser_at(server.web_port, certificates.authority) as browser,
    ):
        answer = await browser.call(SIGN_IN, {"name": "alice"})
        assert answer.headers["set-cookie"].startswith("__Host-chat-grpc-")
        assert answer.headers["set-cookie"].endswith("; Secure")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        async with browser.stream() as stream:
            assert (await stream.hello()).client.name == "alice"


async def test_every_response_has_the_headers_of_a_strict_page(browser: Browser) -> None:
    """Pages, calls and errors carry the policy that allows only the server's own files."""
    answers = [
        await browser.http.get("/"),
        await browser.http.get("/nothing"),
        await browser.call(LIST, {}),
        await browser.call("/chat_grpc.v1.ChatService/ListRooms", {}),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; connect-src 'self'")
        assert "frame-ancestors 'none'; base-uri 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in answer.headers
