"""Conversations by the name that the terminal shows: `#room`, `@name` or `@number`. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from chat_grpc.client import To
from chat_grpc.v1 import chat_pb2

LOBBY = "#lobby"

_MOST = 1000
"""What the contract counts to."""


def of_message(message: chat_pb2.Message, me: int) -> str:
    """Names the conversation of a message."""
    if message.HasField("room"):
        return f"#{message.room}"
    other = message.user if message.author.number == me else message.author
    return f"@{other.name}"


def name_of(conversation: chat_pb2.Conversation | chat_pb2.ReadMarker) -> str:
    """Names one that the server lists, or that somebody read."""
    kind = conversation.WhichOneof("conversation")
    if kind == "user":
        return f"@{conversation.user.name}"
    room = conversation.room
    return f"#{room if isinstance(room, str) else room.name}"


def target(conversation: str) -> To:
    """Gives whom a message in a conversation goes to."""
    name = conversation.removeprefix("@")
    # No user's name is digits alone.
    return int(name) if name.isascii() and name.isdigit() else name


def same(one: str, other: str) -> bool:
    """Tells whether two names are of one conversation: case does not matter."""
    return one.casefold() == other.casefold()


class Unread:
    """How many messages wait in each conversation, from what the server counted on."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._newest: dict[str, int] = {}
        self._read: dict[str, int] = {}

    def load(self, conversations: Iterable[chat_pb2.Conversation]) -> None:
        """Takes what the server counted, but where more is known by now."""
        for each in conversations:
            name = name_of(each)
            key, last = name.casefold(), each.last_message.sequence
            self._names[key] = name
            read = self._read[key] = max(self._read.get(key, 0), each.read_sequence)
            if last >= self._newest.get(key, 0):
                self._newest[key] = last
                self._counts[key] = each.unread_count if last > read else 0
            else:
                self._counts[key] = max(self._counts.get(key, 0), each.unread_count)

    def came(self, conversation: str, sequence: int) -> None:
        """Counts a message, unless the server had."""
        key = conversation.casefold()
        if sequence > self._newest.get(key, 0):
            self._names[key] = conversation
            self._newest[key] = sequence
            self._counts[key] = min(self._counts.get(key, 0) + 1, _MOST)

    def read(self, conversation: str, sequence: int) -> None:
        """Says that a conversation was read up to a sequence."""
        key = conversation.casefold()
        self._names.setdefault(key, conversation)
        self._read[key] = max(self._read.get(key, 0), sequence)
        if sequence >= self._newest.get(key, 0):
            self._newest[key] = sequence
            self._counts[key] = 0

    def read_up_to(self, conversation: str) -> int:
        """Gives the last sequence that was read there, or 0."""
        return self._read.get(conversation.casefold(), 0)

    def count(self, conversation: str) -> int:
        """Gives how many messages wait in a conversation."""
        return self._counts.get(conversation.casefold(), 0)

    def forget(self, conversation: str) -> None:
        """Drops a conversation that is the user's no more."""
        key = conversation.casefold()
        for each in (self._names, self._counts, self._newest, self._read):
            each.pop(key, None)

    def clear(self) -> None:
        """Forgets all, because the server has another log."""
        for each in (self._names, self._counts, self._newest, self._read):
            each.clear()

    def waiting(self, but: str) -> list[tuple[str, int]]:
        """Gives the conversations with unread messages, the fullest first; without one of them."""
        found = [
            (name, self._counts.get(key, 0))
            for key, name in self._names.items()
            if self._counts.get(key, 0) and key != but.casefold()
        ]
        return sorted(found, key=lambda each: (-each[1], each[0].casefold()))

    @property
    def names(self) -> list[str]:
        """The conversations that are known."""
        return list(self._names.values())
