"""Streams of real browsers: with other clients, in many tabs, and over faults."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

from browser.one_chat import each_sees_the_others, grpcurl
from browser.site import Site
from browser.tab import SIGN_IN, Tab, another_tab, signed_in
from playwright.async_api import Browser, Dialog
from support import UNIT, Recorder, eventually
from torture.proxy import Proxy

ACCOUNT = "/chat_grpc.v1.AccountService"
TABS = 30
FLOOD = 3000


async def test_browsers_a_terminal_and_grpcurl_are_in_one_chat(
    browser: Browser, site: Site
) -> None:
    """Each sees what the others write."""
    alice = await signed_in(await browser.new_context(), site.url, "alice")
    bob = await signed_in(await browser.new_context(), site.url, "bob")
    await each_sees_the_others(site, alice, bob)


async def test_thirty_tabs_of_one_browser_are_open_at_once(browser: Browser, site: Site) -> None:
    """Each has its stream, and gets each message once."""
    context = await browser.new_context()
    tabs = [await signed_in(context, site.url, "alice")]
    tabs += [await another_tab(context, site) for _ in range(TABS - 1)]
    for number, tab in enumerate(tabs):
        await tab.write(f"from tab {number}")
    for tab in tabs:
        await tab.shows(*[f"from tab {number}" for number in range(TABS)])
        assert len(await tab.texts()) == TABS


async def test_nothing_is_lost_or_doubled_over_faults(browser: Browser, site: Site) -> None:
    """The server is killed, and the network is cut and stalls, while two people write."""
    async with Proxy(site.web_port) as first, Proxy(site.web_port) as second:
        proxies = (first, second)
        tabs = [
            await signed_in(await browser.new_context(), f"http://127.0.0.1:{proxy.port}/", name)
            for proxy, name in zip(proxies, ("alice", "bob"), strict=True)
        ]

        async def cut() -> None:
            for proxy in proxies:
                proxy.cut()

        async def stall() -> None:
            first.stall()

        async def heal() -> None:
            first.heal()

        faults: list[Callable[[], Awaitable[None]]] = [cut, site.restart, stall, cut, heal]
        sent: list[str] = []
        for turn, fault in enumerate([*faults, cut, site.restart]):
            for number, tab in enumerate(tabs):
                for part in "abc":
                    sent.append(f"{turn} {part} of {number}")
                    await tab.write(sent[-1])
            await fault()
            if first.flows:  # a tab behind a stalled proxy cannot connect
                await asyncio.gather(*(tab.stays_connected() for tab in tabs))
        for tab in tabs:
            await eventually(tab.settled, 30)
            await tab.shows(*sent)
        lists = [await tab.texts() for tab in tabs]
        assert all(tab.streams > 3 for tab in tabs), "the faults did not end the streams"
        assert lists[0] == lists[1]
        assert sorted(lists[0]) == sorted(sent)


async def test_a_revoked_session_ends_at_once(browser: Browser, site: Site) -> None:
    """The stream of the tab closes with the reason, and its cookie is gone with the next call."""
    tabs = []
    credentials = {"name": "alice", "password": "correct horse battery"}
    await grpcurl(site, "chat_grpc.v1.AccountService/Register", credentials)
    for _ in range(2):
        tab = Tab(await (await browser.new_context()).new_page())
        await tab.page.goto(site.url)
        await tab.call(SIGN_IN, credentials)
        assert await tab.connect()
        tabs.append(tab)
    lost, other = tabs
    listed = json.loads(await other.call(f"{ACCOUNT}/ListTokens", {}))["tokens"]
    oldest = listed[-1]["tokenId"]
    start = time.monotonic()
    await other.call(f"{ACCOUNT}/RevokeToken", {"tokenId": oldest})
    code, reason = await eventually(lost.closed)
    assert time.monotonic() - start < 2 * UNIT
    assert (code, reason.partition(":")[0]) == (4016, "TOKEN_REVOKED")
    assert not await other.closed()


async def test_a_tab_without_its_cookie_is_not_signed_in(browser: Browser, site: Site) -> None:
    """The stream says so by its close code."""
    context = await browser.new_context()
    tab = await signed_in(context, site.url, "alice")
    await context.clear_cookies()
    await tab.page.reload()
    await tab.connect()
    code, reason = await eventually(tab.closed)
    assert (code, reason.partition(":")[0]) == (4016, "NOT_SIGNED_IN")


async def test_a_tab_that_does_not_read_catches_up_and_costs_nobody(
    browser: Browser, site: Site
) -> None:
    """A dialog stops its script during a flood; then it gets all once, in order."""
    tab = await signed_in(await browser.new_context(), site.url, "alice")
    dialogs: list[Dialog] = []
    tab.page.on("dialog", lambda dialog: dialogs.append(dialog))
    await tab.page.evaluate("setTimeout(alert, 0)")
    await eventually(lambda: dialogs)
    expected = [f"{number} {'x' * 4000}" for number in range(FLOOD)]
    async with Recorder(site.port, name="bob") as bob, Recorder(site.port, name="carol") as carol:
        for text in expected:
            await bob.send(text)
        await eventually(lambda: len(carol.texts) == FLOOD, 30)
        assert carol.texts == expected
    await dialogs[0].accept()
    await tab.shows(expected[-1])
    assert await tab.texts() == expected
