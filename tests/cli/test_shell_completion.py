"""Completion in real shells: bash, zsh and fish."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import click
import pexpect
import pyte
import pytest
from chat_grpc_cli import suggestions
from cli.terminal import run
from peers.tools import installed
from support import COMMAND, UNIT, Process, serving, wait_for

from chat_grpc.client import ChatCalls

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


def _settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("CHAT_GRPC_")}


class Shell:
    """An interactive shell at a terminal, with the completion of `chat-grpc`."""

    def __init__(self, name: str, home: Path) -> None:
        """Start the shell in a folder, with the server and the tokens of this process."""
        self._screen = pyte.Screen(100, 40)
        self._stream = pyte.ByteStream(self._screen)
        folder = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
        own = {"PATH": folder, "HOME": str(home), "TERM": "xterm", "LANG": "C.UTF-8"}
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            str(installed(f"bin/{name}")),
            START[name],
            dimensions=(40, 100),
            cwd=home,
            env=_settings() | own,
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


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Run a server with a room of alice, and with walter connected."""
    with pytest.MonkeyPatch.context() as patch, serving("--data", ":memory:") as started:
        patch.setenv("CHAT_GRPC_STATE", str(tmp_path_factory.mktemp("state")))
        patch.setenv("CHAT_GRPC_SERVER", f"127.0.0.1:{started.port}")
        patch.setenv("CHAT_GRPC_NAME", "alice")
        created = run(started, "create", "kitchen", "what", "to", "cook:", "$(soup)")
        assert created.returncode == 0
        walter = [*COMMAND, "tail", "--name", "walter"]
        with subprocess.Popen(walter, stdout=subprocess.DEVNULL) as tail:
            try:
                wait_for(lambda: "walter" in run(started, "clients").stdout, 20)
                yield started
            finally:
                tail.kill()


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


@pytest.mark.usefixtures("process")
def test_rooms_and_users(shell: Shell) -> None:
    """Rooms and connected users are completed, from the server; a `#` is no comment."""
    shell.completes("chat-grpc members kit", "chat-grpc members kitchen")
    shell.completes("chat-grpc invite kitchen wal", "chat-grpc invite kitchen walter")
    shell.completes("chat-grpc admin kick wal", "chat-grpc admin kick walter")
    shell.completes("chat-grpc history --to wal", "chat-grpc history --to walter")
    shell.completes("chat-grpc history --to '#kit", "--to '#kitchen")
    shell.type("chat-grpc history --limit 1 --to \\#kit\t")
    shell.until("kitchen")
    shell.type("\r")
    shell.prompts()
    assert not [line for line in shell.lines() if "Error" in line or "no room" in line]


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("server", ["127.0.0.1:1", "a:b:c"])
@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_no_server(server: str, kind: str) -> None:
    """Without a server nothing is offered and nothing is printed; no guest is created."""
    words = f"chat-grpc members --server {server} "
    asked = {"_CHAT_GRPC_COMPLETE": f"{kind}_complete", "COMP_WORDS": words}
    asked["COMP_CWORD"] = "" if kind == "fish" else "4"
    ended = subprocess.run(
        [PROGRAM], env=os.environ | asked, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("name", "offered"),
    [("ops", True), ("küche", True), ("a;b", False), ("$(x)", False), ("a b", False), ("", False)],
)
async def test_only_plain_names_are_offered(
    name: str, offered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server cannot put a text into the command line that a shell would run."""

    async def ask(_: ChatCalls) -> dict[str, str]:
        return {name: ""}

    monkeypatch.setattr(suggestions, "_rooms", ask)
    context = click.Context(click.Command("members"))
    context.params = {"server": "localhost:1", "name": "alice"}
    found = await asyncio.to_thread(suggestions.rooms, context, click.Argument(["room"]), "")
    assert [item.value for item in found] == ([name] if offered else [])
