"""Stored events read back: messages as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat_grpc.core.emojis import canonical
from chat_grpc.core.events import frame
from chat_grpc.v1 import chat_pb2


@dataclass(frozen=True, slots=True)
class Now:
    """Messages of the log, with what became of them."""

    frames: bytes
    """Their framed events, joined."""
    edits: bytes
    """The framed events of the newest edit of each that was edited, joined."""
    deleted: Sequence[int]
    """The sequences of those that were deleted."""
    reactions: Sequence[tuple[int, str, int, bool]]
    """Sequence, emoji, how many users, whether the reader is one of them."""


def events_of(bodies: bytes) -> Sequence[chat_pb2.Event]:
    """Decodes framed events, joined."""
    return chat_pb2.ConnectResponse.FromString(bodies).events


def changed_message(event: chat_pb2.Event) -> tuple[int, chat_pb2.Message]:
    """Gives the message that an event makes, or makes anew, with the message's own sequence."""
    if event.HasField("edited"):
        return event.edited.target_sequence, event.edited.message
    return event.sequence, event.message


def message_of(body: bytes) -> chat_pb2.Message:
    """Gives the message of a framed event."""
    return changed_message(events_of(body)[0])[1]


def blanked(body: bytes) -> bytes:
    """Gives a framed event without its message's text."""
    event = events_of(body)[0]
    message = changed_message(event)[1]
    message.text = ""
    del message.mentioned_numbers[:]
    return frame(event)


def respelled(content: bytes, emoji: str) -> bytes:
    """Return the content of a reaction's event with another spelling of its emoji."""
    event = chat_pb2.Event.FromString(content)
    event.reaction.emoji = emoji
    return event.SerializeToString()


def stored_messages(now: Now) -> list[chat_pb2.StoredMessage]:
    """Describes messages as they are now, the newest first."""
    deleted = set(now.deleted)
    edits = {event.edited.target_sequence: event for event in events_of(now.edits)}
    found: dict[int, chat_pb2.StoredMessage] = {}
    for event in events_of(now.frames):
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
