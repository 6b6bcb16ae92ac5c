"""The overview of the conversations above the input line, and the keys that jump between them."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.data_structures import Size
from prompt_toolkit.filters import Filter
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from chat_grpc_cli import bar
from chat_grpc_cli.columns import NEWLINE, Fragments
from chat_grpc_cli.tabs import Tabs
from chat_grpc_cli.view import View

_WIDE = Size(rows=30, columns=120)
"""The smallest window in which the list is shown unless the user turns it off."""

_SHARE = 4
"""The list takes at most this part of the window's rows."""


class Overview:
    """Shows one line of conversations, or a list of them. Belongs to the event loop."""

    def __init__(self, view: View, size: Callable[[], Size], listed: str = "auto") -> None:
        """`listed` is a value of `Settings.list`. `size` returns that of the window."""
        self.tabs = Tabs(view)
        self._view = view
        self._size = size
        self._listed = {"on": True, "off": False}.get(listed)
        """Whether the list is shown; None if the size of the window decides."""

    def lines(self) -> Fragments:
        """Return the lines above the input line, each with its newline."""
        size, tabs = self._size(), self.tabs.all()
        if self.is_list and len(tabs) > 1:
            rows = max(1, size.rows // _SHARE)
            shown = bar.listing(tabs, self._view, size.columns - 1, rows)
        else:
            shown = bar.bar(tabs, self._view, size.columns - 1)
        return [*shown, NEWLINE] if shown else []

    @property
    def is_list(self) -> bool:
        """True if the list is shown in place of the line."""
        if self._listed is None:
            size = self._size()
            return size.columns >= _WIDE.columns and size.rows >= _WIDE.rows
        return self._listed

    def toggle(self) -> None:
        """Show the list, or the line again."""
        self._listed = not self.is_list


def jump_keys(
    overview: Overview, current: Callable[[], str], jump: Callable[[str], None], free: Filter
) -> KeyBindings:
    """Return the keys for conversations. `jump` goes to one; `free` says that the keys may act.

    `current` returns the conversation to which the line on the screen belongs.
    """
    keys, tabs = KeyBindings(), overview.tabs

    def go(event: KeyPressEvent, conversation: str) -> None:
        if conversation:
            jump(conversation)
        else:
            event.app.output.bell()

    for digit in range(1, 10):

        @keys.add("escape", str(digit), filter=free)
        def _(event: KeyPressEvent, digit: int = digit) -> None:
            go(event, tabs.numbered(digit))

    @keys.add("escape", "a", filter=free)
    def _(event: KeyPressEvent) -> None:
        go(event, tabs.wanting(current()))

    @keys.add("escape", "up", filter=free)
    def _(_: KeyPressEvent) -> None:
        jump(tabs.beside(current(), -1))

    @keys.add("escape", "down", filter=free)
    def _(_: KeyPressEvent) -> None:
        jump(tabs.beside(current(), 1))

    @keys.add("escape", "l", filter=free)
    def _(_: KeyPressEvent) -> None:
        overview.toggle()

    return keys
