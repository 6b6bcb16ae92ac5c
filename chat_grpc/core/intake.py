"""Intake: checks commands and gives them to the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from chat_grpc.core import limits
from chat_grpc.core.account_changes import AccountRequest, Block
from chat_grpc.core.audit import Action
from chat_grpc.core.blocks import Blocks
from chat_grpc.core.changes import Change, DeleteRoom, Direct, LeaveRoom, Post, SetRole
from chat_grpc.core.clock import SECOND
from chat_grpc.core.entry import ACCOUNT, NO_KEY, Command, Entry, RequestKey, Waiter
from chat_grpc.core.errors import (
    FieldInvalid,
    RequestIdInvalid,
    TextEmpty,
    TextInvalid,
    TextTooLong,
    message_not_found,
)
from chat_grpc.core.events import message_content, to_room
from chat_grpc.core.moderation import EVERYWHERE, Moderation, SetMute
from chat_grpc.core.names import room_key
from chat_grpc.core.room_rules import LOBBY, MEMBER, channel_of, only_reads
from chat_grpc.core.rooms import Rooms
from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.core.user import User
from chat_grpc.v1 import chat_pb2

_TO_LOBBY = to_room(LOBBY)
_EVERYBODY = 0
"""Stands for all users where a user's number is expected; no user has this number."""


class Intake:
    """Makes commands of messages and changes, and gives them to the log.

    Checks that do not depend on log order run here; the others run when the command is applied.
    Belongs to the event loop; nothing in it blocks.
    """

    def __init__(
        self,
        *,
        append: Callable[[Entry], None],
        rooms: Rooms,
        blocks: Blocks,
        head: Callable[[], int],
        nanoseconds: Callable[[], int],
        moderation: Moderation,
    ) -> None:
        """`append` gives an entry to the log and returns at once.

        `head` returns the newest delivered sequence, `nanoseconds` the time since 1970.
        """
        self._append = append
        self._rooms = rooms
        self._blocks = blocks
        self._head = head
        self._nanoseconds = nanoseconds
        self._moderation = moderation
        self._deciding: Counter[tuple[str, int]] = Counter()
        """The number of pending commands that may take rights, by channel and user number.

        The channel is that of a room, or of a user who changes the block list.
        """

    def submit(
        self,
        waiter: Waiter,
        author: User,
        to: User | str,
        text: str,
        reply_to: int,
        key: RequestKey,
        mentioned: Sequence[int] = (),
    ) -> None:
        """Give a message to a user or to a room to the log; `waiter` gets the outcome.

        Raises `ChatError` if it can be refused without the log.
        """
        encoded = self._check(text, reply_to)
        if isinstance(to, User):
            channels = direct_channels(author, to)
            self._blocks.check(author.number, channels)
            target = to.addressee
        else:
            channels, target = self.into(to, author)
        now = self._nanoseconds()
        self._moderation.check_mute(author.number, channels[0], now / SECOND)
        mentioned = self.willing(mentioned, author)
        content = message_content(now, author.author, target, encoded, reply_to, mentioned)
        change = self._undecided(channels, author.number) if self._deciding else None
        command = Command(author.number, channels, content, now, key, change=change)
        self._append(Entry(command, waiter))
        waiter.submitted()

    def _undecided(self, channels: tuple[str, ...], author: int) -> Change | None:
        """Return the check in log order of a message whose author may lose the right to write it.

        None if no earlier command may take this right.
        """
        deciding = self._deciding
        muting = (EVERYWHERE, author) in deciding
        if channels[0][0] == "@":
            numbers = [int(channel[1:]) for channel in channels]
            pairs = ((channel, number) in deciding for channel in channels for number in numbers)
            return Direct() if muting or any(pairs) else None
        room = channels[0]
        if muting or (room, author) in deciding or (room, _EVERYBODY) in deciding:
            return Post(room[1:])
        return None

    def willing(self, mentioned: Sequence[int], author: User) -> Sequence[int]:
        """Return those of some users who did not block an author, and are not about to."""
        willing = self._blocks.willing(mentioned, author.number)
        if self._deciding:
            willing = [n for n in willing if (f"@{n}", author.number) not in self._deciding]
        return willing

    def check_direct(self, author: User, channels: tuple[str, ...]) -> None:
        """Raise `BlockedByUser` or `UserBlocked` if a block forbids to write in a conversation."""
        self._blocks.check(author.number, channels)

    def into(self, name: str, author: User) -> tuple[tuple[str, ...], bytes]:
        """Return the channels and the encoded target of a message to a room.

        Raises `RoomNotFound`, `NotAMember` or `NotAllowed` if the author may not write there.
        """
        if name == LOBBY or room_key(name) == LOBBY:
            return (LOBBY_CHANNEL,), _TO_LOBBY
        room = self._rooms.for_member(room_key(name), author.number)
        if room.role(author.number) < MEMBER:
            raise only_reads(room.name)
        return (channel_of(room.key),), to_room(room.name)

    def readable_room(self, name: str, reader: User) -> str:
        """Return the channel of a room that a user reads. Raises `RoomNotFound` or `NotAMember`."""
        key = room_key(name)
        if key != LOBBY:
            self._rooms.for_member(key, reader.number)
        return channel_of(key)

    def first_sequence(self, channels: tuple[str, ...]) -> int:
        """Return the sequence after which the messages of a conversation begin."""
        return self._rooms.created(channels[0][1:]) if channels[0][0] == "#" else 0

    def room_name(self, channel: str) -> str:
        """Return the name of the room of a channel."""
        return LOBBY if channel == LOBBY_CHANNEL else self._rooms.known(channel[1:]).name

    def may_read(self, channels: tuple[str, ...], reader: User, sequence: int) -> bool:
        """Return True if a user may read a message of a conversation.

        Messages of a deleted room may not be read, not even in a new room of the same name.
        """
        channel = channels[0]
        if channel[0] == "@":
            return f"@{reader.number}" in channels
        if channel == LOBBY_CHANNEL:
            return True
        key = channel[1:]
        return self._rooms.has_member(key, reader.number) and sequence > self._rooms.created(key)

    def change(
        self,
        waiter: Waiter,
        author: User,
        change: Change,
        kind: int,
        *,
        channels: tuple[str, ...] = (),
        event: chat_pb2.Event | None = None,
        target: int = 0,
        key: RequestKey = NO_KEY,
    ) -> None:
        """Give a change to the log; `waiter` gets the outcome.

        `channels` and `event` are known before the command is applied, except for changes of rooms:
        for those the journal makes them.
        """
        now = self._nanoseconds()
        content = b""
        if event is not None:
            event.time.FromNanoseconds(now)
            content = event.SerializeToString()
        command = Command(author.number, channels, content, now, key, kind, target, change)
        if (about := _about(command)) is not None:
            self._deciding[about] += 1
        self._append(Entry(command, waiter))
        waiter.submitted()

    def change_account(
        self,
        waiter: Waiter,
        author: int,
        change: AccountRequest,
        action: Action | None = None,
    ) -> None:
        """Give a change of accounts to the log; `waiter` gets the outcome.

        `author` is the number of the user who asks for it; 0 for a caller without a token, and for
        an operator on the server's own machine. The entry records `action` in the audit log.
        """
        now = self._nanoseconds()
        command = Command(author, (), b"", now, NO_KEY, ACCOUNT, change=change, action=action)
        if (about := _about(command)) is not None:
            self._deciding[about] += 1
        self._append(Entry(command, waiter))
        waiter.submitted()

    def _check(self, text: str, reply_to: int) -> bytes:
        encoded = check_text(text)
        if reply_to < 0:
            raise FieldInvalid("reply_to must be a sequence, or 0 for none.")
        if reply_to > self._head():
            raise message_not_found(reply_to, "reply_to")
        return encoded

    def settled(self, command: Command) -> None:
        """Note that the log has decided a command."""
        if self._deciding and (about := _about(command)) is not None:
            self._deciding[about] -= 1
            if not self._deciding[about]:
                del self._deciding[about]


def _about(command: Command) -> tuple[str, int] | None:
    """Return the channel, and the user whose right to write there a command may take."""
    match command.change:
        case Block(other):
            return f"@{command.author}", other
        case SetRole(key, subject):
            return channel_of(key), subject.number
        case LeaveRoom(key):
            return channel_of(key), command.author
        case DeleteRoom(key):
            return channel_of(key), _EVERYBODY
        case SetMute(user, channel):
            return channel, user
    return None


def direct_channels(one: User, other: User) -> tuple[str, ...]:
    """Return the channels of a direct conversation, the lower number first."""
    numbers = sorted({one.number, other.number})
    return tuple(f"@{number}" for number in numbers)


def check_request_id(request_id: str) -> None:
    """Raise `RequestIdInvalid` if an id is too long or not printable ASCII. None is allowed."""
    if len(request_id) > limits.MAX_REQUEST_ID_LENGTH or not (
        request_id.isascii() and request_id.isprintable()
    ):
        raise RequestIdInvalid(
            f"A request_id must have 1 to {limits.MAX_REQUEST_ID_LENGTH} ASCII characters, "
            "all of them printable."
        )


def check_text(text: str) -> bytes:
    """Encode a text. Raises `TextEmpty`, `TextTooLong` or `TextInvalid`."""
    encoded = text.encode()
    if not encoded:
        raise TextEmpty("The text is empty; write something.")
    if len(encoded) > limits.MAX_TEXT_BYTES:
        raise TextTooLong(
            f"The text has {len(encoded)} bytes; the maximum is {limits.MAX_TEXT_BYTES}.",
            metadata={"max_text_bytes": str(limits.MAX_TEXT_BYTES)},
        )
    if "\x00" in text:
        raise TextInvalid("The text contains the character U+0000; remove it.")
    return encoded
