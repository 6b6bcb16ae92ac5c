"""The garbage collector of a server visits young objects only, and still finds old cycles."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from chat_grpc import collector
from chat_grpc.collector import Collector


class Cycle:
    """An object that only the garbage collector frees."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def survive(seconds: float, tested: Collector, kept: list[list[int]]) -> None:
    """Make objects until a tick freezes them."""
    frozen = gc.get_freeze_count()
    while gc.get_freeze_count() <= frozen:
        kept += [[] for _ in range(10_000)]
        tested.tick(seconds, streams=0)


def test_objects_that_live_long_are_frozen() -> None:
    """Objects that survive a few runs are frozen, so that no run visits all objects."""
    tested = Collector()
    tested.start()
    survive(0.0, tested, [])
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects(generation=2)) < 1000


def test_frozen_cycles_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cycle that ended after it was frozen is freed once too many objects are frozen."""
    tested = Collector()
    tested.start()
    monkeypatch.setattr(collector, "_SLACK", gc.get_freeze_count() + 5_000)
    cycle: Cycle | None = Cycle()
    assert cycle is not None
    ended = weakref.ref(cycle)
    kept: list[list[int]] = []
    survive(1.0, tested, kept)
    del cycle
    gc.collect()
    assert ended() is not None, "it was not frozen"
    tested.tick(1000.0, streams=0)
    assert ended() is None
