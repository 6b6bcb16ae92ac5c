"""The ways into the page, in Chromium: the issuer, and an invite link."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser.chat_page import ChatPage, new_page
from browser.site import Site, site_at
from commands import done
from oidc.local_issuer import LocalIssuer, flags
from playwright.async_api import Browser, expect
from server.accounts import PASSWORD

CLEAN = re.compile("^[^?#]*(#/.*)?$")
"""An address without a query, and without an invite code in its fragment."""


@pytest.fixture
async def with_issuer(issuer: LocalIssuer, tmp_path: Path) -> AsyncIterator[Site]:
    """A server without guests, whose users sign in at an issuer."""
    site = Site(tmp_path / "data", "--guests", "off", *flags(issuer.options(tmp_path)))
    # The origin of the page, to which the issuer sends its users back.
    issuer.behave(redirect_uri=site.url)
    await site.start()
    try:
        yield site
    finally:
        await site.end()


async def at_issuer(page: ChatPage, site: Site, user: str) -> None:
    """Go to the issuer, and log in there."""
    await page.visit(site.url)
    await page.page.get_by_role("button", name=re.compile("^Continue with 127.0.0.1")).click()
    await page.page.get_by_label("User").fill(user)
    await page.page.get_by_role("button", name="Log in").click()


async def test_a_user_of_the_issuer_signs_in(browser: Browser, with_issuer: Site) -> None:
    """The browser comes back signed in, with a clean address, and stays so over a reload."""
    page = await new_page(browser)
    await at_issuer(page, with_issuer, "alice")
    navigation = page.page.get_by_role("navigation", name="Conversations")
    await expect(navigation).to_be_visible()
    await expect(page.page).to_have_url(CLEAN)
    await page.visit(with_issuer.url)
    await page.write("from the issuer")
    await page.page.reload()
    await page.shows("from the issuer")
    stored = await page.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    [cookie] = await page.page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["value"] not in stored
    assert not page.complaints


async def test_an_answer_of_the_issuer_counts_in_its_own_tab(
    browser: Browser, with_issuer: Site
) -> None:
    """A link with the answer of the issuer signs no other browser in."""
    thief, victim = await new_page(browser), await new_page(browser)
    answers: list[str] = []
    victim.page.on(
        "request",
        lambda request: answers.append(request.url) if "code=" in request.url else None,
    )
    await at_issuer(victim, with_issuer, "alice")
    await expect(victim.page.get_by_role("navigation", name="Conversations")).to_be_visible()
    answer = next(url for url in answers if url.startswith(with_issuer.url))
    await thief.page.goto(answer)
    await expect(thief.page.get_by_text("The sign-in has expired. Start again.")).to_be_visible()
    await expect(thief.page.get_by_label("Name")).to_be_visible()
    await expect(thief.page).to_have_url(CLEAN)
    assert await thief.page.context.cookies() == []


async def test_an_invite_link_creates_an_account(browser: Browser, tmp_path: Path) -> None:
    """The code is filled in and leaves the address; a second use of the link is refused."""
    data = tmp_path / "data"
    async with site_at(data, "--accounts", "invite", "--guests", "off") as site:
        made = await asyncio.to_thread(done, "user", "invite", "--data", str(data))
        code = made.split()[0].rpartition("=")[2]
        for name, works in (("alice", True), ("bob", False)):
            page = await new_page(browser)
            await page.page.goto(f"{site.url}#invite={code}")
            await expect(page.page.get_by_label("Invite code")).to_have_value(code)
            await expect(page.page).to_have_url(CLEAN)
            await page.page.get_by_label("Name").fill(name)
            await page.page.get_by_label("Password", exact=True).fill(PASSWORD)
            await page.page.get_by_role("button", name="Create account", exact=True).click()
            field = page.page.get_by_label("Invite code")
            if works:
                navigation = page.page.get_by_role("navigation", name="Conversations")
                await expect(navigation).to_be_visible()
            else:
                await expect(field).to_have_attribute("aria-invalid", "true")
                await expect(field).to_be_focused()
            assert not page.complaints
