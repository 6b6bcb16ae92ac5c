"""Events as lines. Pure: no terminal, no clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.conversation import LOBBY, of_message, same
from chat_grpc_cli.render import message, notice
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.shown import one_line

ROLES = {
    "reader": chat_pb2.ROOM_ROLE_READER,
    "member": chat_pb2.ROOM_ROLE_MEMBER,
    "moderator": chat_pb2.ROOM_ROLE_MODERATOR,
    "owner": chat_pb2.ROOM_ROLE_OWNER,
}
"""The roles by the words that people use."""


def _message_number(sequence: int) -> str:
    return f"message {sequence}"


def line(
    event: chat_pb2.Event,
    me: int,
    time: datetime,
    *,
    here: str = LOBBY,
    quote: Callable[[int], str] = _message_number,
) -> Fragments:
    """Shows an event; empty for one that is not for people.

    `here` is the conversation at hand: what is written elsewhere says where. `quote` names a
    message by its sequence, safe to show.
    """
    match event.WhichOneof("event"):
        case "message":
            return _message(event.message, me, time, here, quote)
        case "edited":
            return _edited(event.edited, me, time, here, quote)
        case "deleted":
            told = event.deleted
            return notice(f"{_who(told.author, me)} deleted {quote(told.target_sequence)}", time)
        case "reaction":
            return _reaction(event.reaction, me, time, quote)
        case "room_change" if words := room_words(event.room_change, me):
            return notice(words, time)
        case "presence" if event.presence.client.number != me:
            joined = event.presence.change == chat_pb2.Presence.CHANGE_JOINED
            name = safe(event.presence.client.name)
            return notice(f"{name} {'came' if joined else 'left'}", time)
        case "go_away":
            return notice(one_line(event.go_away.message), time)
    return []


def elsewhere(conversation: str, here: str) -> str:
    """Names the room of a message that is not of the conversation at hand."""
    return "" if conversation.startswith("@") or same(conversation, here) else conversation


def _message(
    told: chat_pb2.Message, me: int, time: datetime, here: str, quote: Callable[[int], str]
) -> Fragments:
    own = told.author.number == me
    return message(
        told.text or "(deleted)",
        told.author.name,
        time,
        own=own,
        to=told.user.name if told.HasField("user") and own else "",
        direct=told.HasField("user"),
        mentioned=me in told.mentioned_numbers,
        where=elsewhere(of_message(told, me), here),
        answers=quote(told.reply_to) if told.reply_to else "",
    )


def _edited(
    told: chat_pb2.Edited, me: int, time: datetime, here: str, quote: Callable[[int], str]
) -> Fragments:
    where = elsewhere(of_message(told.message, me), here)
    there = f" in {safe(where)}" if where else ""
    who = _who(told.message.author, me)
    text = one_line(told.message.text)
    return notice(f"{who} edited {quote(told.target_sequence)}{there}: {text}", time)


def _reaction(
    told: chat_pb2.Reaction, me: int, time: datetime, quote: Callable[[int], str]
) -> Fragments:
    did = "took back" if told.removed else "reacted"
    emoji = one_line(told.emoji, 32)
    what = quote(told.target_sequence)
    return notice(f"{_who(told.author, me)} {did} {emoji} to {what}", time)


def room_words(told: chat_pb2.RoomChange, me: int) -> str:
    """Says what became of a room; safe to show, empty for what is not known."""
    change = chat_pb2.RoomChange
    room = f"#{safe(told.room.name)}"
    who, whom = _who(told.author, me), _who(told.subject, me)
    themselves = told.author.number == told.subject.number or not told.author.number
    match told.change:
        case change.CHANGE_CREATED:
            return f"{who} created {room}"
        case change.CHANGE_JOINED:
            return f"{whom} joined {room}"
        case change.CHANGE_LEFT if themselves:
            return f"{whom} left {room}"
        case change.CHANGE_LEFT:
            return f"{who} removed {whom} from {room}"
        case change.CHANGE_INVITED:
            accepts = f"; /join {room} accepts" if told.subject.number == me else ""
            return f"{who} invited {whom} to {room}{accepts}"
        case change.CHANGE_ROLE:
            return f"{who} made {whom} {role_name(told.role)} of {room}"
        case change.CHANGE_UPDATED:
            kind = "private" if told.room.invite_only else "public"
            topic = one_line(told.room.topic) or "no topic"
            return f"{who} changed {room}: {kind}, {topic}"
    return ""


def role_name(role: int) -> str:
    """Gives the word for a role."""
    for name, value in ROLES.items():
        if value == role:
            return name
    return "no member"


def _who(author: chat_pb2.Author, me: int) -> str:
    return "you" if author.number == me else safe(author.name) or "somebody"
