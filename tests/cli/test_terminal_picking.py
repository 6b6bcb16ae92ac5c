"""Picking a message with the arrows, in a real pseudo-terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cli.terminal import at_terminals, row, write, write_lines
from support import Process

pytestmark = pytest.mark.usefixtures("state")


def picked(text: str) -> Callable[[list[str]], bool]:
    """Return a condition: the list is open, and the message with this text is picked."""
    return lambda lines: any(line.startswith("> ") and line.endswith(text) for line in lines)


def test_a_reply_to_a_picked_message(process: Process) -> None:
    """/reply opens the list; the arrows pick a message, and Enter writes its number."""
    with at_terminals(process.port, "ada", "ben") as (ada, ben):
        ben.enter("first", "second", "third")
        ada.shows("ben │ third")
        ada.enter("/reply")
        ada.until(picked("ben │ third"))
        ada.type("\x1b[A\x1b[A")
        lines = ada.until(picked("ben │ first"))
        number = next(line.split()[1] for line in lines if line.startswith("> "))
        ada.type("\r")
        ada.until(lambda lines: row(lines, -2) == f"#lobby> /reply {number}")
        ada.type("of course\r")
        ben.shows("ada │ (to “first”) of course")
        ada.until(lambda lines: row(lines, -2) == "#lobby>")


def test_letters_choose_the_action(process: Process) -> None:
    """Alt-R opens the list; e edits, + reacts and d deletes the picked message, where allowed."""
    with at_terminals(process.port, "cara", "dave") as (cara, dave):
        cara.enter("mine")
        dave.shows("cara │ mine")
        dave.enter("his")
        cara.shows("dave │ his")
        cara.type("\x1br")
        cara.until(picked("dave │ his"))
        cara.type("ed")
        cara.type("\x1b[A")
        cara.until(picked("cara │ mine"))
        cara.type("e")
        cara.until(lambda lines: row(lines, -2).endswith(" mine") and "/edit" in row(lines, -2))
        cara.type(" and better\r")
        dave.shows("cara edited “mine”: mine and better")
        cara.type("\x1br")
        cara.until(picked("dave │ his"))
        cara.type("+")
        cara.until(lambda lines: row(lines, -2).startswith("#lobby> /react "))
        cara.type("tada\r")
        dave.shows("cara reacted 🎉 to “his”")
        dave.type("\x1br")
        dave.until(picked("dave │ his  (🎉 1)"))
        dave.type("d")
        dave.until(lambda lines: row(lines, -2).startswith("#lobby> /delete "))
        dave.type("\r")
        cara.shows("dave deleted")


def test_the_list_follows_what_happens(process: Process) -> None:
    """The list has the texts of the server, and changes while it is open; Esc and Ctrl-C end it."""
    with at_terminals(process.port, "eva", "finn") as (eva, finn):
        finn.enter("one", "two")
        eva.shows("finn │ two")
        eva.type("\x1br")
        eva.until(picked("finn │ two"))
        finn.enter("/edit second", "/delete -2", "three")
        eva.until(lambda lines: picked("finn │ second")(lines) and "three" in "".join(lines))
        eva.until(lambda lines: not any(line.endswith("finn │ one") for line in lines[-6:]))
        eva.type("\x1b")
        eva.until(lambda lines: "Esc ends" not in "".join(lines))
        eva.type("\x1br")
        eva.until(picked("finn │ three"))
        eva.type("\x03still typing")
        eva.until(lambda lines: row(lines, -2) == "#lobby> still typing")
        eva.until(lambda lines: "Esc ends" not in "".join(lines))


def test_the_typed_text_becomes_the_reply(process: Process) -> None:
    """A text that was typed before the list was opened becomes the reply."""
    with at_terminals(process.port, "gil", "hal") as (gil, hal):
        hal.enter("which one?")
        gil.shows("hal │ which one?")
        gil.type("the red one\x1br")
        gil.until(picked("which one?"))
        gil.type("\r\r")
        hal.shows("gil │ (to “which one?”) the red one")


def test_earlier_messages_and_own_ones(process: Process) -> None:
    """The list reaches back beyond the screen; /edit offers own messages, however long ago."""
    write(process, "ian", "long ago")
    write_lines(process, "judy", "chatter", 120)
    with at_terminals(process.port, "ian") as (ian,):
        ian.enter("/edit")
        ian.until(picked("ian │ long ago"))
        ian.type("\x03")
        ian.type("\x1br")
        ian.until(picked("chatter 119"))
        for _ in range(6):
            ian.type("\x1b[5~")
        ian.until(picked("chatter 59"))
        ian.type("\x1b[5~" * 6)
        ian.until(picked("long ago"))
        ian.resize(40, 15)
        ian.until(lambda lines: len(lines) <= 15 and picked("long ago")(lines))
        assert all(len(line) < 40 for line in ian.lines()[-8:])
