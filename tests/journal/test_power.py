"""Power cuts, on a model of a disk below the real store: everything promised is still stored."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from journal.faulty_vfs import Operation, faulty
from journal.life import Life, lay_out, what_is_there, written_and_synced

from chat_grpc.journal import JournalError
from chat_grpc.journal.database import MARK

CUTS = 150


def live(life: Life, chance: random.Random, *pragmas: str) -> None:
    """Create, write, close, kill and reopen a store many times."""
    for end in ("before the sync", "close", "a sync fails", "kill", "kill in a commit", "close"):
        life.open(*pragmas)
        for _ in range(12):
            life.commit(life.some(chance))
        if end == "close":
            life.close()
        elif end == "kill":
            life.kill()
        elif end == "a sync fails":
            life.fail(life.some(chance))
        else:
            life.kill(life.some(chance), 0 if end == "before the sync" else chance.randrange(1, 9))


def marked(life: Life, at: int, chance: random.Random | None) -> bytes | None:
    """Return the possible contents of the mark after a cut: all written by then, and torn ones.

    The system writes it to the disk at any time, and it reaches the page cache only after the
    commit.
    """
    written = [content for done, content in life.marks if done <= at]
    if not written or chance is None:
        return written[-1] if written else None
    one, other = chance.choice(written), chance.choice(written)
    cut = chance.choice([0, len(one), chance.randrange(len(one))])
    return one[:cut] + other[cut:]


def survives(life: Life, folder: Path, at: int, chance: random.Random | None) -> bool:
    """Return True if the store has exactly what was promised before a cut, or a later state."""
    files = life.disk.after_a_cut(at, chance)
    mark = marked(life, at, chance)
    lay_out(folder, files | ({MARK: mark} if mark is not None else {}))
    try:
        found = what_is_there(folder)
    except (JournalError, AssertionError):
        return False
    since = max((n for n, (done, _) in enumerate(life.promised) if done <= at), default=-1)
    allowed = [log for _, log in life.promised[max(since, 0) :]]
    return found in allowed or (since < 0 and not found)


def lost(
    tmp_path: Path,
    seed: int,
    *pragmas: str,
    settling: Callable[[Path], list[Operation]] = written_and_synced,
) -> list[int]:
    """Cut the power at 150 points; return the cuts after which a promise was broken."""
    chance = random.Random(seed)
    with faulty() as disk, Life(tmp_path / "store", disk, settling, 12) as life:
        live(life, chance, *pragmas)
    found = []
    moments = [at for opening in life.openings for at in (opening, opening)]
    moments += [chance.randrange(1, len(disk.done) + 1) for _ in range(CUTS - len(moments))]
    for cut, at in enumerate(moments):
        keep = random.Random(chance.random()) if cut % 2 else None
        if not survives(life, tmp_path / f"cut-{cut}", at, keep):
            found.append(at)
    return found


def test_nothing_promised_is_lost_in_a_power_cut(tmp_path: Path) -> None:
    """150 random cuts lose nothing promised; half of them keep unsynced writes in any order."""
    seed = random.randrange(2**32)
    assert lost(tmp_path, seed) == [], f"seed {seed}"


def test_a_store_that_does_not_sync_each_commit_is_found_out(tmp_path: Path) -> None:
    """With `synchronous=NORMAL` promises are lost, so the test above can fail."""
    assert lost(tmp_path, 1, "PRAGMA synchronous = NORMAL")


@pytest.mark.parametrize("only_synced", [False, True])
def test_a_store_that_trusts_what_it_finds_is_found_out(tmp_path: Path, only_synced: bool) -> None:
    """A store that trusts unsynced data after a kill or a failed sync loses promises."""
    assert lost(tmp_path, 1, settling=lambda log: [Operation("sync", log.name)] * only_synced)


def test_opening_writes_the_log_again_and_syncs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening rewrites the write-ahead log with the same bytes and syncs it before reading it."""
    with faulty() as disk, Life(tmp_path / "store", disk) as life:
        life.open()
        life.commit(life.some(random.Random(1)))
        life.kill()
        log = life.folder / "chat.db-wal"
        content, synced = log.read_bytes(), []
        os.utime(log, ns=(0, 0))
        monkeypatch.setattr(os, "fsync", lambda file: synced.append(Path(file.name)))
        life.open()
        assert synced == [log]
        assert log.stat().st_mtime_ns > 0
        assert log.read_bytes().startswith(content)  # the incarnation is added at the end
