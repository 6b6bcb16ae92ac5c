"""The user's view of the chat: connected users, conversations, shown messages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType

from chat_grpc.spelling.names import lookup_key
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import events, tables
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.conversation import LOBBY, key_of, of_message, same, title
from chat_grpc_cli.highlight import Highlight
from chat_grpc_cli.listed import Listed
from chat_grpc_cli.own_changes import OwnChanges
from chat_grpc_cli.palette import NameColors
from chat_grpc_cli.people import People
from chat_grpc_cli.render import clock, local
from chat_grpc_cli.shown import Shown, ShownMessage, conceal, conceal_stored
from chat_grpc_cli.typing_users import TypingUsers
from chat_grpc_cli.unread import Unread

_CROWD = 50
"""With more connected users than this, joins and leaves are not shown."""


class View:
    """The client's state of the chat. Every event passes through `take`."""

    def __init__(
        self, highlight: Sequence[str] = (), name_colors: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """`highlight` and `name_colors` are as in `Settings`."""
        self._highlight = Highlight(highlight)
        self.color = NameColors(name_colors)
        self.me = chat_pb2.Client()
        """The user."""
        self.admin = False
        """True if the user has the admin role."""
        self.current = LOBBY
        """The key of the current conversation, to which lines without a slash go."""
        self.people = People()
        """The users that were seen, and those that are connected."""
        self.rooms = Listed[str, chat_pb2.Room]()
        """The rooms that are visible to the user, by the key of their name."""
        self.unread = Unread()
        self.uncounted = False
        """True if a deletion may have changed a count that only the server can give."""
        self.shown = Shown()
        self.blocked: set[int] = set()
        """The numbers of the users whom the user blocked."""
        self.ignored: dict[int, str] = {}
        """The names of the users whom the user ignores on this machine, by number."""
        self.own: set[int] = set()
        """Sequences of the user's own messages, edits and so on, which were shown when stored."""
        self._typing = TypingUsers()
        self._own_changes = OwnChanges()

    def title(self, conversation: str) -> str:
        """Return a conversation as it is shown; not yet safe."""
        return title(conversation, self.people.label)

    @contextmanager
    def listing_rooms(self) -> Iterator[list[chat_pb2.Room]]:
        """Replace the rooms by the yielded list, which the block has to fill."""
        found: list[chat_pb2.Room] = []
        with self.rooms.reading() as rooms:
            yield found
            rooms.update((lookup_key(room.name), room) for room in found)

    def set_conversations(self, found: Iterable[chat_pb2.Conversation]) -> None:
        """Take the server's list of conversations: names and unread counts."""
        found = list(found)
        for each in found:
            self.people.saw(each.user.number, each.user.name)
            if each.user.number in self.ignored:
                each.unread_count = 0
        self.unread.load(found)

    def found_number(self, message: chat_pb2.Message, conversation: str) -> None:
        """Replace `@name` by `@number` in `current`, if a message shows the number of the name."""
        other = message.user if message.author.number == self.me.number else message.author
        if same(self.current, f"@{other.name}"):
            self.current = conversation

    def room(self, name: str) -> chat_pb2.Room | None:
        """Return a room that is visible to the user, or None."""
        return self.rooms.get(lookup_key(name))

    def set_room(self, room: chat_pb2.Room) -> None:
        """Take a room from an answer of the server."""
        self.rooms.change(lookup_key(room.name), lambda _: room)

    def take(self, event: chat_pb2.Event, time: datetime, now: float) -> Fragments:
        """Note an event; return the lines that it shows, or nothing.

        `now` is in seconds of a monotonic clock.
        """
        event = self._concealed(event)
        for author in _users_of(event):
            self.people.saw(author.number, author.name)
        if event.message.HasField("user"):
            self.found_number(event.message, of_message(event.message, self.me.number))
        to_me = self.is_to_me(event)
        line: Fragments = []
        if self._concerns(event, now, to_me=to_me):
            line = events.line(
                event,
                self.me.number,
                time,
                here=self.current,
                shown=self.shown,
                label=self.people.label,
                color=self.color,
                highlight=self._highlight,
                mentions=to_me,
            )
        match event.WhichOneof("event"):
            case "message":
                self._message(event, time, shown=bool(line), to_me=to_me)
            case "edited" if self._hides(_author_of(event)):
                pass
            case "edited" if event.edited.message.text:
                self._edited(event, time, to_me=to_me)
            case "deleted":
                self.deleted(event.deleted.target_sequence)
            case "presence":
                self._presence(event.presence)
            case "typing":
                self._types(event.typing, now)
            case "read_marker" if event.read_marker.author.number == self.me.number:
                marker = event.read_marker
                self.unread.read(key_of(marker), marker.read_sequence)
            case "room_change":
                self._room_change(event.room_change)
        return line

    def is_to_me(self, event: chat_pb2.Event) -> bool:
        """Return True for a direct message, a mention, and an edit that adds a mention.

        The user wants to be told of it. Ask before `take`, which notes that the mention is known.
        """
        match event.WhichOneof("event"):
            case "message":
                message = event.message
                return self._of_others(message) and (
                    message.HasField("user") or self._mentions(message)
                )
            case "edited":
                known = self.shown.get(event.edited.target_sequence)
                message = event.edited.message
                return (
                    self._of_others(message)
                    and message.HasField("room")
                    and self._mentions(message)
                    and not (known is not None and known.to_me)
                    and not self.unread.mentions(event.edited.target_sequence)
                )
        return False

    def _of_others(self, message: chat_pb2.Message) -> bool:
        """Return True for a text of another user, whom the user neither blocked nor ignores."""
        author = message.author.number
        return bool(message.text) and author != self.me.number and not self._hides(author)

    def _hides(self, number: int) -> bool:
        """Return True for a user whom the user blocked or ignores."""
        return number in self.blocked or number in self.ignored

    def _mentions(self, message: chat_pb2.Message) -> bool:
        return self.me.number in message.mentioned_numbers or self._highlight(message.text)

    def answered(self, words: str, now: float) -> bool:
        """Note an answer about the user's own change; return True if the stream has shown it."""
        return self._own_changes.answered(words, now)

    def typing(self, now: float) -> list[str]:
        """Return the typing users, the current conversation first; names are not yet safe."""
        return self._typing.labels(now, self.current, self.people.label)

    def sent(self, sequence: int, conversation: str, text: str, time: datetime) -> None:
        """Note an own message that was stored."""
        self.own.add(sequence)
        me, at = self.me.name, clock(time)
        self.shown.add(ShownMessage(sequence, conversation, me, text, own=True, clock=at))

    def seen(self, stored: chat_pb2.StoredMessage) -> None:
        """Note a message that is shown from the history."""
        self._seen(stored.sequence, stored.message, local(stored.time))

    def page(
        self,
        messages: Sequence[chat_pb2.StoredMessage],
        now: datetime,
        here: str,
        *,
        numbers: tables.Numbers = "none",
        read: int | None = None,
    ) -> Fragments:
        """Show stored messages, as in `tables.stored`."""
        return tables.stored(
            messages,
            self.me.number,
            now,
            here,
            numbers=numbers,
            read=read,
            label=self.people.label,
            color=self.color,
            shown=self.shown,
        )

    def deleted(self, sequence: int) -> None:
        """Note that a message was deleted."""
        self.shown.deleted(sequence)
        self.uncounted |= self.unread.deleted(sequence)

    def concealed(self, messages: Iterable[chat_pb2.StoredMessage]) -> list[chat_pb2.StoredMessage]:
        """Return messages without those of ignored users; those of blocked users have no text."""
        return [
            conceal_stored(each) if each.message.author.number in self.blocked else each
            for each in messages
            if each.message.author.number not in self.ignored
        ]

    def _concealed(self, event: chat_pb2.Event) -> chat_pb2.Event:
        """Return a message event without the text of a blocked user."""
        if event.message.text and event.message.author.number in self.blocked:
            concealed = chat_pb2.Event()
            concealed.CopyFrom(event)
            conceal(concealed.message)
            return concealed
        return event

    def forget_log(self) -> None:
        """Forget everything of a log that the server no longer has; numbers are of the log."""
        self.shown.clear()
        self.own.clear()
        self.unread.clear()
        self.people.clear()
        self.ignored.clear()
        self._typing.clear()
        if self.current.startswith("@"):
            self.current = LOBBY

    # ------------------------------------------------------- shown

    def _concerns(self, event: chat_pb2.Event, now: float, *, to_me: bool) -> bool:
        """Return True if an event is shown: if it is in the current conversation, or for the user.

        Messages that were shown before are not shown again. Changes of messages that were not
        shown are not shown either.
        """
        me = self.me.number
        if event.sequence in self.own or _author_of(event) in self.ignored:
            return False
        match event.WhichOneof("event"):
            case "message":
                known = self.shown.get(event.sequence) is not None
                message = event.message
                direct = message.HasField("user")
                there = same(of_message(message, me), self.current)
                # A deleted message has no text in the log.
                return bool(message.text) and not known and (direct or to_me or there)
            case "edited":
                # The text of an edit that a later event replaced is gone from the log.
                text = event.edited.message.text
                if event.edited.message.author.number in self.blocked:
                    return False
                was_shown = self._was_shown(event.edited.target_sequence)
                return bool(text) and (was_shown or to_me)
            case "deleted":
                return self._was_shown(event.deleted.target_sequence)
            case "reaction" if event.reaction.author.number in self.blocked:
                return False
            case "reaction":
                return self._was_shown(event.reaction.target_sequence)
            case "room_change":
                change = event.room_change
                own = change.author.number == me
                words = events.room_words(change, me, self.people.label)
                if own and self._own_changes.streamed(words, now):
                    return False
                gone = change.change == chat_pb2.RoomChange.CHANGE_DELETED
                to_me = own or gone or change.subject.number == me
                return to_me or same(f"#{change.room.name}", self.current)
            case "presence":
                return self.people.count <= _CROWD
        return True

    def _was_shown(self, sequence: int) -> bool:
        message = self.shown.get(sequence)
        if message is None:
            return False
        return message.conversation.startswith("@") or same(message.conversation, self.current)

    # ------------------------------------------------------- noted

    def _message(self, event: chat_pb2.Event, time: datetime, *, shown: bool, to_me: bool) -> None:
        message, me = event.message, self.me.number
        where = of_message(message, me)
        self._typing.wrote(where, message.author.number)
        if shown:
            self._seen(event.sequence, message, time)
        if message.author.number in self.ignored:
            return
        if message.author.number == me:
            # From another terminal: who has answered has read.
            self.unread.read(where, event.sequence)
            self.unread.visited(where)
        elif not same(where, self.current):
            self.unread.came(where, event.sequence, to_me=to_me and where.startswith("#"))
            if to_me and shown:
                self.unread.called(where, event.sequence)

    def _edited(self, event: chat_pb2.Event, time: datetime, *, to_me: bool) -> None:
        target, message = event.edited.target_sequence, event.edited.message
        mentions = self._of_others(message) and self._mentions(message)
        self.shown.edited(target, message.text, to_me=mentions)
        if to_me:
            where = of_message(message, self.me.number)
            if self.shown.get(target) is None:
                self._seen(target, message, time)
            if not same(where, self.current):
                self.unread.mentioned(where, target)
                self.unread.called(where, event.sequence)
        elif not mentions:
            self.unread.unmentioned(target)

    def _seen(self, sequence: int, message: chat_pb2.Message, time: datetime) -> None:
        if not message.text:
            return
        own = message.author.number == self.me.number
        where = of_message(message, self.me.number)
        to_me = not own and self._mentions(message)
        name, text, at = message.author.name, message.text, clock(time)
        self.shown.add(ShownMessage(sequence, where, name, text, own, to_me, at))

    def _presence(self, presence: chat_pb2.Presence) -> None:
        client = presence.client
        if presence.change == chat_pb2.Presence.CHANGE_JOINED:
            self.people.came(client)
        else:
            self.people.left(client)

    def _types(self, typing: chat_pb2.Typing, now: float) -> None:
        number = typing.author.number
        if number != self.me.number and not self._hides(number):
            where = f"#{typing.room}" if typing.room else f"@{number}"
            self._typing.types(where, number, now)

    def forget_room(self, name: str) -> None:
        """Forget a room that was deleted."""
        self.rooms.change(lookup_key(name), lambda _: None)
        self.unread.forget(f"#{name}")

    def _room_change(self, change: chat_pb2.RoomChange) -> None:
        if change.change == chat_pb2.RoomChange.CHANGE_DELETED:
            self.forget_room(change.room.name)
            return
        key = lookup_key(change.room.name)
        mine = change.subject.number == self.me.number
        left = mine and change.change == chat_pb2.RoomChange.CHANGE_LEFT
        if left:
            self.unread.forget(f"#{change.room.name}")
            if change.room.invite_only:
                self.rooms.change(key, lambda _: None)
                return

        def changed(known: chat_pb2.Room | None) -> chat_pb2.Room:
            room = chat_pb2.Room()
            room.CopyFrom(change.room)
            # All members get the same event, so its room has no role of the user.
            room.my_role = known.my_role if known else chat_pb2.ROOM_ROLE_UNSPECIFIED
            if mine and (change.role or left):
                room.my_role = change.role
            return room

        self.rooms.change(key, changed)


def _users_of(event: chat_pb2.Event) -> Sequence[chat_pb2.Author]:
    """Return the users that an event names, so that their labels are the same in all of it."""
    match event.WhichOneof("event"):
        case "message":
            return [event.message.author, event.message.user]
        case "edited":
            return [event.edited.message.author]
        case "room_change":
            return [event.room_change.author, event.room_change.subject]
        case "typing":
            return [event.typing.author]
    return []


def _author_of(event: chat_pb2.Event) -> int:
    """Return the number of the user who caused an event, or 0."""
    match event.WhichOneof("event"):
        case "message":
            return event.message.author.number
        case "edited":
            return event.edited.message.author.number
        case "deleted":
            return event.deleted.author.number
        case "reaction":
            return event.reaction.author.number
        case "presence":
            return event.presence.client.number
    return 0
