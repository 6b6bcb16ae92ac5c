"""Chromium for a test: a process of its own, which ends with the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from peers.tools import installed
from playwright.async_api import Browser, Page, async_playwright, expect
from support import UNIT

_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]

WITHIN = 20_000 * UNIT
"""Milliseconds within which the page has to show something."""
expect.set_options(timeout=WITHIN)


@asynccontextmanager
async def chromium(*arguments: str) -> AsyncIterator[Browser]:
    """Run Chromium without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=installed("bin/chromium"), args=[*_ARGUMENTS, *arguments]
        )
        try:
            yield browser
        finally:
            await browser.close()


def complaints_of(page: Page) -> list[str]:
    """Return the list to which each uncaught error, policy violation and dialog of a page is added.

    Failed requests are no complaint: a page whose server is away makes some.
    """
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(f"uncaught: {error}"))
    page.on("console", lambda line: found.append(line.text) if _serious(line.text) else None)
    page.on("dialog", lambda dialog: found.append(f"dialog: {dialog.message}"))
    return found


def _serious(line: str) -> bool:
    return "Content Security Policy" in line or "Permissions policy" in line
