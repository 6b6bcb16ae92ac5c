"""The starts of servers on a store, by which a resuming client proves the history it knows.

A log keeps its name when its folder is copied or rolled back, so the name cannot tell that events
are missing which a client has seen. Each start writes an incarnation with a random name, and the
head at that moment. A client hands back the incarnation in which it saw its last sequence: another
copy of the log does not have that incarnation, or went on from an earlier head.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import apsw

from chat_grpc.core.stream import FOREVER
from chat_grpc.journal.database import rows, run, transaction

MOST_KEPT = 10_000
"""Maximum number of incarnations that a store keeps. A client of an older one starts at the
head."""


class Incarnations:
    """The incarnations of a store, in memory. One thread at a time may use it."""

    def __init__(self, found: Iterable[tuple[str, int]] = ()) -> None:
        """`found` has the names and the heads at their starts, oldest first."""
        self.current = ""
        """The name of this start; empty until `start` has stored it."""
        self._newest = ""
        self._ends: dict[str, int] = {}
        """By name, the head at the start of the next one."""
        for name, head in found:
            self._add(name, head)

    def _add(self, name: str, head: int) -> None:
        if self._newest:
            self._ends[self._newest] = head
        self._ends[name] = FOREVER
        self._newest = name

    def knows(self, name: str, sequence: int) -> bool:
        """Return whether this log gave a sequence, or an earlier one, in an incarnation."""
        return sequence <= self._ends.get(name, -1)

    def start(self, connection: apsw.Connection, head: int) -> None:
        """Store a new incarnation, which begins after `head`. Raises `apsw.Error`."""
        name = secrets.token_hex(8)
        with transaction(connection):
            run(connection, "INSERT INTO incarnations (id, after) VALUES (?,?)", (name, head))
            run(
                connection,
                "DELETE FROM incarnations"
                " WHERE number <= (SELECT max(number) FROM incarnations) - ?",
                (MOST_KEPT,),
            )
        self._add(name, head)
        self.current = name


def stored(connection: apsw.Connection) -> Incarnations:
    """Read the incarnations of a store; none of them is the current one."""
    return Incarnations(rows(connection, "SELECT id, after FROM incarnations ORDER BY number"))
