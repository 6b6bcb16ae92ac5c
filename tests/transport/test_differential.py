"""The transports answer the same bytes alike, or differ in a way that is listed with its reason.

Each unusual part of a call is sent by itself, then random ones are mixed on one connection.
`CHAT_GRPC_FUZZ_EXAMPLES` runs as many random examples, with another choice in each run.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from support import Process, serving
from torture.server import complaints
from transport import faults
from transport.differences import DIFFERENCES, SERVED, difference_of
from transport.faults import CLIENTS, CONNECT, HEALTH, REFLECTION, SEND
from transport.player import HANGS, Await, Op, Outcome, Player, Raw, Script
from transport.random_scripts import garbage, plain_call, scripts

from chat_grpc.transport.http2.frames import ErrorCode

EXAMPLES = int(os.environ.get("CHAT_GRPC_FUZZ_EXAMPLES", "0"))

ANSWERS = {
    HEALTH: "status 0, 7 bytes",
    CLIENTS: "status 0, 5 bytes",
    SEND: "status 16",
    CONNECT: "status 9",
    REFLECTION: "status 0, 170 bytes",
}
"""The answers to valid calls."""

ENDS = {"closed", *(f"goaway {code.name}" for code in ErrorCode)}
"""The answers that end a connection."""


class Case(NamedTuple):
    """One unusual part alone, in a call on stream 1 or, without a path, on the connection."""

    name: str
    path: bytes
    ops: list[Op]


class Pair(NamedTuple):
    """A server of each transport."""

    http2: Process
    grpcio: Process

    async def play(self, script: Script) -> tuple[Outcome, Outcome]:
        """Send a script to both servers."""
        ours, theirs = await asyncio.gather(
            _play(self.http2.port, script), _play(self.grpcio.port, script)
        )
        return ours, theirs


async def _play(port: int, script: Script) -> Outcome:
    async with Player(port) as player:
        return await player.play(script)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Run both servers for all tests of this module; their logs must stay clean."""
    options = ("--data", ":memory:", "--log-format", "json")
    with (
        serving("--transport", "http2", *options) as http2,
        serving("--transport", "grpcio", *options) as grpcio,
    ):
        yield Pair(http2, grpcio)
        assert http2.running
        assert grpcio.running
        # grpcio also logs each call whose peer is gone. A busy machine may stop a process.
        lines = complaints(http2.log())
        assert [line for line in lines if "the process did not run" not in line] == []


@pytest.fixture(autouse=True)
async def no_debug() -> None:
    """Turn off asyncio's debug mode, which takes most of the time of thousands of frames."""
    asyncio.get_running_loop().set_debug(False)


async def test_valid_calls_are_answered_alike(pair: Pair) -> None:
    """Both servers give the same statuses, and responses of the same size."""
    script = Script(
        [op for number, path in enumerate(ANSWERS) for op in plain_call(2 * number + 1, path)]
    )
    expected = {2 * number + 1: answer for number, answer in enumerate(ANSWERS.values())}
    for outcome in await pair.play(script):
        assert outcome == Outcome("open", expected)


def cases() -> Iterator[Case]:
    """Each unusual part alone."""
    for name, change in faults.HEADERS.items():
        yield Case(name, REFLECTION, plain_call(1, REFLECTION, change=change))
    for name, body in faults.BODIES.items():
        yield Case(name, HEALTH, plain_call(1, HEALTH, body=body))
        yield Case(name, REFLECTION, plain_call(1, REFLECTION, body=body))
    for name, ops in faults.ON_STREAM.items():
        yield Case(name, HEALTH, plain_call(1, HEALTH, before=[*ops(1), Await(0)]))
    for name, ops in faults.ENDS.items():
        yield Case(name, REFLECTION, plain_call(1, REFLECTION, end=ops(1)))
    for name, ops in faults.LATE.items():
        late = [Await(1), *ops(1), Await(0)]
        yield Case(name, REFLECTION, [*plain_call(1, REFLECTION), *late])
    for name, data in faults.CONNECTION.items():
        yield Case(name, b"", [Raw(data), Await(0)])


def answer(outcome: Outcome, stream: int, path: bytes) -> str:
    """Return the answer to a call, or that of the connection if it has ended or had no call."""
    if outcome.connection != "open" or not path:
        return outcome.connection
    found = outcome.streams.get(stream, "none")
    return SERVED if found == ANSWERS[path] else found


def explained(name: str, ours: str, theirs: str) -> bool:
    """Return whether two answers to an unusual part are alike, or differ as the list says."""
    listed = difference_of(name)
    if listed is None:
        return ours == theirs
    allowed = _with_code(listed.grpcio[name].split("|"))
    return ours in listed.http2.split("|") and theirs in allowed


def _with_code(answers: Iterable[str]) -> set[str]:
    """Add each GOAWAY to `closed`: grpcio writes one if it comes to that before it closes."""
    found = set(answers)
    return found | ENDS if "closed" in found else found


async def test_each_unusual_part_is_answered_alike_or_as_listed(pair: Pair) -> None:
    """A difference is listed, and a listed difference exists."""
    turns = asyncio.Semaphore(8)

    async def check(case: Case) -> str:
        async with turns:
            outcomes = await pair.play(Script(case.ops))
        ours, theirs = (answer(outcome, 1, case.path) for outcome in outcomes)
        if explained(case.name, ours, theirs):
            return ""
        return f"{case.name} to {case.path.decode()}: http2 {ours}, grpcio {theirs}"

    found = await asyncio.gather(*map(check, cases()))
    assert not list(filter(None, found))


def test_the_list_names_parts_that_are_sent() -> None:
    """Each listed difference belongs to a part of this test, and has one reason."""
    names = [name for difference in DIFFERENCES for name in difference.grpcio]
    assert len(names) == len(set(names))
    assert set(names) <= {case.name for case in cases()}


def ends(name: str) -> tuple[list[str], list[str]]:
    """Return how a listed part ends the connection, for each transport; nothing if it does not."""
    listed = difference_of(name)
    if listed is None:
        return [], []
    ours, theirs = listed.http2.split("|"), listed.grpcio[name].split("|")
    return [a for a in ours if a in ENDS], [a for a in theirs if a in ENDS]


def unexplained(script: Script, ours: Outcome, theirs: Outcome) -> list[str]:
    """Return the differences of two outcomes that the list does not explain."""
    if "open" == ours.connection == theirs.connection:
        return [
            f"stream {stream}, {name}: http2 {mine}, grpcio {other}"
            for stream, path in script.paths.items()
            if stream not in script.cancelled
            and not explained(
                name := script.names.get(stream, "nothing unusual"),
                mine := answer(ours, stream, path),
                other := answer(theirs, stream, path),
            )
        ]
    # Which calls were answered before the end of a connection depends on the time.
    expected = [ends(name) for name in script.names.values()]
    mine_allowed = {end for each, _ in expected for end in each} or {"open"}
    other_allowed = _with_code(end for _, each in expected for end in each) or {"open"}
    if ours.connection in mine_allowed and theirs.connection in other_allowed:
        return []
    return [f"connection: http2 {ours.connection}, grpcio {theirs.connection}"]


@settings(
    max_examples=EXAMPLES or 200,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(scripts())
async def test_random_calls_are_answered_alike_or_as_listed(pair: Pair, script: Script) -> None:
    """Calls that overlap, in any pieces, with at most one unusual part each."""
    assert not unexplained(script, *await pair.play(script)), script.names


@settings(max_examples=EXAMPLES or 400, derandomize=not EXAMPLES, database=None, deadline=None)
@given(garbage())
async def test_garbage_ends_a_connection_with_a_code_or_nothing(pair: Pair, script: Script) -> None:
    """Neither server hangs or loses a call that the other serves; http2 names the reason."""
    ours, theirs = await pair.play(script)
    assert ours.connection.startswith(("open", "goaway ")), ours
    assert HANGS not in (ours.connection, theirs.connection)
    if "open" == ours.connection == theirs.connection:
        for stream in ours.streams.keys() & theirs.streams.keys():
            mine = ours.streams[stream]
            assert mine == theirs.streams[stream] or mine.startswith("reset ")
