"""Conversations by the name that the terminal shows: `#room`, or `@name`. Pure."""

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
    return conversation.removeprefix("@")


def same(one: str, other: str) -> bool:
    """Tells whether two names are of one conversation: case does not matter."""
    return one.casefold() == other.casefold()


class Unread:
    """How many messages wait in each conversation, from what the server counted on."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._newest: dict[str, int] = {}

    def load(self, conversations: Iterable[chat_pb2.Conversation]) -> None:
        """Takes what the server counted."""
        for each in conversations:
            name = name_of(each)
            key = name.casefold()
            self._names[key] = name
            self._counts[key] = each.unread_count
            self._newest[key] = max(self._newest.get(key, 0), each.last_message.sequence)

    def came(self, conversation: str, sequence: int) -> None:
        """Counts a message, unless the server had."""
        key = conversation.casefold()
        if sequence > self._newest.get(key, 0):
            self._names[key] = conversation
            self._newest[key] = sequence
            self._counts[key] = min(self._counts.get(key, 0) + 1, _MOST)

    def read(self, conversation: str, sequence: int | None = None) -> None:
        """Says that a conversation was read: up to a sequence, or all of it."""
        key = conversation.casefold()
        if sequence is None or sequence >= self._newest.get(key, 0):
            self._counts[key] = 0

    def newest(self, conversation: str) -> int:
        """Gives the newest sequence that is known there, or 0."""
        return self._newest.get(conversation.casefold(), 0)

    def forget(self, conversation: str) -> None:
        """Drops a conversation that is the user's no more."""
        key = conversation.casefold()
        for each in (self._names, self._counts, self._newest):
            each.pop(key, None)

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
