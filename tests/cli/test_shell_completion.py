"""Completion in real shells: bash, zsh and fish."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pyte
import pytest
from peers.tools import installed
from support import UNIT, wait_for

PROGRAM = Path(sys.executable).with_name("chat-grpc")

START = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--no-config", "--interactive"],
}
SET_UP = {
    "bash": 'PS1="READY> "; eval "$(chat-grpc completion bash)"',
    "zsh": 'PS1="READY> "; autoload -Uz compinit; compinit -u -D; '
    'eval "$(chat-grpc completion zsh)"',
    "fish": 'function fish_prompt; echo "READY> "; end; chat-grpc completion fish | source',
}


class Shell:
    """An interactive shell at a terminal, with the completion of `chat-grpc`."""

    def __init__(self, name: str, home: Path) -> None:
        self._screen = pyte.Screen(100, 40)
        self._stream = pyte.ByteStream(self._screen)
        folder = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            str(installed(f"bin/{name}")),
            START[name],
            dimensions=(40, 100),
            cwd=home,
            env={"PATH": folder, "HOME": str(home), "TERM": "xterm", "LANG": "C.UTF-8"},
        )
        # A terminal reports the position of its cursor.
        setattr(self._screen, "write_process_input", self.type)  # noqa: B010
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read, name=name)
        self._reader.start()
        self.type(f"{SET_UP[name]}\r")
        self.prompts()

    def _read(self) -> None:
        while not self._ended.is_set():
            try:
                self._stream.feed(self._child.read_nonblocking(65536, timeout=0.1))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                return

    def type(self, text: str) -> None:
        """Type a text."""
        self._child.send(text)

    def lines(self) -> list[str]:
        """Return the lines of the screen from the first prompt on."""
        shown = [line.rstrip() for line in self._screen.display]
        begin = next((n for n, line in enumerate(shown) if line.startswith("READY>")), len(shown))
        return shown[begin:]

    def prompts(self) -> None:
        """Wait until the screen shows only a prompt, after those of earlier lines."""
        wait_for(lambda: [line for line in self.lines() if line][-1:] == ["READY>"], 20)

    def until(self, text: str) -> None:
        """Wait until the screen shows a text."""
        try:
            wait_for(lambda: any(text in line for line in self.lines()), 15)
        except AssertionError:
            pytest.fail(f"no {text!r}; the screen shows:\n" + "\n".join(self._screen.display))

    def completes(self, typed: str, shown: str) -> None:
        """Type a line and Tab; check that the screen then shows a text, and clear the line."""
        self.type(f"{typed}\t")
        self.until(shown)
        self.clear()

    def clear(self) -> None:
        """Drop the line, and empty the screen."""
        self.type("\x03")
        self.prompts()
        self.type("clear\r")
        wait_for(lambda: [line for line in self.lines() if line] == ["READY>"], 20)

    def close(self) -> None:
        """End the shell."""
        self._ended.set()
        self._reader.join(5 * UNIT)
        self._child.close(force=True)


@pytest.fixture(params=sorted(START))
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    """Start each of the shells."""
    started = Shell(request.param, tmp_path)
    yield started
    started.close()


def test_completion(shell: Shell, tmp_path: Path) -> None:
    """Commands, options, words of a list and files are completed."""
    (tmp_path / "server.toml").write_text("")
    shell.completes("chat-grpc his", "chat-grpc history")
    shell.completes("chat-grpc admin expl", "chat-grpc admin explain")
    shell.completes("chat-grpc history --lim", "chat-grpc history --limit")
    shell.completes("chat-grpc role ops bob mod", "chat-grpc role ops bob moderator")
    shell.completes("chat-grpc tail --only read", "chat-grpc tail --only read_marker")
    shell.completes("chat-grpc serve --config serv", "chat-grpc serve --config server.toml")
    shell.completes("chat-grpc completion f", "chat-grpc completion fish")


def test_a_choice_of_commands(shell: Shell) -> None:
    """Tab at the end of an ambiguous word shows the commands that it may be."""
    shell.type("chat-grpc re\t\t")
    for command in ("reply", "react", "register", "restore"):
        shell.until(command)
