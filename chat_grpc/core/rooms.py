"""Rooms as they are at the newest delivered event: who is a member of which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chat_grpc.core.room_rules import (
    CREATED,
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


@dataclass(slots=True)
class Member:
    """A user in a room."""

    user: User
    role: int
    since: int
    """The sequence of the event by which the user became a member."""


@dataclass(slots=True)
class Room:
    """A room as it is at the newest delivered event."""

    key: str
    name: str
    topic: str
    invite_only: bool
    members: dict[int, Member] = field(default_factory=dict)
    """By number."""
    invited: set[int] = field(default_factory=set)
    _keys: dict[str, list[int]] = field(default_factory=dict)
    """The members' numbers by the names' keys: guests may have had the same name in turn."""

    def add(self, member: Member) -> None:
        """Takes a member."""
        self.members[member.user.number] = member
        self._keys.setdefault(member.user.key, []).append(member.user.number)

    def remove(self, number: int) -> None:
        """Lets a member go."""
        key = self.members.pop(number).user.key
        self._keys[key].remove(number)
        if not self._keys[key]:
            del self._keys[key]

    def role(self, number: int) -> int:
        """Gives a user's role, 0 for one who is no member."""
        member = self.members.get(number)
        return member.role if member is not None else NOBODY

    def visible_to(self, number: int) -> bool:
        """Says whether a user may know that the room exists."""
        return not self.invite_only or number in self.members or number in self.invited

    def by_number(self, number: int) -> User | None:
        """Find a member by number."""
        member = self.members.get(number)
        return member.user if member is not None else None

    def by_key(self, key: str, holder: User | None = None) -> User | None:
        """Finds a member by the name's key.

        `holder` is who has the name now: where several members had it in turn, it is that one,
        or else who came last.
        """
        if holder is not None and holder.number in self.members:
            return holder
        numbers = self._keys.get(key)
        return self.members[max(numbers)].user if numbers else None


class Rooms:
    """All rooms but the lobby, of which everyone is a member. Belongs to the event loop."""

    def __init__(self, rooms: Iterable[Room] = ()) -> None:
        self._rooms = {room.key: room for room in rooms}
        self._of: dict[int, dict[str, Room]] = {}
        for room in self._rooms.values():
            for number in room.members:
                self._of.setdefault(number, {})[room.key] = room

    def get(self, key: str, number: int) -> Room:
        """Finds a room that a user may know of. Raises `RoomNotFound`."""
        room = self._rooms.get(key)
        if room is None or not room.visible_to(number):
            raise room_not_found(key)
        return room

    def known(self, key: str) -> Room:
        """Gives a room that is known to be there."""
        return self._rooms[key]

    def has_member(self, key: str, number: int) -> bool:
        """Says whether there is such a room, and the user is a member."""
        return key in self._of.get(number, {})

    def for_member(self, key: str, number: int) -> Room:
        """Finds a room of a user. Raises `RoomNotFound` or `NotAMember`."""
        room = self.get(key, number)
        if number not in room.members:
            raise not_a_member(room.name)
        return room

    def members_for(self, key: str, number: int) -> Mapping[int, Member]:
        """Gives the members of a room, by number, to a user who may know them.

        Of a private room only members may, of a public one everybody. Raises `RoomNotFound` or
        `NotAMember`.
        """
        room = self.get(key, number)
        if room.invite_only and number not in room.members:
            raise not_a_member(room.name)
        return room.members

    def of(self, number: int) -> list[Room]:
        """The rooms that a user is a member of."""
        return list(self._of.get(number, {}).values())

    def visible_to(self, number: int) -> list[Room]:
        """The rooms that a user may join or is a member of, by name."""
        rooms = self._rooms.values()
        found = [r for r in rooms if not r.invite_only or number in r.members]
        return sorted(found, key=lambda room: room.key)

    def apply(self, changed: RoomChanged, sequence: int) -> Room:
        """Takes over what the log did."""
        room = self._rooms.get(changed.key)
        if room is None:
            room = Room(changed.key, changed.name, changed.topic, changed.invite_only)
            self._rooms[changed.key] = room
        room.topic, room.invite_only = changed.topic, changed.invite_only
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
        return room

    def _remove(self, room: Room, number: int) -> None:
        room.remove(number)
        del self._of[number][room.key]
        if not self._of[number]:
            del self._of[number]
