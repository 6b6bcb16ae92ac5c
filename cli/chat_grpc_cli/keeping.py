"""What is told to the disk and to the server now and then: where the user is, what was read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import click

from chat_grpc.client import ChatClient, Position
from chat_grpc_cli.conversation import target
from chat_grpc_cli.place import Place, Places
from chat_grpc_cli.throttle import Throttle
from chat_grpc_cli.view import View

_KEEP_EVERY = 0.2
_MARK_EVERY = 3.0


class PlaceKeeper:
    """Keeps the user's place on disk, a moment after it changed. Belongs to the event loop."""

    def __init__(
        self, places: Places, server: str, name: str, view: View, failed: Callable[[str], None]
    ) -> None:
        """`failed` is told once that the disk does not take it."""
        self._places = places
        self._server = server
        self._name = name
        self._view = view
        self._failed: Callable[[str], None] | None = failed
        self._throttle = Throttle(_KEEP_EVERY, self.keep)
        self._position: Position | None = None
        self._kept: Place | None = None

    async def load(self) -> Place:
        """Gives where the user was."""
        return await asyncio.to_thread(self._places.get, self._server, self._name)

    def changed(self, position: Position | None = None) -> None:
        """Notes a change, of the place in the log where one is given."""
        self._position = position or self._position
        self._throttle.ask()

    async def run(self) -> None:
        """Keeps what changes, until it is cancelled."""
        await self._throttle.run()

    async def keep(self) -> None:
        """Keeps it now."""
        if self._position is None:
            return
        view, at = self._view, self._position.sequence
        view.own = {sequence for sequence in view.own if sequence > at}
        place = Place(self._position, view.current, frozenset(view.own))
        if place == self._kept:
            return
        try:
            # Not in a thread: one that is late would undo what came after it.
            self._places.put(self._server, self._name, place)
            self._kept = place
        except click.UsageError as error:
            if self._failed is not None:
                self._failed(f"The next start cannot go on here. {error.message}")
                self._failed = None


class ReadMarks:
    """Moves the user's read markers, not too often. Belongs to the event loop."""

    def __init__(self, chat: ChatClient) -> None:
        self._chat = chat
        self._waiting: dict[str, int] = {}
        self._throttle = Throttle(_MARK_EVERY, self.tell)

    def read(self, conversation: str, sequence: int) -> None:
        """Notes that a conversation was read up to a sequence."""
        if sequence > self._waiting.get(conversation, 0):
            self._waiting[conversation] = sequence
            self._throttle.ask()

    def clear(self) -> None:
        """Forgets what waits, because the server has another log."""
        self._waiting.clear()

    async def run(self) -> None:
        """Tells the server, until it is cancelled."""
        await self._throttle.run()

    async def tell(self) -> None:
        """Tells the server now."""
        waiting, self._waiting = self._waiting, {}
        for conversation, sequence in waiting.items():
            await self._chat.mark_read(sequence, target(conversation))
