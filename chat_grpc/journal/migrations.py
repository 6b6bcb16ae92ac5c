"""The steps of the schema: numbered files, each in a transaction of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path

import apsw

from chat_grpc.core import limits
from chat_grpc.core.entry import EDITED, READ
from chat_grpc.core.history import blanked
from chat_grpc.journal import JournalError, ages
from chat_grpc.journal.database import Value, row, rows, run, transaction
from chat_grpc.journal.opening import sync
from chat_grpc.journal.rows import COLUMNS, WIDTH, conversation_of, seal, sum_of

_CHUNK = 1000


@cache
def steps() -> list[str]:
    """Return the steps in order; the first makes an empty store."""
    folder = resources.files("chat_grpc.journal") / "schema"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [file.read_text(encoding="utf-8") for file in files]


def version_of(connection: apsw.Connection) -> int:
    """Return the number of the newest step of a store; 0 for an empty file."""
    return int(row(connection, "PRAGMA user_version")[0])


def check_version(connection: apsw.Connection, path: Path | None) -> int:
    """Return the version of a store; 0 for an empty file.

    Raises `JournalError` if it is newer than this program, or not a store.
    """
    version = version_of(connection)
    if version == 0 and row(connection, "SELECT 1 FROM sqlite_schema") is not None:
        raise JournalError(f"{path} is a database, but not one of chat-grpc")
    if version > len(steps()):
        raise JournalError(
            f"{path} was written by a newer version of chat-grpc "
            f"(schema {version}, this one knows {len(steps())})"
        )
    return version


def migrate(connection: apsw.Connection, path: Path | None) -> None:
    """Copy an existing store aside, and bring it up to date.

    Each step is one transaction. Raises `JournalError` for a newer store.
    """
    version = check_version(connection, path)
    if 0 < version < len(steps()) and path is not None:
        _copy_aside(connection, path, version)
    for number, step in enumerate(steps()[version:], version + 1):
        with transaction(connection):
            run(connection, step)
            _AFTER.get(number, _nothing)(connection)
            run(connection, f"PRAGMA user_version = {number}")


def _copy_aside(connection: apsw.Connection, path: Path, version: int) -> None:
    # Not a copy of the file's bytes: closing a second descriptor of the file would release the
    # locks that SQLite holds on it.
    copy = path.with_suffix(f".schema-{version}.new")
    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    run(connection, "VACUUM INTO ?", (str(copy),))
    sync(copy)
    copy.replace(path.with_suffix(f".schema-{version}.db"))
    sync(path.parent)


def _nothing(_: apsw.Connection) -> None:
    """Do nothing: most steps are SQL alone."""


def _seal(connection: apsw.Connection) -> None:
    """Set the checksums of the rows of an older store."""
    columns = COLUMNS.replace("other_channel", "topic_too").replace("channel", "topic")
    after = chain = 0
    while found := rows(
        connection,
        f"SELECT {columns} FROM log WHERE sequence > ? ORDER BY sequence LIMIT ?",
        (after, _CHUNK),
    ):
        values: list[Value] = [value for each in found for value in each]
        chain = seal(values, chain)
        sealed = [
            (values[at + WIDTH - 2], values[at + WIDTH - 1], values[at])
            for at in range(0, len(values), WIDTH)
        ]
        connection.executemany("UPDATE log SET sum = ?, chain = ? WHERE sequence = ?", sealed)
        after = found[-1][0]


def _fill_ages(connection: apsw.Connection) -> None:
    """Derive the ages of the events of an older store from their times."""
    ages.fill(connection, time.time_ns())


def blank_edits(connection: apsw.Connection) -> None:
    """Blank all but the newest edits of each message, as later edits do."""
    often = rows(
        connection,
        "SELECT target FROM log WHERE target IS NOT NULL AND kind = ?"
        " GROUP BY target HAVING count(*) > ?",
        (EDITED, limits.MAX_KEPT_EDITS),
    )
    for (target,) in often:
        old = rows(
            connection,
            "SELECT sequence, request_id, digest, body FROM log WHERE target = ? AND kind = ?"
            " ORDER BY sequence DESC LIMIT -1 OFFSET ?",
            (target, EDITED, limits.MAX_KEPT_EDITS),
        )
        for sequence, request_id, digest, encoded in old:
            body = blanked(encoded)
            run(
                connection,
                "UPDATE log SET body = ?, sum = ? WHERE sequence = ?",
                (body, sum_of(request_id, digest, body), sequence),
            )


def _note_markers(connection: apsw.Connection) -> None:
    """Find the events that set the read markers, and the superseded ones."""
    after, newest = 0, dict[tuple[int, str], int]()
    while found := rows(
        connection,
        "SELECT sequence, author, body FROM log WHERE sequence > ? AND kind = ?"
        " ORDER BY sequence LIMIT ?",
        (after, READ, _CHUNK),
    ):
        for sequence, author, body in found:
            marker = (author, conversation_of(body))
            if marker in newest:
                run(connection, "INSERT INTO superseded VALUES (?)", (newest[marker],))
            newest[marker] = sequence
        after = found[-1][0]
    connection.executemany(
        "UPDATE read_markers SET event = ? WHERE (user, conversation) = (?,?)",
        [(sequence, *marker) for marker, sequence in newest.items()],
    )


_AFTER: Mapping[int, Callable[[apsw.Connection], None]] = {
    2: _seal,
    3: blank_edits,
    4: _fill_ages,
    6: _note_markers,
}
