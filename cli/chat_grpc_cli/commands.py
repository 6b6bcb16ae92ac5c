"""The basic commands of the terminal client, and the execution of a line."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from chat_grpc_cli import (
    account_commands,
    message_commands,
    moderation_commands,
    room_commands,
    tables,
)
from chat_grpc_cli.addressees import addressee
from chat_grpc_cli.columns import GUTTER, NEWLINE, Fragments
from chat_grpc_cli.conversation import LOBBY, key_of, target
from chat_grpc_cli.registry import (
    COMMANDS,
    Leave,
    Screen,
    UsageError,
    command,
    find,
    offered_to,
)
from chat_grpc_cli.view import View

__all__ = [
    "COMMANDS",
    "Leave",
    "Screen",
    "UsageError",
    "asks_secrets",
    "is_message",
    "run_line",
]

# All register their commands when they are imported.
assert account_commands
assert message_commands
assert moderation_commands
assert room_commands


@command("list")
async def list_clients(screen: Screen, _: str) -> None:
    """List the connected users.

    Shows the number, the name and the connection time of each.
    """
    clients = await screen.refresh()
    now = datetime.now().astimezone()
    screen.show(tables.client_table(clients, screen.chat.me.number, now))


@command("to", "NUMBER|NAME|#ROOM TEXT", "conversation")
async def send_to(screen: Screen, argument: str) -> None:
    """Write to a user or a room.

    The current conversation stays the same.

    /to bob hello
    /to 3 hello        by number
    /to bob#3 hello    if several users have had the name
    /to #ops hello
    """
    to, _, text = argument.partition(" ")
    if not to or not text.strip():
        raise UsageError("Give an addressee and a text: /to bob hello, or /to 3 hello.")
    screen.send(text.strip(), addressee(to, screen.view.people))


@command("go", "[#ROOM|@NAME|lobby]", "conversation")
async def go(screen: Screen, argument: str) -> None:
    """Go to a conversation.

    Lines without a slash go there. Shows its newest messages. Messages to other rooms are
    shown only if they mention you; the line at the bottom counts the others. Without a name, goes
    to the conversation with most unread messages.

    /go #ops
    /go @bob
    /go bob#3      if several users have had the name
    /go lobby      everyone
    """
    if " " in argument:
        raise UsageError("Give one conversation: /go #ops, /go @bob, or /go lobby.")
    if argument:
        await screen.go(await _conversation(screen, argument))
        return
    waiting = screen.view.unread.waiting(screen.view.current)
    if not waiting:
        raise UsageError("Nothing is unread. Give a conversation: /go #ops, @bob, or lobby.")
    await screen.go(waiting[0][0])


@command("switch", "[#ROOM|@NAME|lobby]", "conversation")
async def switch(screen: Screen, argument: str) -> None:
    """Do the same as /go."""
    await go(screen, argument)


@command("conversations")
async def conversations(screen: Screen, _: str) -> None:
    """Show your conversations and unread counts.

    Lists the 100 with the newest messages.
    """
    found = await screen.chat.conversations(limit=100).all()
    unread = screen.view.unread
    screen.view.set_conversations(found)
    for each in found:
        # The server may not have the newest read markers yet.
        each.unread_count = unread.count(key_of(each))
    now = datetime.now().astimezone()
    screen.show(tables.conversation_table(found, now, screen.view.people.label))


@command("help", "[COMMAND]", "command")
async def show_help(screen: Screen, argument: str) -> None:
    """Show all commands, or the help of one."""
    if argument:
        found = find(argument.strip().removeprefix("/"), screen.view)
        screen.show([("class:heading", found.usage), NEWLINE, *_lines(found.help)])
        return
    offered = offered_to(screen.view).values()
    cells = max(len(c.usage) for c in offered)
    lines = _lines(
        "A line of text goes to the conversation before the >; #lobby is everyone.\n"
        "A line that begins with / is a command, and Tab completes it:"
    )
    for each in sorted(offered, key=lambda c: c.name):
        lines += [NEWLINE, ("class:heading", f"  {each.usage:<{cells}}"), (GUTTER, "  ")]
        lines.append(("", each.summary))
    end = "//text sends a text that begins with a slash.\nCtrl-C empties the line, Ctrl-D leaves."
    screen.show([*lines, NEWLINE, *_lines(end)])


@command("quit")
async def leave(_: Screen, __: str) -> None:
    """Leave the chat; so does Ctrl-D."""
    raise Leave


def asks_secrets(line: str, view: View) -> bool:
    """Return True if a line is a command that asks for secrets."""
    if is_message(line) or not line.startswith("/"):
        return False
    with suppress(UsageError):
        return find(line[1:].partition(" ")[0], view).asks
    return False


async def run_line(screen: Screen, line: str) -> None:
    """Run a line: a command, or a message. Raises `UsageError`, `Leave` or `ChatError`."""
    if is_message(line):
        screen.send(line.removeprefix("/"), target(screen.view.current))
    elif line.startswith("/"):
        name, _, argument = line[1:].partition(" ")
        await find(name, screen.view).run(screen, argument.strip())


def is_message(line: str) -> bool:
    """Return True if a line is a message, and not a command or empty."""
    return bool(line.strip()) and (not line.startswith("/") or line.startswith("//"))


async def _conversation(screen: Screen, word: str) -> str:
    """Parse a conversation. A word without # or @ is a room of the user, a name, or a number.

    Raises `UsageError` for a room that the user cannot see or is not a member of, for an unknown
    number, and for a name that several users have had; `Refused` for an unknown name.
    """
    if word.lower() in {"lobby", LOBBY}:
        return LOBBY
    if word.startswith("#"):
        return await room_commands.member_of(screen, word)
    room = screen.view.room(word)
    if room is not None and room.my_role:
        return f"#{room.name}"
    people = screen.view.people
    to = addressee(word, people)
    if isinstance(to, int):
        if not people.knows(to) and f"@{to}" not in screen.view.unread.keys:
            raise UsageError(
                f"No user with the number {to} was seen; /list shows the connected users."
            )
        return f"@{to}"
    return await screen.resolved(f"@{to}")


def _lines(text: str) -> Fragments:
    """Return each line of a text, safe to show, as a fragment that may break."""
    out: Fragments = []
    for line in text.split("\n"):
        out += [(GUTTER, ""), ("", line), NEWLINE]
    return out[:-1]
