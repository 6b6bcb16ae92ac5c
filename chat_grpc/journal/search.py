"""Searches of the word index. Everything here blocks; `Indexer` runs it in threads."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from chat_grpc.core.words import match_places
from chat_grpc.journal.database import row

_FIRST_WINDOW = 20_000
_MAX_WINDOW = 2_000_000
"""Sequences that the first statement of a search examines, and the maximum for a later one."""

CANDIDATES = 256
"""Maximum number of messages with the words whose places are compared in one step."""

_SELECTIVE = 8
"""If fewer than one in this many candidates is in a wanted place, FTS5 joins the places."""

_SHORT = 0.02
"""A window that took fewer seconds than this is followed by a larger one."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The result of one search of the index."""

    sequences: Sequence[int]
    """The messages, newest first."""
    searched: int
    """All messages from this sequence on were searched; 0 when the search reached the end."""


def find(
    connection: apsw.Connection,
    match: str,
    places: Sequence[str],
    *,
    before: int,
    limit: int,
    seconds: float,
) -> Hits:
    """Find the newest messages before a sequence that match an expression in one of some places.

    Searches windows of the index from the newest message on, so that no statement holds a
    transaction for long, and ends when `limit` messages are found or `seconds` are over.
    """
    end = time.monotonic() + seconds
    newest, oldest = row(
        connection, "SELECT (SELECT max(rowid) FROM words), (SELECT min(rowid) FROM words)"
    )
    found: list[int] = []
    if newest is None:
        return Hits(found, 0)
    windows = _Windows(connection, match, places)
    high, width = min(before, newest + 1), _FIRST_WINDOW
    while len(found) < limit and high > oldest:
        begin = time.monotonic()
        if begin >= end:
            return Hits(found, high)
        more, high = windows.search(max(high - width, oldest), high, limit - len(found))
        found += more
        if time.monotonic() - begin < _SHORT:
            width = min(width * 4, _MAX_WINDOW)
    found = found[:limit]
    # A full page may have ended inside a window.
    return Hits(found, found[-1] if len(found) == limit else 0)


class _Windows:
    """Searches windows of the index, in one of two ways.

    FTS5 is slow at joining words with a place that most messages have. So at first it finds the
    words only, and their places are compared here. If few of them are in the wanted places, FTS5
    joins words and places, which is fast for a rare place.
    """

    def __init__(self, connection: apsw.Connection, match: str, places: Sequence[str]) -> None:
        self._connection = connection
        self._match = match
        self._places = [frozenset(place.split()) for place in places]
        self._joined = f"{match} AND {match_places(places)}"
        self._seen = self._passed = 0

    def search(self, low: int, high: int, limit: int) -> tuple[list[int], int]:
        """Return hits from `low` up to below `high`, and the sequence from which all are searched.

        At most `limit` hits, or `CANDIDATES` where places are compared here.
        """
        if self._seen >= CANDIDATES and self._passed * _SELECTIVE < self._seen:
            hits = self._read("rowid", self._joined, low, high, limit)
            return hits, low if len(hits) < limit else hits[-1]
        found = self._read("json_array(rowid, place)", self._match, low, high, CANDIDATES)
        hits = [sequence for sequence, place in found if self._is_within(place)]
        self._seen += len(found)
        self._passed += len(hits)
        return hits, low if len(found) < CANDIDATES else found[-1][0]

    def _is_within(self, place: str) -> bool:
        words = set(place.split())
        return any(wanted <= words for wanted in self._places)

    def _read(self, columns: str, match: str, low: int, high: int, limit: int) -> list[Any]:
        (found,) = row(
            self._connection,
            f"SELECT json_group_array({columns}) FROM (SELECT rowid, place FROM words"
            " WHERE words MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?)",
            (match, low, high, limit),
        )
        return list(json.loads(found))
