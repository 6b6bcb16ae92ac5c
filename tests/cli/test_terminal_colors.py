"""The interactive client in a real pseudo-terminal: columns and colors."""

from __future__ import annotations

from contextlib import closing

import pytest
from chat_grpc_cli import palette
from cli.terminal import Terminal, at_terminals
from support import Process

pytestmark = pytest.mark.usefixtures("state")


@pytest.mark.parametrize(
    ("background", "given"), [("dark", "15;0"), ("light", "0;15"), ("unknown", "")]
)
def test_names_have_colors_for_the_background(
    process: Process, background: str, given: str
) -> None:
    """The users with the numbers 1 and 2 have the colors of these numbers."""
    with (
        at_terminals(process.port, "alice", "bob") as (alice, bob),
        closing(Terminal(process.port, "carol", COLORTERM="truecolor", COLORFGBG=given)) as carol,
    ):
        carol.here()
        alice.enter("hello")
        bob.enter("hi")
        carol.shows("alice │ hello")
        carol.shows("bob │ hi")
        colors = {color.removeprefix("#") for color in palette.names_on(background)[1:3]}
        carol.until(lambda _: colors <= carol.styles())


def test_a_narrow_window_is_not_ragged(process: Process) -> None:
    """At 40 columns all lines of a message begin at the same column, also below a long name."""
    long_name = "someone-with-a-long-name"
    with (
        at_terminals(process.port, "dora", long_name) as (dora, someone),
        closing(Terminal(process.port, "emil", 15, columns=40)) as emil,
    ):
        emil.here()
        dora.enter("several words that need more columns than there are")
        lines = emil.shows("than there are")
        texts = [line for line in lines if "│" in line and "emil" not in line]
        assert texts[0].index("│") == texts[1].index("│") == 17
        assert "dora │ several words" in texts[0]
        someone.enter("several words below a name that is long")
        lines = emil.shows("long")
        name = next(number for number, line in enumerate(lines) if long_name in line)
        assert [line[:3] for line in lines[name + 1 : name + 3]] == [" │ ", " │ "]


def test_history_has_the_columns_of_live_lines(process: Process) -> None:
    """A message stands in the same columns when it arrives and in /history.

    A number without a text is no reply.
    """
    with at_terminals(process.port, "fred", "gina") as (fred, gina):
        fred.enter("a message")
        gina.shows("fred │ a message")
        gina.enter("/history")
        lines = gina.shows("a message  (no. ")
        found = [line for line in lines if "a message" in line]
        assert len({line.index("│") for line in found}) == 1
        gina.enter("/reply 17")
        gina.shows("Give the text after the number: /reply 17 hello, all.")
