"""Makes the pictures of the web page in docs/screenshots: `make screenshots`.

A server with an empty store gets a conversation of four people, whom the SDK plays. Chromium then
shows the page to one of them, in light and dark, wide and narrow.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from chat_grpc.client import ChatClient

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "screenshots"
CHROMIUM = ROOT / ".tools" / "bin" / "chromium"

Theme = Literal["light", "dark"]
WIDE: ViewportSize = {"width": 1200, "height": 720}
NARROW: ViewportSize = {"width": 320, "height": 640}

CODE = """The fix:

```
async with asyncio.timeout(5):
    await stream.drain()
```"""


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def server() -> AsyncIterator[tuple[str, str]]:
    """Run a server; yield its address for gRPC, and the address of its page."""
    port, web_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as data:
        addresses = ["--listen", f"127.0.0.1:{port}", "--web-listen", f"127.0.0.1:{web_port}"]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "chat_grpc", "serve", "--data", data, *addresses),
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            yield f"127.0.0.1:{port}", f"http://127.0.0.1:{web_port}/"
        finally:
            process.terminate()
            await process.wait()


async def write(ada: ChatClient, ben: ChatClient, chiara: ChatClient, dana: ChatClient) -> None:
    """Fill the rooms, and the direct conversations with `dana`."""
    await ben.create_room("deploys", "Releases and rollbacks")
    await ada.create_room("ops", "Who is on call: @ben")
    for member in (ben, chiara, dana):
        await member.join("ops")
    await dana.join("deploys")
    await ben.send("Version 4.2 is live.", "#deploys")
    first = await ada.send("Morning! Did anyone see the **slow deliveries** last night?", "#ops")
    await ben.send("Yes. One reader stood still, and its queue grew to `64 MiB`.", "#ops")
    await ben.send(CODE, "#ops")
    cause = await chiara.send("> its queue grew\n\nSo the limit did its work.", "#ops")
    await ada.send("Nobody else waited. p99 stayed at 9 ms.", "#ops", reply_to=cause.sequence)
    for friend in (ben, chiara):
        await friend.react(first.sequence, "👀")
    await ada.react(cause.sequence, "🎉")
    await chiara.send("@dana can you look at https://example.org/runs/8821 today?", "#ops")
    await ben.send("Coffee at 3?", "dana")
    await chiara.send("شكرا على المساعدة", "dana")


async def sign_in(page: Page, url: str, name: str) -> None:
    """Join as a guest."""
    await page.goto(url)
    await page.get_by_label("Name").fill(name)
    await page.keyboard.press("Enter")
    await page.get_by_role("navigation").first.wait_for()


async def keep(page: Page, name: str) -> None:
    """Write a picture once the page stands still."""
    await page.wait_for_timeout(600)
    await page.mouse.move(0, 0)
    await page.screenshot(path=OUT / f"{name}.png", animations="disabled")


async def pictures(browser: Browser, url: str, state: Path, theme: Theme) -> None:
    """Write the pictures of a theme."""
    context = await browser.new_context(
        viewport=WIDE, color_scheme=theme, locale="en-GB", storage_state=state
    )
    async with context:
        page = await context.new_page()
        await page.goto(f"{url}#/room/ops")
        await page.get_by_text("can you look at").first.wait_for()
        await keep(page, f"chat-{theme}-wide")
        await page.set_viewport_size(NARROW)
        await keep(page, f"chat-{theme}-narrow")


async def main() -> None:
    """Make all pictures."""
    OUT.mkdir(exist_ok=True)
    async with AsyncExitStack() as stack, server() as (address, url):
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        stack.push_async_callback(browser.close)
        ada, ben, chiara = [
            await stack.enter_async_context(ChatClient(address, name=name, wait=True))
            for name in ("ada", "ben", "chiara")
        ]
        context = await browser.new_context(viewport=WIDE, color_scheme="light", locale="en-GB")
        page = await context.new_page()
        await page.goto(url)
        await page.get_by_label("Name").wait_for()
        await keep(page, "sign-in-light-wide")
        await sign_in(page, url, "dana")
        state = Path(await stack.enter_async_context(_folder())) / "state.json"
        await context.storage_state(path=state)
        token = next(c["value"] for c in await context.cookies() if "chat-grpc" in c["name"])
        async with ChatClient(address, token=token) as dana:
            await write(ada, ben, chiara, dana)
        await context.close()
        for theme in ("light", "dark"):
            await pictures(browser, url, state, theme)


@asynccontextmanager
async def _folder() -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield folder


if __name__ == "__main__":
    asyncio.run(main())
