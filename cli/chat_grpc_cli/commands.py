"""The basic commands of the terminal client, and the execution of a line."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from chat_grpc.client.arguments import Recipient
from chat_grpc_cli import (
    account_commands,
    help_commands,
    message_commands,
    moderation_commands,
    people_commands,
    room_commands,
    tables,
)
from chat_grpc_cli.addressees import addressee
from chat_grpc_cli.conversation import LOBBY, key_of, target
from chat_grpc_cli.registry import (
    COMMANDS,
    Command,
    Leave,
    Screen,
    UsageError,
    command,
    find,
)
from chat_grpc_cli.typed_text import ACTION, as_sent
from chat_grpc_cli.view import View

__all__ = [
    "COMMANDS",
    "Leave",
    "Screen",
    "UsageError",
    "asks_secrets",
    "changes",
    "is_message",
    "run_line",
]

# All register their commands when they are imported.
assert account_commands
assert help_commands
assert message_commands
assert moderation_commands
assert people_commands
assert room_commands


@command("to", "NUMBER|NAME|#ROOM TEXT", "conversation", also=("msg", "m"))
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
    _send(screen, text.strip(), addressee(to, screen.view.people))


@command("me", "TEXT")
async def action(screen: Screen, argument: str) -> None:
    """Say what you do, as in * alice waves.

    /me waves
    """
    if not argument:
        raise UsageError("Give the text: /me waves.")
    _send(screen, f"{ACTION}{argument}", target(screen.view.current))


@command("go", "[#ROOM|@NAME|lobby]", "conversation", reads=True, also=("switch",))
async def go(screen: Screen, argument: str) -> None:
    """Go to a conversation.

    Lines without a slash go there. Shows its newest messages. Messages to other rooms are
    shown only if they mention you; the line at the bottom counts the others. Without a name, goes
    to direct messages and mentions first, then to the conversation with most unread messages.

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
    wanted = screen.view.unread.next(screen.view.current)
    if not wanted:
        raise UsageError("Nothing is unread. Give a conversation: /go #ops, @bob, or lobby.")
    await screen.go(wanted)


@command("query", "NAME [TEXT]", "name", also=("q",))
async def query(screen: Screen, argument: str) -> None:
    """Go to a direct conversation, and send a text.

    /query bob
    /query bob lunch?
    """
    name, _, text = argument.partition(" ")
    if not name or name.startswith("#"):
        raise UsageError("Give a name: /query bob. /go lobby goes back to everyone.")
    await screen.go(await _conversation(screen, f"@{name.removeprefix('@')}"))
    if text.strip():
        _send(screen, text.strip(), target(screen.view.current))


@command("conversations", reads=True)
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


@command("clear", reads=True)
async def clear(screen: Screen, _: str) -> None:
    """Empty the window, as Ctrl-L does.

    /history shows the messages again.
    """
    screen.clear()


@command("quit", also=("exit", "bye"))
async def leave(_: Screen, __: str) -> None:
    """Leave the chat; so does Ctrl-D."""
    raise Leave


def asks_secrets(line: str, view: View) -> bool:
    """Return True if a line is a command that asks for secrets."""
    found = _command_in(line, view)
    return found is not None and found.asks


def has_no_secret(line: str, view: View) -> bool:
    """Return True for a message, and for a command that exists and asks for no secrets.

    A mistyped command may have a password after it.
    """
    found = _command_in(line, view)
    return is_message(line) or (found is not None and not found.asks)


async def run_line(screen: Screen, line: str) -> None:
    """Run a line: a command, or a message. Raises `UsageError`, `Leave` or `ChatError`."""
    if is_message(line):
        # A pasted block often ends with a newline.
        _send(screen, line.removeprefix("/").strip("\n"), target(screen.view.current))
    elif line.startswith("/"):
        name, _, argument = line[1:].partition(" ")
        await find(name, screen.view).run(screen, argument.strip())


def _send(screen: Screen, text: str, to: Recipient) -> None:
    screen.send(as_sent(text, to, screen.view.people), to)


def changes(line: str, view: View) -> bool:
    """Return True if a line is a command that changes something, other than the end."""
    found = _command_in(line, view)
    return found is not None and not found.reads and found.run is not leave


def _command_in(line: str, view: View) -> Command | None:
    """Return the command of a line; None for a message, and for a name that is no command."""
    if is_message(line) or not line.startswith("/"):
        return None
    with suppress(UsageError):
        return find(line[1:].partition(" ")[0], view)
    return None


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
