"""What the user sees of the chat: who is here, which conversations, what was shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chat_cli import events
from chat_cli.conversation import LOBBY, Unread, name_of, of_message, same
from chat_cli.render import Fragments
from chat_cli.shown import Shown, ShownMessage
from chat_grpc.v1 import chat_pb2

TYPING_FOR = 6.0
"""Seconds for which somebody counts as typing: they say so every 3 seconds."""


class View:
    """The client's picture of the chat; every event goes through `take`."""

    def __init__(self) -> None:
        self.me = chat_pb2.Client()
        """The user."""
        self.current = LOBBY
        """The conversation to which a plain line goes."""
        self.people: dict[int, str] = {}
        """Who is here, by number."""
        self.rooms: dict[str, chat_pb2.Room] = {}
        """The rooms that the user may see, by their name in lower case."""
        self.unread = Unread()
        self.shown = Shown()
        self.own: set[int] = set()
        """Sequences of messages that were shown when they were sent."""
        self._typing: dict[tuple[str, str], float] = {}

    def set_rooms(self, rooms: Iterable[chat_pb2.Room]) -> None:
        """Takes the list of the server."""
        self.rooms = {room.name.casefold(): room for room in rooms}

    def take(self, event: chat_pb2.Event, time: datetime, now: float) -> Fragments:
        """Notes an event, and gives what it shows; empty where it shows nothing.

        `now` is in seconds of a clock that never goes back.
        """
        kind = event.WhichOneof("event")
        if kind == "message" and event.sequence in self.own:
            return []
        line = events.line(event, self.me.number, time, here=self.current, quote=self.shown.quote)
        match kind:
            case "message":
                self._message(event)
            case "edited":
                self.shown.edited(event.edited.target_sequence, event.edited.message.text)
            case "deleted":
                self.shown.deleted(event.deleted.target_sequence)
            case "presence":
                self._presence(event.presence)
            case "typing":
                self._types(event.typing, now)
            case "read_marker" if event.read_marker.author.number == self.me.number:
                marker = event.read_marker
                self.unread.read(name_of(marker), marker.read_sequence)
            case "room_change":
                self._room_change(event.room_change)
        return line

    def typing(self, now: float) -> list[str]:
        """Says who is typing, the user's own conversation first; names are not yet safe."""
        self._typing = {who: until for who, until in self._typing.items() if until > now}
        here = [name for where, name in self._typing if same(where, self.current)]
        there = [
            f"{n} in {w}" for w, n in self._typing if w[0] == "#" and not same(w, self.current)
        ]
        aside = [n for w, n in self._typing if w[0] == "@" and not same(w, self.current)]
        return [*here, *aside, *there]

    def sent(self, sequence: int, text: str) -> None:
        """Notes a message of the user's own that was stored."""
        self.own.add(sequence)
        self.shown.add(ShownMessage(sequence, self.me.name, text, own=True))

    def seen(self, stored: chat_pb2.StoredMessage) -> None:
        """Notes a message that is shown from the history."""
        own = stored.message.author.number == self.me.number
        author = stored.message.author.name
        if not stored.deleted:
            self.shown.add(ShownMessage(stored.sequence, author, stored.message.text, own=own))

    def _message(self, event: chat_pb2.Event) -> None:
        message = event.message
        own = message.author.number == self.me.number
        where = of_message(message, self.me.number)
        self._typing.pop((where, message.author.name), None)
        self.shown.add(ShownMessage(event.sequence, message.author.name, message.text, own=own))
        if not own and not same(where, self.current):
            self.unread.came(where, event.sequence)

    def _presence(self, presence: chat_pb2.Presence) -> None:
        client = presence.client
        if presence.change == chat_pb2.Presence.CHANGE_JOINED:
            self.people[client.number] = client.name
        else:
            self.people.pop(client.number, None)

    def _types(self, typing: chat_pb2.Typing, now: float) -> None:
        name = typing.author.name
        if typing.author.number != self.me.number:
            self._typing[f"#{typing.room}" if typing.room else f"@{name}", name] = now + TYPING_FOR

    def _room_change(self, change: chat_pb2.RoomChange) -> None:
        key = change.room.name.casefold()
        mine = change.subject.number == self.me.number
        if mine and change.change == chat_pb2.RoomChange.CHANGE_LEFT:
            name = f"#{change.room.name}"
            self.unread.forget(name)
            if change.room.invite_only:
                self.rooms.pop(key, None)
            if same(name, self.current):
                self.current = LOBBY
            return
        known = self.rooms.get(key)
        room = chat_pb2.Room()
        room.CopyFrom(change.room)
        # The event is the same for all who get it: it cannot tell whose role it means.
        room.my_role = known.my_role if known else chat_pb2.ROOM_ROLE_UNSPECIFIED
        if mine and change.role:
            room.my_role = change.role
        self.rooms[key] = room
