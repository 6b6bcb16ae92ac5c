"""The promises of every journal."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from journal.asking import ALICE, BOB, CAROL, say
from journal.opened import Opened, opened
from support import eventually, store_of

from chat_grpc.core.errors import RequestIdReused, StorageFull
from chat_grpc.core.stream import FOREVER
from chat_grpc.journal import JournalDamaged, JournalError, queries
from chat_grpc.journal.database import connect, row, run


@pytest.fixture(params=["file", "memory"])
async def it(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened]:
    """Yield each implementation in turn."""
    async with opened(tmp_path if request.param == "file" else None) as this:
        yield this


async def test_entries_come_back_in_order_with_rising_sequences(it: Opened) -> None:
    """Entries are delivered in order with rising sequences, also over several transactions."""
    entries = [it.append(f"{n}") for n in range(3000)]
    await it.all_back(3000)
    assert it.back == entries
    sequences = [entry.outcome.sequence for entry in entries]
    assert sequences == sorted(set(sequences))
    assert it.journal.head == sequences[-1]
    assert it.journal.commits <= 10


async def test_a_request_id_is_stored_once_for_each_author(it: Opened) -> None:
    """A request is stored once; its author and its content count for equality."""
    one, twin, other = it.append("a", "x"), it.append("a", "x"), it.append("a", "x", author=2)
    await it.all_back(3)
    later, reused = it.append("a", "x"), it.append("b", "x")
    await it.all_back(5)
    assert (twin.outcome.duplicate, twin.outcome.sequence) == (True, one.outcome.sequence)
    assert (later.outcome.duplicate, later.outcome.sequence) == (True, one.outcome.sequence)
    assert (one.outcome.duplicate, other.outcome.duplicate) == (False, False)
    assert other.outcome.sequence != one.outcome.sequence
    assert isinstance(reused.outcome.error, RequestIdReused)


async def test_a_refused_direct_message_begins_no_conversation(it: Opened) -> None:
    """Only a stored direct message begins a conversation."""
    for name in ("Alice", "Bob", "Carol"):
        await it.journal.add_guest(name, name.lower(), name.encode())
    await it.answer(say(ALICE, "lobby", "first", "x"))
    refused, stored = it.ask(say(ALICE, BOB, "other", "x")), it.ask(say(ALICE, CAROL, "a", "y"))
    await it.all_back(3)
    assert (refused.outcome.stored, stored.outcome.stored) == (False, True)
    found = await it.journal.history.conversations(ALICE, {}, head=it.journal.head, limit=9)
    assert [each.name for each in found] == ["@3"]


async def test_entries_without_a_request_id_are_all_stored(it: Opened) -> None:
    """Entries without a request id are never duplicates."""
    entries = [it.append("same") for _ in range(5)]
    await it.all_back(5)
    assert len({entry.outcome.sequence for entry in entries}) == 5


async def test_guests_get_rising_numbers(it: Opened) -> None:
    """Guests that are stored together get successive numbers, and are found again."""
    users = await asyncio.gather(
        *(it.journal.add_guest(f"Guest{n}", f"guest{n}", b"%d" % n) for n in range(50))
    )
    assert [user.number for user in users] == list(range(1, 51))
    assert await it.journal.user_by_token(b"7") == users[7]
    assert await it.journal.user_by_number(8) == users[7]
    assert await it.journal.user_by_key("guest7") == users[7]
    assert await it.journal.user_by_token(b"none") is None
    assert await it.journal.user_by_number(99) is None
    assert await it.journal.user_by_key("none") is None


async def test_pages_give_everything_of_the_channels_once(it: Opened) -> None:
    """Pages return all events of the channels, in order and once, each page bounded in size."""
    mine = []
    for number in range(1500):
        channel = ("#lobby", "@1", "@2")[number % 3]
        entry = it.append(f"{number}" + "x" * 900, channel=channel)
        if channel != "@2":
            mine.append(entry)
    await it.all_back(1500)
    after, found, pages, head = 0, b"", 0, it.journal.head
    while after < head:
        page = await it.page("#lobby", "@1", after=after)
        assert len(page.encoded) <= 300_000
        assert page.last > after
        found, after, pages = found + page.encoded, page.last, pages + 1
    assert found == b"".join(entry.outcome.encoded for entry in mine)
    assert pages > 1
    empty = await it.page("@9")
    assert (empty.encoded, empty.last) == (b"", head)


async def test_a_large_event_makes_a_page_of_its_own(it: Opened) -> None:
    """An event that is larger than a page is returned alone."""
    it.append("x" * 400_000)
    it.append("y" * 400_000)
    await it.all_back(2)
    page = await it.page("#lobby")
    assert page.encoded == it.back[0].outcome.encoded
    assert page.last == it.back[0].outcome.sequence


async def test_everything_survives_closing(tmp_path: Path) -> None:
    """The log, its id, the head and the request ids survive closing."""
    async with opened(tmp_path) as this:
        first = this.append("a", "x")
        guest = await this.journal.add_guest("A", "a", b"t")
        await this.all_back(1)
        log_id, head = this.journal.log_id, this.journal.head
    async with opened(tmp_path) as this:
        assert (this.journal.log_id, this.journal.head) == (log_id, head)
        again = this.append("a", "x")
        await this.all_back(1)
        assert (again.outcome.duplicate, again.outcome.sequence) == (True, first.outcome.sequence)
        assert (await this.journal.add_guest("B", "b", b"u")).number == guest.number + 1
        page = await this.page("#lobby")
        assert page.encoded == first.outcome.encoded


async def test_a_folder_serves_one_journal(tmp_path: Path) -> None:
    """A second journal on a folder is refused with an error that names the folder."""
    async with opened(tmp_path):
        with pytest.raises(JournalError, match="in use by another server"):
            async with opened(tmp_path):
                pass


async def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    """A store with an unknown schema version is refused and unchanged."""
    async with opened(tmp_path):
        pass
    with sqlite3.connect(store_of(tmp_path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalError, match="newer version"):
        async with opened(tmp_path):
            pass


async def test_a_file_that_is_not_a_store_is_refused_and_kept(tmp_path: Path) -> None:
    """A file that is not a SQLite database is refused and unchanged."""
    store_of(tmp_path).write_bytes(b"something else" * 100)
    with pytest.raises(JournalDamaged, match="is not a database"):
        async with opened(tmp_path):
            pass
    assert store_of(tmp_path).read_bytes() == b"something else" * 100


async def test_a_full_disk_refuses_writes_until_there_is_space(tmp_path: Path) -> None:
    """Entries are refused with `STORAGE_FULL` until there is space again."""
    async with opened(tmp_path) as this:
        this.append("before")
        await this.all_back(1)
        limit = "PRAGMA max_page_count = {}"
        [pages] = await this.journal.with_writer(lambda writer: row(writer, "PRAGMA page_count"))
        await this.journal.with_writer(lambda writer: run(writer, limit.format(pages + 1)))
        full = [this.append("x" * 4000) for _ in range(20)]
        await this.all_back(21)
        assert all(isinstance(entry.outcome.error, StorageFull) for entry in full)
        await this.journal.with_writer(lambda writer: run(writer, limit.format(1_000_000)))
        after = this.append("after")
        await this.all_back(22)
        assert after.outcome.error is None
        page = await this.page("#lobby")
        assert page.encoded == this.back[0].outcome.encoded + after.outcome.encoded


async def test_waiting_bytes_are_bounded(it: Opened) -> None:
    """An author with too large a backlog waits in `drained`; others do not."""
    for _ in range(40):
        it.append("x" * 100_000)
    waiting = asyncio.ensure_future(it.journal.drained(1))
    await asyncio.wait_for(it.journal.drained(2), 1.0)
    assert not waiting.done()
    await it.all_back(40)
    await waiting


async def test_a_crowded_backlog_holds_those_who_are_in_it(it: Opened) -> None:
    """A full backlog delays its authors only; an author without waiting entries may append."""
    for author in range(1, 41):
        it.append("x" * 1_000_000, author=author)
    waiting = asyncio.ensure_future(it.journal.drained(40))
    await asyncio.wait_for(it.journal.drained(41), 1.0)
    assert not waiting.done()
    await it.all_back(40)
    await waiting


async def test_a_flood_does_not_delay_others(it: Opened) -> None:
    """An author's backlog is stored after the first message of another author."""
    for number in range(500):
        it.append("x" * 16_000, f"flood {number}")
    other = it.append("a word", author=2)
    await eventually(lambda: other in it.back)
    assert it.back.index(other) < 50
    await it.all_back(501)
    flood = [entry.command.key.request_id for entry in it.back if entry is not other]
    assert flood == [f"flood {number}" for number in range(500)]


def read_so_far() -> int:
    """Return the number of bytes that this thread has read from files."""
    counters = Path("/proc/thread-self/io").read_text("utf-8").split()
    return int(counters[counters.index("rchar:") + 1])


async def test_a_page_of_long_texts_costs_no_more_than_what_is_on_it(tmp_path: Path) -> None:
    """Reading a page does not read the texts after its end."""
    async with opened(tmp_path) as this:
        for number in range(400):
            this.append(f"{number} ".ljust(16_000, "."))
        await this.all_back(400)
    everything = store_of(tmp_path).stat().st_size
    for others in (0, 300):
        reader = connect(store_of(tmp_path), read_only=True)
        ranges = [(f"#{other}", 0, FOREVER) for other in range(others)]
        before = read_so_far()
        page = queries.page(reader, [*ranges, ("#lobby", 0, FOREVER)], 0, FOREVER)
        assert page.last == 8
        assert read_so_far() - before < everything / 2
        reader.close()
