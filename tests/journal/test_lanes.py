"""Read lanes: cheap reads never wait for expensive ones, and each read has a time limit."""

from __future__ import annotations

import asyncio
import resource
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import apsw
import pytest
from journal.asking import ALICE, say
from journal.opened import opened
from support import UNIT, eventually, store_of

from chat_grpc.core.errors import Draining, QueryTooCostly, TooManyQueries
from chat_grpc.core.words import channel_word
from chat_grpc.journal.database import row
from chat_grpc.journal.lanes import Lane, Rules
from chat_grpc.journal.reader import LISTS, QUICK, Reader

ENDLESS = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"


def endless(connection: apsw.Connection) -> int:
    """Read in a loop that does not end."""
    return int(row(connection, ENDLESS)[0])


def one(connection: apsw.Connection) -> int:
    """Read one row."""
    return int(row(connection, "SELECT 1")[0])


@asynccontextmanager
async def lane(threads: int = 1, **rules: float) -> AsyncIterator[Lane]:
    """Open a lane on databases in memory."""
    this = Lane(Rules("test", threads, **rules), lambda: apsw.Connection(":memory:"))  # type: ignore[arg-type]
    await this.open()
    try:
        yield this
    finally:
        await this.close()


def soon() -> asyncio.Timeout:
    """Fail if an awaitable takes too long."""
    return asyncio.timeout(5 * UNIT)


async def test_a_read_that_takes_too_long_is_interrupted() -> None:
    """A read over its time limit fails with a reason; its connection stays usable."""
    async with lane(seconds=0.05) as this, soon():
        with pytest.raises(QueryTooCostly):
            await this.run(endless)
        assert await this.run(one) == 1


async def test_a_read_whose_caller_is_gone_is_interrupted() -> None:
    """A read whose caller is gone is interrupted and frees its thread."""
    async with lane() as this, soon():
        task = asyncio.create_task(this.run(endless))
        await eventually(lambda: this.load == (1, 0))
        task.cancel()
        assert await this.run(one) == 1
        assert task.cancelled()


async def test_an_interrupt_between_two_statements_is_not_lost() -> None:
    """An interrupt between two statements has no effect in SQLite, so it is repeated."""
    begun, go_on = threading.Event(), threading.Event()

    def two(connection: apsw.Connection) -> int:
        begun.set()
        go_on.wait()
        return endless(connection)

    async with lane() as this, soon():
        task = asyncio.create_task(this.run(two))
        await eventually(begun.is_set)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        go_on.set()
        assert await this.run(one) == 1


async def test_a_read_that_waits_leaves_the_queue_with_its_caller() -> None:
    """A read whose caller is gone leaves the queue without running."""
    ran: list[int] = []
    async with lane(admitted=2) as this, soon():
        first = asyncio.create_task(this.run(endless, 1))
        second = asyncio.create_task(this.run(lambda _: ran.append(1), 1))
        await eventually(lambda: this.load == (1, 1))
        second.cancel()
        await eventually(lambda: this.load == (1, 0))
        first.cancel()
        assert await this.run(one, 1) == 1
    assert not ran


async def test_one_user_has_one_read_at_a_time_and_some_that_wait() -> None:
    """A user has one read at a time and a few that wait; more are refused with a time to retry."""
    async with lane(2, admitted=3) as this, soon():
        mine = [asyncio.create_task(this.run(endless, 1)) for _ in range(3)]
        await eventually(lambda: this.load == (1, 2))
        with pytest.raises(TooManyQueries) as refused:
            await this.run(one, 1)
        assert refused.value.retry_after
        assert await this.run(one, 2) == 1
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        await eventually(lambda: this.load == (0, 0))
        assert await this.run(one, 1) == 1


async def test_users_take_turns() -> None:
    """A user's second read comes after the first reads of other users."""
    order: list[int] = []

    def noted(user: int) -> Callable[[apsw.Connection], None]:
        return lambda _: order.append(user)

    async with lane() as this, soon():
        first = asyncio.create_task(this.run(endless, 9))
        await eventually(lambda: this.load == (1, 0))
        reads = [this.run(noted(user), user) for user in (1, 1, 1, 2, 2, 3)]
        tasks = [asyncio.create_task(read) for read in reads]
        await eventually(lambda: this.load == (1, 6))
        first.cancel()
        await asyncio.gather(*tasks)
    assert order == [1, 2, 3, 1, 2, 1]


async def test_closing_interrupts_what_runs_and_refuses_what_waits() -> None:
    """Closing interrupts running reads and refuses waiting ones."""
    async with lane() as this:
        tasks = [asyncio.create_task(this.run(endless)) for _ in range(3)]
        await eventually(lambda: this.load == (1, 2))
        async with soon():
            await this.close()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(end, Draining) for end in ends)


async def test_reads_by_key_do_not_wait_for_lists(tmp_path: Path) -> None:
    """Reads by key have threads of their own, so they do not wait for lists."""
    async with opened(tmp_path) as this, soon():
        reader = Reader(store_of(tmp_path), this.journal.with_writer)
        await reader.open()
        slow = [asyncio.create_task(reader.run(endless, LISTS, user)) for user in range(1, 9)]
        await eventually(lambda: reader.load(LISTS) == (2, 6))
        begin = time.monotonic()
        assert await reader.run(one, QUICK) == 1
        assert time.monotonic() - begin < LISTS.seconds / 2
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        await reader.close()


async def test_reads_need_no_new_descriptor(tmp_path: Path) -> None:
    """Reads work when the process has no free file descriptor."""
    async with opened(tmp_path) as this, soon():
        alice = await this.journal.add_guest(ALICE.name, ALICE.key, b"alice")
        await this.answer(say(ALICE, "lobby", "word"))
        await this.journal.index.reach(this.journal.head, 5 * UNIT)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            history = this.journal.history
            tasks = [this.page("#lobby") for _ in range(8)]
            pages = await asyncio.gather(*tasks)
            assert all(page.count == 1 for page in pages)
            assert await this.journal.user_by_number(1) == alice
            listed = await history.messages(("#lobby",), alice, before=99, after=0, limit=9)
            assert len(listed) == 1
            found = await this.journal.index.find(
                "word", [channel_word("#lobby")], before=99, limit=9, user=1
            )
            assert found.sequences == [2]
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
