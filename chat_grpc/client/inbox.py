"""Events on their way from the stream to the program."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass

from chat_grpc.client.errors import ChatError
from chat_grpc.v1 import chat_pb2

_OVERHEAD = 256
"""About how many bytes an event takes beside its own, in memory."""

_MAX_OWN = 10_000

_FROM_HEAD = (chat_pb2.RECOVERY_FRESH, chat_pb2.RECOVERY_OTHER_LOG)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a log to resume from, for `ChatClient.connect`."""

    log_id: str
    """Names the log; a sequence means nothing in another one."""
    sequence: int
    """The last stored event that the program has seen."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    event: chat_pb2.Event
    size: int
    place: Position
    doubt: int


class Inbox:
    """A bounded queue that gives each stored event once, by rising sequence.

    - From `max_bytes` on `full` is true, and the reader of the stream should pause.
    - A reader that cannot pause, because an answer to a request is to come, may put up to
      `hard_max_bytes`. What comes then is discarded, from the first stored event on with all
      that follows it. Once the program has taken enough, `overflow` returns: the stream is to be
      opened again at `received`, and the log gives what was discarded.
    - Until the program takes its first event, the first bound is the only one.
    - An event of the user's own may be the program's: what a request made whose answer was lost
      with a connection comes from the log before the answer does. Such an event, and all behind
      it, waits until every request made before it came is answered.

    Belongs to one event loop.
    """

    def __init__(self, position: Position, max_bytes: int, hard_max_bytes: int) -> None:
        self.position = position
        """The place behind the last event that the program took."""
        self.received = position
        """The place behind the last event that came: where the next stream resumes."""
        self.started = False
        """True once the program has asked for an event."""
        self._max_bytes = max_bytes
        self._hard_max_bytes = hard_max_bytes
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._own: dict[int, None] = {}
        self._doubtful: set[int] = set()
        self._settled = 0.0
        self._overflowed = False
        self._failure: ChatError | None = None
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()

    @property
    def full(self) -> bool:
        """True when the program should take something before more is read."""
        return self._bytes >= self._max_bytes

    def resume(self) -> Position:
        """Begins another stream, which brings what was discarded; gives where it resumes."""
        self._overflowed = False
        return self.received

    def welcome(self, welcome: chat_pb2.Welcome) -> bool:
        """Goes to the place at which the server began the stream; tells whether it forgot a log."""
        known = self.received.log_id
        if welcome.log_id == known and welcome.recovery not in _FROM_HEAD:
            return False
        self.received = Position(welcome.log_id, welcome.head_sequence)
        self._own.clear()
        self._doubtful.clear()
        if not self._waiting:
            self.position = self.received
        return bool(known)

    def own(self, sequence: int) -> None:
        """Notes what the program made itself: a stream that resumes before it brings it along."""
        if sequence > self.received.sequence or sequence in self._doubtful:
            self._own[sequence] = None
            if len(self._own) > _MAX_OWN:
                del self._own[next(iter(self._own))]

    def settle(self, ordinal: int) -> None:
        """Says that every request up to this ordinal is answered, and `own` told what it made."""
        self._settled = ordinal
        self._arrived.set()

    def put(self, event: chat_pb2.Event, doubt: int = 0) -> None:
        """Adds an event; not one that came before, or is the program's own.

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
            if event.sequence in self._own:
                del self._own[event.sequence]
                if not self._waiting:
                    self.position = self.received
                return
            if doubt > self._settled:
                self._doubtful.add(event.sequence)
        size = event.ByteSize() + _OVERHEAD
        self._waiting.append(_Waiting(event, size, self.received, doubt))
        self._bytes += size
        self._arrived.set()

    async def take(self) -> chat_pb2.Event:
        """Gives the next event; after `end`, and the last event, raises what `end` was told."""
        self.started = True
        while True:
            while self._waiting and self._waiting[0].doubt <= self._settled:
                first = self._waiting.popleft()
                self._bytes -= first.size
                self.position = first.place
                self._taken.set()
                if not self._made_here(first.event.sequence):
                    return first.event
            if self._failure is not None:
                raise self._failure
            self._arrived.clear()
            self._taken.set()
            await self._arrived.wait()

    def _made_here(self, sequence: int) -> bool:
        if sequence not in self._doubtful:
            return False
        self._doubtful.remove(sequence)
        if sequence not in self._own:
            return False
        del self._own[sequence]
        return True

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

    def end(self, error: ChatError) -> None:
        """Says that no more events come."""
        self._failure = error
        self._settled = math.inf
        self._arrived.set()


def author_of(event: chat_pb2.Event) -> int:
    """Gives the number of who caused a stored event that a request can make; 0 for another."""
    match event.WhichOneof("event"):
        case "message":
            return event.message.author.number
        case "edited":
            return event.edited.message.author.number
        case "deleted":
            return event.deleted.author.number
        case "reaction":
            return event.reaction.author.number
        case _:
            return 0
