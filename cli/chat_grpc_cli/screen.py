"""The actions of commands, at a real terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from chat_grpc.client import ChatCalls, ChatClient, ChatError, Refused, UserChanged
from chat_grpc.client.arguments import Recipient
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import events, render
from chat_grpc_cli.access import Access
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.conversation import LOBBY, of_message, same, target
from chat_grpc_cli.ignoring import IgnoreFile
from chat_grpc_cli.keeping import PlaceKeeper, ReadMarks
from chat_grpc_cli.pending import SHOWN_AFTER, Pending
from chat_grpc_cli.place import Place
from chat_grpc_cli.printer import Printer
from chat_grpc_cli.refusals import error_words
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.shown import one_line
from chat_grpc_cli.view import View

_LAST_LINES = 10
_MAX_LINES = 50

_MENTION_ROOMS = 15
_MENTION_MESSAGES = 100
"""Maximum rooms, and newest unread messages of each, in which a start looks for mentions."""


class TerminalScreen:
    """Implements `registry.Screen` for one session. Belongs to the event loop."""

    def __init__(
        self,
        chat: ChatClient,
        view: View,
        printer: Printer,
        place: PlaceKeeper,
        redraw: Callable[[], None],
        ask_secret: Callable[[str], Awaitable[str]],
        access: Access,
        clear: Callable[[], None],
        pick: Callable[[str], None],
    ) -> None:
        """`redraw` schedules a redraw of the input line and the toolbar.

        `ask_secret` asks for a secret in the input line. `clear` empties the window. `pick` is
        `Screen.pick`.
        """
        self.chat = chat
        self.view = view
        self.redraw = redraw
        self._printer = printer
        self._place = place
        self._ask_secret = ask_secret
        self._access = access
        self.pick = pick
        self.clear = clear
        self._ignored = IgnoreFile(access.server, access.guest)
        self.marks = ReadMarks(chat)
        self.turn = asyncio.Lock()
        """Held while an event or a conversation is shown, so that neither interrupts the other."""
        self._waiting: dict[asyncio.Task[None], Pending] = {}

    @property
    def waiting(self) -> Mapping[asyncio.Task[None], Pending]:
        """The requests without an answer, in the order in which they were entered."""
        return self._waiting

    # ----------------------------------------------------------------- show

    def show(self, fragments: Fragments) -> None:
        """Print lines above the input line."""
        self._printer.show(fragments)

    def tell(self, text: str) -> None:
        """Print a notice with the time."""
        self.show(render.notice(text, now()))

    def complain(self, text: str) -> None:
        """Print an error."""
        self.show(render.error(text))

    def header(self, conversation: str) -> None:
        """Print the title and the topic of a conversation."""
        room = self.view.room(conversation[1:])
        about = f": {one_line(room.topic)}" if room and room.topic else ""
        self.show(render.rule(f"{safe(self.view.title(conversation))}{about}"))

    def did(self, change: chat_pb2.RoomChange) -> None:
        """Print the user's change of a room, unless the stream has brought it."""
        words = events.room_words(change, self.chat.me.number, self.view.people.label)
        if not self.view.answered(words, time.monotonic()):
            self.tell(words)

    # ------------------------------------------------------------- send, ask

    def send(self, text: str, to: Recipient = None, *, reply_to: int = 0) -> None:
        """Send in the background; show the message once it is stored."""
        where = to or LOBBY
        if isinstance(where, int) or not where.startswith("#"):
            where = f"@{where}"
        to_other = where.startswith("@") and not same(where, self.view.current)
        pending = Pending(
            time.monotonic(),
            now(),
            text,
            to=self.view.title(where)[1:] if to_other else "",
            where=events.elsewhere(where, self.view.current),
        )
        self._wait(self._send(text, to, reply_to), pending)
        asyncio.get_running_loop().call_later(SHOWN_AFTER, self.redraw)

    async def _send(self, text: str, to: Recipient, reply_to: int) -> None:
        try:
            sent = await self.chat.send(text, to, reply_to=reply_to)
        except UserChanged as error:
            self._ask_who(error)
            return
        except ChatError as error:
            self.complain(f"Not sent: {error_words(error, now())}")
            return
        where = await self._conversation(to)
        moment = now()
        self.view.sent(sent.sequence, where, text, moment)
        self.read_up_to(where, sent.sequence)
        self.view.unread.visited(where)
        # Kept before it is shown, so that the next start does not show it again.
        await self._place.keep()
        fragments = render.message(
            text,
            self.chat.me.name,
            moment,
            own=True,
            to=self.view.title(where)[1:] if where.startswith("@") else "",
            where=events.elsewhere(where, self.view.current),
            answers=self.view.shown.quote(reply_to) if reply_to else "",
        )
        self._printer.show_at(fragments, moment)

    def _ask_who(self, error: UserChanged) -> None:
        """Ask which user is meant: another one has the name of a conversation now."""
        new, old = error.client_number, error.previous_number
        self.view.people.saw(old, error.user)
        self.view.people.saw(new, error.user)
        self.complain(
            f"Not sent: {error.user}#{new} has this name now; you wrote with {error.user}#{old}. "
            f"/to {error.user}#{new} writes to the new one, /to {error.user}#{old} to the old one."
        )

    async def _conversation(self, to: Recipient) -> str:
        """Return the key of the conversation of a message that was just sent."""
        if isinstance(to, int):
            return f"@{to}"
        if to is None or to.startswith("#"):
            return to or LOBBY
        with suppress(ChatError):
            return await self.resolved(f"@{to}")
        return f"@{to}"

    async def resolved(self, conversation: str) -> str:
        """Ask the server for the number of `@name`; return the key of the conversation.

        The number is not known before the first message. Raises `ChatError`, `Refused` if there is
        no such user.
        """
        to = target(conversation)
        if isinstance(to, int) or conversation.startswith("#"):
            return conversation
        async for each in self.chat.history(to, limit=1):
            message = each.message
            for user in (message.author, message.user):
                self.view.people.saw(user.number, user.name)
            key = of_message(message, self.chat.me.number)
            self.view.found_number(message, key)
            return key
        return conversation

    def ask(
        self, request: Coroutine[Any, Any, chat_pb2.Sent], done: Callable[[], None], failed: str
    ) -> None:
        """Await an answer in the background."""

        async def wait() -> None:
            try:
                sent = await request
            except ChatError as error:
                self.complain(f"{failed}: {error_words(error, now())}")
                return
            self.view.own.add(sent.sequence)
            await self._place.keep()
            done()

        self._wait(wait(), Pending(time.monotonic(), now()))

    def _wait(self, work: Coroutine[Any, Any, None], pending: Pending) -> None:
        task = asyncio.create_task(work)
        self._waiting[task] = pending
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._waiting[task]
        self.redraw()

    async def ask_secret(self, question: str) -> str:
        """Ask for a secret in the input line, without echo."""
        return await self._ask_secret(question)

    def calls(self) -> ChatCalls:
        """Return a client for calls as the user."""
        return self._access.calls(self.chat.token)

    # ------------------------------------------------------------------- go

    async def go(self, conversation: str) -> None:
        """Switch to a conversation and show its newest messages."""
        try:
            await self.enter(conversation)
        except Refused:
            raise
        except ChatError:
            self.view.current = conversation
            self.header(conversation)
            self.complain("The messages cannot be shown: the server does not answer.")
        self._place.changed()
        self.redraw()

    async def enter(self, conversation: str) -> None:
        """Switch to a conversation; show its newest messages, at least the unread ones."""
        unread = self.view.unread
        async with self.turn:
            count = unread.count(conversation)
            limit = min(max(_LAST_LINES, count), _MAX_LINES)
            newest_first = await self.chat.history(target(conversation), limit=limit).all()
            self.view.current = conversation
            unread.visited(conversation)
            self.header(conversation)
            if not newest_first:
                return
            if count > limit:
                self.show(render.rule(f"{count} unread, the last {limit}; /history has more"))
            read = unread.read_up_to(conversation) if count else None
            # Also those of ignored users: they would stay unread.
            self.read_up_to(conversation, newest_first[0].sequence)
            if found := self.view.concealed(newest_first[::-1]):
                self.show(self.view.page(found, now(), conversation, read=read))
                self._note_shown(conversation, found)

    async def start(self, lines: int) -> None:
        """Show the last lines of the lobby, at the first start with a log.

        None of its messages count as unread.
        """
        async with self.turn:
            newest_first = await self.chat.history(LOBBY, limit=max(lines, 1)).all()
            self._show_past(LOBBY, self.view.concealed(newest_first[::-1]), lines)

    async def come_back(self, place: Place, lines: int) -> None:
        """Return to the last conversation, and show the last lines that were shown there."""
        conversation = place.conversation
        seen: list[chat_pb2.StoredMessage] = []
        with suppress(ChatError):  # asked again below
            conversation = await self.resolved(conversation)
        try:
            seen = await self._shown_before(conversation, place, lines)
            self.view.current = conversation
        except Refused:
            title = safe(self.view.title(conversation))
            self.tell(f"You can no longer read {title}.")
        except ChatError:
            # The server is away; the stream reports that.
            self.view.current = conversation
        self.header(self.view.current)
        self._show_past(conversation, self.view.concealed(seen), lines)

    async def _shown_before(
        self, conversation: str, place: Place, lines: int
    ) -> list[chat_pb2.StoredMessage]:
        """Return messages that an earlier session showed, the oldest first."""
        assert place.position is not None
        sequence, own = place.position.sequence, place.own
        before, limit = max([sequence, *own]) + 1, max(lines, _MAX_LINES)
        history = self.chat.history(target(conversation), before=before, limit=limit)
        found = [
            each async for each in history if each.sequence <= sequence or each.sequence in own
        ]
        return found[::-1]

    def _show_past(
        self, conversation: str, found: Sequence[chat_pb2.StoredMessage], lines: int
    ) -> None:
        if not found:
            return
        self._note_shown(conversation, found)
        if lines:
            self.show(render.dimmed(self.view.page(found[-lines:], now(), conversation)))

    def _note_shown(self, conversation: str, found: Sequence[chat_pb2.StoredMessage]) -> None:
        """Note messages of a page, the oldest first: they are read, and commands can name them."""
        self._printer.shown_up_to(render.local(found[-1].time))
        for each in found:
            self.view.seen(each)
        self.read_up_to(conversation, found[-1].sequence)

    def read_up_to(self, conversation: str, sequence: int) -> None:
        """Move the read marker of a conversation, here and on the server."""
        self.view.unread.read(conversation, sequence)
        self.marks.read(conversation, sequence)

    async def load_ignored(self) -> None:
        """Load the users whom the user ignores. Needs the log of a welcome."""
        log_id = self.chat.position.log_id
        self.view.ignored = await asyncio.to_thread(self._ignored.load, log_id)
        for number, name in self.view.ignored.items():
            self.view.people.saw(number, name)

    async def ignore(self, number: int, name: str | None) -> None:
        """Ignore a user from now on; no longer, if `name` is None."""
        log_id = self.chat.position.log_id
        self.view.ignored = await asyncio.to_thread(self._ignored.change, log_id, number, name)

    async def find_mentions(self) -> None:
        """Find the mentions among unread messages that came before this session.

        The server tells only how many messages are unread. Raises `ChatError`.
        """
        view, me = self.view, self.chat.me.number
        rooms = [each.key for each in view.unread.waiting("") if each.key.startswith("#")]
        for room in rooms[:_MENTION_ROOMS]:
            after = view.unread.read_up_to(room)
            history = self.chat.history(target(room), after=after, limit=_MENTION_MESSAGES)
            for each in await history.all():
                author = each.message.author.number
                if author != me and author not in view.ignored:
                    event = chat_pb2.Event(sequence=each.sequence, message=each.message)
                    view.unread.came(room, each.sequence, to_me=view.is_to_me(event))
        self.redraw()

    async def refresh(self) -> Sequence[chat_pb2.Client]:
        """Fetch the connected clients."""
        with self.view.people.listing() as clients:
            clients += await self.chat.clients()
        self.redraw()
        return clients

    async def load_rooms(self) -> Sequence[chat_pb2.Room]:
        """Fetch the rooms that are visible to the user."""
        with self.view.listing_rooms() as rooms:
            rooms += await self.chat.rooms()
        return rooms


def now() -> datetime:
    """Return the local time."""
    return datetime.now().astimezone()
