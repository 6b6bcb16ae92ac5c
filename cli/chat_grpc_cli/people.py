"""The users that the terminal has seen: numbers, names, and labels. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chat_grpc.spelling.names import lookup_key
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.listed import Listed

MAX_KNOWN = 10_000
"""Maximum number of remembered users. Above it, those who are not connected are forgotten."""

Label = Callable[[int, str], str]
"""Returns the label of a user with a number and a name; not yet safe to show."""

_NUMBERED = re.compile(r"@?(?:[^#]+#)?([0-9]{1,9})")


def bare(_: int, name: str) -> str:
    """Show a user by the name alone; see `Label`."""
    return name


def number_in(word: str) -> int | None:
    """Return the number that a word such as `5`, `bob#5` or `@bob#5` gives, or None.

    No name consists of digits alone.
    """
    found = _NUMBERED.fullmatch(word)
    return int(found[1]) if found else None


class People:
    """The users by number. Several of them may have had the same name."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._numbers: dict[str, set[int]] = {}
        self._here = Listed[int, bool]()

    def saw(self, number: int, name: str) -> None:
        """Note that a user has a name."""
        if not number or not name or self._names.get(number) == name:
            return
        self._forget(number)
        self._names[number] = name
        self._numbers.setdefault(lookup_key(name), set()).add(number)
        if len(self._names) > MAX_KNOWN:
            for each in [n for n in self._names if n not in self._here and n != number]:
                self._forget(each)

    def came(self, client: chat_pb2.Client) -> None:
        """Note that a user is connected."""
        self.saw(client.number, client.name)
        self._here.change(client.number, lambda _: True)

    def left(self, client: chat_pb2.Client) -> None:
        """Note that a user is no longer connected."""
        self._here.change(client.number, lambda _: None)

    @contextmanager
    def listing(self) -> Iterator[list[chat_pb2.Client]]:
        """Replace the connected users by the yielded list, which the block has to fill."""
        clients: list[chat_pb2.Client] = []
        with self._here.reading() as here:
            yield clients
            for client in clients:
                self.saw(client.number, client.name)
                here[client.number] = True

    def clear(self) -> None:
        """Forget all users, because another log has other numbers."""
        self._names.clear()
        self._numbers.clear()
        self._here.clear()

    @property
    def here(self) -> Iterator[int]:
        """The numbers of the connected users."""
        return iter(self._here)

    @property
    def count(self) -> int:
        """The number of connected users."""
        return len(self._here)

    def is_here(self, number: int) -> bool:
        """Return True if a user is connected."""
        return number in self._here

    def knows(self, number: int) -> bool:
        """Return True if a user was seen."""
        return number in self._names

    def label(self, number: int, name: str = "") -> str:
        """Show a user: by name, and also by number if another user was seen with that name."""
        self.saw(number, name)
        name = name or self._names.get(number, "")
        if not name:
            return f"no. {number}" if number else ""
        others = self._numbers.get(lookup_key(name), set()) - {number}
        return f"{name}#{number}" if others and number else name

    def named(self, name: str) -> list[int]:
        """Return the numbers of the users with a name, connected ones first, then the newest."""
        found = self._numbers.get(lookup_key(name), set())
        return sorted(found, key=lambda number: (number not in self._here, -number))

    def _forget(self, number: int) -> None:
        name = self._names.pop(number, None)
        if name is not None:
            key = lookup_key(name)
            self._numbers[key].discard(number)
            if not self._numbers[key]:
                del self._numbers[key]
