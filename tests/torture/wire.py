"""Turns events into records."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from torture.records import (
    DELETED,
    EDITED,
    MESSAGE,
    REACTION,
    READ_MARKER,
    ROOM_CHANGE,
    ROOM_DELETED,
    Beat,
    CaughtUp,
    History,
    Item,
    Passed,
    Seen,
    Welcomed,
    short,
)

from chat_grpc.v1 import chat_pb2

LOBBY = "#lobby"


def events_in(response: bytes) -> Iterator[bytes]:
    """Yield the bytes of each event of an encoded `ConnectResponse`."""
    at = 0
    while at < len(response):
        assert response[at] == 0x0A, "a response has a field other than events"
        size = shift = 0
        while True:
            at += 1
            size |= (response[at] & 127) << shift
            shift += 7
            if response[at] < 128:
                break
        yield response[at + 1 : at + 1 + size]
        at += 1 + size


def note(history: History, stream: str, raw: bytes, event: chat_pb2.Event) -> None:
    """Record an event, unless it is an answer; `raw` is its bytes."""
    kind = event.WhichOneof("event")
    if event.sequence:
        body = blake2b(raw, digest_size=8).hexdigest()
        history.add(Seen, stream, event.sequence, str(kind), body, **_described(event))
    elif kind == "welcome":
        _note_welcome(history, stream, event.welcome)
    elif kind == "caught_up":
        caught_up = event.caught_up
        history.add(CaughtUp, stream, caught_up.head_sequence, caught_up.fell_behind)
    elif kind == "heartbeat":
        history.add(Beat, stream, event.heartbeat.head_sequence)
    elif kind == "typing":
        room = event.typing.room
        place = f"#{room}" if room else ""
        history.add(Passed, stream, kind, event.typing.author.number, place)
    elif kind == "presence":
        history.add(Passed, stream, kind, event.presence.client.number, "")
    elif kind == "go_away":
        history.add(Passed, stream, kind, 0, "")
    else:
        assert kind in ("sent", "rejected"), f"an unexpected event: {event}"


def _note_welcome(history: History, stream: str, welcome: chat_pb2.Welcome) -> None:
    history.add(
        Welcomed,
        stream,
        welcome.client.number,
        welcome.log_id,
        welcome.head_sequence,
        welcome.oldest_sequence,
        chat_pb2.Recovery.Name(welcome.recovery),
    )


def _described(event: chat_pb2.Event) -> dict[str, Any]:
    """Return the fields of `Seen` for a stored event, except its sequence and bytes."""
    kind = event.WhichOneof("event")
    if kind == MESSAGE:
        message = event.message
        fields = {"place": _place(message), "text": short(message.text), "target": message.reply_to}
        return fields | {"author": message.author.number}
    if kind == EDITED:
        message = event.edited.message
        target = event.edited.target_sequence
        fields = {"place": _place(message), "text": short(message.text), "target": target}
        return fields | {"author": message.author.number}
    if kind == DELETED:
        deleted = event.deleted
        return {"author": deleted.author.number, "target": deleted.target_sequence}
    if kind == REACTION:
        reaction = event.reaction
        text = "-" * reaction.removed + reaction.emoji
        fields = {"text": text, "target": reaction.target_sequence}
        return fields | {"author": reaction.author.number}
    if kind == READ_MARKER:
        marker = event.read_marker
        fields = {"place": _place(marker), "target": marker.read_sequence}
        return fields | {"author": marker.author.number}
    assert kind == ROOM_CHANGE, f"an unexpected stored event: {event}"
    change = event.room_change
    what = chat_pb2.RoomChange.Change.Name(change.change)
    # A deleted room has no subject; the records name the user who deleted it.
    subject = change.author if what == ROOM_DELETED else change.subject
    return {
        "author": change.author.number,
        "place": f"#{change.room.name}",
        "text": what,
        "target": subject.number,
    }


def _place(where: chat_pb2.Message | chat_pb2.ReadMarker) -> str:
    return f"@{where.user.number}" if where.HasField("user") else f"#{where.room}"


def target_of(place: str) -> chat_pb2.Target:
    """Return the target with the name `#room` or `@number`."""
    if place[0] == "#":
        return chat_pb2.Target(room=place[1:])
    return chat_pb2.Target(client_number=int(place[1:]))


def item_of(stored: chat_pb2.StoredMessage) -> Item:
    """Return a listed message as a record."""
    return Item(
        stored.sequence,
        stored.message.author.number,
        short(stored.message.text),
        stored.deleted,
        stored.HasField("edit_time"),
        tuple(sorted((each.emoji, each.user_count) for each in stored.reactions)),
    )
