"""The list from which a message is picked: messages in, lines out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from chat_grpc_cli.people import bare
from chat_grpc_cli.picker import Picker, command_for
from chat_grpc_cli.render import local, plain
from cli.made import EVIL, ME, NOON, inert, stored
from hypothesis import given


def shown(picker: Picker, columns: int = 80, rows: int = 5) -> list[str]:
    """Return the lines of a list, at noon."""
    now = local(stored(1, "").time)
    return plain(picker.lines(columns, rows, now, bare)).splitlines()


def test_messages_of_other_days_have_a_date() -> None:
    """Each message has its number, time and author, and its date except today."""
    picker = Picker("reply")
    assert shown(picker) == ["── loading the messages ──"]
    yesterday = NOON - timedelta(days=1)
    picker.load([stored(998, "old\nlines", yesterday), stored(1001, "new", by=ME)], more=False)
    noon = local(stored(1, "").time)
    day, time = f"{noon - timedelta(days=1):%Y-%m-%d}", f"{noon:%H:%M}"
    assert shown(picker) == [
        "── Enter replies, Esc ends ──",
        f"   998 {day} {time} bob │ old lines",
        f"> 1001            {time}  me │ new",
    ]
    assert [len(line) for line in shown(picker, 30)] == [29, 30, 30]


def test_the_picked_message_stays() -> None:
    """The picked message stays when messages come or go; a deleted one gives way to the next."""
    picker = Picker()
    picker.load([stored(n, f"message {n}") for n in range(1, 21)], more=True)
    assert picker.move(-4) == 0
    picker.load([stored(n, f"message {n}") for n in range(1, 31)], more=True)
    assert picker.picked is not None
    assert picker.picked.sequence == 16
    assert [line[:3] for line in shown(picker)] == ["── ", "  1", "  1", "> 1", "  1", "  1"]
    picker.load([stored(n, f"message {n}") for n in range(17, 31)], more=True)
    assert picker.picked.sequence == 17
    assert picker.move(-3) == -3
    assert picker.move(20) == 7


def test_an_empty_conversation() -> None:
    """Without a message nothing can be picked."""
    picker = Picker("edit")
    picker.load([], more=False)
    assert shown(picker) == ["── no message here; Esc ends ──"]
    assert picker.picked is None


@pytest.mark.parametrize(
    ("action", "own", "moderates", "line"),
    [
        ("reply", False, False, "/reply 7 typed"),
        ("edit", True, False, "/edit 7 hi"),
        ("edit", False, True, None),
        ("delete", True, False, "/delete 7"),
        ("delete", False, True, "/delete 7"),
        ("delete", False, False, None),
        ("react", False, False, "/react  7"),
        ("", True, True, None),
    ],
)
def test_the_command_for_a_message(
    action: str, *, own: bool, moderates: bool, line: str | None
) -> None:
    """Only the author edits, and only the author and moderators delete."""
    found = command_for(action, stored(7, "hi"), "typed", own=own, moderates=moderates)
    assert (found[0] if found else None) == line
    if action == "reply":
        found = command_for("reply", stored(7, "hi"), "/list", own=False, moderates=False)
        assert found == ("/reply 7 ", 9)
    if action == "react":
        assert found == ("/react  7", 7)


@given(EVIL)
def test_hostile_texts_stay_in_their_line(text: str) -> None:
    """A text is one line, and cannot control the terminal."""
    picker = Picker()
    picker.load([stored(7, text)], more=False)
    assert len(shown(picker)) == 2
    assert all(inert(line) for line in shown(picker))
