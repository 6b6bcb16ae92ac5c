"""The keys and the window of the terminal client, at a real pseudo-terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli.terminal import Terminal, at_terminals, write, write_lines
from support import Process, wait_for

pytestmark = pytest.mark.usefixtures("state")

ALT_ENTER = "\x1b\r"
ESCAPE = "\x1b"
CTRL_C = "\x03"
CTRL_R = "\x12"
CTRL_Z = "\x1a"

_NUMBERED = re.compile(r"window (\d+)$")


@contextmanager
def started(process: Process, name: str, **options: object) -> Iterator[Terminal]:
    """Run a client with options of `Terminal`, and wait until it is connected."""
    person = Terminal(process.port, name, **options)  # type: ignore[arg-type]
    try:
        person.here()
        yield person
    finally:
        person.close()


def test_suspending(process: Process) -> None:
    """Ctrl-Z gives a shell that echoes; after fg the screen is clean, and the line is kept."""
    with started(process, "alice", shell=True) as alice:
        write(process, "bob", "before")
        alice.shows("bob │ before")
        alice.type("half")
        alice.shows("> half")
        alice.type(CTRL_Z)
        alice.shows("Stopped")
        alice.enter("echo in the $((2 * 21)) shell")
        alice.shows("in the 42 shell")
        write(process, "bob", "meanwhile")
        alice.enter("fg")
        lines = alice.shows("bob │ meanwhile")
        assert not any("Stopped" in line or "shell" in line or "^Z" in line for line in lines)
        assert sum("│ alice no." in line for line in lines) == 1
        alice.type(" typed\r")
        alice.shows("alice │ half typed")
        alice.enter("/quit")
        alice.until(lambda lines: lines[-1].startswith("bash"))
        alice.enter("echo left $((2 * 21))")
        alice.shows("left 42")


def test_a_stop_by_a_signal(process: Process) -> None:
    """After SIGSTOP and fg the screen is clean, and the client reads keys again."""
    with started(process, "alice", shell=True) as alice:
        alice.type("half")
        alice.shows("> half")
        alice.stop()
        alice.shows("Stopped")
        alice.enter("fg")
        alice.until(lambda lines: lines[-2] == "#lobby> half" and "Stopped" not in str(lines))
        alice.type(" typed\r")
        alice.shows("alice │ half typed")


@pytest.mark.parametrize("key", [CTRL_C, ESCAPE])
def test_a_search_is_left(process: Process, key: str) -> None:
    """Ctrl-C and Esc leave the search of typed lines."""
    with at_terminals(process.port, "alice") as (alice,):
        alice.enter("findable words")
        alice.shows("alice │ findable words")
        alice.type(f"{CTRL_R}zzz")
        alice.shows("reverse-i-search")
        alice.type(key)
        alice.until(lambda lines: not any("i-search" in line for line in lines))
        alice.type(f"{CTRL_C}free again\r")
        alice.shows("alice │ free again")


def test_the_menu_is_left_by_escape(process: Process) -> None:
    """Esc closes the menu of completions and keeps the line."""
    with at_terminals(process.port, "alice") as (alice,):
        alice.type("/hi")
        alice.shows("Show the last messages")
        alice.type(ESCAPE)
        lines = alice.until(lambda lines: not any("Show the last" in line for line in lines))
        assert "#lobby> /hi" in lines


@pytest.mark.parametrize("key", [CTRL_C, ESCAPE])
def test_a_question_is_left(process: Process, key: str) -> None:
    """Ctrl-C and Esc leave the question for a password."""
    with at_terminals(process.port, "alice") as (alice,):
        alice.enter("/register")
        alice.shows("New password:")
        alice.type(f"half a secret{key}")
        alice.shows("Nothing was changed")
        alice.enter("public again")
        lines = alice.shows("alice │ public again")
        assert not any("secret" in line for line in lines)


def test_a_terminal_without_position_reports(process: Process) -> None:
    """A terminal that does not report its cursor gets the status line, and no warning."""
    with started(process, "alice", reports=False) as alice:
        lines = alice.shows("alice no. 1")
        assert not any("WARNING" in line or "CPR" in line for line in lines)
        alice.enter("hello")
        alice.shows("alice │ hello")


def test_another_size_leaves_a_clean_window(process: Process) -> None:
    """Shrinking and growing leave each line once, in the new width, and one status line."""
    with at_terminals(process.port, "alice") as (alice,):
        write_lines(process, "bob", "many words that need a second line in a narrow window", 12)
        alice.shows("window 11")
        alice.type("half typed")
        for columns, lines in ((40, 15), (120, 40), (30, 10), (200, 50), (80, 24)):
            alice.resize(columns, lines)

            def clean(shown: list[str], columns: int = columns, rows: int = lines) -> bool:
                status = [line for line in shown if "here │ connected" in line]
                inputs = [line for line in shown if line.startswith("#lobby>")]
                numbers = [int(found[1]) for found in map(_NUMBERED.search, shown) if found]
                newest = list(range(12))[-len(numbers) :]
                full = len(numbers) == 12 or len(shown) >= rows - 3
                fits = all(len(line) <= columns for line in shown)
                return len(status) == len(inputs) == 1 and full and fits and numbers == newest

            alice.until(clean)
        alice.type("!\r")
        alice.shows("alice │ half typed!")


def test_an_emptied_window_stays_empty(process: Process) -> None:
    """Ctrl-L empties the window and keeps the line; another size brings nothing back."""
    with at_terminals(process.port, "alice") as (alice,):
        alice.enter("old news")
        alice.shows("alice │ old news")
        alice.type("half\x0c")
        alice.until(lambda lines: len(lines) == 2 and lines[0] == "#lobby> half")
        alice.resize(60)
        alice.type(" typed\r")
        lines = alice.shows("alice │ half typed")
        assert not any("old news" in line for line in lines)


def test_several_lines(process: Process) -> None:
    """Alt-Enter begins another line; the lines are one message."""
    with at_terminals(process.port, "alice", "bob") as (alice, bob):
        alice.type(f"first{ALT_ENTER}second")
        alice.until(lambda lines: lines[-3:-1] == ["#lobby> first", "        second"])
        alice.type("\r")
        lines = bob.shows("│ second")
        first = next(n for n, line in enumerate(lines) if "alice │ first" in line)
        assert lines[first + 1].strip() == "│ second"


def test_typed_lines_are_kept(process: Process, state: Path) -> None:
    """The next session recalls typed lines; the file is private and has no password."""
    with at_terminals(process.port, "alice") as (alice,):
        alice.enter("one line", "/register")
        alice.shows("New password:")
        alice.enter("correct horse")
        alice.shows("Repeat it:")
        alice.enter("correct horse")
        alice.shows("wants an invite code")
        alice.enter("/pasword correct horse", "/password correct horse")
        alice.shows("Old password:")
        alice.type(CTRL_C)
        alice.shows("Nothing was changed")
        alice.enter(f"two{ALT_ENTER}lines", "/quit")
        assert alice.status() == 0
    (file,) = state.glob("typed-*.jsonl")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().splitlines() == [
        '"one line"',
        '"two\\nlines"',
        '"/quit"',
    ]
    with at_terminals(process.port, "alice") as (alice,):
        alice.type("\x1b[A")
        alice.until(lambda lines: lines[-2] == "#lobby> /quit")
        alice.type(CTRL_C)
        alice.until(lambda lines: lines[-2] == "#lobby>")
        alice.type(f"{CTRL_R}one")
        alice.shows("one line")
        alice.type("\r\r")
        alice.until(lambda lines: sum("alice │ one line" in line for line in lines) >= 1)


@pytest.mark.parametrize("by", ["NO_COLOR", "file"])
def test_no_colors(process: Process, tmp_path: Path, by: str) -> None:
    """NO_COLOR, and `colors = "none"` in the settings, turn colors off."""
    file = tmp_path / "client.toml"
    file.write_text('colors = "none"\n' if by == "file" else "")
    environment = {"NO_COLOR": "1"} if by == "NO_COLOR" else {}
    with started(process, "alice", CHAT_GRPC_CLIENT_CONFIG=str(file), **environment) as alice:
        write(process, "bob", "hello @alice")
        alice.shows("hello @alice")
        alice.enter("/nosuch", "/list")
        alice.shows("There is no command")
        wait_for(lambda: alice.styles() == {"default"})
