"""What the page shows of refusals, and how it stands floods and many tabs, in Chromium."""

from __future__ import annotations

import asyncio
import re

from browser.chat_page import ChatPage, joined, new_page
from browser.site import Site
from commands import done
from playwright.async_api import Browser, Locator, expect
from support import Recorder, eventually

from chat_grpc.v1 import chat_pb2

TABS = 30
FLOOD = 2000
SLOW = 6
"""How much slower the processor of a throttled tab is."""


def failed(page: ChatPage) -> Locator:
    """Return the state of messages that were refused."""
    return page.articles.get_by_role("alert")


async def moderate(site: Site, *arguments: str) -> None:
    """Act as the operator on the server's own machine."""
    action, *rest = arguments
    await asyncio.to_thread(done, "admin", action, "--data", str(site.data), *rest)


async def test_a_muted_user_sees_until_when_and_retries(browser: Browser, site: Site) -> None:
    """The message says that it was refused; after the mute, a retry sends it once."""
    alice = await joined(browser, site.url, "alice")
    bob = await joined(browser, site.url, "bob")
    await moderate(site, "mute", "--for", "1h", "alice")
    await alice.write("while muted")
    await expect(failed(alice)).to_contain_text("You are muted.")
    until = re.compile(r"You are muted\. Until \d{1,2}:\d\d")
    await expect(alice.page.locator("#composer-note")).to_contain_text(until)
    await failed(alice).get_by_role("button", name="Try again").click()
    await expect(failed(alice)).to_contain_text("You are muted.")
    await moderate(site, "unmute", "alice")
    await failed(alice).get_by_role("button", name="Try again").click()
    await expect(failed(alice)).to_have_count(0)
    for page in (alice, bob):
        await page.shows("while muted")
    assert not alice.complaints


async def test_a_refused_message_is_kept_until_it_is_discarded(
    browser: Browser, site: Site
) -> None:
    """A block refuses it. It is still there after a reload, and gone for good once discarded."""
    alice = await joined(browser, site.url, "alice")
    async with Recorder(site.port, name="bob") as bob:
        token = [("authorization", f"Bearer {bob.welcome.token}")]
        block = chat_pb2.BlockUserRequest(client_number=1)
        await bob.stub.BlockUser(block, metadata=token)
        place = f"#/direct/{bob.welcome.client.number}"
        await alice.visit(site.url, place)
        await alice.ready()
        await alice.write("for bob")
        await expect(failed(alice)).to_contain_text("One of you has blocked the other.")
        await alice.page.reload()
        await expect(failed(alice)).to_contain_text("One of you has blocked the other.")
        await failed(alice).get_by_role("button", name="Discard").click()
        await expect(alice.articles).to_have_count(0)
        await alice.page.reload()
        await alice.ready()
        await expect(alice.articles).to_have_count(0)
        assert not bob.texts


async def test_a_flood_into_a_throttled_tab(browser: Browser, site: Site) -> None:
    """A tab with a sixth of the speed gets each message once, in order, and stays usable."""
    alice = await joined(browser, site.url, "alice")
    session = await alice.page.context.new_cdp_session(alice.page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW})
    expected = [f"flood {number} {'x' * 500}" for number in range(FLOOD)]
    async with Recorder(site.port, name="bob") as bob, Recorder(site.port, name="carol") as carol:
        for text in expected:
            await bob.send(text)
        await eventually(lambda: len(carol.texts) == FLOOD, 30)
        assert carol.texts == expected
        await session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        await alice.shows(expected[-1])
        shown = await alice.texts()
        assert shown == expected[-len(shown) :]
        await alice.write("still here")
        await eventually(lambda: "still here" in carol.texts)
    assert not alice.complaints


async def test_thirty_tabs_of_the_page(browser: Browser, site: Site) -> None:
    """All tabs of one user are live at once, and show what the first and the last one write."""
    context = await browser.new_context()
    first = await joined(context, site.url, "alice")
    others = [await new_page(context) for _ in range(TABS - 1)]
    for tab in others:
        await tab.page.goto(f"{site.url}#/room/lobby", wait_until="commit")
    tabs = [first, *others]
    for number, tab in ((0, first), (TABS - 1, others[-1])):
        await tab.ready()
        await tab.write(f"from tab {number}")
    for tab in tabs:
        await tab.shows("from tab 0", f"from tab {TABS - 1}")
        assert not tab.complaints
