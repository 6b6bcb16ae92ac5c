"""The index of words: kept behind the log, and brought up to it before it is asked.

Storing a message does not wait for its words to be indexed. The index has no text of its own
(`content=''`), so that a text stands in the store once.
"""

from __future__ import annotations

import apsw

from chat_grpc.core.entry import EDITED, MESSAGE
from chat_grpc.core.events import encode_stored
from chat_grpc.core.history import changed_message, events_of, message_of
from chat_grpc.core.words import place_words, searchable
from chat_grpc.journal.database import row, run

CHUNK = 512
"""Messages that are indexed in one transaction."""


def indexed(connection: apsw.Connection) -> int:
    """Gives up to which sequence messages are in the index."""
    return int(row(connection, "SELECT indexed FROM store")[0])


_NEXT = """
WITH chunk AS (
  SELECT max(sequence) AS last, count(*) AS rows FROM (
    SELECT sequence FROM log WHERE sequence > (SELECT indexed FROM store)
    ORDER BY sequence LIMIT :limit
  )
)
SELECT last, rows, CAST(group_concat(body, '') AS BLOB), group_concat(topics, x'0a')
FROM chunk LEFT JOIN (
  SELECT channel || ' ' || coalesce(other_channel, '') AS topics, coalesce(
    (SELECT e.body FROM log AS e WHERE e.target = log.sequence AND e.kind = :edited
     ORDER BY e.sequence DESC LIMIT 1), body) AS body
  FROM log WHERE kind = :message
  AND sequence > (SELECT indexed FROM store) AND sequence <= (SELECT last FROM chunk)
) ON TRUE
"""


def advance(connection: apsw.Connection) -> bool:
    """Indexes the next messages, in the caller's transaction; False where none is left.

    One statement reads them all, because each row that is fetched takes the interpreter's lock
    anew.
    """
    last, count, bodies, places = row(
        connection, _NEXT, {"limit": CHUNK, "message": MESSAGE, "edited": EDITED}
    )
    if not count:
        return False
    values: list[int | str] = []
    for event, topics in zip(events_of(bodies or b""), (places or "").split("\n"), strict=False):
        target, message = changed_message(event)
        if message.text:
            values += (target, searchable(message.text), place_words(topics.split()))
    if values:
        marks = ",".join(["(?,?,?)"] * (len(values) // 3))
        run(connection, f"INSERT INTO search (rowid, text, place) VALUES {marks}", values)
    run(connection, "UPDATE store SET indexed = ?", (last,))
    return bool(count == CHUNK)


def replace(connection: apsw.Connection, target: int, edited: bytes) -> None:
    """Takes over the new text of a message; `edited` is the event's content."""
    place = remove(connection, target)
    if place:
        run(
            connection,
            "INSERT INTO search (rowid, text, place) VALUES (?,?,?)",
            (target, searchable(message_of(encode_stored(1, edited)).text), place),
        )


def remove(connection: apsw.Connection, target: int) -> str:
    """Takes a message out of the index, where it is in it; gives where it was to be found."""
    found = row(
        connection,
        "SELECT body, channel, other_channel FROM log, store"
        " WHERE sequence = ? AND kind = ? AND sequence <= indexed",
        (target, MESSAGE),
    )
    if found is None:
        return ""
    body, *topics = found
    place = place_words([topic for topic in topics if topic is not None])
    text = _current_text(connection, target, body)
    # A message without a text is not in the index: removing it again would damage its totals.
    if text:
        # The index keeps no texts: it is told what to remove.
        run(
            connection,
            "INSERT INTO search (search, rowid, text, place) VALUES ('delete', ?,?,?)",
            (target, text, place),
        )
    return place


def _current_text(connection: apsw.Connection, sequence: int, body: bytes) -> str:
    edit = row(
        connection,
        "SELECT body FROM log WHERE target = ? AND kind = ? ORDER BY sequence DESC LIMIT 1",
        (sequence, EDITED),
    )
    return searchable(message_of(edit[0] if edit is not None else body).text)
