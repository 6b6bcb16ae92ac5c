"""Stores for the scenarios, written by the project's own journal."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, product
from pathlib import Path

from chat_grpc.core.entry import NO_KEY, Command, Entry
from chat_grpc.core.events import message_content, to_room
from chat_grpc.core.intake import direct_channels
from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.core.user import User
from chat_grpc.journal.sqlite import SqliteJournal
from chat_grpc.system_clock import event_clock

_LOBBY = to_room("lobby")
_LOBBY_ONLY: tuple[str, ...] = (LOBBY_CHANNEL,)

Said = tuple[int | None, str]
"""A message: its addressee, counted from 0, or None for the lobby; and its text."""

RARE, FREQUENT, PHRASE = "zanzibar", "meeting", "quarterly budget review"
RARE_TIMES, PHRASE_TIMES = 7, 20
"""The number of messages that contain them, in talk of a thousand messages or more."""


@dataclass(frozen=True)
class Made:
    """The facts about a store that the generator needs."""

    folder: Path
    log_id: str
    before: int
    """The sequence before the first message."""
    head: int


def token(number: int) -> str:
    """Return the token of a user, counted from 0."""
    return f"bench-{number}"


def make(folder: Path, users: int, said: Iterable[Said], *, in_order: bool = False) -> Made:
    """Write a store of guests and their messages, in turn; index all words.

    The journal lets authors take turns, so the messages of several do not keep their order. With
    `in_order` one further guest is the author of all.
    """
    return asyncio.run(_make(folder, users, said, in_order=in_order))


async def _make(folder: Path, users: int, said: Iterable[Said], *, in_order: bool) -> Made:
    journal = SqliteJournal(folder, clock=event_clock())
    wrong: list[Entry] = []
    await journal.open(
        lambda entries: wrong.extend(e for e in entries if e.outcome.error is not None)
    )
    guests = (
        journal.add_guest(f"user{i}", f"user{i}", hashlib.sha256(token(i).encode()).digest())
        for i in range(users + in_order)
    )
    known = await asyncio.gather(*guests)
    authors = known[users:] if in_order else known
    before = journal.head
    for count, (to, text) in enumerate(said):
        author = authors[count % len(authors)]
        other = known[to] if to is not None else None
        journal.append(_entry(author, other, text.encode()))
        if count % 1000 == 999:
            await asyncio.sleep(0)
            await journal.drained(author.number)
    await journal.close()
    if wrong:
        raise wrong[0].outcome.error or RuntimeError
    journal = SqliteJournal(folder, clock=event_clock())
    await journal.open(lambda _: None)
    await journal.index.reach(journal.head, None)
    await journal.close()
    return Made(folder, journal.log_id, before, journal.head)


def _entry(author: User, to: User | None, text: bytes) -> Entry:
    now = time.time_ns()
    target, channels = _LOBBY, _LOBBY_ONLY
    if to is not None:
        target, channels = to.addressee, direct_channels(author, to)
    content = message_content(now, author.author, target, text)
    return Entry(Command(author.number, channels, content, now, NO_KEY), None)


def numbered(count: int, size: int) -> Iterator[Said]:
    """Yield messages to the lobby whose order the generator can check."""
    for number in range(count):
        yield None, f"PB1.M{0:016x}{0:08x}{number:08x}".ljust(size, "x")


def talk(count: int, users: int) -> Iterator[Said]:
    """Yield messages of words with natural frequencies: few are frequent, most are rare."""
    chance = random.Random(4)
    words = ["".join(parts) for parts in product(_SYLLABLES, repeat=3)]
    chance.shuffle(words)
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(words))))
    clauses = [chance.choices(words, cum_weights=weights, k=6) for _ in range(20_000)]
    rare = {count * n // RARE_TIMES for n in range(RARE_TIMES)}
    phrase = {count * n // PHRASE_TIMES + 1 for n in range(PHRASE_TIMES)}
    for number in range(count):
        text = [*chance.choice(clauses), *chance.choice(clauses)]
        if number % 10 == 3:
            text[2] = FREQUENT
        if number % 50 == 7:  # the words of the phrase, but apart
            text[0], text[4], text[8] = PHRASE.split()
        if number in rare:
            text[5] = RARE
        if number in phrase:
            text[9] = PHRASE
        to_all = number % 11 or number in rare or number in phrase
        yield None if to_all else (number + 1) % users, " ".join(text)


_SYLLABLES = [a + b for a, b in product("bdfgklmnprstvz", "aeiou")]
