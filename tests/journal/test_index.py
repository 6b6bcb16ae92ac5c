"""The word index follows the log, never delays it, and is rebuilt if it is damaged."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import apsw
import pytest
from journal.asking import ALICE, BOB, delete, edit, say
from journal.faulty_vfs import Operation, disk_full, faulty
from journal.opened import Opened, opened
from support import UNIT, eventually, store_of

from chat_grpc.core.entry import Entry
from chat_grpc.core.errors import IndexNotReady
from chat_grpc.core.history import events_of
from chat_grpc.core.limits import MAX_KEPT_EDITS
from chat_grpc.core.words import channel_word, place_words
from chat_grpc.journal import indexer, search, word_index
from chat_grpc.journal.check import check
from chat_grpc.journal.database import connect, open_reader, rows, run
from chat_grpc.journal.indexer import Indexer
from chat_grpc.journal.reader import Reader

LOBBY = ("#lobby",)
PLACES = [channel_word("#lobby")]
_IDS = itertools.count()


async def found(this: Opened, words: str, limit: int = 99) -> list[int]:
    """Search the lobby; return the sequences, newest first."""
    page = await this.journal.history.search(words, PLACES, ALICE, before=2**62, limit=limit)
    return [message.sequence for message in page.messages]


async def told(this: Opened, text: str) -> Any:
    """Store a message to everyone; return its event."""
    entry = await this.answer(say(ALICE, "lobby", text, f"told-{next(_IDS)}"))
    assert entry.outcome.error is None
    return events_of(entry.outcome.encoded)[0]


async def edited(this: Opened, event: Any, text: str) -> Entry:
    """Edit a message."""
    return await this.answer(edit(ALICE, event, LOBBY, text))


@asynccontextmanager
async def filled(folder: Path | None) -> AsyncIterator[Opened]:
    """Open a journal with three indexed messages."""
    async with opened(folder) as this:
        await this.journal.add_guest(ALICE.name, ALICE.key, b"alice")
        await this.journal.add_guest(BOB.name, BOB.key, b"bob")
        for number in range(3):
            await told(this, f"word {number}")
        await this.journal.index.reach(this.journal.head, 5 * UNIT)
        yield this


@pytest.mark.parametrize("data", ["memory", "file"])
async def test_the_index_follows_edits_and_deletions(data: str, tmp_path: Path) -> None:
    """The index follows edits and deletions of messages that it has, or gets in the same step."""
    async with filled(tmp_path if data == "file" else None) as this:
        first, second = await told(this, "first apple"), await told(this, "second apple")
        await this.journal.index.reach(this.journal.head, 5 * UNIT)
        third, fourth = await told(this, "third apple"), await told(this, "fourth apple")
        for event in (first, third):
            await edited(this, event, "plum")
            await edited(this, event, "cherry")
        for event in (second, fourth):
            await edited(this, event, "plum")
            await this.answer(delete(ALICE, event.sequence, LOBBY))
        assert await found(this, "apple") == await found(this, "plum") == []
        assert await found(this, "cherry") == [third.sequence, first.sequence]
    if data == "file":
        assert check(store_of(tmp_path)) == []


async def test_a_restart_continues_where_the_index_was(tmp_path: Path) -> None:
    """After a restart, indexing continues where it stopped."""
    async with filled(tmp_path) as this:
        head = this.journal.head
    async with opened(tmp_path) as this:
        await eventually(lambda: this.journal.index.position == head)
        new = await told(this, "word new")
        assert (await found(this, "word"))[0] == new.sequence
    with connect(tmp_path / word_index.FILE) as connection:
        assert rows(connection, "SELECT count(*) FROM words") == [(4,)]


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5000])


def _scramble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xa5" * len(content[4096:])
    file.write_bytes(content)


def _not_sqlite(file: Path) -> None:
    file.write_bytes(b"not a database" * 1000)


def _other_log(file: Path) -> None:
    with connect(file) as connection:
        run(connection, "UPDATE state SET log_id = 'another'")


def _other_history(file: Path) -> None:
    with connect(file) as connection:
        run(connection, "UPDATE state SET chain = chain + 1")


@pytest.mark.parametrize(
    "damage", [Path.unlink, _cut, _scramble, _not_sqlite, _other_log, _other_history]
)
async def test_an_index_that_cannot_be_used_is_made_again(damage: Any, tmp_path: Path) -> None:
    """An unusable index is rebuilt without a failed commit, and searches find everything."""
    async with filled(tmp_path) as this:
        before = await found(this, "word")
    damage(tmp_path / word_index.FILE)
    async with opened(tmp_path) as this:
        new = await told(this, "word new")
        assert await found(this, "word") == [new.sequence, *before]
    assert check(store_of(tmp_path)) == []


async def test_damage_that_a_search_meets_is_repaired(tmp_path: Path) -> None:
    """A search that finds damage is refused with a time to retry; after the repair it works."""
    async with filled(tmp_path) as this:
        before = await found(this, "word")
        with closing(connect(tmp_path / word_index.FILE)) as connection:
            run(connection, "UPDATE words_data SET block = x'ffffffffffff' WHERE id > 10")
        with pytest.raises(IndexNotReady) as refused:
            await found(this, "word")
        assert refused.value.retry_after
        new = await told(this, "word new")
        assert await found(this, "word") == [new.sequence, *before]
    assert check(store_of(tmp_path)) == []


async def test_a_passing_error_of_a_search_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If another program locks the file, the search is refused and the index is kept."""
    find = search.find
    errors = [apsw.BusyError("planted: locked")]

    def once(*arguments: Any, **more: Any) -> search.Hits:
        if errors:
            raise errors.pop()
        return find(*arguments, **more)

    monkeypatch.setattr(search, "find", once)
    async with filled(tmp_path) as this:
        file = (tmp_path / word_index.FILE).stat().st_ino
        with pytest.raises(IndexNotReady):
            await found(this, "word")
        assert len(await found(this, "word")) == 3
        assert (tmp_path / word_index.FILE).stat().st_ino == file


def no_space(operation: Operation) -> None:
    """Fail everything but reads."""
    if operation.kind != "read":
        raise disk_full()


async def test_a_disk_that_is_full_for_the_index_stops_no_commit(tmp_path: Path) -> None:
    """On a full disk the index waits while commits continue, and resumes when there is space."""
    async with filled(tmp_path) as this:
        await this.journal.index.close()
        with faulty() as disk:
            journal = this.journal
            reader = Reader(store_of(tmp_path), journal.with_writer)
            await reader.open()
            index = Indexer(
                tmp_path / word_index.FILE,
                reader,
                head=lambda: journal.head,
                oldest=lambda: journal.oldest,
                vfs=disk.name,
            )
            await index.open(journal.log_id)
            await index.reach(journal.head, 5 * UNIT)
            disk.fault = no_space
            new = await told(this, "word new")
            with pytest.raises(IndexNotReady):
                await index.reach(journal.head, within=0.1)
            disk.fault = None
            await index.reach(journal.head, 5 * UNIT)
            hits = await index.find("word", PLACES, before=2**62, limit=1, user=1)
            assert hits.sequences == [new.sequence]
            await index.close()
            await reader.close()


async def test_a_step_of_the_index_delays_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages are stored and read while the index works on a text."""
    started, go_on = threading.Event(), threading.Event()
    take = word_index.take

    def slow(connection: apsw.Connection, chunk: word_index.Chunk) -> bool:
        started.set()
        go_on.wait(10 * UNIT)
        return take(connection, chunk)

    monkeypatch.setattr(word_index, "take", slow)
    async with opened(tmp_path) as this:
        await this.journal.add_guest(ALICE.name, ALICE.key, b"alice")
        first = await told(this, "word")
        reaching = asyncio.create_task(this.journal.index.reach(first.sequence, None))
        await eventually(started.is_set)
        for number in range(5):
            await told(this, f"more {number}")
        assert (await this.page("#lobby")).count == 6
        assert this.journal.index.position < first.sequence
        go_on.set()
        await reaching


async def test_an_index_that_lags_refuses_searches_and_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search waits for the index to reach the head of the log, until a time limit."""
    monkeypatch.setattr(indexer, "SEARCH_WAIT", 0.05)
    async with filled(tmp_path) as this:
        nothing = word_index.Chunk(0, 0, 0, b"", [], [])
        monkeypatch.setattr(word_index, "next_chunk", lambda *_, **__: nothing)
        await told(this, "word new")
        with pytest.raises(IndexNotReady) as refused:
            await found(this, "word")
        assert refused.value.metadata == {"events_left": "1"}


async def test_check_compares_the_index_with_the_log(tmp_path: Path) -> None:
    """`check` finds a text that the index lacks, and one that it should not have."""
    async with filled(tmp_path) as this:
        (newest, *_) = await found(this, "word")
    with connect(tmp_path / word_index.FILE) as connection:
        run(connection, "DELETE FROM words WHERE rowid = ?", (newest,))
    assert check(store_of(tmp_path)) == [
        f"the word index: the message {newest} differs from the log"
    ]
    with connect(tmp_path / word_index.FILE) as connection:
        run(connection, "INSERT INTO words (rowid, text, place) VALUES (?, 'other', '')", (newest,))
    assert check(store_of(tmp_path)) == [
        f"the word index: the message {newest} differs from the log"
    ]


async def test_a_message_that_was_edited_often_is_deleted_in_one_small_step(
    tmp_path: Path,
) -> None:
    """Deleting a message clears the texts of its newest edits only; earlier edits have none."""
    async with filled(tmp_path) as this:
        event = await told(this, "apple 0")
        for number in range(1, 3 * MAX_KEPT_EDITS):
            await edited(this, event, f"apple {number}")
        texts = (await this.page("#lobby", after=event.sequence)).encoded.count(b"apple")
        assert texts == MAX_KEPT_EDITS
        gone = await this.answer(delete(ALICE, event.sequence, LOBBY))
        assert len(gone.outcome.rewritten) == MAX_KEPT_EDITS + 1
        assert b"apple" not in (await this.page("#lobby")).encoded
        assert await found(this, "apple") == []
    assert check(store_of(tmp_path)) == []


async def test_a_search_ends_after_its_time_and_continues_on_the_next_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that reaches its time limit continues on the next page and finds everything once."""
    monkeypatch.setattr(indexer, "SEARCH_SECONDS", 0.0)
    async with filled(tmp_path) as this:
        find = this.journal.history.search
        page = await find("word", PLACES, ALICE, before=2**62, limit=9)
        assert page.messages == []
        assert page.searched == this.journal.head + 1
    connection = open_reader(tmp_path / word_index.FILE, "state")
    monkeypatch.setattr(search, "_FIRST_WINDOW", 1)
    hits = search.find(connection, "word", PLACES, before=2**62, limit=9, seconds=9.0)
    assert (len(hits.sequences), hits.searched) == (3, 0)
    full = search.find(connection, "word", PLACES, before=2**62, limit=2, seconds=9.0)
    assert (full.sequences, full.searched) == (hits.sequences[:2], hits.sequences[1])
    connection.close()


async def test_a_search_in_a_rare_place_finds_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search in a rare place finds everything, with either way to match places."""
    monkeypatch.setattr(search, "CANDIDATES", 20)
    monkeypatch.setattr(search, "_FIRST_WINDOW", 7)
    wanted: list[int] = []
    async with filled(tmp_path) as this:
        for number in range(120):
            to = BOB if number % 24 == 0 else "lobby"
            entry = await this.answer(say(ALICE, to, "word", f"rare-{number}"))
            if to == BOB:
                wanted.insert(0, entry.outcome.sequence)
        places = [place_words(["@1", "@2"]), place_words(["@1"])]
        before, found = 2**62, []
        while before:
            page = await this.journal.history.search("word", places, ALICE, before=before, limit=2)
            found += [message.sequence for message in page.messages]
            before = page.searched
        assert found == wanted
