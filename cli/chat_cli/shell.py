"""The interactive client: a line to type on, and what others write above it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

from chat_cli import commands, render
from chat_cli.completion import Known, suggest
from chat_cli.conversation import LOBBY, of_message, same, target
from chat_cli.events import ROLES
from chat_cli.identity import Tokens
from chat_cli.place import Place, Places
from chat_cli.sanitize import safe
from chat_cli.shown import one_line
from chat_cli.throttle import Throttle
from chat_cli.toolbar import toolbar
from chat_cli.view import TYPING_FOR, View
from chat_grpc import __version__
from chat_grpc.client import ChatClient, ChatError, ConnectionState, Position, To
from chat_grpc.v1 import chat_pb2

_MOST_MISSED = 200
"""So many missed lines are shown; /history has the others."""

_TYPING_EVERY = 3.0
_MARK_EVERY = 1.0
_KEEP_EVERY = 1.0

_STYLE = Style.from_dict(
    render.STYLE
    | {
        "bottom-toolbar": "noreverse",
        "good": "ansigreen",
        "warn": "ansiyellow bold",
        "unread": "ansimagenta",
    }
)


class Shell(Completer):
    """One session at a terminal. Belongs to the event loop."""

    def __init__(
        self, server: str, name: str, tokens: Tokens, places: Places | None = None
    ) -> None:
        self._server = server
        self._name = name
        self._tokens = tokens
        self._places = places or Places()
        self._session: PromptSession[str] = PromptSession(
            completer=self,
            complete_while_typing=True,
            erase_when_done=True,
            bottom_toolbar=self._toolbar,
            style=_STYLE,
        )
        self._session.default_buffer.on_text_changed += self._typed
        self._typed_at = 0.0
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._waiting: set[asyncio.Task[None]] = set()
        self._missed: deque[tuple[render.Fragments, datetime]] = deque(maxlen=_MOST_MISSED)
        self._missed_count = 0
        self._last: datetime | None = None
        self._lost = False
        self._seen: Position | None = None
        """The place behind the last event that was shown."""
        self._to_mark: tuple[str, int] | None = None
        self._marks = Throttle(_MARK_EVERY, self._mark)
        self._keep = Throttle(_KEEP_EVERY, self._keep_place)
        self.view = View()
        self.chat: ChatClient

    async def run(self) -> None:
        """Runs until the user leaves. Raises `ChatError` where the server refuses the user."""
        token = await asyncio.to_thread(self._tokens.get, self._server, self._name)
        place = await asyncio.to_thread(self._places.get, self._server, self._name)
        self.chat = ChatClient.connect(
            self._server,
            name=self._name,
            token=token,
            position=place.position,
            agent=f"chat-grpc-terminal/{__version__}",
            on_state=self._state_changed,
        )
        async with self.chat:
            await self._keep_token()
            with patch_stdout(raw=True):
                self._begin(place)
                tasks = [
                    asyncio.create_task(work)
                    for work in (
                        self._read_lines(),
                        self._run_lines(),
                        self._read_events(),
                        self._marks.run(),
                        self._keep.run(),
                    )
                ]
                try:
                    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                    for task in tasks:
                        if task.done():
                            task.result()
                finally:
                    await self._end(tasks)

    def _begin(self, place: Place) -> None:
        me = self.view.me = self.chat.me
        self.tell(f"You are {safe(me.name)}, number {me.number}. /help shows what you can do.")
        recovery = self.chat.recovery
        if recovery == chat_pb2.RECOVERY_TRUNCATED:
            self.tell("Part of what you missed is no longer kept.")
        elif recovery == chat_pb2.RECOVERY_OTHER_LOG:
            self.tell("The server began anew: what you missed is not there.")
        if recovery in {chat_pb2.RECOVERY_COMPLETE, chat_pb2.RECOVERY_TRUNCATED}:
            self.view.own |= place.own
        if place.position is not None:
            self.view.current = place.conversation
            self.tell(f"You are in {safe(self.view.current)}.")

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        if self._waiting and self.chat.state is ConnectionState.LIVE:
            await asyncio.wait(self._waiting, timeout=2.0)
        for task in {*tasks, *self._waiting}:
            task.cancel()
        await asyncio.gather(*tasks, *self._waiting, return_exceptions=True)
        await self._keep_place()

    # ------------------------------------------------------------ the place

    async def _keep_token(self) -> None:
        await asyncio.to_thread(self._tokens.put, self._server, self._name, self.chat.token)

    async def _keep_place(self) -> None:
        if self._seen is None:
            return
        at = self._seen.sequence
        self.view.own = {sequence for sequence in self.view.own if sequence > at}
        place = Place(self._seen, self.view.current, frozenset(self.view.own))
        await asyncio.to_thread(self._places.put, self._server, self._name, place)

    async def _mark(self) -> None:
        if self._to_mark is not None:
            conversation, sequence = self._to_mark
            self._to_mark = None
            await self.chat.mark_read(sequence, target(conversation))

    # ------------------------------------------------------------- the user

    async def _read_lines(self) -> None:
        while True:
            try:
                line = await self._session.prompt_async(self._prompt)
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            self._typed_at = 0.0
            self._lines.put_nowait(line)
            # What the line does is shown before the next prompt, unless it takes its time.
            await asyncio.sleep(0)

    async def _run_lines(self) -> None:
        """Does what the lines say, one after the other, while the user types on."""
        while True:
            line = await self._lines.get()
            try:
                await commands.run_line(self, line)
            except commands.Leave:
                return
            except (commands.UsageError, ChatError) as error:
                self.show(render.error(str(error)))

    def send(self, text: str, to: To = None) -> None:
        """Sends in the background; shows the message once it is stored."""
        task = asyncio.create_task(self._send(text, to))
        self._background(task)

    async def _send(self, text: str, to: To) -> None:
        try:
            sent = await self.chat.send(text, to)
        except ChatError as error:
            self.show(render.error(f"Not sent: {error}"))
            return
        self.view.sent(sent.sequence, text)
        self._keep.ask()
        if isinstance(to, int):
            to = self.view.people.get(to, f"no. {to}")
        room = to if to is not None and to.startswith("#") else ""
        direct = "" if to is None or room else to
        where = room if room and not same(room, self.view.current) else ""
        now = self._now()
        name = self.chat.me.name
        self._show_at(render.message(text, name, now, own=True, to=direct, where=where), now)

    def ask(
        self, request: Coroutine[Any, Any, object], done: Callable[[], None], failed: str
    ) -> None:
        """Waits for an answer in the background."""

        async def wait() -> None:
            try:
                await request
            except ChatError as error:
                self.show(render.error(f"{failed}: {error}"))
            else:
                done()

        self._background(asyncio.create_task(wait()))

    def _background(self, task: asyncio.Task[None]) -> None:
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)
        task.add_done_callback(lambda _: self._session.app.invalidate())

    def go(self, conversation: str) -> None:
        """Makes another conversation the one that a plain line goes to."""
        self.view.current = conversation
        room = self.view.rooms.get(conversation[1:].casefold())
        about = f": {one_line(room.topic)}" if room and room.topic else ""
        self.show([("class:dim", f"── {safe(conversation)}{about} ──")])
        if newest := self.view.unread.newest(conversation):
            self._read_up_to(conversation, newest)
        self.view.unread.read(conversation)
        self._keep.ask()
        self._session.app.invalidate()

    def _typed(self, buffer: Buffer) -> None:
        """Tells the others, not too often, that the user is typing a message."""
        text, now = buffer.text, time.monotonic()
        message = text.strip() and (not text.startswith("/") or text.startswith("//"))
        if message and now - self._typed_at >= _TYPING_EVERY:
            self._typed_at = now
            self._background(asyncio.create_task(self._tell_typing()))

    async def _tell_typing(self) -> None:
        with suppress(ChatError):
            await self.chat.typing(target(self.view.current))

    async def refresh(self) -> Sequence[chat_pb2.Client]:
        """Asks who is there."""
        clients = await self.chat.clients()
        self.view.people = {client.number: client.name for client in clients}
        self._session.app.invalidate()
        return clients

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Completes commands, names and rooms."""
        known = Known(
            commands={c.name: c.summary for c in commands.COMMANDS.values()},
            takes={c.name: c.takes for c in commands.COMMANDS.values()},
            names={name: f"no. {number}" for number, name in self.view.people.items()},
            rooms={room.name: one_line(room.topic, 40) for room in self.view.rooms.values()},
            roles=[*ROLES, "none"],
        )
        for each in suggest(document.text_before_cursor, known):
            yield Completion(
                each.text,
                start_position=-each.replaces,
                display=safe(each.text.strip()),
                display_meta=each.note,
            )

    # ----------------------------------------------------------- the others

    async def _read_events(self) -> None:
        async for event in self.chat:
            now = self._now()
            moment = event.time.ToDatetime(tzinfo=now.tzinfo) if event.HasField("time") else now
            before = self.view.current
            fragments = self.view.take(event, moment, time.monotonic())
            if fragments and event.sequence and self.chat.state is ConnectionState.CATCHING_UP:
                self._missed.append((fragments, moment))
                self._missed_count += 1
            elif fragments:
                self._show_missed()
                self._show_at(fragments, moment)
            await self._after(event, before)
            self._session.app.invalidate()

    async def _after(self, event: chat_pb2.Event, before: str) -> None:
        """Does what follows from an event that is noted and shown."""
        kind = event.WhichOneof("event")
        if kind == "caught_up":
            self._show_missed()
            await self._keep_token()
            self._background(asyncio.create_task(self._load()))
        elif kind == "typing":
            asyncio.get_running_loop().call_later(TYPING_FOR, self._session.app.invalidate)
        elif kind == "message":
            where = of_message(event.message, self.chat.me.number)
            if same(where, self.view.current):
                self._read_up_to(where, event.sequence)
        if self.view.current != before:
            self.go(LOBBY)
        if not self._missed:
            self._seen = self.chat.position
            self._keep.ask()

    def _read_up_to(self, conversation: str, sequence: int) -> None:
        self._to_mark = (conversation, sequence)
        self._marks.ask()

    async def _load(self) -> None:
        """Asks for what the toolbar and the completion show, after catching up."""
        self.view.me = self.chat.me
        # It is for looks: the stream tells what is wrong.
        with suppress(ChatError):
            await self.refresh()
        with suppress(ChatError):
            self.view.set_rooms(await self.chat.rooms())
        with suppress(ChatError):
            self.view.unread.load(await self.chat.conversations(limit=100).all())

    def _show_missed(self) -> None:
        if not self._missed:
            return
        lines, count = list(self._missed), self._missed_count
        self._missed.clear()
        self._missed_count = 0
        before = (
            "" if count == len(lines) else f" {count}; /history has more, the last {len(lines)}"
        )
        self.show([("class:dim", f"── while you were away{before}: ──")])
        for fragments, moment in lines:
            self._show_at(fragments, moment)
        self.show([("class:dim", "── now ──")])

    def _state_changed(self, state: ConnectionState) -> None:
        if state is ConnectionState.WAITING and not self._lost:
            self._lost = True
            self.tell("The connection is lost. What you type is sent once it is back.")
        elif state is ConnectionState.LIVE and self._lost:
            self._lost = False
            self.tell("Connected again.")
        elif state is ConnectionState.CATCHING_UP and (
            self.chat.recovery == chat_pb2.RECOVERY_OTHER_LOG
        ):
            self.view.shown.clear()
            self.view.own.clear()
        self._session.app.invalidate()

    # --------------------------------------------------------------- screen

    def show(self, fragments: render.Fragments) -> None:
        """Prints above the line being typed."""
        print_formatted_text(FormattedText(fragments), style=_STYLE)

    def tell(self, text: str) -> None:
        """Prints a line with the time."""
        self.show(render.notice(text, self._now()))

    def _show_at(self, fragments: render.Fragments, moment: datetime) -> None:
        if render.new_day(self._last, moment):
            self.show(render.day_line(moment))
        self._last = moment
        self.show(fragments)

    def _now(self) -> datetime:
        return datetime.now().astimezone()

    def _prompt(self) -> FormattedText:
        return FormattedText([("bold", safe(self.view.current)), ("", "> ")])

    def _toolbar(self) -> FormattedText:
        return FormattedText(
            toolbar(self._server, self.view, self.chat.state, len(self._waiting), time.monotonic())
        )
