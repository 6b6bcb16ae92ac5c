"""Every command ends with one sentence and a documented status, for any state of its streams."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli.terminal import run, write
from support import COMMAND, UNIT, Process, free_port, serving, wait_for

WITHIN = 5.0
"""Seconds in which a command ends."""

DONE, USAGE, OVER_LIMIT, STREAM_FAILED = 0, 2, 6, 7


@dataclass(frozen=True)
class Case:
    """A command; `{data}`, `{copy}` and `{new}` are paths."""

    words: str
    prints: bool = True
    reads: bool = False
    status: int = DONE
    of_client: bool = True
    needs_home: bool = True


CASES = [
    Case("connect", prints=False, status=USAGE, needs_home=False),
    Case("send hello", prints=False),
    Case("send -", prints=False, reads=True),
    Case("clients --json", needs_home=False),
    Case("tail --json --until-now"),
    Case("history"),
    Case("search hello"),
    Case("rooms"),
    Case("conversations"),
    Case("join lobby", prints=False),
    Case("send hello --json"),
    Case("members lobby"),
    Case("completion bash", of_client=False, needs_home=False),
    Case("bench --streams 2 --seconds 0.5", needs_home=False),
    Case("check --data {data}", of_client=False, needs_home=False),
    Case("backup --data {data} {new}", of_client=False, needs_home=False),
    Case("restore --data {new} {copy}", of_client=False, needs_home=False),
    Case("--help", of_client=False, needs_home=False),
    Case("--version", of_client=False, needs_home=False),
]

ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@dataclass(frozen=True)
class World:
    """A server with messages to print, and its files."""

    process: Process
    data: Path
    copy: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one server for all cases."""
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch, serving("--data", str(folder / "data")) as process:
        patch.setenv("CHAT_GRPC_STATE", str(folder / "state"))
        write(process, "otto", "hello “grüße” 👍")
        made = World(process, folder / "data", folder / "copy")
        backup = [*COMMAND, "backup", "--data", str(made.data), str(made.copy)]
        subprocess.run(backup, check=True, capture_output=True)
        yield made


def end(
    world: World,
    case: Case,
    folder: Path,
    *,
    redirect: str = "",
    environment: Mapping[str, str] | None = None,
    given: bytes = b"line\n",
    stdout: int = subprocess.PIPE,
    command: Sequence[str] = COMMAND,
    name: str = "otto",
) -> subprocess.CompletedProcess[bytes]:
    """Run a case to its end with a shell redirection."""
    paths = {"data": world.data, "copy": world.copy, "new": folder / "new"}
    words = [word.format(**paths) for word in case.words.split()]
    if case.of_client:
        words += ["--server", f"127.0.0.1:{world.process.port}"]
        if words[0] not in {"clients", "bench"}:
            words += ["--name", name]
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirect}', "sh", *command, *words],
        input=given,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=os.environ | (environment or {}),
        timeout=WITHIN * UNIT,
        check=False,
    )


def check(ended: subprocess.CompletedProcess[bytes], status: int, *, silent: bool = False) -> None:
    """Check the status and the output of a command."""
    errors = ended.stderr.decode()
    assert ended.returncode == status, (ended.args, errors)
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
    assert len(errors.splitlines()) <= (4 if status == USAGE else 1), errors
    assert bool(errors) == (status != DONE and not silent), errors


every_command = pytest.mark.parametrize("case", CASES, ids=lambda case: case.words.split(" {")[0])


@every_command
def test_input_closed(world: World, case: Case, tmp_path: Path) -> None:
    """With stdin closed, only commands that read it fail, with a sentence."""
    ended = end(world, case, tmp_path, redirect="<&-")
    check(ended, STREAM_FAILED if case.reads else case.status)


@every_command
@pytest.mark.parametrize("redirect", [">&-", ">/dev/full"])
def test_output_closed_or_full(world: World, case: Case, tmp_path: Path, redirect: str) -> None:
    """With stdout closed or full, only commands that print fail, with a sentence."""
    ended = end(world, case, tmp_path, redirect=redirect)
    check(ended, STREAM_FAILED if case.prints else case.status)


@every_command
def test_output_pipe_closed_early(world: World, case: Case, tmp_path: Path) -> None:
    """A reader that closes the pipe early is not a failure."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        check(end(world, case, tmp_path, stdout=writer), case.status)
    finally:
        os.close(writer)


@every_command
@pytest.mark.parametrize("redirect", ["2>&-", "2>/dev/full"])
def test_errors_closed_or_full(world: World, case: Case, tmp_path: Path, redirect: str) -> None:
    """With stderr closed or full, the status is the same, also if there is an error to print."""
    ended = end(world, case, tmp_path, redirect=f">&- {redirect}")
    check(ended, STREAM_FAILED if case.prints else case.status, silent=True)


@every_command
@pytest.mark.parametrize(
    "environment",
    [
        ASCII | {"PYTHONIOENCODING": "ascii:strict"},
        {"PYTHONIOENCODING": "iso-8859-1:strict", "TERM": "dumb"},
    ],
    ids=["C", "latin1"],
)
def test_strict_locale(
    world: World, case: Case, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    """Characters that the locale lacks are replaced."""
    ended = end(world, case, tmp_path, environment=environment)
    check(ended, case.status)
    assert bool(ended.stdout) == case.prints


NOBODY = """
import os, pwd, runpy, sys
def unknown(_): raise KeyError("unknown uid")
pwd.getpwuid = unknown
sys.argv[0] = "chat-grpc"
runpy.run_module("chat_grpc", run_name="__main__", alter_sys=True)
"""


@every_command
def test_no_home(world: World, case: Case, tmp_path: Path) -> None:
    """A user without a home folder and unknown to the system is told which option to set."""
    unset = ("HOME", "USER", "LOGNAME", "LNAME", "USERNAME", "CHAT_GRPC_STATE")
    command = ["env", *(f"--unset={name}" for name in unset), sys.executable, "-c", NOBODY]
    ended = end(world, case, tmp_path, command=command)
    check(ended, USAGE if case.needs_home else case.status)
    if case.needs_home:
        assert b"HOME is not set; set CHAT_GRPC_STATE" in ended.stderr
    if case.words.startswith("check"):
        ended = end(world, Case("check", of_client=False), tmp_path, command=command)
        check(ended, USAGE)
        assert b"HOME is not set; use --data" in ended.stderr


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    "redirect", ["", "<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full"]
)
def test_serve(tmp_path: Path, redirect: str) -> None:
    """The server runs without standard streams, and ends in order."""
    port = free_port()
    arguments = ["serve", "--listen", f"127.0.0.1:{port}", "--data", str(tmp_path / "data")]
    server = subprocess.Popen(
        ["sh", "-c", f'exec "$@" {redirect}', "sh", *COMMAND, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )

    def answers() -> bool:
        with socket.socket() as probe:
            return server.poll() is not None or probe.connect_ex(("127.0.0.1", port)) == 0

    wait_for(answers, 10)
    assert server.poll() is None
    assert run(port, "send", "--name", "otto", "hello").returncode == DONE
    server.send_signal(signal.SIGTERM)
    _, errors = server.communicate(timeout=2 * WITHIN * UNIT)
    assert server.returncode == DONE
    assert b"Traceback" not in errors


# -------------------------------------------------------------------- the lines of `send -`


SEND = Case("send -", prints=False)


def sent(process: Process, name: str) -> list[str]:
    """Return the texts that a user has sent to the lobby."""
    ended = run(process, "history", "--name", name, "--limit", "1000", "--json")
    messages = [json.loads(line)["message"] for line in ended.stdout.splitlines()]
    return [each["text"] for each in messages if each["author"]["name"] == name]


@pytest.mark.parametrize("environment", [{}, ASCII], ids=["UTF-8", "C"])
def test_input_that_is_not_utf8(
    world: World, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    """Invalid bytes are replaced, a byte-order mark is dropped, and every line is sent."""
    name = f"bo{len(environment)}"
    given = b"\xef\xbb\xbffirst\nb\xffd\n\ngr\xc3\xbc\xc3\x9fe\r\nlast"
    ended = end(world, SEND, tmp_path, given=given, environment=environment, name=name)
    check(ended, DONE)
    assert sent(world.process, name) == ["first", "b\ufffdd", "gr\xfc\xdfe", "last"]


def test_input_in_the_encoding_of_the_locale(world: World, tmp_path: Path) -> None:
    """In a locale with another encoding, stdin is decoded with it."""
    latin = {"PYTHONIOENCODING": "iso-8859-1"}
    given = b"gr\xfc\xdfe\n"
    check(end(world, SEND, tmp_path, given=given, environment=latin, name="lars"), DONE)
    assert sent(world.process, "lars") == ["gr\xfc\xdfe"]


def test_refused_lines(world: World) -> None:
    """Refused lines are reported with their numbers, the others are sent; the status tells."""
    lines = ["one", "x" * 20_000, "two", "y" * 3_000_000, "three"]
    ended = run(world.process, "send", "--name", "nora", "-", given="\n".join(lines))
    assert ended.returncode == OVER_LIMIT
    errors = ended.stderr.splitlines()
    assert [line.partition(" was not sent: ")[0] for line in errors[:2]] == [
        "chat-grpc: line 2",
        "chat-grpc: line 4",
    ]
    assert errors[2:] == ["chat-grpc: 2 lines were not sent; the others are stored"]
    assert sent(world.process, "nora") == ["one", "two", "three"]


def test_many_refused_lines(world: World) -> None:
    """The first refused lines are reported, the others are counted."""
    given = "x\n" * 500
    ended = run(world.process, "send", "--name", "nils", "--to", "nobody", "-", given=given)
    assert ended.returncode == 4
    errors = ended.stderr.splitlines()
    assert len(errors) < 50
    assert errors[-1] == "chat-grpc: 500 lines were not sent; the others are stored"


def test_strict(world: World, tmp_path: Path) -> None:
    """With --strict the first refused line or invalid byte ends the command."""
    given = "one\n" + "x" * 20_000 + "\n"
    ended = run(world.process, "send", "--name", "rita", "--strict", "-", given=given)
    assert ended.returncode == OVER_LIMIT
    assert ended.stderr.startswith("chat-grpc: line 2 was not sent: ")
    assert len(ended.stderr.splitlines()) == 1
    bad = end(world, Case("send - --strict"), tmp_path, given=b"good\nb\xffd\n")
    check(bad, USAGE)
    assert b"line 2 was not sent: The text is not valid UTF-8" in bad.stderr


def test_an_argument_in_a_locale_without_encoding(world: World, tmp_path: Path) -> None:
    """Without an encoding in the locale, only UTF-8 arguments are accepted."""
    case = Case("send gr\xfc\xdfe", prints=False)
    check(end(world, case, tmp_path, environment=ASCII, name="ines"), DONE)
    assert sent(world.process, "ines") == ["gr\xfc\xdfe"]
    address = f"127.0.0.1:{world.process.port}"
    bad: list[str | bytes] = [*COMMAND, "send", "--server", address, b"b\xffd"]
    ended = subprocess.run(bad, capture_output=True, timeout=WITHIN * UNIT, check=False)
    check(ended, USAGE)


def test_tail_ends_with_its_reader(world: World) -> None:
    """`tail` ends when its reader closes the pipe, also without a new event."""
    arguments = ["tail", "--json", "--name", "tina", "--server", f"127.0.0.1:{world.process.port}"]
    tail = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert tail.stdout is not None
    assert tail.stderr is not None
    assert b"welcome" in tail.stdout.readline()
    tail.stdout.close()
    assert tail.wait(WITHIN * UNIT) == DONE
    assert tail.stderr.read() == b""
    tail.stderr.close()
