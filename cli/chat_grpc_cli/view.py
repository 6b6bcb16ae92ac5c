"""What the user sees of the chat: who is here, which conversations, what was shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import events
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.conversation import LOBBY, Unread, name_of, of_message, same
from chat_grpc_cli.shown import Shown, ShownMessage

TYPING_FOR = 6.0
"""Seconds for which somebody counts as typing: they say so every 3 seconds."""

_CROWD = 50
"""Where more are here, it is not told who comes and leaves."""

_TOLD_FOR = 10.0


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
        """Sequences of what the user sent, edited and so on: it was shown then."""
        self._typing: dict[tuple[str, str], float] = {}
        self._by_answer: dict[str, float] = {}
        self._by_stream: dict[str, float] = {}

    def set_rooms(self, rooms: Iterable[chat_pb2.Room]) -> None:
        """Takes the list of the server."""
        self.rooms = {room.name.casefold(): room for room in rooms}

    def take(self, event: chat_pb2.Event, time: datetime, now: float) -> Fragments:
        """Notes an event, and gives what it shows; empty where it shows nothing.

        `now` is in seconds of a clock that never goes back.
        """
        line: Fragments = []
        if self._concerns(event, now):
            quote = self.shown.quote
            line = events.line(event, self.me.number, time, here=self.current, quote=quote)
        match event.WhichOneof("event"):
            case "message":
                self._message(event, shown=bool(line))
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

    def answered(self, words: str, now: float) -> bool:
        """Notes that an answer says what the user did; tells whether the stream said it before.

        Both say it, in any order: only the first is shown.
        """
        return _pair(words, now, self._by_stream, self._by_answer)

    def typing(self, now: float) -> list[str]:
        """Says who is typing, the user's own conversation first; names are not yet safe."""
        self._typing = {who: until for who, until in self._typing.items() if until > now}
        here = [name for where, name in self._typing if same(where, self.current)]
        there = [
            f"{n} in {w}" for w, n in self._typing if w[0] == "#" and not same(w, self.current)
        ]
        aside = [n for w, n in self._typing if w[0] == "@" and not same(w, self.current)]
        return [*here, *aside, *there]

    def sent(self, sequence: int, conversation: str, text: str) -> None:
        """Notes a message of the user's own that was stored."""
        self.own.add(sequence)
        self.shown.add(ShownMessage(sequence, conversation, self.me.name, text, own=True))

    def seen(self, stored: chat_pb2.StoredMessage) -> None:
        """Notes a message that is shown from the history."""
        self._seen(stored.sequence, stored.message)

    def forget_log(self) -> None:
        """Forgets what is of a log that the server has no more."""
        self.shown.clear()
        self.own.clear()
        self.unread.clear()

    # ------------------------------------------------------- what is shown

    def _concerns(self, event: chat_pb2.Event, now: float) -> bool:
        """Tells whether an event is shown: it is of the conversation at hand, or to the user.

        What was shown before is not shown again, nor what became of a message that was not.
        """
        me = self.me.number
        if event.sequence in self.own:
            return False
        match event.WhichOneof("event"):
            case "message":
                known = self.shown.get(event.sequence) is not None
                message = event.message
                to_me = message.HasField("user") or me in message.mentioned_numbers
                there = same(of_message(message, me), self.current)
                # The text of a message that is deleted by now is gone from the log.
                return bool(message.text) and not known and (to_me or there)
            case "edited":
                return self._was_shown(event.edited.target_sequence)
            case "deleted":
                return self._was_shown(event.deleted.target_sequence)
            case "reaction":
                return self._was_shown(event.reaction.target_sequence)
            case "room_change":
                change = event.room_change
                own = change.author.number == me
                words = events.room_words(change, me)
                if own and _pair(words, now, self._by_answer, self._by_stream):
                    return False
                to_me = own or change.subject.number == me
                return to_me or same(f"#{change.room.name}", self.current)
            case "presence":
                return len(self.people) <= _CROWD
        return True

    def _was_shown(self, sequence: int) -> bool:
        message = self.shown.get(sequence)
        if message is None:
            return False
        return message.conversation.startswith("@") or same(message.conversation, self.current)

    # ------------------------------------------------------- what is noted

    def _message(self, event: chat_pb2.Event, *, shown: bool) -> None:
        message, me = event.message, self.me.number
        where = of_message(message, me)
        self._typing.pop((where, message.author.name), None)
        if shown:
            self._seen(event.sequence, message)
        if message.author.number != me and not same(where, self.current):
            self.unread.came(where, event.sequence)

    def _seen(self, sequence: int, message: chat_pb2.Message) -> None:
        if not message.text:
            return
        own = message.author.number == self.me.number
        where = of_message(message, self.me.number)
        name = message.author.name
        self.shown.add(ShownMessage(sequence, where, name, message.text, own=own))

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
        left = mine and change.change == chat_pb2.RoomChange.CHANGE_LEFT
        if left:
            self.unread.forget(f"#{change.room.name}")
            if change.room.invite_only:
                self.rooms.pop(key, None)
                return
        known = self.rooms.get(key)
        room = chat_pb2.Room()
        room.CopyFrom(change.room)
        # The event is the same for all who get it: it cannot tell whose role it means.
        room.my_role = known.my_role if known else chat_pb2.ROOM_ROLE_UNSPECIFIED
        if mine and (change.role or left):
            room.my_role = change.role
        self.rooms[key] = room


def _pair(words: str, now: float, others: dict[str, float], mine: dict[str, float]) -> bool:
    """Takes words out of `others`, or else puts them into `mine`; tells whether they were there."""
    key = words.casefold()
    if others.pop(key, now - _TOLD_FOR) > now - _TOLD_FOR:
        return True
    for each, at in list(mine.items()):
        if at <= now - _TOLD_FOR:
            del mine[each]
    mine[key] = now
    return False
