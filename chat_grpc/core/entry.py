"""What goes into the log, and who is written of in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from chat_grpc.core.errors import ChatError
from chat_grpc.core.events import author_bytes, to_user


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


class Entry:
    """One event on its way into the log and back.

    The hub makes it and gets it back from the journal, with `sequence` and `frame` set, or
    `duplicate`, or `error`. In between it belongs to the journal.
    """

    __slots__ = (
        "author",
        "content",
        "digest",
        "duplicate",
        "error",
        "frame",
        "origin",
        "request_id",
        "sequence",
        "time",
        "topics",
    )

    def __init__(
        self,
        author: int,
        topics: tuple[str, ...],
        content: bytes,
        time: int,
        request_id: str,
        digest: bytes | None,
        origin: object,
    ) -> None:
        self.author = author
        """The number of the user who made it."""
        self.topics = topics
        """Where it is visible: `#room`, or `@number` of each side."""
        self.content = content
        """The encoded `Event` without its sequence."""
        self.time = time
        """Nanoseconds since 1970."""
        self.request_id = request_id
        """Empty where the caller gave none: then it is not looked for."""
        self.digest = digest
        """A hash of what was asked for, by which a repeated request is known from a reused id."""
        self.origin = origin
        """The stream or call that waits for the answer; the journal does not look at it."""
        self.sequence = 0
        """Its place in the log; that of the first one where it is a duplicate."""
        self.frame = b""
        """The framed event, the bytes that the log keeps and every stream gets."""
        self.duplicate = False
        self.error: ChatError | None = None

    def settled(self) -> None:
        """Lets go of what is needed no more, once the answer is given: the entry may live on."""
        self.origin = None
        self.content = b""
