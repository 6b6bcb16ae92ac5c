"""A hub under random steps: each stream gets its events, at any reading speed."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from core.node import Node
from support import eventually

from chat_grpc.core import catch_up, limits
from chat_grpc.core.block import Block
from chat_grpc.core.caller import Caller
from chat_grpc.core.delivery import Delivery
from chat_grpc.core.entry import NO_KEY, Command, Entry, RequestKey
from chat_grpc.core.events import encode, encode_stored, message_content, to_room
from chat_grpc.core.parts import Slice, Stored
from chat_grpc.core.passes import Passes
from chat_grpc.core.rooms import Member, Room
from chat_grpc.core.user import User
from chat_grpc.transport.grpcio import pacer
from chat_grpc.transport.grpcio.pacer import Pacer
from chat_grpc.v1 import chat_pb2

USERS = [User(number, f"u{number}", f"u{number}") for number in range(1, 7)]
INSIDE = USERS[:4]
MOST_OWN_IN_A_BATCH = 12
PASSED = encode(chat_pb2.Event(heartbeat=chat_pb2.Heartbeat(head_sequence=1)))


@contextmanager
def small_limits() -> Iterator[None]:
    """Make all limits small, so that a few messages reach them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "MAX_OUTBOX_BYTES", 4000)
        patch.setattr(limits, "MAX_BLOCK_BYTES", 700)
        patch.setattr(limits, "MAX_PAGE_ROWS", 10)
        patch.setattr(limits, "FEED_SLACK", 1500)
        patch.setattr(limits, "MAX_RESPONSE_BYTES", 900)
        patch.setattr(limits, "MAX_TAIL_BYTES", 2500)
        patch.setattr(limits, "MAX_UNANSWERED", 3)
        patch.setattr(limits, "MAX_OWN", 16)
        patch.setattr(limits, "PRESENCE_GRACE", 0.001)
        patch.setattr(limits, "PRESENCE_RATE", 1e9)
        patch.setattr(limits, "PRESENCE_BUDGET", 5)
        patch.setattr(pacer, "STALL", 0.002)
        patch.setattr(pacer, "PAGE_STALL", 0.001)
        patch.setattr(pacer, "SLOW_STALL", 0.001)
        patch.setattr(pacer, "BLOCKED", 0.001)
        patch.setattr(pacer, "SLOW_FOR", 0.02)
        patch.setattr(catch_up, "OUTDATED_BLOCKS", 1)
        yield


class Output:
    """The output of a peer that takes one response at once, and reads it as slowly as the peer."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self.ready = True
        self._callback: Callable[[], object] | None = None

    def send(self, response: bytes) -> None:
        """See `Prompt.send`."""
        assert self.ready
        assert response
        peer = self._peer
        peer.take(response)
        if peer.slow and peer.chance.random() < 0.7:
            self.ready = False
            wait = peer.slow * peer.chance.random()
            asyncio.get_running_loop().call_later(wait, self._has_space)

    unsent = 0
    window = 0

    def when_ready(self, callback: Callable[[], object]) -> None:
        """See `Prompt.when_ready`."""
        assert self._callback is None
        self._callback = callback

    def _has_space(self) -> None:
        self.ready = True
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


class Peer:
    """A stream, its other end, and the events that must come to it."""

    def __init__(self, chat: Chat, after: int | None) -> None:
        self.chance = chat.chance
        self.slow = self.chance.choice([0.0, 0.0, 0.001, 0.02])
        self.user = self.chance.choice(USERS)
        self.own: set[int] = set()
        self.asked: list[str] = []
        self.events: list[chat_pb2.Event] = []
        self.broken = False
        self.after = chat.hub.head if after is None else after
        self.output = Output(self)
        self.stream = chat.hub.open(
            Caller(identity=self.user),
            self._write,
            device_id="",
            agent="",
            cancel=lambda: None,
            prompt=self.output,
        )
        chat.hub.begin(self.stream, after)

    async def _write(self, response: bytes) -> None:
        assert response
        await asyncio.sleep(self.slow * self.chance.random())
        self.take(response)

    def take(self, response: bytes) -> None:
        """Read a response, or break."""
        self.broken |= self.chance.random() < 0.001
        if self.broken:
            raise ConnectionError
        self.events.extend(chat_pb2.ConnectResponse.FromString(response).events)

    def check(self, log: list[Entry], *, whole: bool) -> None:
        """Fail unless it got the visible events and its answers, in order and once."""
        channels = {"#lobby", f"@{self.user.number}", *(["#room"] if self.user in INSIDE else [])}
        due = [
            e.outcome.sequence
            for e in log
            if e.outcome.sequence > self.after and channels & {*e.outcome.channels}
        ]
        due = [sequence for sequence in due if sequence not in self.own]
        got = [event.sequence for event in self.events if event.sequence]
        answers = [event.sent.request_id for event in self.events if event.HasField("sent")]
        assert got == (due if whole else due[: len(got)])
        assert answers == (self.asked if whole else self.asked[: len(answers)])


class Chat(Node):
    """A hub with a log, and streams that come and go."""

    def __init__(self, chance: random.Random, pacer: Pacer | Passes) -> None:
        room = Room("room", "room", "", False)
        for user in INSIDE:
            room.add(Member(user, chat_pb2.ROOM_ROLE_MEMBER, 0))
        super().__init__([], [room], pacer=pacer)
        self.chance = chance
        self.peers: list[Peer] = []
        self._ids = itertools.count()
        self.may_read.set()

    async def _read_block(self, after: int, up_to: int) -> Block:
        await asyncio.sleep(self.chance.choice([0, 0, 0.002]))
        return await super()._read_block(after, up_to)

    @property
    def open_peers(self) -> list[Peer]:
        """The peers whose call has not ended."""
        return [peer for peer in self.peers if peer.stream in self.hub.streams]

    def _entry(self) -> Entry:
        chance = self.chance
        peer = chance.choice(self.peers) if chance.random() < 0.7 else None
        if peer is not None and not peer.stream.free_to_submit:
            peer = None
        author = peer.user if peer is not None else chance.choice(USERS)
        pair = sorted({author.number, chance.choice(USERS).number})
        direct = tuple(f"@{number}" for number in pair)
        channels = chance.choice([("#lobby",)] * 8 + [("#room",), direct])
        text = b"x" * chance.choice([1, 30, 100, 400])
        content = message_content(1, author.author, to_room("lobby"), text)
        key = RequestKey(f"r{next(self._ids)}", b"") if peer is not None else NO_KEY
        command = Command(author.number, channels, content, 1, key)
        made = Entry(command, peer.stream if peer is not None else None)
        if self.log and chance.random() < 0.07:
            made.outcome.duplicate, made.outcome.sequence = True, self.log[-1].outcome.sequence
        else:
            made.outcome.sequence = len(self.log) + 1
            made.outcome.encoded = encode_stored(made.outcome.sequence, content)
            self.log.append(made)
        if peer is not None:
            peer.stream.submitted()
            if not peer.stream.delivery.closed:
                peer.asked.append(key.request_id)
            if made.outcome.stored:
                peer.own.add(made.outcome.sequence)
        return made

    def deliver(self) -> None:
        """Deliver a batch."""
        self.hub.deliver([self._entry() for _ in range(self.chance.choice([1, 1, 3, 12]))])

    async def step(self) -> None:
        """Take a random step."""
        chance, hub = self.chance, self.hub
        what = chance.random()
        some = chance.choice(self.open_peers) if self.open_peers else None
        if what < 0.06 or some is None:
            self.peers.append(Peer(self, chance.choice([None, 0, chance.randrange(hub.head + 1)])))
        elif what < 0.09:
            hub.close(some.stream)
        elif what < 0.62:
            self.deliver()
        elif what < 0.68:
            hub._announcer.broadcast(PASSED, skip=[u.number for u in chance.sample(USERS, 2)])
        elif what < 0.73:
            some.stream.typed = None
            whom: list[User | str] = ["lobby", chance.choice(USERS)]
            hub.typing(some.stream, chance.choice(whom))
        elif what < 0.82:
            hub.tick()
        else:
            await asyncio.sleep(chance.choice([0, 0, 0.001, 0.005]))

    def check_queues(self) -> None:
        """Fail if the pacer, the feed or an index contradicts the state of a stream."""
        hub, feed = self.hub, self.hub.feed
        if isinstance(self.pacer, Pacer):
            scheduled, resting = _queues(self.pacer)
        else:
            scheduled, resting = _prompt_queues(self.pacer, self.peers)
        assert feed.size <= limits.MAX_OUTBOX_BYTES + limits.FEED_SLACK
        for stream in hub.streams:
            each = stream.delivery
            assert each.scheduled == (each in scheduled)
            assert (each in resting) == (each.live and not each.scheduled)
            assert each.scheduled or not each.waits
            if not each.closed:
                assert (stream in hub.catch_up.streams) == (not each.live)
                assert len(stream.own) <= limits.MAX_OWN + MOST_OWN_IN_A_BATCH
            self.check_parts(each)

    def check_parts(self, each: Delivery) -> None:
        """Fail if an outbox holds a part that its state does not allow."""
        stored = [part for part in each.parts if type(part) is Stored]
        slices = [part for part in each.parts if type(part) is Slice]
        feed = self.hub.feed
        sizes = [len(part.encoded) for part in each.parts if type(part) is not Slice]
        sizes += [feed.size_between(part.start, part.stop) for part in slices]
        if each.live:
            assert each.lag <= limits.MAX_OUTBOX_BYTES + limits.FEED_SLACK
        else:
            assert not slices
            assert len(stored) <= 1
            assert each.size == sum(sizes)
        if each.closed:
            assert not each.parts
        if (position := each.position) is not None:
            assert all(part.sequence <= position for part in stored)

    def settled(self) -> bool:
        """Return whether each stream has got everything."""
        deliveries = [stream.delivery for stream in self.hub.streams]
        return all(each.closed or (each.live and not each.scheduled) for each in deliveries)


Queues = tuple[set[Delivery], set[Delivery]]


def _queues(pacer: Pacer) -> Queues:
    """Return the scheduled and the resting outboxes; fail if the pacer contradicts itself."""
    lanes = (pacer._live, pacer._pages, pacer._slow)
    queued = [each for lane in lanes for each in lane.waiting]
    writers = pacer._writers | pacer._stalled
    writing = [each.delivery for each in writers if each.delivery is not None]
    scheduled = {*queued, *writing}
    assert len(scheduled) == len(queued) + len(writing)
    for lane in lanes:
        assert lane.writing == sum(writer.lane is lane for writer in writers)
    assert all(writer.lane is None for writer in pacer._stalled)
    assert all(each.stalled_at for each in pacer._resting_slow)
    return scheduled, {*pacer._resting, *pacer._resting_slow}


def _prompt_queues(passes: Passes, peers: list[Peer]) -> Queues:
    """Return the scheduled and the resting outboxes; fail if one is scheduled twice."""
    queued = [*passes._live, *passes._pages]
    blocked = [peer.stream.delivery for peer in peers if peer.output._callback is not None]
    scheduled = {*queued, *blocked}
    assert len(scheduled) == len(queued) + len(blocked)
    assert passes._next is not None or not queued
    return scheduled, {*passes._resting}


@pytest.mark.parametrize("kind", [Pacer, Passes])
@pytest.mark.parametrize("round_", range(5))
async def test_each_stream_gets_its_part_of_the_log_once_and_in_order(
    round_: int, kind: type[Pacer | Passes]
) -> None:
    """Events and answers, while streams lag, fall behind, catch up, open and close."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"round {round_}, seed {seed}")
    with small_limits():
        made = Passes(time.monotonic) if kind is Passes else Pacer(2, time.monotonic)
        chat = Chat(random.Random(seed), made)
        chat.hub.catch_up.start()
        chat.pacer.start()
        try:
            for _ in range(400):
                await chat.step()
                chat.check_queues()
            await eventually(chat.settled, 40)
        finally:
            await chat.hub.catch_up.stop()
            await chat.pacer.stop()
        for peer in chat.peers:
            open_ = peer.stream in chat.hub.streams and not peer.stream.delivery.closed
            peer.check(chat.log, whole=open_)
