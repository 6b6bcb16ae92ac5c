"""The bar and the list of the user's conversations, above the input line. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.columns import NEWLINE, Fragments, clip, right, width
from chat_grpc_cli.conversation import target
from chat_grpc_cli.events import role_name
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.shown import one_line
from chat_grpc_cli.tabs import Tab
from chat_grpc_cli.unread import MAX_COUNT
from chat_grpc_cli.view import View

_LONGEST = 20
"""Maximum columns of a conversation's title in the bar."""

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
    entries = {tab.number: _entry(tab, view) for tab in tabs}
    cells = {number: _cells(entry) + len(_GAP[1]) for number, entry in entries.items()}
    if sum(cells.values()) < columns:
        return _line(list(entries.values()), 0)
    room = columns - len(f"  and {len(tabs)} more")
    kept: set[int] = set()
    for tab in sorted(tabs, key=_rank):
        room -= cells[tab.number]
        if room < 0:
            break
        kept.add(tab.number)
    line = _line([entries[number] for number in sorted(kept)], len(tabs) - len(kept))
    return line if _cells(line) <= columns else []


def _rank(tab: Tab) -> tuple[bool, bool, bool, int]:
    return not tab.current, not tab.wanted, not tab.unread, tab.number


def _line(entries: Sequence[Fragments], left_out: int) -> Fragments:
    line: Fragments = [("", " ")]
    for entry in entries:
        line += [*entry, _GAP]
    if left_out:
        return [*line, ("class:dim", f"and {left_out} more")]
    return line[:-1]


def _entry(tab: Tab, view: View) -> Fragments:
    return [("class:dim", f"{tab.number} "), _title(tab, view)]


def _title(tab: Tab, view: View) -> tuple[str, str]:
    """Show the title and the counts: `#ops +3 @1` has three unread messages, one a mention.

    `@bob *` has a direct message that was shown in another conversation, and not visited since.
    """
    words = [clip(safe(view.title(tab.key)), _LONGEST)]
    if tab.current:
        return ("class:current", words[0])
    if tab.unread:
        words.append(f"+{min(tab.unread, MAX_COUNT)}")
    if tab.to_me and tab.key.startswith("#"):
        words.append(f"@{tab.to_me}")
    elif tab.calls and not tab.unread:
        words.append("*")
    style = "class:wanted" if tab.wanted else "class:unread" if tab.unread else ""
    return (style, " ".join(words))


def listing(tabs: Sequence[Tab], view: View, columns: int, rows: int) -> Fragments:
    """Show the conversations in columns of at most `rows` rows, with topics, and who is here.

    If they do not fit, the last place counts the others.
    """
    across = max(1, columns // _LIST_COLUMN)
    fits = across * rows
    shown = tabs if len(tabs) <= fits else _most_wanted(tabs, fits - 1)
    cells = [_cell(tab, view, columns // across - 1) for tab in shown]
    if len(shown) < len(tabs):
        cells.append([("class:dim", f"    and {len(tabs) - len(shown)} more: /conversations")])
    down = -(-len(cells) // across)
    out: Fragments = []
    for row in range(down):
        for cell in cells[row::down]:
            out += [*cell, ("", " " * (columns // across - _cells(cell)))]
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
    rest = columns - _cells(cell) - 2
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


def _cells(line: Fragments) -> int:
    return sum(width(text) for _, text in line)
