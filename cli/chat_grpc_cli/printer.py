"""Prints lines above the input line."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.renderer import print_formatted_text
from prompt_toolkit.styles import BaseStyle

from chat_grpc_cli import render
from chat_grpc_cli.columns import NEWLINE, Fragments, fit
from chat_grpc_cli.standard_streams import printable

# A terminal that counts more columns for a letter than `columns.width` cuts the line then; it does
# not continue it at the left, without a gutter.
_WRAP_OFF = ("[ZeroWidthEscape]", "\x1b[?7l")
_WRAP_ON = ("[ZeroWidthEscape]", "\x1b[?7h")

_PRINT_EVERY = 0.04
"""Seconds between two redraws of the input line."""

_MAX_BACKLOG = 2000
"""Maximum number of waiting lines; above it `drain` waits."""

_MAX_SHOWN = 300
"""Printed lines that are kept; no window has more rows."""

_SETTLE = 0.06
"""Seconds without another change after which a window of a new size is painted."""

_INPUT_ROWS = 2
"""Rows of the input line and the toolbar."""

_MAX_MISSED = 200
"""Lines that are kept while the user is away; older ones are dropped and counted."""


class Printer:
    """Prints lines above the input line, in order, and many at once if many arrive.

    Each time, the input line is erased and drawn again. That is slow, and the terminal echoes keys
    that are typed meanwhile. Belongs to the event loop.
    """

    def __init__(self, output: Output, style: BaseStyle, depth: ColorDepth | None = None) -> None:
        """`depth` is the number of colors; None for that of the terminal."""
        self._output = output
        self._style = style
        self._depth = depth
        self._shown: deque[Fragments] = deque(maxlen=_MAX_SHOWN)
        """The last lines that were printed, for a window of another size."""
        self._repaints = 0
        self._waiting: list[Fragments] = []
        self._asked = asyncio.Event()
        self._printed = asyncio.Event()
        self._then: Callable[[], None] | None = None
        self._day: datetime | None = None
        self._missed: deque[tuple[Fragments, datetime, Callable[[], None]]]
        self._missed = deque(maxlen=_MAX_MISSED)
        self._missed_count = 0

    def show(self, fragments: Fragments) -> None:
        """Print lines."""
        self._waiting.append(fragments)
        self._asked.set()

    def show_at(self, fragments: Fragments, moment: datetime) -> None:
        """Print lines of a given time, after the date if it has changed."""
        if self._day is not None and self._day.date() != moment.date():
            self.show(render.day_line(moment))
        self._day = moment
        self.show(fragments)

    def shown_up_to(self, moment: datetime) -> None:
        """Note the time of the last message of a page, so that a later day gets its line."""
        self._day = moment

    def when_printed(self, then: Callable[[], None]) -> None:
        """Call `then` once the lines so far are printed. Only the newest callback is kept."""
        if self._waiting:
            self._then = then
        else:
            then()

    def miss(self, fragments: Fragments, moment: datetime, shown: Callable[[], None]) -> None:
        """Keep lines that arrived while the user was away, until `show_missed`.

        `shown` is called if they are shown then, and not dropped.
        """
        self._missed.append((fragments, moment, shown))
        self._missed_count += 1

    @property
    def missed(self) -> bool:
        """True if lines are kept."""
        return bool(self._missed)

    def show_missed(self) -> None:
        """Print the last lines that were kept, and their total number."""
        if not self._missed:
            return
        lines, count = list(self._missed), self._missed_count
        self._missed.clear()
        self._missed_count = 0
        words = "while you were away"
        if count > len(lines):
            words += f": the last {len(lines)} of {count} lines; /history has more"
        self.show(render.rule(words))
        for fragments, moment, shown in lines:
            self.show_at(fragments, moment)
            shown()
        self.show(render.rule("now"))

    async def clear(self) -> None:
        """Empty the window, and forget what was printed."""
        self._shown.clear()
        await run_in_terminal(self._erase)

    async def repaint(self) -> None:
        """Print the last lines again in an empty window, once its size no longer changes."""
        self._repaints += 1
        newest = self._repaints
        await asyncio.sleep(_SETTLE)
        if newest == self._repaints:
            await run_in_terminal(self._paint)

    def _paint(self) -> None:
        self._erase()
        size = self._output.get_size()
        rows: list[Fragments] = [[]]
        for fragment in self._fitted(self._shown, size.columns - 1):
            if fragment == NEWLINE:
                rows.append([])
            else:
                rows[-1].append(fragment)
        last = rows[:-1][-max(size.rows - _INPUT_ROWS, 1) :]
        self._print([fragment for row in last for fragment in (*row, NEWLINE)])

    def _erase(self) -> None:
        self._output.erase_screen()
        self._output.cursor_goto(0, 0)
        self._output.flush()

    async def drain(self) -> None:
        """Wait until the print backlog is below its limit."""
        while len(self._waiting) >= _MAX_BACKLOG:
            self._printed.clear()
            await self._printed.wait()

    async def run(self) -> None:
        """Print lines as they arrive, until it is cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            await run_in_terminal(self.flush)
            self._printed.set()
            await asyncio.sleep(_PRINT_EVERY)

    def flush(self) -> None:
        """Print the backlog now. Call it only without an input line, or within `run`."""
        lines, self._waiting = self._waiting, []
        self._shown.extend(lines)
        self._print(self._fitted(lines, self._output.get_size().columns - 1))
        then, self._then = self._then, None
        if then is not None:
            then()

    def _fitted(self, lines: Iterable[Fragments], columns: int) -> Fragments:
        """Return lines that are no longer than the window, each with a newline at its end."""
        out: Fragments = []
        encoding = self._output.encoding()
        for fragments in lines:
            shown = [(style, printable(text, encoding)) for style, text in fragments]
            out += [*fit(shown, columns), NEWLINE]
        return out

    def _print(self, out: Fragments) -> None:
        if not out:
            return
        if isinstance(self._output, Vt100_Output):
            out = [_WRAP_OFF, *out, _WRAP_ON]
        text = FormattedText(out)
        print_formatted_text(self._output, text, self._style, color_depth=self._depth)
