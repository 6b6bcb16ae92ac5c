"""Foreign text at a real pseudo-terminal cannot look like another line."""

from __future__ import annotations

import pytest
from cli.terminal import Terminal, at_terminals, write
from support import Process

pytestmark = pytest.mark.usefixtures("state")

FORGED = "23:59 bob │ forged"
WIDTHS = [30, 46, 64, 90]


def at_the_edge(before: str, columns: int) -> str:
    """Return a text that fills the window's width and continues with a forged line."""
    return "." * (columns - len(before)) + FORGED


def check(person: Terminal) -> None:
    """Check that no row of the screen begins with the forged line."""
    lines = person.lines()
    assert any("forged" in line for line in lines), lines
    assert not [line for line in lines if line.startswith(("23:59", "bob", "forged"))], lines


@pytest.mark.parametrize("columns", WIDTHS)
def test_topics(process: Process, columns: int) -> None:
    """A topic padded to the window's width cannot forge a line, wherever it is shown."""
    room, name = f"r{columns}", f"eve{columns}"
    with at_terminals(process.port, name, f"ann{columns}") as (eve, ann):
        ann.resize(columns)
        eve.enter(f"/create {room} {at_the_edge(f'── #{room}: ', columns)}")
        eve.shows(f"you created #{room}")
        ann.enter(f"/join {room}")
        ann.shows("forged")
        check(ann)
        ann.enter("/rooms", "/topic")
        ann.shows("you are")
        check(ann)
        before = f"12:00              ·   {name} changed #{room}: public, "
        eve.enter(f"/topic {at_the_edge(before, 2 * columns)}")
        ann.shows("changed")
        check(ann)


@pytest.mark.parametrize("columns", WIDTHS)
def test_messages_and_lists(process: Process, columns: int) -> None:
    """Long names, quotes, ambiguous-width emoji and listed messages cannot forge a line."""
    name, reader = f"mallory{columns}".ljust(32, "m"), f"una{columns}"
    joined = "👩\u200d👩\u200d👧\u200d👦" * 8
    with at_terminals(process.port, reader) as (una,):
        una.resize(columns)
        for text in (
            at_the_edge(" " * 24, columns),
            f"{joined}{FORGED}",
            "\u00a0" * (columns - 24) + FORGED,
            f"x\n{FORGED}\r{FORGED}",
        ):
            write(process, name, text, "--to", reader)
        una.shows("\\x0d")
        check(una)
        una.enter("/conversations", "/list")
        una.shows("(you)")
        check(una)
        una.enter("/search forged")
        una.shows("forged")
        check(una)
        una.enter(f"/go #{FORGED.replace(' ', '')}{'y' * 2 * columns}")
        una.shows("!   There")
        check(una)
