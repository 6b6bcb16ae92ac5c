"""Tells the user of messages by the terminal's bell and by the title of the window."""

from __future__ import annotations

import time

from prompt_toolkit.output import Output
from prompt_toolkit.output.vt100 import Vt100_Output

from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.settings import Settings
from chat_grpc_cli.unread import MAX_COUNT
from chat_grpc_cli.view import View

_RING_EVERY = 1.0
"""Seconds between two rings, so that many messages at once ring once."""

# XTWINOPS: the terminal keeps the title on a stack. One without a stack ignores it.
_PUSH_TITLE = "\x1b[22;2t"
_POP_TITLE = "\x1b[23;2t"


class Alerts:
    """Rings on direct messages and mentions, and counts unread messages in the window's title.

    Writes nothing on a terminal that does not understand escape sequences. Belongs to the event
    loop.
    """

    def __init__(self, output: Output, settings: Settings, view: View) -> None:
        capable = not isinstance(output, Vt100_Output) or output.term not in {"dumb", "unknown"}
        self._output = output
        self._view = view
        self._rings = settings.bell and capable
        self._titles = settings.title and capable
        self._rang = float("-inf")
        self._unseen = 0
        self._title = ""

    def called(self, *, read: bool) -> None:
        """Ring: a direct message or a mention was shown.

        If it counts as `read`, the title counts it until `noticed`.
        """
        self._unseen += read
        now = time.monotonic()
        if self._rings and now - self._rang >= _RING_EVERY:
            self._rang = now
            self._output.bell()

    def noticed(self) -> None:
        """Note that the user pressed a key, and so has seen the screen."""
        self._unseen = 0

    def update(self) -> None:
        """Write the title of the window, if it changed."""
        title = window_title(self._view, self._unseen)
        if self._titles and title != self._title:
            if not self._title:
                self._write(_PUSH_TITLE)
            self._title = title
            self._output.set_title(title)
            self._output.flush()

    def end(self) -> None:
        """Restore the title that the window had before, until the next `update`."""
        if self._title:
            self._title = ""
            self._output.clear_title()  # for a terminal without a stack
            self._write(_POP_TITLE)

    def _write(self, sequence: str) -> None:
        if isinstance(self._output, Vt100_Output):
            self._output.write_raw(sequence)
        self._output.flush()


def window_title(view: View, unseen: int) -> str:
    """Return the title of the window: `(3) #ops - chat-grpc`.

    The number counts unread messages of other conversations, and `unseen` messages for the user
    that were shown since the last key.
    """
    count = sum(max(each.unread, each.to_me) for each in view.unread.waiting(view.current)) + unseen
    shown = f"({MAX_COUNT}+) " if count >= MAX_COUNT else f"({count}) " if count else ""
    return f"{shown}{safe(view.title(view.current))} - chat-grpc"
