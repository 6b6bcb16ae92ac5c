"""The interactive client: a line to type on, and what others write above it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

from chat_cli import commands, events, render, tables
from chat_cli.columns import Fragments
from chat_cli.conversation import LOBBY, of_message, same, target
from chat_cli.identity import Tokens
from chat_cli.keeping import PlaceKeeper, ReadMarks
from chat_cli.line_input import LineInput
from chat_cli.place import Place, Places
from chat_cli.printer import Printer
from chat_cli.sanitize import safe
from chat_cli.shown import one_line
from chat_cli.toolbar import toolbar
from chat_cli.view import TYPING_FOR, View
from chat_grpc import __version__
from chat_grpc.client import ChatClient, ChatError, ConnectionState, Refused, To
from chat_grpc.v1 import chat_pb2

_LAST_LINES = 10
_MOST_LINES = 50
_BEFORE = 50
_FINISH_WITHIN = 2.0
_GRACE = 11.0
"""Who was away when the list was asked for may come back so long without anybody being told."""

_GOES_ON = frozenset({chat_pb2.RECOVERY_COMPLETE, chat_pb2.RECOVERY_TRUNCATED})

_STYLE = Style.from_dict(
    render.STYLE
    | {
        "bottom-toolbar": "noreverse",
        "good": "ansigreen",
        "warn": "ansiyellow bold",
        "unread": "ansimagenta",
    }
)


class Shell:
    """One session at a terminal. Belongs to the event loop."""

    def __init__(
        self, server: str, name: str, tokens: Tokens, places: Places | None = None
    ) -> None:
        self._server = server
        self._name = name
        self._tokens = tokens
        self.view = View()
        self.chat: ChatClient
        self._input = LineInput(
            self.view,
            _STYLE,
            entered=lambda line: self._lines.put_nowait(line),
            typing=lambda: self._do(self._tell_typing()),
            toolbar=self._toolbar,
        )
        self._printer = Printer(self._input.output, _STYLE)
        self._place = PlaceKeeper(places or Places(), server, name, self.view, self._complain)
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._waiting: dict[asyncio.Task[None], str] = {}
        """What is under way; a message that is being sent with its text."""
        self._background: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        """Held by who shows an event or a conversation: none falls between what is shown."""
        self._lost = False
        self._catching_up = True
        """True until the event that ends it is taken: by then the connection may be live."""

    async def run(self) -> None:
        """Runs until the user leaves. Raises `ChatError` where the server refuses the user."""
        token = await asyncio.to_thread(self._tokens.get, self._server, self._name)
        place = await self._place.load()
        self.chat = ChatClient.connect(
            self._server,
            name=self._name,
            token=token,
            position=place.position,
            agent=f"chat-grpc-terminal/{__version__}",
            on_state=self._state_changed,
        )
        self._marks = ReadMarks(self.chat)
        async with self.chat:
            await self._keep_token()
            with patch_stdout(raw=True):
                await self._begin(place)
                await self._until_left()

    async def _until_left(self) -> None:
        works = (
            self._input.run(),
            self._run_lines(),
            self._read_events(),
            self._printer.run(),
            self._marks.run(),
            self._place.run(),
        )
        tasks = [asyncio.create_task(work) for work in works]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            await self._end(tasks)

    async def _begin(self, place: Place) -> None:
        """Says where the user is, and shows the end of it.

        At a start that goes on where another ended, only what was missed is shown.
        """
        me = self.view.me = self.chat.me
        self.tell(f"You are {safe(me.name)}, number {me.number}. /help shows what you can do.")
        self._tell_recovery()
        await self._load()
        if place.position is not None and self.chat.recovery in _GOES_ON:
            self.view.own |= place.own
            await self._come_back(place.conversation, place.position.sequence)
        else:
            with suppress(ChatError):
                await self._enter(LOBBY, header=False)

    async def _come_back(self, conversation: str, sequence: int) -> None:
        """Goes to where the user was, and notes what was shown there."""
        seen: list[chat_pb2.StoredMessage] = []
        try:
            before = self.chat.history(target(conversation), before=sequence + 1, limit=_BEFORE)
            seen = await before.all()
            self.view.current = conversation
        except Refused:
            self.tell(f"{safe(conversation)} is not yours any more.")
        except ChatError:
            # The server is away, as the stream tells.
            self.view.current = conversation
        self.show(self._header(self.view.current))
        for each in seen:
            self.view.seen(each)
            self._read_up_to(conversation, each.sequence)

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        if self._waiting and self.chat.state is ConnectionState.LIVE:
            await asyncio.wait(self._waiting, timeout=_FINISH_WITHIN)
        lost = [text for task, text in self._waiting.items() if text and not task.done()]
        running = [*tasks, *self._waiting, *self._background]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._marks.tell()
        await self._place.keep()
        for text in lost:
            self.show(render.error(f"Not sent, or not known to be: {text}"))
        self._printer.flush()

    async def _keep_token(self) -> None:
        await asyncio.to_thread(self._tokens.put, self._server, self._name, self.chat.token)

    # ------------------------------------------------------------- the user

    async def _run_lines(self) -> None:
        """Does what the lines say, one after the other, while the user types on."""
        while True:
            line = await self._lines.get()
            try:
                await commands.run_line(self, line)
            except commands.Leave:
                return
            except (commands.UsageError, ChatError) as error:
                self._complain(str(error))

    def send(self, text: str, to: To = None, *, reply_to: int = 0) -> None:
        """Sends in the background; shows the message once it is stored."""
        task = asyncio.create_task(self._send(text, to, reply_to))
        self._waiting[task] = text
        task.add_done_callback(self._done)

    async def _send(self, text: str, to: To, reply_to: int) -> None:
        answers = self.view.shown.quote(reply_to) if reply_to else ""
        try:
            sent = await self.chat.send(text, to, reply_to=reply_to)
        except ChatError as error:
            self._complain(f"Not sent: {error}")
            return
        name = self.view.people.get(to, f"no. {to}") if isinstance(to, int) else to or LOBBY
        known = name if name[:3] != "no. " else str(to)
        where = known if known.startswith("#") else f"@{known}"
        self.view.sent(sent.sequence, where, text)
        self._read_up_to(where, sent.sequence)
        self._place.changed()
        now = self._now()
        fragments = render.message(
            text,
            self.chat.me.name,
            now,
            own=True,
            to="" if where[0] == "#" else name,
            where=events.elsewhere(where, self.view.current),
            answers=answers,
        )
        self._printer.show_at(fragments, now)

    def ask(
        self, request: Coroutine[Any, Any, object], done: Callable[[], None], failed: str
    ) -> None:
        """Waits for an answer in the background."""

        async def wait() -> None:
            try:
                await request
            except ChatError as error:
                self._complain(f"{failed}: {error}")
            else:
                done()

        task = asyncio.create_task(wait())
        self._waiting[task] = ""
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._waiting[task]
        self._input.redraw()

    async def go(self, conversation: str) -> None:
        """Makes another conversation the one that a plain line goes to, and shows its end."""
        try:
            await self._enter(conversation)
        except Refused:
            raise
        except ChatError as error:
            self.view.current = conversation
            self.show(self._header(conversation))
            self._complain(f"What was written there cannot be shown: {error}")
        self._place.changed()
        self._input.redraw()

    async def _enter(self, conversation: str, *, header: bool = True) -> None:
        unread = self.view.unread
        async with self._turn:
            count = unread.count(conversation)
            limit = min(max(_LAST_LINES, count), _MOST_LINES)
            newest_first = await self.chat.history(target(conversation), limit=limit).all()
            self.view.current = conversation
            if header:
                self.show(self._header(conversation))
            if not newest_first:
                return
            if count > limit:
                self.show(render.rule(f"{count} unread, the last {limit}; /history has more"))
            read = unread.read_up_to(conversation) if count else None
            found, now = newest_first[::-1], self._now()
            me = self.chat.me.number
            self.show(tables.stored(found, me, now, conversation, numbers=False, read=read))
            for each in found:
                self.view.seen(each)
            self._read_up_to(conversation, found[-1].sequence)

    async def _tell_typing(self) -> None:
        with suppress(ChatError):
            await self.chat.typing(target(self.view.current))

    async def refresh(self) -> Sequence[chat_pb2.Client]:
        """Asks who is there."""
        clients = await self.chat.clients()
        self.view.people = {client.number: client.name for client in clients}
        self._input.redraw()
        return clients

    # ----------------------------------------------------------- the others

    async def _read_events(self) -> None:
        async for event in self.chat:
            async with self._turn:
                await self._take(event)
            await self._printer.room()

    async def _take(self, event: chat_pb2.Event) -> None:
        moment = render.local(event.time) if event.HasField("time") else self._now()
        fragments = self.view.take(event, moment, time.monotonic())
        if fragments and self._catching_up:
            self._printer.miss(fragments, moment)
        elif fragments:
            self._printer.show_at(fragments, moment)
        match event.WhichOneof("event"):
            case "caught_up":
                self._catching_up = False
                self._printer.show_missed()
                await self._keep_token()
                self._do(self._load_twice())
            case "typing":
                asyncio.get_running_loop().call_later(TYPING_FOR, self._input.redraw)
            case "message":
                where = of_message(event.message, self.chat.me.number)
                if same(where, self.view.current):
                    self._read_up_to(where, event.sequence)
        if not self._printer.missed:
            self._place.changed(self.chat.position)
        self._input.redraw()

    def _read_up_to(self, conversation: str, sequence: int) -> None:
        self.view.unread.read(conversation, sequence)
        self._marks.read(conversation, sequence)

    async def _load(self) -> None:
        """Asks for what the toolbar and the completion show."""
        self.view.me = self.chat.me
        # It is for looks: the stream tells what is wrong.
        with suppress(ChatError):
            await self.refresh()
            self.view.set_rooms(await self.chat.rooms())
            self.view.unread.load(await self.chat.conversations(limit=100).all())
        self._input.redraw()

    async def _load_twice(self) -> None:
        await self._load()
        await asyncio.sleep(_GRACE)
        with suppress(ChatError):
            await self.refresh()

    def _state_changed(self, state: ConnectionState) -> None:
        if state is ConnectionState.WAITING and not self._lost:
            self._lost = True
            self.tell("The connection is lost. What you type is sent once it is back.")
        elif state is ConnectionState.LIVE and self._lost:
            self._lost = False
            self.tell("Connected again.")
        elif state is ConnectionState.CATCHING_UP and self._lost:
            self._catching_up = True
            self._tell_recovery()
        self._input.redraw()

    def _tell_recovery(self) -> None:
        if self.chat.recovery == chat_pb2.RECOVERY_TRUNCATED:
            self.tell("Part of what you missed is no longer kept.")
        elif self.chat.recovery == chat_pb2.RECOVERY_OTHER_LOG:
            self.tell("The server began anew: what was before is not there any more.")
            self.view.forget_log()
            self._marks.clear()

    # --------------------------------------------------------------- screen

    def show(self, fragments: Fragments) -> None:
        """Prints above the line being typed."""
        self._printer.show(fragments)

    def tell(self, text: str) -> None:
        """Prints a line with the time."""
        self.show(render.notice(text, self._now()))

    def did(self, change: chat_pb2.RoomChange) -> None:
        """Tells what the user did to a room, unless the stream has told it."""
        words = events.room_words(change, self.chat.me.number)
        if not self.view.answered(words, time.monotonic()):
            self.tell(words)

    def _complain(self, text: str) -> None:
        self.show(render.error(text))

    def _header(self, conversation: str) -> Fragments:
        room = self.view.rooms.get(conversation[1:].casefold())
        about = f": {one_line(room.topic)}" if room and room.topic else ""
        return render.rule(f"{safe(conversation)}{about}")

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _now(self) -> datetime:
        return datetime.now().astimezone()

    def _toolbar(self) -> Fragments:
        columns = self._input.output.get_size().columns
        waiting, now = len(self._waiting), time.monotonic()
        return toolbar(self._server, self.view, self.chat.state, waiting, now, columns)
