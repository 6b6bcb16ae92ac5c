"""Catching up: the hub, the pacer and a real journal, with transports that a test can stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import apsw
from support import eventually

from chat_grpc.app.status import encode_rejected
from chat_grpc.core.block import Block
from chat_grpc.core.caller import Caller
from chat_grpc.core.changes import Delete
from chat_grpc.core.clock import Clock
from chat_grpc.core.entry import DELETED, NO_KEY, Command, Entry
from chat_grpc.core.errors import FellBehind, StorageFailed
from chat_grpc.core.events import message_content, to_room
from chat_grpc.core.hub import Hub
from chat_grpc.core.limits import MAX_BLOCK_BYTES
from chat_grpc.core.parts import Stored
from chat_grpc.core.presence import Presence
from chat_grpc.core.rooms import Rooms
from chat_grpc.core.stream import Range, Stream
from chat_grpc.core.tail import Page
from chat_grpc.core.user import User
from chat_grpc.journal.pruning import prune
from chat_grpc.journal.sqlite import SqliteJournal
from chat_grpc.system_clock import event_clock
from chat_grpc.transport.grpcio.pacer import Pacer
from chat_grpc.v1 import chat_pb2

ALICE = User(1, "alice", "alice")


class Node:
    """A server without its network."""

    stream = None

    def __init__(self, journal: SqliteJournal, pacer: Pacer) -> None:
        self.journal = journal
        self.encoded: list[bytes] = []
        """The encoded events that were stored since the start."""
        self.appended = 0
        """The number of entries that the journal got since the start."""
        self.blocks = 0
        self.pages = 0
        self.meanwhile: Callable[[], Awaitable[object]] | None = None
        """Runs once, after a block was read and before a stream gets it."""
        clock = Clock(time.monotonic, time.time_ns)
        self.hub = Hub(
            append=self._append,
            head=journal.head,
            pacer=pacer,
            presence=Presence("node"),
            rooms=Rooms(),
            read_page=self._page,
            read_block=self._block,
            oldest=lambda: journal.oldest,
            refuse=encode_rejected,
            clock=clock,
        )

    def _append(self, entry: Entry) -> None:
        self.appended += 1
        self.journal.append(entry)

    async def _page(self, ranges: list[Range], after: int, up_to: int) -> Page:
        self.pages += 1
        return await self.journal.read(ranges, after, up_to)

    async def _block(self, after: int, up_to: int) -> Block:
        self.blocks += 1
        block = await self.journal.block(after, up_to)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        return block

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Take a batch that the journal stored."""
        self.encoded += [entry.outcome.encoded for entry in entries]
        self.hub.deliver(entries)

    def says(self, *texts: str, channel: str = "#lobby") -> None:
        """Write messages into the log."""
        for text in texts:
            content = message_content(1, ALICE.author, to_room("lobby"), text.encode())
            self._append(Entry(Command(1, (channel,), content, 1, NO_KEY), None))

    def deletes(self, target: int) -> None:
        """Delete a message."""
        event = chat_pb2.Event(deleted=chat_pb2.Deleted(target_sequence=target))
        self.hub.intake.change(
            self, ALICE, Delete(target), DELETED, channels=("#lobby",), event=event, target=target
        )

    def submitted(self) -> None:
        """Do nothing: commands are not counted."""

    def settle(self, entry: Entry, recipient_stream_count: int) -> None:
        """Fail if a command was refused."""
        assert entry.outcome.error is None

    async def said(self) -> None:
        """Wait until all messages are delivered."""
        await eventually(lambda: len(self.encoded) == self.appended)
        assert self.journal.head == self.hub.head


@asynccontextmanager
async def node(folder: Path) -> AsyncIterator[Node]:
    """Run a node. Events that are in the folder already are in the store only, not in memory."""
    journal = SqliteJournal(folder, clock=event_clock())
    this: list[Node] = []
    await journal.open(lambda entries: this[0].deliver(entries))
    pacer = Pacer(8, time.monotonic)
    this.append(Node(journal, pacer))
    pacer.start()
    this[0].hub.catch_up.start()
    try:
        yield this[0]
    finally:
        await this[0].hub.catch_up.stop()
        await pacer.stop()
        await journal.close()


class Peer:
    """The other end of a stream."""

    def __init__(self, node: Node, number: int, after: int | None, *, reads: bool = True) -> None:
        self.open = asyncio.Event()
        self.written: list[bytes] = []
        self.taken: Callable[[bytes], object] = self.written.append
        user = User(number, f"user{number}", f"user{number}")
        self.stream: Stream = node.hub.open(
            Caller(identity=user), self._write, device_id="", agent="", cancel=lambda: 0
        )
        self.started = after or 0
        if reads:
            self.open.set()
        node.hub.begin(self.stream, after)

    async def _write(self, response: bytes) -> None:
        await asyncio.sleep(0)
        await self.open.wait()
        self.taken(response)

    @property
    def events(self) -> list[chat_pb2.Event]:
        """The events that it got."""
        return list(chat_pb2.ConnectResponse.FromString(b"".join(self.written)).events)

    @property
    def texts(self) -> list[str]:
        """The messages that it got."""
        return [event.message.text for event in self.events if event.HasField("message")]

    @property
    def done(self) -> bool:
        """True once the stream has caught up and taken everything."""
        return self.stream.delivery.live and not self.stream.delivery.scheduled


async def stored(folder: Path, messages: Iterable[tuple[str, str]]) -> list[bytes]:
    """Make a store of messages, each with its channel; return the encoded events."""
    async with node(folder) as before:
        for channel, text in messages:
            before.says(text, channel=channel)
        await before.said()
    return before.encoded


class Checking:
    """Compares the bytes that a stream gets with the log, and does not keep them."""

    def __init__(self, peer: Peer, log: bytes, at: int, pages: list[int]) -> None:
        """`at` is the offset of its part in the log, in bytes."""
        self._log = log
        self._pages = pages
        self._number = peer.stream.user.number - 1
        self.at = at
        self.ahead = 0
        """The most pages by which it was ahead of the slowest stream."""
        peer.taken = self._take

    def _take(self, response: bytes) -> None:
        expected = self._log[self.at : self.at + len(response)]
        assert response[: len(expected)] == expected
        self.at += len(response)
        self._pages[self._number] += 1
        self.ahead = max(self.ahead, self._pages[self._number] - min(self._pages))


async def test_thousands_that_catch_up_share_the_reads_fairly(tmp_path: Path) -> None:
    """Each part of the log is read once for all streams, and they stay close to each other."""
    count, peers = 1200, 2000
    events = await stored(tmp_path, (("#lobby", f"{n:<200}") for n in range(count)))
    log = b"".join(events)
    async with node(tmp_path) as this:
        pages = [0] * peers
        checks = []
        for number in range(peers):
            after = number % 50
            peer = Peer(this, number + 1, after)
            checks.append((peer, Checking(peer, log, sum(map(len, events[:after])), pages)))
        await eventually(lambda: all(peer.done for peer, _ in checks), 30)
        assert all(check.at > len(log) for _, check in checks)
        assert this.pages == 0
        assert this.blocks <= len(log) / MAX_BLOCK_BYTES + 2
        assert max(check.ahead for _, check in checks) <= 3


async def test_a_stream_holds_one_page_until_it_takes_it(tmp_path: Path) -> None:
    """A stream that does not read holds one page, mostly shared, and delays no other."""
    log = b"".join(await stored(tmp_path, (("#lobby", f"{n:<400}") for n in range(2000))))
    async with node(tmp_path) as this:
        stopped = [Peer(this, number, 0, reads=False) for number in range(2, 42)]
        reading = Peer(this, 1, 0)
        await eventually(lambda: reading.done, 20)
        assert b"".join(reading.written).startswith(log)
        held = {
            id(p): len(p.encoded)
            for s in stopped
            for p in s.stream.delivery.parts
            if type(p) is Stored
        }
        assert all(len(peer.stream.delivery.parts) <= 1 for peer in stopped)
        assert sum(held.values()) <= 3 * MAX_BLOCK_BYTES
        for peer in stopped:
            peer.open.set()
        await eventually(lambda: all(peer.done for peer in stopped), 20)
        assert all(b"".join(peer.written).startswith(log) for peer in stopped)


async def test_a_stream_that_sees_little_of_the_log_reads_little(tmp_path: Path) -> None:
    """A stream queries only its channels, and shares blocks again where more is visible to it."""
    quiet = [("@5" if n % 2000 == 1999 else "#other", f"{n:<100}") for n in range(20_000)]
    await stored(tmp_path, [*quiet, *(("#lobby", f"{n:<100}") for n in range(4000))])
    async with node(tmp_path) as this:
        five, six = Peer(this, 5, 0), Peer(this, 6, 0)
        await eventually(lambda: five.done and six.done, 20)
        assert [text.strip() for text in five.texts[:11]] == [
            *(str(n) for n in range(1999, 20_000, 2000)),
            "0",
        ]
        assert len(five.texts) == 4010
        assert five.texts[10:] == six.texts
        sequences = [event.sequence for event in five.events[:-1]]
        assert sequences == sorted(set(sequences))
        # The quiet part alone has 25 blocks.
        assert this.pages <= 4
        assert this.blocks <= 8


async def test_a_stream_reads_to_the_head_while_the_log_grows(tmp_path: Path) -> None:
    """No event is lost or doubled between the last page and the first live event."""
    await stored(tmp_path, (("#lobby", f"{n}") for n in range(1000)))
    async with node(tmp_path) as this:
        peers = []
        for n in range(1000, 1100):
            peers.append(Peer(this, n, 10 * (n - 1000)))
            this.says(f"{n}")
            await asyncio.sleep(0)
        await this.said()
        await eventually(lambda: all(peer.done for peer in peers), 20)
        for peer in peers:
            assert peer.texts == [str(n) for n in range(peer.started, 1100)]


async def test_a_text_that_is_deleted_is_read_no_more(tmp_path: Path) -> None:
    """A deleted text is not read from a block, from the tail, or by a read under way."""
    await stored(tmp_path, (("#lobby", f"{n:<200}") for n in range(2000)))
    async with node(tmp_path) as this:
        first = Peer(this, 2, 0, reads=False)
        await eventually(lambda: first.stream.delivery.writing_since)
        this.says("said later")
        await this.said()
        later = this.hub.head

        async def delete() -> None:
            for target in (10, 1000, later):
                this.deletes(target)
            await this.said()

        this.meanwhile = delete
        second = Peer(this, 3, 600)
        await eventually(lambda: this.hub.head == later + 3)
        third = Peer(this, 4, 0)
        first.open.set()
        await eventually(lambda: first.done and second.done and third.done, 10)
        for peer in (second, third):
            gone = [e.sequence for e in peer.events if e.HasField("message") and not e.message.text]
            assert gone == [s for s in (10, 1000, later) if s > peer.started]
        # Events on their way to the client cannot be withdrawn.
        assert [n for n, text in enumerate(first.texts, 1) if not text] == [1000, 2001]


async def test_own_messages_are_left_out(tmp_path: Path) -> None:
    """A stream that sends while it catches up does not get its own messages from the log."""
    await stored(tmp_path, (("#lobby", f"{n:<200}") for n in range(2000)))
    async with node(tmp_path) as this:
        peer = Peer(this, 2, 0, reads=False)
        for n in range(5):
            this.hub.intake.submit(peer.stream, peer.stream.user, "lobby", f"own {n}", 0, NO_KEY)
            this.says(f"other {n}")
        await this.said()
        peer.open.set()
        await eventually(lambda: peer.done, 10)
        assert peer.texts[2000:] == [f"other {n}" for n in range(5)]


async def test_streams_that_read_a_failed_store_end(tmp_path: Path) -> None:
    """Streams that read a failed store end with `STORAGE_FAILED`; live ones continue."""
    await stored(tmp_path, (("#lobby", f"{n:<200}") for n in range(2000)))
    async with node(tmp_path) as this:
        live = Peer(this, 2, None)
        await this.journal.with_writer(_drop_log)
        resuming = [Peer(this, number, 0) for number in (3, 4)]
        await eventually(lambda: all(peer.stream.ending for peer in resuming))
        assert all(isinstance(peer.stream.ending, StorageFailed) for peer in resuming)
        assert live.stream.ending is None


def _drop_log(connection: apsw.Connection) -> None:
    for _ in connection.execute("ALTER TABLE log RENAME TO gone"):
        pass


async def test_events_dropped_while_a_stream_reads_end_it(tmp_path: Path) -> None:
    """If events are dropped before a stream has read them, it ends and its next resume is told."""
    await stored(tmp_path, (("#lobby", f"{n:<400}") for n in range(3000)))
    async with node(tmp_path) as this:
        slow = Peer(this, 2, 0, reads=False)
        await eventually(lambda: slow.stream.delivery.position)
        this.journal.kept_from(2000)
        await this.journal.with_writer(partial(prune, last=1999))
        slow.open.set()
        await eventually(lambda: slow.stream.ending is not None)
        assert isinstance(slow.stream.ending, FellBehind)
        assert 0 < len(slow.texts) < 1999
        assert slow.texts == [f"{n:<400}" for n in range(len(slow.texts))]
