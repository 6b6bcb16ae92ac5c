"""Migrations: older stores are upgraded, newer ones are left unchanged."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from journal.asking import ALICE, BOB, TIME, Ask, edit, say
from journal.faulty_vfs import Operation, disk_full, faulty
from journal.life import Life, copy_files, log_of, what_is_there
from journal.old_stores import LOG_ID, SAID, old_store
from journal.opened import opened
from support import store_of

from chat_grpc.core import limits
from chat_grpc.core.account_changes import EndToken
from chat_grpc.core.entry import ACCOUNT
from chat_grpc.core.errors import TokenRevoked
from chat_grpc.core.history import events_of
from chat_grpc.core.room_rules import LOBBY
from chat_grpc.core.words import channel_word
from chat_grpc.journal import JournalError, migrations
from chat_grpc.journal.account_reads import Token
from chat_grpc.journal.check import check
from chat_grpc.journal.database import FILE
from chat_grpc.journal.migrations import steps
from chat_grpc.journal.store import Store

VISIT = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT count(*) FROM log").fetchone())
connection.close()
"""


def version_and_log(file: Path) -> tuple[int, list[tuple[int, bytes]]]:
    """Return the schema version and the log of a store of any version."""
    with closing(sqlite3.connect(file)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        log = connection.execute("SELECT sequence, body FROM log ORDER BY sequence").fetchall()
    return version, log


async def test_a_store_of_the_first_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    """A migrated store has the log, users, request ids, direct conversations and search."""
    old = await asyncio.to_thread(old_store, tmp_path / "store", more=1200)
    head = old[-1][0]
    async with opened(tmp_path / "store") as this:
        journal, history = this.journal, this.journal.history
        assert (journal.log_id, journal.head, journal.oldest) == (LOG_ID, head, 1)
        assert await journal.user_by_number(2) == BOB
        again = await this.answer(SAID[0])
        assert (again.outcome.duplicate, again.outcome.sequence) == (True, 4)
        assert (await this.answer(say(ALICE, LOBBY, "new"))).outcome.sequence > head
        assert (await journal.add_guest("Carol", "carol", b"token")).number == 3
        direct = await history.conversations(ALICE, {"#lobby": 0}, head=10**9, limit=9)
        assert [each.name for each in direct] == ["#lobby", "@1", "@2"]
        places = [channel_word("#lobby")]
        found = await history.search("words", places, ALICE, before=10**9, limit=9)
        assert [message.sequence for message in found.messages] == [7, 4]
    assert check(store_of(tmp_path / "store")) == []
    assert [(row[0], row[9]) for row in what_is_there(tmp_path / "store")][: len(old)] == old


async def test_the_tokens_of_an_older_store_stay_valid(tmp_path: Path) -> None:
    """The guest of each token, its id and its creation are found, and the token can be revoked."""
    old_store(tmp_path / "store")
    now = TIME // 1_000_000_000
    with closing(sqlite3.connect(store_of(tmp_path / "store"))) as connection:
        for user, digest in ((1, b"one"), (2, b"two")):
            connection.execute("INSERT INTO tokens VALUES (?,?,?)", (digest, user, now))
        connection.commit()
    async with opened(tmp_path / "store") as this:
        assert await this.journal.user_by_token(b"one") == ALICE
        assert await this.journal.user_by_token(b"two") == BOB
        assert await this.journal.accounts.known() == []
        [token] = await this.journal.accounts.tokens(ALICE, 10**9, 10, now)
        assert token == Token(1, "", False, now, now)
        change = EndToken(ALICE.number, token_id=token.token_id)
        await this.answer(Ask(ALICE, (), b"", "", "end", ACCOUNT, 0, change))
        with pytest.raises(TokenRevoked):
            await this.journal.user_by_token(b"one")
    assert check(store_of(tmp_path / "store")) == []


def test_the_old_store_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    """The old store is kept beside the new one, complete and private to its owner."""
    old = old_store(tmp_path / "store")
    what_is_there(tmp_path / "store")
    copy = tmp_path / "store" / "chat.schema-1.db"
    assert version_and_log(copy) == (1, old)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert version_and_log(store_of(tmp_path / "store"))[0] == len(steps())


def test_a_change_that_fails_leaves_the_old_store(tmp_path: Path) -> None:
    """A full disk at any write of a migration refuses the start and leaves the old store usable."""
    old = old_store(tmp_path / "old")
    for step in range(1, 1000):
        folder = tmp_path / f"{step}"
        copy_files(tmp_path / "old", folder)
        left = step

        def fault(operation: Operation) -> None:
            nonlocal left
            left -= operation.kind == "write"
            if left <= 0 and operation.kind == "write":
                raise disk_full()

        with faulty() as disk:
            disk.fault = fault
            store = Store(folder, vfs=disk.name)
            try:
                store.open()
            except JournalError:
                version, log = version_and_log(store_of(folder))
                assert (1 <= version <= len(steps()), log) == (True, old)
                assert [row[0] for row in what_is_there(folder)] == [row[0] for row in old]
            else:
                disk.fault = None
                store.close()
                break
    assert step > 20


def test_a_store_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    """A store of a newer version is unchanged, byte for byte, with its write-ahead log."""
    with faulty() as disk, Life(tmp_path / "store", disk) as life:
        life.open("PRAGMA user_version = 99")
        life.kill()
        before = {path.name: path.read_bytes() for path in life.folder.iterdir()}
        with pytest.raises(JournalError, match=r"newer version.*schema 99"):
            life.store.open()
        after = {path.name: path.read_bytes() for path in life.folder.iterdir()}
    assert before[f"{FILE}-wal"]
    for name in before.keys() - {f"{FILE}-shm"}:
        assert after[name] == before[name]


def test_other_programs_know_that_a_migrated_store_is_in_use(tmp_path: Path) -> None:
    """Another program that closes a migrated store does not remove its write-ahead log."""
    old_store(tmp_path / "store")
    store = Store(tmp_path / "store")
    store.open()
    log = tmp_path / "store" / f"{FILE}-wal"
    visit = [sys.executable, "-c", VISIT, str(store_of(tmp_path / "store"))]
    before = log.stat()
    ended = subprocess.run(visit, capture_output=True, text=True, check=True)
    assert ended.stdout == f"({len(log_of(store))},)\n"
    assert (log.stat().st_ino, log.stat().st_size) == (before.st_ino, before.st_size)
    store.close()


async def test_old_edits_of_a_message_lose_their_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The migration clears the texts of old edits, so that deleting the message is a small step."""
    kept = limits.MAX_KEPT_EDITS
    async with opened(tmp_path) as this:
        await this.journal.add_guest(ALICE.name, ALICE.key, b"alice")
        said = await this.answer(say(ALICE, LOBBY, "apple"))
        event = events_of(said.outcome.encoded)[0]
        monkeypatch.setattr(limits, "MAX_KEPT_EDITS", 1000)
        for number in range(2 * kept):
            await this.answer(edit(ALICE, event, ("#lobby",), f"apple {number}"))
        monkeypatch.setattr(limits, "MAX_KEPT_EDITS", kept)
        await this.journal.with_writer(migrations.blank_edits)
        assert (await this.page("#lobby")).encoded.count(b"apple") == 1 + kept
    assert check(store_of(tmp_path)) == []
