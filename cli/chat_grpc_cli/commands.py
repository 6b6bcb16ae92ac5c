"""The everyday commands of the terminal client, and what a line does."""

from __future__ import annotations

from datetime import datetime

from chat_grpc.client import To
from chat_grpc_cli import message_commands, room_commands, tables
from chat_grpc_cli.columns import GUTTER, NEWLINE, Fragments
from chat_grpc_cli.conversation import LOBBY, name_of, target
from chat_grpc_cli.registry import COMMANDS, Leave, Screen, UsageError, command, find

__all__ = ["COMMANDS", "Leave", "Screen", "UsageError", "is_message", "parse_to", "run_line"]

# Both register their commands when they are imported.
assert message_commands
assert room_commands


@command("list")
async def list_clients(screen: Screen, _: str) -> None:
    """Show who is here: number, name, since when."""
    clients = await screen.refresh()
    now = datetime.now().astimezone()
    screen.show(tables.client_table(clients, screen.chat.me.number, now))


@command("to", "NUMBER|NAME|#ROOM TEXT", "conversation")
async def send_to(screen: Screen, argument: str) -> None:
    """Write to one client, or to a room.

    /to 3 hello
    /to bob hello
    /to #ops hello
    """
    to, _, text = argument.partition(" ")
    if not to or not text.strip():
        raise UsageError("Say to whom and what: /to 3 hello, or /to bob hello.")
    screen.send(text.strip(), parse_to(to))


@command("go", "[#ROOM|@NAME|lobby]", "conversation")
async def go(screen: Screen, argument: str) -> None:
    """Choose where a plain line goes.

    Its end is shown, with what you have not read. Of other rooms only what is to you is shown;
    the line at the bottom counts the rest. Without a name go where most is unread.

    /go #ops
    /go @bob
    /go lobby      everyone
    """
    if " " in argument:
        raise UsageError("Say where to: /go #ops, /go @bob, or /go lobby.")
    if argument:
        await screen.go(await _conversation(screen, argument))
        return
    waiting = screen.view.unread.waiting(screen.view.current)
    if not waiting:
        raise UsageError("Nothing is unread. Say where to: /go #ops, /go @bob, or /go lobby.")
    await screen.go(waiting[0][0])


@command("switch", "[#ROOM|@NAME|lobby]", "conversation")
async def switch(screen: Screen, argument: str) -> None:
    """Do the same as /go."""
    await go(screen, argument)


@command("conversations")
async def conversations(screen: Screen, _: str) -> None:
    """Show your conversations, and what is unread.

    The newest hundred are listed.
    """
    found = await screen.chat.conversations(limit=100).all()
    unread = screen.view.unread
    unread.load(found)
    for each in found:
        # What was read a moment ago, the server may not know yet.
        each.unread_count = unread.count(name_of(each))
    screen.show(tables.conversation_table(found, datetime.now().astimezone()))


@command("help", "[COMMAND]", "command")
async def show_help(screen: Screen, argument: str) -> None:
    """Show the commands, or how one is used."""
    if argument:
        found = find(argument.strip().removeprefix("/"))
        screen.show([("class:heading", found.usage), NEWLINE, *_lines(found.help)])
        return
    cells = max(len(c.usage) for c in COMMANDS.values())
    lines = _lines(
        "A line of text goes to the conversation before the >; #lobby is everyone.\n"
        "A line that begins with / is a command, and Tab completes it:"
    )
    for each in sorted(COMMANDS.values(), key=lambda c: c.name):
        lines += [NEWLINE, ("class:heading", f"  {each.usage:<{cells}}"), (GUTTER, "  ")]
        lines.append(("", each.summary))
    end = "//text sends a text that begins with a slash.\nCtrl-C empties the line, Ctrl-D leaves."
    screen.show([*lines, NEWLINE, *_lines(end)])


@command("quit")
async def leave(_: Screen, __: str) -> None:
    """Leave the chat; so does Ctrl-D."""
    raise Leave


def parse_to(word: str) -> To:
    """Reads whom a message goes to: a number, a name (with or without @), or a #room."""
    if word.isascii() and word.isdigit() and len(word) < 10:
        return int(word)
    return word if word.startswith("#") else word.removeprefix("@")


async def run_line(screen: Screen, line: str) -> None:
    """Does what a line says. Raises `UsageError`, `Leave` or `ChatError`."""
    if is_message(line):
        screen.send(line.removeprefix("/"), target(screen.view.current))
    elif line.startswith("/"):
        name, _, argument = line[1:].partition(" ")
        await find(name).run(screen, argument.strip())


def is_message(line: str) -> bool:
    """Tells whether a line is to be sent, and is no command."""
    return bool(line.strip()) and (not line.startswith("/") or line.startswith("//"))


async def _conversation(screen: Screen, word: str) -> str:
    """Reads a conversation; a word without a sign is a room of the user, or a name or number.

    Raises `UsageError` for a room that the user may not see, or is not a member of.
    """
    if word.casefold() in {"lobby", LOBBY}:
        return LOBBY
    if word.startswith("#"):
        return await room_commands.member_of(screen, word)
    room = screen.view.rooms.get(word.casefold())
    if room is not None and room.my_role:
        return f"#{room.name}"
    to = parse_to(word)
    if not isinstance(to, int):
        names = {name.casefold(): name for name in screen.view.people.values()}
        return f"@{names.get(str(to).casefold(), to)}"
    if to not in screen.view.people:
        raise UsageError(f"Nobody here has the number {to}; /list shows who is here.")
    return f"@{screen.view.people[to]}"


def _lines(text: str) -> Fragments:
    """Puts each line of a text that is safe to show into a fragment that may break."""
    out: Fragments = []
    for line in text.split("\n"):
        out += [(GUTTER, ""), ("", line), NEWLINE]
    return out[:-1]
