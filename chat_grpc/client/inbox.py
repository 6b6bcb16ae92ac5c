"""Events on their way from the stream to the program."""

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
"""About how many bytes an event takes beside its own, in memory."""

MAX_OWN = 100_000
"""Own sequences that are kept until the program is past them; then the oldest are forgotten."""

_WEIGHT = {
    chat_pb2.RECOVERY_FRESH: 1,
    chat_pb2.RECOVERY_TRUNCATED: 2,
    chat_pb2.RECOVERY_OTHER_LOG: 3,
}
"""Of two streams that the program sees as one, the heavier recovery is told."""

_FROM_HEAD = (chat_pb2.RECOVERY_FRESH, chat_pb2.RECOVERY_OTHER_LOG)


class Position(NamedTuple):
    """A place in a log to resume from, for `ChatClient.connect`."""

    log_id: str
    """Names the log; a sequence means nothing in another one. Empty: from now on."""
    sequence: int
    """Nothing up to this sequence is left to be given."""


class OwnSequences:
    """What the program made itself in one log, ahead of the place that it has come to."""

    def __init__(self, most: int = MAX_OWN) -> None:
        self._most = most
        self._sequences: list[int] = []

    def __len__(self) -> int:
        return len(self._sequences)

    def add(self, sequence: int) -> None:
        """Notes a sequence."""
        at = bisect_left(self._sequences, sequence)
        if at == len(self._sequences) or self._sequences[at] != sequence:
            self._sequences.insert(at, sequence)
            if len(self._sequences) > self._most:
                del self._sequences[: self._most // 10]

    def passed(self, sequence: int) -> bool:
        """Forgets all up to a sequence that the program comes to; tells whether it was noted."""
        if not self._sequences:
            return False
        at = bisect_right(self._sequences, sequence)
        found = at > 0 and self._sequences[at - 1] == sequence
        del self._sequences[:at]
        return found


@dataclass(slots=True)
class _Waiting:
    event: chat_pb2.Event
    size: int
    place: Position
    own: OwnSequences
    doubt: int = 0
    anew: bool = False


class Inbox:
    """A bounded queue that gives each stored event once, by rising sequence, and no own ones.

    - From `max_bytes` on `full` is true, and the reader of the stream should pause.
    - A reader that cannot pause, because an answer to a request is to come, may put up to
      `hard_max_bytes`. What comes then is discarded, with all that follows it on the stream.
      Once the program has taken enough, `overflow` returns: the stream is to be opened again at
      `received`, and the log gives what was discarded.
    - Until the program takes its first event, the first bound is the only one.
    - `welcome` is never discarded: it tells where the log has a gap. Two that nothing lies
      between become one.
    - An event of the user's own may be the program's: what a request made whose answer was lost
      with a connection comes from the log before the answer does. Such an event, and all behind
      it, waits until every request made before it came is answered.

    Belongs to one event loop; one task takes.
    """

    def __init__(self, max_bytes: int, hard_max_bytes: int) -> None:
        self.position = Position("", 0)
        """The place behind the last event that the program took."""
        self.received = self.position
        """The place behind the last event that came: where the next stream resumes."""
        self.started = False
        """True once the program has asked for an event."""
        self._max_bytes = max_bytes
        self._hard_max_bytes = hard_max_bytes
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._own = OwnSequences()
        self._settled = 0.0
        self._overflowed = False
        self._logs_ahead = 0
        self._before: Position | None = None
        self._taking = False
        self._failure: ChatError | None = None
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()

    def start_at(self, position: Position) -> None:
        """Says where the program was before; not once a stream was opened."""
        self.position = self.received = position

    @property
    def full(self) -> bool:
        """True when the program should take something before more is read."""
        return self._bytes >= self._max_bytes

    @property
    def handled(self) -> Position:
        """The place before the event at hand: the program is done with all up to there.

        An event is at hand until the program asks for the next, or `handle` says that it is done.
        """
        return self.position if self._before is None else self._before

    def handle(self) -> None:
        """Says that the program is done with the event at hand."""
        self._before = None

    @property
    def behind_a_log(self) -> bool:
        """True while the program takes events of a log that the server has no more."""
        return self.started and self._logs_ahead > 0

    # ------------------------------------------------------------ the stream

    def resume(self) -> Position:
        """Begins another stream, which brings what was discarded; gives where it resumes."""
        self._overflowed = False
        return self.received

    def welcome(self, event: chat_pb2.Event) -> bool:
        """Adds a `welcome`, and goes to where the stream begins; tells whether a log is gone."""
        welcome = event.welcome
        known = self.received.log_id
        anew = welcome.log_id != known or welcome.recovery in _FROM_HEAD
        if anew:
            self.received = Position(welcome.log_id, welcome.head_sequence)
            self._own = OwnSequences()
            if not self.position.log_id:
                self.position = self.received
        gone = anew and bool(known)
        gone_before = False
        if self._waiting and self._waiting[-1].event.HasField("welcome"):
            last = self._waiting.pop()
            self._drop(last)
            gone_before = last.anew
            told = (welcome.recovery, last.event.welcome.recovery)
            welcome.recovery = max(told, key=lambda recovery: _WEIGHT.get(recovery, 0))
        self._add(event, anew=gone or gone_before)
        return gone

    def own(self, sequence: int) -> None:
        """Notes what the program made itself: if the log brings it along, it is not given."""
        self._own.add(sequence)

    def settle(self, ordinal: int) -> None:
        """Says that every request up to this ordinal is answered, and `own` told what it made."""
        self._settled = max(self._settled, ordinal)
        self._arrived.set()

    def put(self, event: chat_pb2.Event, doubt: int = 0) -> None:
        """Adds an event, but not one that came before.

        `doubt` is the ordinal of the newest request that may have made it.
        """
        bound = self._hard_max_bytes if self.started else self._max_bytes
        if self._overflowed or self._bytes >= bound:
            self._overflowed = True
            return
        if event.sequence:
            if event.sequence <= self.received.sequence:
                return
            self.received = Position(self.received.log_id, event.sequence)
        elif event.HasField("caught_up"):
            head = max(event.caught_up.head_sequence, self.received.sequence)
            self.received = Position(self.received.log_id, head)
        self._add(event, doubt)

    def _add(self, event: chat_pb2.Event, doubt: int = 0, *, anew: bool = False) -> None:
        size = event.ByteSize() + _OVERHEAD
        self._waiting.append(_Waiting(event, size, self.received, self._own, doubt, anew))
        self._bytes += size
        self._logs_ahead += anew
        self._arrived.set()

    def _drop(self, waiting: _Waiting) -> None:
        self._bytes -= waiting.size
        self._logs_ahead -= waiting.anew

    # ------------------------------------------------------------ the program

    async def take(self) -> chat_pb2.Event:
        """Gives the next event; after `end`, and the last event, raises what `end` was told.

        A call that is cancelled takes nothing. Raises `RuntimeError` where another call waits.
        """
        if self._taking:
            raise RuntimeError("another task iterates over this client already")
        self.started = self._taking = True
        self.handle()
        try:
            while True:
                while self._waiting and self._waiting[0].doubt <= self._settled:
                    first = self._waiting.popleft()
                    self._drop(first)
                    self._taken.set()
                    before, self.position = self.position, first.place
                    own = first.own.passed(first.place.sequence)
                    if not (own and first.event.sequence):
                        self._before = before
                        return first.event
                if self._failure is not None:
                    raise self._failure.with_traceback(None)
                self._arrived.clear()
                self._taken.set()
                await self._arrived.wait()
        finally:
            self._taking = False

    async def room(self) -> None:
        """Returns when the inbox is not full."""
        while self.full:
            self._taken.clear()
            await self._taken.wait()

    async def overflow(self) -> None:
        """Returns when events were discarded, and there is room to read them again."""
        while self.full or not self._overflowed:
            self._taken.clear()
            await self._taken.wait()

    def end(self, error: ChatError, *, discard: bool = False) -> None:
        """Says that no more events come, and with `discard` that none are wanted."""
        self._failure = error
        self._settled = math.inf
        if discard:
            self._waiting.clear()
            self._bytes = self._logs_ahead = 0
        self._arrived.set()


_AUTHOR: dict[str, Callable[[chat_pb2.Event], int]] = {
    "message": lambda event: event.message.author.number,
    "edited": lambda event: event.edited.message.author.number,
    "deleted": lambda event: event.deleted.author.number,
    "reaction": lambda event: event.reaction.author.number,
}


def author_of(event: chat_pb2.Event, kind: str) -> int:
    """Gives the number of who caused an event that a request can make; 0 for another."""
    author = _AUTHOR.get(kind)
    return author(event) if author is not None else 0
