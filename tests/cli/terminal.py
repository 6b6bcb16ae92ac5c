"""A user at a real pseudo-terminal, and commands in processes of their own."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte
import pytest
from support import COMMAND, UNIT, Process, wait_for

COLUMNS, LINES = 90, 24
STILL = 0.02
"""A client that writes nothing for this many seconds has drawn its screen."""
PASTE = 2004 << 5
"""The mode of the terminal in which it marks what is pasted; on while the input line is shown."""


class _Window(pyte.Screen):
    """The screen of a terminal, which counts the rings of its bell."""

    rings = 0

    def bell(self, *_: object) -> None:
        """Ring."""
        self.rings += 1


class Terminal:
    """A user at a terminal: types, and reads the screen.

    A thread reads what the client writes. A real terminal answers the client's question for the
    position of the cursor at once; a late answer lets the client draw for another place.
    """

    def __init__(
        self,
        port: int | None,
        name: str,
        lines: int = LINES,
        *,
        columns: int = COLUMNS,
        command: Sequence[str] = (),
        shell: bool = False,
        reports: bool = True,
        **environment: str,
    ) -> None:
        """Run `connect` as a user, or another command, which reads no lines.

        With `shell` a shell with job control runs it. Without `reports` the terminal does not
        report the position of its cursor. Without a port the command names no server.
        """
        self.name = name
        self._reads_lines = not command
        self._screen = _Window(columns, lines)
        if reports:
            setattr(self._screen, "write_process_input", self.type)  # noqa: B010
        self._stream = pyte.ByteStream(self._screen)
        arguments = [
            *COMMAND,
            *(command or ("connect", "--name", name)),
            *(("--server", f"127.0.0.1:{port}") if port is not None else ()),
        ]
        run, *rest = ("bash", "--norc", "--noprofile", "-i") if shell else arguments
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            run,
            rest,
            dimensions=(lines, columns),
            env=_environment() | {"TERM": "xterm-256color"} | environment,
        )
        self._written = bytearray()
        self._lock = threading.Lock()
        self._changed = time.monotonic()
        self._closed = threading.Event()
        # A failed test may leave it open, which must not keep the test run from its end.
        self._reader = threading.Thread(target=self._read, name=f"terminal of {name}", daemon=True)
        self._reader.start()
        if shell:
            self.enter(shlex.join(arguments))

    def _read(self) -> None:
        while not self._closed.is_set():
            try:
                data = self._child.read_nonblocking(65536, timeout=0.1)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                return
            with self._lock:
                self._written += data
                self._stream.feed(data)
                self._changed = time.monotonic()

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
        with self._lock:
            self._screen.resize(lines, columns)
        self._child.setwinsize(lines, columns)

    def lines(self) -> list[str]:
        """Return the lines of the screen, once the client has ended its drawing."""
        end = time.monotonic() + 1.0
        while not self._drawn() and time.monotonic() < end:
            time.sleep(STILL / 4)
        with self._lock:
            return [line.rstrip() for line in self._screen.display if line.strip()]

    def _drawn(self) -> bool:
        still = time.monotonic() > self._changed + STILL
        drawn = PASTE in self._screen.mode or not self._reads_lines
        return still and (drawn or not self._reader.is_alive())

    def still(self, seconds: float) -> None:
        """Wait until the client has written nothing for some seconds."""
        wait_for(lambda: time.monotonic() > self._changed + seconds, seconds + 10.0)

    @property
    def screen(self) -> pyte.Screen:
        """The cells of the screen; to be read while the client writes nothing."""
        return self._screen

    @property
    def rings(self) -> int:
        """The number of times that the bell rang."""
        with self._lock:
            return self._screen.rings

    @property
    def title(self) -> str:
        """The title of the window."""
        with self._lock:
            return str(self._screen.title)

    @property
    def written(self) -> bytes:
        """Everything that the client wrote."""
        with self._lock:
            return bytes(self._written)

    def styles(self) -> set[str]:
        """Return the colors on the screen."""
        with self._lock:
            cells = [cell for line in self._screen.buffer.values() for cell in line.values()]
        return {cell.fg for cell in cells} | {cell.bg for cell in cells}

    def colors_of(self, row: int) -> set[str]:
        """Return the colors of the letters in a row of `lines`."""
        with self._lock:
            rows = [n for n, line in enumerate(self._screen.display) if line.strip()]
            cells = self._screen.buffer[rows[row]].values()
            return {cell.fg for cell in cells if cell.data.strip()}

    def until(self, check: Callable[[list[str]], object], within: float = 20.0) -> list[str]:
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

    def shows(self, text: str, within: float = 20.0) -> list[str]:
        """Wait until the screen shows a text."""
        return self.until(lambda lines: any(text in line for line in lines), within)

    def in_order(self, *texts: str, within: float = 20.0) -> list[str]:
        """Wait until the screen shows the texts once each, on lines in this order."""

        def there(lines: list[str]) -> bool:
            rows = [[n for n, line in enumerate(lines) if text in line] for text in texts]
            return all(len(found) == 1 for found in rows) and rows == sorted(rows)

        return self.until(there, within)

    def here(self) -> list[str]:
        """Wait until the client is connected and shows its input line."""
        return self.until(lambda lines: lines and "connected" in lines[-1] and ">" in lines[-2])

    def status(self) -> int | None:
        """Wait for the end; return the exit status."""
        self._reader.join(30 * UNIT)
        assert not self._reader.is_alive(), "the client did not end in time"
        self.close()
        status: int | None = self._child.exitstatus
        return status

    def echoes(self) -> bool:
        """Return True if the terminal echoes input, as it does for a shell."""
        return bool(self._child.getecho())

    def signal(self, which: signal.Signals) -> None:
        """Send the client a signal."""
        self._child.kill(which)

    def stop(self) -> None:
        """Stop the client that a shell runs."""
        shell = self._child.pid
        children = Path(f"/proc/{shell}/task/{shell}/children").read_text()
        os.kill(int(children.split()[0]), signal.SIGSTOP)

    def kill(self) -> None:
        """Kill the client."""
        self._child.kill(signal.SIGKILL)
        self._child.wait()
        self.close()

    def close(self) -> None:
        """End the client and close the terminal."""
        self._closed.set()
        self._reader.join()
        self._child.close(force=True)


def row(lines: list[str], number: int) -> str:
    """Return a line of the screen; empty if it has fewer, as while the window is drawn again."""
    return lines[number] if len(lines) >= -number else ""


def _environment() -> dict[str, str]:
    """Return the environment without the size of another terminal: pytest-xdist sets it."""
    return {name: each for name, each in os.environ.items() if name not in {"COLUMNS", "LINES"}}


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
