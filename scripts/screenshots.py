"""Take screenshots of the page with a conversation of several people: `make screenshots`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser.chat_page import joined, new_page  # noqa: E402
from browser.chromium import chromium  # noqa: E402
from browser.site import site_at  # noqa: E402
from playwright.async_api import expect  # noqa: E402

from chat_grpc.client import ChatClient  # noqa: E402

OUT = ROOT / "docs" / "screenshots"
SIZES = {"wide": (1200, 680), "narrow": (320, 640)}
TALK = [
    ("bob", "Morning! The migration is done, **no downtime**."),
    ("carol", "Great. I ran the checks again:\n```\nok: 41 tables, 0 differences\n```"),
    ("דנה", "שלום לכולם, אני מצטרפת מהטלפון"),
    ("bob", "Notes: https://example.org/notes\n- rollback is `make undo`\n- freeze ends at 14:00"),
    ("carol", "@alice can you tell support? 🎉"),
]


async def talk(address: str) -> None:
    """Write the conversation."""
    async with AsyncExitStack() as stack:
        people = {
            name: await stack.enter_async_context(ChatClient.connect(address, name=name))
            for name in dict(TALK)
        }
        for name, text in TALK:
            await people[name].send(text)


async def main() -> None:
    """Write one picture for each page, theme and width."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with site_at(Path(folder) / "data") as site, chromium() as browser:
            await talk(f"127.0.0.1:{site.port}")
            for scheme in ("light", "dark"):
                for size, (width, height) in SIZES.items():
                    context = await browser.new_context(
                        color_scheme=scheme,
                        viewport={"width": width, "height": height},
                    )
                    page = await new_page(context)
                    await page.page.goto(site.url)
                    await expect(page.page.get_by_label("Name")).to_be_visible()
                    await page.page.screenshot(path=OUT / f"sign-in-{scheme}-{size}.png")
                    chat_page = await joined(context, site.url, f"alice{scheme[0]}{size[0]}")
                    await expect(chat_page.articles).not_to_have_count(0)
                    await chat_page.page.screenshot(path=OUT / f"chat-{scheme}-{size}.png")
                    await context.close()


if __name__ == "__main__":
    asyncio.run(main())
