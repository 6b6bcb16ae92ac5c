"""The interactive client: a line to type on, and what others write above it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

from chat_cli import commands, render
from chat_cli.completion import suggest
from chat_cli.identity import Tokens
from chat_cli.sanitize import safe
from chat_grpc.client import ChatClient, ChatError, ConnectionState
from chat_grpc.client.requests import To
from chat_grpc.v1 import chat_pb2

_STATES = {
    ConnectionState.CONNECTING: ("class:warn", "connecting"),
    ConnectionState.CATCHING_UP: ("class:warn", "catching up"),
    ConnectionState.LIVE: ("class:good", "connected"),
    ConnectionState.WAITING: ("class:warn", "connection lost, coming back"),
    ConnectionState.CLOSED: ("class:warn", "closed"),
}

_STYLE = Style.from_dict(
    render.STYLE
    | {
        "bottom-toolbar": "noreverse",
        "good": "ansigreen",
        "warn": "ansiyellow bold",
    }
)


class Shell(Completer):
    """One session at a terminal. Belongs to the event loop."""

    def __init__(self, server: str, name: str, tokens: Tokens) -> None:
        self._server = server
        self._name = name
        self._tokens = tokens
        self._session: PromptSession[str] = PromptSession(
            completer=self,
            complete_while_typing=True,
            erase_when_done=True,
            bottom_toolbar=self._toolbar,
            style=_STYLE,
        )
        self._here: dict[int, str] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._last: datetime | None = None
        self._lost = False
        self.chat: ChatClient

    async def run(self) -> None:
        """Runs until the user leaves. Raises `ChatError` where the server refuses the user."""
        token = await asyncio.to_thread(self._tokens.get, self._server, self._name)
        self.chat = ChatClient.connect(
            self._server,
            name=self._name,
            token=token,
            agent=f"chat-grpc-terminal/{self._version()}",
            on_state=self._state_changed,
        )
        async with self.chat:
            await self._keep_token()
            with patch_stdout(raw=True):
                self.show(
                    render.notice(
                        f"You are {safe(self.chat.me.name)}, number {self.chat.me.number}. "
                        "/help shows what you can do.",
                        self._now(),
                    )
                )
                reading = asyncio.create_task(self._read_events())
                typing = asyncio.create_task(self._read_lines())
                try:
                    await asyncio.wait({reading, typing}, return_when=asyncio.FIRST_COMPLETED)
                    for task in (typing, reading):
                        if task.done():
                            task.result()
                finally:
                    await self._end({reading, typing})

    async def _end(self, tasks: set[asyncio.Task[None]]) -> None:
        if self._sending and self.chat.state is ConnectionState.LIVE:
            await asyncio.wait(self._sending, timeout=2.0)
        for task in tasks | self._sending:
            task.cancel()
        await asyncio.gather(*tasks, *self._sending, return_exceptions=True)

    @staticmethod
    def _version() -> str:
        from chat_grpc import __version__

        return __version__

    async def _keep_token(self) -> None:
        await asyncio.to_thread(self._tokens.put, self._server, self._name, self.chat.token)

    # ------------------------------------------------------------- the user

    async def _read_lines(self) -> None:
        while True:
            try:
                line = await self._session.prompt_async("> ")
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            try:
                await commands.run_line(self, line)
            except commands.Leave:
                return
            except (commands.UsageError, ChatError) as error:
                self.show(render.error(str(error)))

    def send(self, text: str, to: To = None) -> None:
        """Sends in the background; shows the message once it is stored."""
        task = asyncio.create_task(self._send(text, to))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        self._session.app.invalidate()

    async def _send(self, text: str, to: To) -> None:
        try:
            await self.chat.send(text, to)
        except ChatError as error:
            self.show(render.error(f"Not sent: {error}"))
            return
        shown = "" if to is None else self._here.get(to, f"no. {to}") if isinstance(to, int) else to
        self._show_at(
            render.message(text, self.chat.me.name, self._now(), own=True, to=shown), self._now()
        )

    async def refresh(self) -> Sequence[chat_pb2.Client]:
        """Asks who is there."""
        clients = await self.chat.clients()
        self._here = {client.number: client.name for client in clients}
        self._session.app.invalidate()
        return clients

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Completes commands and names."""
        known = {c.name: c.summary for c in commands.COMMANDS.values()}
        names = {name: number for number, name in self._here.items()}
        for each in suggest(document.text_before_cursor, known, names):
            yield Completion(
                each.text,
                start_position=-each.replaces,
                display=safe(each.text.strip()),
                display_meta=each.note,
            )

    # ----------------------------------------------------------- the others

    async def _read_events(self) -> None:
        async for event in self.chat:
            kind = event.WhichOneof("event")
            if kind == "presence":
                client = event.presence.client
                if event.presence.change == chat_pb2.Presence.CHANGE_JOINED:
                    self._here[client.number] = client.name
                else:
                    self._here.pop(client.number, None)
            elif kind == "caught_up":
                await self._keep_token()
                with suppress(ChatError):  # the list is for looks; the stream tells what is wrong
                    await self.refresh()
            time = (
                event.time.ToDatetime(tzinfo=self._now().tzinfo)
                if event.HasField("time")
                else self._now()
            )
            if fragments := render.event(event, self.chat.me.number, time):
                self._show_at(fragments, time)
            self._session.app.invalidate()

    def _state_changed(self, state: ConnectionState) -> None:
        if state is ConnectionState.WAITING and not self._lost:
            self._lost = True
            self.show(
                render.notice(
                    "The connection is lost. What you type is sent once it is back.", self._now()
                )
            )
        elif state is ConnectionState.LIVE and self._lost:
            self._lost = False
            self.show(render.notice("Connected again.", self._now()))
        self._session.app.invalidate()

    # --------------------------------------------------------------- screen

    def show(self, fragments: render.Fragments) -> None:
        """Prints above the line being typed."""
        print_formatted_text(FormattedText(fragments), style=_STYLE)

    def _show_at(self, fragments: render.Fragments, time: datetime) -> None:
        if render.new_day(self._last, time):
            self.show(render.day_line(time))
        self._last = time
        self.show(fragments)

    def _now(self) -> datetime:
        return datetime.now().astimezone()

    def _toolbar(self) -> FormattedText:
        style, words = _STATES[self.chat.state]
        waiting = len(self._sending)
        parts: render.Fragments = [
            ("class:dim", f" {safe(self._server)} │ "),
            ("bold", safe(self.chat.me.name)),
            ("class:dim", f" no. {self.chat.me.number} │ {len(self._here)} here │ "),
            (style, words),
        ]
        if waiting:
            parts.append(("class:warn", f" │ {waiting} not sent yet"))
        return FormattedText(parts)
