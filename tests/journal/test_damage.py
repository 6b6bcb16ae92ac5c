"""Damaged files are refused, found by the full check, or harmless; they are never overwritten."""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import pytest
from journal.asking import ALICE, BOB, react, read, room
from journal.faulty_vfs import faulty
from journal.life import Life, lay_out
from support import store_of

from chat_grpc.core.changes import Invite, JoinRoom
from chat_grpc.journal import JournalDamaged, JournalError, queries
from chat_grpc.journal.check import check
from chat_grpc.journal.database import FILE, MARK, rows
from chat_grpc.journal.opening import size_of
from chat_grpc.journal.rows import COLUMNS
from chat_grpc.journal.store import Store

LOG = f"{FILE}-wal"
PAGE = 4096
TABLES = {
    "log": COLUMNS,
    "users": "number, name, key",
    "rooms": "key, name, topic, invite_only",
    "members": "room, user, from_sequence, to_sequence, role",
    "invites": "room, user",
    "reactions": "target, emoji, user",
    "read_markers": "user, conversation, sequence",
    "directs": "user, other",
}

Files = dict[str, bytes]


def served(store: Store) -> list[Any]:
    """Read everything that clients are served, by the tables and by the indexes of the log."""

    def everything(connection: apsw.Connection) -> list[Any]:
        found: list[Any] = [
            rows(connection, f"SELECT {columns} FROM {table}") for table, columns in TABLES.items()
        ]
        for channel in ("#lobby", "@1", "@2"):
            found.append(queries.page(connection, [(channel, 0, 10**9)], 0, 10**9))
            found.append(queries.latest(connection, (channel,), 10**9, 0, 500))
        found.append(queries.latest(connection, ("@1", "@2"), 10**9, 0, 500))
        return found

    return store.with_connection(everything)


def fill(life: Life, chance: random.Random, commits: int) -> None:
    """Store every kind of entry."""
    life.commit([room(ALICE, JoinRoom("none")), *life.some(chance)])
    for _ in range(commits):
        life.commit(life.some(chance))
        newest = life.promised[-1][1][-1][0]
        life.commit([react(BOB, newest, ("#lobby",), "👍"), read(BOB, "lobby", newest)])
    created = [row[4][1:] for row in life.promised[-1][1] if row[1] == 6]
    life.commit([room(ALICE, Invite(created[0], BOB)), room(BOB, JoinRoom(created[0]))])


@dataclass(frozen=True)
class Whole:
    """An undamaged store, and what it serves."""

    files: Files
    served: list[Any]
    older: Files


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A killed store, with a part of it only in the write-ahead log."""
    folder = tmp_path_factory.mktemp("killed") / "store"
    with faulty() as disk, Life(folder, disk) as life:
        life.open()
        fill(life, random.Random(7), 25)
        life.close()
        older = files_of(folder)
        life.open()
        fill(life, random.Random(8), 12)
        told = served(life.store)
        life.kill()
        return Whole(files_of(life.folder), told, older)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A closed store, in one file."""
    folder = tmp_path_factory.mktemp("closed") / "store"
    with faulty() as disk, Life(folder, disk) as life:
        life.open()
        fill(life, random.Random(7), 25)
        told = served(life.store)
        life.close()
        return Whole(files_of(folder), told, {})


@pytest.fixture(autouse=True)
def no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip real syncs, which take long: no power is cut here."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def fate(folder: Path, files: Files, whole: Whole) -> str:
    """Open damaged files; return `refused`, `found` (by `check`), `harmless`, or `missed`.

    A refused store must be unchanged, byte for byte.
    """
    lay_out(folder, files)
    try:
        if what_is_served(folder) == whole.served:
            return "harmless"
    except JournalError:
        assert files_of(folder) == {name: content for name, content in files.items() if content}
        return "refused"
    except (apsw.Error, UnicodeDecodeError):
        pass  # a call or a stream would end with an error
    again = folder.with_name(f"{folder.name} checked")
    lay_out(again, files)
    try:
        return "found" if check(store_of(again)) else "missed"
    except JournalError:
        return "found"


def what_is_served(folder: Path) -> list[Any]:
    """Open a store as the server does, and read what it serves."""
    with faulty() as disk:
        store = Store(folder, vfs=disk.name)
        store.open()
        try:
            return served(store)
        finally:
            store.close()


def flipped(files: Files, name: str, chance: random.Random) -> Files:
    """Return a file with one byte changed."""
    content = bytearray(files[name])
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return files | {name: bytes(content)}


@pytest.mark.parametrize(("state", "name"), [("killed", FILE), ("killed", LOG), ("closed", FILE)])
def test_no_flipped_bit_is_served(
    state: str, name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Each of 1,000 flipped bytes is refused, found, or changes nothing that is served."""
    whole: Whole = request.getfixturevalue(state)
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    flips = 500 if state == "closed" else 250
    fates = Counter(
        fate(tmp_path / f"{flip}", flipped(whole.files, name, chance), whole)
        for flip in range(flips)
    )
    assert fates.total() == flips
    assert not fates["missed"], f"seed {seed}: {fates}"
    assert fates["refused"] > flips // 20, f"seed {seed}: {fates}"


def test_a_schema_with_a_flipped_bit_is_refused(closed: Whole, tmp_path: Path) -> None:
    """A store whose schema lacks a column that the server reads at its start is refused."""
    content = closed.files[FILE]
    at = content.index(b"id     TEXT", content.index(b"CREATE TABLE incarnations"))
    renamed = content[:at] + b"ie" + content[at + 2 :]
    files = closed.files | {FILE: renamed}
    assert fate(tmp_path / "store", files, closed) == "refused"
    with pytest.raises(JournalDamaged, match="no such column: id"):
        what_is_served(tmp_path / "store")


@pytest.mark.parametrize("state", ["killed", "closed"])
def test_no_zeroed_page_is_served(
    state: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A zeroed page of the database or of its write-ahead log is refused, found, or harmless."""
    whole: Whole = request.getfixturevalue(state)
    fates: Counter[str] = Counter()
    for name in whole.files.keys() - {MARK}:
        content = whole.files[name]
        for at in range(0, len(content), PAGE * (1 + len(content) // PAGE // 60)):
            zeroed = content[:at] + bytes(len(content[at : at + PAGE])) + content[at + PAGE :]
            fates[fate(tmp_path / f"{name}-{at}", whole.files | {name: zeroed}, whole)] += 1
    assert not fates["missed"], fates
    assert fates["refused"], fates


def test_a_log_that_lost_its_end_is_refused(killed: Whole, tmp_path: Path) -> None:
    """The mark file reveals a write-ahead log that was truncated or deleted."""
    chance = random.Random(1)
    log = killed.files[LOG]
    for cut in [0, 1, 31, 32, 33, *(chance.randrange(len(log) - PAGE) for _ in range(40))]:
        files = killed.files | {LOG: log[:cut]}
        assert fate(tmp_path / f"{cut}", files, killed) == "refused", cut
    without = {name: content for name, content in killed.files.items() if name != LOG}
    assert fate(tmp_path / "without", without, killed) == "refused"


def test_an_older_file_is_refused(killed: Whole, tmp_path: Path) -> None:
    """An older database file is refused, with or without the newer write-ahead log."""
    older = killed.older[FILE]
    assert fate(tmp_path / "alone", {FILE: older, MARK: killed.files[MARK]}, killed) == "refused"
    assert fate(tmp_path / "both", killed.files | {FILE: older}, killed) == "harmless"
    for kept in (0, PAGE, 10 * PAGE, len(older) - PAGE):
        files = {FILE: older[:kept], MARK: killed.older[MARK]}
        assert fate(tmp_path / f"{kept}", files, killed) in ("refused", "found"), kept


def test_a_store_whose_file_is_gone_is_refused(killed: Whole, tmp_path: Path) -> None:
    """A write-ahead log without its database is refused, and neither overwritten nor deleted."""
    for number, left in enumerate([{LOG, MARK}, {LOG}, {MARK}]):
        files = {name: killed.files[name] for name in left}
        assert fate(tmp_path / f"{number}", files, killed) == "refused"


def test_the_store_of_another_log_is_refused(killed: Whole, closed: Whole, tmp_path: Path) -> None:
    """A mark file that belongs to another log is refused."""
    files = {FILE: closed.files[FILE], MARK: killed.files[MARK]}
    lay_out(tmp_path / "store", files)
    with pytest.raises(JournalDamaged, match="not the log that the file `head` beside it names"):
        what_is_served(tmp_path / "store")
    assert check(store_of(tmp_path / "store"))


@pytest.mark.parametrize("mark", [None, b"", b"torn", bytes(28), b"\xff" * 28])
def test_an_unreadable_mark_is_replaced(mark: bytes | None, killed: Whole, tmp_path: Path) -> None:
    """An unreadable mark file is replaced, because a power cut may leave one."""
    files = {name: content for name, content in killed.files.items() if name != MARK}
    lay_out(tmp_path / "store", files | ({MARK: mark} if mark is not None else {}))
    assert what_is_served(tmp_path / "store") == killed.served
    assert (tmp_path / "store" / MARK).read_bytes() == killed.files[MARK]


def test_another_program_s_database_is_refused(tmp_path: Path) -> None:
    """A database of another program is refused and left unchanged."""
    with closing(apsw.Connection(str(tmp_path / FILE))) as connection:
        connection.execute("CREATE TABLE notes (text)")
    before = files_of(tmp_path)
    with pytest.raises(JournalError, match="not one of chat-grpc"):
        what_is_served(tmp_path)
    assert files_of(tmp_path) == before


def files_of(folder: Path) -> Files:
    """Return the nonempty files of a store, except the shared memory, which SQLite recreates."""
    found = {name: folder / name for name in (FILE, LOG, MARK) if size_of(folder / name)}
    return {name: path.read_bytes() for name, path in found.items()}
