"""Passes: the order of writes, outputs without space, and bounded slices."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from support import eventually

from chat_grpc.core import passes
from chat_grpc.core.delivery import Delivery
from chat_grpc.core.feed import Feed
from chat_grpc.core.parts import Answer, Passing
from chat_grpc.core.passes import Passes


class Output:
    """An output that has space while a test says so."""

    def __init__(self, chat: Chat) -> None:
        self.ready = True
        self.sent: list[bytes] = []
        self.error: Exception | None = None
        self._chat = chat
        self._callback: Callable[[], object] | None = None

    def send(self, response: bytes) -> None:
        """See `Prompt.send`."""
        if self.error is not None:
            raise self.error
        self.sent.append(response)
        self._chat.order.append(self)
        time.sleep(self._chat.cost)

    unsent = 0
    window = 0

    def when_ready(self, callback: Callable[[], object]) -> None:
        """See `Prompt.when_ready`."""
        self._callback = callback

    def give_space(self) -> None:
        """Have space again."""
        self.ready = True
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


class Chat:
    """A feed, and outboxes that follow it."""

    def __init__(self) -> None:
        self.passes = Passes(time.monotonic)
        self.feed = Feed()
        self.order: list[Output] = []
        self.cost = 0.0
        """Seconds that each write takes the loop."""
        self.errors: list[Exception] = []
        self.empty: list[Delivery] = []

    def open(self, *, live: bool = True) -> tuple[Delivery, Output]:
        """Open a stream."""
        output = Output(self)
        delivery: Delivery

        async def never(_: bytes) -> None:
            raise AssertionError("the write is not awaited")

        delivery = Delivery(
            self.feed,
            self.passes,
            never,
            now=0.0,
            head=0,
            on_empty=lambda: self.empty.append(delivery),
            on_error=self.errors.append,
            prompt=output,
        )
        if live:
            delivery.go_live(Passing(b"<live>"))
        return delivery, output

    def say(self, text: bytes, sequence: int) -> None:
        """Append an event for everybody."""
        self.feed.append(text, sequence)
        self.passes.publish()


@asynccontextmanager
async def chat() -> AsyncIterator[Chat]:
    """Run passes."""
    made = Chat()
    yield made
    await made.passes.stop()


async def test_events_that_wait_are_joined() -> None:
    """One response has everything that waited for a stream, in order."""
    async with chat() as made:
        delivery, output = made.open()
        made.say(b"one", 1)
        delivery.put(Answer(b"answer"))
        made.say(b"two", 2)
        await eventually(lambda: not delivery.scheduled)
        assert output.sent == [b"<live>oneanswertwo"]
        made.say(b"three", 3)
        await eventually(lambda: output.sent[1:] == [b"three"])
        assert made.passes.responses == 2


async def test_an_output_without_space_delays_nobody() -> None:
    """The others get every event; the blocked one gets all of them once it has space."""
    async with chat() as made:
        blocked, deaf = made.open()
        _, other = made.open()
        await eventually(lambda: len(made.order) == 2)
        deaf.ready = False
        for number in range(3):
            made.say(b"%d" % number, number + 1)
        await eventually(lambda: b"".join(other.sent) == b"<live>012")
        assert deaf.sent == [b"<live>"]
        assert blocked.scheduled
        assert blocked.writing_since > 0.0
        deaf.give_space()
        await eventually(lambda: deaf.sent == [b"<live>", b"012"])
        assert blocked.writing_since == 0.0


async def test_a_long_pass_gives_the_loop_back() -> None:
    """A commit for many streams is written in slices, between which others get their turn."""
    async with chat() as made:
        for _ in range(60):
            made.open()
        await eventually(lambda: len(made.order) == 60)
        made.cost = 0.001
        made.order.clear()
        turns = []

        def turn() -> None:
            turns.append(len(made.order))
            if len(made.order) < 60:
                asyncio.get_running_loop().call_soon(turn)

        made.say(b"x", 1)
        turn()
        await eventually(lambda: len(made.order) == 60)
        most = max(b - a for a, b in itertools.pairwise(turns))
        assert most <= passes.SLICE / made.cost + passes.CHECK_EVERY
        assert len(set(made.order)) == 60


async def test_pages_of_the_log_leave_room_for_live_streams() -> None:
    """At most a few pages go out in a pass, after the live streams."""
    async with chat() as made:
        pages = [made.open(live=False)[0] for _ in range(3 * passes.PAGES)]
        for delivery in pages:
            delivery.put(Answer(b"page"))
        _, live = made.open()
        await eventually(lambda: len(made.empty) == len(pages))
        assert made.order.index(live) <= passes.PAGES


async def test_a_stream_that_is_gone_ends_and_the_others_go_on() -> None:
    """An error of one output is told to its stream."""
    async with chat() as made:
        broken, output = made.open()
        _, other = made.open()
        output.error = ConnectionError("gone")
        await eventually(lambda: made.errors == [output.error])
        assert not broken.scheduled
        broken.close()
        made.say(b"x", 1)
        await eventually(lambda: other.sent and other.sent[-1].endswith(b"x"))


async def test_a_closed_outbox_is_not_written() -> None:
    """Closing while it waits for a pass or for space writes nothing more."""
    async with chat() as made:
        waiting, first = made.open()
        waiting.close()
        blocked, second = made.open()
        await eventually(lambda: second.sent)
        second.ready = False
        made.say(b"x", 1)
        _, third = made.open()
        await eventually(lambda: third.sent)
        blocked.close()
        second.give_space()
        assert (first.sent, second.sent) == ([], [b"<live>"])
        assert not blocked.scheduled
