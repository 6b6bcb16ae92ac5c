"""What the server lists, and events change afterwards. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")

Change = Callable[[_V | None], _V | None]
"""Returns the new value of a key from the present one; None stands for no value."""


class Listed(Mapping[_K, _V]):
    """A mapping that is filled from a list of the server.

    A list may be older than the events that come while it is read, so their changes are made again
    on the new list. A change that the list already has must change nothing.
    """

    def __init__(self) -> None:
        self._values: dict[_K, _V] = {}
        self._reads: list[list[tuple[_K, Change[_V]]]] = []
        """For each read under way the changes since it began."""

    def __getitem__(self, key: _K) -> _V:
        return self._values[key]

    def __iter__(self) -> Iterator[_K]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def change(self, key: _K, change: Change[_V]) -> None:
        """Change the value of a key, also in the lists that are being read."""
        for changes in self._reads:
            changes.append((key, change))
        _make(self._values, key, change)

    def clear(self) -> None:
        """Remove everything. The lists that are being read still count."""
        self._values.clear()

    @contextmanager
    def reading(self) -> Iterator[dict[_K, _V]]:
        """Replace the content by that of the yielded dictionary, which the block has to fill.

        An error in the block changes nothing.
        """
        found: dict[_K, _V] = {}
        changes: list[tuple[_K, Change[_V]]] = []
        self._reads.append(changes)
        try:
            yield found
        finally:
            self._reads = [each for each in self._reads if each is not changes]
        for key, change in changes:
            _make(found, key, change)
        self._values = found


def _make(values: dict[_K, _V], key: _K, change: Change[_V]) -> None:
    value = change(values.get(key))
    if value is None:
        values.pop(key, None)
    else:
        values[key] = value
