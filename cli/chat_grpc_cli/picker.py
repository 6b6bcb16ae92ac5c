"""The list from which the user picks a message with the arrows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.columns import NAME_WIDTH, NEWLINE, Fragments, clip, right, width
from chat_grpc_cli.people import Label
from chat_grpc_cli.render import clock, local
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.shown import one_line

_HINTS = {
    "": "Enter replies, e edits, d deletes, + reacts, Esc ends",
    "reply": "Enter replies, Esc ends",
    "edit": "Enter edits, Esc ends",
    "delete": "Enter deletes, Esc ends",
    "react": "Enter reacts, Esc ends",
}


class Picker:
    """The messages of a conversation, oldest first, and the one that is picked."""

    def __init__(self, action: str = "") -> None:
        """`action` is the command that Enter writes; an empty one lets a key choose."""
        self.action = action
        self.messages: Sequence[chat_pb2.StoredMessage] = ()
        self.loaded = False
        self.more = False
        """True if the server has earlier messages."""
        self._at = 0

    @property
    def picked(self) -> chat_pb2.StoredMessage | None:
        """The picked message; None while the list is empty."""
        return self.messages[self._at] if self.messages else None

    def load(self, messages: Sequence[chat_pb2.StoredMessage], *, more: bool) -> None:
        """Replace the messages. The same one stays picked; at first it is the newest."""
        before = self.picked
        self.messages, self.more, self.loaded = messages, more, True
        self._at = len(messages) - 1
        if before is not None:
            later = [n for n, each in enumerate(messages) if each.sequence >= before.sequence]
            self._at = later[0] if later else self._at

    def move(self, step: int) -> int:
        """Pick another message; return the part of the step for which there is no message."""
        before = self._at
        self._at = max(0, min(before + step, len(self.messages) - 1))
        return step - (self._at - before)

    def lines(self, columns: int, rows: int, now: datetime, label: Label) -> Fragments:
        """Return the keys, and at most `rows` messages, each in one line with its newline."""
        words = f"── {self._hint()} ──"
        out: Fragments = [("class:dim", clip(words, columns)), NEWLINE]
        first = max(0, min(self._at - rows // 2, len(self.messages) - rows))
        shown = self.messages[first : first + rows]
        heads = [_head(each, now, label) for each in shown]
        widths = [max((width(head[n]) for head in heads), default=0) for n in range(3)]
        for each, head in zip(shown, heads, strict=True):
            number, when, who = (right(cell, w) for cell, w in zip(head, widths, strict=True))
            picked = each is self.picked
            text = f"{'>' if picked else ' '} {number} {when} {who} │ {_text(each)}"
            out += [("class:current" if picked else "", clip(text, columns)), NEWLINE]
        return out

    def _hint(self) -> str:
        if not self.loaded:
            return "loading the messages"
        if not self.messages:
            return "no message here; Esc ends"
        return _HINTS[self.action]


def _head(each: chat_pb2.StoredMessage, now: datetime, label: Label) -> tuple[str, str, str]:
    """Return the number, the time, with the date except today, and the author."""
    time, author = local(each.time), each.message.author
    when = clock(time) if time.date() == now.date() else f"{time:%Y-%m-%d %H:%M}"
    return str(each.sequence), when, clip(safe(label(author.number, author.name)), NAME_WIDTH)


def _text(each: chat_pb2.StoredMessage) -> str:
    reactions = [f"{one_line(r.emoji, 32)} {r.user_count}" for r in each.reactions]
    return one_line(each.message.text) + (f"  ({', '.join(reactions)})" if reactions else "")


def command_for(
    action: str, picked: chat_pb2.StoredMessage, typed: str, *, own: bool, moderates: bool
) -> tuple[str, int] | None:
    """Return the line for an action on a message, and the place of the cursor in it.

    None if the user may not do it. The text that was `typed` becomes the reply, unless it is a
    command.
    """
    number = picked.sequence
    match action:
        case "reply":
            line = f"/reply {number} {'' if typed.startswith('/') else typed}"
        case "edit" if own:
            line = f"/edit {number} {picked.message.text}"
        case "delete" if own or moderates:
            line = f"/delete {number}"
        case "react":
            return f"/react  {number}", len("/react ")
        case _:
            return None
    return line, len(line)
