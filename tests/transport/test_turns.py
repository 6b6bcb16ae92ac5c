"""Connections share the time for parsing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count

from support import eventually
from transport.test_call import Peer
from transport.test_connection import frames_in

from chat_grpc.transport.http2 import frames, grpc
from chat_grpc.transport.http2.connection import Connection
from chat_grpc.transport.http2.frames import frame
from chat_grpc.transport.http2.limits import DEFAULT_LIMITS
from chat_grpc.transport.http2.turns import SLICE, STEP, ReadTurns


class Clock:
    """A clock that moves on by a fixed time with each look at it."""

    def __init__(self, step: float) -> None:
        self._ticks = count()
        self._step = step

    def read(self) -> float:
        """Return the time in seconds."""
        return 1.0 + next(self._ticks) * self._step


class Busy:
    """A connection with a number of frames to parse; each takes one look at the clock."""

    def __init__(self, name: str, left: int, parsed: list[str]) -> None:
        self._name = name
        self._left = left
        self._parsed = parsed

    def parse(self, until: float) -> bool:
        """See `Waiting.parse`."""
        self._parsed.append(self._name)
        self._left -= 1
        return self._left > 0


async def test_connections_parse_in_turn() -> None:
    """A connection with much to parse does not delay the others, and turns of the loop end."""
    turns = ReadTurns(Clock(STEP / 4).read)
    parsed: list[str] = []
    assert turns.begin() > 0.0
    for name, left in (("a", 100), ("b", 2), ("c", 1)):
        turns.wait(Busy(name, left, parsed))
        assert turns.begin() == 0.0
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert 2 < len(parsed) < 10
    for _ in range(100):
        await asyncio.sleep(0)
    assert parsed[:5] == ["a", "b", "c", "a", "b"]
    assert len(parsed) == 103
    assert turns.begin() > 0.0


def test_a_slice_ends_at_its_time() -> None:
    """Parsing ends at its time with at least one frame, and continues with the next call."""
    clock = Clock(SLICE / 8)
    sliced, whole = Connection(clock.read), Connection(lambda: 1.0)
    pings = b"".join(frame(frames.PING, 0, 0, b"%08d" % number) for number in range(40))
    data = frames.PREFACE + frames.settings_frame([]) + pings
    whole.receive(data)
    sliced.receive(data, until=0.0)
    slices = 1
    while sliced.more:
        sliced.receive(b"", until=clock.read() + SLICE)
        slices += 1
    assert 5 < slices < 42
    assert sliced.unparsed == 0
    assert [*frames_in(sliced.take_output())] == [*frames_in(whole.take_output())]


async def test_requests_of_a_held_connection_keep_their_order() -> None:
    """Bytes beyond the time of a turn wait, the socket is not read, and nothing is lost."""
    limits = replace(DEFAULT_LIMITS, stream_window=1 << 20)
    peer = Peer(clock=Clock(SLICE / 2).read, limits=limits)
    sent = [b"%05d" % number * 100 for number in range(500)]
    framed = [frame(frames.DATA, 0, 1, grpc.prefix(len(each)) + each) for each in sent]
    for first in range(0, 500, 125):
        peer.send(b"".join(framed[first : first + 125]))
    assert peer.socket.held
    assert len(peer.service.requests) < 100
    await eventually(lambda: len(peer.service.requests) == 500)
    assert peer.service.requests == sent
    assert not peer.socket.held
