"""The content of one transaction."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from chat_grpc.core.entry import Entry
from chat_grpc.core.errors import ChatError, RequestIdReused
from chat_grpc.core.events import encode_stored
from chat_grpc.core.user import User
from chat_grpc.journal.database import Value
from chat_grpc.journal.rows import WIDTH, row_of

# A statement releases the interpreter's lock once, however many rows it has, and getting the lock
# back from a busy event loop takes up to 5 ms: this many rows go into one statement.
ROWS_A_STATEMENT = 64


@dataclass(slots=True)
class NewGuest:
    """A guest to be stored; the commit sets `user`, or `error`."""

    sequence: int
    time: int
    """The time of the event, in nanoseconds since 1970."""
    seconds: int
    """The trusted time, in seconds since 1970."""
    name: str
    key: str
    token_digest: bytes
    user: User | None = None
    error: ChatError | None = None


@dataclass(slots=True)
class Batch:
    """The content of one transaction. If `error` is set, nothing of it was stored."""

    entries: list[Entry] = field(default_factory=list)
    guests: list[NewGuest] = field(default_factory=list)
    seen: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By the user's number: online (1 or 0), and seconds since 1970."""
    uses: dict[bytes, int] = field(default_factory=dict)
    """By the token's digest: seconds since 1970."""
    steps: list[list[Value] | Entry] = field(default_factory=list)
    """In log order: the values of the rows of messages, or a change."""
    directs: set[tuple[int, int]] = field(default_factory=set)
    """Pairs of users of whom one wrote to the other."""
    deadline: float = math.inf
    """The monotonic time up to which the commit may wait for another process."""
    last: int = 0
    """The newest sequence of the log once it is stored; set by the commit."""
    error: ChatError | None = None

    def stored_directs(self) -> set[tuple[int, int]]:
        """Return `directs` without the messages that turned out not to be stored."""
        stored = (e for e in self.entries if e.command.change is None and e.outcome.stored)
        channels = (e.command.channels for e in stored)
        return {(int(c[0][1:]), int(c[-1][1:])) for c in channels if c[0][0] == "@"}


def answer_again(entry: Entry, first: int, time: int, digest: bytes | None) -> None:
    """Answer a request whose id was used before."""
    key, outcome = entry.command.key, entry.outcome
    if digest == key.digest:
        outcome.sequence, outcome.time, outcome.duplicate = first, time, True
    else:
        outcome.error = RequestIdReused(
            "This request_id was used before, for another request; use a new id.",
            metadata={"request_id": key.request_id},
        )


def number(batch: Batch, last: int) -> int:
    """Number the entries of a batch after a sequence, and make the rows of its messages.

    Returns the last sequence. Runs on the event loop, so that the writer's thread seldom needs the
    interpreter's lock.
    """
    values: list[Value] = []
    for sequence, entry in enumerate(batch.entries, last + 1):
        command, outcome = entry.command, entry.outcome
        outcome.sequence = sequence
        if command.change is not None:
            if values:
                batch.steps.append(values)
                values = []
            batch.steps.append(entry)
            continue
        outcome.encoded = encode_stored(sequence, command.content)
        values += row_of(entry)
        low, high = command.channels[0], command.channels[-1]
        if low[0] == "@":
            batch.directs.add((int(low[1:]), int(high[1:])))
        if len(values) == ROWS_A_STATEMENT * WIDTH:
            batch.steps.append(values)
            values = []
    if values:
        batch.steps.append(values)
    return last + len(batch.entries)
