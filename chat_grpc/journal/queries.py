"""Reads of the store, each in one statement if possible.

A statement joins its rows into one: apsw takes the interpreter's lock for each row that it
fetches, and waits for it up to 5 ms while the event loop is busy. Everything here blocks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import apsw

from chat_grpc.core import limits
from chat_grpc.core.block import Block
from chat_grpc.core.entry import DELETED, EDITED, MESSAGE
from chat_grpc.core.explain import StoredEvent
from chat_grpc.core.history import Now
from chat_grpc.core.rooms import DeletedRoom, Member, Room
from chat_grpc.core.stream import Range
from chat_grpc.core.tail import Page
from chat_grpc.journal.database import Value, row, rows
from chat_grpc.journal.rows import user_of

_WINDOW = limits.MAX_PAGE_ROWS * 4
"""Events of the log that one read examines if there are more than `MAX_RANGES` ranges."""


def page(connection: apsw.Connection, ranges: Sequence[Range], after: int, up_to: int) -> Page:
    """Read the events of some ranges between two sequences, about a page."""
    if not ranges:
        return Page(b"", up_to, 0)
    values: list[Value]
    if len(ranges) > limits.MAX_RANGES:
        up_to = min(up_to, after + _WINDOW)
        sql, values = _many_ranges(), [json.dumps(ranges), up_to]
    else:
        ranges = sorted(ranges, key=lambda part: part[0][0] == "@")
        users = sum(channel[0] == "@" for channel, _, _ in ranges)
        sql = _few_ranges(len(ranges) - users, users)
        values = []
        for channel, low, high in ranges:
            one = (channel, low, min(high, up_to), limits.MAX_PAGE_ROWS)
            values += one * (2 if channel[0] == "@" else 1)
    values += [limits.MAX_PAGE_ROWS, limits.MAX_BLOCK_BYTES, after + 1]
    encoded, last, count, total = row(connection, sql, values)
    whole = total < limits.MAX_PAGE_ROWS and count == total
    return Page(encoded or b"", up_to if whole else last, count)


@cache
def _few_ranges(rooms: int, users: int) -> str:
    # Each range is read from an index, and at most as many rows as a page has.
    one = (
        "SELECT * FROM (SELECT sequence, length(body) AS size FROM log WHERE {} = ?"
        " AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?)"
    )
    of_room, of_user = one.format("channel"), [one.format("channel"), one.format("other_channel")]
    return _joined(" UNION ALL ".join([of_room] * rooms + of_user * users))


@cache
def _many_ranges() -> str:
    one = (
        "SELECT sequence, length(body) AS size FROM wanted CROSS JOIN log"
        " WHERE {} = wanted.channel AND sequence > low AND sequence <= min(high, top)"
    )
    return (
        "WITH wanted AS (SELECT value ->> 0 AS channel, value ->> 1 AS low, value ->> 2 AS high,"
        " top FROM json_each(?), (SELECT ? AS top)), "
        + _joined(
            f"{one.format('log.channel')} UNION ALL {one.format('log.other_channel')}"
            " AND wanted.channel LIKE '@%'"
        ).removeprefix("WITH ")
    )


def _joined(parts: str) -> str:
    """Return a statement for a page: its encoded events, its last sequence, its rows, all rows.

    The running sum of the sizes ends the page at the size of a response; no body beyond is read.
    """
    return (
        "WITH found AS MATERIALIZED ("
        " SELECT sequence, sum(size) OVER (ORDER BY sequence) AS total"
        f" FROM (SELECT * FROM ({parts}) ORDER BY sequence LIMIT ?)"
        ") SELECT CAST(group_concat(body, '') AS BLOB), max(sequence), count(*),"
        " (SELECT count(*) FROM found)"
        " FROM (SELECT sequence, body FROM found CROSS JOIN log USING (sequence) WHERE total <= ?"
        " OR sequence = (SELECT min(sequence) FROM found WHERE sequence >= ?)"
        " ORDER BY sequence)"
    )


# The sizes are summed up first, so that only the bodies that fit are read.
_BLOCK = """
WITH sized AS (
  SELECT sequence, sum(size) OVER (ORDER BY sequence) AS total FROM (
    SELECT sequence, length(body) AS size FROM log
    WHERE sequence > :after AND sequence <= :up_to ORDER BY sequence LIMIT :rows
  )
), fits AS MATERIALIZED (
  SELECT max(coalesce(max(sequence) FILTER (WHERE total <= :bytes), 0), min(sequence)) AS last,
    count(*) < :rows AND max(total) <= :bytes AS whole
  FROM sized
)
SELECT iif(last IS NULL OR whole, :up_to, last), CAST(group_concat(body, '') AS BLOB),
  json_group_array(sequence), json_group_array(length(body)), group_concat(channels, x'0a')
FROM fits LEFT JOIN (
  SELECT sequence, body,
    channel || iif(other_channel IS NULL, '', ' ' || other_channel) AS channels FROM log
  WHERE sequence > :after AND sequence <= (SELECT last FROM fits) AND channel IS NOT NULL
  ORDER BY sequence
) ON TRUE
"""


def block(connection: apsw.Connection, after: int, up_to: int) -> Block:
    """Read all events of the log between two sequences, about a page."""
    values: dict[str, Value] = {
        "after": after,
        "up_to": up_to,
        "rows": limits.MAX_PAGE_ROWS,
        "bytes": limits.MAX_BLOCK_BYTES,
    }
    last, encoded, sequences, sizes, channels = row(connection, _BLOCK, values)
    if encoded is None:
        return Block(after, last)
    of_each = map(str.split, channels.split("\n"))
    return Block.of(after, last, json.loads(sequences), json.loads(sizes), of_each, encoded)


def past(connection: apsw.Connection, number: int, after: int) -> list[Range]:
    """Return the ranges after a sequence that a user may see in rooms that they left."""
    (found,) = row(
        connection,
        "SELECT json_group_array(json_array('#' || room, from_sequence, to_sequence - 1))"
        " FROM members WHERE user = ? AND to_sequence > ?",
        (number, after),
    )
    return [(channel, low, high) for channel, low, high in json.loads(found)]


# ------------------------------------------------------------------ messages


def message(
    connection: apsw.Connection, sequence: int
) -> tuple[int, tuple[str, ...], bytes, bool] | None:
    """Read a message: its author, channels, body, and whether it was deleted."""
    found = row(
        connection,
        "SELECT author, channel, other_channel, body,"
        " EXISTS (SELECT 1 FROM log WHERE target = m.sequence AND kind = ?)"
        " FROM log AS m WHERE sequence = ? AND kind = ?",
        (DELETED, sequence, MESSAGE),
    )
    if found is None:
        return None
    author, topic, too, body, deleted = found
    return author, (topic,) if too is None else (topic, too), body, bool(deleted)


def placed(connection: apsw.Connection, sequence: int) -> StoredEvent | None:
    """Read an event without its content; None if there is none that streams receive."""
    found = row(
        connection,
        "SELECT kind, time, author, channel, other_channel FROM log"
        " WHERE sequence = ? AND channel IS NOT NULL",
        (sequence,),
    )
    if found is None:
        return None
    kind, time, author, channel, other = found
    channels = (channel,) if other is None else (channel, other)
    return StoredEvent(sequence, kind, time, author, channels)


def first_answer(
    connection: apsw.Connection, author: int, request_id: str, digest: bytes
) -> tuple[int, int]:
    """Find the sequence and time of a request's first outcome; both are 0 if there is none."""
    found = row(
        connection,
        "SELECT sequence, time FROM log WHERE author = ? AND request_id = ? AND digest = ?",
        (author, request_id, digest),
    )
    return (found[0], found[1]) if found is not None else (0, 0)


def latest(
    connection: apsw.Connection,
    channels: tuple[str, ...],
    before: int,
    after: int,
    limit: int,
) -> list[int]:
    """Find the newest messages of a conversation between two sequences, without the two."""
    (found,) = row(
        connection,
        "SELECT json_group_array(sequence) FROM (SELECT sequence FROM log"
        f" WHERE channel = ? AND other_channel {'IS NULL' if len(channels) == 1 else '= ?'}"
        " AND kind = 0 AND sequence < ? AND sequence > ? ORDER BY sequence DESC LIMIT ?)",
        (*channels, before, after, limit),
    )
    numbers: list[int] = json.loads(found)
    return numbers


# A page holds the newest messages of `:wanted` up to the one that brings it to `:bytes`. Without
# this limit a page of the longest texts would be read as a whole, to return a part of it.
_NOW = """
WITH sized AS MATERIALIZED (
  SELECT key, sequence, length(body) AS size,
    (SELECT e.sequence FROM log AS e WHERE e.target = log.sequence AND e.kind = :edited
     ORDER BY e.sequence DESC LIMIT 1) AS edit
  FROM json_each(:wanted) JOIN log ON sequence = value AND kind = :message
), page AS MATERIALIZED (
  SELECT sequence, edit FROM (
    SELECT sequence, edit, sum(shown) OVER (ORDER BY key) - shown AS before FROM (
      SELECT key, sequence, edit, coalesce(
        (SELECT length(e.body) FROM log AS e WHERE e.sequence = edit), size) AS shown FROM sized))
  WHERE before < :bytes
)
SELECT
  (SELECT CAST(group_concat(body, '') AS BLOB) FROM page JOIN log USING (sequence)),
  (SELECT CAST(group_concat(body, '') AS BLOB) FROM page JOIN log AS e ON e.sequence = edit),
  (SELECT json_group_array(sequence) FROM page
   WHERE EXISTS (SELECT 1 FROM log AS d WHERE d.target = page.sequence AND d.kind = :deleted)),
  (SELECT json_group_array(json_array(target, emoji, users, mine)) FROM (
    SELECT target, emoji, count(*) AS users, max(user = :reader) AS mine
    FROM page JOIN reactions ON target = sequence GROUP BY target, emoji
    ORDER BY target, users DESC, emoji))
"""

_PAGE_BYTES = limits.MAX_PAGE_BYTES * 5 // 4
"""A listed message and its event have nearly the same size, so that a page of this many bytes of
events is more than a response holds."""


def as_they_are(connection: apsw.Connection, wanted: Sequence[int], reader: int) -> Now:
    """Read messages with their newest edits and their reactions, as a user sees them.

    Those of the end of `wanted` are left out if the others fill a response.
    """
    messages, edits, deleted, reactions = row(
        connection,
        _NOW,
        {
            "wanted": json.dumps(wanted),
            "reader": reader,
            "bytes": _PAGE_BYTES,
            "message": MESSAGE,
            "edited": EDITED,
            "deleted": DELETED,
        },
    )
    return Now(messages or b"", edits or b"", json.loads(deleted), json.loads(reactions))


# ------------------------------------------------------------------ conversations

# `:head` freezes the order, so that new messages move nothing while a caller reads page after page.
# Deleted messages are not unread.
_CONVERSATIONS = """
WITH listed (channel, too, name, created) AS (
  SELECT key, NULL, key, value FROM json_each(:rooms)
  UNION ALL
  SELECT '@' || min(user, other), iif(user = other, NULL, '@' || max(user, other)), '@' || other, 0
  FROM directs WHERE user = :reader
), sorted AS (
  SELECT channel, too, name, coalesce(iif(too IS NULL,
    (SELECT sequence FROM log WHERE log.channel = listed.channel AND other_channel IS NULL
     AND kind = 0 AND sequence <= :head AND sequence > created ORDER BY sequence DESC LIMIT 1),
    (SELECT sequence FROM log WHERE log.channel = listed.channel AND other_channel = too
     AND kind = 0 AND sequence <= :head ORDER BY sequence DESC LIMIT 1)), 0) AS last
  FROM listed
), page AS (
  SELECT channel, too, name, last, coalesce((SELECT sequence FROM read_markers
    WHERE user = :reader AND conversation = name), 0) AS read
  FROM sorted WHERE last < :last OR (last = :last AND name > :name)
  ORDER BY last DESC, name LIMIT :limit
)
SELECT json_group_array(json_array(name, last, read, iif(too IS NULL,
  (SELECT count(*) FROM (SELECT 1 FROM log AS m
    WHERE m.channel = page.channel AND other_channel IS NULL
    AND kind = 0 AND author != :reader AND sequence > read
    AND NOT EXISTS (SELECT 1 FROM log WHERE target = m.sequence AND kind = 3) LIMIT :most)),
  (SELECT count(*) FROM (SELECT 1 FROM log AS m
    WHERE m.channel = page.channel AND other_channel = too
    AND kind = 0 AND author != :reader AND sequence > read
    AND NOT EXISTS (SELECT 1 FROM log WHERE target = m.sequence AND kind = 3) LIMIT :most)))))
FROM page
"""


def conversations(connection: apsw.Connection, **wanted: Any) -> list[tuple[str, int, int, int]]:
    """Read a page of a user's conversations: name, last message, read marker, unread messages.

    Takes `reader`, `rooms` (for each channel the sequence of its creation), `head`, `last` and
    `name` (of the last conversation of the page before), `limit`, and `most` (the maximum count).
    """
    values = wanted | {"rooms": json.dumps(wanted["rooms"])}
    (found,) = row(connection, _CONVERSATIONS, values)
    return [(name, last, read, unread) for name, last, read, unread in json.loads(found)]


def rooms(connection: apsw.Connection) -> list[Room]:
    """Read all rooms with their members. Used once, at the start."""
    found = {
        key: Room(key, name, topic, bool(invite_only), created)
        for key, name, topic, invite_only, created in rows(
            connection, "SELECT key, name, topic, invite_only, created FROM rooms"
        )
    }
    members = rows(
        connection,
        "SELECT room, role, from_sequence, number, name, key, guest"
        " FROM members JOIN users ON user = number WHERE to_sequence IS NULL",
    )
    for key, role, since, number, name, name_key, guest in members:
        user = user_of((number, name, name_key, guest))
        found[key].add(Member(user, role, since))
    for key, number in rows(connection, "SELECT room, user FROM invites"):
        found[key].invited.add(number)
    return list(found.values())


def deleted_rooms(connection: apsw.Connection) -> list[DeletedRoom]:
    """Read the deleted rooms whose messages are not all erased yet, the oldest first."""
    found = rows(
        connection,
        "SELECT d.sequence, channel, number, name, users.key, guest FROM deleted_rooms AS d"
        " JOIN users ON number = d.user ORDER BY d.sequence",
    )
    return [DeletedRoom(sequence, channel, user_of(user)) for sequence, channel, *user in found]


def messages_of(
    connection: apsw.Connection, room: DeletedRoom, after: int, limit: int
) -> list[tuple[int, bool]]:
    """Read messages of a deleted room after a sequence: sequence, and whether it is erased."""
    (found,) = row(
        connection,
        "SELECT json_group_array(json_array(sequence, EXISTS"
        "  (SELECT 1 FROM log AS d WHERE d.target = m.sequence AND d.kind = :deleted)))"
        " FROM (SELECT sequence FROM log WHERE channel = :channel AND kind = :message"
        "  AND sequence > :after AND sequence < :before ORDER BY sequence LIMIT :limit) AS m",
        {
            "deleted": DELETED,
            "channel": room.channel,
            "message": MESSAGE,
            "after": after,
            "before": room.sequence,
            "limit": limit,
        },
    )
    return [(sequence, bool(erased)) for sequence, erased in json.loads(found)]
