"""What a command can do, at a real terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any

from chat_grpc.client import ChatClient, ChatError, Refused, To
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import events, render, tables
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.conversation import LOBBY, target
from chat_grpc_cli.keeping import PlaceKeeper, ReadMarks
from chat_grpc_cli.printer import Printer
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.shown import one_line
from chat_grpc_cli.view import View

_LAST_LINES = 10
_MOST_LINES = 50


class TerminalScreen:
    """Shows, sends and asks for one session; see `registry.Screen`. Belongs to the event loop."""

    def __init__(
        self,
        chat: ChatClient,
        view: View,
        printer: Printer,
        place: PlaceKeeper,
        redraw: Callable[[], None],
    ) -> None:
        """`redraw` draws the line being typed and the toolbar again, soon."""
        self.chat = chat
        self.view = view
        self.redraw = redraw
        self._printer = printer
        self._place = place
        self.marks = ReadMarks(chat)
        self.turn = asyncio.Lock()
        """Held by who shows an event or a conversation: none falls between what is shown."""
        self._waiting: dict[asyncio.Task[None], str] = {}

    @property
    def waiting(self) -> Mapping[asyncio.Task[None], str]:
        """What is not answered yet; a message with its text."""
        return self._waiting

    # ----------------------------------------------------------------- show

    def show(self, fragments: Fragments) -> None:
        """Prints above the line being typed."""
        self._printer.show(fragments)

    def tell(self, text: str) -> None:
        """Prints a line with the time."""
        self.show(render.notice(text, now()))

    def complain(self, text: str) -> None:
        """Prints what went wrong."""
        self.show(render.error(text))

    def header(self, conversation: str) -> None:
        """Prints where the user is now."""
        room = self.view.rooms.get(conversation[1:].casefold())
        about = f": {one_line(room.topic)}" if room and room.topic else ""
        self.show(render.rule(f"{safe(conversation)}{about}"))

    def did(self, change: chat_pb2.RoomChange) -> None:
        """Tells what the user did to a room, unless the stream has told it."""
        words = events.room_words(change, self.chat.me.number)
        if not self.view.answered(words, time.monotonic()):
            self.tell(words)

    # ------------------------------------------------------------- send, ask

    def send(self, text: str, to: To = None, *, reply_to: int = 0) -> None:
        """Sends in the background; shows the message once it is stored."""
        self._wait(self._send(text, to, reply_to), text)

    async def _send(self, text: str, to: To, reply_to: int) -> None:
        answers = self.view.shown.quote(reply_to) if reply_to else ""
        try:
            sent = await self.chat.send(text, to, reply_to=reply_to)
        except ChatError as error:
            self.complain(f"Not sent: {error}")
            return
        where = self._conversation(to)
        name = where[1:] if not isinstance(to, int) or where != f"@{to}" else f"no. {to}"
        self.view.sent(sent.sequence, where, text)
        self.read_up_to(where, sent.sequence)
        # Before it is shown, so that the next start does not show it again.
        await self._place.keep()
        moment = now()
        fragments = render.message(
            text,
            self.chat.me.name,
            moment,
            own=True,
            to=name if where.startswith("@") else "",
            where=events.elsewhere(where, self.view.current),
            answers=answers,
        )
        self._printer.show_at(fragments, moment)

    def _conversation(self, to: To) -> str:
        if to is None:
            return LOBBY
        if isinstance(to, int):
            return f"@{self.view.people.get(to, to)}"
        return to if to.startswith("#") else f"@{to}"

    def ask(
        self, request: Coroutine[Any, Any, chat_pb2.Sent], done: Callable[[], None], failed: str
    ) -> None:
        """Waits for an answer in the background."""

        async def wait() -> None:
            try:
                sent = await request
            except ChatError as error:
                self.complain(f"{failed}: {error}")
                return
            self.view.own.add(sent.sequence)
            await self._place.keep()
            done()

        self._wait(wait(), "")

    def _wait(self, work: Coroutine[Any, Any, None], text: str) -> None:
        task = asyncio.create_task(work)
        self._waiting[task] = text
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._waiting[task]
        self.redraw()

    # ------------------------------------------------------------------- go

    async def go(self, conversation: str) -> None:
        """Makes another conversation the one that a plain line goes to, and shows its end."""
        try:
            await self.enter(conversation)
        except Refused:
            raise
        except ChatError:
            self.view.current = conversation
            self.header(conversation)
            self.complain("What was written there cannot be shown: the server does not answer.")
        self._place.changed()
        self.redraw()

    async def enter(self, conversation: str, *, first: bool = False) -> None:
        """Goes to a conversation; at the `first` start nothing in it counts as unread."""
        unread = self.view.unread
        async with self.turn:
            count = 0 if first else unread.count(conversation)
            limit = min(max(_LAST_LINES, count), _MOST_LINES)
            newest_first = await self.chat.history(target(conversation), limit=limit).all()
            self.view.current = conversation
            if not first:
                self.header(conversation)
            if not newest_first:
                return
            if count > limit:
                self.show(render.rule(f"{count} unread, the last {limit}; /history has more"))
            read = unread.read_up_to(conversation) if count else None
            found, me = newest_first[::-1], self.chat.me.number
            self.show(tables.stored(found, me, now(), conversation, numbers=False, read=read))
            for each in found:
                self.view.seen(each)
            self.read_up_to(conversation, found[-1].sequence)

    def read_up_to(self, conversation: str, sequence: int) -> None:
        """Notes that the user has read a conversation up to a sequence, and tells the server."""
        self.view.unread.read(conversation, sequence)
        self.marks.read(conversation, sequence)

    async def refresh(self) -> Sequence[chat_pb2.Client]:
        """Asks who is there."""
        clients = await self.chat.clients()
        self.view.people = {client.number: client.name for client in clients}
        self.redraw()
        return clients


def now() -> datetime:
    """Gives the local time."""
    return datetime.now().astimezone()
