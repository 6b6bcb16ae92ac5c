"""The journal: the interface of the log, and its promises."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chat_grpc.core.block import Block
from chat_grpc.core.entry import Entry
from chat_grpc.core.rooms import DeletedRoom, Room
from chat_grpc.core.stream import Range
from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.core.tail import Page
from chat_grpc.core.user import User

if TYPE_CHECKING:
    from chat_grpc.journal.account_reads import AccountReads
    from chat_grpc.journal.export_reads import ExportReads
    from chat_grpc.journal.history import History
    from chat_grpc.journal.moderation_reads import ModerationReads
    from chat_grpc.journal.online_backup import Copy

__all__ = ["Journal", "JournalDamaged", "JournalError", "RecentUser"]


class JournalError(Exception):
    """The store cannot be opened: it is in use, not writable, damaged, or from a newer version.

    The text is one line for the person who starts the server.
    """


class JournalDamaged(JournalError):
    """The store is damaged: part of what was acknowledged is changed or missing."""


class RecentUser(NamedTuple):
    """A user who was connected when the server ended, or shortly before."""

    user: User
    connected: bool
    """True for a user who was connected at the end, orderly or by a crash."""


class Journal(Protocol):
    """The ordered, durable sequence of stored events, and the users who made them.

    Promises:

    - **Durable.** An entry that comes back without an error is on the disk (written and synced),
      and survives the end of the process and of the machine.
    - **Ordered.** Entries get ascending sequences and come back once, in their order. The entries
      of one author keep the order of `append`; authors take turns. A visible gap is normal.
    - **Once.** `(author, request_id)` is stored once, also over restarts and for concurrent
      repetitions: a repetition comes back as `duplicate` with the first one's sequence, or with
      `RequestIdReused` if the digest differs.
    - **Together.** The backlog is committed in one transaction (group commit); either all of it
      comes back stored, or each entry that is not comes back with an error.

    Threads: the methods belong to the event loop and never block it; `committed` is called there.
    """

    log_id: str
    """The name of this log; it never changes."""
    head: int
    """The newest sequence that is in the log."""
    oldest: int
    """The oldest sequence that is still kept; 0 in a log without any."""
    history: History
    """The reads of messages, conversations and rooms."""
    accounts: AccountReads
    """The reads of accounts, tokens and invite codes."""
    moderation: ModerationReads
    """The reads of bans and mutes."""
    exports: ExportReads
    """The reads for the export of a user's data."""

    @property
    def incarnation(self) -> str:
        """The id of this start of a server on the log. Empty until it is stored."""

    def knows(self, incarnation: str, sequence: int) -> bool:
        """Return whether this log gave a sequence, or an earlier one, in an incarnation.

        False for a sequence that was given by a copy of the log, or that was lost by rolling it
        back.
        """

    async def open(
        self,
        committed: Callable[[Sequence[Entry]], None],
        supervisor: Supervisor = UNSUPERVISED,
    ) -> None:
        """Open the store, or make it. `supervisor` gets the tasks. Raises `JournalError`.

        `committed` must not raise: the next events would be delivered with a gap.
        """

    async def close(self) -> None:
        """Commit the write backlog, and close the store."""

    def append(self, entry: Entry) -> None:
        """Take an entry; it comes back to `committed` with its outcome."""

    async def drained(self, author: int) -> None:
        """Wait until a user, by number, may append more.

        The write backlog has a limit for each author, so that no author delays another.
        """

    async def read(self, ranges: Sequence[Range], after: int, up_to: int) -> Page:
        """Read about one page of some ranges of the log, after a sequence and up to another.

        Raises `StorageFailed` or `StorageBusy`.
        """

    async def block(self, after: int, up_to: int) -> Block:
        """Read about one page of the whole log, after a sequence and up to another.

        Raises `StorageFailed`.
        """

    def copy(self) -> AbstractAsyncContextManager[Copy]:
        """Copy the store as it is at one moment; commits go on meanwhile.

        Raises `NoStoredFile`, `StorageFull`, `StorageFailed` or `FellBehind`.
        """

    async def size(self) -> int:
        """Return the size of the store's files on the disk, in bytes."""

    @property
    def full(self) -> bool:
        """True while the disk is full, and writing is refused."""

    async def rooms(self) -> list[Room]:
        """Read all rooms as they are at the head of the log."""

    async def deleted_rooms(self) -> list[DeletedRoom]:
        """Read the deleted rooms whose messages are not all erased yet, the oldest first."""

    async def messages_of(
        self, room: DeletedRoom, after: int, limit: int
    ) -> list[tuple[int, bool]]:
        """Read messages of a deleted room after a sequence: sequence, and whether it is erased."""

    async def forget_deleted_room(self, room: DeletedRoom) -> None:
        """Note that all messages of a deleted room are erased."""

    async def add_guest(self, name: str, key: str, token_digest: bytes) -> User:
        """Store a new guest with the next number, and the hash of the token.

        Raises `StorageFull`, `StorageBusy` or `StorageFailed`.
        """

    async def user_by_token(self, token_digest: bytes) -> User | None:
        """Return the user of a token, and note its use.

        Raises `TokenExpired` if it was not used for too long, `TokenRevoked` if it was revoked.
        """

    def note_uses(self, token_digests: Collection[bytes]) -> None:
        """Note that tokens are in use now, so that they do not expire."""

    async def user_by_number(self, number: int) -> User | None:
        """Return a user."""

    async def user_by_key(self, key: str) -> User | None:
        """Return the account with a name, or the guest who had it last."""

    async def users_named(self, keys: Collection[str], numbers: Collection[int]) -> list[User]:
        """Find the users with some numbers, and with some keys as `user_by_key` does."""

    async def namesakes(self, number: int, key: str) -> list[int]:
        """Return the numbers of the users of a name with whom a user has a direct conversation."""

    def note_presence(self, user: User, online: bool) -> None:
        """Note that a user connected or left, so that the name is held after a restart."""

    async def recent_users(self, within: float) -> list[RecentUser]:
        """Return the users who were connected when the server ended, and other recent guests.

        The recent guests were connected within the last `within` seconds. Of two users with
        the same name, the one who held it last comes first.
        """
