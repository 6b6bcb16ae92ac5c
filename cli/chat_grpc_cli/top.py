"""The command `admin top`: a live view of a server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
from datetime import datetime

from prompt_toolkit.application import Application
from prompt_toolkit.formatted_text import AnyFormattedText, FormattedText
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.styles import Style

from chat_grpc.client import ChatCalls, ChatError, Refused
from chat_grpc_cli.operations import status_rows
from chat_grpc_cli.render import plain
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.signing_in import print_rows
from chat_grpc_cli.standard_streams import print_line, printable
from chat_grpc_cli.top_view import ORDERS, Watched, screen
from chat_grpc_cli.users import Work

_STREAMS = 200
"""Streams that are asked for, in the chosen order."""

_ACTIONS = 5

_PIPE_COLUMNS = 120
"""Columns of the snapshot if there is no terminal."""

_STYLE = Style.from_dict(
    {
        "title": "reverse bold",
        "heading": "bold",
        "dim": "ansibrightblack",
        "old": "ansibrightblack",
        "good": "ansigreen",
        "warn": "ansiyellow",
        "spark": "ansicyan",
        "key": "bold",
    }
)


def watch(interval: float) -> Work:
    """Show a server until the user leaves; print one snapshot if there is no terminal."""

    async def work(calls: ChatCalls) -> None:
        watched = Watched(calls.server)
        # The first answer says whether the server is there, and whether the caller may ask.
        await _look(calls, watched)
        if _can_draw():
            await Top(calls, watched, interval).run()
        else:
            _print(watched)

    return work


def _can_draw() -> bool:
    """Return whether there is a terminal that can move its cursor."""
    dumb = os.environ.get("TERM") in {"dumb", "unknown"}
    return sys.stdin.isatty() and sys.stdout.isatty() and not dumb


async def _look(calls: ChatCalls, watched: Watched) -> None:
    """Ask for the state of the server. Raises `ChatError`."""
    order, _ = ORDERS[watched.order]
    status = await calls.server_status()
    streams = await calls.streams(order, limit=_STREAMS)
    actions = await calls.audit_events(limit=_ACTIONS).all()
    watched.take(status, streams.streams, actions)


def _print(watched: Watched) -> None:
    """Print a snapshot."""
    assert watched.status is not None
    now = datetime.now().astimezone()
    print_rows(status_rows(watched.status, now))
    columns = shutil.get_terminal_size((_PIPE_COLUMNS, 24)).columns
    lines = len(watched.streams) + len(watched.actions) + 40
    shown = plain(screen(watched, now, columns, lines)).splitlines()
    begin = next((at for at, line in enumerate(shown) if line.startswith("STREAMS")), 0)
    for line in shown[begin:-1]:
        if line.strip():
            print_line(printable(line.rstrip()))


class Top:
    """The live view at a terminal. Belongs to the event loop."""

    def __init__(self, calls: ChatCalls, watched: Watched, interval: float) -> None:
        """`interval` is in seconds."""
        self._calls = calls
        self._watched = watched
        self._interval = interval
        self._now = asyncio.Event()
        """Set to ask the server at once."""
        control = FormattedTextControl(self._screen, focusable=True, show_cursor=False)
        self._application: Application[None] = Application(
            layout=Layout(Window(control, wrap_lines=False, always_hide_cursor=True)),
            key_bindings=self._keys(),
            style=_STYLE,
            full_screen=True,
            mouse_support=False,
        )

    async def run(self) -> None:
        """Show the server until the user leaves. Raises `Refused` if the server ends the rights."""
        asking = asyncio.create_task(self._ask(), name="top")
        asking.add_done_callback(self._asked)
        try:
            await self._application.run_async()
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        if not asking.cancelled():
            asking.result()

    def _asked(self, asking: asyncio.Task[None]) -> None:
        if not asking.cancelled() and self._application.is_running:
            self._application.exit()

    async def _ask(self) -> None:
        """Ask the server, again and again; also after it was away."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._now.wait(), self._interval)
            self._now.clear()
            try:
                await _look(self._calls, self._watched)
            except ChatError as error:
                if isinstance(error, Refused) and error.final:
                    raise
                self._watched.problem = safe(str(error))
            self._application.invalidate()

    def _screen(self) -> AnyFormattedText:
        size = self._application.output.get_size()
        now = datetime.now().astimezone()
        return FormattedText(screen(self._watched, now, size.columns, size.rows))

    def _keys(self) -> KeyBindings:
        keys, watched = KeyBindings(), self._watched

        @keys.add("q")
        @keys.add("c-c")
        @keys.add("c-d")
        def _leave(_: object) -> None:
            self._application.exit()

        @keys.add("?")
        @keys.add("h")
        def _help(_: object) -> None:
            watched.help = not watched.help

        @keys.add("s")
        def _next(_: object) -> None:
            self._sort(1)

        @keys.add("S")
        def _previous(_: object) -> None:
            self._sort(-1)

        for key, lines in (("down", 1), ("up", -1), ("pagedown", 10), ("pageup", -10)):
            keys.add(key)(lambda _, lines=lines: watched.scroll(lines))
        keys.add("home")(lambda _: watched.scroll(-len(watched.streams)))
        return keys

    def _sort(self, step: int) -> None:
        self._watched.sort(step)
        self._now.set()
