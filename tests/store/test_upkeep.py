"""What becomes of old events, of old request ids, and of texts that were deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support import Recorder, eventually, running, store_of

from chat_grpc.core.entry import Command, Entry, RequestKey
from chat_grpc.core.events import author_bytes, message_content, to_room
from chat_grpc.core.user import User
from chat_grpc.core.words import place_words
from chat_grpc.journal import search, upkeep
from chat_grpc.journal.check import check
from chat_grpc.journal.sqlite import SqliteJournal
from chat_grpc.journal.upkeep import Retention, Upkeep
from chat_grpc.v1 import chat_pb2

DAY = 86400
NOW = 1_800_000_000
BOB = User(1, "bob", "bob")


class Kept:
    """A journal whose entries may be of any age."""

    def __init__(self, folder: Path, retention: Retention) -> None:
        self._pool = ThreadPoolExecutor(2)
        self._retention = retention
        self.journal = SqliteJournal(folder, pool=self._pool, nanoseconds=self.now)
        self._back: list[Entry] = []

    def now(self) -> int:
        """The time since 1970, in nanoseconds."""
        return NOW * 1_000_000_000

    async def open(self) -> None:
        """Opens it."""
        await self.journal.open(self._take)

    def _take(self, entries: Sequence[Entry]) -> None:
        self._back += entries

    async def close(self) -> None:
        """Closes it."""
        await self.journal.close()
        self._pool.shutdown()

    async def append(self, count: int, age: int, text: str = "word") -> list[Entry]:
        """Stores messages of an age in seconds."""
        time = (NOW - age) * 1_000_000_000
        entries = []
        for number in range(count):
            told = f"{text} {number}".encode()
            content = message_content(time, author_bytes(1, "bob"), to_room("lobby"), told)
            key = RequestKey(f"{text}-{age}-{number}", b"x" * 16)
            entries.append(Entry(Command(1, ("#lobby",), content, time, key), None))
            self.journal.append(entries[-1])
        goal = len(self._back) + count
        await eventually(lambda: len(self._back) == goal)
        return entries

    async def round(self) -> None:
        """Lets the upkeep do what there is to do."""
        await Upkeep(self.journal, self._retention, self.now).round()

    async def found(self, words: str) -> list[chat_pb2.StoredMessage]:
        """Searches."""
        return await self.journal.history.search(
            words, [place_words(["#lobby"])], BOB, before=2**62, limit=9999
        )


@asynccontextmanager
async def kept(folder: Path, **retention: float) -> AsyncIterator[Kept]:
    """Opens a journal."""
    this = Kept(folder, Retention(retention.get("seconds", 0.0), int(retention.get("size", 0))))
    await this.open()
    try:
        yield this
    finally:
        await this.close()


async def test_events_past_their_age_are_dropped(tmp_path: Path) -> None:
    """From log, history and search; the rest, the head and the checksums stay."""
    async with kept(tmp_path, seconds=3 * DAY) as this:
        old = await this.append(700, 4 * DAY, "old")
        young = await this.append(50, 2 * DAY, "young")
        assert len(await this.found("old")) == 700
        await this.round()
        assert this.journal.oldest == young[0].outcome.sequence == old[-1].outcome.sequence + 1
        assert await this.found("old") == []
        assert len(await this.found("young")) == 50
        page = await this.journal.read([("#lobby", 0, 2**62)], 0, this.journal.head)
        assert page.frames == b"".join(entry.outcome.encoded for entry in young)
    assert check(store_of(tmp_path)) == []
    async with kept(tmp_path) as this:
        assert this.journal.oldest == young[0].outcome.sequence
        [after] = await this.append(1, 0, "after")
        assert after.outcome.sequence == young[-1].outcome.sequence + 1
    assert check(store_of(tmp_path)) == []


async def test_a_log_of_which_nothing_is_kept_goes_on_counting(tmp_path: Path) -> None:
    """A sequence is never given twice."""
    async with kept(tmp_path, seconds=2 * DAY) as this:
        old = await this.append(30, 4 * DAY)
        await this.round()
    async with kept(tmp_path) as this:
        assert (this.journal.head, this.journal.oldest) == (
            old[-1].outcome.sequence,
            old[-1].outcome.sequence + 1,
        )
        [new] = await this.append(1, 0)
        assert new.outcome.sequence == old[-1].outcome.sequence + 1
    assert check(store_of(tmp_path)) == []


async def test_a_store_over_its_size_drops_its_oldest_events(tmp_path: Path) -> None:
    """But none of the last 24 hours, which a request id may still ask for."""
    async with kept(tmp_path, size=300_000) as this:
        await this.append(1000, 3 * DAY, "old" * 100)
        young = await this.append(1000, DAY // 2, "young" * 100)
        await this.round()
        assert this.journal.oldest == young[0].outcome.sequence
        await this.round()
        assert this.journal.oldest == young[0].outcome.sequence


async def test_request_ids_are_forgotten_after_a_day(tmp_path: Path) -> None:
    """An old one can be used again, a younger one is known, and the checksums hold."""
    async with kept(tmp_path) as this:
        old = await this.append(600, DAY + 10, "old")
        young = await this.append(10, DAY - 10, "young")
        await this.round()
        again = await this.append(600, DAY + 10, "old")
        known = await this.append(10, DAY - 10, "young")
        assert not any(entry.outcome.duplicate for entry in again)
        assert [entry.outcome.sequence for entry in known] == [
            entry.outcome.sequence for entry in young
        ]
        assert again[0].outcome.sequence > old[-1].outcome.sequence
    assert check(store_of(tmp_path)) == []


async def test_resuming_before_what_is_kept_is_truncated(tmp_path: Path) -> None:
    """`welcome` says so, and the stream starts at the oldest event that is kept."""
    async with kept(tmp_path, seconds=3 * DAY) as this:
        await this.append(100, 4 * DAY, "old")
        young = await this.append(5, 2 * DAY, "young")
        await this.round()
    async with running(data=str(tmp_path)) as server:
        hello = {"log_id": server._journal.log_id, "resume_after": 3}
        async with Recorder(server, name="carol", **hello) as carol:
            await eventually(lambda: carol.of("caught_up"))
            assert carol.welcome.recovery == chat_pb2.RECOVERY_TRUNCATED
            assert carol.welcome.oldest_sequence == young[0].outcome.sequence
            assert carol.texts == [f"young {n}" for n in range(5)]


def holds(folder: Path, word: str) -> list[str]:
    """Names the files in which a word stands, in any case."""
    return [
        path.name
        for path in sorted(folder.iterdir())
        if path.is_file() and word.encode() in path.read_bytes().lower()
    ]


@pytest.mark.parametrize("indexed", [True, False])
async def test_a_deleted_text_is_gone_from_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, indexed: bool
) -> None:
    """Also its edits and its words in the index, once the upkeep has been there."""
    monkeypatch.setattr(upkeep, "STEP", 0.05)
    async with running(data=str(tmp_path)) as server, Recorder(server, name="alice") as alice:
        for number in range(300):
            await alice.send(f"filling up the pages of the index {number}")
        sent = await alice.sent("a zyxwvut confession " * 20)
        edit = chat_pb2.Edit(target_sequence=sent.sequence, text="qwertzu " * 300, request_id="e")
        await alice.write(edit=edit)
        await alice.sent("after")
        if indexed:
            await server._journal._index()
        assert holds(tmp_path, "zyxwvut")
        assert holds(tmp_path, "qwertzu")
        delete = chat_pb2.DeleteMessage(target_sequence=sent.sequence, request_id="d")
        await alice.write(delete_message=delete)
        await eventually(lambda: not holds(tmp_path, "zyxwvut") + holds(tmp_path, "qwertzu"))
    assert check(store_of(tmp_path)) == []


async def test_the_index_follows_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first search does not wait for all that was written before it."""
    monkeypatch.setattr(upkeep, "STEP", 0.05)
    async with kept(tmp_path) as this:
        await this.append(2000, 0)

        async def done() -> bool:
            return await this.journal.with_writer(search.indexed) == this.journal.head

        await eventually(done)
