"""Day lines between printed messages."""

from __future__ import annotations

from datetime import timedelta

from chat_grpc_cli import render
from chat_grpc_cli.printer import Printer
from cli.made import NOON
from prompt_toolkit.data_structures import Size
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles import Style


class Paper:
    """A standard output that keeps what is written."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        """Keep a text."""
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Do nothing."""

    def isatty(self) -> bool:
        """Act as a terminal."""
        return True

    def fileno(self) -> int:
        """Act as the standard output."""
        return 1


def test_the_first_message_of_a_day_follows_its_date() -> None:
    """A day line stands before a message whose day is not that of the page or message before."""
    paper = Paper()
    output = Vt100_Output(paper, lambda: Size(24, 80), term="xterm")  # type: ignore[arg-type]
    printer = Printer(output, Style([]))
    printer.shown_up_to(NOON - timedelta(days=1))
    for moment in (NOON, NOON + timedelta(minutes=1), NOON + timedelta(days=1)):
        printer.show_at(render.message("hi", "bob", moment), moment)
    printer.flush()
    assert [("Sunday 01" in line, "Monday 02" in line) for line in paper.text.split("\n")[:5]] == [
        (True, False),
        (False, False),
        (False, False),
        (False, True),
        (False, False),
    ]
