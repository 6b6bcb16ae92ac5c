"""The line below the one being typed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from chat_cli.render import Fragments
from chat_cli.sanitize import safe
from chat_cli.view import View
from chat_grpc.client import ConnectionState

_STATES = {
    ConnectionState.CONNECTING: ("class:warn", "connecting"),
    ConnectionState.CATCHING_UP: ("class:warn", "catching up"),
    ConnectionState.LIVE: ("class:good", "connected"),
    ConnectionState.WAITING: ("class:warn", "connection lost, coming back"),
    ConnectionState.CLOSED: ("class:warn", "closed"),
}

_NAMED = 3
"""So many conversations, or people, are named; the others are counted."""


def toolbar(
    server: str, view: View, state: ConnectionState, not_sent: int, now: float
) -> Fragments:
    """Shows the server, the user, the conversation, the connection, and what waits elsewhere."""
    style, words = _STATES[state]
    parts: Fragments = [
        ("class:dim", f" {safe(server)} │ "),
        ("bold", safe(view.me.name)),
        ("class:dim", f" no. {view.me.number} │ "),
        ("bold", safe(view.current)),
        ("class:dim", f" │ {len(view.people)} here │ "),
        (style, words),
    ]
    if not_sent:
        parts.append(("class:warn", f" │ {not_sent} not sent yet"))
    if waiting := view.unread.waiting(view.current):
        counts = [f"{safe(name)} {'1000+' if n >= 1000 else n}" for name, n in waiting]
        parts.append(("class:unread", f" │ unread {_listed(counts)}"))
    if typing := [safe(words) for words in view.typing(now)]:
        verb = "is" if len(typing) == 1 else "are"
        parts.append(("class:dim", f" │ {_listed(typing)} {verb} typing"))
    return parts


def _listed(words: Sequence[str]) -> str:
    rest = len(words) - _NAMED
    return ", ".join(words[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
