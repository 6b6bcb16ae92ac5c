"""The policy, the cookie, `Origin` and `Host`, as Chromium itself applies them."""

from __future__ import annotations

import asyncio
import base64
from functools import partial
from typing import Any

from browser.chromium import chromium, complaints_of
from browser.other_site import other_site
from browser.site import Site
from browser.tab import CONNECT, SIGN_IN, post
from playwright.async_api import Browser, BrowserContext, Page
from support import UNIT, eventually

from chat_grpc.v1 import chat_pb2

LIST_TOKENS = "/chat_grpc.v1.AccountService/ListTokens"
LIST_MESSAGES = "/chat_grpc.v1.ChatService/ListMessages"
SEND_TO = "/chat_grpc.v1.ChatService/SendTo"

BLIND_POST = """([url, body]) => fetch(url, {method: "POST", mode: "no-cors",
    credentials: "include", headers: {"content-type": "text/plain"}, body}).catch(() => 0)"""
"""A request that needs no permission: the browser sends it, but the page sees no answer."""

SOCKET = """([url, hello]) => new Promise(resolve => {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(Uint8Array.from(atob(hello), c => c.charCodeAt(0)));
    socket.onmessage = message => {
        resolve(btoa(String.fromCharCode(...new Uint8Array(message.data))));
        socket.close();
    };
    socket.onclose = closed => resolve(closed.code);
})"""


async def sign_in(context: BrowserContext, site: Site, name: str) -> Page:
    """Sign in as a guest, with the session in the cookie."""
    page = await context.new_page()
    await page.goto(site.url)
    status, body = await post(page, SIGN_IN, {"name": name}, x_chat_grpc_session="cookie")
    assert status == 200, body
    assert '"token"' not in body
    return page


async def opened(page: Page, url: str) -> chat_pb2.Event | int:
    """Say hello on a WebSocket; return the first event, or the close code."""
    hello = chat_pb2.ConnectRequest(hello=chat_pb2.Hello()).SerializeToString()
    found = await page.evaluate(SOCKET, [url, base64.b64encode(hello).decode()])
    if isinstance(found, int):
        return found
    return chat_pb2.ConnectResponse.FromString(base64.b64decode(found)).events[0]


async def test_a_script_says_hello_over_a_websocket(browser: Browser, site: Site) -> None:
    """The cookie signs the stream in: the welcome has the number of the signed-in user."""
    page = await sign_in(await browser.new_context(), site, "alice")
    event = await opened(page, f"ws://127.0.0.1:{site.web_port}{CONNECT}")
    assert isinstance(event, chat_pb2.Event)
    assert event.welcome.client.number == 1
    assert not event.welcome.token  # the cookie has it


async def test_scripts_do_not_see_the_cookie(browser: Browser, site: Site) -> None:
    """It is HttpOnly and SameSite=Strict, and nothing is in storage."""
    context = await browser.new_context()
    page = await sign_in(context, site, "alice")
    assert await page.evaluate("document.cookie") == ""
    assert await page.evaluate("[...Object.values(localStorage)].join()") == ""
    (cookie,) = await context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")


ESCAPES = [
    "document.head.append(Object.assign(document.createElement('script'), {text: 'top.ran = 1'}))",
    "document.head.append(Object.assign(document.createElement('script'), {src: OTHER}))",
    "document.body.append(Object.assign(document.createElement('img'), {src: OTHER}))",
    "document.body.append(Object.assign(document.createElement('iframe'), {src: OTHER}))",
    "document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=top.ran=1>')",
    "document.body.insertAdjacentHTML('beforeend', '<b style=color:red>b</b>')",
    "document.head.append(Object.assign(document.createElement('base'), {href: OTHER}))",
    "fetch(OTHER).catch(() => 0)",
    "new WebSocket(OTHER.replace('http', 'ws'))",
    "document.body.appendChild(Object.assign(document.createElement('form'), "
    "{action: OTHER})).submit()",
]
"""Ways of markup to run a script or to reach another origin, as scripts that add the markup."""

RECORD = """() => {
    window.violated = 0;
    document.addEventListener("securitypolicyviolation", () => { window.violated += 1; });
}"""


async def test_the_policy_stops_what_markup_could_do(browser: Browser, site: Site) -> None:
    """Even a page that let markup through would run no script and reach no other origin."""
    async with other_site() as other:
        for escape in ESCAPES:
            page = await browser.new_page()
            complaints = complaints_of(page)
            await page.goto(site.url)
            await page.evaluate(RECORD)
            script = escape.replace("OTHER", f"'{other}'")
            await page.evaluate(f"() => {{ {script} }}")
            await eventually(partial(page.evaluate, "window.violated"))
            assert await page.evaluate("window.ran") is None, escape
            assert page.url == site.url, escape
            await eventually(partial(bool, complaints))
            await page.close()


async def test_the_page_is_not_shown_in_a_frame(browser: Browser, site: Site) -> None:
    """`frame-ancestors 'none'`: another page cannot lay itself over it."""
    async with other_site(f'<iframe src="{site.url}"></iframe>') as other:
        page = await browser.new_page()
        await page.goto(other)
        frame = page.frames[1]
        await eventually(lambda: frame.url)
        assert "chat-grpc" not in await frame.content()


async def test_a_foreign_page_acts_for_nobody(browser: Browser, site: Site) -> None:
    """On another port of the host the browser sends the cookie, and the server refuses `Origin`."""
    context = await browser.new_context()
    own = await sign_in(context, site, "alice")
    async with other_site() as other:
        page = await context.new_page()
        await page.goto(other)
        url = site.url.rstrip("/")
        plain: dict[str, Any] = {"content_type": "text/plain"}
        assert (await post(page, f"{url}{LIST_TOKENS}", {}))[0] == 0
        assert (await post(page, f"{url}{LIST_TOKENS}", {}, **plain))[0] == 0
        assert await opened(page, f"ws://127.0.0.1:{site.web_port}{CONNECT}") == 1006
        await page.evaluate(BLIND_POST, [f"{url}{SIGN_IN}", '{"name": "mallory"}'])
        await page.evaluate(BLIND_POST, [f"{url}{SEND_TO}", '{"text": "forged"}'])
    status, body = await post(own, LIST_MESSAGES, {"target": {"room": "lobby"}})
    assert (status, body) == (200, "{}")
    status, body = await post(own, SIGN_IN, {"name": "mallory"})
    assert status == 200, "the forged request has taken the name"


async def test_a_name_of_another_site_is_not_answered(site: Site) -> None:
    """DNS rebinding: a name that an attacker points to the server gets 421, and no page."""
    async with chromium("--host-resolver-rules=MAP evil.example 127.0.0.1") as browser:
        page = await browser.new_page()
        async with asyncio.timeout(20 * UNIT):
            answer = await page.goto(f"http://evil.example:{site.web_port}/")
        assert answer is not None
        assert answer.status == 421
        status, body = await post(page, SIGN_IN, {"name": "mallory"})
        assert (status, "mallory" in body) == (421, False)
