"""Entries of the log: a command, its outcome, and the caller that waits for the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from chat_grpc.core.account_changes import AccountChanged
from chat_grpc.core.audit import Action
from chat_grpc.core.changes import Change
from chat_grpc.core.errors import ChatError
from chat_grpc.core.room_rules import RoomChanged

if TYPE_CHECKING:
    from chat_grpc.core.stream import Stream

MESSAGE, USER, EDITED, DELETED, REACTION, READ, ROOM, ACCOUNT = range(8)
"""The kinds of entries. The store keeps these numbers."""


class RequestKey(NamedTuple):
    """Identifies a request, so that a repetition of it is recognized."""

    request_id: str
    """The caller's id. Empty if the caller gave none: repetitions are not recognized then."""
    digest: bytes
    """A hash of the request. It tells a repeated request from a reused id."""


NO_KEY = RequestKey("", b"")


class Command(NamedTuple):
    """A request to the log. Immutable, so that every node can apply the same one."""

    author: int
    """The number of the user who made it."""
    channels: tuple[str, ...]
    """The channels in which the event is visible: `#room`, or `@number` of each side.

    Empty if this is decided when the command is applied, and for changes of accounts, which no
    stream sees.
    """
    content: bytes
    """The encoded `Event` without its sequence; empty if it is made when it is applied."""
    time: int
    """The time when the server accepted it, in nanoseconds since 1970."""
    key: RequestKey
    kind: int = MESSAGE
    target: int = 0
    """The sequence of the message that it changes; 0 for none."""
    change: Change | None = None
    """The change to the tables; None for a message that needs no check in log order."""
    action: Action | None = None
    """The admin's call that is recorded in the audit log with the change; None for no call."""


class Outcome:
    """The result of a command. The journal fills it in; after that nothing changes it."""

    __slots__ = (
        "account",
        "channels",
        "content",
        "duplicate",
        "encoded",
        "error",
        "rewritten",
        "room",
        "sequence",
        "time",
        "unchanged",
    )

    def __init__(self, command: Command) -> None:
        self.channels = command.channels
        """The channels in which the event is visible."""
        self.content = command.content
        """The encoded `Event` without its sequence."""
        self.time = command.time
        """The time when the request was first accepted, in nanoseconds since 1970."""
        self.sequence = 0
        """The sequence in the log. For a duplicate, the sequence of the first request."""
        self.encoded = b""
        """The encoded event: the bytes that the log stores and that every stream gets."""
        self.duplicate = False
        """True if the request id was used before for the same request: nothing was stored."""
        self.unchanged = False
        """True if the requested state already existed: nothing was stored."""
        self.error: ChatError | None = None
        """The reason why the command was refused; None if it was not."""
        self.room: RoomChanged | None = None
        """The change to a room."""
        self.account: AccountChanged | None = None
        """The change to accounts, tokens or invite codes."""
        self.rewritten: dict[int, bytes] = {}
        """The new encoded events of messages whose text was erased, by sequence."""

    @property
    def stored(self) -> bool:
        """True if it was stored as a new event."""
        return self.error is None and not self.duplicate and not self.unchanged


class Waiter(Protocol):
    """A stream or a unary call that waits for the outcomes of its commands.

    Belongs to the event loop.
    """

    @property
    def stream(self) -> Stream | None:
        """The stream that made the command, which does not get its own message."""

    def submitted(self) -> None:
        """Note that a command was given to the log; `settle` follows once for each."""

    def settle(self, entry: Entry, recipient_stream_count: int) -> None:
        """Take an outcome: stored, a duplicate, unchanged, or an error. Must not block."""


class Entry:
    """A command on its way through the log, with its outcome and the caller that waits for it.

    The intake makes it. The journal fills in the outcome, and never uses the waiter.
    """

    __slots__ = ("command", "outcome", "waiter")

    def __init__(self, command: Command, waiter: Waiter | None) -> None:
        """`waiter` is None if nobody waits for the outcome."""
        self.command = command
        self.waiter = waiter
        self.outcome = Outcome(command)
