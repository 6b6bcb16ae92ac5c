"""A model of a journal in plain Python, to which the state machine compares each implementation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatchmethod

from journal.asking import TIME, Ask

from chat_grpc.core import errors
from chat_grpc.core.changes import (
    Change,
    CreateRoom,
    Delete,
    DeleteRoom,
    Edit,
    Invite,
    JoinRoom,
    LeaveRoom,
    Post,
    React,
    Read,
    SetRole,
    UpdateRoom,
)
from chat_grpc.core.entry import EDITED, MESSAGE, Entry
from chat_grpc.core.history import events_of
from chat_grpc.core.room_rules import MEMBER, MODERATOR, NOBODY, OWNER, READER
from chat_grpc.core.stream import Range
from chat_grpc.core.user import User
from chat_grpc.core.words import place_words
from chat_grpc.v1 import chat_pb2

STORED, UNCHANGED = "stored", "unchanged"
Change_ = chat_pb2.RoomChange


@dataclass(slots=True)
class Row:
    """An event of the log."""

    event: chat_pb2.Event
    channels: tuple[str, ...]
    kind: int
    author: int
    target: int


@dataclass(slots=True)
class Kept:
    """A room."""

    name: str
    topic: str
    private: bool
    roles: dict[int, int] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)
    past: list[tuple[int, int, int]] = field(default_factory=list)
    """Memberships that ended: user number, first sequence, last sequence."""
    last: dict[int, int] = field(default_factory=dict)
    """The role of each former member at the time of leaving."""
    invited: set[int] = field(default_factory=set)
    created: int = 0
    """The sequence of the creation: earlier messages belong to an older room."""

    def sees(self, number: int) -> bool:
        """Return True if a user may know of the room."""
        return not self.private or number in self.roles or number in self.invited

    def is_last_owner(self, number: int) -> bool:
        """Return True if a user is its only owner."""
        owners = [member for member, role in self.roles.items() if role == OWNER]
        return owners == [number]


class Model:
    """The log, and the state that follows from it."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self.head = 0
        self.requests: dict[tuple[int, str], tuple[str, int]] = {}
        self.rooms: dict[str, Kept] = {}
        self.reactions: dict[int, dict[str, set[int]]] = {}
        self.markers: dict[tuple[int, str], int] = {}
        self.deleted: set[int] = set()
        self.users: list[User] = []
        self.oldest = 1
        """The oldest sequence that is kept."""
        self.directs: set[tuple[int, int]] = set()
        """Pairs of users of whom one wrote to the other, each pair in both orders."""
        self.superseded: set[int] = set()
        """The events of read markers that were set again."""
        self._marker_events: dict[tuple[int, str], int] = {}
        """The event that set each read marker."""
        self.past_of_deleted: dict[str, list[tuple[int, int, int]]] = {}
        """The memberships of deleted rooms, by key."""
        self._change: tuple[Change_.Change.ValueType, int, int] | None = None
        """Of the room's request that is being decided: what happens, to whom, and their role."""
        self._told: tuple[str, ...] = ()
        """Where what is being decided is told, where that is not where it was asked for."""

    # ------------------------------------------------------------ writing

    def join(self, users: Sequence[User], head: int) -> None:
        """Add new guests, whose events nobody sees, and the sequence of the last of them."""
        assert head >= self.head + len(users)
        assert [user.number for user in users] == [
            len(self.users) + count for count in range(1, len(users) + 1)
        ]
        self.head = head
        self.users += users
        # Messages from before a user came are not unread.
        for sequence, user in enumerate(users, head - len(users) + 1):
            self.markers[user.number, "#lobby"] = sequence

    def take(self, ask: Ask, entry: Entry) -> None:
        """Take a request, and compare its outcome with the expected one."""
        told = entry.outcome
        key = (ask.author.number, ask.request_id)
        if ask.request_id and key in self.requests:
            what, sequence = self.requests[key]
            if what == ask.what:
                assert told.duplicate
                assert (told.sequence, told.error) == (sequence, None)
            else:
                assert isinstance(told.error, errors.RequestIdReused)
            return
        self._change, self._told = None, ()
        # The journal checks a message again if a change of its room was stored before it.
        change = entry.command.change
        outcome = STORED if change is None else self._decide(change, ask.author)
        if outcome in (STORED, UNCHANGED):
            assert told.error is None
            assert (told.stored, told.unchanged) == (outcome == STORED, outcome == UNCHANGED)
        else:
            assert type(told.error).__name__ == outcome
        if outcome == STORED:
            self._store(ask, entry)

    def _store(self, ask: Ask, entry: Entry) -> None:
        assert entry.outcome.sequence > self.head
        self.head = sequence = entry.outcome.sequence
        event, channels = chat_pb2.Event.FromString(ask.content), self._told or ask.channels
        if self._change is not None:
            event, channels = self._room_event(ask, sequence)
        event.sequence = sequence
        assert (entry.outcome.channels, list(events_of(entry.outcome.encoded))) == (
            channels,
            [event],
        )
        if ask.kind == MESSAGE and channels[0][0] == "@":
            low, high = int(channels[0][1:]), int(channels[-1][1:])
            self.directs |= {(low, high), (high, low)}
        if isinstance(ask.change, Read):
            self._set_again((ask.author.number, ask.change.conversation), sequence)
        self.rows[sequence] = Row(event, channels, ask.kind, ask.author.number, ask.target)
        if ask.request_id:
            self.requests[ask.author.number, ask.request_id] = (ask.what, sequence)
        if isinstance(ask.change, Delete):
            self._blank(ask.target)

    def _set_again(self, marker: tuple[int, str], sequence: int | None) -> None:
        if (before := self._marker_events.pop(marker, None)) is not None:
            self.superseded.add(before)
        if sequence is not None:
            self._marker_events[marker] = sequence

    def drop(self, last: int) -> None:
        """Drop the events up to a sequence, as retention does."""
        self.oldest = last + 1
        self._forget(lambda sequence: sequence <= last)
        self.reactions = {t: given for t, given in self.reactions.items() if t > last}

    def drop_superseded(self) -> None:
        """Drop the events of superseded read markers."""
        self._forget(self.superseded.__contains__)
        self.superseded.clear()

    def _forget(self, gone: Callable[[int], bool]) -> None:
        self.rows = {s: row for s, row in self.rows.items() if not gone(s)}
        self.requests = {key: told for key, told in self.requests.items() if not gone(told[1])}

    def _blank(self, target: int) -> None:
        for sequence, row in self.rows.items():
            if sequence == target or (row.target == target and row.kind == EDITED):
                is_edit = row.kind == EDITED
                message = row.event.edited.message if is_edit else row.event.message
                message.ClearField("text")
        self.deleted.add(target)
        self.reactions.pop(target, None)

    # ------------------------------------------------------------ what a request does

    @singledispatchmethod
    def _decide(self, change: Change, actor: User) -> str:
        raise TypeError(change, actor)

    @_decide.register
    def _(self, change: Post, actor: User) -> str:
        room, refused = self._as_member(change.key, actor)
        if room is None:
            return refused
        return "NotAllowed" if room.roles[actor.number] < MEMBER else STORED

    @_decide.register
    def _(self, change: Edit, actor: User) -> str:
        return self._refused(change.target, actor, MEMBER) or STORED

    @_decide.register
    def _(self, change: Delete, actor: User) -> str:
        own = change.target in self.rows and self.rows[change.target].author == actor.number
        return self._refused(change.target, actor, READER if own else MODERATOR) or STORED

    @_decide.register
    def _(self, change: React, actor: User) -> str:
        if refused := self._refused(change.target, actor, MEMBER):
            return refused
        users = self.reactions.setdefault(change.target, {}).setdefault(change.emoji, set())
        if change.remove != (actor.number in users):  # no change, so no event for others
            self._told = (f"@{actor.number}",)
        (users.discard if change.remove else users.add)(actor.number)
        return STORED

    def _refused(self, target: int, actor: User, least: int) -> str:
        """Return the reason why a user may not change a message, or an empty string."""
        if target in self.deleted or target not in self.rows:
            return "MessageNotFound"
        channel = self.rows[target].channels[0]
        if channel[0] == "@" or channel == "#lobby":
            return ""
        room = self.rooms.get(channel[1:])
        if room is None or actor.number not in room.roles or target <= room.created:
            return "MessageNotFound"
        return "NotAllowed" if room.roles[actor.number] < least else ""

    @_decide.register
    def _(self, change: Read, actor: User) -> str:
        key = (actor.number, change.conversation)
        if key in self.markers and change.up_to <= self.markers[key]:
            return UNCHANGED
        self.markers[key] = change.up_to
        return STORED

    @_decide.register
    def _(self, change: CreateRoom, actor: User) -> str:
        if change.key in self.rooms:
            return "NameTaken"
        self.rooms[change.key] = Kept(change.name, change.topic, change.invite_only)
        return self._happens(Change_.CHANGE_CREATED, actor, OWNER)

    @_decide.register
    def _(self, change: DeleteRoom, actor: User) -> str:
        room, refused = self._as_member(change.key, actor)
        if room is None:
            return refused
        if room.roles[actor.number] != OWNER:
            return "NotAllowed"
        return self._happens(Change_.CHANGE_DELETED, actor, NOBODY)

    @_decide.register
    def _(self, change: JoinRoom, actor: User) -> str:
        room = self.rooms.get(change.key)
        if room is None or not room.sees(actor.number):
            return "RoomNotFound"
        if actor.number in room.roles:
            return UNCHANGED
        reader = room.last.get(actor.number) == READER
        return self._happens(Change_.CHANGE_JOINED, actor, READER if reader else MEMBER)

    @_decide.register
    def _(self, change: LeaveRoom, actor: User) -> str:
        room = self.rooms.get(change.key)
        if room is None or not (room.sees(actor.number) or actor.number in room.last):
            return "RoomNotFound"
        if actor.number not in room.roles:
            return UNCHANGED
        if room.is_last_owner(actor.number):
            return "LastOwner"
        return self._happens(Change_.CHANGE_LEFT, actor, NOBODY)

    @_decide.register
    def _(self, change: Invite, actor: User) -> str:
        room, refused = self._as_member(change.key, actor)
        if room is None:
            return refused
        if room.private and room.roles[actor.number] < MODERATOR:
            return "NotAllowed"
        if change.subject.number in room.roles or change.subject.number in room.invited:
            return UNCHANGED
        return self._happens(Change_.CHANGE_INVITED, change.subject, NOBODY)

    @_decide.register
    def _(self, change: UpdateRoom, actor: User) -> str:
        room, refused = self._as_member(change.key, actor)
        if room is None:
            return refused
        role = room.roles[actor.number]
        other = change.invite_only is not None and change.invite_only != room.private
        if role < MODERATOR or (other and role < OWNER):
            return "NotAllowed"
        if not other and change.topic in (None, room.topic):
            return UNCHANGED
        room.topic = room.topic if change.topic is None else change.topic
        room.private = room.private if change.invite_only is None else change.invite_only
        return self._happens(Change_.CHANGE_UPDATED, actor, NOBODY)

    @_decide.register
    def _(self, change: SetRole, actor: User) -> str:
        room, refused = self._as_member(change.key, actor)
        if room is None:
            return refused
        role, subject = room.roles[actor.number], change.subject
        now = room.roles.get(subject.number, NOBODY)
        if role < MODERATOR or (role < OWNER and max(now, change.role) >= MODERATOR):
            return "NotAllowed"
        invited = subject.number in room.invited
        if now == change.role and not invited:
            return UNCHANGED
        if not (now or (invited and not change.role)):
            return "MemberNotFound"
        if room.is_last_owner(subject.number):
            return "LastOwner"
        what = Change_.CHANGE_ROLE if change.role else Change_.CHANGE_LEFT
        return self._happens(what, subject, change.role)

    def _as_member(self, key: str, actor: User) -> tuple[Kept | None, str]:
        room = self.rooms.get(key)
        if room is None or not room.sees(actor.number):
            return None, "RoomNotFound"
        return (room, "") if actor.number in room.roles else (None, "NotAMember")

    def _happens(self, what: Change_.Change.ValueType, subject: User, role: int) -> str:
        self._change = (what, subject.number, role)
        return STORED

    def _room_event(self, ask: Ask, sequence: int) -> tuple[chat_pb2.Event, tuple[str, ...]]:
        """Apply a change of a room; return its event."""
        assert self._change is not None
        what, number, role = self._change
        key: str = ask.change.key  # type: ignore[union-attr]
        room = self.rooms[key]
        if what == Change_.CHANGE_CREATED:
            room.created = sequence
        if what in (Change_.CHANGE_CREATED, Change_.CHANGE_JOINED):
            room.roles[number], room.since[number] = role, sequence
            room.invited.discard(number)
            marker = (number, f"#{key}")
            self.markers[marker] = max(self.markers.get(marker, 0), sequence)
            self._set_again(marker, None)
        elif what == Change_.CHANGE_LEFT and number in room.roles:
            room.last[number] = room.roles.pop(number)
            room.past.append((number, room.since.pop(number), sequence))
        elif what == Change_.CHANGE_LEFT:
            room.invited.discard(number)
        elif what == Change_.CHANGE_INVITED:
            room.invited.add(number)
        elif what == Change_.CHANGE_ROLE:
            room.roles[number] = role
        elif what == Change_.CHANGE_DELETED:
            self._delete_room(key, sequence)
        event = chat_pb2.Event()
        event.time.FromNanoseconds(TIME)
        change = event.room_change
        change.change = what
        change.room.name, change.room.topic = room.name, room.topic
        change.room.invite_only, change.room.member_count = room.private, len(room.roles)
        change.author.number, change.author.name = ask.author.number, ask.author.name
        alone = what in (Change_.CHANGE_ROLE, Change_.CHANGE_UPDATED, Change_.CHANGE_DELETED)
        if what not in (Change_.CHANGE_UPDATED, Change_.CHANGE_DELETED):
            change.subject.number, change.subject.name = number, self.users[number - 1].name
            change.role = chat_pb2.RoomRole.ValueType(role)
        return event, (f"#{key}",) if alone else (f"#{key}", f"@{number}")

    def _delete_room(self, key: str, sequence: int) -> None:
        """Delete a room; its members see the event itself, too."""
        room = self.rooms.pop(key)
        past = self.past_of_deleted.setdefault(key, [])
        past += room.past
        past += [(number, room.since[number], sequence + 1) for number in room.roles]
        room.roles.clear()
        for marker in {(number, f"#{key}") for number, _, _ in past} & self.markers.keys():
            self._set_again(marker, None)
            del self.markers[marker]

    # ------------------------------------------------------------ reading

    def page(self, ranges: Iterable[Range]) -> list[chat_pb2.Event]:
        """Return the events in some ranges of the log, in order and each once."""
        parts = list(ranges)
        return [
            row.event
            for sequence, row in self.rows.items()
            if any(
                channel in row.channels and low < sequence <= high for channel, low, high in parts
            )
        ]

    def conversation(self, channels: tuple[str, ...], before: int, after: int) -> list[int]:
        """Return the messages of a conversation between two sequences, newest first."""
        return [
            sequence
            for sequence, row in reversed(self.rows.items())
            if row.kind == MESSAGE and row.channels == channels and after < sequence < before
        ]

    def described(self, sequences: Iterable[int], reader: User) -> list[chat_pb2.StoredMessage]:
        """Return messages in their present state."""
        return [self._described(sequence, reader) for sequence in sequences]

    def _edits(self, sequence: int) -> Sequence[Row]:
        rows = self.rows.values()
        return [row for row in rows if row.kind == EDITED and row.target == sequence]

    def _described(self, sequence: int, reader: User) -> chat_pb2.StoredMessage:
        event, edits = self.rows[sequence].event, self._edits(sequence)
        stored = chat_pb2.StoredMessage(
            sequence=sequence,
            time=event.time,
            message=edits[-1].event.edited.message if edits else event.message,
            deleted=sequence in self.deleted,
        )
        if edits and not stored.deleted:
            stored.edit_time.CopyFrom(edits[-1].event.time)
        given = self.reactions.get(sequence, {})
        for emoji, users in sorted(given.items(), key=lambda each: (-len(each[1]), each[0])):
            if users:
                mine = reader.number in users
                stored.reactions.add(emoji=emoji, user_count=len(users), mine=mine)
        return stored

    def with_words(self, words: Iterable[str], places: Iterable[str], before: int) -> list[int]:
        """Return the messages that now have all of some words, in any of some conversations.

        A conversation is a value of `place_words`.
        """
        wanted, within = set(words), [set(place.split()) for place in places]
        found = []
        for sequence, row in reversed(self.rows.items()):
            if row.kind != MESSAGE or sequence in self.deleted or sequence >= before:
                continue
            edits = self._edits(sequence)
            text = edits[-1].event.edited.message.text if edits else row.event.message.text
            here = any(place <= set(place_words(row.channels).split()) for place in within)
            if here and wanted <= set(text.split()):
                found.append(sequence)
        return found

    def conversations(
        self, reader: User, rooms: Mapping[str, int]
    ) -> list[tuple[str, int, int, int]]:
        """Return a user's conversations: name, newest message, read marker, unread messages."""
        places = {channel: (channel,) for channel in rooms} | self._directs(reader)
        found: list[tuple[str, int, int, int]] = []
        for name, channels in places.items():
            read = self.markers.get((reader.number, name), 0)
            after = self.conversation(channels, self.head + 1, read)
            unread = [sequence for sequence in after if sequence not in self.deleted]
            count = sum(self.rows[sequence].author != reader.number for sequence in unread)
            newest = self.conversation(channels, self.head + 1, rooms.get(name, 0))[:1]
            found.append((name, (newest or [0])[0], read, count))
        return sorted(found, key=lambda each: (-each[1], each[0]))

    def _directs(self, reader: User) -> dict[str, tuple[str, ...]]:
        others = sorted(other for user, other in self.directs if user == reader.number)
        return {
            f"@{other}": tuple(f"@{number}" for number in sorted({reader.number, other}))
            for other in others
        }

    def past(self, user: User, after: int) -> list[Range]:
        """Return the ranges of rooms that a user has left but may still read."""
        past = [(key, each) for key, room in self.rooms.items() for each in room.past]
        past += [(key, each) for key, gone in self.past_of_deleted.items() for each in gone]
        found: list[Range] = [
            (f"#{key}", low, high - 1)
            for key, (number, low, high) in past
            if number == user.number and high > after
        ]
        return sorted(found)
