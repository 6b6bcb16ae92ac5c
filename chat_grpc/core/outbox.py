"""The bounded queue of one stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

from chat_grpc.core.limits import MAX_RESPONSE_BYTES

Write = Callable[[bytes], Awaitable[None]]
"""Writes one response; ends when the transport took it; raises when the stream is gone."""


class Outbox:
    """Frames that wait for one stream, in order.

    Belongs to the event loop. `put` never blocks and never fails; whoever puts looks at `size`
    and decides what to do about a stream that has fallen behind. `take` joins what waits.
    Frames that were taken may be lost with the connection; only the client's `sequence` tells
    what it has.
    """

    __slots__ = ("closed", "last_write", "parts", "scheduled", "size", "write")

    def __init__(self, write: Write, now: float) -> None:
        self.write = write
        self.parts: deque[bytes] = deque()
        self.size = 0
        """Bytes that wait."""
        self.scheduled = False
        """True while the pacer has it, waiting for a writer or being written."""
        self.last_write = now
        """When bytes were last taken, in seconds of the loop's clock."""
        self.closed = False

    def take(self) -> bytes:
        """Joins what waits, up to about `MAX_RESPONSE_BYTES`, and forgets it."""
        parts = self.parts
        if self.size <= MAX_RESPONSE_BYTES:
            taken = parts[0] if len(parts) == 1 else b"".join(parts)
            parts.clear()
            self.size = 0
            return taken
        first = [parts.popleft()]
        size = len(first[0])
        while parts and size + len(parts[0]) <= MAX_RESPONSE_BYTES:
            size += len(parts[0])
            first.append(parts.popleft())
        self.size -= size
        return b"".join(first)

    def close(self) -> None:
        """Forgets what waits; nothing more will be written."""
        self.closed = True
        self.parts.clear()
        self.size = 0
