"""The status line below the input line. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from chat_grpc.client import ConnectionState
from chat_grpc_cli.columns import Fragments, clip_line, line_width
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.view import View

_STATES = {
    ConnectionState.CONNECTING: ("class:warn", "connecting"),
    ConnectionState.CATCHING_UP: ("class:warn", "catching up"),
    ConnectionState.LIVE: ("class:good", "connected"),
    ConnectionState.WAITING: ("class:warn", "connection lost, reconnecting"),
    ConnectionState.CLOSED: ("class:warn", "closed"),
}

_NAMED = 3
"""Maximum conversations, or users, that are named; the others are counted."""

_BAR = ("class:dim", " │ ")


def toolbar(
    server: str,
    view: View,
    state: ConnectionState,
    not_sent: int,
    now: float,
    columns: int = 1000,
    *,
    paced: bool = False,
) -> Fragments:
    """Show the server, the user, connected users, connection state, and who is typing.

    `paced` says that messages wait for the server's rate. If the columns do not suffice, leave out
    the server, then the user.
    """
    parts: list[Fragments] = [
        [("class:dim", safe(server))],
        [("bold", safe(view.me.name)), ("class:dim", f" no. {view.me.number}")],
        [("class:dim", f"{view.people.count} here")],
        [_STATES[state]],
    ]
    if not_sent:
        parts.append([("class:warn", f"{not_sent} not sent yet{' (server limit)' * paced}")])
    if typing := [safe(words) for words in view.typing(now)]:
        verb = "is" if len(typing) == 1 else "are"
        parts.append([("class:dim", f"{_listed(typing)} {verb} typing")])
    for left_out in range(3):
        line = _joined(parts[left_out:])
        if line_width(line) <= columns:
            return line
    return clip_line(line, columns)


def _joined(parts: Sequence[Fragments]) -> Fragments:
    line: Fragments = [("", " ")]
    for number, part in enumerate(parts):
        line += [_BAR, *part] if number else part
    return line


def _listed(words: Sequence[str]) -> str:
    rest = len(words) - _NAMED
    return ", ".join(words[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
