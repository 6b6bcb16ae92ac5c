"""The keys of conversations: `#room`, or `@number` of the other user. Pure.

A direct conversation is with a number, because a name may belong to another user later. `@name` is
the key only while the number is not known.
"""

from __future__ import annotations

from collections.abc import Iterable

from chat_grpc.client.arguments import Recipient
from chat_grpc.spelling.names import lookup_key
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.people import Label

LOBBY = "#lobby"

_MAX_COUNT = 1000
"""The contract's largest unread count; it stands for 1000 or more."""


def of_message(message: chat_pb2.Message, me: int) -> str:
    """Return the key of a message's conversation."""
    if message.HasField("room"):
        return f"#{message.room}"
    other = message.user if message.author.number == me else message.author
    return f"@{other.number}"


def key_of(conversation: chat_pb2.Conversation | chat_pb2.ReadMarker) -> str:
    """Return the key of a conversation in a list of the server, or in a read marker."""
    kind = conversation.WhichOneof("conversation")
    if kind == "user":
        return f"@{conversation.user.number}"
    room = conversation.room
    return f"#{room if isinstance(room, str) else room.name}"


def target(conversation: str) -> Recipient:
    """Return the target of a message in a conversation."""
    name = conversation.removeprefix("@")
    # No name consists of digits alone.
    return int(name) if name.isascii() and name.isdigit() else name


def title(conversation: str, label: Label) -> str:
    """Return a conversation as it is shown: `#room`, `@name` or `@name#number`; not yet safe."""
    to = target(conversation)
    return f"@{label(to, '')}" if isinstance(to, int) else conversation


def same(one: str, other: str) -> bool:
    """Return True if two keys are of one conversation."""
    return one == other or _folded(one) == _folded(other)


def _folded(conversation: str) -> str:
    return conversation[:1] + lookup_key(conversation[1:])


class Unread:
    """The unread messages of each conversation: the server's counts, and later messages."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._newest: dict[str, int] = {}
        self._read: dict[str, int] = {}

    def load(self, conversations: Iterable[chat_pb2.Conversation]) -> None:
        """Take the server's counts, except where later messages are known."""
        for each in conversations:
            name = key_of(each)
            key, last = _folded(name), each.last_message.sequence
            self._names[key] = name
            read = self._read[key] = max(self._read.get(key, 0), each.read_sequence)
            if last >= self._newest.get(key, 0):
                self._newest[key] = last
                self._counts[key] = each.unread_count if last > read else 0
            else:
                self._counts[key] = max(self._counts.get(key, 0), each.unread_count)

    def came(self, conversation: str, sequence: int) -> None:
        """Count a message unless the server has counted it."""
        key = _folded(conversation)
        if sequence > self._newest.get(key, 0):
            self._names[key] = conversation
            self._newest[key] = sequence
            self._counts[key] = min(self._counts.get(key, 0) + 1, _MAX_COUNT)

    def read(self, conversation: str, sequence: int) -> None:
        """Note that a conversation was read up to a sequence."""
        key = _folded(conversation)
        self._names.setdefault(key, conversation)
        self._read[key] = max(self._read.get(key, 0), sequence)
        if sequence >= self._newest.get(key, 0):
            self._newest[key] = sequence
            self._counts[key] = 0

    def read_up_to(self, conversation: str) -> int:
        """Return the last sequence that was read there, or 0."""
        return self._read.get(_folded(conversation), 0)

    def count(self, conversation: str) -> int:
        """Return the number of unread messages in a conversation."""
        return self._counts.get(_folded(conversation), 0)

    def forget(self, conversation: str) -> None:
        """Drop a conversation that is no longer the user's."""
        key = _folded(conversation)
        for each in (self._names, self._counts, self._newest, self._read):
            each.pop(key, None)

    def clear(self) -> None:
        """Forget all conversations, because the server has another log."""
        for each in (self._names, self._counts, self._newest, self._read):
            each.clear()

    def waiting(self, but: str) -> list[tuple[str, int]]:
        """Return the conversations with unread messages except `but`, most messages first."""
        found = [
            (name, self._counts.get(key, 0))
            for key, name in self._names.items()
            if self._counts.get(key, 0) and key != _folded(but)
        ]
        return sorted(found, key=lambda each: (-each[1], each[0]))

    @property
    def keys(self) -> list[str]:
        """The keys of the known conversations."""
        return list(self._names.values())
