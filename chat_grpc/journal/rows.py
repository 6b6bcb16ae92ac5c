"""The rows of the log, and the checksums by which damage is found.

- `sum` covers what may be written anew later: the body, which loses a deleted text, and the request
  id, which is forgotten after a while.
- `chain` covers the rest of the row and the chain of the row before: a row that is missing,
  changed, or out of place breaks it from there on.

Both are CRC-32 (ISO-HDLC): they find damage, not forgery.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from chat_grpc.core.entry import Entry
from chat_grpc.core.user import User
from chat_grpc.journal.database import Value

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
        channels[0],
        channels[1] if len(channels) > 1 else None,
        command.target or None,
        request_id or None,
        digest if request_id else None,
        outcome.encoded,
        0,
        0,
    ]


def seal(values: list[Value], chain: int) -> int:
    """Sets the checksums of rows whose values follow one another; gives the last chain."""
    for at in range(0, len(values), WIDTH):
        row = values[at : at + WIDTH]
        values[at + _SUM] = sum_of(*row[_REQUEST_ID:_SUM])
        values[at + _CHAIN] = chain = link(row[:_REQUEST_ID], chain)
    return chain


def sum_of(request_id: Value, digest: Value, body: Value) -> int:
    """Gives the checksum of what may be written anew."""
    assert isinstance(body, bytes)
    if request_id is None:
        return zlib.crc32(body)
    assert isinstance(request_id, str)
    assert isinstance(digest, bytes)
    return zlib.crc32(body, zlib.crc32(digest, zlib.crc32(request_id.encode())))


def link(row: Sequence[Value], chain: int) -> int:
    """Gives the checksum of what stays, begun with that of the row before."""
    return zlib.crc32(repr(tuple(row)).encode(), chain)


def damage(rows: Iterable[Sequence[Value]], chain: int | None) -> tuple[str, int | None]:
    """Checks rows in the order of the log, each with its values in the order of `COLUMNS`.

    `chain` is that of the row before, None where it is not known. Gives what is wrong, empty for
    nothing, and the last chain.
    """
    for row in rows:
        sequence = row[0]
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


def user_of(row: tuple[int, str, str, int]) -> User:
    """Makes a user of a row of `users`."""
    number, name, key, guest = row
    return User(number, name, key, bool(guest))
