"""The rows of the log, and the checksums by which damage is found.

- `sum` covers the parts that may be rewritten: the body, which loses a deleted text, and the
  request id, which is forgotten after a day.
- `chain` covers the rest of the row and the chain of the row before it: a missing, changed or
  misplaced row breaks the chain. A row that is removed on purpose leaves its chain in `gaps`.

Both are CRC-32 (ISO-HDLC): they find damage, not forgery.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterable, Sequence

import apsw

from chat_grpc.core.entry import Entry
from chat_grpc.core.history import events_of
from chat_grpc.core.names import room_key
from chat_grpc.core.room_rules import channel_of
from chat_grpc.core.user import User
from chat_grpc.journal.database import Value, rows

COLUMNS = "sequence,kind,time,author,channel,other_channel,target,request_id,digest,body,sum,chain"
WIDTH = COLUMNS.count(",") + 1
_REQUEST_ID, _DIGEST, _BODY, _SUM, _CHAIN = range(WIDTH - 5, WIDTH)


def row_of(entry: Entry) -> list[Value]:
    """Return the values of an entry's row, in the order of `COLUMNS`, not yet sealed."""
    command, outcome = entry.command, entry.outcome
    channels, (request_id, digest) = outcome.channels, command.key
    return [
        outcome.sequence,
        command.kind,
        command.time,
        command.author,
        channels[0] if channels else None,
        channels[1] if len(channels) > 1 else None,
        command.target or None,
        request_id or None,
        digest if request_id else None,
        outcome.encoded,
        0,
        0,
    ]


def seal(values: list[Value], chain: int) -> int:
    """Set the checksums of rows whose values follow one another; return the last chain."""
    for at in range(0, len(values), WIDTH):
        row = values[at : at + WIDTH]
        values[at + _SUM] = sum_of(*row[_REQUEST_ID:_SUM])
        values[at + _CHAIN] = chain = link(row[:_REQUEST_ID], chain)
    return chain


def sum_of(request_id: Value, digest: Value, body: Value) -> int:
    """Return the checksum of the parts that may be rewritten."""
    assert isinstance(body, bytes)
    if request_id is None:
        return zlib.crc32(body)
    assert isinstance(request_id, str)
    assert isinstance(digest, bytes)
    return zlib.crc32(body, zlib.crc32(digest, zlib.crc32(request_id.encode())))


def link(row: Sequence[Value], chain: int) -> int:
    """Return the checksum of the other parts, continued from that of the row before."""
    return zlib.crc32(repr(tuple(row)).encode(), chain)


def gaps_between(connection: apsw.Connection, after: int, before: int) -> list[tuple[int, int]]:
    """Read the gaps between two sequences, as `damage` takes them."""
    return rows(
        connection,
        "SELECT sequence, chain FROM gaps WHERE sequence > ? AND sequence < ? ORDER BY sequence",
        (after, before),
    )


def damage(
    log: Iterable[Sequence[Value]], chain: int | None, gaps: Iterable[tuple[int, int]] = ()
) -> tuple[str, int | None]:
    """Check rows in the order of the log, each with its values in the order of `COLUMNS`.

    `chain` is that of the row before, None if it is not known; `gaps` has sequence and chain of
    rows that were removed. Returns the first damage, empty for none, and the last chain.
    """
    removed = deque(gaps)
    for row in log:
        sequence = row[0]
        assert isinstance(sequence, int)
        while removed and removed[0][0] < sequence:
            _, chain = removed.popleft()
        if not _has_its_types(row) or row[_SUM] != sum_of(*row[_REQUEST_ID:_SUM]):
            return f"the event {sequence!r} is damaged", chain
        if chain is not None and row[_CHAIN] != link(row[:_REQUEST_ID], chain):
            return f"the event {sequence!r} does not follow on the one before it", chain
        made = row[_CHAIN]
        assert isinstance(made, int)
        chain = made
    return "", chain


def _has_its_types(row: Sequence[Value]) -> bool:
    request_id, digest, body, _, chain = row[_REQUEST_ID:]
    named = request_id is None or (isinstance(request_id, str) and isinstance(digest, bytes))
    return named and isinstance(body, bytes) and isinstance(chain, int)


def conversation_of(body: bytes) -> str:
    """Return the conversation of an encoded read marker: `#room`, or the other side's `@number`."""
    marker = events_of(body)[0].read_marker
    if marker.HasField("user"):
        return f"@{marker.user.number}"
    return channel_of(room_key(marker.room))


def user_of(row: tuple[int, str, str, int]) -> User:
    """Return the user of a row of `users`."""
    number, name, key, guest = row
    return User(number, name, key, bool(guest))
