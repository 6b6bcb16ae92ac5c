"""The handlers of a bot, and the choice among them for a message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from chat_grpc.client.bot_message import Message
from chat_grpc.client.client import ChatClient

Handler = Callable[[Message], Awaitable[str | None]] | Callable[[Message], str | None]
"""Handles a message. A text that it returns is the answer.

A plain function runs in a thread, so it may block; a coroutine function must not. A function that
runs in a thread cannot be cancelled: the program ends when it has returned.
"""

StartHandler = Callable[[ChatClient], Awaitable[None]]
"""Is called once the bot is connected."""

_H = TypeVar("_H", bound=Handler)
_S = TypeVar("_S", bound=StartHandler)


@dataclass(slots=True)
class Handlers:
    """The handlers that a program has registered."""

    prefix: str
    """The start of a command, such as `!`."""
    start: list[StartHandler] = field(default_factory=list)
    message: list[Handler] = field(default_factory=list)
    mention: list[Handler] = field(default_factory=list)
    direct: list[Handler] = field(default_factory=list)
    commands: dict[str, Handler] = field(default_factory=dict)
    """By name, in lower case."""

    def of(self, message: Message) -> list[Handler]:
        """Return the handlers for a message, and set its `arguments`.

        Those for each message come first; then those of the first kind that fits and has any:
        command, mention, direct message.
        """
        text = message.unaddressed
        word = text.split(None, 1)[0] if text else ""
        command = None
        if word.startswith(self.prefix):
            command = self.commands.get(word.removeprefix(self.prefix).casefold())
        message.arguments = text if command is None else text.removeprefix(word).strip()
        if command is not None:
            return [*self.message, command]
        if message.mentions_me and self.mention:
            return [*self.message, *self.mention]
        return [*self.message, *(self.direct if message.direct else ())]


class Registering:
    """The decorators with which a program registers its handlers."""

    def __init__(self, prefix: str) -> None:
        self._handlers = Handlers(prefix)

    def on_start(self, handler: _S) -> _S:
        """Call a coroutine function with the client each time that the bot has started."""
        self._handlers.start.append(handler)
        return handler

    def on_message(self, handler: _H) -> _H:
        """Call a function with each message of others, before the other handlers."""
        self._handlers.message.append(handler)
        return handler

    def on_mention(self, handler: _H) -> _H:
        """Call a function with each message that mentions the bot and is no command."""
        self._handlers.mention.append(handler)
        return handler

    def on_direct(self, handler: _H) -> _H:
        """Call a function with each direct message that neither of the other kinds handles."""
        self._handlers.direct.append(handler)
        return handler

    def command(self, name: str) -> Callable[[_H], _H]:
        """Call a function with each message that starts with the prefix and this name.

        A mention of the bot may come before it. Case does not matter. Raises `ValueError` for a
        name that is taken, is empty, or has spaces.
        """
        key = name.casefold()
        if not name or name.split() != [name] or key in self._handlers.commands:
            raise ValueError(
                f"The command {name!r} is empty, has spaces, or is registered already."
            )

        def register(handler: _H) -> _H:
            self._handlers.commands[key] = handler
            return handler

        return register
