"""`caught_up` says that nothing is missing: never before that is so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from support import eventually

from chat_grpc.core.block import Block
from chat_grpc.core.entry import NO_KEY, Entry, User
from chat_grpc.core.events import message_content, stored_frame, to_room
from chat_grpc.core.hub import Clock, Hub
from chat_grpc.core.limits import MAX_OUTBOX_BYTES, MAX_RESPONSE_BYTES
from chat_grpc.core.outbox import Outbox
from chat_grpc.core.pacer import Pacer
from chat_grpc.core.presence import Presence
from chat_grpc.core.rooms import Rooms
from chat_grpc.core.stream import Range, Stream
from chat_grpc.core.tail import Page
from chat_grpc.service.answer import Answer
from chat_grpc.v1 import chat_pb2

ALICE = User(1, "alice", "alice")


def entry(sequence: int, size: int = 100) -> Entry:
    """Makes a stored message to everyone, by nobody who is here."""
    author = User(9, "zoe", "zoe")
    content = message_content(1, author.author, to_room("lobby"), b"x" * size, 0, ())
    made = Entry(9, ("#lobby",), content, 1, NO_KEY, Answer())
    made.sequence, made.frame = sequence, stored_frame(sequence, content)
    return made


class Node:
    """A hub whose log, and whose one stream, do what a test says."""

    def __init__(self, log: list[Entry]) -> None:
        self.log = log
        self.may_read = asyncio.Event()
        self.seen: list[chat_pb2.Event] = []
        self.pacer = Pacer(2, time.monotonic)
        self.hub = Hub(
            append=lambda _: None,
            head=log[-1].sequence if log else 0,
            pacer=self.pacer,
            presence=Presence("node-1"),
            rooms=Rooms(),
            read_page=self._read_page,
            read_block=self._read_block,
            refuse=lambda *_: b"",
            clock=Clock(time.monotonic, time.time_ns),
        )

    async def _read_page(self, _: list[Range], after: int, __: int) -> Page:
        following = await self._following(after)
        return Page(following.frame, following.sequence, 1)

    async def _read_block(self, after: int, _: int) -> Block:
        following = await self._following(after)
        block = Block(after, after)
        block.append(following.sequence, following.topics, following.frame)
        return block

    async def _following(self, after: int) -> Entry:
        await self.may_read.wait()
        return next(each for each in self.log if each.sequence > after)

    async def _write(self, frames: bytes) -> None:
        self.seen.extend(chat_pb2.ConnectResponse.FromString(frames).events)

    def open(self, after: int | None) -> Stream:
        """Opens a stream that resumes."""
        outbox = Outbox(self._write, time.monotonic())
        stream = self.hub.open(ALICE, outbox, device_id="", agent="", cancel=lambda: None)
        self.hub.begin(stream, after)
        return stream

    def check(self) -> None:
        """Fails where an event comes behind a `caught_up` that said that it had come."""
        head = 0
        for event in self.seen:
            assert not event.sequence or event.sequence > head
            if event.HasField("caught_up"):
                head = event.caught_up.head_sequence

    def heads(self) -> list[tuple[int, bool]]:
        """Gives what each `caught_up` said."""
        told = [event.caught_up for event in self.seen if event.HasField("caught_up")]
        return [(each.head_sequence, each.fell_behind) for each in told]


@asynccontextmanager
async def node(log: list[Entry]) -> AsyncIterator[Node]:
    """Runs a node, which writes once its pacer is started."""
    made = Node(log)
    made.hub.catch_up.start()
    try:
        yield made
    finally:
        await made.hub.catch_up.stop()
        await made.pacer.stop()


async def test_a_stream_that_falls_behind_at_the_head() -> None:
    """The last page is dropped before it is written: so is `caught_up`, which followed it."""
    async with node([entry(1)]) as made:
        made.may_read.set()
        made.open(after=0)
        await eventually(lambda: made.hub._live)
        count = MAX_OUTBOX_BYTES // MAX_RESPONSE_BYTES + 3
        for sequence in range(2, count):
            late = entry(sequence, MAX_RESPONSE_BYTES - 1000)
            made.log.append(late)
            made.hub.deliver([late])
        made.pacer.start()
        made.pacer.pump()
        await eventually(lambda: made.heads() == [(count - 1, True)])
        made.check()
        assert [e.sequence for e in made.seen if e.sequence] == list(range(1, count))


async def test_presence_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that still catches up is told to list anew once it is at the head, not before."""
    monkeypatch.setattr("chat_grpc.core.limits.PRESENCE_BUDGET", 0)
    async with node([entry(1)]) as made:
        made.pacer.start()
        made.open(after=0)
        live = made.open(after=None)
        made.hub.tick()
        made.may_read.set()
        await eventually(lambda: len(made.heads()) == 3)
        assert live.position is None
        assert made.heads() == [(1, False), (1, True), (1, True)]
        assert [event.sequence for event in made.seen].index(1) == 2
