"""How texts are put into the columns of a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from chat_grpc_cli import render
from chat_grpc_cli.columns import clip, fit, left, right, width, wrap
from chat_grpc_cli.sanitize import safe
from hypothesis import example, given
from hypothesis import strategies as st

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "first", "columns", "lines"),
    [
        ("", 10, 10, [""]),
        ("hello", 10, 10, ["hello"]),
        ("hello you", 5, 10, ["hello", "you"]),
        ("hello   you", 8, 8, ["hello", "you"]),
        ("  indented code", 10, 10, ["  indented", "code"]),
        ("a wonderfulword b", 5, 5, ["a won", "derfu", "lword", "b"]),
        ("日本語です", 4, 4, ["日本", "語で", "す"]),
        ("日本語", 5, 5, ["日本", "語"]),
        ("e\u0301e\u0301e\u0301", 2, 2, ["e\u0301e\u0301", "e\u0301"]),
        ("👩\u200d🔧👩\u200d🔧", 2, 2, ["👩\u200d🔧", "👩\u200d🔧"]),
        ("ends with spaces  ", 20, 20, ["ends with spaces  "]),
        ("  (edited)", 0, 20, ["", "(edited)"]),
    ],
)
def test_lines_break(text: str, first: int, columns: int, lines: list[str]) -> None:
    """At spaces, which are left out there; long words anywhere, but not within a letter."""
    assert wrap(text, first, columns) == lines


@given(st.text(), st.integers(2, 30), st.integers(2, 30))
@example("000 000", 3, 2)
@example("000000 000", 2, 2)
def test_nothing_is_lost_by_breaking(text: str, first: int, columns: int) -> None:
    """Every letter but spaces is there, in order, and no line needs more columns than it has."""
    text = safe(text)
    lines = wrap(text, first, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert width(lines[0]) <= first
    assert all(width(line) <= columns for line in lines[1:])


@given(st.text(alphabet=st.sampled_from("ab 日│:1\u0301\n"), max_size=200), st.integers(20, 90))
def test_what_one_wrote_stays_behind_the_bar(text: str, columns: int) -> None:
    """However a text is made, and whatever the width: no line of it begins at the left."""
    shown = render.plain(fit(render.message(text, "eve", NOON), columns)).split("\n")
    assert shown[0].startswith("12:00            eve │ ")
    assert all(line.lstrip(" ").startswith("│ ") for line in shown[1:])
    if columns >= 43:
        assert all(line.index("│") == 21 for line in shown)


def test_a_line_that_fits_stays_as_it_is() -> None:
    """Styles and spaces included; a table's last cell breaks under itself."""
    message = render.message("to  the   point", "bob", NOON, notes=["edited"])
    assert fit(message, 80) == message
    long = render.notice("one two three four five six seven", NOON)
    assert render.plain(fit(long, 45)).split("\n") == [
        "12:00              ·   one two three four",
        " " * 23 + "five six seven",
    ]


def test_cells_have_their_width() -> None:
    """Wide characters take two columns."""
    assert (right("日本", 6), left("日本", 6), right("abc", 2)) == ("  日本", "日本  ", "abc")
    assert [clip("日本語", n) for n in (6, 5, 4)] == ["日本語", "日本…", "日…"]
    assert clip("e\u0301" * 5, 3) == "e\u0301" * 2 + "…"
