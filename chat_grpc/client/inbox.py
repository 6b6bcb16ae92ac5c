"""The queue of events from the stream to the program."""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from chat_grpc.client.errors import ChatError
from chat_grpc.v1 import chat_pb2

_OVERHEAD = 256
"""Bytes of memory that an event takes beside its encoded size, about."""

MAX_OWN = 100_000
"""Maximum number of own sequences kept ahead of the program; then the oldest tenth is dropped."""

_SEVERITY = {
    chat_pb2.RECOVERY_FRESH: 1,
    chat_pb2.RECOVERY_TRUNCATED: 2,
    chat_pb2.RECOVERY_OTHER_LOG: 3,
}
"""When two `welcome` become one event, the event has the more severe recovery."""

_FROM_HEAD = (chat_pb2.RECOVERY_FRESH, chat_pb2.RECOVERY_OTHER_LOG)


class Position(NamedTuple):
    """A position in a log, to resume from: see `ChatClient.connect`."""

    log_id: str
    """The log; a sequence has a meaning in one log only. Empty: start at the head."""
    sequence: int
    """Every event up to this sequence was handled."""
    incarnation: str = ""
    """Proves to the server that this copy of its log gave the sequence; empty if unknown."""


class OwnSequences:
    """The sequences that the program's own requests made in one log, ahead of its position."""

    def __init__(self, most: int = MAX_OWN) -> None:
        self._most = most
        self._sequences: list[int] = []

    def __len__(self) -> int:
        return len(self._sequences)

    def add(self, sequence: int) -> None:
        """Note a sequence."""
        at = bisect_left(self._sequences, sequence)
        if at == len(self._sequences) or self._sequences[at] != sequence:
            self._sequences.insert(at, sequence)
            if len(self._sequences) > self._most:
                del self._sequences[: self._most // 10]

    def passed(self, sequence: int) -> bool:
        """Drop all sequences up to this one; return True if this one was noted."""
        if not self._sequences:
            return False
        at = bisect_right(self._sequences, sequence)
        found = at > 0 and self._sequences[at - 1] == sequence
        del self._sequences[:at]
        return found


@dataclass(slots=True)
class _Queued:
    event: chat_pb2.Event
    size: int
    position: Position
    """The position after the event."""
    own: OwnSequences
    doubt: int = 0
    new_log: bool = False
    """True for a `welcome` that begins the events of another log."""


class Inbox:
    """A bounded queue that gives each stored event once, by ascending sequence, and no own events.

    - `full` is true from `max_bytes` on: the reader of the stream should pause.
    - The reader cannot pause while a request is unanswered; it may then fill the queue up to
      `hard_max_bytes`. The queue discards what follows. Once the program has taken enough,
      `overflow` returns: open a new stream at `received`, and the log gives the discarded events.
    - Until the program takes its first event, `max_bytes` is the only bound.
    - `welcome` is never discarded, because it reports gaps of the log. Two adjacent ones are
      merged.
    - An event of the user itself may be the result of a request whose answer was lost with a
      connection. Such an event, and all later ones, wait until every request made before it is
      answered.

    Belongs to one event loop; one task at a time calls `take`.
    """

    def __init__(self, max_bytes: int, hard_max_bytes: int) -> None:
        self.position = Position("", 0)
        """The position after the last event that the program took."""
        self.received = self.position
        """The position after the last event that was received: the next stream resumes there."""
        self.started = False
        """True once the program has asked for an event."""
        self._max_bytes = max_bytes
        self._hard_max_bytes = hard_max_bytes
        self._queue: deque[_Queued] = deque()
        self._bytes = 0
        self._own = OwnSequences()
        self._settled = 0.0
        self._overflowed = False
        self._new_logs_queued = 0
        self._before: Position | None = None
        self._held: dict[object, Position] = {}
        """The positions before the events that are held, in the order of the events."""
        self._taking = False
        self._failure: ChatError | None = None
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()

    def start_at(self, position: Position) -> None:
        """Set the program's position. Call it before the first stream."""
        self.position = self.received = position

    @property
    def full(self) -> bool:
        """True if the program should take events before more are read."""
        return self._bytes >= self._max_bytes

    @property
    def handled(self) -> Position:
        """The position up to which the program has finished.

        The event at hand is unfinished until the program asks for the next one, or calls `handle`;
        one that is held until it is released.
        """
        for before in self._held.values():
            if before.log_id == self.position.log_id:
                return before
        return self.position if self._before is None else self._before

    def hold(self) -> Callable[[], None]:
        """Keep the event at hand unfinished until the returned function is called.

        Raises `RuntimeError` if no event is at hand.
        """
        if self._before is None:
            raise RuntimeError("There is no event at hand: call `hold` while iterating.")
        held = object()
        self._held[held] = self._before
        return lambda: self._release(held)

    def _release(self, held: object) -> None:
        self._held.pop(held, None)

    def handle(self) -> None:
        """Mark the event at hand as finished."""
        self._before = None

    @property
    def in_old_log(self) -> bool:
        """True while the program takes events of a log that the server no longer has."""
        return self.started and self._new_logs_queued > 0

    # ------------------------------------------------------------ the stream

    def resume(self) -> Position:
        """Prepare for a new stream, which brings discarded events again; return its position."""
        self._overflowed = False
        return self.received

    def welcome(self, event: chat_pb2.Event) -> bool:
        """Queue a `welcome`, and move to where its stream starts.

        Return True if the server no longer has the log of the stream before.
        """
        welcome = event.welcome
        known = self.received.log_id
        restarted = welcome.log_id != known or welcome.recovery in _FROM_HEAD
        sequence = welcome.head_sequence if restarted else self.received.sequence
        self.received = Position(welcome.log_id, sequence, welcome.incarnation)
        if restarted:
            self._own = OwnSequences()
            if not self.position.log_id:
                self.position = self.received
        log_is_gone = restarted and bool(known)
        gone_before = False
        if self._queue and self._queue[-1].event.HasField("welcome"):
            last = self._queue.pop()
            self._uncount(last)
            gone_before = last.new_log
            recoveries = (welcome.recovery, last.event.welcome.recovery)
            welcome.recovery = max(recoveries, key=lambda recovery: _SEVERITY.get(recovery, 0))
        self._add(event, new_log=log_is_gone or gone_before)
        return log_is_gone

    def own(self, sequence: int) -> None:
        """Note the event of the program's own request: if the log brings it, it is not given."""
        self._own.add(sequence)

    def settle(self, ordinal: int) -> None:
        """Note that every request up to this ordinal is answered, and `own` knows its result."""
        self._settled = max(self._settled, ordinal)
        self._arrived.set()

    def put(self, event: chat_pb2.Event, doubt: int = 0) -> None:
        """Queue an event, unless it came before.

        `doubt` is the ordinal of the newest request that may have made the event.
        """
        bound = self._hard_max_bytes if self.started else self._max_bytes
        if self._overflowed or self._bytes >= bound:
            self._overflowed = True
            return
        if event.sequence:
            if event.sequence <= self.received.sequence:
                return
            self.received = self.received._replace(sequence=event.sequence)
        elif event.HasField("caught_up"):
            head = max(event.caught_up.head_sequence, self.received.sequence)
            self.received = self.received._replace(sequence=head)
        self._add(event, doubt)

    def _add(self, event: chat_pb2.Event, doubt: int = 0, *, new_log: bool = False) -> None:
        size = event.ByteSize() + _OVERHEAD
        self._queue.append(_Queued(event, size, self.received, self._own, doubt, new_log))
        self._bytes += size
        self._new_logs_queued += new_log
        self._arrived.set()

    def _uncount(self, queued: _Queued) -> None:
        self._bytes -= queued.size
        self._new_logs_queued -= queued.new_log

    # ------------------------------------------------------------ the program

    async def take(self) -> chat_pb2.Event:
        """Return the next event. After `end` and the last event, raise the error of `end`.

        A cancelled call takes no event. Raises `RuntimeError` if another call is waiting.
        """
        if self._taking:
            raise RuntimeError("another task is already iterating over this client")
        self.started = self._taking = True
        self.handle()
        try:
            while True:
                event = self._next()
                if event is not None:
                    return event
                if self._failure is not None:
                    raise self._failure.with_traceback(None)
                self._arrived.clear()
                self._taken.set()
                await self._arrived.wait()
        finally:
            self._taking = False

    def _next(self) -> chat_pb2.Event | None:
        while self._queue and self._queue[0].doubt <= self._settled:
            first = self._queue.popleft()
            self._uncount(first)
            self._taken.set()
            before, self.position = self.position, first.position
            own = first.own.passed(first.position.sequence)
            if not (own and first.event.sequence):
                self._before = before
                return first.event
        return None

    async def space(self) -> None:
        """Return when the inbox is not full."""
        while self.full:
            self._taken.clear()
            await self._taken.wait()

    async def overflow(self) -> None:
        """Return when events were discarded and there is space to read them again."""
        while self.full or not self._overflowed:
            self._taken.clear()
            await self._taken.wait()

    def end(self, error: ChatError, *, discard: bool = False) -> None:
        """Let `take` raise `error` after the last event; with `discard`, drop the queued events."""
        self._failure = error
        self._settled = math.inf
        if discard:
            self._queue.clear()
            self._bytes = self._new_logs_queued = 0
        self._arrived.set()


_AUTHOR: dict[str, Callable[[chat_pb2.Event], int]] = {
    "message": lambda event: event.message.author.number,
    "edited": lambda event: event.edited.message.author.number,
    "deleted": lambda event: event.deleted.author.number,
    "reaction": lambda event: event.reaction.author.number,
}


def author_of(event: chat_pb2.Event, kind: str) -> int:
    """Return the number of the user who made an event by a request; 0 for other events."""
    author = _AUTHOR.get(kind)
    return author(event) if author is not None else 0
