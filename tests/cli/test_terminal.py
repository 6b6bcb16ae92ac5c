"""The interactive client in a real pseudo-terminal."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest
from support import COMMAND, Process, free_port, serving, wait_for

COLUMNS, LINES = 90, 24


class Terminal:
    """A person at a terminal: types, and looks at the screen."""

    def __init__(self, port: int, name: str) -> None:
        self._screen = pyte.Screen(COLUMNS, LINES)
        # A terminal answers where its cursor is.
        setattr(self._screen, "write_process_input", self.type)  # noqa: B010
        self._stream = pyte.ByteStream(self._screen)
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            COMMAND[0],
            [*COMMAND[1:], "connect", "--server", f"127.0.0.1:{port}", "--name", name],
            dimensions=(LINES, COLUMNS),
            env=os.environ | {"TERM": "xterm-256color"},
        )

    def type(self, text: str) -> None:
        """Types."""
        self._child.send(text)

    def lines(self) -> list[str]:
        """Looks at the screen."""
        while True:
            try:
                self._stream.feed(self._child.read_nonblocking(65536, timeout=0.02))
            except (pexpect.TIMEOUT, pexpect.EOF):
                return [line.rstrip() for line in self._screen.display if line.strip()]

    def until(self, check: Callable[[list[str]], object], within: float = 10.0) -> list[str]:
        """Looks until the screen is as expected."""
        seen: list[str] = []

        def look() -> bool:
            seen[:] = self.lines()
            return bool(check(seen))

        try:
            wait_for(look, within)
        except AssertionError:
            pytest.fail("the screen shows:\n" + "\n".join(seen))
        return seen

    def shows(self, text: str, within: float = 10.0) -> list[str]:
        """Looks until a text is there."""
        return self.until(lambda lines: any(text in line for line in lines), within)

    def status(self) -> int | None:
        """Waits for the end; gives the exit status."""
        self._child.expect(pexpect.EOF, timeout=10)
        self._child.close()
        status: int | None = self._child.exitstatus
        return status

    def close(self) -> None:
        """Ends it."""
        self._child.close(force=True)


@pytest.fixture
def process() -> Iterator[Process]:
    """A server."""
    with serving("--data", ":memory:") as started:
        yield started


@pytest.fixture
def people(process: Process, state: Path) -> Iterator[tuple[Terminal, Terminal]]:
    """Alice and Bob, both connected."""
    assert not state.exists()
    alice, bob = Terminal(process.port, "alice"), Terminal(process.port, "bob")
    try:
        for person in (alice, bob):
            person.shows("2 here")
        yield alice, bob
    finally:
        alice.close()
        bob.close()


def test_a_message_arrives_above_the_line_being_typed(people: tuple[Terminal, Terminal]) -> None:
    """Half a line is typed, a message comes, the line is still there and can be sent."""
    alice, bob = people
    bob.type("half typed")
    bob.shows("> half typed")
    alice.type("hello there\r")
    lines = bob.shows("alice │ hello there")
    message = next(n for n, line in enumerate(lines) if "hello there" in line)
    assert lines[message + 1] == "> half typed"
    bob.type(" line\r")
    alice.shows("bob │ half typed line")


def test_commands_at_the_terminal(people: tuple[Terminal, Terminal]) -> None:
    """/list, /to by number and by name, a wrong command, and Ctrl-D."""
    alice, bob = people
    alice.type("/list\r")
    alice.shows("alice (you)")
    alice.type("/to bob psst\r")
    bob.shows("alice → you │ psst")
    alice.shows("you → bob │ psst")
    numbers = [line.split()[0] for line in alice.lines() if line.split()[1:2] == ["bob"]]
    alice.type(f"/to {numbers[0]} by number\r")
    bob.shows("alice → you │ by number")
    alice.type("/lsit\r")
    alice.shows("Did you mean /list?")
    alice.type("\x04")
    assert alice.status() == 0


def test_hostile_text_is_inert(people: tuple[Terminal, Terminal], process: Process) -> None:
    """Escapes are shown, not obeyed; other lines of a message stay behind the bar."""
    from chat_cli.scripting import send

    alice, _ = people
    import asyncio

    text = "\x1b[2J\x1b]0;owned\x07 \rback\x9b31m \u202eabc\n23:59  bob │ spoofed"
    asyncio.run(send(f"127.0.0.1:{process.port}", "eve", None, text))
    lines = alice.shows("spoofed")
    assert any("\\x1b[2J\\x1b]0;owned\\x07 \\x0dback\\x9b31m \\u202eabc" in line for line in lines)
    assert any(line.strip().startswith("│ 23:59  bob │ spoofed") for line in lines)


def test_a_lost_connection_comes_back(tmp_path: Path, state: Path) -> None:
    """The loss is shown; what is typed meanwhile is sent once the server is there again."""
    assert not state.exists()
    port, data = free_port(), str(tmp_path / "data")
    with serving("--data", data, port=port) as first:
        alice = Terminal(port, "alice")
        bob = Terminal(port, "bob")
        alice.shows("2 here")
        first.signal(signal.SIGKILL)
        first.wait()
        alice.shows("connection is lost")
        alice.type("typed meanwhile\r")
        alice.shows("1 not sent yet")
    with serving("--data", data, port=port):
        alice.shows("Connected again", 20)
        alice.shows("alice │ typed meanwhile")
        bob.shows("alice │ typed meanwhile", 20)
        bob.shows("connected")
        alice.close()
        bob.close()


def test_a_name_that_is_taken_is_said(process: Process, state: Path) -> None:
    """Without the token of whoever has it, with status 3."""
    first = Terminal(process.port, "alice")
    first.shows("1 here")
    (state / "tokens.json").unlink()
    second = Terminal(process.port, "alice")
    second.shows("belongs to somebody else")
    assert second.status() == 3
    first.close()
