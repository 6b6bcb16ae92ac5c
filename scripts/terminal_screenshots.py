"""Makes the pictures of the terminal client in docs/screenshots: `make screenshots`.

A server with an empty store gets the conversation of `scripts.screenshots`. `connect` then runs for
one of the people in the pseudo-terminal of the tests, and what it shows is written as SVG.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from chat_grpc_cli.identity import Tokens
from cli.terminal import Terminal

from chat_grpc.client import ChatClient
from scripts.screenshots import OUT, server, write

_SIZES = ((80, 24), (40, 15), (200, 50))
_WITHIN = 30.0
"""Seconds within which the client shows a text."""
_STILL = 0.3
"""Seconds without output after which the client has drawn everything."""

_CELL = (8.43, 18)
"""Width and height of a cell, in pixels at a font size of 14."""

_NAMES = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")


@dataclass(frozen=True, slots=True)
class Theme:
    """The colors of a terminal."""

    name: str
    foreground: str
    background: str
    dark: tuple[str, ...]
    """The colors 0 to 7."""
    bright: tuple[str, ...]
    """The colors 8 to 15."""

    def color(self, name: str, default: str) -> str:
        """Return the color that pyte calls by a name, or by six hexadecimal digits."""
        if name == "default":
            return default
        if name in _NAMES:
            return self.dark[_NAMES.index(name)]
        bright = name.removeprefix("bright")
        return self.bright[_NAMES.index(bright)] if bright in _NAMES else f"#{name}"


_THEMES = (
    Theme(
        "dark",
        "#d0d0d0",
        "#16181d",
        ("#16181d", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d0d0d0"),
        ("#7f848e", "#f0828a", "#a9d389", "#f0d08b", "#71bfff", "#d688ed", "#66c6d2", "#ffffff"),
    ),
    Theme(
        "light",
        "#202328",
        "#ffffff",
        ("#202328", "#b3261e", "#116329", "#7a5300", "#0550ae", "#8250df", "#1b7c83", "#d0d7de"),
        ("#6e7781", "#cf222e", "#1a7f37", "#9a6700", "#0969da", "#a475f9", "#3192aa", "#ffffff"),
    ),
)


def svg(screen: Any, theme: Theme) -> str:
    """Return a picture of a screen."""
    cell_width, cell_height = _CELL
    width, height = screen.columns * cell_width + 16, screen.lines * cell_height + 16
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">',
        f'<rect width="100%" height="100%" rx="6" fill="{theme.background}"/>',
    ]
    for row in range(screen.lines):
        for column, text, style in _runs(screen.buffer[row], screen.columns):
            out += _run(text, 8 + column * cell_width, 8 + row * cell_height, style, theme)
    return "\n".join([*out, "</svg>", ""])


def _runs(line: Any, columns: int) -> Iterator[tuple[int, str, Any]]:
    """Yield the runs of cells of one style: first column, text, style; no run is only spaces."""
    start, text, style = 0, "", line[0]
    for column in range(columns):
        cell = line[column]
        if not cell.data:  # the second cell of a wide character
            start = column + 1
            continue
        if (cell._replace(data="") != style._replace(data="")) or not cell.data.isascii():
            if text.strip() or style.reverse:
                yield start, text, style
            start, text, style = column, "", cell
        text += cell.data
        if not cell.data.isascii():  # it may be two cells wide: the next run has its own column
            yield start, text, style
            start, text = column + 1, ""
    if text.strip():
        yield start, text, style


def _run(text: str, x: float, y: float, style: Any, theme: Theme) -> Iterator[str]:
    cell_width, cell_height = _CELL
    front, back = theme.color(style.fg, theme.foreground), theme.color(style.bg, theme.background)
    if style.reverse:
        front, back = back, front
    if back != theme.background:
        size = f'width="{len(text) * cell_width:.1f}" height="{cell_height}"'
        yield f'<rect x="{x:.1f}" y="{y}" {size} fill="{back}"/>'
    looks = ' font-weight="bold"' if style.bold else ""
    looks += ' text-decoration="underline"' if style.underscore else ""
    looks += f' fill="{front}"'
    yield (
        f'<text x="{x:.1f}" y="{y + 14}"{looks} xml:space="preserve" '
        f'textLength="{len(text) * cell_width:.1f}">{escape(text)}</text>'
        if text.isascii()
        else f'<text x="{x:.1f}" y="{y + 14}"{looks}>{escape(text)}</text>'
    )


@contextmanager
def window(address: str, token: str, theme: Theme, size: tuple[int, int]) -> Iterator[Terminal]:
    """Run `connect` for the first time on a machine of `dana`, who has a token."""
    with tempfile.TemporaryDirectory() as folder:
        state, settings = Path(folder) / "state", Path(folder) / "client.toml"
        settings.write_text(f'colors = "{theme.name}"\n')
        Tokens(state / "tokens.json").put(address, "dana", token)
        columns, lines = size
        command = ("connect", "--server", address, "--name", "dana", "--config", str(settings))
        shown = Terminal(
            None, "dana", lines, columns=columns, command=command, CHAT_GRPC_STATE=str(state)
        )
        try:
            yield shown
        finally:
            shown.close()


def until(shown: Terminal, text: str) -> None:
    """Wait until a line has a text, and the client has drawn everything."""
    shown.shows(text, _WITHIN)
    shown.still(_STILL)


def in_a_room(shown: Terminal) -> None:
    """Go to a room, and begin a message."""
    until(shown, "You are dana")
    shown.type("/go #ops\r")
    until(shown, "today?")
    until(shown, "#ops>")
    shown.type("on it, two min")
    until(shown, "on it, two min")


def picking(shown: Terminal) -> None:
    """Pick a message to reply to."""
    in_a_room(shown)
    shown.type("\x1br")
    until(shown, "Enter replies")
    shown.type("\x1b[A\x1b[A")
    until(shown, "> 15 ")


def take(address: str, token: str) -> None:
    """Write all pictures."""
    scenes: list[tuple[str, Callable[[Terminal], None], tuple[int, int]]] = [
        ("", in_a_room, size) for size in _SIZES
    ]
    scenes.append(("pick-", picking, _SIZES[0]))
    for theme in _THEMES:
        for name, act, size in scenes:
            with window(address, token, theme, size) as shown:
                act(shown)
                file = OUT / f"terminal-{name}{theme.name}-{size[0]}x{size[1]}.svg"
                file.write_text(svg(shown.screen, theme))


async def main() -> None:
    """Fill a server, and take the pictures of it."""
    OUT.mkdir(exist_ok=True)
    async with AsyncExitStack() as stack, server() as (address, _):
        ada, ben, chiara, dana = [
            await stack.enter_async_context(ChatClient(address, name=name, wait=True))
            for name in ("ada", "ben", "chiara", "dana")
        ]
        await write(ada, ben, chiara, dana)
        await asyncio.to_thread(take, address, dana.token)


if __name__ == "__main__":
    asyncio.run(main())
