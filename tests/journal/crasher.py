"""Run a journal repeatedly in a process that ends in the middle, as `kill -9` ends one.

The arguments are a folder, the name of the point at which the process ends, the number of rounds,
and a seed. The folder keeps the store, and `answers`: a line for each answer of the journal.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))

from journal.asking import ALICE, say
from journal.faulty_vfs import Operation, faulty

from chat_grpc.core.entry import Entry
from chat_grpc.journal import store, wal
from chat_grpc.journal.sqlite import SqliteJournal
from chat_grpc.system_clock import event_clock

KILLED = 9
AGAIN = 30
"""The number of answered requests that are repeated after a kill."""


class Ending:
    """End the process when a point was passed a number of times."""

    def __init__(self, point: str, passes: int) -> None:
        self._point = point
        self._left = passes

    def passed(self, point: str) -> None:
        """Count a point that is passed."""
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os._exit(KILLED)

    def on_disk(self, operation: Operation) -> None:
        """Count an operation on the disk."""
        if operation.kind == "sync" and operation.file.endswith("-wal"):
            self.passed("before the commit")
        if operation.kind == "write" and operation.file == "chat.db":
            self.passed("in a checkpoint")


class Caller:
    """Send one message after another to a journal, and keep the answers."""

    def __init__(self, folder: Path, ending: Ending, chance: random.Random) -> None:
        self._answers = folder / "answers"
        self._ending = ending
        self._chance = chance
        self._waiting: set[Entry] = set()

    def answered(self, entries: Sequence[Entry]) -> None:
        """Write some answers in one write, as one stream gets them."""
        lines = ""
        for entry in entries:
            assert entry.outcome.error is None, entry.outcome.error
            lines += f"{entry.command.key.request_id} {entry.outcome.sequence}\n"
        with self._answers.open("a", encoding="ascii") as file:
            file.write(lines)
        self._waiting.difference_update(entries)
        self._ending.passed("after the answer")

    async def ask_forever(self, journal: SqliteJournal) -> None:
        """Send messages endlessly; first repeat the last requests of the run before."""
        known = self._answers.read_text("ascii").split()[::2] if self._answers.exists() else []
        first = max(map(int, known), default=0) - AGAIN
        numbers = itertools.count(max(first, 1))
        while True:
            for number in itertools.islice(numbers, self._chance.randrange(1, 6)):
                entry = say(ALICE, "lobby", f"message {number} " + "x" * 300, str(number)).make()
                self._waiting.add(entry)
                journal.append(entry)
            while len(self._waiting) > self._chance.randrange(10):
                await asyncio.sleep(0)


def commit_with(ending: Ending) -> Callable[..., None]:
    """Return a commit that reports its end."""
    commit = store.Store.commit

    def told(self: store.Store, batch: Any) -> None:
        commit(self, batch)
        ending.passed("after the commit")

    return told


async def run(folder: Path, ending: Ending, chance: random.Random) -> None:
    """Run the journal once."""
    with faulty(for_all=True) as disk, mock.patch.object(wal, "CHECKPOINT_PAGES", 20):
        journal = SqliteJournal(folder / "store", clock=event_clock())
        caller = Caller(folder, ending, chance)
        await journal.open(caller.answered)
        if await journal.user_by_number(1) is None:
            await journal.add_guest(ALICE.name, ALICE.key, b"token")
        disk.fault = ending.on_disk
        await caller.ask_forever(journal)


def main(folder: Path, point: str, rounds: int, seed: int) -> None:
    """Run the journal a number of times, each time in a process of its own that is killed."""
    chance = random.Random(seed)
    for _ in range(rounds):
        passes, seed = chance.randrange(1, 25), chance.randrange(2**32)
        child = os.fork()
        if child == 0:
            ending = Ending(point, passes)
            store.Store.commit = commit_with(ending)  # type: ignore[method-assign]
            asyncio.run(run(folder, ending, random.Random(seed)))
            os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == KILLED


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
