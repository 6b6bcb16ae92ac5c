"""The ages of events, by clocks that do not jump. Everything here blocks.

The log has the time of each event, but the clock that gave it may have been wrong. `ages` has, for
some moments, the head of the log at that moment: all events up to it are at least as old as the
moment. Both the running time and the trusted time of the moment are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from chat_grpc.core.clock import SECOND, Moment
from chat_grpc.journal.database import row, rows, run, transaction

AGE_EVERY = 3600
"""Seconds of running time between two moments."""

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Times:
    """The times of a store when it is opened."""

    newest: int
    """The time of its newest event, in nanoseconds since 1970; 0 for none."""
    noted: Moment
    """The newest moment that was stored."""


def times(connection: apsw.Connection) -> Times:
    """Return the times of a store."""
    running, trusted, unguarded = row(connection, "SELECT running, trusted, unguarded FROM store")
    newest = row(connection, "SELECT sequence, time FROM log ORDER BY sequence DESC LIMIT 1")
    # A newest event with a time from an unguarded clock is no reason to continue that time.
    time = trusted if newest is None or newest[0] <= unguarded else newest[1]
    return Times(time, Moment(running, trusted))


def note(connection: apsw.Connection, now: Moment) -> None:
    """Store the clocks of a store, and each hour also that its head is at least that old."""
    with transaction(connection):
        run(
            connection,
            "UPDATE store SET running = ?, trusted = ?",
            (int(now.running), now.time),
        )
        # After the clock was set back, nothing is younger than now.
        run(connection, "UPDATE ages SET time = :now WHERE time > :now", {"now": now.time})
        newest = row(connection, "SELECT running FROM ages ORDER BY sequence DESC LIMIT 1")
        if newest is None or newest[0] + AGE_EVERY <= now.running:
            run(
                connection,
                "INSERT OR IGNORE INTO ages (sequence, running, time)"
                " SELECT max(sequence), ?, ? FROM log HAVING max(sequence) IS NOT NULL",
                (int(now.running), now.time),
            )


def older(connection: apsw.Connection, column: str, than: Moment) -> int:
    """Return the next sequence up to which all events are older than a moment, by both clocks.

    The search starts at the sequence in the column `column` of `store`. Return 0 if there is none.
    """
    first = row(
        connection,
        "SELECT sequence, running, time FROM ages"
        f" WHERE sequence > (SELECT {column} FROM store) ORDER BY sequence LIMIT 1",
    )
    if first is None:
        return 0
    sequence, running, time = first
    return int(sequence) if running <= than.running and time <= than.time else 0


def fill(connection: apsw.Connection, now: int) -> None:
    """Fill in the ages of a store that has none, from the times of its events.

    `now` is in nanoseconds since 1970; later times are ignored. The running time of all is 0.
    """
    after = newest = noted = 0
    while found := rows(
        connection,
        "SELECT sequence, time FROM log WHERE sequence > ? ORDER BY sequence LIMIT ?",
        (after, _CHUNK),
    ):
        for sequence, time in found:
            if newest and time <= now and time > noted + AGE_EVERY * SECOND:
                noted = time
                _add(connection, after, newest)
            if time <= now:
                newest = max(newest, time)
            after = sequence
    if newest:
        _add(connection, after, newest)
    run(
        connection,
        "UPDATE store SET trusted = ?, unguarded = (SELECT coalesce(max(sequence), 0) FROM log)",
        (newest,),
    )


def _add(connection: apsw.Connection, sequence: int, time: int) -> None:
    run(connection, "INSERT OR IGNORE INTO ages VALUES (?, 0, ?)", (sequence, time))
