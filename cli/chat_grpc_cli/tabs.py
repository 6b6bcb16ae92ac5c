"""The user's conversations in the order of the bar, with their numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat_grpc_cli.conversation import LOBBY, folded, same
from chat_grpc_cli.view import View


@dataclass(frozen=True, slots=True)
class Tab:
    """A conversation in the bar."""

    number: int
    """The place in the bar, from 1. Alt and a digit jumps to the first nine."""
    key: str
    current: bool
    unread: int
    to_me: int
    """The number of unread messages that are for the user: direct messages, and mentions."""
    calls: bool
    """True if a message for the user was shown elsewhere, and not visited since."""

    @property
    def wanted(self) -> bool:
        """True if a message waits for the user."""
        return self.to_me > 0 or self.calls


class Tabs:
    """Keeps the order of the conversations: a new one comes last, so that the numbers stay."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._order: list[str] = []
        """The folded keys."""
        self._came_from = ""

    def all(self) -> Sequence[Tab]:
        """Return the conversations. At first these are the lobby, the rooms, then the users."""
        view, known = self._view, self._known()
        kept = set(self._order) & known.keys()
        self._order = [key for key in self._order if key in kept]
        self._order += [key for key in known if key not in kept]
        return [
            self._tab(number, known[key], key == folded(view.current))
            for number, key in enumerate(self._order, 1)
        ]

    def numbered(self, number: int) -> str:
        """Return the conversation with a number of the bar, or an empty text."""
        tabs = self.all()
        return tabs[number - 1].key if 0 < number <= len(tabs) else ""

    def beside(self, conversation: str, step: int) -> str:
        """Return the conversation `step` places after another one; the first follows the last."""
        keys = [tab.key for tab in self.all()]
        at = next((n for n, key in enumerate(keys) if same(key, conversation)), 0)
        return keys[(at + step) % len(keys)]

    def wanting(self, here: str) -> str:
        """Return the next conversation after `here` that wants attention.

        Direct messages and mentions come first. Once nothing is unread, return the conversation
        from which the first call left, or an empty text.
        """
        if wanted := self._view.unread.next(here):
            self._came_from = self._came_from or here
            return wanted
        back, self._came_from = self._came_from, ""
        return "" if same(back, here) else back

    def _tab(self, number: int, key: str, current: bool) -> Tab:
        if current:
            return Tab(number, key, current, 0, 0, calls=False)
        unread = self._view.unread
        return Tab(number, key, current, unread.count(key), unread.to_me(key), unread.calls(key))

    def _known(self) -> dict[str, str]:
        """Return the keys of the conversations by their folded keys."""
        view = self._view
        rooms = sorted(f"#{room.name}" for room in view.rooms.values() if room.my_role)
        direct = [key for key in view.unread.keys if key.startswith("@")]
        known: dict[str, str] = {}
        for key in [LOBBY, *rooms, *direct, view.current]:
            known.setdefault(folded(key), key)
        return known
