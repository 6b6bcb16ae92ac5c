"""Subscriptions: the streams of each channel, and the ranges of the log that a stream may see."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable

from chat_grpc.core import limits
from chat_grpc.core.clients import Clients
from chat_grpc.core.room_rules import CREATED, DELETED, JOINED, LEFT, RoomChanged, channel_of
from chat_grpc.core.rooms import Rooms
from chat_grpc.core.stream import FOREVER, Range, Stream


class Subscriptions:
    """The open streams by the channels that they see, as of the newest delivered event.

    A stream may see ranges of channels: the lobby, the `@number` of its user, and each room from
    the sequence at which the user joined to that at which the user left. Live delivery uses
    `followers`, catching up uses `Stream.ranges`; this class changes both in the same step. The
    lobby has no entry here, because every stream sees it.

    Belongs to the event loop.
    """

    def __init__(self, clients: Clients, rooms: Rooms, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clients = clients
        self._rooms = rooms
        self._clock = clock
        self._in_room: dict[str, dict[Stream, None]] = {}
        """The open streams of the members, by the room's channel."""
        self._ended: deque[tuple[float, int, Range]] = deque()
        """Memberships that ended in the last `MEMBERSHIP_KEPT` seconds: when, the user's number,
        and the range of the room's events that the user may see."""

    def add(self, stream: Stream, past: Iterable[Range]) -> None:
        """Subscribe a new stream to the rooms of its user.

        `past` are the ranges of the rooms that the user left, as the store has them.
        """
        number = stream.user.number
        known = {(channel, low): high for channel, low, high in past}
        known |= {(c, low): high for _, user, (c, low, high) in self._ended if user == number}
        for room in self._rooms.of(number):
            channel = channel_of(room.key)
            # The store may be ahead of delivery; the delivered state counts.
            known[channel, room.members[number].since] = FOREVER
            self._in_room.setdefault(channel, {})[stream] = None
        for (channel, low), high in sorted(known.items()):
            stream.ranges.setdefault(channel, []).append((low, high))

    def remove(self, stream: Stream) -> None:
        """Forget a stream that ended."""
        for room in self._rooms.of(stream.user.number):
            self._leave(stream, channel_of(room.key))

    def followers(self, channels: Iterable[str]) -> Collection[Stream]:
        """Return the streams that see events of some channels, none of which is the lobby."""
        found: dict[Stream, None] = {}
        for channel in channels:
            if channel[0] == "#":
                found.update(self._in_room.get(channel, {}))
            elif (client := self._clients.get(int(channel[1:]))) is not None:
                found.update(dict.fromkeys(client.streams))
        return found

    def apply(self, changed: RoomChanged, sequence: int) -> None:
        """Apply a change of a room, and update the streams that see the room's later events."""
        if changed.change == DELETED:
            self._delete(changed.key, sequence)
            self._rooms.apply(changed, sequence)
            return
        number = changed.subject.number
        channel = channel_of(changed.key)
        client = self._clients.get(number)
        streams = client.streams if client is not None else []
        if changed.change == LEFT and self._rooms.has_member(changed.key, number):
            since = self._rooms.known(changed.key).members[number].since
            ended = (channel, since, sequence - 1)
            self._ended.append((self._clock(), number, ended))
            for stream in streams:
                stream.left(channel, sequence)
                self._leave(stream, channel)
        self._rooms.apply(changed, sequence)
        if changed.change in (CREATED, JOINED):
            for stream in streams:
                stream.joined(channel, sequence)
                self._in_room.setdefault(channel, {})[stream] = None

    def _delete(self, key: str, sequence: int) -> None:
        """End all memberships of a room; the event that deleted it is the last that members see."""
        channel, now = channel_of(key), self._clock()
        for number, member in self._rooms.known(key).members.items():
            self._ended.append((now, number, (channel, member.since, sequence)))
        for stream in self._in_room.pop(channel, {}):
            stream.left(channel, sequence + 1)

    def expire(self) -> None:
        """Forget memberships that ended long ago. The store has them by now."""
        before = self._clock() - limits.MEMBERSHIP_KEPT
        while self._ended and self._ended[0][0] < before:
            self._ended.popleft()

    def _leave(self, stream: Stream, channel: str) -> None:
        inside = self._in_room[channel]
        del inside[stream]
        if not inside:
            del self._in_room[channel]
