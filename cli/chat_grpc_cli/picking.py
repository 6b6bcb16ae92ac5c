"""Picks a message with the arrows, for a reply, an edit, a deletion or a reaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Protocol

from prompt_toolkit.filters import Condition, Filter
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from chat_grpc.client import ChatClient, ChatError
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.conversation import same, target
from chat_grpc_cli.moderation_commands import moderators
from chat_grpc_cli.picker import Picker, command_for
from chat_grpc_cli.view import View

_PAGE = 50
_MAX_PAGES = 20
"""Maximum pages of the list; /history shows earlier messages."""

_LOAD_AFTER = 0.3
"""Seconds after an event at which the list is fetched again."""

_LETTERS = {"r": "reply", "e": "edit", "d": "delete", "+": "react"}

_CHANGES = frozenset({"message", "edited", "deleted", "reaction"})


class Line(Protocol):
    """The input line, into which the picked command is written."""

    @property
    def text(self) -> str:
        """The text that was typed."""

    def put(self, text: str, cursor: int) -> None:
        """Replace the text; one that was typed stays in the history of lines."""

    def redraw(self) -> None:
        """Schedule a redraw."""


class Picking:
    """Shows a list of the conversation's messages while the user picks one.

    The list is that of the server, so it has the date, the current text, and earlier messages than
    the screen. Belongs to the event loop.
    """

    def __init__(
        self,
        chat: ChatClient,
        view: View,
        line: Line,
        do: Callable[[Coroutine[Any, Any, None]], None],
        complain: Callable[[str], None],
    ) -> None:
        """`do` runs work in the background."""
        self._chat = chat
        self._view = view
        self._line = line
        self._do = do
        self._complain = complain
        self._picker: Picker | None = None
        self._conversation = ""
        self._pages = 1
        self._loading: asyncio.Lock = asyncio.Lock()
        self._queued = False
        """True if a load waits for the one before: it will bring all changes so far."""
        self.is_open = Condition(lambda: self._picker is not None)

    def open(self, action: str = "") -> None:
        """Show the list; `action` is that of Enter, and an empty one lets the user choose."""
        self._picker = picker = Picker(action)
        self._conversation = self._view.current
        self._pages = 1
        self._queued = False
        self._do(self._load(picker))
        self._line.redraw()

    def close(self) -> None:
        """Hide the list."""
        self._picker = None
        self._line.redraw()

    def take(self, event: chat_pb2.Event) -> None:
        """Note an event that may change a message of the list."""
        if self._picker is None:
            return
        if not same(self._conversation, self._view.current):
            self.close()
        elif event.WhichOneof("event") in _CHANGES and not self._queued:
            self._queued = True
            self._do(self._load_later(self._picker))

    def lines(self, columns: int, rows: int, now: datetime) -> Fragments:
        """Return the list, of at most `rows` lines; nothing if it is hidden."""
        if self._picker is None:
            return []
        label = self._view.people.label
        return self._picker.lines(columns, max(1, rows - 1), now, label)

    def move(self, step: int) -> None:
        """Pick a message that is `step` lines below; at the top, ask the server for more."""
        picker = self._picker
        if picker is None:
            return
        rest = picker.move(step)
        if rest < 0 and picker.more and self._pages < _MAX_PAGES:
            self._pages += 1
            self._do(self._load(picker, rest))

    def choose(self, action: str) -> bool:
        """Write the command for the picked message; return False if the user may not do it."""
        picker, me = self._picker, self._view.me.number
        if picker is None or picker.picked is None:
            return False
        message = picker.picked
        own = message.message.author.number == me
        moderates = moderators(self._view)
        found = command_for(action, message, self._line.text, own=own, moderates=moderates)
        if found is None:
            return False
        self._view.seen(message)
        self.close()
        self._line.put(*found)
        return True

    @property
    def action(self) -> str:
        """The action of Enter."""
        return (self._picker.action if self._picker is not None else "") or "reply"

    @property
    def lets_choose(self) -> bool:
        """True if letters choose the action."""
        return self._picker is not None and not self._picker.action

    async def _load_later(self, picker: Picker) -> None:
        """Fetch the pages again after a moment, so that many events need one request."""
        await asyncio.sleep(_LOAD_AFTER)
        await self._load(picker)

    async def _load(self, picker: Picker, step: int = 0) -> None:
        """Fetch the pages so far, then move by `step`."""
        async with self._loading:
            self._queued = False
            if picker is not self._picker:
                return
            try:
                await self._fetch(picker)
            except ChatError as error:
                self.close()
                self._complain(f"The messages cannot be shown: {error}")
                return
        picker.move(step)
        self._line.redraw()

    async def _fetch(self, picker: Picker) -> None:
        """Fetch the pages, and more of them until one has a message for the action."""
        to = target(self._conversation)
        found: list[chat_pb2.StoredMessage] = []
        while True:
            before, most = found[-1].sequence if found else 0, self._pages * _PAGE
            found += await self._chat.history(to, before=before, limit=most - len(found)).all()
            fitting = [each for each in reversed(found) if self._fits(picker, each)]
            more = len(found) == most
            if fitting or not more or self._pages >= _MAX_PAGES:
                break
            self._pages += 1
        picker.load(self._view.concealed(fitting), more=more)

    def _fits(self, picker: Picker, each: chat_pb2.StoredMessage) -> bool:
        mine = each.message.author.number == self._view.me.number
        return not each.deleted and (mine or picker.action != "edit")


def pick_keys(picking: Picking, free: Filter) -> KeyBindings:
    """Return the keys of the list, which it takes from the input line while it is open.

    `free` says that the list may be opened.
    """
    keys, is_open = KeyBindings(), picking.is_open

    for name, step in (("up", -1), ("down", 1), ("pageup", -10), ("pagedown", 10)):

        @keys.add(name, filter=is_open)
        def _(_: KeyPressEvent, step: int = step) -> None:
            picking.move(step)

    def choose(event: KeyPressEvent, action: str) -> None:
        if not picking.choose(action):
            event.app.output.bell()

    @keys.add("enter", filter=is_open)
    def _(event: KeyPressEvent) -> None:
        choose(event, picking.action)

    @keys.add(Keys.Any, filter=is_open)
    def _(event: KeyPressEvent) -> None:
        letter = event.data if picking.lets_choose else ""
        choose(event, _LETTERS.get(letter, ""))

    @keys.add("escape", filter=is_open, eager=True)
    @keys.add("c-c", filter=is_open)
    def _(_: KeyPressEvent) -> None:
        picking.close()

    @keys.add("escape", "r", filter=free & ~is_open)
    def _(_: KeyPressEvent) -> None:
        picking.open()

    return keys
