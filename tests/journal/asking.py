"""Commands as the server's handlers make them from requests."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from chat_grpc.core.changes import Change, Delete, Edit, React, Read, RoomRequest
from chat_grpc.core.entry import (
    DELETED,
    EDITED,
    MESSAGE,
    REACTION,
    READ,
    ROOM,
    Command,
    Entry,
    RequestKey,
)
from chat_grpc.core.events import author_bytes, message_content, to_room, to_user
from chat_grpc.core.intake import direct_channels
from chat_grpc.core.user import User
from chat_grpc.v1 import chat_pb2

TIME = 1_800_000_000_000_000_000
"""The time of all commands, in nanoseconds since 1970."""

ALICE, BOB, CAROL = (
    User(number, name, name.lower()) for number, name in enumerate(["Alice", "Bob", "Carol"], 1)
)


@dataclass(frozen=True, slots=True)
class Ask:
    """One command. `make` returns the entry that the journal gets."""

    author: User
    channels: tuple[str, ...]
    content: bytes
    """The event without its sequence; empty for a change of a room, whose event is made later."""
    request_id: str
    what: str
    """The request in words: equal words are the same request."""
    kind: int = MESSAGE
    target: int = 0
    change: Change | None = None

    @property
    def digest(self) -> bytes:
        """A hash of the content of the request."""
        return hashlib.blake2b(self.what.encode(), digest_size=16).digest()

    def make(self, time: int = TIME) -> Entry:
        """Return a new entry with a time in nanoseconds since 1970."""
        key = RequestKey(self.request_id, self.digest)
        author, change = self.author.number, self.change
        command = Command(
            author, self.channels, self.content, time, key, self.kind, self.target, change
        )
        return Entry(command, None)


def say(author: User, to: User | str, text: str, request_id: str = "") -> Ask:
    """A message to a user or to a room."""
    if isinstance(to, User):
        channels, target = direct_channels(author, to), to_user(author_bytes(to.number, to.name))
    else:
        channels, target = (f"#{to.lower()}",), to_room(to)
    content = message_content(TIME, author.author, target, text.encode())
    return Ask(author, channels, content, request_id, f"say {channels} {text}")


def edit(author: User, message: chat_pb2.Event, channels: tuple[str, ...], text: str) -> Ask:
    """A new text for a message, which is given as its event in the log."""
    event = _event()
    event.edited.target_sequence = message.sequence
    event.edited.message.CopyFrom(message.message)
    event.edited.message.text = text
    return _change(author, channels, event, EDITED, message.sequence, Edit(message.sequence))


def delete(author: User, sequence: int, channels: tuple[str, ...]) -> Ask:
    """The deletion of a message."""
    event = _event()
    event.deleted.target_sequence = sequence
    _name(event.deleted.author, author)
    return _change(author, channels, event, DELETED, sequence, Delete(sequence))


def react(
    author: User, sequence: int, channels: tuple[str, ...], emoji: str, *, remove: bool = False
) -> Ask:
    """A reaction to a message, or its removal."""
    event = _event()
    event.reaction.target_sequence, event.reaction.emoji = sequence, emoji
    event.reaction.removed = remove
    _name(event.reaction.author, author)
    return _change(author, channels, event, REACTION, sequence, React(sequence, emoji, remove))


def read(author: User, to: User | str, sequence: int) -> Ask:
    """A read marker."""
    event = _event()
    event.read_marker.read_sequence = sequence
    _name(event.read_marker.author, author)
    if isinstance(to, User):
        _name(event.read_marker.user, to)
        channels, where = direct_channels(author, to), f"@{to.number}"
    else:
        event.read_marker.room = to
        channels, where = (f"@{author.number}",), f"#{to.lower()}"
    return _change(author, channels, event, READ, 0, Read(where, sequence))


def room(author: User, request: RoomRequest) -> Ask:
    """A change of a room."""
    return Ask(author, (), b"", "", repr(request), ROOM, 0, request)


def _change(
    author: User,
    channels: tuple[str, ...],
    event: chat_pb2.Event,
    kind: int,
    target: int,
    change: Change,
) -> Ask:
    return Ask(author, channels, event.SerializeToString(), "", repr(event), kind, target, change)


def _event() -> chat_pb2.Event:
    event = chat_pb2.Event()
    event.time.FromNanoseconds(TIME)
    return event


def _name(author: chat_pb2.Author, user: User) -> None:
    author.number, author.name = user.number, user.name
