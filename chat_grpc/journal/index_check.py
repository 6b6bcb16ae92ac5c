"""The comparison of the word index with the log. Everything here blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw

from chat_grpc.core.entry import DELETED, EDITED, MESSAGE
from chat_grpc.core.history import message_of
from chat_grpc.core.words import place_words, searchable
from chat_grpc.journal import database, word_index
from chat_grpc.journal.database import DAMAGED, connect, row, rows, run
from chat_grpc.journal.word_index import follows, position

_CHUNK = 512

_TOLD = """
SELECT sequence, channel || coalesce(' ' || other_channel, ''), coalesce(
  (SELECT e.body FROM log AS e WHERE e.target = log.sequence AND e.kind = :edited
   ORDER BY e.sequence DESC LIMIT 1), body),
  (SELECT max(sequence) FROM log AS e WHERE e.target = log.sequence
   AND e.kind IN (:edited, :deleted)) > :position
FROM log WHERE kind = :message AND sequence > :after AND sequence <= :up_to ORDER BY sequence
"""


@contextmanager
def snapshot(store: Path) -> Iterator[apsw.Connection | None]:
    """Open the index of a store at one moment, for `differences`; None if it has none.

    `store` is the file of the log; a backup has no index. Enter it before the transaction on the
    log begins: then the log has all that the index has.
    """
    path = store.with_name(word_index.FILE)
    if store.name != database.FILE or not path.is_file():
        yield None
        return
    connection = connect(path, read_only=True)
    try:
        with suppress(*DAMAGED):  # `differences` finds it again
            run(connection, "BEGIN")
            row(connection, "SELECT count(*) FROM sqlite_schema")  # the snapshot begins here
        yield connection
    finally:
        connection.close()


def differences(index: apsw.Connection, log: apsw.Connection) -> Iterator[str]:
    """Compare an index with its log; yield a sentence for each message that differs.

    An index that lags, or is of another log, is not an error: the server updates or rebuilds it.
    Raises `apsw.Error` for a file that is damaged.
    """
    at = position(index)
    if at is None or not follows(log, at):
        return
    # SQLite compares the words of the index with its texts, too.
    for (text,) in rows(index, "PRAGMA integrity_check(20)"):
        if text != "ok":
            yield f"the word index: {text}"
    (after,) = row(log, "SELECT pruned FROM store")
    while after < at.sequence:
        up_to = min(after + _CHUNK, at.sequence)
        found = _indexed(index, after, up_to)
        told = _told(log, after, up_to, at.sequence)
        for sequence in sorted(found.keys() | told.keys()):
            text, certain = told.get(sequence, (("", ""), True))
            if certain and found.get(sequence, ("", "")) != text:
                yield f"the word index: the message {sequence} differs from the log"
        after = up_to


def _indexed(connection: apsw.Connection, after: int, up_to: int) -> dict[int, tuple[str, str]]:
    return {
        sequence: (text, place)
        for sequence, text, place in rows(
            connection,
            "SELECT rowid, text, place FROM words WHERE rowid > ? AND rowid <= ?",
            (after, up_to),
        )
    }


def _told(
    log: apsw.Connection, after: int, up_to: int, at: int
) -> dict[int, tuple[tuple[str, str], bool]]:
    """Read the expected content of the index; the last value is False if the index lags there."""
    values: dict[str, Any] = {
        "after": after,
        "up_to": up_to,
        "position": at,
        "message": MESSAGE,
        "edited": EDITED,
        "deleted": DELETED,
    }
    told: dict[int, tuple[tuple[str, str], bool]] = {}
    for sequence, channels, body, changed_later in rows(log, _TOLD, values):
        text = searchable(message_of(body).text)
        entry = (text, place_words(channels.split())) if text else ("", "")
        told[sequence] = entry, not changed_later
    return told
