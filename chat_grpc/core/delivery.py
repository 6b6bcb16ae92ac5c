"""Delivery to one stream: its outbox, and whether it is live or catches up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, final

from chat_grpc.core import limits
from chat_grpc.core.feed import Feed
from chat_grpc.core.parts import Answer, Part, Passing, Slice, Stored

Write = Callable[[bytes], Awaitable[None]]
"""Writes one response. Returns when the transport took it; raises if the stream is gone."""


class Prompt(Protocol):
    """An output that takes a response at once, if it has space for it."""

    @property
    def ready(self) -> bool:
        """True if `send` may be called."""

    def send(self, response: bytes) -> None:
        """Take a response. Raises an exception if the stream is gone."""

    def when_ready(self, callback: Callable[[], object]) -> None:
        """Call `callback` once, when `ready` is true again. Never if the stream is gone."""

    @property
    def unsent(self) -> int:
        """The number of bytes of the last response for which there was no space yet."""

    @property
    def window(self) -> int:
        """The number of bytes that the peer's flow control accepts now."""


@final
class Live:
    """The stream gets every event when it is delivered."""

    __slots__ = ("offset",)

    def __init__(self, offset: int) -> None:
        self.offset = offset
        """The offset up to which the stream has taken the feed, or has it in its parts."""


@final
class CatchingUp:
    """The stream reads stored events from the log, page by page."""

    __slots__ = ("asked", "fell_behind", "position", "sparse")

    def __init__(self, position: int, *, fell_behind: bool) -> None:
        self.position = position
        """Every visible event up to this sequence was put into the outbox."""
        self.fell_behind = fell_behind
        """True if it missed passing events: `caught_up` says so when it goes live."""
        self.asked = False
        """True while it waits for its next page."""
        self.sparse = False
        """True if little of the log is visible to it: it reads its own channels only."""


@final
class Closed:
    """The call ends: nothing more is written."""

    __slots__ = ()


_CLOSED = Closed()


class Pacing(Protocol):
    """Schedules the writes of outboxes. Only its implementation knows how a transport writes.

    It takes from an outbox with `Delivery.take`, and calls `Delivery.on_empty` when the outbox of a
    stream that catches up is empty, and `Delivery.on_error` when a write failed. It keeps
    `scheduled`, `last_write`, `writing_since` and `stalled_at` of each delivery. Nothing in it
    blocks. Belongs to the event loop.
    """

    responses: int
    """The number of responses written since the start."""

    def schedule(self, delivery: Delivery) -> None:
        """Write an outbox soon. It must have something to write and not be scheduled."""

    def publish(self) -> None:
        """Write soon to every live stream, because the feed has more."""

    def forget(self, delivery: Delivery) -> None:
        """Forget the outbox of a stream that is no longer live."""

    def serves(self, streams: int) -> None:
        """Note the number of open streams."""


class Delivery:
    """The delivery of events to one stream.

    `state` alone says whether the stream is live, catches up, or ends. The two transitions are
    `go_live` and `fall_behind`; a new stream catches up from the head or from where it resumes.

    The outbox is `parts` in order and then, while the stream is live, the rest of the feed.

    - Live: every stored event since the last one that was written is in the outbox.
    - Catching up: everything visible up to `position` was put into the outbox, and no stored event
      after it is there. It holds at most one page; the next one is read when the outbox is empty.
    - Closed: the outbox is empty.
    - `scheduled` is False if and only if the outbox is empty and no write is in flight.
    - Only the outbox of a live stream has slices of the feed.

    Over `MAX_OUTBOX_BYTES` a live stream must fall behind: `put` says when. Bytes that were taken
    may be lost with the connection; only the client knows the sequence that it has.

    Belongs to the event loop; nothing in it blocks.
    """

    __slots__ = (
        "_feed",
        "_pacer",
        "_size",
        "last_write",
        "on_empty",
        "on_error",
        "parts",
        "prompt",
        "scheduled",
        "stalled_at",
        "state",
        "unwritten",
        "unwritten_size",
        "write",
        "writing_since",
    )

    def __init__(
        self,
        feed: Feed,
        pacer: Pacing,
        write: Write,
        *,
        now: float,
        head: int,
        on_empty: Callable[[], object],
        on_error: Callable[[Exception], object],
        prompt: Prompt | None = None,
    ) -> None:
        """Catch up from the head until `go_live` or `catch_up` is called.

        `now` is in seconds of the loop's clock. `on_empty` is called when the stream catches up
        and its outbox is empty, `on_error` when a write failed.
        """
        self._feed = feed
        self._pacer = pacer
        self.write = write
        self.prompt = prompt
        """The output, if its transport takes responses at once; None if they are awaited."""
        self.on_empty = on_empty
        self.on_error = on_error
        self.state: Live | CatchingUp | Closed = CatchingUp(head, fell_behind=False)
        # A list, because an empty deque takes 600 bytes, and most outboxes are empty.
        self.parts: list[Part | Slice] = []
        self._size = 0
        """The number of bytes in `parts`."""
        # The pacer keeps the rest.
        self.scheduled = False
        """True while the outbox waits to be written or is being written."""
        self.last_write = now
        """The time when bytes were last taken, in seconds of the loop's clock."""
        self.writing_since = 0.0
        """The start time of the current write; 0.0 if there is none."""
        self.unwritten: int | None = None
        """The first sequence of the response whose write is in progress; None for none."""
        self.unwritten_size = 0
        """The number of bytes of a response whose write is awaited."""
        self.stalled_at = 0.0
        """The time of the last stalled write; 0.0 if the stream keeps up."""

    # ------------------------------------------------------------ state

    @property
    def live(self) -> bool:
        """True if the stream gets every event when it is delivered."""
        return type(self.state) is Live

    @property
    def closed(self) -> bool:
        """True if nothing more is written."""
        return type(self.state) is Closed

    @property
    def catching_up(self) -> CatchingUp | None:
        """The state of catching up, or None."""
        return self.state if type(self.state) is CatchingUp else None

    @property
    def position(self) -> int | None:
        """The sequence up to which a stream that catches up was given the log, or None."""
        return self.state.position if type(self.state) is CatchingUp else None

    @property
    def needs(self) -> int | None:
        """The offset from which it needs the feed, or None if it is not live."""
        if type(self.state) is not Live:
            return None
        slices = (part.start for part in self.parts if type(part) is Slice)
        return next(slices, self.state.offset)

    @property
    def lag(self) -> int:
        """The number of bytes of the feed that the stream has not taken."""
        needs = self.needs
        return 0 if needs is None else self._feed.size_between(needs, self._feed.end)

    def slow(self, now: float) -> bool:
        """Return whether its client reads too slowly: it fell behind, or a write waits for long.

        `now` is in seconds of the loop's clock.
        """
        if 0.0 < self.writing_since < now - limits.SLOW:
            return True
        return type(self.state) is CatchingUp and self.state.fell_behind

    def catch_up(self, after: int) -> None:
        """Read the events after a sequence from the log. For a new stream that resumes."""
        self.state = CatchingUp(after, fell_behind=False)

    def go_live(self, caught_up: Passing) -> None:
        """Get every event from now on.

        The stream must have been given the log up to the head. If it falls behind before
        `caught_up` is written, it gets another one later.
        """
        self.state = Live(self._feed.end)
        self.put(caught_up)

    def fall_behind(self, head: int) -> None:
        """Drop everything except answers, and read the dropped events from the log.

        `head` is the newest delivered sequence. Call it between two batches only.
        """
        dropped = self.first_stored()
        answers = [part for part in self.parts if type(part) is Answer]
        self.parts[:] = answers
        self._size = sum(len(part.encoded) for part in answers)
        self.state = CatchingUp(head if dropped is None else dropped - 1, fell_behind=True)
        self._pacer.forget(self)

    def close(self) -> None:
        """Drop everything; nothing more will be written."""
        self.state = _CLOSED
        self.parts.clear()
        self._size = 0
        # They refer to the stream, which refers to this: without them the stream is freed at once.
        self.on_empty = self.on_error = _ignore
        self._pacer.forget(self)

    def extend(self, seconds: float) -> None:
        """Extend the deadline of the current write, because the process did not run meanwhile."""
        if self.writing_since:
            self.writing_since += seconds

    # ------------------------------------------------------------ the outbox

    @property
    def size(self) -> int:
        """The number of bytes in the outbox."""
        state, feed = self.state, self._feed
        if type(state) is not Live:
            return self._size
        return self._size + feed.size_between(state.offset, feed.end)

    @property
    def waits(self) -> bool:
        """True if the outbox is not empty."""
        if self.parts:
            return True
        state = self.state
        return type(state) is Live and state.offset != self._feed.end

    @property
    def rests(self) -> bool:
        """True if the stream is live and has taken everything."""
        state = self.state
        return type(state) is Live and not self.parts and state.offset == self._feed.end

    def put(self, part: Part) -> bool:
        """Append a part to the outbox.

        Returns True if the stream is live and its outbox is over its limit: it must fall behind,
        after the batch. A closed outbox ignores the part.
        """
        state = self.state
        if type(state) is Live:
            self._gather(state)
        elif state is _CLOSED:
            return False
        self.parts.append(part)
        self._size += len(part.encoded)
        if not self.scheduled:
            self._pacer.schedule(self)
            return False
        return self._size > limits.MAX_OUTBOX_BYTES and type(state) is Live

    def gather(self) -> None:
        """Make a part of the unread items of the feed, so that the next item can be skipped."""
        if type(self.state) is Live:
            self._gather(self.state)

    def skip(self) -> None:
        """Leave out the newest item of the feed. `gather` was called before it was appended."""
        if type(self.state) is Live:
            self.state.offset = self._feed.end

    def _gather(self, live: Live) -> None:
        feed = self._feed
        start, stop = live.offset, feed.end
        if start != stop:
            self.parts.append(Slice(start, stop))
            self._size += feed.size_between(start, stop)
            live.offset = stop

    def take(self) -> bytes:
        """Remove and return the waiting bytes, joined, up to about `MAX_RESPONSE_BYTES`.

        Returns empty bytes if the outbox is empty.
        """
        feed, parts, state = self._feed, self.parts, self.state
        if type(state) is Live:
            if not parts:  # as with most streams, which have no part of their own
                encoded, state.offset = feed.read(state.offset, feed.end, limits.MAX_RESPONSE_BYTES)
                return encoded
            self._gather(state)
        taken: list[bytes] = []
        size = done = 0
        for part in parts:
            if type(part) is Slice:
                encoded, end = feed.read(part.start, part.stop, limits.MAX_RESPONSE_BYTES - size)
            else:
                encoded, end = part.encoded, 0
            if taken and size + len(encoded) > limits.MAX_RESPONSE_BYTES:
                break
            taken.append(encoded)
            size += len(encoded)
            if type(part) is Slice and end != part.stop:
                part.start = end
                break
            done += 1
        del parts[:done]
        self._size -= size
        return taken[0] if len(taken) == 1 else b"".join(taken)

    @property
    def unsent(self) -> int:
        """The number of bytes that were taken and that the transport has no space for."""
        return self.prompt.unsent if self.prompt is not None else self.unwritten_size

    def has_written(self, sequence: int) -> bool:
        """Return whether the transport took the whole response with a stored event.

        The stream must be one that gets the event, and the event must have been delivered.
        """
        position = self.position
        if position is not None and sequence > position:
            return False
        waits = self.first_stored()
        if waits is not None and sequence >= waits:
            return False
        in_progress = self.unwritten
        if in_progress is None or sequence < in_progress:
            return True
        # The response may be sent, while the output is not ready for the next one.
        return self.prompt is not None and not self.prompt.unsent

    def first_stored(self) -> int | None:
        """Return the sequence of the first stored event that waits, or None."""
        feed, state = self._feed, self.state
        for part in self.parts:
            if type(part) is Stored:
                return part.sequence
            if type(part) is Slice:
                sequence = feed.first_stored(part.start, part.stop)
                if sequence is not None:
                    return sequence
        return feed.first_stored(state.offset, feed.end) if type(state) is Live else None


def _ignore(*_: object) -> None:
    """Do nothing: nobody waits for a closed outbox."""
