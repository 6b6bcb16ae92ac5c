"""The registry of commands. A command is one function; its docstring is its help."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chat_grpc.client import ChatCalls, ChatClient
from chat_grpc.client.arguments import Recipient
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.view import View


class UsageError(Exception):
    """The line lacks an argument of the command; the text is a sentence."""


class Leave(Exception):
    """The user wants to leave."""


class Screen(Protocol):
    """The actions that a command can take."""

    chat: ChatClient
    view: View

    def show(self, fragments: Fragments) -> None:
        """Print lines above the input line."""

    def tell(self, text: str) -> None:
        """Print a notice with the time. The text is safe to show."""

    def did(self, change: chat_pb2.RoomChange) -> None:
        """Print the user's change of a room, unless the stream has brought it."""

    def clear(self) -> None:
        """Empty the window."""

    def send(self, text: str, to: Recipient = None, *, reply_to: int = 0) -> None:
        """Send in the background, in order; show the message once it is stored."""

    def pick(self, action: str) -> None:
        """Let the user pick a message of the conversation for a command such as `reply`.

        Without an action the user chooses it, too.
        """

    def ask(
        self, request: Coroutine[Any, Any, chat_pb2.Sent], done: Callable[[], None], failed: str
    ) -> None:
        """Await an answer in the background. A refusal is shown after the words `failed`."""

    async def ask_secret(self, question: str) -> str:
        """Ask for a secret in the input line, without echo. Raises `UsageError` if cancelled."""

    def calls(self) -> ChatCalls:
        """Return a client for calls as the user, to be used in an `async with`."""

    async def go(self, conversation: str) -> None:
        """Switch to a conversation and show its newest messages.

        Raises `Refused`, and changes nothing, if the user may not read it.
        """

    async def resolved(self, conversation: str) -> str:
        """Ask the server for the number of `@name`; return the key of the conversation.

        The number is not known before the first message. Raises `ChatError`, `Refused` if there is
        no such user.
        """

    async def ignore(self, number: int, name: str | None) -> None:
        """Ignore a user from now on; no longer, if `name` is None. Raises `StateUnusable`."""

    async def refresh(self) -> Sequence[chat_pb2.Client]:
        """Fetch the connected clients."""

    async def load_rooms(self) -> Sequence[chat_pb2.Room]:
        """Fetch the rooms that are visible to the user."""


Run = Callable[[Screen, str], Awaitable[None]]
Offered = Callable[[View], bool]


def everyone(_: View) -> bool:
    """Offer a command to every user."""
    return True


@dataclass(frozen=True, slots=True)
class Command:
    """A command and its arguments."""

    name: str
    usage: str
    run: Run
    takes: tuple[str, ...] = ()
    """The kinds of its words, for completion: `name`, `room`, `conversation`, `role`, `command`,
    `emoji`, or `own` (the user's last message)."""
    offered: Offered = everyone
    """Returns whether help and completion show it to the user. It can always be entered in full."""

    asks: bool = False
    """True if it asks for secrets: the lines after it are no messages while it runs."""
    reads: bool = False
    """True if it changes nothing: an unambiguous prefix of its name is enough to run it."""
    also: tuple[str, ...] = ()
    """Other names, without prefixes of their own."""

    @property
    def help(self) -> str:
        """The help text: the docstring."""
        return inspect.getdoc(self.run) or ""

    @property
    def summary(self) -> str:
        """The first line of the help text."""
        return self.help.split("\n")[0]


COMMANDS: dict[str, Command] = {}


def command(
    name: str,
    usage: str = "",
    *takes: str,
    offered: Offered = everyone,
    asks: bool = False,
    reads: bool = False,
    also: tuple[str, ...] = (),
) -> Callable[[Run], Run]:
    """Register a function as a command; see `Command`."""

    def register(run: Run) -> Run:
        shown = f"/{name} {usage}".strip()
        COMMANDS[name] = Command(name, shown, run, takes, offered, asks, reads, also)
        return run

    return register


def named(commands: dict[str, Command]) -> Iterator[tuple[str, Command]]:
    """Yield each name of each command, the other names included."""
    for each in commands.values():
        for name in (each.name, *each.also):
            yield name, each


def offered_to(view: View) -> dict[str, Command]:
    """Return the commands that are offered to a user."""
    return {name: each for name, each in COMMANDS.items() if each.offered(view)}


def find(name: str, view: View) -> Command:
    """Find a command by a name, or one that changes nothing by an unambiguous prefix of its name.

    A prefix finds only a command that is offered to the user. Raises `UsageError`.
    """
    word, offered = name.lower(), offered_to(view)
    if (exact := dict(named(COMMANDS)).get(word)) is not None:
        return exact
    fitting = [c for known, c in offered.items() if word and known.startswith(word)]
    if len(fitting) == 1 and fitting[0].reads:
        return fitting[0]
    if len(fitting) == 1:
        full = fitting[0].name
        raise UsageError(f"/{name} is not short for /{full}, which has an effect: enter /{full}.")
    if fitting:
        raise UsageError(f"/{name} can mean {' or '.join(f'/{c.name}' for c in fitting)}.")
    near = difflib.get_close_matches(word, dict(named(offered)), n=1)
    hint = f"Did you mean /{near[0]}?" if near else "/help shows the commands; // sends the text."
    raise UsageError(f"There is no command /{name}. {hint}")
