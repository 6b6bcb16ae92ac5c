"""Rooms and their members, as of the newest delivered event."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice

from chat_grpc.core.room_rules import (
    CREATED,
    DELETED,
    INVITED,
    JOINED,
    LEFT,
    NOBODY,
    ROLE,
    RoomChanged,
    not_a_member,
    room_not_found,
)
from chat_grpc.core.user import User
from chat_grpc.v1 import chat_pb2


@dataclass(slots=True)
class Member:
    """A user in a room."""

    user: User
    role: int
    since: int
    """The sequence of the event by which the user became a member."""


@dataclass(slots=True)
class Room:
    """A room as of the newest delivered event."""

    key: str
    name: str
    topic: str
    invite_only: bool
    created: int = 0
    """The sequence of the event that created it; 0 for a room that is older than this field.

    Events before it are of a deleted room of the same name.
    """
    members: dict[int, Member] = field(default_factory=dict)
    """By number."""
    invited: set[int] = field(default_factory=set)
    numbers: list[int] = field(default_factory=list)
    """The members' numbers, sorted."""
    listed: chat_pb2.Room | None = None
    """The room in a list of another user, until the next change."""
    _keys: dict[str, list[int]] = field(default_factory=dict)
    """The members' numbers by the keys of their names; several guests may have had one name."""

    def add(self, member: Member) -> None:
        """Add a member."""
        insort(self.numbers, member.user.number)
        self.members[member.user.number] = member
        self._keys.setdefault(member.user.key, []).append(member.user.number)

    def remove(self, number: int) -> None:
        """Remove a member."""
        del self.numbers[bisect_left(self.numbers, number)]
        key = self.members.pop(number).user.key
        self._keys[key].remove(number)
        if not self._keys[key]:
            del self._keys[key]

    def role(self, number: int) -> int:
        """Return a user's role; 0 for a user who is not a member."""
        member = self.members.get(number)
        return member.role if member is not None else NOBODY

    def visible_to(self, number: int) -> bool:
        """Return True if a user may know that the room exists."""
        return not self.invite_only or number in self.members or number in self.invited

    def by_number(self, number: int) -> User | None:
        """Find a member by number."""
        member = self.members.get(number)
        return member.user if member is not None else None

    def by_key(self, key: str, holder: User | None = None) -> User | None:
        """Find a member by the name's key.

        `holder` is the user who has the name now. If several members have had it, the result is the
        holder, or else the newest user.
        """
        if holder is not None and holder.number in self.members:
            return holder
        numbers = self._keys.get(key)
        return self.members[max(numbers)].user if numbers else None


@dataclass(frozen=True, slots=True)
class DeletedRoom:
    """A deleted room whose messages are not all erased."""

    sequence: int
    """The sequence of the event that deleted it."""
    channel: str
    user: User
    """The owner who deleted it."""


class Rooms:
    """All rooms except the lobby. Belongs to the event loop."""

    def __init__(self, rooms: Iterable[Room] = ()) -> None:
        self._rooms = {room.key: room for room in rooms}
        self._of: dict[int, dict[str, Room]] = {}
        """The rooms of each member, by number and key."""
        self._public = sorted(room.key for room in self._rooms.values() if not room.invite_only)
        """The keys of the public rooms, sorted."""
        for room in self._rooms.values():
            for number in room.members:
                self._of.setdefault(number, {})[room.key] = room

    def get(self, key: str, number: int) -> Room:
        """Find a room that a user may know of. Raises `RoomNotFound`."""
        room = self._rooms.get(key)
        if room is None or not room.visible_to(number):
            raise room_not_found(key)
        return room

    def existing(self, key: str) -> Room:
        """Find a room, whoever may know of it. Raises `RoomNotFound`."""
        room = self._rooms.get(key)
        if room is None:
            raise room_not_found(key)
        return room

    def known(self, key: str) -> Room:
        """Return a room that exists."""
        return self._rooms[key]

    def has_member(self, key: str, number: int) -> bool:
        """Return True if a room exists and a user is a member."""
        return key in self._of.get(number, {})

    def created(self, key: str) -> int:
        """Return the sequence of the event that created a room; 0 without such a room."""
        room = self._rooms.get(key)
        return room.created if room is not None else 0

    def role(self, key: str, number: int) -> int:
        """Return a user's role in a room; 0 without a membership, or without such a room."""
        room = self._of.get(number, {}).get(key)
        return room.role(number) if room is not None else NOBODY

    def for_member(self, key: str, number: int) -> Room:
        """Find a room of which a user is a member. Raises `RoomNotFound` or `NotAMember`."""
        room = self.get(key, number)
        if number not in room.members:
            raise not_a_member(room.name)
        return room

    def members_for(self, key: str, number: int) -> Room:
        """Find a room whose members a user may know.

        Members may know those of an invite-only room, everybody those of a public room. Raises
        `RoomNotFound` or `NotAMember`.
        """
        room = self.get(key, number)
        if room.invite_only and number not in room.members:
            raise not_a_member(room.name)
        return room

    def of(self, number: int) -> list[Room]:
        """Return the rooms of which a user is a member."""
        return list(self._of.get(number, {}).values())

    def page(self, after: str, number: int, limit: int) -> list[Room]:
        """Return the first rooms with a key above `after` that a user may join or is a member of.

        In the order of their keys. The cost is that of the page and of the user's own rooms.
        """
        start = bisect_right(self._public, after)
        public = (self._rooms[key] for key in self._public[start : start + limit])
        own = (room for room in self._of.get(number, {}).values() if room.invite_only)
        hidden = sorted((r for r in own if r.key > after), key=_key)
        return [*islice(merge(public, hidden, key=_key), limit)]

    def apply(self, changed: RoomChanged, sequence: int) -> None:
        """Apply a change that the log has decided."""
        if changed.change == DELETED:
            self._delete(self._rooms.pop(changed.key))
            return
        room = self._rooms.get(changed.key)
        if room is None:
            room = Room(changed.key, changed.name, changed.topic, changed.invite_only, sequence)
            self._rooms[changed.key] = room
            if not room.invite_only:
                insort(self._public, room.key)
        room.listed = None
        self._update(room, changed)
        number = changed.subject.number
        if changed.change in (CREATED, JOINED):
            room.add(Member(changed.subject, changed.role, sequence))
            room.invited.discard(number)
            self._of.setdefault(number, {})[room.key] = room
        elif changed.change == LEFT:
            room.invited.discard(number)
            if number in room.members:
                self._remove(room, number)
        elif changed.change == INVITED:
            room.invited.add(number)
        elif changed.change == ROLE:
            room.members[number].role = changed.role

    def _update(self, room: Room, changed: RoomChanged) -> None:
        room.topic = changed.topic
        if room.invite_only != changed.invite_only:
            room.invite_only = changed.invite_only
            if room.invite_only:
                self._unlist(room)
            else:
                insort(self._public, room.key)

    def _delete(self, room: Room) -> None:
        if not room.invite_only:
            self._unlist(room)
        for number in room.numbers:
            self._forget(room, number)

    def _unlist(self, room: Room) -> None:
        del self._public[bisect_left(self._public, room.key)]

    def _remove(self, room: Room, number: int) -> None:
        room.remove(number)
        self._forget(room, number)

    def _forget(self, room: Room, number: int) -> None:
        del self._of[number][room.key]
        if not self._of[number]:
            del self._of[number]


def _key(room: Room) -> str:
    return room.key
