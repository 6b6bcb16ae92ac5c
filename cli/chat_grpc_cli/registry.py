"""What a command is: one function, whose docstring is its help."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chat_grpc.client import ChatClient, To
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.view import View


class UsageError(Exception):
    """The line does not say what the command needs; the text is a sentence."""


class Leave(Exception):
    """The user wants to go."""


class Screen(Protocol):
    """What a command can do."""

    chat: ChatClient
    view: View

    def show(self, fragments: Fragments) -> None:
        """Prints above the line being typed."""

    def tell(self, text: str) -> None:
        """Prints a line with the time, of a text that is safe to show."""

    def did(self, change: chat_pb2.RoomChange) -> None:
        """Tells what the user did to a room, unless the stream has told it."""

    def send(self, text: str, to: To = None, *, reply_to: int = 0) -> None:
        """Sends in the background, in order; shows the message once it is stored."""

    def ask(
        self, request: Coroutine[Any, Any, chat_pb2.Sent], done: Callable[[], None], failed: str
    ) -> None:
        """Waits for an answer in the background; `failed` begins the line of a refusal."""

    async def go(self, conversation: str) -> None:
        """Makes another conversation the one that a plain line goes to, and shows its end.

        Raises `Refused` where the user may not read it; then nothing changes.
        """

    async def refresh(self) -> Sequence[chat_pb2.Client]:
        """Asks who is there."""


Run = Callable[[Screen, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command; `usage` shows what it takes."""

    name: str
    usage: str
    run: Run
    takes: tuple[str, ...] = ()
    """What its words are, for completion: `name`, `room`, `conversation`, `role`, `command`,
    `emoji`, or `own`, the user's last message."""

    @property
    def help(self) -> str:
        """The whole docstring."""
        return inspect.getdoc(self.run) or ""

    @property
    def summary(self) -> str:
        """The first line of the help."""
        return self.help.split("\n")[0]


COMMANDS: dict[str, Command] = {}


def command(name: str, usage: str = "", *takes: str) -> Callable[[Run], Run]:
    """Puts a function into the registry."""

    def register(run: Run) -> Run:
        COMMANDS[name] = Command(name, f"/{name} {usage}".strip(), run, takes)
        return run

    return register


def find(name: str) -> Command:
    """Finds a command; a beginning that fits only one will do. Raises `UsageError`."""
    word = name.lower()
    fitting = [c for known, c in COMMANDS.items() if known.startswith(word)]
    if word in COMMANDS:
        return COMMANDS[word]
    if word and len(fitting) == 1:
        return fitting[0]
    if word and fitting:
        raise UsageError(f"/{name} may be {' or '.join(f'/{c.name}' for c in fitting)}.")
    near = difflib.get_close_matches(word, COMMANDS, n=1)
    hint = f"Did you mean /{near[0]}?" if near else "/help shows the commands."
    raise UsageError(f"There is no command /{name}. {hint}")
