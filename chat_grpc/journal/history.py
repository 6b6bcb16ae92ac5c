"""Reads of stored messages: by sequence, by conversation, and by words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import apsw

from chat_grpc.core.entry import RequestKey
from chat_grpc.core.explain import StoredEvent
from chat_grpc.core.history import Now, message_of, stored_messages
from chat_grpc.core.stream import FOREVER, Range
from chat_grpc.core.user import User
from chat_grpc.core.words import match
from chat_grpc.journal import queries, user_reads
from chat_grpc.journal.database import transaction
from chat_grpc.journal.indexer import Indexer
from chat_grpc.journal.reader import LISTS, Reader
from chat_grpc.v1 import chat_pb2

_Row = tuple[str, int, int, int]
"""Name, last message, read marker, unread messages."""

MOST_UNREAD = 1000
"""Maximum count of unread messages of a conversation, as the contract says."""


@dataclass(frozen=True, slots=True)
class Found:
    """A message of the log as it was first stored."""

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
    """The sequence of its newest message, by which conversations are ordered; 0 for none."""
    last: chat_pb2.StoredMessage | None
    read: int
    unread: int
    """At most `MOST_UNREAD`."""
    other: User | None
    """The other side of a direct conversation."""


@dataclass(frozen=True, slots=True)
class FoundMessages:
    """One page of a search."""

    messages: list[chat_pb2.StoredMessage]
    """Newest first."""
    searched: int
    """The next page searches before this sequence; 0 if nothing is left to search."""


class History:
    """Reads the tables that follow from the log. Belongs to the event loop.

    The caller checks what a user may read. Every method raises `StorageFailed` or `StorageBusy`;
    those that take a `reader` use that user's share of a lane, and also raise `TooManyQueries` and
    `QueryTooCostly`.
    """

    def __init__(self, reader: Reader, index: Indexer) -> None:
        self._reader = reader
        self._index = index

    @property
    def indexed_sequence(self) -> int:
        """Searches find the messages up to this sequence."""
        return self._index.position

    @property
    def search_load(self) -> tuple[int, int]:
        """The number of searches that run, and of those that wait."""
        return self._index.load

    async def past(self, user: User, after: int) -> list[Range]:
        """Find the ranges after a sequence that a user may see in rooms that they left."""
        return await self._reader.run(partial(queries.past, number=user.number, after=after))

    async def message(self, sequence: int) -> Found | None:
        """Find a message, deleted or not."""
        found = await self._reader.run(partial(queries.message, sequence=sequence))
        if found is None:
            return None
        author, channels, body, deleted = found
        return Found(author, channels, message_of(body), deleted)

    async def placed(self, sequence: int) -> StoredEvent | None:
        """Find an event that streams receive, without its content."""
        return await self._reader.run(partial(queries.placed, sequence=sequence))

    async def first_answer(self, author: User, key: RequestKey) -> tuple[int, int]:
        """Find the first outcome of a request: its sequence, and its time in nanoseconds.

        Both are 0 if the request was never carried out.
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
        """Read the newest messages of a conversation, between two sequences, newest first."""
        find = partial(queries.latest, channels=channels, before=before, after=after, limit=limit)
        return await self._described(find, reader)

    async def search(
        self, query: str, places: Sequence[str], reader: User, *, before: int, limit: int
    ) -> FoundMessages:
        """Find the newest messages with some words, before a sequence; see `words.match`.

        Every event that was stored before the call is searched. Raises `IndexNotReady` too.
        """
        words = match(query)
        if not words or not places:
            return FoundMessages([], 0)
        hits = await self._index.find(words, places, before=before, limit=limit, user=reader.number)
        messages = await self._described(lambda _: list(hits.sequences), reader)
        searched = hits.searched
        if messages and len(messages) < len(hits.sequences):
            searched = messages[-1].sequence  # the others are too large for this page
        # The index removes a deleted message a little later.
        return FoundMessages([each for each in messages if not each.deleted], searched)

    async def _described(
        self, find: Callable[[apsw.Connection], list[int]], reader: User
    ) -> list[chat_pb2.StoredMessage]:
        def read(connection: apsw.Connection) -> Now:
            # In one transaction: a message cannot change between being found and being described.
            with transaction(connection, "DEFERRED"):
                return queries.as_they_are(connection, find(connection), reader.number)

        return stored_messages(await self._reader.run(read, LISTS, reader.number))

    async def conversations(
        self,
        reader: User,
        rooms: Mapping[str, int],
        *,
        head: int,
        after: tuple[int, str] = (FOREVER, ""),
        limit: int,
    ) -> list[Overview]:
        """Read a page of a user's conversations, the one with the newest message first.

        `rooms` has the channels of the user's rooms, with the sequences of their creation.
        Messages after `head` change no order; `after` is the position and name of the last
        conversation of the page before.
        """
        last, name = after
        find = partial(
            queries.conversations,
            reader=reader.number,
            rooms=rooms,
            head=head,
            last=last,
            name=name,
            limit=limit,
            most=MOST_UNREAD,
        )

        def read(connection: apsw.Connection) -> tuple[list[_Row], Now, dict[int, User]]:
            with transaction(connection, "DEFERRED"):
                page = find(connection)
                newest = [last for _, last, _, _ in page if last]
                numbers = [int(name[1:]) for name, *_ in page if name[0] == "@"]
                now = queries.as_they_are(connection, newest, reader.number)
                users = user_reads.users(connection, numbers)
                return page, now, {user.number: user for user in users}

        page, now, others = await self._reader.run(read, LISTS, reader.number)
        messages = {stored.sequence: stored for stored in stored_messages(now)}
        return [
            Overview(
                name,
                last,
                messages.get(last),
                read_up_to,
                unread,
                others.get(int(name[1:])) if name[0] == "@" else None,
            )
            for name, last, read_up_to, unread in page
        ]
