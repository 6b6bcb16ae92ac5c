"""The parts of an outbox: the bytes that wait for one stream, and whether they may be dropped.

Their fields never change, so one part can wait for many streams. `Slice` is the exception: it
belongs to one outbox, and becomes shorter as the stream takes it.
"""

from __future__ import annotations

from typing import final


@final
class Answer:
    """Encoded events for one call: answers to its requests, its welcome, heartbeats.

    Never dropped: they are in no log.
    """

    __slots__ = ("encoded",)

    def __init__(self, encoded: bytes) -> None:
        self.encoded = encoded


@final
class Passing:
    """Encoded events that are not stored: presence, typing. A lagging stream misses them."""

    __slots__ = ("encoded",)

    def __init__(self, encoded: bytes) -> None:
        self.encoded = encoded


@final
class Stored:
    """Encoded events of the log. A stream that falls behind reads them there again."""

    __slots__ = ("encoded", "sequence")

    def __init__(self, encoded: bytes, sequence: int) -> None:
        """`encoded` has no event of a lower sequence than `sequence`."""
        self.encoded = encoded
        self.sequence = sequence


@final
class Slice:
    """Items of the feed, from the offset `start` to the offset `stop`."""

    __slots__ = ("start", "stop")

    def __init__(self, start: int, stop: int) -> None:
        self.start = start
        self.stop = stop


Part = Answer | Passing | Stored
"""A part that carries its own bytes."""
