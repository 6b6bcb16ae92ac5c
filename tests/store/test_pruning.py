"""Pruning of tokens, unused guests and superseded read markers."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fake_time import DAY, HOUR, FakeTime
from journal.asking import read, room, say
from store.test_upkeep import BOB, kept
from support import store_of

from chat_grpc.core import limits
from chat_grpc.core.changes import CreateRoom
from chat_grpc.core.user import User
from chat_grpc.journal import pruning
from chat_grpc.journal.check import check
from chat_grpc.journal.database import rows

LIFE = limits.GUEST_LIFETIME + limits.ENDED_TOKEN_KEPT


async def test_unused_guests_leave_the_store(tmp_path: Path) -> None:
    """A guest with no token and no kept event is removed; the number is not given again."""
    time = FakeTime()
    async with kept(tmp_path, time, seconds=3 * DAY) as this:
        bob, idle, writer, owner = [
            await this.journal.add_guest(name, name.lower(), name.encode())
            for name in ("Bob", "Idle", "Writer", "Owner")
        ]
        await this.ask(say(writer, "lobby", "words"), room(owner, CreateRoom("a", "A", "", False)))
        await this.ask(say(bob, bob, "a note"))
        last = await this.journal.add_guest("Last", "last", b"last")
        time.run(LIFE + HOUR)
        await this.live(2 * HOUR)
        assert await this.journal.user_by_number(idle.number) == idle, (
            "an event of that time is still kept"
        )
        await this.live(3 * DAY + 3 * HOUR)
        there = [await this.journal.user_by_number(n) for n in range(1, last.number + 1)]
        assert there == [bob, None, None, owner, None]
        assert await this.journal.user_by_token(b"Idle") is None
    assert check(store_of(tmp_path)) == []
    async with kept(tmp_path, time) as this:
        assert (await this.journal.add_guest("New", "new", b"new")).number == last.number + 1


async def test_a_guest_with_a_living_token_stays(tmp_path: Path) -> None:
    """A guest whose token is in use is kept, however long ago the sign-in was."""
    async with kept(tmp_path, seconds=2 * DAY) as this:
        bob = await this.journal.add_guest("Bob", "bob", b"token")
        for _ in range(5):
            await this.live(DAY)
            this.time.run(LIFE / 4)
            assert await this.journal.user_by_token(b"token") == bob
        await this.live(2 * HOUR)
        assert await this.journal.user_by_number(bob.number) == bob


async def test_sign_ins_do_not_drop_events(tmp_path: Path) -> None:
    """The size limit of a store does not count sign-ins, which pruning of events cannot remove."""
    bound = 540_000
    async with kept(tmp_path, size=bound) as this:
        await this.append(20, "old")
        names = [f"guest{number}" + "x" * 20 for number in range(1500)]
        journal = this.journal
        for at in range(0, len(names), 50):
            some = names[at : at + 50]
            await asyncio.gather(*(journal.add_guest(each, each, each.encode()) for each in some))
        await this.live(DAY + 3 * HOUR)
        lasting = await journal.with_writer(pruning.lasting_size)
        pages = await journal.with_writer(lambda one: rows(one, "PRAGMA page_count")[0][0])
        assert lasting < bound < pages * 4096
        assert pages * 4096 - lasting < bound
        assert len(await this.found("old")) == 20


async def test_read_markers_that_were_set_again_leave_the_log(tmp_path: Path) -> None:
    """Only the newest marker of a user and conversation stays; checksums stay valid."""
    async with kept(tmp_path) as this:
        carol = User(2, "carol", "carol")
        for name in ("bob", "carol"):
            await this.journal.add_guest(name, name, name.encode())
        said = await this.append(30)
        for entry in said:
            sequence = entry.outcome.sequence
            await this.ask(read(BOB, "lobby", sequence), read(carol, BOB, sequence))
            await this.ask(say(carol, BOB, "between"))
        await this.live(3 * HOUR)
        left = await this.journal.with_writer(
            lambda connection: rows(connection, "SELECT author FROM log WHERE kind = 5")
        )
        assert sorted(left) == [(1,), (2,)]
        gaps = await this.journal.with_writer(
            lambda connection: rows(connection, "SELECT count(*) FROM gaps")
        )
        assert gaps == [(29,)], "one gap for each run of removed rows"
        assert len(await this.found("between")) == 0  # direct messages are not in the lobby
    assert check(store_of(tmp_path)) == []
    async with kept(tmp_path) as this:
        await this.append(1, "after")
    assert check(store_of(tmp_path)) == []


async def test_a_superseded_read_marker_stays_for_an_hour(tmp_path: Path) -> None:
    """A marker that is superseded is removed when it is an hour old, and not before."""

    async def left() -> int:
        found = await this.journal.with_writer(
            lambda connection: rows(connection, "SELECT count(*) FROM log WHERE kind = 5")
        )
        return int(found[0][0])

    async with kept(tmp_path) as this:
        await this.journal.add_guest("bob", "bob", b"bob")
        for text in ("first", "second"):
            said = await this.append(2, text)
            await this.ask(*(read(BOB, "lobby", entry.outcome.sequence) for entry in said))
            await this.live(HOUR / 2)
            assert await left() == 2
            await this.live(2 * HOUR)
            assert await left() == 1
    assert check(store_of(tmp_path)) == []
