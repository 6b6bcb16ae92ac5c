"""The command `/help`: an overview that fits a small window, and the commands in groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chat_grpc_cli.columns import GUTTER, NEWLINE, Fragments
from chat_grpc_cli.registry import Command, Screen, command, find, offered_to
from chat_grpc_cli.view import View

GROUPS = {
    "write": ("to", "query", "me", "reply", "edit", "delete", "react", "unreact"),
    "read": ("go", "conversations", "history", "search", "pick", "clear"),
    "people": ("list", "whois", "ignore", "unignore", "block", "unblock", "blocked"),
    "rooms": ("rooms", "join", "leave", "names", "members", "create"),
    "owners": ("topic", "invite", "role", "private", "public", "delete-room"),
    "moderators": ("kick", "mute", "unmute", "mutes", "ban", "unban"),
    "you": ("register", "password", "help", "quit"),
}
"""The names of the commands by the name of their group, in the order of the help."""

_OTHERS = "more"
_ALL = "all"

_EXAMPLES = (
    ("good morning :tada:", "goes to the conversation before the >"),
    ("bob: are you there?", "mentions bob; bo and Tab begins it"),
    ("/to bob lunch?", "goes to bob alone"),
    ("/go #ops", "goes to the room; /go alone, to unread messages"),
    ("/reply yes", "answers the last message"),
)

_KEYS = (
    ("Tab", "completes commands, names, rooms and :emoji:"),
    ("Alt-Enter", "begins another line of the message"),
    ("Alt-1, Alt-A", "go to the first conversation, to the next unread one"),
    ("Alt-R", "picks a message with the arrows, to reply or to react"),
    ("Up, Ctrl-R", "recall a typed line, search for one"),
    ("Esc, Ctrl-C", "leave a menu, a search or a question"),
    ("Ctrl-Z, Ctrl-D", "suspend, leave"),
)

_END = (
    "/help write lists a group, /help all every group, /help reply one command.",
    "A prefix runs a command that changes nothing: /hi is /history. //x sends /x.",
)


@command("help", "[COMMAND|GROUP|all]", "command", reads=True, also=("h",))
async def show_help(screen: Screen, argument: str) -> None:
    """Show an overview, a group, or one command.

    /help reply
    /help rooms    the commands of a group with their arguments
    /help all      all groups
    """
    groups, wanted = _groups(screen.view), argument.lower().removeprefix("/")
    if not wanted:
        screen.show(_overview(groups))
    elif wanted == _ALL:
        screen.show(_tables(groups))
    elif wanted in groups and wanted not in offered_to(screen.view):
        screen.show(_tables({wanted: groups[wanted]}))
    else:
        screen.show(_one(find(wanted, screen.view)))
        if wanted in groups:
            screen.show(_tables({wanted: groups[wanted]}))


def _groups(view: View) -> Mapping[str, list[Command]]:
    """Return the commands that are offered to the user, by group."""
    offered = offered_to(view)
    grouped = {name for names in GROUPS.values() for name in names}
    named = GROUPS | {_OTHERS: tuple(name for name in offered if name not in grouped)}
    found = {group: [offered[n] for n in names if n in offered] for group, names in named.items()}
    return {group: commands for group, commands in found.items() if commands}


def _overview(groups: Mapping[str, list[Command]]) -> Fragments:
    names = [(group, " ".join(f"/{c.name}" for c in found)) for group, found in groups.items()]
    out = list(_table([*_EXAMPLES, *names, *_KEYS], max(len(left) for left, _ in _EXAMPLES)))
    for line in _END:
        out += [NEWLINE, *_line(line)]
    return out


def _tables(groups: Mapping[str, list[Command]]) -> Fragments:
    """Return each command of the groups with its arguments and its effect."""
    cells = max(len(each.usage) for found in groups.values() for each in found)
    out: Fragments = []
    for group, found in groups.items():
        out += [("class:heading", group.capitalize()), NEWLINE]
        out += [*_table(((c.usage, c.summary) for c in found), cells), NEWLINE]
    return out[:-1]


def _one(shown: Command) -> Fragments:
    out: Fragments = [("class:heading", shown.usage)]
    for line in shown.help.split("\n"):
        out += [NEWLINE, *_line(line)]
    if shown.also:
        out += [NEWLINE, *_line(f"Also: {', '.join(f'/{name}' for name in shown.also)}")]
    return out


def _table(rows: Iterable[tuple[str, str]], cells: int) -> Fragments:
    """Return rows of a line, in `cells` columns, and its effect, which may break."""
    out: Fragments = []
    for left, right in rows:
        out += [("class:own", f"  {left:<{cells}}"), (GUTTER, "  "), ("", right), NEWLINE]
    return out[:-1]


def _line(text: str) -> Iterator[tuple[str, str]]:
    """Yield a line, safe to show, as fragments that may break."""
    yield (GUTTER, "")
    yield ("", text)
