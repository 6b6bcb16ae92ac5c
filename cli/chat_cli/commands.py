"""The everyday commands of the terminal client, and what a line does."""

from __future__ import annotations

from datetime import datetime

from chat_cli import message_commands, room_commands, tables
from chat_cli.conversation import LOBBY, target
from chat_cli.registry import COMMANDS, Leave, Screen, UsageError, command, find
from chat_cli.render import Fragments
from chat_grpc.client import To

__all__ = ["COMMANDS", "Leave", "Screen", "UsageError", "parse_to", "run_line"]

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
    """Write to one client, by number or by name, or to a room.

    /to 3 hello
    /to bob hello
    /to #ops hello
    """
    to, _, text = argument.partition(" ")
    if not to or not text.strip():
        raise UsageError("Say to whom and what: /to 3 hello, or /to bob hello.")
    screen.send(text.strip(), parse_to(to))


@command("go", "#ROOM|@NAME|lobby", "conversation")
async def go(screen: Screen, argument: str) -> None:
    """Choose the conversation that a plain line goes to; lobby is everyone.

    /go #ops
    /go @bob
    /go lobby
    """
    if not argument or " " in argument:
        raise UsageError("Say where to: /go #ops, /go @bob, or /go lobby.")
    screen.go(await _conversation(screen, argument))


@command("switch", "#ROOM|@NAME|lobby", "conversation")
async def switch(screen: Screen, argument: str) -> None:
    """Do the same as /go."""
    await go(screen, argument)


@command("conversations")
async def conversations(screen: Screen, _: str) -> None:
    """Show your rooms and direct conversations, with how many messages are unread."""
    found = await screen.chat.conversations(limit=100).all()
    screen.view.unread.load(found)
    screen.show(tables.conversation_table(found, datetime.now().astimezone()))


@command("help", "[COMMAND]", "command")
async def show_help(screen: Screen, argument: str) -> None:
    """Show the commands, or how one of them is used."""
    if argument:
        found = find(argument.strip().removeprefix("/"))
        screen.show([("class:heading", found.usage), ("", "\n" + found.help)])
        return
    width = max(len(c.usage) for c in COMMANDS.values())
    lines: Fragments = [
        ("", "A line of text goes to the conversation before the >; #lobby is everyone. "),
        ("", "A line that begins with / is a command:\n"),
    ]
    for each in sorted(COMMANDS.values(), key=lambda c: c.name):
        lines += [("class:heading", f"  {each.usage:<{width}}"), ("", f"  {each.summary}\n")]
    lines += [("", "//text sends a text that begins with a slash. Ctrl-D leaves.")]
    screen.show(lines)


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
    if line.startswith("/") and not line.startswith("//"):
        name, _, argument = line[1:].partition(" ")
        await find(name).run(screen, argument.strip())
    elif line.strip():
        screen.send(line.removeprefix("/"), target(screen.view.current))


async def _conversation(screen: Screen, word: str) -> str:
    """Reads a conversation; a word without a sign is the lobby, or somebody's name or number.

    Raises `UsageError` for a room that the user may not see, or is not a member of.
    """
    if word.casefold() in {"lobby", LOBBY}:
        return LOBBY
    if word.startswith("#"):
        return await room_commands.member_of(screen, word)
    to = parse_to(word)
    if not isinstance(to, int):
        return f"@{to}"
    if to not in screen.view.people:
        raise UsageError(f"Nobody here has the number {to}; /list shows who is here.")
    return f"@{screen.view.people[to]}"
