"""The server page for admins, in Chromium."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import apsw
from browser.chromium import WITHIN, complaints_of
from browser.site import Site
from browser.tab import SIGN_IN, post, signed_in
from commands import done
from playwright.async_api import Browser, Page, expect
from server.accounts import PASSWORD
from support import Recorder, eventually


async def opened(browser: Browser, site: Site, name: str, part: str = "") -> Page:
    """Sign in with an account in a new context, and open the server page at a tab."""
    context = await browser.new_context(locale="en-US")
    context.set_default_timeout(WITHIN)
    page = await context.new_page()
    await page.goto(site.url)
    status, text = await post(
        page,
        SIGN_IN,
        {"name": name, "password": PASSWORD},
        x_chat_grpc_session="cookie",
    )
    assert status == 200, text
    await page.goto(f"{site.url}#/server/{part}")
    await page.reload()
    return page


async def account(site: Site, name: str, *options: str) -> None:
    """Create an account on the server's own machine."""
    arguments = ("user", "add", "--data", str(site.data), *options, name)
    await asyncio.to_thread(done, *arguments, stdin=f"{PASSWORD}\n")


async def test_an_admin_sees_the_figures_and_kicks_a_stream(browser: Browser, site: Site) -> None:
    """The overview counts, the table of streams names a user, and the dialog ends the streams."""
    await account(site, "root", "--admin")
    tab = await signed_in(await browser.new_context(), site.url, "mallory")
    page = await opened(browser, site, "root")
    complaints = complaints_of(page)
    await expect(page.get_by_text("Serving", exact=True)).to_be_visible()
    chart = page.get_by_role("img", name=re.compile("^Memory, last 1 min: now .+ MB, lowest"))
    await expect(chart).to_be_visible()
    await page.get_by_role("tab", name="Streams").click()
    assert page.url.endswith("#/server/streams")
    await page.get_by_label("Filter", exact=True).fill("mallory")
    await expect(page.get_by_text("1–1 of 1")).to_be_visible()
    await page.get_by_role("button", name="Actions for mallory").click()
    await page.get_by_role("menuitem", name="Kick…").click()
    dialog = page.get_by_role("dialog", name=re.compile(r"^Kick mallory \(\d+\)$"))
    await dialog.get_by_label("Reason").fill("too loud")
    await dialog.get_by_role("button", name="Kick", exact=True).click()
    await expect(page.get_by_text("Kicked mallory: 1 stream ended.")).to_be_visible()
    await eventually(tab.closed)
    assert (await tab.closed())[0] == 4010
    await page.get_by_role("tab", name="Audit log").click()
    row = page.get_by_role("row", name=re.compile(r"root kicked mallory \(\d+\)\..*too loud"))
    await expect(row).to_be_visible()
    assert complaints == []


async def test_an_admin_finds_a_mute_and_removes_it(browser: Browser, site: Site) -> None:
    """The list is of all mutes, or of a room; a mute that somebody else made can be removed."""
    await account(site, "root", "--admin")
    async with Recorder(site.port, name="mallory"), Recorder(site.port, name="trent"):
        act = ("admin", "mute", "--data", str(site.data), "--for", "1h", "--reason", "spam")
        for arguments in (("mallory",), ("--room", "lobby", "trent")):
            await asyncio.to_thread(done, *act, *arguments)
        page = await opened(browser, site, "root", "mutes")
        complaints = complaints_of(page)
        everywhere = page.get_by_role(
            "row", name=re.compile(r"mallory #\d+ everywhere local .*spam")
        )
        lobby = page.get_by_role("row", name=re.compile(r"trent #\d+ #lobby local .*spam"))
        await expect(everywhere).to_be_visible()
        await expect(lobby).to_be_visible()
        room = page.get_by_role("searchbox", name="Room")
        await room.fill("#lobby")
        await expect(everywhere).to_have_count(0)
        await expect(lobby).to_be_visible()
        await lobby.get_by_role("button", name="Unmute").click()
        await expect(page.get_by_text("The mute of trent is removed.")).to_be_visible()
        await expect(lobby).to_have_count(0)
        assert complaints == []
        await room.fill("cave")
        await expect(page.get_by_text("There is no room cave.")).to_be_visible()
        await room.fill("")
        await expect(everywhere).to_be_visible()


async def test_a_backup_is_a_download(browser: Browser, site: Site, tmp_path: Path) -> None:
    """The downloaded file is a whole database."""
    await account(site, "root", "--admin")
    page = await opened(browser, site, "root", "operation")
    await page.evaluate("delete window.showSaveFilePicker")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download a backup").click()
    await (await download.value).save_as(tmp_path / "copy.db")
    await expect(page.get_by_text("The backup is complete")).to_be_visible()
    copy = apsw.Connection(str(tmp_path / "copy.db"), flags=apsw.SQLITE_OPEN_READONLY)
    assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    copy.close()


async def test_an_invite_is_created_and_revoked(browser: Browser, site: Site) -> None:
    """The code and its link are shown once; a revoked invite leaves the list."""
    await account(site, "root", "--admin")
    page = await opened(browser, site, "root", "invites")
    await page.get_by_role("button", name="Create invite…").click()
    await page.get_by_label("Number of accounts").fill("3")
    await page.get_by_role("button", name="Create", exact=True).click()
    code = await page.get_by_label("Code", exact=True).input_value()
    assert await page.get_by_label("Link", exact=True).input_value() == f"{site.url}#invite={code}"
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("cell", name="0 of 3")).to_be_visible()
    await page.get_by_role("button", name="Revoke").click()
    await expect(page.get_by_role("cell", name="0 of 3")).to_have_count(0)


async def test_a_drain_says_first_what_happens(browser: Browser, site: Site) -> None:
    """The dialog names the effect; cancelling it does nothing, and confirming it drains."""
    await account(site, "root", "--admin")
    page = await opened(browser, site, "root", "operation")
    async with Recorder(site.port, name="alice") as alice:
        for choice in ("Cancel", "Drain and end"):
            await page.get_by_role("button", name="Drain the server…").click()
            dialog = page.get_by_role("dialog", name="Drain the server")
            await expect(dialog.get_by_text("No acknowledged message is lost")).to_be_visible()
            assert not alice.of("go_away")
            await dialog.get_by_label("Ask the clients over").select_option("0")
            await dialog.get_by_role("button", name=choice).click()
            await expect(dialog).to_have_count(0)
        await eventually(lambda: alice.of("go_away"))


async def test_another_user_sees_no_figures(browser: Browser, site: Site) -> None:
    """The server refuses its methods, and the page says so in place of the figures."""
    await account(site, "alice")
    page = await opened(browser, site, "alice")
    await expect(page.get_by_text("This page needs the admin role.")).to_be_visible()
    await expect(page.get_by_role("tab")).to_have_count(0)


async def test_the_tabs_work_by_keyboard(browser: Browser, site: Site) -> None:
    """Arrows, Home and End move between the tabs; a dialog gives the focus back when it closes."""
    await account(site, "root", "--admin")
    page = await opened(browser, site, "root")
    await page.get_by_role("tab", name="Overview").focus()
    for key, tab in (("ArrowLeft", "Operation"), ("Home", "Overview"), ("End", "Operation")):
        await page.keyboard.press(key)
        chosen = page.get_by_role("tab", name=tab, selected=True)
        await expect(chosen).to_be_focused()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("tab", name="Invites", selected=True)).to_be_focused()
    create = page.get_by_role("button", name="Create invite…")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("tabpanel")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(create).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Create an invite")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(create).to_be_focused()


async def test_a_server_that_is_away_leaves_the_old_figures(browser: Browser, site: Site) -> None:
    """The page says that the figures are old, and goes on when the server is back."""
    await account(site, "root", "--admin")
    page = await opened(browser, site, "root")
    await expect(page.get_by_text("Serving", exact=True)).to_be_visible()
    await site.end()
    await expect(page.get_by_text("The figures are old:")).to_be_visible()
    await expect(page.get_by_text("Serving", exact=True)).to_be_visible()
    await site.start()
    await expect(page.get_by_text("The figures are old:")).to_have_count(0)
