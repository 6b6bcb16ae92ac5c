"""Kills at each step: acknowledged entries are stored once, others fully or not at all."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from journal.asking import Ask
from journal.faulty_vfs import Disk, Operation, faulty
from journal.life import Life, batch_of, copy_files, last_of, log_of, what_is_there
from journal.old_stores import old_store
from support import UNIT

from chat_grpc.journal.store import Store


class Steps:
    """Copy the files before each operation on the disk, as a kill there would leave them."""

    def __init__(self, life: Life, folder: Path) -> None:
        self._life = life
        self._folder = folder
        self.copies: list[tuple[Path, int, list[Ask]]] = []
        """The copy, how many states were promised by then, and what was being stored."""
        self.asks: list[Ask] = []
        folder.mkdir()
        life.disk.fault = self._before

    def _before(self, operation: Operation) -> None:
        if operation.kind != "read":
            self.copy()

    def copy(self) -> None:
        """Make a copy now."""
        copy = self._folder / str(len(self.copies))
        copy_files(self._life.folder, copy)
        self.copies.append((copy, len(self._life.promised), self.asks))

    def commit(self, asks: list[Ask]) -> None:
        """Store something, with a copy before each step, and one after it returned."""
        self.asks = asks
        self._life.commit(asks)
        self.copy()


def ask_again(folder: Path, disk: Disk, asks: list[Ask]) -> None:
    """Repeat the requests: what is stored is a duplicate, the rest is stored now."""
    store = Store(folder, vfs=disk.name)
    store.open()
    there = {row[7]: row[0] for row in log_of(store)}
    batch = batch_of(asks, store.with_connection(last_of))
    store.commit(batch)
    assert batch.error is None
    for entry in batch.entries:
        assert entry.outcome.duplicate == (entry.command.key.request_id in there), (
            entry.command.key.request_id
        )
        assert entry.outcome.sequence == there.get(
            entry.command.key.request_id, entry.outcome.sequence
        )
    log = log_of(store)
    assert len({row[7] for row in log if row[7]}) == sum(row[7] is not None for row in log)
    store.close()


def test_a_kill_at_each_step_of_commits_and_checkpoints(tmp_path: Path) -> None:
    """Acknowledged entries survive a kill at each step of opening, writing and closing."""
    chance = random.Random(5)
    with faulty() as disk:
        with Life(tmp_path / "store", disk, checkpoint_pages=12) as life:
            steps = Steps(life, tmp_path / "steps")
            for _ in range(2):
                life.open()
                for _ in range(6):
                    steps.commit(life.some(chance))
                life.close()
        assert len(steps.copies) > 150
        assert "chat.db" in {each.file for each in disk.done}, "no checkpoint was among the steps"
        for copy, promised, asks in steps.copies:
            found = what_is_there(copy)
            allowed = [log for _, log in life.promised[max(0, promised - 1) : promised + 1]]
            assert found in allowed, f"{copy} has {len(found)} events"
            ask_again(copy, disk, [ask for ask in asks if ask.request_id])
            shutil.rmtree(copy)


def test_a_kill_at_each_step_of_a_change_of_schema(tmp_path: Path) -> None:
    """After a kill during a migration the old or the new store is complete and opens."""
    old = old_store(tmp_path / "store", more=100)
    with faulty() as disk, Life(tmp_path / "store", disk) as life:
        steps = Steps(life, tmp_path / "steps")
        life.open()
    assert len(steps.copies) > 50
    for copy, *_ in steps.copies:
        assert [(row[0], row[9]) for row in what_is_there(copy)] == old, copy
        shutil.rmtree(copy)


POINTS = ("before the commit", "after the commit", "after the answer", "in a checkpoint")
ROUNDS = 20


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_a_named_point(point: str, tmp_path: Path) -> None:
    """After each of 20 kills a repeated request gets its first answer, and is stored once."""
    seed = random.randrange(2**32)
    crasher = Path(__file__).with_name("crasher.py")
    ended = subprocess.run(
        [sys.executable, str(crasher), str(tmp_path), point, str(ROUNDS), str(seed)],
        capture_output=True,
        text=True,
        timeout=100 * UNIT,
        check=False,
    )
    assert ended.returncode == 0, f"seed {seed}: {ended.stderr}"
    answers = defaultdict(set)
    for line in (tmp_path / "answers").read_text("ascii").splitlines():
        request_id, sequence = line.split()
        answers[request_id].add(int(sequence))
    log = what_is_there(tmp_path / "store")
    stored = {row[7]: {row[0]} for row in log if row[7]}
    assert len(stored) == sum(row[7] is not None for row in log), "a request is stored twice"
    assert {key: stored.get(key) for key in answers} == answers, f"seed {seed}"
    assert len(answers) > ROUNDS
