"""Events and lists as a server sends them, and hostile texts."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from chat_grpc.v1 import chat_pb2

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=1)))

ME = chat_pb2.Author(number=1, name="me")
BOB = chat_pb2.Author(number=2, name="bob")

Change = chat_pb2.RoomChange

EVIL = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("\x1b\r\b\a\x9b\x90\x07\u202e\u2066\u200b\u2028\ufeff\x00\x7f\ue000"),
    ),
    max_size=60,
)


def inert(text: str) -> bool:
    """Return True if no character of a text can control a terminal."""
    unsafe = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return not any(
        unicodedata.category(letter) in unsafe
        and letter not in "\u200c\u200d"
        and not 0x1F000 <= ord(letter) < 0x1FB00
        for letter in text
    )


def message(
    text: str,
    *,
    by: chat_pb2.Author = BOB,
    room: str = "",
    to: chat_pb2.Author | None = None,
    **more: Any,
) -> chat_pb2.Message:
    """Return a message, to the lobby by default."""
    if to is not None:
        return chat_pb2.Message(author=by, user=to, text=text, **more)
    return chat_pb2.Message(author=by, room=room or "lobby", text=text, **more)


def said(sequence: int, text: str, **more: Any) -> chat_pb2.Event:
    """Return the event of a message."""
    return chat_pb2.Event(sequence=sequence, message=message(text, **more))


def stored(
    sequence: int, text: str, time: datetime = NOON, *, edited: bool = False, **more: Any
) -> chat_pb2.StoredMessage:
    """Return a stored message."""
    fields = {name: more.pop(name) for name in ("deleted", "reactions") if name in more}
    made = chat_pb2.StoredMessage(sequence=sequence, message=message(text, **more), **fields)
    made.time.FromDatetime(time)
    if edited:
        made.edit_time.FromDatetime(time)
    return made


def presence(author: chat_pb2.Author, *, joined: bool = True) -> chat_pb2.Event:
    """Return the event of a client that connects or disconnects."""
    change = chat_pb2.Presence.CHANGE_JOINED if joined else chat_pb2.Presence.CHANGE_LEFT
    client = chat_pb2.Client(number=author.number, name=author.name)
    return chat_pb2.Event(presence=chat_pb2.Presence(client=client, change=change))


def room_change(
    change: chat_pb2.RoomChange.Change.ValueType,
    *,
    by: chat_pb2.Author = BOB,
    to: chat_pb2.Author | None = None,
    room: str = "ops",
    **more: Any,
) -> chat_pb2.Event:
    """Return the event of a change of a room; by default its actor is also its subject."""
    fields = {name: more.pop(name) for name in ("topic", "invite_only") if name in more}
    told = chat_pb2.RoomChange(
        room=chat_pb2.Room(name=room, **fields), change=change, author=by, subject=to or by, **more
    )
    return chat_pb2.Event(sequence=50, room_change=told)
