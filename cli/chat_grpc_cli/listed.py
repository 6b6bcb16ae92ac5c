"""What the server lists, and events change afterwards. Pure."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Listed(UserDict[_K, _V]):
    """A dictionary that is filled from a list of the server.

    A list may be older than the events that come while it is read: they apply to it, too.
    """

    def __init__(self) -> None:
        super().__init__()
        self._reads: list[dict[_K, list[_V]]] = []
        """For each read under way the keys that changed: the new value, or nothing."""

    def __setitem__(self, key: _K, value: _V) -> None:
        for changed in self._reads:
            changed[key] = [value]
        super().__setitem__(key, value)

    def __delitem__(self, key: _K) -> None:
        super().__delitem__(key)
        self.drop(key)

    def drop(self, key: _K) -> None:
        """Remove a key, also from the lists that are being read; it may be unknown."""
        for changed in self._reads:
            changed[key] = []
        self.data.pop(key, None)

    @contextmanager
    def reading(self) -> Iterator[dict[_K, _V]]:
        """Replace the content by that of the yielded dictionary, which the block has to fill.

        An error in the block changes nothing.
        """
        found: dict[_K, _V] = {}
        changed: dict[_K, list[_V]] = {}
        self._reads.append(changed)
        try:
            yield found
        finally:
            self._reads = [each for each in self._reads if each is not changed]
        for key, values in changed.items():
            found.pop(key, None)
            found.update((key, value) for value in values)
        self.data = found
