"""The page as its user sees it: by roles, labels and texts."""

from __future__ import annotations

import re

from browser.chromium import WITHIN, complaints_of
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect
from support import eventually


class ChatPage:
    """One tab with the page."""

    def __init__(self, page: Page) -> None:
        page.set_default_timeout(WITHIN)
        self.page = page
        self.complaints = complaints_of(page)

    @property
    def composer(self) -> Locator:
        """The field in which a message is written."""
        return self.page.get_by_role("textbox", name=re.compile("^Message "))

    @property
    def articles(self) -> Locator:
        """The messages in the page."""
        return self.page.get_by_role("article")

    async def visit(self, url: str, place: str = "#/room/lobby") -> None:
        """Go to a place."""
        await self.page.goto(f"{url}{place}")

    async def join(self, url: str, name: str) -> None:
        """Become a guest, in the lobby."""
        await self.visit(url)
        await self.page.get_by_label("Name").fill(name)
        await self.page.get_by_role("button", name="Join", exact=True).click()
        await self.ready()

    async def ready(self) -> None:
        """Wait until a message can be written."""
        await expect(self.composer).to_be_visible(timeout=WITHIN)

    async def write(self, text: str) -> None:
        """Write a message, and send it by Enter."""
        await self.composer.fill(text)
        await self.composer.press("Enter")
        await expect(self.composer).to_have_value("")

    async def texts(self) -> list[str]:
        """Return the texts of the messages in the page, from top to bottom."""
        shown = self.page.locator("article .text")
        return await shown.all_inner_texts()

    async def shows(self, *texts: str) -> None:
        """Wait until each text is in the page once."""

        async def there() -> bool:
            found = await self.texts()
            return all(found.count(text) == 1 for text in texts)

        await eventually(there, 20)


async def new_page(browser: Browser | BrowserContext) -> ChatPage:
    """Open a tab, of a browser without cookies or beside the others of a context."""
    return ChatPage(await browser.new_page())


async def joined(browser: Browser | BrowserContext, url: str, name: str) -> ChatPage:
    """Open a tab in which a guest is in the lobby."""
    page = await new_page(browser)
    await page.join(url, name)
    return page
