"""Scripts of frames, and a client that plays one and tells how the server answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from hpack import Encoder
from support import UNIT
from transport.peer import Client

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.frames import ErrorCode, frame
from chat_grpc.transport.http2.headers import encode

Fields = Sequence[tuple[bytes, bytes]]

WITHIN = 5.0 * UNIT
"""Seconds within which a server must answer."""

PROBE, PROBE_PATH = 1001, "/grpc.health.v1.Health/Check"
"""The call that ends each script, to see whether the connection still works."""

HANGS = "hangs"


class Headers(NamedTuple):
    """A header block."""

    stream: int
    fields: Fields
    end: bool = False
    indexed: bool = False
    """True for Huffman coding and the dynamic table, False for literals."""
    cuts: tuple[int, ...] = ()
    """Lengths of the pieces before the last one; each piece is a frame."""


class Data(NamedTuple):
    """A DATA frame. It waits for the windows of the server."""

    stream: int
    data: bytes
    end: bool = False
    padding: int | None = None


class Raw(NamedTuple):
    """Bytes that are sent as they are."""

    data: bytes


class Await(NamedTuple):
    """Wait until the server has ended a stream; 0 is all that was sent before."""

    stream: int


Op = Headers | Data | Raw | Await


@dataclass
class Script:
    """What a client sends on one connection, and the names of what is unusual about it."""

    ops: list[Op]
    names: dict[int, str] = field(default_factory=dict)
    """The unusual part of each stream, by stream; that of the connection is under 0."""
    paths: dict[int, bytes] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)
    """Streams that the client resets; the server may have answered before."""

    @property
    def streams(self) -> list[int]:
        """The streams that the script opens, in order."""
        return list(dict.fromkeys(op.stream for op in self.ops if isinstance(op, Headers)))


@dataclass(frozen=True)
class Outcome:
    """How a server answered a script."""

    connection: str
    """`open`, `closed` without a reason, or `goaway` with a code."""
    streams: dict[int, str]
    """`status`, `http` or `reset` with a code, for each stream that the server has ended."""


class Player(Client):
    """Plays one script."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.outcomes: dict[int, str] = {}
        self._encoder = Encoder()
        self._initial = self._window = frames.DEFAULT_WINDOW
        self._windows: dict[int, int] = {}
        self._go_away = ""
        self._asked, self._acknowledged = 1, 0
        self._changed = asyncio.Event()

    async def _read(self) -> None:
        try:
            with suppress(ConnectionError):  # a reset ends the reading as a close does
                await super()._read()
        finally:
            self.closed = True
            self._changed.set()

    def _take(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        super()._take(kind, flags, stream_id, payload)
        match kind:
            case frames.SETTINGS if not flags & frames.ACK:
                self._initial = dict(frames.settings_of(payload)).get(
                    frames.INITIAL_WINDOW_SIZE, self._initial
                )
                self.send(frames.SETTINGS_ACK)
            case frames.SETTINGS:
                self._acknowledged += 1
            case frames.PING if not flags & frames.ACK:
                self.send(frame(frames.PING, frames.ACK, 0, payload))
            case frames.WINDOW_UPDATE if stream_id:
                self._windows[stream_id] = self._windows.get(
                    stream_id, self._initial
                ) + frames.number_of(payload)
            case frames.WINDOW_UPDATE:
                self._window += frames.number_of(payload)
            case frames.RST_STREAM:
                code = ErrorCode(frames.number_of(payload))
                self.outcomes.setdefault(stream_id, f"reset {code.name}")
            case frames.GOAWAY:
                self._go_away = f"goaway {ErrorCode(frames.number_of(payload[4:])).name}"
        if kind in (frames.HEADERS, frames.DATA) and flags & frames.END_STREAM:
            self.outcomes.setdefault(stream_id, self._answer(stream_id))
        self._changed.set()

    def _answer(self, stream_id: int) -> str:
        headers = self.headers.get(stream_id, {})
        if "grpc-status" not in headers:
            return f"http {headers.get(':status')}"
        size = len(self.data(stream_id))
        return f"status {headers['grpc-status']}" + (f", {size} bytes" if size else "")

    async def _until(self, check: Callable[[], object]) -> bool:
        """Wait until something holds or the connection ends; return whether it did in time."""
        try:
            async with asyncio.timeout(WITHIN):
                while not (self.closed or self._go_away or check()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    # ------------------------------------------------------------ playing

    async def play(self, script: Script) -> Outcome:
        """Play a script, then call a method that works; return how everything ended."""
        await self._until(lambda: self.of(frames.SETTINGS))
        for op in script.ops:
            if self.closed or self._go_away:
                break
            if not await self._play(op):
                return self._outcome(HANGS)
        self.open(PROBE, PROBE_PATH)
        self.message(PROBE, b"", frames.END_STREAM)
        awaited = {PROBE, *script.streams} - script.cancelled
        if not await self._until(lambda: awaited <= self.outcomes.keys()):
            return self._outcome(HANGS)
        connection = "open"
        if self._go_away or self.closed:
            connection = self._go_away or "closed"
        outcome = self._outcome(connection)
        if connection == "open" and outcome.streams.pop(PROBE) != "status 0, 7 bytes":
            return self._outcome("open, but serves no call")
        return outcome

    def _outcome(self, connection: str) -> Outcome:
        return Outcome(connection, dict(self.outcomes))

    async def _play(self, op: Op) -> bool:
        match op:
            case Headers():
                self._windows.setdefault(op.stream, self._initial)
                self.send(self._headers(op))
            case Data():
                return await self._data(op)
            case Raw(data):
                self._asked += _settings_in(data)
                self.send(data)
            case Await(0):
                self.send(frames.settings_frame([]))
                self._asked += 1
                return await self._until(lambda: self._acknowledged >= self._asked)
            case Await(stream):
                return await self._until(lambda: stream in self.outcomes)
        await asyncio.sleep(0)  # so that answers are seen as early as possible
        return True

    def _headers(self, op: Headers) -> bytes:
        block = self._encoder.encode(op.fields, huffman=True) if op.indexed else encode(op.fields)
        pieces = []
        for cut in op.cuts + (frames.MIN_FRAME_SIZE,) * (len(block) // frames.MIN_FRAME_SIZE):
            pieces.append(block[:cut])
            block = block[cut:]
        pieces.append(block)
        kinds = [frames.HEADERS] + [frames.CONTINUATION] * (len(pieces) - 1)
        last = len(pieces) - 1
        return b"".join(
            frame(
                kind,
                (frames.END_HEADERS if number == last else 0)
                | (frames.END_STREAM if op.end and number == 0 else 0),
                op.stream,
                piece,
            )
            for number, (kind, piece) in enumerate(zip(kinds, pieces, strict=True))
        )

    async def _data(self, op: Data) -> bool:
        """Send DATA once the windows have space; not on a stream that the server has ended."""
        payload = op.data
        if op.padding is not None:
            payload = bytes((op.padding,)) + payload + bytes(op.padding)
        size = len(payload)

        def possible() -> bool:
            space = min(self._window, self._windows.get(op.stream, 0))
            return size <= space or op.stream in self.outcomes

        if not await self._until(possible):
            return False
        if op.stream not in self.outcomes:
            self._window -= size
            self._windows[op.stream] = self._windows.get(op.stream, 0) - size
            flags = (frames.END_STREAM if op.end else 0) | (
                frames.PADDED if op.padding is not None else 0
            )
            self.send(frame(frames.DATA, flags, op.stream, payload))
        await asyncio.sleep(0)
        return True


def _settings_in(data: bytes) -> int:
    """Return the number of SETTINGS frames that are to be acknowledged."""
    count = at = 0
    while at + frames.HEADER_SIZE <= len(data):
        high, low, kind, flags, stream = frames.unpack_header(data, at)
        size = high << 8 | low
        if (kind, stream, flags & frames.ACK, size % 6) == (frames.SETTINGS, 0, 0, 0):
            count += 1
        at += frames.HEADER_SIZE + size
    return count
