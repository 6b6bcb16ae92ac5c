"""Breaking and padding of texts into the columns of a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from chat_grpc_cli import render, tables
from chat_grpc_cli.columns import (
    BAR,
    GUTTER,
    NEWLINE,
    Fragments,
    clip,
    clip_line,
    fit,
    left,
    right,
    width,
    wrap,
)
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.shown import one_line
from hypothesis import example, given
from hypothesis import strategies as st
from wcwidth import wcwidth

from chat_grpc.v1 import chat_pb2
from cli import made

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
        ("👩\u200d🔧👩\u200d🔧", 4, 4, ["👩\u200d🔧", "👩\u200d🔧"]),
        ("ends with spaces  ", 20, 20, ["ends with spaces  "]),
        ("  (edited)", 0, 20, ["", "(edited)"]),
    ],
)
def test_lines_break(text: str, first: int, columns: int, lines: list[str]) -> None:
    """Lines break at spaces, which are dropped; a long word breaks anywhere between letters."""
    assert wrap(text, first, columns) == lines


@given(st.text(), st.integers(2, 30), st.integers(2, 30))
@example("000 000", 3, 2)
@example("000000 000", 2, 2)
def test_nothing_is_lost_by_breaking(text: str, first: int, columns: int) -> None:
    """Every character but spaces is kept in order, and no line is wider than its limit."""
    text = safe(text)
    lines = wrap(text, first, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert width(lines[0]) <= first
    assert all(width(line) <= columns for line in lines[1:])


LETTERS = st.sampled_from("ab 日│:1\u0301\n\u00a0👩\u200d❤\ufe0f")
COLUMNS = st.integers(10, 90)


def cells(line: str) -> int:
    """Return the columns of a line on a terminal that joins no emoji."""
    return sum(max(wcwidth(letter), 0) for letter in line)


@given(st.text(alphabet=LETTERS, max_size=200), COLUMNS)
def test_each_line_of_a_message_has_the_gutter(text: str, columns: int) -> None:
    """For any text and width, each further line of a message begins with the gutter."""
    shown = render.plain(fit(render.message(text, "eve", NOON), columns)).split("\n")
    assert shown[0].startswith("12:00")
    assert all(line.lstrip(" ").startswith("│ ") for line in shown[1:])
    if columns >= 43:
        assert all(line.index("│") == 21 for line in shown)


@given(st.text(alphabet=LETTERS, max_size=120), COLUMNS)
def test_every_kind_of_line_has_the_gutter(text: str, columns: int) -> None:
    """Topics, names, errors, notices and lists fit the width, and continue with a gutter."""
    topic, name = one_line(text), safe(text)[:32].replace(" ", "") or "x"
    room = chat_pb2.Room(name=name, topic=text, invite_only=True)
    last = made.stored(1, text, by=chat_pb2.Author(number=2, name=name))
    conversation = chat_pb2.Conversation(room=room, last_message=last)
    for shown, rows in (
        (render.rule(f"#{name}: {topic}"), 1),
        (render.notice(topic, NOON), 1),
        (render.error(text), 1),
        (render.message("x", name, NOON, where=f"#{name}", answers=topic), 1),
        (tables.room_table([room]), 2),
        (tables.client_table([chat_pb2.Client(number=1, name=name)], 0, NOON), 2),
        (tables.member_table([chat_pb2.RoomMember(user=last.message.author)], 0), 2),
        (tables.conversation_table([conversation], NOON), 2),
    ):
        lines = rows_of(fit(shown, columns))
        assert max(width(render.plain(line)) for line in lines) <= columns
        assert max(cells(render.plain(line)) for line in lines) <= columns
        assert sum(not continues(line) for line in lines) <= rows, lines


def rows_of(fragments: Fragments) -> list[Fragments]:
    """Return the rows of a text."""
    rows: list[Fragments] = [[]]
    for fragment in fragments:
        if fragment == NEWLINE:
            rows.append([])
        else:
            rows[-1].append(fragment)
    return rows


def continues(row: Fragments) -> bool:
    """Return True if a row begins with the gutter."""
    (style, text), *rest = row
    indented = not text.strip() and bool(text) and bool(rest) and rest[0][0] == GUTTER
    return (style, text) == (GUTTER, BAR) or (style == "" and indented)


def test_a_line_that_fits_stays_as_it_is() -> None:
    """A line that fits is unchanged; the last cell of a table wraps below itself."""
    message = render.message("to  the   point", "bob", NOON, notes=["edited"])
    assert fit(message, 80) == message
    long = render.notice("one two three four five six seven", NOON)
    assert render.plain(fit(long, 45)).split("\n") == [
        "12:00              ·   one two three four",
        " " * 23 + "five six seven",
    ]


def test_cells_have_their_width() -> None:
    """A wide character takes two columns."""
    assert (right("日本", 6), left("日本", 6), right("abc", 2)) == ("  日本", "日本  ", "abc")
    assert [clip("日本語", n) for n in (6, 5, 4)] == ["日本語", "日本…", "日…"]
    assert clip("e\u0301" * 5, 3) == "e\u0301" * 2 + "…"


def test_a_line_of_fragments_is_cut() -> None:
    """The cut line has the given columns, ends with an ellipsis, and keeps its styles."""
    line = [("a", "one "), ("b", "two "), ("c", "three")]
    assert clip_line(line, 13) == line
    assert clip_line(line, 12) == [*line[:2], ("c", "thr…")]
    assert clip_line(line, 8) == [line[0], ("b", "two…")]
    assert clip_line(line, 2) == [("a", "o…")]
