"""A hub whose log does what a test says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from chat_grpc.core.block import Block
from chat_grpc.core.caller import Caller
from chat_grpc.core.clock import Clock
from chat_grpc.core.delivery import Delivery, Pacing, Write
from chat_grpc.core.entry import NO_KEY, Command, Entry, RequestKey
from chat_grpc.core.events import encode_stored, message_content, to_room
from chat_grpc.core.feed import Feed
from chat_grpc.core.hub import Hub
from chat_grpc.core.parts import Passing
from chat_grpc.core.passes import Passes
from chat_grpc.core.presence import Presence
from chat_grpc.core.rooms import Room, Rooms
from chat_grpc.core.stream import Range, Stream
from chat_grpc.core.tail import Page
from chat_grpc.core.user import User
from chat_grpc.transport.grpcio.pacer import Pacer
from chat_grpc.v1 import chat_pb2

ALICE = User(1, "alice", "alice")
ZOE = User(9, "zoe", "zoe")


def entry(sequence: int, size: int = 100, origin: Stream | None = None) -> Entry:
    """Make a stored message to everyone, from a stream or from a user who is not connected."""
    author = origin.user if origin is not None else ZOE
    key = RequestKey(f"r{sequence}", b"") if origin is not None else NO_KEY
    content = message_content(1, author.author, to_room("lobby"), b"x" * size, 0, ())
    made = Entry(Command(author.number, ("#lobby",), content, 1, key), origin)
    made.outcome.sequence, made.outcome.encoded = sequence, encode_stored(sequence, content)
    return made


class Node:
    """A hub whose log, and whose one stream, do what a test says."""

    def __init__(
        self,
        log: list[Entry],
        rooms: Iterable[Room] = (),
        clock: Clock | None = None,
        pacer: Pacer | Passes | None = None,
    ) -> None:
        self.log = log
        self.may_read = asyncio.Event()
        self.seen: list[chat_pb2.Event] = []
        self.pacer = pacer if pacer is not None else Pacer(2, time.monotonic)
        self.hub = Hub(
            append=lambda _: None,
            head=log[-1].outcome.sequence if log else 0,
            pacer=self.pacer,
            presence=Presence("node-1"),
            rooms=Rooms(rooms),
            read_page=self._read_page,
            read_block=self._read_block,
            oldest=lambda: 1,
            refuse=lambda *_: b"",
            clock=clock or Clock(time.monotonic, time.time_ns),
        )

    async def _read_page(self, ranges: list[Range], after: int, up_to: int) -> Page:
        block = await self._read_block(after, up_to)
        wanted: dict[str, list[tuple[int, int]]] = {}
        for channel, low, high in ranges:
            wanted.setdefault(channel, []).append((low, high))
        encoded, count = block.read(wanted, set(), after)
        return Page(encoded, block.last, count)

    async def _read_block(self, after: int, up_to: int) -> Block:
        await self.may_read.wait()
        block = Block(after, up_to)
        for each in self.log:
            if after < each.outcome.sequence <= up_to:
                if not block.has_space(len(each.outcome.encoded)):
                    return block
                block.append(each.outcome.sequence, each.outcome.channels, each.outcome.encoded)
        block.last = up_to
        return block

    async def write(self, encoded: bytes) -> None:
        """Take a response to a stream."""
        self.seen.extend(chat_pb2.ConnectResponse.FromString(encoded).events)

    def open(self, after: int | None) -> Stream:
        """Open a stream that resumes after a sequence, or starts at the head."""
        stream = self.hub.open(
            Caller(identity=ALICE), self.write, device_id="", agent="", cancel=lambda: None
        )
        self.hub.begin(stream, after)
        return stream

    def check(self) -> None:
        """Fail if an event comes after a `caught_up` that said that it had come."""
        head = 0
        for event in self.seen:
            assert not event.sequence or event.sequence > head
            if event.HasField("caught_up"):
                head = event.caught_up.head_sequence

    def heads(self) -> list[tuple[int, bool]]:
        """Return the head and `fell_behind` of each `caught_up`."""
        told = [event.caught_up for event in self.seen if event.HasField("caught_up")]
        return [(each.head_sequence, each.fell_behind) for each in told]


class Still:
    """A pacer that never writes."""

    responses = 0

    def schedule(self, delivery: Delivery) -> None:
        """Note that an outbox waits."""
        delivery.scheduled = True

    def publish(self) -> None:
        """Do nothing."""

    def forget(self, delivery: Delivery) -> None:
        """Do nothing."""

    def serves(self, streams: int) -> None:
        """Do nothing."""


async def never(_: bytes) -> None:
    """Fail: this outbox is not written."""
    raise AssertionError


def made(
    write: Write = never, *, feed: Feed | None = None, pacer: Pacing | None = None
) -> Delivery:
    """Make the delivery to a stream that catches up."""
    delivery: Delivery
    delivery = Delivery(
        feed or Feed(),
        pacer or Still(),
        write,
        now=0.0,
        head=0,
        on_empty=lambda: None,
        on_error=lambda _: delivery.close(),
    )
    return delivery


def live(feed: Feed) -> Delivery:
    """Make the delivery to a live stream that has nothing to take."""
    delivery = made(feed=feed)
    delivery.go_live(Passing(b"caught up"))
    assert delivery.take() == b"caught up"
    return delivery


@asynccontextmanager
async def node(log: list[Entry], clock: Clock | None = None) -> AsyncIterator[Node]:
    """Run a node. It writes when its pacer is started."""
    running = Node(log, clock=clock)
    running.hub.catch_up.start()
    try:
        yield running
    finally:
        await running.hub.catch_up.stop()
        await running.pacer.stop()
