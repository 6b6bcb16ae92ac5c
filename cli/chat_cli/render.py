"""Events as styled fragments. Pure: no terminal, no clock."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from chat_cli.sanitize import safe, safe_lines

Fragments = list[tuple[str, str]]

NAME_WIDTH = 14
"""Columns of the names; a longer one pushes its line to the right."""

_COLOURS = ("ansigreen", "ansicyan", "ansiyellow", "ansiblue", "ansired")
_BAR = " │ "

STYLE = {
    "time": "ansibrightblack",
    "dim": "ansibrightblack",
    "own": "bold",
    "direct": "ansimagenta bold",
    "mention": "bold underline",
    "error": "ansired",
    "heading": "bold",
}


def name_style(name: str) -> str:
    """Gives a name its colour, the same in every session."""
    return _COLOURS[zlib.crc32(name.casefold().encode(errors="replace")) % len(_COLOURS)]


def clock(time: datetime) -> str:
    """Shows the time of the day."""
    return f"{time:%H:%M}"


def day_line(time: datetime) -> Fragments:
    """Separates the messages of two days."""
    return [("class:dim", f"── {time:%A %d %B %Y} ──")]


def message(
    text: str,
    author: str,
    time: datetime,
    *,
    own: bool = False,
    to: str = "",
    direct: bool = False,
    mentioned: bool = False,
    where: str = "",
    sequence: int = 0,
    notes: Sequence[str] = (),
) -> Fragments:
    """Shows a message; `to` is whom a direct one of one's own goes to.

    `where` names its room where that is not clear, `sequence` stands before it unless it is 0,
    and `notes`, safe to show, stand behind it.

    Every line after the first is indented behind the bar, so that a text cannot look like a
    message of somebody else.
    """
    who = f"you → {safe(to)}" if to else safe(author)
    if direct and not own:
        who += " → you"
    if where:
        who = f"{safe(where)} {who}"
    style = "class:own" if own else name_style(author)
    if direct or to:
        style = "class:direct"
    first, *rest = safe_lines(text)
    body = "class:mention" if mentioned else ("class:direct" if direct and not own else "")
    number = f"{sequence:>7} " if sequence else ""
    fragments: Fragments = [
        ("class:dim", number),
        ("class:time", clock(time)),
        ("", " "),
        (style, who.rjust(NAME_WIDTH)),
        ("class:dim", _BAR),
        (body, first),
    ]
    indent = "\n" + " " * (NAME_WIDTH + 6 + len(number)) + _BAR
    for line in rest:
        fragments += [("class:dim", indent), (body, line)]
    if notes:
        fragments.append(("class:dim", f"  ({', '.join(notes)})"))
    return fragments


def notice(text: str, time: datetime) -> Fragments:
    """Shows something that nobody wrote."""
    return [("class:time", clock(time)), ("class:dim", f" {'·':>{NAME_WIDTH}}   {text}")]


def error(text: str) -> Fragments:
    """Shows what went wrong."""
    return [("class:error", f"{'!':>{NAME_WIDTH + 6}}   {safe(text)}")]


def since(then: datetime, now: datetime) -> str:
    """Says since when, in local time and in words."""
    passed = max(now - then, timedelta())
    steps = [(86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")]
    words = "now"
    for seconds, unit in steps:
        count = int(passed.total_seconds()) // seconds
        if count:
            words = f"{count} {unit}{'s' if count > 1 else ''}"
            break
    shown = clock(then) if then.date() == now.date() else f"{then:%Y-%m-%d %H:%M}"
    return shown if words == "now" else f"{shown}  ({words})"


def plain(fragments: Fragments) -> str:
    """Drops the styles."""
    return "".join(text for _, text in fragments)


def new_day(before: datetime | None, time: datetime) -> bool:
    """Tells whether a line with the date belongs before a message."""
    if before is None:
        return False
    return any(a.date() != b.date() for a, b in pairwise((before, time)))
