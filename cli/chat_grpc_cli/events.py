"""Events as lines. Pure: no terminal, no clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.conversation import LOBBY, of_message, same
from chat_grpc_cli.people import Label, bare
from chat_grpc_cli.render import message, notice
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.shown import Shown, one_line

ROLES = {
    "reader": chat_pb2.ROOM_ROLE_READER,
    "member": chat_pb2.ROOM_ROLE_MEMBER,
    "moderator": chat_pb2.ROOM_ROLE_MODERATOR,
    "owner": chat_pb2.ROOM_ROLE_OWNER,
}
"""The roles by their words in commands and lines."""

GOING_AWAY = "The server is restarting; reconnecting …"
"""Shown in place of the server's own message, which is for developers."""


def _nothing(_: str) -> bool:
    return False


Color = Callable[[int, str], str]
"""Returns the style of the name of a user with a number and a name."""


def no_color(_: int, __: str) -> str:
    """Show all names alike; see `Color`."""
    return ""


def line(
    event: chat_pb2.Event,
    me: int,
    time: datetime,
    *,
    here: str = LOBBY,
    shown: Shown | None = None,
    label: Label = bare,
    color: Color = no_color,
    highlight: Callable[[str], bool] = _nothing,
    mentions: bool = False,
) -> Fragments:
    """Show an event; return nothing for an event that is not for people.

    A message of another conversation than `here` names its conversation. `shown` has the messages
    that it may quote. `color` returns the style of a name. A text that `highlight` accepts is shown
    like a mention. An edit that `mentions` the user for the first time is shown like a message.
    """
    shown = shown if shown is not None else Shown()
    quote = shown.quote
    match event.WhichOneof("event"):
        case "message":
            return _message(event.message, me, time, here, quote, label, color, highlight)
        case "edited" if mentions:
            told = event.edited.message
            return _message(told, me, time, here, quote, label, color, highlight, notes=("edited",))
        case "edited":
            return _edited(event.edited, me, time, here, quote, label)
        case "deleted":
            by = event.deleted.author
            what = shown.named(event.deleted.target_sequence, by.name)
            return notice(f"{_who(by, me, label)} deleted {what}", time)
        case "reaction":
            return _reaction(event.reaction, me, time, quote, label)
        case "room_change" if words := room_words(event.room_change, me, label):
            return notice(words, time)
        case "presence" if event.presence.client.number != me:
            joined = event.presence.change == chat_pb2.Presence.CHANGE_JOINED
            name = safe(label(event.presence.client.number, event.presence.client.name))
            return notice(f"{name} {'came' if joined else 'left'}", time)
        case "go_away":
            return notice(GOING_AWAY, time)
    return []


def elsewhere(conversation: str, here: str) -> str:
    """Return the room of a message of another conversation; empty for a direct message."""
    return "" if conversation.startswith("@") or same(conversation, here) else conversation


def _message(
    told: chat_pb2.Message,
    me: int,
    time: datetime,
    here: str,
    quote: Callable[[int], str],
    label: Label,
    color: Color,
    highlight: Callable[[str], bool],
    notes: Sequence[str] = (),
) -> Fragments:
    own = told.author.number == me
    return message(
        told.text or "(deleted)",
        label(told.author.number, told.author.name),
        time,
        color=color(told.author.number, told.author.name),
        own=own,
        to=label(told.user.number, told.user.name) if told.HasField("user") and own else "",
        direct=told.HasField("user"),
        mentioned=me in told.mentioned_numbers or (not own and highlight(told.text)),
        where=elsewhere(of_message(told, me), here),
        answers=quote(told.reply_to) if told.reply_to else "",
        notes=notes,
    )


def _edited(
    told: chat_pb2.Edited,
    me: int,
    time: datetime,
    here: str,
    quote: Callable[[int], str],
    label: Label,
) -> Fragments:
    where = elsewhere(of_message(told.message, me), here)
    there = f" in {safe(where)}" if where else ""
    who = _who(told.message.author, me, label)
    text = one_line(told.message.text)
    return notice(f"{who} edited {quote(told.target_sequence)}{there}: {text}", time)


def _reaction(
    told: chat_pb2.Reaction,
    me: int,
    time: datetime,
    quote: Callable[[int], str],
    label: Label,
) -> Fragments:
    did = "took back" if told.removed else "reacted"
    emoji = one_line(told.emoji, 32)
    what = quote(told.target_sequence)
    return notice(f"{_who(told.author, me, label)} {did} {emoji} to {what}", time)


def room_words(told: chat_pb2.RoomChange, me: int, label: Label = bare) -> str:
    """Describe a change of a room, safe to show; empty for an unknown change."""
    change = chat_pb2.RoomChange
    room = f"#{safe(told.room.name)}"
    who, whom = _who(told.author, me, label), _who(told.subject, me, label)
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
        case change.CHANGE_DELETED:
            return f"{who} deleted {room}"
        case change.CHANGE_UPDATED:
            kind = "private" if told.room.invite_only else "public"
            topic = one_line(told.room.topic) or "no topic"
            return f"{who} changed {room}: {kind}, {topic}"
    return ""


def role_name(role: int) -> str:
    """Return the word for a role."""
    for name, value in ROLES.items():
        if value == role:
            return name
    return "no member"


def _who(author: chat_pb2.Author, me: int, label: Label) -> str:
    return "you" if author.number == me else safe(label(author.number, author.name)) or "somebody"
