"""The page in Chromium: with other clients, over faults, and with hostile texts."""

from __future__ import annotations

import json
import re
import signal
import time

import pytest
from browser.chat_page import ChatPage, joined, new_page
from browser.one_chat import each_sees_the_others, grpcurl
from browser.site import Site
from playwright.async_api import Browser, Route, WebSocketRoute, expect
from support import LOBBY, UNIT, Recorder, eventually
from torture.proxy import Proxy

from chat_grpc.v1 import chat_pb2

HOSTILE = [
    "<script>window.ran = 1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg/onload=window.ran=1>",
    "[click](javascript:window.ran=1)",
    "javascript:window.ran=1",
    "data:text/html,<script>window.ran=1</script>",
    "`<b>code</b>`",
    "> <iframe srcdoc='<script>top.ran=1</script>'>",
    '" onmouseover="window.ran=1',
    "https://example.org/\"onmouseover='window.ran=1'",
    "{{constructor.constructor('window.ran=1')()}}",
    "**<b onclick=window.ran=1>bold</b>**",
    "&lt;script&gt;window.ran=1&lt;/script&gt;",
]
"""Texts that would run a script if the page took them as markup. Each is one message."""

PLAIN_NAME, HOSTILE_NAME = "mallory-mallory-mallory-mal", "<img src=x onerror='ran=1'>"


def token_of(person: Recorder) -> list[tuple[str, str]]:
    """Return the metadata that signs a person's calls in."""
    return [("authorization", f"Bearer {person.welcome.token}")]


async def test_pages_a_terminal_and_grpcurl_are_in_one_chat(browser: Browser, site: Site) -> None:
    """Each sees what the others write."""
    alice = await joined(browser, site.url, "alice")
    bob = await joined(browser, site.url, "bob")
    await each_sees_the_others(site, alice, bob)
    assert not alice.complaints + bob.complaints


async def test_the_page_loses_and_doubles_nothing_over_faults(browser: Browser, site: Site) -> None:
    """The server is killed and the network is cut while two people write in the page."""
    async with Proxy(site.web_port) as first, Proxy(site.web_port) as second:
        pages = [
            await joined(browser, f"http://127.0.0.1:{proxy.port}/", name)
            for proxy, name in ((first, "alice"), (second, "bob"))
        ]
        sent: list[str] = []

        async def write() -> None:
            for number, page in enumerate(pages):
                sent.append(f"message {len(sent)} of {number}")
                await page.write(sent[-1])

        await write()
        first.cut()
        await write()
        await site.end(signal.SIGKILL)
        await write()
        for page in pages:
            await expect(page.page.get_by_role("button", name="Try now")).to_be_visible()
            await expect(page.page.get_by_text("Sending…")).not_to_have_count(0)
        await site.start()
        second.cut()
        await write()
        for page in pages:
            await page.shows(*sent)
            await expect(page.page.get_by_text("Sending…")).to_have_count(0)
            await expect(page.page.get_by_role("button", name="Try now")).to_have_count(0)
        lists = [await page.texts() for page in pages]
        assert lists[0] == lists[1]
        assert sorted(lists[0]) == sorted(sent)


async def test_an_unsent_message_survives_a_reload(browser: Browser, site: Site) -> None:
    """It is written while the server is away, and sent once by the page that comes next."""
    context = await browser.new_context()
    alice = await joined(context, site.url, "alice")
    await alice.write("before")
    await alice.shows("before")
    await site.end(signal.SIGKILL)
    await alice.write("while away")
    await alice.page.close()
    await site.start()
    again = await new_page(context)
    await again.visit(site.url)
    await again.shows("before", "while away")
    async with Recorder(site.port, name="bob") as bob:
        request = chat_pb2.ListMessagesRequest(target=LOBBY)

        async def stored() -> list[str]:
            listed = await bob.stub.ListMessages(request, metadata=token_of(bob))
            return [each.message.text for each in listed.messages]

        await eventually(stored)
        assert (await stored()).count("while away") == 1


async def test_texts_of_others_are_never_markup(browser: Browser, site: Site) -> None:
    """No script runs, no element appears, and no link leads to a script."""
    alice = await joined(browser, site.url, "alice")
    async with Recorder(site.port, name="mallory") as mallory:
        for text in HOSTILE:
            await mallory.sent(text)
        room = chat_pb2.CreateRoomRequest(name="evil", topic=HOSTILE[1])
        await mallory.stub.CreateRoom(room, metadata=token_of(mallory))
        await mallory.sent("the end")
        await alice.shows("the end")
    page = alice.page
    assert await alice.articles.count() == len(HOSTILE) + 1
    foreign = "article :is(script, img, svg[onload], iframe, b[onclick], [onmouseover], [srcdoc])"
    assert await page.locator(foreign).count() == 0
    links = await page.locator("article a").evaluate_all("all => all.map(each => each.href)")
    assert all(link.startswith("https://example.org/") for link in links), links
    await alice.visit(site.url, "#/room/evil")
    await expect(page.get_by_role("heading", name="evil")).to_be_visible()
    assert await page.evaluate("window.ran") is None
    assert not alice.complaints


async def test_names_and_reactions_are_never_markup(browser: Browser, site: Site) -> None:
    """They are text wherever the page shows them, even if a server did not check them."""
    context = await browser.new_context()
    # The server refuses such names and reactions, so they are written into its answers.
    forged = {PLAIN_NAME: HOSTILE_NAME, "👍": "<b>r"}
    assert all(len(old.encode()) == len(new.encode()) for old, new in forged.items())

    def forge(content: bytes | str) -> bytes:
        assert isinstance(content, bytes)
        for old, new in forged.items():
            content = content.replace(old.encode(), new.encode())
        return content

    def stream(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        server.on_message(lambda message: route.send(forge(message)))

    async def call(route: Route) -> None:
        response = await route.fetch()
        await route.fulfill(response=response, body=forge(await response.body()))

    await context.route_web_socket(re.compile("/Connect$"), stream)
    await context.route(re.compile(r"/chat_grpc\.v1\.\w+/\w+$"), call)
    alice = await joined(context, site.url, "alice")
    page = alice.page
    async with Recorder(site.port, name=PLAIN_NAME) as mallory:
        sent = await mallory.sent("hello @alice")
        react = chat_pb2.React(target_sequence=sent.sequence, emoji="👍", request_id="reaction")
        await mallory.write(react=react)
        await expect(alice.articles.last.get_by_role("button", name="<b>r")).to_be_visible()
        people = page.get_by_role("complementary", name="People")
        await expect(people.get_by_text(HOSTILE_NAME)).to_be_visible()
        await mallory.write(set_typing=chat_pb2.SetTyping(target=LOBBY))
        await expect(page.get_by_text(f"{HOSTILE_NAME} is typing")).to_be_visible()
        await page.keyboard.press("Control+k")
        await page.keyboard.type("img")
        await expect(page.get_by_role("option").first).to_contain_text(HOSTILE_NAME)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=HOSTILE_NAME)).to_be_visible()
        await mallory.sent("for alice", chat_pb2.Target(client_number=1))
        await alice.shows("for alice")
    assert await page.locator("#app :is(script, [onerror], [src=x], b)").count() == 0
    assert await page.evaluate("window.ran") is None
    assert not alice.complaints


async def test_a_revoked_session_shows_the_sign_in_at_once(browser: Browser, site: Site) -> None:
    """The page says that the session was ended."""
    credentials = {"name": "alice", "password": "correct horse battery"}
    await grpcurl(site, "chat_grpc.v1.AccountService/Register", credentials)
    page = await new_page(browser)
    await signed_in(page, site, **credentials)
    signed = await grpcurl(site, "chat_grpc.v1.AccountService/SignIn", credentials)
    token = json.loads(signed)["token"]
    listed = await grpcurl(site, "chat_grpc.v1.AccountService/ListTokens", {}, token)
    oldest = json.loads(listed)["tokens"][-1]["token_id"]
    start = time.monotonic()
    revoke = "chat_grpc.v1.AccountService/RevokeToken"
    await grpcurl(site, revoke, {"token_id": oldest}, token)
    await expect(page.page.get_by_label("Name")).to_be_visible()
    assert time.monotonic() - start < 3 * UNIT
    await expect(page.page.get_by_text("Your session was ended.")).to_be_visible()


async def signed_in(page: ChatPage, site: Site, name: str, password: str) -> None:
    """Sign in with a password."""
    await page.visit(site.url)
    await page.page.get_by_role("button", name="I have an account").click()
    await page.page.get_by_label("Name").fill(name)
    await page.page.get_by_label("Password", exact=True).fill(password)
    await page.page.get_by_role("button", name="Sign in", exact=True).click()
    await page.ready()


async def test_a_page_without_its_cookie_shows_the_sign_in(browser: Browser, site: Site) -> None:
    """It does so after a reload, and lets the user in again."""
    alice = await joined(browser, site.url, "alice")
    await alice.page.context.clear_cookies()
    await alice.page.reload()
    await expect(alice.page.get_by_label("Name")).to_be_visible()


async def test_tabs_agree_on_unread_messages(browser: Browser, site: Site) -> None:
    """A message that is read in one tab is read in the other."""
    context = await browser.new_context()
    reader = await joined(context, site.url, "alice")
    other = await new_page(context)
    async with Recorder(site.port, name="bob") as bob:
        direct = chat_pb2.Target(client_number=1)
        await other.visit(site.url)
        await bob.sent("for alice", direct)
        unread = other.page.get_by_role("link", name="bob").get_by_text("1 unread message")
        await expect(unread).to_have_count(1, timeout=20_000)
        await reader.page.bring_to_front()
        await reader.visit(site.url, f"#/direct/{bob.welcome.client.number}")
        await reader.shows("for alice")
        await expect(unread).to_have_count(0, timeout=20_000)


@pytest.mark.parametrize(
    ("button", "attributes"),
    [
        ("I have an account", ("username", "current-password")),
        ("Create an account", ("username", "new-password")),
    ],
)
async def test_password_managers_know_the_fields(
    browser: Browser, site: Site, button: str, attributes: tuple[str, str]
) -> None:
    """The fields of a sign-in and of a registration have the attributes that they look for."""
    page = (await new_page(browser)).page
    await page.goto(site.url)
    await page.get_by_role("button", name=button).click()
    fields = (page.get_by_label("Name"), page.get_by_label("Password", exact=True))
    for field, value in zip(fields, attributes, strict=True):
        await expect(field).to_have_attribute("autocomplete", value)
