"""The file of typed lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chat_grpc_cli.typed_lines import MAX_BYTES, MAX_LINE, TypedLines

pytestmark = pytest.mark.usefixtures("state")


def _lines(most: int = 3) -> tuple[TypedLines, list[str]]:
    told: list[str] = []
    keeps = lambda line: not line.startswith("/password")  # noqa: E731
    return TypedLines("localhost:1", "alice", most, keeps=keeps, failed=told.append), told


def _stored(state: Path) -> list[str]:
    (file,) = state.glob("typed-*.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_the_newest_lines_are_kept(state: Path) -> None:
    """A start returns the newest lines, newest first, and cuts the file to them."""
    lines, _ = _lines()
    for text in ("one", "two\nrows", "/password x", "a" * MAX_LINE, "three", "vier é 👍"):
        lines.store_string(text)
    again, told = _lines()
    assert list(again.load_history_strings()) == ["vier é 👍", "three", "two\nrows"]
    assert _stored(state) == ["two\nrows", "three", "vier é 👍"]
    assert told == []


def test_a_long_session_is_bounded(state: Path) -> None:
    """The file is cut within a session at twice the limits of lines and bytes."""
    lines, _ = _lines()
    for number in range(20):
        lines.store_string(str(number))
    assert len(_stored(state)) <= 6
    many, _ = _lines(10_000)
    for _ in range(3 * MAX_BYTES // (MAX_LINE - 100)):
        many.store_string("x" * (MAX_LINE - 100))
    (file,) = state.glob("typed-*.jsonl")
    assert file.stat().st_size <= 2 * MAX_BYTES + MAX_LINE


def test_zero_lines_remove_the_file(state: Path) -> None:
    """With `history_lines = 0` nothing is stored, and an existing file is removed."""
    _lines()[0].store_string("one")
    none, _ = _lines(0)
    assert list(none.load_history_strings()) == []
    none.store_string("two")
    assert list(state.glob("typed-*")) == []


def test_a_damaged_file_loses_only_its_damaged_lines(state: Path) -> None:
    """Lines that are no JSON strings are dropped."""
    _lines()[0].store_string("one")
    (file,) = state.glob("typed-*.jsonl")
    with file.open("ab") as writer:
        writer.write(b'\xff\n7\n"cut\n"two"\n')
    again, told = _lines()
    assert list(again.load_history_strings()) == ["two", "one"]
    assert told == []


def test_a_file_that_cannot_be_written_is_reported_once(state: Path) -> None:
    """If the state folder cannot be written, one sentence says so."""
    state.write_text("not a folder")
    lines, told = _lines()
    lines.store_string("one")
    lines.store_string("two")
    assert len(told) == 1
    assert "Typed lines are not kept" in told[0]
