"""Events on their way from the stream to the program."""

from __future__ import annotations

import asyncio
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


class Inbox:
    """A bounded queue that gives each stored event once, by rising sequence.

    - From `max_bytes` on `full` is true, and the reader of the stream should pause.
    - A reader that cannot pause, because an answer to a request is to come, may put up to
      `hard_max_bytes`. What comes then is discarded, from the first stored event on with all
      that follows it. Once the program has taken enough, `overflow` returns: the stream is to be
      opened again at `received`, and the log gives what was discarded.
    - Until the program takes its first event, the first bound is the only one.

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
        self._waiting: deque[tuple[chat_pb2.Event, int, Position]] = deque()
        self._bytes = 0
        self._own: dict[int, None] = {}
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

    def welcome(self, welcome: chat_pb2.Welcome) -> None:
        """Goes to the place at which the server began the stream."""
        if welcome.log_id != self.received.log_id or welcome.recovery in _FROM_HEAD:
            self.received = Position(welcome.log_id, welcome.head_sequence)
            self._own.clear()
            if not self._waiting:
                self.position = self.received

    def own(self, sequence: int) -> None:
        """Notes a message of the program's own: a stream that resumes before it brings it along."""
        if sequence > self.received.sequence:
            self._own[sequence] = None
            if len(self._own) > _MAX_OWN:
                del self._own[next(iter(self._own))]

    def put(self, event: chat_pb2.Event) -> None:
        """Adds an event; not one that came before, or is the program's own message."""
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
                return
        size = event.ByteSize() + _OVERHEAD
        self._waiting.append((event, size, self.received))
        self._bytes += size
        self._arrived.set()

    async def take(self) -> chat_pb2.Event:
        """Gives the next event; after `end`, and the last event, raises what `end` was told."""
        self.started = True
        while not self._waiting:
            if self._failure is not None:
                raise self._failure
            self._arrived.clear()
            self._taken.set()
            await self._arrived.wait()
        event, size, self.position = self._waiting.popleft()
        self._bytes -= size
        self._taken.set()
        return event

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
        self._arrived.set()
