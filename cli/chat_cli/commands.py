"""The commands of the terminal client: one function each, whose docstring is its help."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chat_cli import render
from chat_grpc.client import ChatClient
from chat_grpc.client.requests import To
from chat_grpc.v1 import chat_pb2


class UsageError(Exception):
    """The line does not say what the command needs; the text is a sentence."""


class Leave(Exception):
    """The user wants to go."""


class Screen(Protocol):
    """What a command can do."""

    chat: ChatClient

    def show(self, fragments: render.Fragments) -> None:
        """Prints above the line being typed."""

    def send(self, text: str, to: To = None) -> None:
        """Sends in the background, in order; shows the message once it is stored."""

    async def refresh(self) -> Sequence[chat_pb2.Client]:
        """Asks who is there."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command; `usage` shows what it takes."""

    name: str
    usage: str
    run: Callable[[Screen, str], Awaitable[None]]

    @property
    def help(self) -> str:
        """The whole docstring."""
        return inspect.getdoc(self.run) or ""

    @property
    def summary(self) -> str:
        """The first line of the help."""
        return self.help.split("\n")[0]


COMMANDS: dict[str, Command] = {}


def command(
    name: str, usage: str = ""
) -> Callable[[Callable[[Screen, str], Awaitable[None]]], Callable[[Screen, str], Awaitable[None]]]:
    """Puts a function into the registry."""

    def register(
        run: Callable[[Screen, str], Awaitable[None]],
    ) -> Callable[[Screen, str], Awaitable[None]]:
        COMMANDS[name] = Command(name, f"/{name} {usage}".strip(), run)
        return run

    return register


@command("list")
async def list_clients(screen: Screen, _: str) -> None:
    """Show who is here: number, name, since when."""
    clients = await screen.refresh()
    screen.show(render.client_table(clients, screen.chat.me.number, datetime.now().astimezone()))


@command("to", "NUMBER|NAME|#ROOM TEXT")
async def send_to(screen: Screen, argument: str) -> None:
    """Write to one client, by number or by name.

    /to 3 hello
    /to bob hello
    """
    to, _, text = argument.partition(" ")
    if not to or not text.strip():
        raise UsageError("Say to whom and what: /to 3 hello, or /to bob hello.")
    screen.send(text.strip(), parse_to(to))


@command("help", "[COMMAND]")
async def show_help(screen: Screen, argument: str) -> None:
    """Show the commands, or how one of them is used."""
    if argument:
        found = find(argument.strip().removeprefix("/"))
        screen.show([("class:heading", found.usage), ("", "\n" + found.help)])
        return
    width = max(len(c.usage) for c in COMMANDS.values())
    lines: render.Fragments = [
        ("", "A line of text goes to everyone. A line that begins with / is a command:\n")
    ]
    for each in COMMANDS.values():
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


def find(name: str) -> Command:
    """Finds a command; a beginning that fits only one will do. Raises `UsageError`."""
    fitting = [c for known, c in COMMANDS.items() if known.startswith(name.lower())]
    if name.lower() in COMMANDS:
        return COMMANDS[name.lower()]
    if name and len(fitting) == 1:
        return fitting[0]
    near = difflib.get_close_matches(name.lower(), COMMANDS, n=1)
    hint = f"Did you mean /{near[0]}?" if near else "/help shows the commands."
    raise UsageError(f"There is no command /{name}. {hint}")


async def run_line(screen: Screen, line: str) -> None:
    """Does what a line says. Raises `UsageError` or `Leave`."""
    if line.startswith("//"):
        screen.send(line[1:])
    elif line.startswith("/"):
        name, _, argument = line[1:].partition(" ")
        await find(name).run(screen, argument.strip())
    elif line.strip():
        screen.send(line)
