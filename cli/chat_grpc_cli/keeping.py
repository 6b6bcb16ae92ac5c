"""Stores the user's place on the disk, and sends read markers to the server, at intervals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from chat_grpc.client import ChatClient, Position
from chat_grpc_cli.conversation import target
from chat_grpc_cli.files import StateUnusable
from chat_grpc_cli.place import Place, Places
from chat_grpc_cli.throttle import Throttle
from chat_grpc_cli.view import View

_KEEP_EVERY = 0.2
_MARK_EVERY = 3.0


class PlaceKeeper:
    """Stores the user's place at most every 0.2 seconds. Belongs to the event loop."""

    def __init__(
        self, places: Places, server: str, name: str, view: View, failed: Callable[[str], None]
    ) -> None:
        """`failed` is called once with a sentence if the place cannot be stored."""
        self._places = places
        self._server = server
        self._name = name
        self._view = view
        self._failed: Callable[[str], None] | None = failed
        self._throttle = Throttle(_KEEP_EVERY, self.keep)
        self._position: Position | None = None
        self._kept: Place | None = None

    async def load(self) -> Place:
        """Return the stored place."""
        return await asyncio.to_thread(self._places.get, self._server, self._name)

    def changed(self, position: Position | None = None) -> None:
        """Note a change; with `position`, note that the user has seen the log up to it."""
        self._position = position or self._position
        self._throttle.ask()

    async def run(self) -> None:
        """Store changes until cancelled."""
        await self._throttle.run()

    async def keep(self) -> None:
        """Store the place now, if it changed."""
        if self._position is None:
            return
        view, at = self._view, self._position.sequence
        view.own = {sequence for sequence in view.own if sequence > at}
        place = Place(self._position, view.current, frozenset(view.own))
        if place == self._kept:
            return
        try:
            # Not in a thread: a late one would undo a later call.
            self._places.put(self._server, self._name, place)
            self._kept = place
        except StateUnusable as error:
            if self._failed is not None:
                self._failed(f"The next start cannot resume here. {error}")
                self._failed = None


class ReadMarks:
    """Sends the user's read markers at most every 3 seconds. Belongs to the event loop."""

    def __init__(self, chat: ChatClient) -> None:
        self._chat = chat
        self._waiting: dict[str, int] = {}
        self._throttle = Throttle(_MARK_EVERY, self.tell)

    def read(self, conversation: str, sequence: int) -> None:
        """Note that a conversation was read up to a sequence."""
        if sequence > self._waiting.get(conversation, 0):
            self._waiting[conversation] = sequence
            self._throttle.ask()

    def clear(self) -> None:
        """Drop the markers that were not sent, because the server has another log."""
        self._waiting.clear()

    async def run(self) -> None:
        """Send markers until cancelled."""
        await self._throttle.run()

    async def tell(self) -> None:
        """Send the waiting markers now."""
        waiting, self._waiting = self._waiting, {}
        for conversation, sequence in waiting.items():
            await self._chat.mark_read(sequence, target(conversation))
