"""The commands for scripts, in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from cli.terminal import run
from support import COMMAND, UNIT, Process, free_port, serving

from chat_grpc.__main__ import commands


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    """Run one server for all tests."""
    with serving("--data", ":memory:") as started:
        yield started


class Tail:
    """A `tail --json` that runs in the background."""

    def __init__(self, process: Process, name: str) -> None:
        self._process = subprocess.Popen(
            [*COMMAND, "tail", "--json", "--server", f"127.0.0.1:{process.port}", "--name", name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.first = self._process.stdout.readline()

    def line(self) -> dict[str, object]:
        """Return the next event that is a message."""
        assert self._process.stdout is not None
        while True:
            event: dict[str, object] = json.loads(self._process.stdout.readline())
            if "message" in event:
                return event

    def end(self) -> tuple[int, str]:
        """Interrupt it; return its status and its error output."""
        self._process.send_signal(signal.SIGINT)
        _, errors = self._process.communicate(timeout=10 * UNIT)
        return self._process.returncode, errors


@pytest.mark.usefixtures("state")
def test_send_and_tail(process: Process) -> None:
    """`tail` prints the messages sent as an argument, by a pipe and to one client, in order."""
    tail = Tail(process, "tess")
    assert run(process, "send", "--name", "carol", "to all").returncode == 0
    assert run(process, "send", "--name", "carol", "--to", "tess", "to you").returncode == 0
    lines = "".join(f"line {n}\n" for n in range(300))
    assert run(process, "send", "--name", "carol", "-", given=lines).returncode == 0
    texts = [tail.line()["message"]["text"] for _ in range(302)]  # type: ignore[index]
    assert texts == ["to all", "to you", *(f"line {n}" for n in range(300))]
    assert tail.end() == (130, "")


@pytest.mark.usefixtures("state")
def test_clients(process: Process) -> None:
    """`clients` prints a table, or JSON of the contract."""
    tail = Tail(process, "tom")
    found = run(process, "clients", "--json")
    names = [client["name"] for client in json.loads(found.stdout)["clients"]]
    assert "tom" in names
    assert " tom " in run(process, "clients").stdout
    tail.end()


@pytest.mark.usefixtures("state")
def test_exit_statuses(process: Process) -> None:
    """Each kind of failure has its own exit status and prints one line with the reason."""
    tail = Tail(process, "taken")
    cases = [
        (run(process, "send", "--name", "dan", "--to", "nobody", "x"), 4),
        (run(process, "send", "--name", "dan", "--to", "9999", "x"), 4),
        (run(process, "send", "--name", "dan", "x" * 20000), 6),
        (run(process, "send", "--name", "a b", "x"), 2),
        (run(process, "send", "--name", "dan", ""), 2),
        (run(process, "send"), 2),
        (run(free_port(), "send", "--name", "dan", "x"), 5),
        (run(free_port(), "clients"), 5),
        (run(process, "connect", "--name", "dan"), 2),
    ]
    os.environ["CHAT_GRPC_STATE"] += "-other"
    cases.append((run(process, "send", "--name", "taken", "x"), 3))
    for ended, status in cases:
        assert ended.returncode == status, (ended.args, ended.stderr)
        assert "Traceback" not in ended.stderr
        assert ended.stderr.strip()
    tail.end()


@pytest.mark.usefixtures("state")
def test_sending_twice_is_the_same_guest(process: Process, state: Path) -> None:
    """Two runs use the same guest; only the owner can read the file with its token."""
    tail = Tail(process, "thea")
    for _ in range(2):
        assert run(process, "send", "--name", "erin", "x").returncode == 0
    authors = [tail.line()["message"]["author"]["number"] for _ in range(2)]  # type: ignore[index]
    assert authors[0] == authors[1]
    assert (state / "tokens.json").stat().st_mode & 0o077 == 0
    tail.end()


@pytest.mark.usefixtures("state")
def test_a_closed_pipe_ends_tail(process: Process) -> None:
    """`tail | head -1` ends without an error message."""
    tail = subprocess.Popen(
        " ".join([*COMMAND, "tail", "--server", f"127.0.0.1:{process.port}", "--name", "zoe"])
        + " | head -1",
        shell=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(40):
        assert run(process, "send", "--name", "fay", "x").returncode == 0
        if tail.poll() is not None:
            break
    output, errors = tail.communicate(timeout=20 * UNIT)
    assert "fay" in output
    assert errors == ""


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("words", [["history"], ["send", "hello"], ["tail", "--until-now"]])
def test_waiting_for_a_server(words: list[str]) -> None:
    """A refused connection ends at once with the cure; with --wait the client retries."""
    port = free_port()
    ended = run(port, *words, "--name", "wanda")
    assert ended.returncode == 5
    assert ended.stderr == (
        f"chat-grpc: No server answers at 127.0.0.1:{port}. Start one with `chat-grpc serve`.\n"
    )
    server = ["--server", f"127.0.0.1:{port}", "--name", "wanda", "--wait"]
    waiting = subprocess.Popen([*COMMAND, *words, *server], stderr=subprocess.PIPE)
    with serving("--data", ":memory:", port=port):
        _, errors = waiting.communicate(timeout=20 * UNIT)
    assert (waiting.returncode, errors) == (0, b"")


@pytest.mark.usefixtures("state")
def test_bench_measures(process: Process) -> None:
    """`bench --quick` prints its table."""
    ended = run(process, "bench", "--streams", "5", "--seconds", "0.5")
    assert ended.returncode == 0, ended.stderr
    assert "deliveries/s" in ended.stdout


def test_help_is_fast_and_whole() -> None:
    """The help lists every command, and imports no slow module."""
    ended = subprocess.run(
        [COMMAND[0], "-X", "importtime", "-m", "chat_grpc", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for command in commands.commands:
        assert f"  {command} " in ended.stdout
    for module in ("grpc._cython", "prompt_toolkit", "sqlite3"):
        assert module not in ended.stderr


@pytest.mark.parametrize("command", commands.commands.values(), ids=commands.commands)
def test_every_option_has_a_help(command: click.Command) -> None:
    """Every command and every option has a help text."""
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.name
