"""The word index: a database of its own beside the log, which can be rebuilt from the log.

It has its own file and its own writing connection, so that no commit of the log ever waits for
it or fails with it. It follows the log event by event: a message adds its text, an edit replaces
it, a deletion removes it. `state` names the log and the last event that was taken in, in the same
transaction as the words. Everything here blocks; `Indexer` runs it in threads.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw
from google.protobuf.message import DecodeError

from chat_grpc.core.entry import DELETED, EDITED, MESSAGE
from chat_grpc.core.history import events_of
from chat_grpc.core.words import FORM, place_words, searchable
from chat_grpc.journal.database import Value, connect, row, rows, run, transaction
from chat_grpc.v1 import chat_pb2

FILE = "search.db"
"""The index's file in the folder of the store."""

_VERSION = 1
"""The version of the schema; an index of another version is rebuilt."""

CHUNK_ROWS = 512
CHUNK_BYTES = 32 * 1024
"""Events, and bytes of encoded events, that one step takes in; one event may be larger."""

_REMOVAL_BYTES = 4096
_PRUNE_ROWS = 100
_PRUNE_SECONDS = 0.05
_WAL_BYTES = 4 * 1024 * 1024

_SCHEMA = """
CREATE TABLE state (
  version  INTEGER NOT NULL,
  form     INTEGER NOT NULL,  -- of the texts: `words.FORM`
  log_id   TEXT NOT NULL,
  position INTEGER NOT NULL,  -- every event up to this sequence was taken in
  chain    INTEGER NOT NULL   -- the checksum of that event's row in the log
) STRICT;
CREATE VIRTUAL TABLE words USING fts5 (
  text, place, columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Mn Mc So Co'"
);
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
"""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive events of the log for the index."""

    last: int
    """The sequence of the last event, or of the last one that is no longer kept."""
    chain: int
    """The chain checksum of its row."""
    pruned: int
    """Events up to this sequence are no longer kept."""
    events: bytes
    """The encoded messages, edits and deletions, joined."""
    sizes: Sequence[int]
    """The size of each of them in bytes."""
    channels: Sequence[str]
    """For each of them its channels, separated by a space."""


@dataclass(frozen=True, slots=True)
class Position:
    """The position of an index, and its log."""

    log_id: str
    sequence: int
    chain: int


# ------------------------------------------------------------------ the log's side

# Only messages, edits and deletions count for the size of a chunk. To remove the words of a long
# text may take 0.1 s, so an edit or a deletion counts for more than its bytes.
_CHUNK = """
WITH sized AS (
  SELECT sequence, chain, sum(size) OVER (ORDER BY sequence) AS total FROM (
    SELECT sequence, chain, iif(kind = :message, length(body),
      iif(kind IN (:edited, :deleted), length(body) + :removal, 0)) AS size
    FROM log WHERE sequence > :after ORDER BY sequence LIMIT :rows
  )
), last AS MATERIALIZED (
  SELECT sequence, chain FROM sized
  WHERE total <= :bytes OR sequence = (SELECT min(sequence) FROM sized)
  ORDER BY sequence DESC LIMIT 1
)
SELECT coalesce((SELECT sequence FROM last), (SELECT pruned FROM store)),
  coalesce((SELECT chain FROM last), (SELECT pruned_chain FROM store)),
  (SELECT pruned FROM store),
  CAST(group_concat(body, '') AS BLOB), json_group_array(length(body)),
  group_concat(channels, x'0a')
FROM (
  SELECT body, coalesce(channel, '') || coalesce(' ' || other_channel, '') AS channels FROM log
  WHERE sequence > :after AND sequence <= (SELECT sequence FROM last)
  AND kind IN (:message, :edited, :deleted) ORDER BY sequence
)
"""


def next_chunk(log: apsw.Connection, after: int) -> Chunk:
    """Read the next events of the log after a sequence; `last` says if there are any."""
    last, chain, pruned, events, sizes, channels = row(
        log,
        _CHUNK,
        {
            "after": after,
            "rows": CHUNK_ROWS,
            "bytes": CHUNK_BYTES,
            "removal": _REMOVAL_BYTES,
            "message": MESSAGE,
            "edited": EDITED,
            "deleted": DELETED,
        },
    )
    listed = channels.split("\n") if channels is not None else []
    return Chunk(last, chain, pruned, events or b"", json.loads(sizes), listed)


def follows(log: apsw.Connection, at: Position) -> bool:
    """Return whether an index at a position can continue with this log.

    It cannot if the log is another one, a copy with another history, or if it no longer keeps the
    event that would prove this.
    """
    log_id, pruned, chain = row(log, "SELECT log_id, pruned, pruned_chain FROM store")
    if log_id != at.log_id:
        return False
    if at.sequence == 0:
        return True
    if at.sequence == pruned:
        return bool(chain == at.chain)
    # Superseded read markers leave the log; the last of a run of them leaves its chain.
    found = row(
        log,
        "SELECT chain FROM log WHERE sequence = :at"
        " UNION ALL SELECT chain FROM gaps WHERE sequence = :at",
        {"at": at.sequence},
    )
    return found is not None and bool(found[0] == at.chain)


# ------------------------------------------------------------------ the index's side


def remove(path: Path) -> None:
    """Remove the index's files, if there are any. No connection to them may be open."""
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def open_index(
    path: Path | None, *, fresh: bool = False, vfs: str | None = None
) -> apsw.Connection:
    """Open the connection that writes; None is an index in memory. `fresh` starts an empty file.

    A power cut may cost the newest transactions, but leaves the index consistent: its position
    says what is in it, and the log has the rest.
    """
    if path is not None:
        if fresh:
            remove(path)
        path.touch(mode=0o600)
    connection = connect(path, vfs=vfs)
    try:
        run(connection, "PRAGMA secure_delete = ON")
        if path is not None:
            run(connection, "PRAGMA journal_mode = WAL")
            run(connection, "PRAGMA synchronous = NORMAL")
            run(connection, f"PRAGMA journal_size_limit = {_WAL_BYTES}")
    except BaseException:
        connection.close()
        raise
    return connection


def begin(connection: apsw.Connection, log_id: str) -> Position | None:
    """Return the position of the index; create its tables in an empty file first.

    Return None if the file is of another version.
    """
    if row(connection, "SELECT 1 FROM sqlite_schema") is None:
        with transaction(connection):
            run(connection, _SCHEMA)
            run(connection, "INSERT INTO state VALUES (?,?,?,0,0)", (_VERSION, FORM, log_id))
    return position(connection)


def position(connection: apsw.Connection) -> Position | None:
    """Return the position of the index; None if it is empty or of another version."""
    if row(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'state'") is None:
        return None
    version, form, *found = row(
        connection, "SELECT version, form, log_id, position, chain FROM state"
    )
    return Position(*found) if (version, form) == (_VERSION, FORM) else None


def take(connection: apsw.Connection, chunk: Chunk) -> bool:
    """Take in a chunk in one transaction; return whether words were removed."""
    news = _news(chunk)
    with transaction(connection):
        old = [target for target, (is_new, *_) in news.items() if not is_new]
        for target in old:
            run(connection, "DELETE FROM words WHERE rowid = ?", (target,))
        values: list[Value] = []
        for target, (_, text, place) in news.items():
            if text:
                values += (target, text, place)
        if values:
            marks = ",".join(["(?,?,?)"] * (len(values) // 3))
            run(connection, f"INSERT INTO words (rowid, text, place) VALUES {marks}", values)
        run(connection, "UPDATE state SET (position, chain) = (?,?)", (chunk.last, chunk.chain))
    return bool(old)


def _news(chunk: Chunk) -> dict[int, tuple[bool, str, str]]:
    """Find the new text and place of each message that a chunk concerns; empty for none.

    The first value says that the message itself is in the chunk, so that the index has nothing of
    it yet. A text that was deleted later is empty in the log already.
    """
    news: dict[int, tuple[bool, str, str]] = {}
    for event, channels in zip(_decoded(chunk), chunk.channels, strict=True):
        if event.HasField("message"):
            target, is_new, text = event.sequence, True, event.message.text
        elif event.HasField("edited"):
            target, text = event.edited.target_sequence, event.edited.message.text
            is_new = target in news and news[target][0]
        elif event.HasField("deleted"):
            target, text = event.deleted.target_sequence, ""
            is_new = target in news and news[target][0]
        else:
            continue
        if target > chunk.pruned:
            news[target] = is_new, searchable(text), place_words(channels.split())
    return news


def _decoded(chunk: Chunk) -> Sequence[chat_pb2.Event]:
    """Decode the events of a chunk; one that cannot be decoded is empty, and the others count."""
    try:
        return events_of(chunk.events)
    except DecodeError:
        decoded, at = [], 0
        for size in chunk.sizes:
            try:
                (event,) = events_of(chunk.events[at : at + size])
            except (DecodeError, ValueError):
                event = chat_pb2.Event()
            decoded.append(event)
            at += size
        return decoded


def prune(connection: apsw.Connection, before: int) -> bool:
    """Remove some messages before a sequence; return whether more may be left."""
    end = time.monotonic() + _PRUNE_SECONDS
    with transaction(connection):
        old = rows(
            connection,
            "SELECT rowid FROM words WHERE rowid < ? ORDER BY rowid LIMIT ?",
            (before, _PRUNE_ROWS),
        )
        for found in old:
            run(connection, "DELETE FROM words WHERE rowid = ?", found)
            if time.monotonic() > end:
                break
    return bool(old)


def empty_log(connection: apsw.Connection) -> bool:
    """Empty the index's write-ahead log; return False if a reader was in the way."""
    (busy, *_) = row(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
    return not busy
