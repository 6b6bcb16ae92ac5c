"""Retention of events, request ids and deleted texts."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from fake_time import DAY, HOUR, FakeTime
from journal.asking import ALICE, Ask, say
from journal.old_stores import old_store
from support import Recorder, eventually, running, store_of

from chat_grpc.core.clock import SECOND
from chat_grpc.core.entry import Entry
from chat_grpc.core.user import User
from chat_grpc.core.words import place_words
from chat_grpc.journal import indexer, upkeep
from chat_grpc.journal.check import check
from chat_grpc.journal.pruning import Retention
from chat_grpc.journal.sqlite import SqliteJournal
from chat_grpc.journal.upkeep import Upkeep
from chat_grpc.v1 import chat_pb2

OLD = 1_700_000_000
"""A time long ago, in seconds since 1970."""

BOB = User(1, "bob", "bob")


class Kept:
    """A journal whose clock the test sets."""

    def __init__(self, folder: Path, time: FakeTime, retention: Retention) -> None:
        self.time = time
        self._clock = time.clock()
        self._retention = retention
        self.journal = SqliteJournal(folder, clock=self._clock)
        self._back: list[Entry] = []

    async def open(self) -> None:
        """Open the journal."""
        await self.journal.open(self._take)
        self._upkeep = Upkeep(self.journal, self._retention, self._clock.moment)

    def _take(self, entries: Sequence[Entry]) -> None:
        self._back += entries

    async def close(self) -> None:
        """Close the journal."""
        await self.journal.close()

    async def append(self, count: int, text: str = "word") -> list[Entry]:
        """Store messages; the same text and number make the same request."""
        return await self.ask(
            *(say(BOB, "lobby", f"{text} {n}", f"{text}-{n}") for n in range(count))
        )

    async def ask(self, *asked: Ask) -> list[Entry]:
        """Append a command, and wait until it is delivered."""
        goal = len(self._back) + len(asked)
        entries = [ask.make(self._clock.nanoseconds()) for ask in asked]
        for entry in entries:
            self.journal.append(entry)
        await eventually(lambda: len(self._back) == goal)
        return entries

    async def live(self, seconds: float) -> None:
        """Run the server for some time, with its upkeep every hour."""
        end = self.time.running + seconds
        while self.time.running < end:
            self.time.run(min(60.0, end - self.time.running))
            self._clock.moment()
            if self.time.running % HOUR < 60.0:
                await self.round()
        await self.round()

    async def round(self) -> None:
        """Run one round of the upkeep."""
        await self._upkeep.round()

    async def found(self, words: str) -> list[chat_pb2.StoredMessage]:
        """Search for a word."""
        found = await self.journal.history.search(
            words, [place_words(["#lobby"])], BOB, before=2**62, limit=9999
        )
        return found.messages


@asynccontextmanager
async def kept(
    folder: Path, time: FakeTime | None = None, **retention: float
) -> AsyncIterator[Kept]:
    """Open a journal."""
    kept = Retention(retention.get("seconds", 0.0), int(retention.get("size", 0)))
    this = Kept(folder, time or FakeTime(), kept)
    await this.open()
    try:
        yield this
    finally:
        await this.close()


async def test_events_past_their_age_are_dropped(tmp_path: Path) -> None:
    """Old events leave log, history and search; newer ones, the head and the checksums stay."""
    async with kept(tmp_path, seconds=3 * DAY) as this:
        old = await this.append(700, "old")
        await this.live(2 * DAY)
        assert len(await this.found("old")) == 700
        young = await this.append(50, "young")
        await this.live(DAY + 2 * HOUR)
        assert this.journal.oldest == young[0].outcome.sequence == old[-1].outcome.sequence + 1
        assert await this.found("old") == []
        assert len(await this.found("young")) == 50
        page = await this.journal.read([("#lobby", 0, 2**62)], 0, this.journal.head)
        assert page.encoded == b"".join(entry.outcome.encoded for entry in young)
        time = this.time
    assert check(store_of(tmp_path)) == []
    async with kept(tmp_path, time) as this:
        assert this.journal.oldest == young[0].outcome.sequence
        [after] = await this.append(1, "after")
        assert after.outcome.sequence == young[-1].outcome.sequence + 1
    assert check(store_of(tmp_path)) == []


async def test_an_emptied_log_continues_its_sequences(tmp_path: Path) -> None:
    """A sequence is not given again after all events were dropped."""
    async with kept(tmp_path, seconds=2 * DAY) as this:
        old = await this.append(30)
        await this.live(2 * DAY + 2 * HOUR)
    async with kept(tmp_path) as this:
        head = old[-1].outcome.sequence
        assert (this.journal.head, this.journal.oldest) == (head, head + 1)
        [new] = await this.append(1)
        assert new.outcome.sequence == head + 1
    assert check(store_of(tmp_path)) == []


async def test_a_store_over_its_size_drops_its_oldest_events(tmp_path: Path) -> None:
    """Over its size a store drops its oldest events, but none of the last 24 hours."""
    async with kept(tmp_path, size=300_000) as this:
        await this.append(1000, "old" * 100)
        await this.live(DAY)
        young = await this.append(1000, "young" * 100)
        await this.live(2 * HOUR)
        assert this.journal.oldest == young[0].outcome.sequence
        await this.live(20 * HOUR)
        assert this.journal.oldest == young[0].outcome.sequence


async def test_request_ids_are_forgotten_after_a_day(tmp_path: Path) -> None:
    """A request id older than a day can be used again; a newer one is still known."""
    async with kept(tmp_path) as this:
        old = await this.append(600, "old")
        await this.live(DAY / 2)
        young = await this.append(10, "young")
        await this.live(DAY / 2 + HOUR)
        again = await this.append(600, "old")
        known = await this.append(10, "young")
        assert not any(entry.outcome.duplicate for entry in again)
        assert [e.outcome.sequence for e in known] == [e.outcome.sequence for e in young]
        assert again[0].outcome.sequence > old[-1].outcome.sequence
    assert check(store_of(tmp_path)) == []


async def test_a_jump_of_the_clock_destroys_nothing(tmp_path: Path) -> None:
    """A jump of the clock drops nothing until it has lasted long enough to be trusted."""
    async with kept(tmp_path, seconds=30 * DAY) as this:
        old = await this.append(20, "old")
        await this.live(2 * DAY)
        this.time.jump(400 * DAY)
        await this.live(8.0)
        during = await this.append(1, "during")
        this.time.jump(-400 * DAY)
        await this.live(2 * HOUR)
        assert this.journal.oldest == 1
        assert len(await this.found("old")) == 20
        after = await this.append(1, "after")
        times = [entry.command.time for entry in [*old, *during, *after]]
        assert times == sorted(times)
        assert times[-1] == this.time.wall()
        this.time.jump(400 * DAY)
        await this.live(2 * HOUR)
        assert this.journal.oldest == during[0].outcome.sequence


async def test_a_jump_of_a_day_does_not_forget_a_request_id(tmp_path: Path) -> None:
    """A request id is kept for a day of running time: jumps of the clock and stops do not count."""
    async with kept(tmp_path) as this:
        await this.append(3)
        await this.live(2 * HOUR)
        this.time.jump(25 * HOUR)
        await this.live(2 * HOUR)
        assert all(entry.outcome.duplicate for entry in await this.append(3))
        time = this.time
    time.run(25 * HOUR)
    async with kept(tmp_path, time) as this:
        await this.live(2 * HOUR)
        assert all(entry.outcome.duplicate for entry in await this.append(3))
        await this.live(20 * HOUR)
        assert not any(entry.outcome.duplicate for entry in await this.append(3))


async def test_an_event_of_the_future_stops_nothing(tmp_path: Path) -> None:
    """Retention continues after a clock that was a day ahead is set right."""
    async with kept(tmp_path, seconds=3 * DAY) as this:
        this.time.jump(1000 * DAY)
        await this.live(2 * HOUR)
        await this.append(5, "future")
        await this.live(2 * HOUR)
        this.time.jump(-1000 * DAY)
        await this.live(DAY)
        assert not any(entry.outcome.duplicate for entry in await this.append(5, "future"))
        await this.live(3 * DAY + 2 * HOUR)
        assert await this.found("future") == []


async def test_an_older_store_with_an_event_of_the_future_is_pruned(tmp_path: Path) -> None:
    """An older store's event of the future neither moves its clock nor stops pruning."""
    await asyncio.to_thread(old_store, tmp_path / "store", more=10)
    with closing(sqlite3.connect(store_of(tmp_path / "store"))) as connection:
        connection.execute("UPDATE log SET time = ?", (OLD * SECOND,))
        connection.execute("UPDATE log SET time = ? WHERE sequence > 9", (2**62,))
        connection.commit()
    time = FakeTime()
    async with kept(tmp_path / "store", time, seconds=30 * DAY) as this:
        [new] = await this.append(1, "new")
        assert new.command.time == time.wall()
        await this.live(DAY + 2 * HOUR)
        assert this.journal.oldest > 9
        again = await this.ask(say(ALICE, "lobby", "more 3", "m3"))
        assert not again[0].outcome.duplicate


async def test_expired_tokens_survive_a_jump_of_the_clock(tmp_path: Path) -> None:
    """A token does not expire because the clock jumps."""
    async with kept(tmp_path) as this:
        user = await this.journal.add_guest("Bob", "bob", b"token")
        this.time.jump(400 * DAY)
        await this.live(60.0)
        assert await this.journal.user_by_token(b"token") == user


async def test_resuming_before_what_is_kept_is_truncated(tmp_path: Path) -> None:
    """A resume before the oldest event starts there, and `welcome` says that events are missing."""
    async with kept(tmp_path, seconds=3 * DAY) as this:
        await this.append(100, "old")
        await this.live(2 * DAY)
        young = await this.append(5, "young")
        await this.live(DAY + 2 * HOUR)
    async with running(data=str(tmp_path)) as server:
        hello = {"log_id": server.status().log_id, "resume_after": 3}
        async with Recorder(server, name="carol", **hello) as carol:
            await eventually(lambda: carol.of("caught_up"))
            assert carol.welcome.recovery == chat_pb2.RECOVERY_TRUNCATED
            assert carol.welcome.oldest_sequence == young[0].outcome.sequence
            assert carol.texts == [f"young {n}" for n in range(5)]


def holds(folder: Path, word: str) -> list[str]:
    """Return the names of the files that contain a word, in any case."""
    return [
        path.name
        for path in sorted(folder.iterdir())
        if path.is_file() and word.encode() in path.read_bytes().lower()
    ]


@pytest.mark.parametrize("indexed", [True, False])
async def test_a_deleted_text_is_gone_from_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, indexed: bool
) -> None:
    """The upkeep erases a deleted text, its edits and its indexed words from every file."""
    monkeypatch.setattr(upkeep, "STEP", 0.05)
    monkeypatch.setattr(indexer, "STEP", 0.05 if indexed else 1.0)
    async with running(data=str(tmp_path)) as server, Recorder(server, name="alice") as alice:
        for number in range(300):
            await alice.send(f"filling up the pages of the index {number}")
        sent = await alice.sent("a zyxwvut confession " * 20)
        edit = chat_pb2.Edit(target_sequence=sent.sequence, text="qwertzu " * 300, request_id="e")
        await alice.write(edit=edit)
        await alice.sent("after")
        if indexed:
            await eventually(
                lambda: server.status().indexed_sequence == server.status().head_sequence
            )
        assert holds(tmp_path, "zyxwvut")
        assert holds(tmp_path, "qwertzu")
        delete = chat_pb2.DeleteMessage(target_sequence=sent.sequence, request_id="d")
        await alice.write(delete_message=delete)
        await eventually(lambda: not holds(tmp_path, "zyxwvut") + holds(tmp_path, "qwertzu"))
    assert check(store_of(tmp_path)) == []


async def test_the_index_follows_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexing runs in the background, so the first search does not wait for it."""
    monkeypatch.setattr(indexer, "STEP", 0.05)
    async with kept(tmp_path) as this:
        await this.append(2000)
        await eventually(lambda: this.journal.index.position == this.journal.head)
