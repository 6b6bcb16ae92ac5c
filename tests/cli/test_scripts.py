"""The reading commands for scripts: history, search, rooms, conversations, and tail --since."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.terminal import run, write, write_lines
from support import COMMAND, UNIT, Process, free_port, serving

from chat_grpc.client import ChatCalls


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    """Run one server for most tests."""
    with serving("--data", ":memory:") as started:
        yield started


TAIL = [*COMMAND, "tail", "--json", "--server"]

pytestmark = pytest.mark.usefixtures("state")


def objects(process: Process | int, *arguments: str) -> list[dict[str, Any]]:
    """Run a command to its end; return the JSON objects that it prints, one a line."""
    ended = run(process, *arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.isascii()
    return [json.loads(line) for line in ended.stdout.splitlines()]


def texts(found: list[dict[str, Any]]) -> list[str]:
    """Return the texts of the messages among some objects."""
    return [each["message"]["text"] for each in found if "message" in each]


def test_history(process: Process) -> None:
    """`history` prints the newest messages in order, as lines or as StoredMessages with pages."""
    write_lines(process, "alice", "line", 60)
    found = objects(process, "history", "--name", "bob")
    assert texts(found) == [f"line {n}" for n in range(10, 60)]
    first = found[0]["sequence"]
    before = objects(process, "history", "--name", "bob", "--limit", "3", "--before", first)
    assert texts(before) == ["line 7", "line 8", "line 9"]
    last = found[-3]["sequence"]
    after = run(process, "history", "--name", "bob", "--after", last).stdout.splitlines()
    assert [line.split("│ ")[1] for line in after] == ["line 58", "line 59"]
    assert [line.split()[0] for line in after] == [f["sequence"] for f in found[-2:]]


def test_history_of_others(process: Process) -> None:
    """`history` takes a user, by name or number, or a room; an empty one prints nothing."""
    write(process, "carol", "hello, dave", "--to", write_to(process, "dave"))
    [found] = objects(process, "history", "--name", "dave", "--to", "carol")
    number = found["message"]["author"]["number"]
    shown = run(process, "history", "--name", "dave", "--to", str(number)).stdout
    assert shown.endswith("carol → you │ hello, dave\n")
    assert "you → dave" in run(process, "history", "--name", "carol", "--to", "@DAVE").stdout
    nothing = run(process, "history", "--name", "erin", "--to", "dave")
    assert (nothing.returncode, nothing.stdout) == (0, "")


def write_to(process: Process, name: str) -> str:
    """Sign a user in on the server by a message; return the name."""
    write(process, name, "here I am")
    return name


def test_search(process: Process) -> None:
    """`search` finds readable messages with all words, everywhere or in one conversation."""
    write(process, "fred", "the walrus sings")
    write(process, "fred", "the walrus sings to you", "--to", write_to(process, "gina"))
    found = objects(process, "search", "--name", "gina", "walrus", "sings")
    assert texts(found) == ["the walrus sings", "the walrus sings to you"]
    assert texts(objects(process, "search", "--name", "hans", "walrus")) == ["the walrus sings"]
    assert len(objects(process, "search", "--name", "gina", "walrus", "--to", "fred")) == 1
    assert len(objects(process, "search", "--name", "gina", "walrus", "--limit", "1")) == 1
    shown = run(process, "search", "--name", "gina", '"walrus sings"').stdout.splitlines()
    assert "#lobby fred │ the walrus sings" in shown[0]
    assert "fred → you │ the walrus sings to you" in shown[1]
    assert run(process, "search", "--name", "gina", "platypus").stdout == ""


async def make_room(process: Process, name: str, topic: str) -> None:
    """Create a room of another user."""
    async with ChatCalls(f"127.0.0.1:{process.port}") as calls:
        await calls.sign_in("owner")
        await calls.create_room(name, topic)


def test_rooms_from_a_script(process: Process) -> None:
    """A script can list, join, write, read and leave a room."""
    asyncio.run(make_room(process, "den", "quiet"))
    room = "#den"
    listed = {each["name"]: each for each in objects(process, "rooms", "--name", "ivan")}
    assert listed["den"]["topic"] == "quiet"
    assert run(process, "send", "--name", "ivan", "--to", room, "x").returncode == 3
    assert run(process, "history", "--name", "ivan", "--to", room).returncode == 3
    assert run(process, "join", "--name", "ivan", room).returncode == 0
    write(process, "ivan", "in the den", "--to", room)
    assert texts(objects(process, "history", "--name", "ivan", "--to", room)) == ["in the den"]
    assert "#den" in run(process, "rooms", "--name", "ivan").stdout
    [newest, *_] = objects(process, "conversations", "--name", "ivan")
    assert newest["room"]["name"] == "den"
    assert "ivan: in the den" in run(process, "conversations", "--name", "ivan").stdout
    assert run(process, "leave", "--name", "ivan", "den").returncode == 0
    assert run(process, "send", "--name", "ivan", "--to", room, "x").returncode == 3


def test_exit_statuses(process: Process, tmp_path: Path) -> None:
    """Each kind of failure has its own exit status and prints one line with the reason."""
    damaged = tmp_path / "place"
    damaged.write_text("shopping list")
    here = ("--name", "jane", "--until-now")
    cases: list[tuple[int, list[str]]] = [
        (4, ["history", "--to", "nobody"]),
        (4, ["history", "--to", "#nowhere"]),
        (4, ["history", "--to", "99999"]),
        (4, ["search", "x", "--to", "nobody"]),
        (4, ["join", "nowhere"]),
        (4, ["tail", *here, "--since", "99999999"]),
        (4, ["tail", *here, "--since", "0123456789abcdef:1"]),
        (3, ["leave", "lobby"]),
        (2, ["search"]),
        (2, ["search", " "]),
        (2, ["history", "--limit", "0"]),
        (2, ["history", "--before", "x"]),
        (2, ["history", "--after", "-1"]),
        (2, ["history", "--after", "9" * 20]),
        (2, ["tail", *here, "--since", "yesterday"]),
        (2, ["tail", *here, "--place", str(damaged)]),
        (2, ["tail", *here, "--place", str(damaged / "below")]),
    ]
    for status, words in cases:
        name = [] if "--name" in words else ["--name", "jane"]
        ended = run(process, *words, *name)
        assert ended.returncode == status, (ended.args, ended.stderr)
        assert ended.stderr.strip()
        assert "Traceback" not in ended.stderr
    for words in (["history"], ["search", "x"], ["rooms"], ["conversations"], ["join", "x"]):
        assert run(free_port(), *words).returncode == 5
    assert damaged.read_text() == "shopping list"


# ------------------------------------------------------------------- tail --since


def tail(process: Process, name: str, *options: str) -> list[dict[str, Any]]:
    """Run a tail that ends at the head of the log."""
    return objects(process, "tail", "--name", name, "--until-now", *options)


def test_tail_since_a_sequence() -> None:
    """`--since 0` prints the whole visible log; each event tells where to continue."""
    with serving("--data", ":memory:") as own:
        write_lines(own, "alice", "line", 5)
        write(own, "alice", "for bob", "--to", write_to(own, "bob"))
        write(own, "alice", "for carol", "--to", write_to(own, "carol"))
        everything = tail(own, "bob", "--since", "0")
        assert "welcome" in everything[0]
        assert "token" not in everything[0]["welcome"]
        lines = [f"line {n}" for n in range(5)]
        said = [*lines, "here I am", "for bob", "here I am"]
        assert texts(everything) == said
        events = [each for each in everything if "message" in each]
        rest = tail(own, "bob", "--since", events[3]["sequence"])
        assert texts(rest) == said[4:]
        place = f"{everything[0]['welcome']['logId']}:{events[5]['sequence']}"
        assert texts(tail(own, "bob", "--since", place)) == said[6:]
        shown = run(own, "tail", "--name", "bob", "--since", place, "--until-now").stdout
        assert shown.splitlines()[0].endswith("alice → you │ for bob")
        assert texts(tail(own, "bob")) == []


def test_tail_since_a_time() -> None:
    """A tail since a time begins with the first event of that time, in any conversation."""
    with serving("--data", ":memory:") as own:
        write_lines(own, "alice", "early", 40)
        write(own, "alice", "aside", "--to", write_to(own, "bob"))
        write(own, "alice", "aside again", "--to", "bob")
        write_lines(own, "alice", "late", 40)
        everything = [each for each in tail(own, "bob", "--since", "1h") if "message" in each]
        said = texts(everything)
        assert said[38:45] == [
            "early 38",
            "early 39",
            "here I am",
            "aside",
            "aside again",
            *said[43:45],
        ]
        assert len(said) == 83
        for begin in (0, 1, 17, 40, 41, 42, 43, 60, 82):
            since = everything[begin]["time"]
            assert texts(tail(own, "bob", "--since", since)) == said[begin:]
        assert texts(tail(own, "bob", "--since", "2020-01-01")) == said


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_tail_continues_from_a_file(process: Process, tmp_path: Path, stop: signal.Signals) -> None:
    """Each run prints the events that the one before did not, also after it was interrupted."""
    kate, luke = f"kate-{stop}", f"luke-{stop}"
    place = ("--place", str(tmp_path / "place"))
    assert texts(tail(process, kate, *place)) == []
    write_lines(process, luke, "first", 3)
    assert texts(tail(process, kate, *place)) == ["first 0", "first 1", "first 2"]
    write(process, luke, "second")
    running = subprocess.Popen(
        [
            *COMMAND,
            "tail",
            "--server",
            f"127.0.0.1:{process.port}",
            "--name",
            kate,
            "--json",
            *place,
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    while "second" not in running.stdout.readline():
        pass
    running.send_signal(stop)
    running.communicate(timeout=10 * UNIT)
    assert running.returncode == 128 + stop
    write(process, luke, "third")
    assert texts(tail(process, kate, *place, "--since", "0")) == ["third"]


def test_a_tail_continues_in_another_log() -> None:
    """After the log was replaced, tail says so, prints the new log's id, and continues there."""
    port = free_port()
    with serving("--data", ":memory:", port=port) as first:
        running = subprocess.Popen(
            [*TAIL, f"127.0.0.1:{port}", "--name", "mona"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert running.stdout is not None
        before = json.loads(running.stdout.readline())["welcome"]["logId"]
        first.signal(signal.SIGKILL)
        first.wait()
    with serving("--data", ":memory:", port=port) as second:
        after: dict[str, Any] = {}
        while "welcome" not in after:
            after = json.loads(running.stdout.readline())
        assert after["welcome"]["logId"] != before
        assert after["welcome"]["recovery"] == "RECOVERY_OTHER_LOG"
        write(second, "nora", "hello")
        while "message" not in after:
            after = json.loads(running.stdout.readline())
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=10 * UNIT)
    assert "different log" in errors
