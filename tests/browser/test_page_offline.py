"""The page without its server, after an update of the server, and over reloads, in Chromium."""

from __future__ import annotations

import sys
from pathlib import Path

from browser import other_build
from browser.chat_page import ChatPage, joined, new_page
from browser.site import Site
from playwright.async_api import Browser, expect
from support import Recorder, eventually


async def controlled(page: ChatPage) -> None:
    """Wait until the worker keeps the files of the page."""
    await page.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    controller = "navigator.serviceWorker.controller !== null"
    await eventually(lambda: page.page.evaluate(controller))


async def test_the_page_opens_without_its_server_and_says_so(browser: Browser, site: Site) -> None:
    """A reload keeps the list of conversations, a new tab waits; both come back by themselves."""
    context = await browser.new_context()
    alice = await joined(context, site.url, "alice")
    await controlled(alice)
    await alice.write("before")
    await alice.shows("before")
    await site.end()
    await alice.page.reload()
    await expect(alice.page.get_by_text("Offline. Next try in")).to_be_visible()
    conversations = alice.page.get_by_role("navigation", name="Conversations")
    await expect(conversations.get_by_role("link", name="lobby")).to_be_visible()
    await alice.write("written offline after a reload")
    other = await new_page(context)
    await other.visit(site.url)
    message = "You are offline. The chat opens when the server answers again."
    await expect(other.page.get_by_text(message)).to_be_visible()
    await site.start()
    for page in (alice, other):
        await page.shows("before", "written offline after a reload")
        await expect(page.page.get_by_text("Offline. Next try in")).to_have_count(0)
        assert not page.complaints


async def test_an_update_of_the_server_updates_the_page(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    """The next load has the new page, also from the worker, and the old files are gone."""
    alice = await joined(browser, site.url, "alice")
    await controlled(alice)
    other_build.make_next(tmp_path / "next")
    await site.end()
    site.command = [sys.executable, other_build.__file__, str(tmp_path / "next")]
    await site.start()
    build = "document.documentElement.dataset.build ?? ''"
    await alice.shows()
    assert await alice.page.evaluate(build) == ""
    await alice.page.reload()
    await alice.ready()
    assert await alice.page.evaluate(build) == "next"
    kept = "caches.keys().then(all => all.length === 1 && all[0].includes('NEXTNEXT'))"
    await eventually(lambda: alice.page.evaluate(kept), 20)
    await site.end()
    await alice.page.reload()
    await expect(alice.page.get_by_text("Offline. Next try in")).to_be_visible()
    assert await alice.page.evaluate(build) == "next"
    assert not alice.complaints


async def test_a_tab_that_comes_back_resumes_and_reads_little(browser: Browser, site: Site) -> None:
    """Messages of the absence are shown once; lists that events update are not read again."""
    alice = await joined(browser, site.url, "alice")
    async with Recorder(site.port, name="bob") as bob:
        await bob.sent("seen before")
        await alice.shows("seen before")
        await alice.page.goto("about:blank")
        await bob.sent("missed")
        calls: list[str] = []
        alice.page.on("request", lambda request: calls.append(request.url.rpartition("/")[2]))
        await alice.visit(site.url)
        await alice.shows("seen before", "missed")
        await eventually(lambda: {"ListBlocked", "ListClients"} <= set(calls))
    called = [each for each in calls if each.startswith("List")]
    assert sorted(called) == ["ListBlocked", "ListClients", "ListMessages"]
    stored = await alice.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "seen before" in stored, "the tab keeps nothing"
    [cookie] = await alice.page.context.cookies()
    assert cookie["value"] not in stored
