"""Stores that scenarios start from, written by the project's own journal."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from chat_grpc.core.entry import NO_KEY, Entry, User
from chat_grpc.core.events import message_content, to_room
from chat_grpc.core.intake import direct_topics
from chat_grpc.core.stream import LOBBY_TOPIC
from chat_grpc.journal.sqlite import SqliteJournal

_LOBBY = to_room("lobby")
_LOBBY_ONLY: tuple[str, ...] = (LOBBY_TOPIC,)


@dataclass(frozen=True)
class Made:
    """What the generator needs to know of a store."""

    log_id: str
    before: int
    """The sequence before the first message."""
    head: int


def token(number: int) -> str:
    """Gives the token of the user who was stored so far down the list, from 0."""
    return f"bench-{number}"


def make(folder: Path, users: int, messages: Iterator[tuple[User | None, bytes]]) -> Made:
    """Makes a store of guests, and of messages by them: to whom (None: to all), and the text.

    The authors take turns.
    """
    return asyncio.run(_make(folder, users, messages))


async def _make(folder: Path, users: int, messages: Iterator[tuple[User | None, bytes]]) -> Made:
    with ThreadPoolExecutor(1) as pool:
        journal = SqliteJournal(folder, pool=pool, nanoseconds=time.time_ns)
        wrong: list[Entry] = []
        await journal.open(lambda entries: wrong.extend(e for e in entries if e.error is not None))
        authors = await asyncio.gather(
            *(
                journal.add_guest(
                    f"user{i}", f"user{i}", hashlib.sha256(token(i).encode()).digest()
                )
                for i in range(users)
            )
        )
        before = journal.head
        for count, (to, text) in enumerate(messages):
            journal.append(_entry(authors[count % users], to, text))
            if count % 1000 == 999:
                await asyncio.sleep(0)
                await journal.drained()
        await journal.close()
        if wrong:
            raise wrong[0].error or RuntimeError
        return Made(journal.log_id, before, journal.head)


def _entry(author: User, to: User | None, text: bytes) -> Entry:
    now = time.time_ns()
    target, topics = _LOBBY, _LOBBY_ONLY
    if to is not None:
        target, topics = to.addressee, direct_topics(author, to)
    content = message_content(now, author.author, target, text)
    return Entry(author.number, topics, content, now, NO_KEY, None)


def numbered(count: int, size: int) -> Iterator[tuple[User | None, bytes]]:
    """Gives messages to all whose order the generator can check."""
    for number in range(count):
        text = b"PB1.M%016x%08x%08x" % (0, 0, number)
        yield None, text.ljust(size, b"x")
