"""Stored messages with their edits, deletions and reactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat_grpc.core.emojis import canonical
from chat_grpc.core.events import encode
from chat_grpc.v1 import chat_pb2


@dataclass(frozen=True, slots=True)
class Now:
    """Messages of the log, with their later changes."""

    encoded: bytes
    """The encoded messages, joined."""
    edits: bytes
    """The newest encoded edit of each edited message, joined."""
    deleted: Sequence[int]
    """The sequences of the deleted messages."""
    reactions: Sequence[tuple[int, str, int, bool]]
    """Sequence, emoji, number of users, whether the reader is one of them."""


def events_of(bodies: bytes) -> Sequence[chat_pb2.Event]:
    """Decode joined encoded events."""
    return chat_pb2.ConnectResponse.FromString(bodies).events


def changed_message(event: chat_pb2.Event) -> tuple[int, chat_pb2.Message]:
    """Return the sequence and the message of a message event or an edit."""
    if event.HasField("edited"):
        return event.edited.target_sequence, event.edited.message
    return event.sequence, event.message


def message_of(body: bytes) -> chat_pb2.Message:
    """Return the message of an encoded event."""
    return changed_message(events_of(body)[0])[1]


def blanked(body: bytes) -> bytes:
    """Return an encoded event without the text of its message."""
    event = events_of(body)[0]
    message = changed_message(event)[1]
    message.text = ""
    del message.mentioned_numbers[:]
    return encode(event)


def respelled(content: bytes, emoji: str) -> bytes:
    """Return the content of a reaction's event with another spelling of its emoji."""
    event = chat_pb2.Event.FromString(content)
    event.reaction.emoji = emoji
    return event.SerializeToString()


def stored_messages(now: Now) -> list[chat_pb2.StoredMessage]:
    """Return messages with their later changes, newest first."""
    deleted = set(now.deleted)
    edits = {event.edited.target_sequence: event for event in events_of(now.edits)}
    found: dict[int, chat_pb2.StoredMessage] = {}
    for event in events_of(now.encoded):
        sequence = event.sequence
        stored = found[sequence] = chat_pb2.StoredMessage(
            sequence=sequence, time=event.time, deleted=sequence in deleted
        )
        edit = edits.get(sequence)
        if edit is not None and not stored.deleted:
            stored.edit_time.CopyFrom(edit.time)
        stored.message.CopyFrom(edit.edited.message if edit is not None else event.message)
    for sequence, emoji, count, mine in now.reactions:
        _count(found[sequence], emoji, count, mine=bool(mine))
    return sorted(found.values(), key=lambda stored: -stored.sequence)


def _count(stored: chat_pb2.StoredMessage, emoji: str, count: int, *, mine: bool) -> None:
    """Count a reaction; an older store may have several spellings of one emoji."""
    spelled = canonical(emoji) or emoji
    for reaction in stored.reactions:
        if reaction.emoji == spelled:
            reaction.user_count += count
            reaction.mine |= mine
            return
    stored.reactions.add(emoji=spelled, user_count=count, mine=mine)
