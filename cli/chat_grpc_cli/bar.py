"""The bar and the list of the user's conversations, above the input line. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.columns import NEWLINE, Fragments, clip, line_width, right
from chat_grpc_cli.conversation import target
from chat_grpc_cli.events import role_name
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.shown import one_line
from chat_grpc_cli.tabs import Tab
from chat_grpc_cli.unread import MAX_COUNT
from chat_grpc_cli.view import View

_LONGEST = 20
"""Maximum columns of a conversation's title."""

_TITLES = 4
"""A title in the bar takes at most this part of the window's columns."""

_GAP = ("class:dim", "  ")

_LIST_COLUMN = 38
"""Minimum columns of one column of the list."""


def bar(tabs: Sequence[Tab], view: View, columns: int) -> Fragments:
    """Show the conversations in one line: number, title, unread messages.

    If the columns do not suffice, the current conversation and those that want attention are shown
    first, and the others are counted. A user with one conversation has no bar.
    """
    if len(tabs) < 2:
        return []
    longest = max(min(_LONGEST, columns // _TITLES), 1)
    entries = {tab.number: _entry(tab, view, longest) for tab in tabs}
    cells = {number: line_width(entry) + len(_GAP[1]) for number, entry in entries.items()}
    if sum(cells.values()) < columns:
        return _line(list(entries.values()), [])
    room = columns - 1 - len(_rest(tabs)[1])
    kept: set[int] = set()
    for tab in sorted(tabs, key=_rank):
        if cells[tab.number] <= room:
            room -= cells[tab.number]
            kept.add(tab.number)
    left_out = [tab for tab in tabs if tab.number not in kept]
    line = _line([entries[number] for number in sorted(kept)], left_out)
    return line if line_width(line) <= columns else []


def _rank(tab: Tab) -> tuple[bool, bool, bool, int]:
    return not tab.current, not tab.wanted, not tab.unread, tab.number


def _line(entries: Sequence[Fragments], left_out: Sequence[Tab]) -> Fragments:
    line: Fragments = [("", " ")]
    for entry in entries:
        line += [*entry, _GAP]
    if left_out:
        return [*line, _rest(left_out)]
    return line[:-1]


def _rest(tabs: Sequence[Tab]) -> tuple[str, str]:
    """Count the conversations that are not shown, and what is unread there."""
    unread = min(sum(tab.unread for tab in tabs), MAX_COUNT)
    words = f"and {len(tabs)} more" + (f" +{unread}" if unread else "")
    if not unread and any(tab.calls for tab in tabs):
        words += " *"
    return (_style(tabs) or "class:dim", words)


def _style(tabs: Sequence[Tab]) -> str:
    """Return the style of conversations by the most urgent of them."""
    if any(tab.wanted for tab in tabs):
        return "class:wanted"
    return "class:unread" if any(tab.unread for tab in tabs) else ""


def _entry(tab: Tab, view: View, longest: int) -> Fragments:
    return [("class:dim", f"{tab.number} "), _title(tab, view, longest)]


def _title(tab: Tab, view: View, longest: int = _LONGEST) -> tuple[str, str]:
    """Show the title and the counts: `#ops +3 @1` has three unread messages, one a mention.

    `@bob *` has a direct message that was shown in another conversation, and not visited since.
    """
    words = [clip(safe(view.title(tab.key)), longest)]
    if tab.current:
        return ("class:current", words[0])
    if tab.unread:
        words.append(f"+{min(tab.unread, MAX_COUNT)}")
    if tab.to_me and tab.key.startswith("#"):
        words.append(f"@{tab.to_me}")
    elif tab.calls and not tab.unread:
        words.append("*")
    return (_style([tab]), " ".join(words))


def listing(tabs: Sequence[Tab], view: View, columns: int, rows: int) -> Fragments:
    """Show the conversations in columns of at most `rows` rows, with topics, and who is here.

    If they do not fit, the last place counts the others.
    """
    across = max(1, columns // _LIST_COLUMN)
    fits = across * rows
    shown = tabs if len(tabs) <= fits else _most_wanted(tabs, fits - 1)
    cells = [_cell(tab, view, columns // across - len(_GAP[1])) for tab in shown]
    if left_out := [tab for tab in tabs if tab not in shown]:
        cells.append([("", "    "), _rest(left_out), ("class:dim", ": /conversations")])
    down = -(-len(cells) // across)
    out: Fragments = []
    for row in range(down):
        for cell in cells[row::down]:
            out += [*cell, ("", " " * (columns // across - line_width(cell)))]
        out += [NEWLINE]
    return out[:-1]


def _most_wanted(tabs: Sequence[Tab], most: int) -> Sequence[Tab]:
    return sorted(sorted(tabs, key=_rank)[:most], key=lambda tab: tab.number)


def _cell(tab: Tab, view: View, columns: int) -> Fragments:
    cell: Fragments = [
        ("", ">" if tab.current else " "),
        ("class:dim", right(str(tab.number), 2) + " "),
        _title(tab, view),
    ]
    rest = columns - line_width(cell) - 2
    about = _about(tab, view)
    if about and rest >= 6:
        cell += [("class:dim", f"  {clip(about, rest)}")]
    return cell


def _about(tab: Tab, view: View) -> str:
    """Return the topic of a room and a role above member, or whether a user is connected."""
    to = target(tab.key)
    if isinstance(to, int):
        return "here" if view.people.is_here(to) else "away"
    room = view.room(tab.key[1:])
    if room is None:
        return ""
    role = role_name(room.my_role) if room.my_role > chat_pb2.ROOM_ROLE_MEMBER else ""
    kind = "private" if room.invite_only else ""
    return ", ".join(word for word in (role, kind, one_line(room.topic, 60)) if word)
