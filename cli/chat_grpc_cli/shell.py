"""The interactive client: an input line, with messages printed above it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import click
from prompt_toolkit.patch_stdout import patch_stdout

from chat_grpc import __version__
from chat_grpc.client import ChatError, ConnectionState, Unreachable
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import commands, pending, render
from chat_grpc_cli.access import Access
from chat_grpc_cli.alerts import Alerts
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.conversation import of_message, same, target
from chat_grpc_cli.keeping import PlaceKeeper
from chat_grpc_cli.line_input import LineInput, discard_typed
from chat_grpc_cli.overview import Overview, jump_keys
from chat_grpc_cli.pending import NotSent, Pending
from chat_grpc_cli.picking import Picking, pick_keys
from chat_grpc_cli.place import Place, Places
from chat_grpc_cli.printer import Printer
from chat_grpc_cli.refusals import error_words
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.screen import TerminalScreen, now
from chat_grpc_cli.settings import Settings
from chat_grpc_cli.standard_streams import complain
from chat_grpc_cli.styles import depth_of, style_of
from chat_grpc_cli.throttle import Throttle
from chat_grpc_cli.toolbar import toolbar
from chat_grpc_cli.typed_lines import TypedLines
from chat_grpc_cli.typing_users import TYPING_FOR
from chat_grpc_cli.view import View

_PENDING_SHARE = 5
"""Pending messages take at most this part of the window's rows."""

_FINISH_WITHIN = 2.0
"""Maximum seconds for which leaving waits for answers."""

_PATIENCE = 1.0
"""Seconds after which a start says that it is connecting."""

_GRACE = 11.0
"""Seconds after which the list of clients is fetched again. A client that was away when it was
fetched first may come back within this time without an event."""

_RECOUNT_EVERY = 1.0
"""Seconds after a deletion at which the unread counts are fetched again."""

_GOES_ON = frozenset({chat_pb2.RECOVERY_COMPLETE, chat_pb2.RECOVERY_TRUNCATED})


class Shell:
    """One session at a terminal. Belongs to the event loop."""

    def __init__(self, access: Access, settings: Settings, places: Places | None = None) -> None:
        """`places` is for tests; the default is the user's state folder."""
        self._access = access
        self._settings = settings
        self._view = View(settings.highlight, settings.name_colors)
        depth, style = depth_of(settings), style_of(settings)
        self._input = LineInput(
            self._view,
            style,
            entered=lambda line: self._lines.put_nowait(line),
            typing=lambda: self._do(self._tell_typing()),
            toolbar=self._toolbar,
            above=self._above_line,
            resized=lambda: self._do(self._printer.repaint()),
            clear=self._clear,
            history=self._typed_lines(),
            depth=depth,
        )
        self._overview = Overview(self._view, self._input.output.get_size, settings.list)
        alerts = self._alerts = Alerts(self._input.output, settings, self._view)
        self._input.watch(drawn=alerts.update, pressed=alerts.noticed, stops=alerts.end)
        self._printer = Printer(self._input.output, style, depth)
        self._place = PlaceKeeper(
            places or Places(), access.server, access.guest, self._view, self._unkept
        )
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._background: set[asyncio.Task[None]] = set()
        self._recount = Throttle(_RECOUNT_EVERY, self._count, late=True)
        self._not_sent: list[Pending] = []
        self._begun = False
        self._lost = False
        self._going_away = False
        """True from `go_away` until the next connection: its end needs no further notice."""
        self._catching_up = True
        """True between `welcome` and `caught_up`, as they are taken from the client's buffer."""

    async def run(self) -> None:
        """Run until the user leaves. Raises `ChatError` if the server refuses the user."""
        place = await self._place.load()
        slow = asyncio.get_running_loop().call_later(_PATIENCE, self._tell_connecting)
        try:
            self._chat = self._access.client(
                await self._access.token(),
                position=place.position,
                agent=f"chat-grpc-terminal/{__version__}",
                on_state=self._state_changed,
            )
            self._picking = Picking(
                self._chat,
                self._view,
                self._input,
                self._do,
                lambda why: self._screen.complain(why),
            )
            self._add_keys()
            self._screen = TerminalScreen(
                self._chat,
                self._view,
                self._printer,
                self._place,
                self._input.redraw,
                self._input.ask_secret,
                self._access,
                self._clear,
                self._picking.open,
            )
            async with self._chat:
                slow.cancel()
                first = await anext(self._chat)
                with patch_stdout(raw=True):
                    await self._begin(place, first.welcome)
                    await self._until_left()
        except BaseException:
            discard_typed()
            if self._not_sent:
                complain(pending.sentence(self._not_sent))
            raise
        finally:
            slow.cancel()
            self._alerts.end()
        if self._not_sent:
            raise NotSent(pending.sentence(self._not_sent))

    def _typed_lines(self) -> TypedLines:
        access, view = self._access, self._view
        return TypedLines(
            access.server,
            access.guest,
            self._settings.history_lines,
            keeps=lambda line: commands.has_no_secret(line, view),
            failed=self._unkept,
        )

    def _add_keys(self) -> None:
        line, picking = self._input, self._picking
        free = line.is_free & ~picking.is_open
        line.add_keys(pick_keys(picking, line.is_free))
        line.add_keys(jump_keys(self._overview, lambda: line.conversation, line.jump, free))

    def _tell_connecting(self) -> None:
        click.echo(f"Connecting to {safe(self._access.server)} …", err=True)

    async def _until_left(self) -> None:
        works = (
            self._input.run(),
            self._run_lines(),
            self._read_events(),
            self._printer.run(),
            self._screen.marks.run(),
            self._place.run(),
            self._recount.run(),
        )
        tasks = [asyncio.create_task(work) for work in works]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            await self._end(tasks)

    async def _begin(self, place: Place, welcome: chat_pb2.Welcome) -> None:
        """Greet the user, and show the last lines of the current conversation, dimmed."""
        self._begun = True
        me = self._view.me = self._chat.me
        self._view.admin = welcome.admin
        self._screen.tell(
            f"You are {safe(me.name)}, number {me.number}. /help shows what you can do."
        )
        self._tell_gap(welcome)
        await self._screen.load_ignored()
        await self._load()
        if place.position is not None and welcome.recovery in _GOES_ON:
            self._view.own |= place.own
            await self._screen.come_back(place, self._settings.start_lines)
        else:
            with suppress(ChatError):
                await self._screen.start(self._settings.start_lines)
        self._do(self._find_mentions())

    async def _find_mentions(self) -> None:
        with suppress(ChatError):  # only for display; the stream reports errors
            await self._screen.find_mentions()

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        waiting = self._screen.waiting
        # A command may be slow; messages that were typed after it are still sent.
        left = await self._run_left()
        if waiting and self._chat.state is ConnectionState.LIVE:
            await asyncio.wait(waiting, timeout=_FINISH_WITHIN)
        self._not_sent = [each for task, each in waiting.items() if not task.done()] + left
        await self._screen.marks.tell()
        running = [*tasks, *waiting, *self._background]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._place.keep()
        self._printer.flush()

    async def _run_left(self) -> list[Pending]:
        """Send the messages that were typed after a slow command; return the commands left."""
        left = []
        while not self._lines.empty():
            line = self._lines.get_nowait()
            if commands.is_message(line):
                await commands.run_line(self._screen, line)
            elif commands.changes(line, self._view):
                left.append(Pending(time.monotonic(), now(), line))
        return left

    # ------------------------------------------------------------- the user

    async def _run_lines(self) -> None:
        """Run the lines one after the other while the user types on."""
        while True:
            line = await self._lines.get()
            try:
                await commands.run_line(self._screen, line)
            except commands.Leave:
                return
            except Unreachable:
                self._screen.complain("The server does not answer. Try again once it is back.")
            except ChatError as error:
                self._screen.complain(error_words(error, now()))
            except commands.UsageError as error:
                self._screen.complain(str(error))
            finally:
                self._input.ran(line)

    async def _tell_typing(self) -> None:
        with suppress(ChatError):
            await self._chat.typing(target(self._view.current))

    # ----------------------------------------------------------- the others

    async def _read_events(self) -> None:
        async for event in self._chat:
            async with self._screen.turn:
                await self._take(event)
            await self._printer.drain()

    async def _take(self, event: chat_pb2.Event) -> None:
        moment = render.local(event.time) if event.HasField("time") else now()
        to_me = self._view.is_to_me(event)
        fragments = self._view.take(event, moment, time.monotonic())
        shown = partial(self._shown, event, to_me=to_me)
        if fragments and self._catching_up:
            self._printer.miss(fragments, moment, shown)
        elif fragments:
            self._printer.show_at(fragments, moment)
            shown()
        match event.WhichOneof("event"):
            case "welcome":
                self._catching_up = True
                self._view.admin = event.welcome.admin
                self._tell_gap(event.welcome)
            case "caught_up":
                self._catching_up = False
                self._printer.show_missed()
                self._do(self._load_twice())
            case "go_away":
                self._going_away = True
            case "typing":
                asyncio.get_running_loop().call_later(TYPING_FOR, self._input.redraw)
            case "message":
                where = of_message(event.message, self._chat.me.number)
                own = event.message.author.number == self._chat.me.number
                if own or same(where, self._view.current):
                    self._screen.read_up_to(where, event.sequence)
            case "deleted" if self._view.uncounted:
                self._view.uncounted = False
                self._recount.ask()
        self._picking.take(event)
        if not self._printer.missed:
            self._printer.when_printed(partial(self._place.changed, self._chat.position))
        self._input.redraw()

    def _shown(self, event: chat_pb2.Event, *, to_me: bool) -> None:
        """Ring for a message for the user; a direct message is read: it is shown everywhere."""
        message = event.message if event.HasField("message") else event.edited.message
        where = of_message(message, self._chat.me.number)
        direct = where.startswith("@")
        if to_me:
            self._alerts.called(read=direct or same(where, self._view.current))
        if direct and event.HasField("message"):
            self._screen.read_up_to(where, event.sequence)

    async def _load(self) -> None:
        """Fetch the data of the toolbar and the completion."""
        self._view.me = self._chat.me
        # This is only for display; the stream reports errors.
        with suppress(ChatError):
            await self._screen.refresh()
            await self._screen.load_rooms()
            self._view.blocked = {user.number for user in await self._chat.blocked()}
            await self._count()
        self._input.redraw()

    async def _count(self) -> None:
        """Fetch the unread counts."""
        with suppress(ChatError):
            self._view.set_conversations(await self._chat.conversations(limit=100).all())
        self._input.redraw()

    async def _load_twice(self) -> None:
        await self._load()
        await asyncio.sleep(_GRACE)
        with suppress(ChatError):
            await self._screen.refresh()

    def _state_changed(self, state: ConnectionState) -> None:
        if not self._begun:
            return
        if state is ConnectionState.WAITING and not self._lost:
            self._lost = True
            if not self._going_away:
                self._screen.tell("The connection is lost; reconnecting …")
        elif state is ConnectionState.LIVE and self._lost:
            self._lost = self._going_away = False
            self._screen.tell("Connected again.")
        self._input.redraw()

    def _tell_gap(self, welcome: chat_pb2.Welcome) -> None:
        if welcome.recovery == chat_pb2.RECOVERY_TRUNCATED:
            self._screen.tell("Some of the messages that you missed are no longer stored.")
        elif welcome.recovery == chat_pb2.RECOVERY_OTHER_LOG:
            self._screen.tell("The server has a new log; the messages from before are gone.")
            self._view.forget_log()
            self._screen.marks.clear()

    def _clear(self) -> None:
        self._do(self._printer.clear())

    def _unkept(self, why: str) -> None:
        self._screen.complain(why)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _above_line(self) -> Fragments:
        """Return pending messages, and the list to pick from or the overview of conversations."""
        size = self._input.output.get_size()
        picked = self._picking.lines(size.columns - 1, max(4, size.rows // 2 - 2), now())
        waiting = self._screen.waiting.values()
        rows = max(1, size.rows // _PENDING_SHARE)
        unsent = pending.lines(waiting, time.monotonic(), size.columns - 1, rows)
        return [*unsent, *(picked or self._overview.lines())]

    def _toolbar(self) -> Fragments:
        columns = self._input.output.get_size().columns
        state, waiting = self._chat.state, len(self._screen.waiting)
        server, time_now, paced = self._access.server, time.monotonic(), self._chat.delay > 0.0
        return toolbar(server, self._view, state, waiting, time_now, columns, paced=paced)
