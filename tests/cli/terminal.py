"""A user at a real pseudo-terminal, and commands in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pexpect
import pyte
import pytest
from support import COMMAND, UNIT, Process, wait_for

COLUMNS, LINES = 90, 24


class Terminal:
    """A user at a terminal: types, and reads the screen."""

    def __init__(self, port: int, name: str, lines: int = LINES) -> None:
        self.name = name
        self._screen = pyte.Screen(COLUMNS, lines)
        # A terminal reports the position of its cursor.
        setattr(self._screen, "write_process_input", self.type)  # noqa: B010
        self._stream = pyte.ByteStream(self._screen)
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            COMMAND[0],
            [*COMMAND[1:], "connect", "--server", f"127.0.0.1:{port}", "--name", name],
            dimensions=(lines, COLUMNS),
            env=os.environ | {"TERM": "xterm-256color"},
        )

    def type(self, text: str) -> None:
        """Type a text."""
        self._child.send(text)

    def enter(self, *lines: str) -> None:
        """Type lines, each followed by Enter."""
        for line in lines:
            self.type(f"{line}\r")

    def paste(self, text: str) -> None:
        """Paste a text with the terminal's paste markers."""
        self.type(f"\x1b[200~{text}\x1b[201~")

    def resize(self, columns: int, lines: int = LINES) -> None:
        """Change the size of the window."""
        self._screen.resize(lines, columns)
        self._child.setwinsize(lines, columns)

    def lines(self) -> list[str]:
        """Return the lines of the screen."""
        while True:
            try:
                self._stream.feed(self._child.read_nonblocking(65536, timeout=0.02))
            except (pexpect.TIMEOUT, pexpect.EOF):
                return [line.rstrip() for line in self._screen.display if line.strip()]

    def until(self, check: Callable[[list[str]], object], within: float = 10.0) -> list[str]:
        """Wait until the screen meets a condition."""
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
        """Wait until the screen shows a text."""
        return self.until(lambda lines: any(text in line for line in lines), within)

    def in_order(self, *texts: str, within: float = 10.0) -> list[str]:
        """Wait until the screen shows the texts once each, on lines in this order."""

        def there(lines: list[str]) -> bool:
            rows = [[n for n, line in enumerate(lines) if text in line] for text in texts]
            return all(len(found) == 1 for found in rows) and rows == sorted(rows)

        return self.until(there, within)

    def here(self) -> None:
        """Wait until the client is connected and shows its input line."""
        self.until(lambda lines: lines and "connected" in lines[-1] and ">" in lines[-2])

    def status(self) -> int | None:
        """Wait for the end; return the exit status."""
        self._child.expect(pexpect.EOF, timeout=10 * UNIT)
        self._child.close()
        status: int | None = self._child.exitstatus
        return status

    def echoes(self) -> bool:
        """Return True if the terminal echoes input, as it does for a shell."""
        return bool(self._child.getecho())

    def signal(self, which: signal.Signals) -> None:
        """Send the client a signal."""
        self._child.kill(which)

    def kill(self) -> None:
        """Kill the client."""
        self._child.kill(signal.SIGKILL)
        self._child.wait()
        self._child.close()

    def close(self) -> None:
        """End the client and close the terminal."""
        self._child.close(force=True)


@contextmanager
def at_terminals(port: int, *names: str) -> Iterator[list[Terminal]]:
    """Start a client at a terminal for each user, and wait until each is connected."""
    people = [Terminal(port, name) for name in names]
    try:
        for person in people:
            person.here()
        yield people
    finally:
        for person in people:
            person.close()


def run(
    process: Process | int, *arguments: str, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a client command to its end."""
    port = process if isinstance(process, int) else process.port
    command, *rest = arguments
    return subprocess.run(
        [*COMMAND, command, "--server", f"127.0.0.1:{port}", *rest],
        input=given,
        capture_output=True,
        text=True,
        timeout=30 * UNIT,
        check=False,
    )


def write(process: Process | int, name: str, text: str, *to: str) -> None:
    """Send a message."""
    ended = run(process, "send", "--name", name, *to, text)
    assert ended.returncode == 0, ended.stderr


def write_lines(process: Process | int, name: str, start: str, count: int) -> None:
    """Send many messages, each with a number."""
    lines = "".join(f"{start} {number}\n" for number in range(count))
    ended = run(process, "send", "--name", name, "-", given=lines)
    assert ended.returncode == 0, ended.stderr
