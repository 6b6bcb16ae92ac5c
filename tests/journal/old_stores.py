"""Stores as earlier versions created them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from journal.asking import ALICE, BOB, TIME, Ask, say
from support import store_of

from chat_grpc.core.events import encode_stored
from chat_grpc.journal.migrations import steps

LOG_ID = "0123456789abcdef"

SAID: list[Ask] = [
    say(ALICE, "lobby", "the first words", "a1"),
    say(BOB, ALICE, "a secret", "b1"),
    say(ALICE, ALICE, "a note to myself"),
    say(BOB, "lobby", "words again"),
]


def old_store(folder: Path, more: int = 0) -> list[tuple[int, bytes]]:
    """Create a store of the first schema; return the sequences and bodies of its log.

    `more` messages come after those in `SAID`.
    """
    folder.mkdir(mode=0o700)
    with closing(sqlite3.connect(store_of(folder), isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(f"BEGIN; {steps()[0]} PRAGMA user_version = 1; COMMIT")
        connection.execute("INSERT INTO store VALUES (?)", (LOG_ID,))
        for user in (ALICE, BOB):
            connection.execute(
                "INSERT INTO log (sequence,kind,time,author,body) VALUES (?,1,?,?,?)",
                (user.number, TIME, user.number, f"{user.name}\0{user.key}".encode()),
            )
            connection.execute(
                "INSERT INTO users VALUES (?,?,?,1,0,?)", (user.number, user.name, user.key, 0)
            )
        # The sequence of a duplicate request is left out.
        others = (say(ALICE, "lobby", f"more {number}", f"m{number}") for number in range(more))
        for sequence, ask in enumerate([*SAID, *others], 4):
            _insert(connection, sequence, ask)
        return connection.execute("SELECT sequence, body FROM log ORDER BY sequence").fetchall()


def _insert(connection: sqlite3.Connection, sequence: int, ask: Ask) -> None:
    connection.execute(
        "INSERT INTO log VALUES (?,0,?,?,?,?,?,?,?)",
        (
            sequence,
            TIME,
            ask.author.number,
            ask.request_id or None,
            ask.digest,
            ask.channels[0],
            ask.channels[1] if len(ask.channels) > 1 else None,
            encode_stored(sequence, ask.content),
        ),
    )
