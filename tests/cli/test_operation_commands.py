"""The commands `admin status|explain|drain|backup|top`, over the network and on the machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cli.terminal import Terminal
from commands import done, run
from server.accounts import PASSWORD
from support import Process, free_port, serving

from chat_grpc.journal.check import check

pytestmark = pytest.mark.usefixtures("state")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data folder of the server."""
    return tmp_path / "data"


@pytest.fixture
def process(folder: Path) -> Iterator[Process]:
    """A server with an admin who is signed in on this machine, and a message."""
    done("user", "add", "--admin", "--data", str(folder), "root", stdin=f"{PASSWORD}\n")
    with serving("--data", str(folder)) as started:
        done("login", *as_root(started), stdin=f"{PASSWORD}\n")
        done("send", "hello", *as_root(started))
        yield started


def as_root(process: Process | int) -> tuple[str, ...]:
    """Return the options for the admin over the network."""
    port = process if isinstance(process, int) else process.port
    return ("--server", f"127.0.0.1:{port}", "--name", "root")


def ways(process: Process, folder: Path) -> list[tuple[str, ...]]:
    """Return the options for both ways to the server."""
    return [as_root(process), ("--data", str(folder))]


def test_the_status_of_a_server(process: Process, folder: Path) -> None:
    """`status` prints words or JSON, alike over the network and on the machine."""
    for way in ways(process, folder):
        assert "state    serving\n" in done("admin", "status", *way)
        told = json.loads(done("admin", "status", "--json", *way))
        assert (told["streamCount"], told["draining"], told["refusals"]) == (0, False, {})
        assert int(told["headSequence"]) >= 3


def test_the_state_of_a_message(process: Process, folder: Path) -> None:
    """`explain` prints the time and the streams; an unknown sequence has status 4."""
    head = int(json.loads(done("admin", "status", "--json", *as_root(process)))["headSequence"])
    for way in ways(process, folder):
        assert f"{head}: stored 20" in done("admin", "explain", str(head), *way)
        assert "storeTime" in json.loads(done("admin", "explain", "--json", str(head), *way))
        missing = run("admin", "explain", "999999", *way)
        assert (missing.returncode, "no message 999999" in missing.stderr) == (4, True)
        assert run("admin", "explain", "0", *way).returncode == 2


def test_a_backup_from_anywhere(process: Process, folder: Path, tmp_path: Path) -> None:
    """`backup` writes a checked file of mode 0600, and never replaces one."""
    for number, way in enumerate(ways(process, folder)):
        file = tmp_path / f"{number}.db"
        assert done("admin", "backup", *way, str(file)).endswith("MB, checked\n")
        assert check(file) == []
        assert file.stat().st_mode & 0o077 == 0
        again = run("admin", "backup", *way, str(file))
        assert (again.returncode, "exists already" in again.stderr) == (2, True)
        other = tmp_path / f"{number}.json.db"
        told = json.loads(done("admin", "backup", "--json", *way, str(other)))
        assert told == {"file": str(other), "bytes": other.stat().st_size}
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]


def test_a_drain_by_command(process: Process) -> None:
    """`drain` ends the server with status 0."""
    told = json.loads(done("admin", "drain", "--json", "--seconds", "1", *as_root(process)))
    assert told == {"streamCount": 0}
    assert process.wait() == 0


def test_without_a_server(folder: Path) -> None:
    """The commands need a running server, say so, and make no store."""
    for command in (["status"], ["explain", "1"], ["drain"], ["top"], ["backup", "x.db"]):
        ended = run("admin", *command, "--data", str(folder))
        assert (ended.returncode, "No server runs on" in ended.stderr) == (5, True)
    assert not folder.exists()


def test_only_an_admin(process: Process) -> None:
    """Another user is refused with status 3."""
    server = ("--server", f"127.0.0.1:{process.port}", "--name", "guest")
    done("send", "hello", *server)
    for command in (["status"], ["drain"], ["top"]):
        assert run("admin", *command, *server).returncode == 3
    assert process.running


# ------------------------------------------------------------- top


def test_one_snapshot_without_a_terminal(process: Process, folder: Path) -> None:
    """Without a terminal `top` prints plain text once."""
    for way in ways(process, folder):
        shown = done("admin", "top", *way)
        assert "state    serving" in shown
        assert "STREAMS by queue" in shown
        assert "\x1b" not in shown


def test_the_live_view(process: Process) -> None:
    """`top` shows streams as they come; keys sort, help and leave; it follows the window."""
    command = ("admin", "top", "--name", "root", "--interval", "0.2")
    with (
        closing(Terminal(process.port, "root", command=command, columns=80)) as top,
        closing(Terminal(process.port, "alice")) as alice,
    ):
        alice.here()
        top.shows("alice#")
        top.shows("STREAMS by queue")
        top.type("s")
        top.shows("STREAMS by lag")
        top.type("?")
        top.shows("this help, and back")
        top.type("?")
        top.resize(40)
        shown = top.shows("STREAMS by lag")
        assert max(map(len, shown)) <= 40
        top.type("q")
        assert top.status() == 0


def test_the_live_view_ends_with_the_admin_role(process: Process, folder: Path) -> None:
    """A user who is no longer an admin is told so, at a terminal that works again."""
    command = ("admin", "top", "--name", "root", "--interval", "0.2")
    with closing(Terminal(process.port, "root", command=command, columns=80)) as top:
        top.shows("serving")
        done("user", "admin", "--remove", "--data", str(folder), "root")
        assert top.status() == 3
        assert any("admin" in line for line in top.lines())


def test_the_live_view_follows_a_restart(folder: Path) -> None:
    """While the server is away `top` says so; it goes on when the server is back."""
    done("user", "add", "--admin", "--data", str(folder), "root", stdin=f"{PASSWORD}\n")
    port = free_port()
    command = ("admin", "top", "--name", "root", "--interval", "0.2")
    with serving("--data", str(folder), port=port) as process:
        done("login", *as_root(port), stdin=f"{PASSWORD}\n")
        top = Terminal(port, "root", command=command, columns=80, NO_COLOR="1")
        top.shows("serving")
        assert top.styles() == {"default"}
        done("admin", "drain", "--seconds", "0", *as_root(port))
        assert process.wait() == 0
        top.shows("no answer, retrying")
    with closing(top), serving("--data", str(folder), port=port):
        top.shows("serving", within=20)
        top.type("q")
        assert top.status() == 0
