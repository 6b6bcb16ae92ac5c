"""Tests that run alone: meanwhile no other worker of pytest-xdist runs a test."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_GATE = Path(__file__)
_ROOM = Path(__file__).with_name("conftest.py")


@contextmanager
def turn(*, alone: bool) -> Iterator[None]:
    """Hold a place among the tests that run, or wait until no test runs and hold them all up.

    The locks are those of `flock` on two files of the tests. Each test passes a gate, where a test
    that waits to be alone stops the others; otherwise they would follow each other without an end.
    """
    with _GATE.open("rb") as gate, _ROOM.open("rb") as room:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        if not alone:
            fcntl.flock(gate, fcntl.LOCK_UN)
        yield
