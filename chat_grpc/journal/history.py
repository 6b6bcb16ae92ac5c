"""What was written, read back: messages, conversations, words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import apsw

from chat_grpc.core.entry import RequestKey
from chat_grpc.core.history import Now, message_of, stored_messages
from chat_grpc.core.stream import FOREVER, Range
from chat_grpc.core.user import User
from chat_grpc.core.words import match
from chat_grpc.journal import queries
from chat_grpc.journal.database import transaction
from chat_grpc.journal.reader import Reader
from chat_grpc.journal.rows import user_of
from chat_grpc.v1 import chat_pb2

MOST_UNREAD = 1000
"""Counting unread messages ends here; the contract says so."""


@dataclass(frozen=True, slots=True)
class Found:
    """A message of the log as it was written."""

    author: int
    channels: tuple[str, ...]
    message: chat_pb2.Message
    deleted: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """One conversation of a user."""

    name: str
    """`#room`, or `@number` of the other side."""
    position: int
    """The sequence of the message by which it is placed among the others; 0 for none."""
    last: chat_pb2.StoredMessage | None
    read: int
    unread: int
    """At most `MOST_UNREAD`."""
    other: User | None
    """The other side of a direct conversation."""


class History:
    """Reads the tables that the log leads to. Belongs to the event loop.

    Who may read what is the caller's question. Every method raises `StorageFailed` where the
    store fails, and `StorageBusy`.
    """

    def __init__(self, reader: Reader, indexed: Callable[[], Awaitable[None]]) -> None:
        """`indexed` waits until the index of words is at the head of the log."""
        self._reader = reader
        self._indexed = indexed

    async def past(self, user: User, after: int) -> list[Range]:
        """Finds what a user may see, after a sequence, of rooms that they left."""
        return await self._reader.run(partial(queries.past, number=user.number, after=after))

    async def message(self, sequence: int) -> Found | None:
        """Finds a message, deleted or not."""
        found = await self._reader.run(partial(queries.message, sequence=sequence))
        if found is None:
            return None
        author, channels, body, deleted = found
        return Found(author, channels, message_of(body), deleted)

    async def first_answer(self, author: User, key: RequestKey) -> tuple[int, int]:
        """Finds what a request made when it came first: its sequence, and its time in nanoseconds.

        Both are 0 where it never came, or was refused.
        """
        if not key.request_id:
            return 0, 0
        request_id, digest = key
        return await self._reader.run(
            partial(
                queries.first_answer, author=author.number, request_id=request_id, digest=digest
            )
        )

    async def messages(
        self, channels: tuple[str, ...], reader: User, *, before: int, after: int, limit: int
    ) -> list[chat_pb2.StoredMessage]:
        """Reads the newest messages of a conversation, between two sequences, the newest first."""
        find = partial(queries.latest, topics=channels, before=before, after=after, limit=limit)
        return await self._described(find, reader)

    async def search(
        self, query: str, places: Sequence[str], reader: User, *, before: int, limit: int
    ) -> list[chat_pb2.StoredMessage]:
        """Finds the newest messages with some words, before a sequence; see `words.match`."""
        expression = match(query, places)
        if not expression:
            return []
        await self._indexed()
        find = partial(queries.matching, match=expression, before=before, limit=limit)
        return await self._described(find, reader)

    async def _described(
        self, find: Callable[..., list[int]], reader: User
    ) -> list[chat_pb2.StoredMessage]:
        def read(connection: apsw.Connection) -> Now:
            # At one moment: what is found is not changed before it is described.
            with transaction(connection, "DEFERRED"):
                return queries.as_they_are(connection, find(connection), reader.number)

        return stored_messages(await self._reader.run(read))

    async def conversations(
        self,
        reader: User,
        rooms: Sequence[str],
        *,
        head: int,
        after: tuple[int, str] = (FOREVER, ""),
        limit: int,
    ) -> list[Overview]:
        """Reads a page of a user's conversations, the one with the newest message first.

        `rooms` are the channels of the user's rooms. Messages after `head` move nothing; `after` is
        the position and name of the last conversation of the page before.
        """
        last, name = after
        page = await self._reader.run(
            partial(
                queries.conversations,
                reader=reader.number,
                rooms=rooms,
                head=head,
                last=last,
                name=name,
                limit=limit,
                most=MOST_UNREAD,
            )
        )
        sequences = [last for _, last, _, _ in page if last]
        now = await self._reader.run(
            partial(queries.as_they_are, wanted=sequences, reader=reader.number)
        )
        messages = {stored.sequence: stored for stored in stored_messages(now)}
        numbers = [int(name[1:]) for name, *_ in page if name[0] == "@"]
        rows = await self._reader.run(partial(queries.users, numbers=numbers))
        others = {user.number: user for user in map(user_of, rows)}
        return [
            Overview(
                name,
                last,
                messages.get(last),
                read,
                unread,
                others.get(int(name[1:])) if name[0] == "@" else None,
            )
            for name, last, read, unread in page
        ]
