"""Events as styled fragments. Pure: no terminal, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from chat_grpc_cli.columns import BAR, GUTTER, NAME_WIDTH, NEWLINE, PAD, Fragments, width
from chat_grpc_cli.sanitize import safe, safe_lines
from chat_grpc_cli.typed_text import ACTION


def local(moment: Timestamp) -> datetime:
    """Return a moment in local time, with the offset from UTC of that moment."""
    return moment.ToDatetime(tzinfo=UTC).astimezone()


def clock(time: datetime) -> str:
    """Show the time of day."""
    return f"{time:%H:%M}"


def day_line(time: datetime) -> Fragments:
    """Separate the messages of two days."""
    return rule(f"{time:%A %d %B %Y}")


def rule(words: str) -> Fragments:
    """Return a separator line with words, which are safe to show."""
    return [("class:dim", f"── {words} ──")]


def message(
    text: str,
    author: str,
    time: datetime,
    *,
    color: str = "",
    own: bool = False,
    to: str = "",
    direct: bool = False,
    mentioned: bool = False,
    where: str = "",
    answers: str = "",
    sequence: int = 0,
    notes: Sequence[str] = (),
) -> Fragments:
    """Show a message.

    `color` is the style of the author's name. `to` is the addressee of an own direct message.
    `where` is the room, if it is not the current one. `sequence` stands before the message unless
    it is 0. The quotation that it `answers` stands before the text, and `notes` after it; both are
    safe to show.

    Every line after the first begins after the bar, so that a text cannot look like a message of
    another user.
    """
    action = text.startswith(ACTION)
    text = text.removeprefix(ACTION)
    author = safe(author)
    who = _sender(
        "*" if action and not direct else author, to, where, from_other=direct and not own
    )
    style = "class:own" if own else color
    if direct or to:
        style = "class:direct"
    first, *rest = safe_lines(text)
    body = "class:mention" if mentioned else ("class:direct" if direct and not own else "")
    number = f"{sequence:>7} " if sequence else ""
    pad = (PAD, " " * (NAME_WIDTH - width(who)))
    fragments: Fragments = [
        ("class:dim", number),
        ("class:time", clock(time)),
        ("", " "),
        pad,
        (style, who),
        (GUTTER, BAR),
    ]
    if answers:
        fragments.append(("class:dim", f"(to {answers}) "))
    if action:
        fragments += [(style, author), ("", " ")]
    fragments.append((body, first))
    indent = ("", " " * (len(number) + 6 + width(who)))
    for line in rest:
        fragments += [NEWLINE, indent, pad, (GUTTER, BAR), (body, line)]
    if notes:
        fragments.append(("class:dim", f"  ({', '.join(notes)})"))
    return fragments


def _sender(author: str, to: str, where: str, *, from_other: bool) -> str:
    """Return who wrote to whom, and where. `author` is safe to show.

    `from_other` is whether another user wrote to the user alone.
    """
    who = f"you → {safe(to)}" if to else author
    if from_other:
        who += " → you"
    return f"{safe(where)} {who}" if where else who


def notice(text: str, time: datetime) -> Fragments:
    """Show a line of the client itself. The text is safe to show."""
    return [
        ("class:time", clock(time)),
        ("", " "),
        (PAD, " " * (NAME_WIDTH - 1)),
        ("class:dim", "·"),
        (GUTTER, "   "),
        ("class:dim", text),
    ]


def error(text: str) -> Fragments:
    """Show an error."""
    return [
        ("", " " * 6),
        (PAD, " " * (NAME_WIDTH - 1)),
        ("class:error", "!"),
        (GUTTER, "   "),
        ("class:error", safe(text)),
    ]


def moment(then: datetime, now: datetime) -> str:
    """Show a time, with the day unless it is today."""
    return clock(then) if then.date() == now.date() else f"{then:%Y-%m-%d %H:%M}"


def since(then: datetime, now: datetime) -> str:
    """Show a time, and how long ago it was."""
    passed = max(now - then, timedelta())
    steps = [(86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")]
    words = "now"
    for seconds, unit in steps:
        count = int(passed.total_seconds()) // seconds
        if count:
            words = f"{count} {unit}{'s' if count > 1 else ''}"
            break
    shown = moment(then, now)
    return shown if words == "now" else f"{shown}  ({words})"


def dimmed(fragments: Fragments) -> Fragments:
    """Return lines in the color of things past."""
    return [
        each if each == NEWLINE or each[0] in {GUTTER, PAD} else ("class:dim", each[1])
        for each in fragments
    ]


def plain(fragments: Fragments) -> str:
    """Return the text without its styles."""
    return "".join(text for _, text in fragments)
