"""Several conversations at a glance, and the keys between them, in a real pseudo-terminal."""

from __future__ import annotations

from contextlib import closing

import pytest
from cli.terminal import Terminal, at_terminals, row, write
from support import Process

pytestmark = pytest.mark.usefixtures("state")


def test_the_bar_counts_and_alt_digits_jump(process: Process) -> None:
    """The bar shows rooms and people with unread messages; Alt and a digit goes there."""
    with at_terminals(process.port, "anna", "bert") as (anna, bert):
        anna.enter("/create ops", "/create den")
        anna.until(lambda lines: row(lines, -3) == " 1 #lobby  2 #ops  3 #den")
        bert.enter("/join ops", "three of", "these", "for ops", "/to anna psst")
        anna.until(lambda lines: row(lines, -3) == " 1 #lobby  2 #ops +3  3 #den  4 @bert *")
        anna.type("\x1b2")
        anna.until(lambda lines: row(lines, -2) == "#ops>")
        anna.in_order("── new ──", "bert │ three of", "bert │ for ops")
        anna.until(lambda lines: row(lines, -3) == " 1 #lobby  2 #ops  3 #den  4 @bert *")
        anna.type("\x1b4")
        anna.until(lambda lines: row(lines, -2) == "@bert>")
        anna.type("\x1b9x")
        anna.until(lambda lines: row(lines, -2) == "@bert> x")


def test_alt_a_goes_where_attention_is_wanted(process: Process) -> None:
    """Alt-A visits the conversations with unread messages, and then goes back."""
    with at_terminals(process.port, "cleo") as (cleo,):
        cleo.enter("/create one", "/create two")
        cleo.shows("#two>")
        write(process, "dirk", "psst", "--to", "cleo")
        cleo.shows("3 #two  4 @dirk *")
        cleo.type("\x1ba")
        cleo.until(lambda lines: row(lines, -2) == "@dirk>")
        cleo.type("\x1ba")
        cleo.until(lambda lines: row(lines, -2) == "#two>")
        cleo.type("\x1b[1;3A")
        cleo.until(lambda lines: row(lines, -2) == "#one>")
        cleo.type("\x1b[1;3B\x1b[1;3B\x1b[1;3B")
        cleo.until(lambda lines: row(lines, -2) == "#lobby>")


def test_a_jump_does_not_take_the_text_along(process: Process) -> None:
    """A text that was not entered stays in its conversation, and is there on the way back."""
    with at_terminals(process.port, "emil", "fay") as (emil, fay):
        emil.enter("/create ops")
        emil.shows("#ops>")
        emil.type("only for ops\x1b1")
        emil.until(lambda lines: row(lines, -2) == "#lobby>")
        emil.type("for all\r")
        fay.shows("emil │ for all")
        emil.type("\x1b2")
        emil.until(lambda lines: row(lines, -2) == "#ops> only for ops")
        emil.type("\r")
        emil.shows("emil │ only for ops")
        assert not [line for line in fay.lines() if "only for ops" in line]


def test_the_list_opens_and_follows_the_size_of_the_window(process: Process) -> None:
    """Alt-L opens the list and closes it; a wide window opens it; both leave one input line."""
    with closing(Terminal(process.port, "gerd", 50, columns=200)) as gerd:
        gerd.here()
        for room in ("ops", "den", "art", "zoo", "sea"):
            gerd.enter(f"/create {room} all about {room}")
        gerd.until(lambda lines: "> 6 #sea  owner, all about sea" in row(lines, -3))
        gerd.until(lambda lines: row(lines, -4).startswith("  1 #lobby"))
        gerd.resize(80, 24)
        gerd.until(lambda lines: row(lines, -3).startswith(" 1 #lobby  2 #ops  3 #den"))
        gerd.resize(40, 15)
        gerd.until(lambda lines: row(lines, -3).endswith("6 #sea  and 3 more"))
        gerd.type("\x1bl")
        gerd.until(lambda lines: any("> 6 #sea" in line for line in lines[-6:-2]))
        gerd.type("typed\x1bl")
        gerd.until(lambda lines: row(lines, -3).endswith("and 3 more"))
        gerd.until(lambda lines: row(lines, -2) == "#sea> typed")
        gerd.resize(200, 50)
        gerd.until(lambda lines: row(lines, -3).startswith(" 1 #lobby  2 #ops"))
        gerd.until(lambda lines: sum("#sea> typed" in line for line in lines) == 1)


def test_a_long_title_leaves_room_to_type(process: Process) -> None:
    """In a narrow window the title before the input line takes at most half of the columns."""
    write(process, "bob.with.a.very.long.name.indeed", "hello", "--to", "#lobby")
    with closing(Terminal(process.port, "hal", 15, columns=40)) as hal:
        hal.here()
        hal.enter("/go bob.with.a.very.long.name.indeed")
        hal.type("typed")
        hal.until(lambda lines: row(lines, -2) == "@bob.with.a.very.lo…> typed")
