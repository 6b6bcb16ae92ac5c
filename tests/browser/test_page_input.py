"""Keys, input methods, directions of writing, zoom and the accessibility tree, in Chromium."""

from __future__ import annotations

import re

import pytest
from browser.chat_page import joined, new_page
from browser.site import Site
from playwright.async_api import Browser, CDPSession, Page, expect
from support import Recorder, eventually

OVERFLOW = "document.documentElement.scrollWidth - innerWidth"
HEBREW = "שלום, see https://example.org/a (v2) ושוב שלום"
JAPANESE = (
    "今日は良い天気ですね。長い文章は単語の間に空白がないので、どこでも折り返せる必要があります。"
    * 4
)


async def compose(session: CDPSession, text: str) -> None:
    """Let an input method show a text that is not yet committed."""
    at = len(text)
    await session.send(
        "Input.imeSetComposition", {"text": text, "selectionStart": at, "selectionEnd": at}
    )


async def test_enter_that_ends_a_composition_does_not_send(browser: Browser, site: Site) -> None:
    """Enter takes the candidate of the input method; the next Enter sends the message."""
    alice = await joined(browser, site.url, "alice")
    session = await alice.page.context.new_cdp_session(alice.page)
    await alice.composer.focus()
    await compose(session, "にほん")
    await alice.page.evaluate(
        "document.addEventListener('keydown', each => { window.last = each.isComposing; }, true)"
    )
    await alice.page.keyboard.press("Enter")
    assert await alice.page.evaluate("window.last"), "Enter was not part of the composition"
    # An input method would take the key; here the field gets it, too.
    await expect(alice.composer).to_have_value("にほん\n")
    await session.send("Input.insertText", {"text": "日本"})
    await expect(alice.composer).to_have_value(re.compile("日本"))
    await expect(alice.articles).to_have_count(0)
    await alice.page.keyboard.press("Enter")
    await expect(alice.articles).to_contain_text(["日本"])
    # The palette: Enter takes the candidate, and does not jump.
    await alice.page.keyboard.press("Control+k")
    await expect(alice.page.get_by_role("combobox")).to_be_focused()
    await compose(session, "ろびー")
    await alice.page.keyboard.press("Enter")
    await expect(alice.page.get_by_role("dialog")).to_be_visible()
    assert not alice.complaints


async def test_arrow_up_waits_for_the_message_on_its_way(browser: Browser, site: Site) -> None:
    """It edits the newest message once that is stored, and never the one before."""
    alice = await joined(browser, site.url, "alice")
    edited = alice.page.get_by_role("textbox", name="Edit message")
    await alice.write("before")
    await expect(alice.page.get_by_text("Sending…")).to_have_count(0)
    await site.end()
    await alice.write("on its way")
    await expect(alice.page.get_by_text("Sending…")).to_have_count(1)
    await alice.composer.press("ArrowUp")
    await expect(edited).to_have_count(0)
    await site.start()
    await expect(edited).to_have_value("on its way")


async def test_texts_of_both_directions(browser: Browser, site: Site) -> None:
    """Each text has its own direction, in the list, the composer and the list of conversations."""
    alice = await joined(browser, site.url, "alice")
    async with Recorder(site.port, name="bob") as bob:
        await bob.sent(HEBREW)
        await bob.sent("left to right")
        await alice.shows("left to right")
    paragraphs = alice.page.locator("article .text p, article p.text")
    directions = await paragraphs.evaluate_all("all => all.map(e => getComputedStyle(e).direction)")
    assert directions == ["rtl", "ltr"]
    await alice.composer.fill("שלום")
    assert await alice.composer.evaluate("e => getComputedStyle(e).direction") == "rtl"
    assert await alice.page.evaluate("getComputedStyle(document.body).direction") == "ltr"


@pytest.mark.parametrize(("width", "height"), [(640, 400), (320, 568)])
async def test_a_zoom_of_200_percent_and_a_small_phone(
    browser: Browser, site: Site, width: int, height: int
) -> None:
    """A window of 1280 px at 200 % has 640 px: nothing is cut off, and one can read and write."""
    context = await browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=2, locale="ja-JP"
    )
    page = await new_page(context)
    await page.page.goto(site.url)
    assert await page.page.evaluate(OVERFLOW) <= 0
    await page.page.locator("input[name=username]").fill("花子")
    await page.page.keyboard.press("Enter")
    await page.page.goto(f"{site.url}#/room/lobby")
    composer = page.page.locator("main textarea")
    await composer.fill(JAPANESE)
    await composer.press("Enter")
    await page.shows(JAPANESE)
    assert await page.page.evaluate(OVERFLOW) <= 0
    for element in (composer, page.page.locator("article .text")):
        box = await element.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    await expect(composer).to_be_in_viewport(ratio=0.9)
    assert not page.complaints


async def test_replies_reactions_and_search_by_keys(browser: Browser, site: Site) -> None:
    """From the composer to a message and back, without a pointer."""
    alice = await joined(browser, site.url, "alice")
    page, press, typed = alice.page, alice.page.keyboard.press, alice.page.keyboard.type
    async with Recorder(site.port, name="bob") as bob:
        await bob.sent("shall we deploy?")
        await alice.shows("shall we deploy?")
        await alice.composer.focus()
        message = alice.articles.first
        await backwards(page, message_has_focus)
        await press("r")
        await expect(alice.composer).to_be_focused()
        await typed("yes")
        await press("Enter")
        await alice.shows("yes")
        await expect(alice.articles.last).to_contain_text("shall we deploy?")
        await backwards(page, message_has_focus)
        await press("Home")
        await press("+")
        await expect(page.get_by_role("dialog", name="Emoji")).to_be_visible()
        await typed("rocket")
        await expect(page.get_by_role("button", name="rocket").first).to_be_visible()
        await press("Enter")
        await expect(message.get_by_role("button", name="🚀")).to_be_visible()
        await eventually(lambda: any(e.HasField("reaction") for e in bob.events))
        await alice.visit(site.url, "#/search/deploy")
        hit = page.get_by_role("link", name="shall we deploy?")
        await expect(hit).to_be_visible()
        await forwards(page, "document.activeElement.matches('a.hit')")
        await press("Enter")
        await expect(page.locator("article.highlighted")).to_contain_text("shall we deploy?")
    assert not alice.complaints


message_has_focus = "document.activeElement.matches('article')"


async def backwards(page: Page, until: str) -> None:
    """Press Shift-Tab until a condition holds."""
    await _tab(page, "Shift+Tab", until)


async def forwards(page: Page, until: str) -> None:
    """Press Tab until a condition holds."""
    await _tab(page, "Tab", until)


async def _tab(page: Page, key: str, until: str) -> None:
    for _ in range(60):
        if await page.evaluate(until):
            return
        await page.keyboard.press(key)
    pytest.fail(f"{key} does not reach {until}")


async def test_ctrl_k_leads_to_the_composer(browser: Browser, site: Site) -> None:
    """A jump to the open conversation, to another one, and to somebody who is away."""
    alice = await joined(browser, site.url, "alice")
    async with Recorder(site.port, name="bobby") as bob:
        await bob.sent("I was here")
        await alice.shows("I was here")
    page = alice.page
    gone = page.get_by_role("complementary").get_by_text("bobby")
    await expect(gone).to_have_count(0, timeout=20_000)
    for query, title in (("lobby", "lobby"), ("bobby", "bobby"), ("lobby", "lobby")):
        await page.keyboard.press("Control+k")
        await page.keyboard.type(query)
        await expect(page.get_by_role("option", name=title).first).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=title)).to_be_visible()
        await expect(alice.composer).to_be_focused()


SIGN_IN_TREE = """
- main:
  - heading "Join as a guest" [level=1]
  - text: Name
  - textbox "Name"
  - text: You need no password. The name is yours while you use it.
  - button "Join"
  - button "I have an account"
  - button "Create an account"
"""

CHAT_TREE = """
- link "Skip to the messages"
- navigation "Conversations":
  - 'button "My menu: alice guest"'
  - button "Jump to…"
  - button "More"
  - searchbox "Filter conversations"
  - heading "Rooms" [level=2]
  - list "Rooms":
    - listitem:
      - link "lobby"
- main:
  - heading "lobby" [level=1]
  - button "Search messages"
  - button "Jump to a date"
  - button "1 member" [pressed]
  - button "Room settings"
  - log "Messages":
    - separator: Today
    - article /alice, .*/:
      - text: alice
      - time
      - paragraph: hello
  - 'textbox "Message #lobby"'
  - button "Emoji"
  - button "Send" [disabled]
- complementary "People":
  - heading "People" [level=2]
  - button "Hide the people"
  - heading "1 connected" [level=3]
  - list "1 connected":
    - listitem:
      - link
"""


async def test_the_accessibility_tree(browser: Browser, site: Site) -> None:
    """A screen reader finds landmarks, headings, names and states."""
    alice = await new_page(browser)
    await alice.page.goto(site.url)
    await expect(alice.page.locator("body")).to_match_aria_snapshot(SIGN_IN_TREE)
    await alice.join(site.url, "alice")
    await alice.write("hello")
    await alice.shows("hello")
    await expect(alice.page.locator("body")).to_match_aria_snapshot(CHAT_TREE)


async def test_a_screen_reader_hears_of_new_messages(browser: Browser, site: Site) -> None:
    """The list is a polite live region, which announces a message that arrives."""
    alice = await joined(browser, site.url, "alice")
    live = alice.page.locator("[aria-live=polite]")
    await expect(alice.page.get_by_text("No messages yet.")).to_be_visible()
    async with Recorder(site.port, name="bob") as bob:
        await bob.sent("news for you")
        await expect(live.filter(has_text="news for you")).to_have_count(1)
