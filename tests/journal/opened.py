"""A separate journal for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fake_time import FakeTime
from journal.asking import TIME, Ask
from support import eventually

from chat_grpc.core.entry import Command, Entry, RequestKey
from chat_grpc.core.tail import Page
from chat_grpc.journal.sqlite import SqliteJournal


class Opened:
    """A journal under test, with the entries that it delivered."""

    def __init__(self, journal: SqliteJournal) -> None:
        self.journal = journal
        self.back: list[Entry] = []
        self.transactions = 0
        """Commits with entries. Others note that a token was used."""

    def append(
        self, text: str, request_id: str = "", author: int = 1, channel: str = "#lobby"
    ) -> Entry:
        """Append an entry."""
        key = RequestKey(request_id, text.encode())
        entry = Entry(Command(author, (channel,), text.encode(), TIME, key), None)
        self.journal.append(entry)
        return entry

    def ask(self, ask: Ask) -> Entry:
        """Append a command."""
        entry = ask.make()
        self.journal.append(entry)
        return entry

    async def answer(self, ask: Ask) -> Entry:
        """Append a command, and wait until it is delivered."""
        entry = self.ask(ask)
        await eventually(lambda: entry in self.back)
        return entry

    async def page(self, *channels: str, after: int = 0) -> Page:
        """Read a page of some channels."""
        head = self.journal.head
        return await self.journal.read(
            [(channel, after, head) for channel in channels], after, head
        )

    async def all_back(self, count: int) -> None:
        """Wait until a number of entries was delivered."""
        await eventually(lambda: len(self.back) == count)


@asynccontextmanager
async def opened(folder: Path | None, *, vfs: str | None = None) -> AsyncIterator[Opened]:
    """Open a journal."""
    journal = SqliteJournal(folder, clock=FakeTime().clock(), vfs=vfs)
    this = Opened(journal)

    def committed(entries: Sequence[Entry]) -> None:
        this.back.extend(entries)
        this.transactions += bool(entries)

    await journal.open(committed)
    try:
        yield this
    finally:
        await journal.close()
