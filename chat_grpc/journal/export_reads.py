"""Reads for the export of a user's data, in small steps."""

from __future__ import annotations

import json
from functools import partial
from typing import NamedTuple

import apsw

from chat_grpc.core.entry import MESSAGE
from chat_grpc.core.history import stored_messages
from chat_grpc.core.user import User
from chat_grpc.journal.database import Value, row
from chat_grpc.journal.queries import as_they_are
from chat_grpc.journal.reader import LISTS, Reader
from chat_grpc.v1 import chat_pb2

_WINDOW = 2000
"""Entries of the log that one read examines."""

_MESSAGES = 32
"""Messages that one read returns: about 0.5 MB at most."""

_INVITATIONS = """
SELECT json_group_array(name) FROM
  (SELECT name FROM invites JOIN rooms ON key = room WHERE user = ? ORDER BY key)
"""

_MARKERS = """
SELECT json_group_array(json_array(conversation, sequence)) FROM (
  SELECT conversation, sequence FROM read_markers WHERE user = :user AND conversation > :after
  ORDER BY conversation LIMIT :limit)
"""

_WRITTEN = """
SELECT json_group_array(sequence) FROM (
  SELECT sequence FROM log WHERE sequence > :after AND sequence <= :up_to
  AND author = :user AND kind = :message ORDER BY sequence LIMIT :limit)
"""

_REACTIONS = """
SELECT json_group_array(json_array(target, emoji)) FROM (
  SELECT target, emoji FROM reactions WHERE target > :after AND target <= :up_to AND user = :user
  ORDER BY target, emoji)
"""


class Written(NamedTuple):
    """The messages and the reactions of a user in a part of the log."""

    messages: list[chat_pb2.StoredMessage]
    """As they are now, the oldest first."""
    reactions: list[tuple[int, str]]
    """The message, and the emoji."""
    last: int
    """The last sequence of the part."""


class ExportReads:
    """Reads for the export. Belongs to the event loop. Each takes the user's share of a lane.

    Each raises `StorageFailed`, `StorageBusy`, `TooManyQueries` or `QueryTooCostly`.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def invitations(self, user: User) -> list[str]:
        """Read the names of the rooms to which a user is invited."""
        find = partial(row, sql=_INVITATIONS, values=(user.number,))
        (found,) = await self._reader.run(find, LISTS, user.number)
        return [str(name) for name in json.loads(found)]

    async def markers(self, user: User, after: str, limit: int) -> list[tuple[str, int]]:
        """Read read markers of a user: conversations after one, and the sequence of each."""
        values: dict[str, Value] = {"user": user.number, "after": after, "limit": limit}
        (found,) = await self._reader.run(
            partial(row, sql=_MARKERS, values=values), LISTS, user.number
        )
        return [(conversation, sequence) for conversation, sequence in json.loads(found)]

    async def written(self, user: User, after: int, up_to: int) -> Written:
        """Read what a user wrote in the next part of the log, up to a sequence."""
        read = partial(_written, number=user.number, after=after, up_to=up_to)
        return await self._reader.run(read, LISTS, user.number)


def _written(connection: apsw.Connection, number: int, after: int, up_to: int) -> Written:
    last = min(up_to, after + _WINDOW)
    values: dict[str, Value] = {"after": after, "up_to": last, "user": number}
    (found,) = row(connection, _WRITTEN, values | {"message": MESSAGE, "limit": _MESSAGES})
    wanted = json.loads(found)
    if len(wanted) == _MESSAGES:
        last = wanted[-1]
    (reactions,) = row(connection, _REACTIONS, values | {"up_to": last})
    messages = stored_messages(as_they_are(connection, wanted, number)) if wanted else []
    made = [(target, emoji) for target, emoji in json.loads(reactions)]
    return Written(messages[::-1], made, last)
