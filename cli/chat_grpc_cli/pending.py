"""The messages and changes that the server has not confirmed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chat_grpc.client import ChatError
from chat_grpc_cli import render
from chat_grpc_cli.columns import NEWLINE, Fragments, clip_line, narrowed
from chat_grpc_cli.quantities import counted
from chat_grpc_cli.shown import one_line

SHOWN_AFTER = 0.3
"""Seconds after which an unconfirmed message is shown: most are confirmed sooner."""

_LISTED = 400
"""Maximum columns of a message in the sentence at the end."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A message, or a change of one, that the server has not confirmed."""

    since: float
    """The time at which it was entered, in seconds of a monotonic clock."""
    moment: datetime
    text: str = ""
    """The text of a message; empty for a change."""
    to: str = ""
    """The addressee of a direct message, as it is shown; not yet safe."""
    where: str = ""
    """The room of a message that is not for the current conversation."""


class NotSent(ChatError):
    """The user left before the server confirmed everything; the text says what is lost."""


def lines(pending: Iterable[Pending], now: float, columns: int, rows: int) -> Fragments:
    """Show messages that wait for some time: the newest ones, in at most `rows` lines.

    Each line ends with a newline.
    """
    waiting = [each for each in pending if each.text and now - each.since >= SHOWN_AFTER]
    shown = waiting if len(waiting) <= rows else waiting[len(waiting) - rows + 1 :]
    out: Fragments = []
    if len(shown) < len(waiting):
        words = f"{len(waiting) - len(shown)} earlier messages are pending"
        out += [*_cut(render.notice(words, waiting[0].moment), columns), NEWLINE]
    for each in shown:
        line = render.message(
            one_line(each.text, columns),
            f"pending → {each.to}" if each.to else "pending",
            each.moment,
            where=each.where,
        )
        out += [*render.dimmed(_cut(line, columns)), NEWLINE]
    return out


def _cut(line: Fragments, columns: int) -> Fragments:
    return clip_line(narrowed(line, columns), columns)


def sentence(pending: Sequence[Pending]) -> str:
    """Say what was not sent when the user leaves."""
    texts = [one_line(each.text, _LISTED) for each in pending if each.text]
    changes = len(pending) - len(texts)
    counts = [counted(len(texts), "message")] * bool(texts)
    counts += [counted(changes, "change")] * bool(changes)
    verb = "was" if len(pending) == 1 else "were"
    listed = ": " + "; ".join(f"“{text}”" for text in texts) if texts else ""
    return f"{' and '.join(counts)} {verb} not sent, or not confirmed{listed}"
