"""What goes into the log, and who is written of in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from chat_grpc.core.errors import ChatError
from chat_grpc.core.events import author_bytes, to_user

if TYPE_CHECKING:
    from chat_grpc.core.changes import Change
    from chat_grpc.core.room_rules import RoomChanged

MESSAGE, USER, EDITED, DELETED, REACTION, READ, ROOM = range(7)
"""What an entry of the log is: the numbers are those of the store."""


@dataclass(frozen=True, slots=True)
class User:
    """Who a token names."""

    number: int
    """1, 2, 3, …; this user's for good."""
    name: str
    key: str
    """The name as names are compared."""
    guest: bool = True
    author: bytes = field(init=False, repr=False, compare=False)
    """The user as an encoded `Author`."""
    addressee: bytes = field(init=False, repr=False, compare=False)
    """The user as an encoded `Message.user`, with its tag."""

    def __post_init__(self) -> None:
        author = author_bytes(self.number, self.name)
        object.__setattr__(self, "author", author)
        object.__setattr__(self, "addressee", to_user(author))


class RequestKey(NamedTuple):
    """By what a repeated request is known."""

    request_id: str
    """Empty where the caller gave none: then it is not looked for."""
    digest: bytes
    """A hash of what was asked for, by which a repeated request is known from a reused id."""


NO_KEY = RequestKey("", b"")


class Entry:
    """One event on its way into the log and back.

    The hub makes it and gets it back from the journal, with `sequence` and `frame` set, or
    `duplicate`, `unchanged`, or `error`. In between it belongs to the journal.
    """

    __slots__ = (
        "author",
        "change",
        "channels",
        "content",
        "digest",
        "duplicate",
        "error",
        "frame",
        "kind",
        "origin",
        "outcome",
        "request_id",
        "rewritten",
        "sequence",
        "target",
        "time",
        "unchanged",
    )

    def __init__(
        self,
        author: int,
        channels: tuple[str, ...],
        content: bytes,
        time: int,
        key: RequestKey,
        origin: object,
    ) -> None:
        self.author = author
        """The number of the user who made it."""
        self.channels = channels
        """Where it is visible: `#room`, or `@number` of each side."""
        self.content = content
        """The encoded `Event` without its sequence."""
        self.time = time
        """Nanoseconds since 1970."""
        self.request_id, self.digest = key
        self.origin = origin
        """The stream or call that waits for the answer; the journal does not look at it."""
        self.sequence = 0
        """Its place in the log; that of the first one where it is a duplicate."""
        self.frame = b""
        """The framed event, the bytes that the log keeps and every stream gets."""
        self.duplicate = False
        self.error: ChatError | None = None
        self.kind = MESSAGE
        self.target = 0
        """The sequence of the message that it changes; 0 for none."""
        self.change: Change | None = None
        """What it changes besides; None for a message."""
        self.unchanged = False
        """True where all is as asked already: nothing was stored."""
        self.outcome: RoomChanged | None = None
        """What became of a room; set by the journal."""
        self.rewritten: dict[int, bytes] = {}
        """The new frames of events whose text is gone, by sequence; set by the journal."""

    @property
    def stored(self) -> bool:
        """True where it is in the log as a new event."""
        return self.error is None and not self.duplicate and not self.unchanged

    def settled(self) -> None:
        """Lets go of what is needed no more, once the answer is given: the entry may live on."""
        self.origin = None
        self.content = b""
        self.change = self.outcome = None
        self.rewritten = {}
