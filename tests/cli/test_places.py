"""The saved position of a user, and the start of `tail`."""

from __future__ import annotations

import asyncio
import json
import stat
from datetime import datetime, timedelta
from pathlib import Path

import click
import pytest
from chat_grpc_cli.keeping import PlaceKeeper, ReadMarks
from chat_grpc_cli.place import Place, Places
from chat_grpc_cli.since import Since, parse_since
from chat_grpc_cli.throttle import Throttle
from chat_grpc_cli.view import View
from support import eventually

from chat_grpc.client import ChatClient, MessageRef, Position

NOW = datetime(2026, 3, 1, 12, 0).astimezone()


def test_a_place_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    """A position is saved by server and name, in any case, in a file of mode 0600."""
    places = Places(tmp_path / "state")
    assert places.get("a", "alice") == Place()
    place = Place(Position("log", 7), "#ops", frozenset({6, 9, 8}))
    places.put("a", "Alice", place)
    assert places.get("a", "ALICE") == Place(Position("log", 7), "#ops", frozenset({8, 9}))
    assert places.get("b", "alice") == Place()
    [file] = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        "7",
        '{"log_id": "x"}',
        json.dumps({"log_id": "x", "sequence": -1, "conversation": "#ops", "own": []}),
        json.dumps({"log_id": "x", "sequence": 2**63, "conversation": "#ops", "own": []}),
        json.dumps({"log_id": 5, "sequence": 1, "conversation": "#ops", "own": []}),
        json.dumps({"log_id": "x", "sequence": 1, "conversation": "ops", "own": []}),
        json.dumps({"log_id": "x", "sequence": 1, "conversation": "#ops", "own": ["x"]}),
        json.dumps({"log_id": "x", "sequence": 1, "conversation": "#ops", "own": 3}),
    ],
)
def test_a_damaged_place_is_none(tmp_path: Path, damage: str) -> None:
    """With a damaged file the client starts as for the first time."""
    places = Places(tmp_path)
    places.put("a", "alice", Place(Position("log", 7)))
    [file] = tmp_path.iterdir()
    file.write_text(damage)
    assert places.get("a", "alice") == Place()


async def test_the_keeper_keeps_what_is_new(tmp_path: Path) -> None:
    """Only own messages after the position are kept; an unchanged position is not written again."""
    puts: list[Place] = []

    class Counted(Places):
        def put(self, server: str, name: str, place: Place) -> None:
            puts.append(place)
            super().put(server, name, place)

    places, view = Counted(tmp_path), View()
    keeper = PlaceKeeper(places, "a", "alice", view, pytest.fail)
    await keeper.keep()
    view.own = {3, 8}
    keeper.changed(Position("log", 7))
    await keeper.keep()
    await keeper.keep()
    assert puts == [places.get("a", "alice")]
    assert puts == [Place(Position("log", 7), "#lobby", frozenset({8}))]


async def test_a_disk_that_is_full_is_told_once(tmp_path: Path) -> None:
    """A full disk is reported once, and the chat continues."""
    told: list[str] = []
    blocked = tmp_path / "file"
    blocked.write_text("")
    keeper = PlaceKeeper(Places(blocked), "a", "alice", View(), told.append)
    for sequence in (1, 2):
        keeper.changed(Position("log", sequence))
        await keeper.keep()
    assert len(told) == 1
    assert "cannot be written" in told[0]


async def test_every_conversation_is_marked_read() -> None:
    """Each conversation is marked at its newest sequence, also if two come within a second."""
    marked: list[tuple[object, object]] = []

    class Client(ChatClient):
        async def mark_read(self, sequence: MessageRef, to: object = None) -> None:
            marked.append((sequence, to))

    marks = ReadMarks(Client("localhost:1", name="me"))
    for conversation, sequence in (("#a", 3), ("@bob", 4), ("#a", 5), ("#a", 2)):
        marks.read(conversation, sequence)
    await marks.tell()
    await marks.tell()
    assert marked == [(5, "#a"), (4, "bob")]


@pytest.mark.parametrize("late", [False, True])
async def test_frequent_calls_are_coalesced(late: bool) -> None:
    """Calls within an interval are merged into one, after the last of them."""
    asked, done = [1], [0]

    async def act() -> None:
        done.append(asked[-1])

    throttle = Throttle(0.05, act, late=late)
    running = asyncio.create_task(throttle.run())
    throttle.ask()
    await eventually(lambda: done[-1] == 1)
    for number in range(2, 50):
        asked.append(number)
        throttle.ask()
        await asyncio.sleep(0)
    await eventually(lambda: done[-1] == 49)
    assert len(done) <= 4
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("0", Since(sequence=0)),
        (" 4711\n", Since(sequence=4711)),
        ("4ec3a38a76f652ea:12", Since(position=Position("4ec3a38a76f652ea", 12))),
        ("10m", Since(moment=NOW - timedelta(minutes=10))),
        ("1h30m", Since(moment=NOW - timedelta(minutes=90))),
        ("3d", Since(moment=NOW - timedelta(days=3))),
        ("11:30", Since(moment=NOW - timedelta(minutes=30))),
        ("11:59:30", Since(moment=NOW - timedelta(seconds=30))),
        ("13:00", Since(moment=NOW - timedelta(hours=23))),
        ("2026-02-28", Since(moment=NOW - timedelta(hours=36))),
        ("2026-03-01T11:00", Since(moment=NOW - timedelta(hours=1))),
        ("2026-03-01 11:00", Since(moment=NOW - timedelta(hours=1))),
        (NOW.isoformat(), Since(moment=NOW)),
    ],
)
def test_the_forms_of_a_start(text: str, since: Since) -> None:
    """A start is a sequence, a saved position, a period, or a time in the past."""
    assert parse_since(text, NOW) == since


@pytest.mark.parametrize(
    "text",
    ["", "x", "-1", "25:00", "9" * 30, "2026-13-01", "10y", "log:5", "999999999w", "1:2:3:4"],
)
def test_an_invalid_start_is_an_error(text: str) -> None:
    """The error of an invalid start lists the valid forms."""
    with pytest.raises(click.BadParameter):
        parse_since(text, NOW)
