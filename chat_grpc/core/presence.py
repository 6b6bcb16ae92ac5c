"""Presence: the arrivals and departures of clients, announced at a bounded cost."""

from __future__ import annotations

from collections.abc import Iterable

from chat_grpc.core import limits
from chat_grpc.core.events import encode, encode_caught_up
from chat_grpc.core.stream import Client
from chat_grpc.v1 import chat_pb2

Change = tuple[Client, chat_pb2.Presence.Change.ValueType]
"""A client, and whether it joined or left."""


class Presence:
    """Collects arrivals and departures, and makes the events that announce them.

    A client that returns within `limits.PRESENCE_GRACE` seconds does not count as having left.
    Changes are announced together, at the next tick. If announcing each one to every stream would
    cost more than `limits.PRESENCE_BUDGET` events, the hub only announces that some are missing:
    `caught_up` with `fell_behind`, after which a client lists the others again.

    Belongs to the event loop.
    """

    def __init__(self, node: str) -> None:
        self._node = node
        self._came: dict[int, Client] = {}
        self._went: dict[int, Client] = {}
        """Clients that left since the last tick; their grace period begins at the next one."""
        self._leaving: dict[int, tuple[float, Client]] = {}
        """Clients in their grace period and its beginning, the oldest first."""

    def came(self, client: Client) -> None:
        """Note that a client opened its first stream."""
        number = client.user.number
        away = self._went.pop(number, None) or self._leaving.pop(number, None)
        if away is not None:
            client.announced = True  # it may be another object than the one that left
        elif not client.announced:
            self._came[number] = client

    def went(self, client: Client) -> None:
        """Note that a client's last stream ended."""
        number = client.user.number
        if self._came.pop(number, None) is None or client.announced:
            self._went[number] = client

    def expect(self, client: Client) -> None:
        """Treat a client as present that was connected when the server ended.

        Its departure is announced if it does not return within the grace period.
        """
        client.announced = True
        self._went[client.user.number] = client

    def extend(self, seconds: float) -> None:
        """Extend the grace period of each client that is away by `seconds`."""
        for number, (since, client) in self._leaving.items():
            self._leaving[number] = (since + seconds, client)

    @property
    def unannounced(self) -> int:
        """The number of arrivals and departures that are not announced yet."""
        return len(self._came) + len(self._went) + len(self._leaving)

    def due(self, now: float) -> list[Change]:
        """Return the arrivals and departures to announce now; they count as announced.

        `now` is in seconds of the loop's clock.
        """
        came = list(self._came.values())
        self._came.clear()
        left = []
        for since, client in self._leaving.values():
            if since + limits.PRESENCE_GRACE > now:
                break
            left.append(client)
        for client in left:
            del self._leaving[client.user.number]
        self._leaving.update((number, (now, client)) for number, client in self._went.items())
        self._went.clear()
        for client in came:
            client.announced = True
        for client in left:
            client.announced = False
        told = [(client, chat_pb2.Presence.CHANGE_JOINED) for client in came]
        told += [(client, chat_pb2.Presence.CHANGE_LEFT) for client in left]
        return told

    def some_missing(self, head: int, nanoseconds: int) -> bytes:
        """Return the encoded event that tells a stream to list the clients again."""
        return encode_caught_up(head, nanoseconds, fell_behind=True)

    def encoded(self, changes: Iterable[Change], nanoseconds: int) -> dict[int, bytes]:
        """Return the encoded events of changes, by the client's number.

        `nanoseconds` is their time since 1970.
        """
        return {c.user.number: self._encoded(c, change, nanoseconds) for c, change in changes}

    def _encoded(
        self, client: Client, change: chat_pb2.Presence.Change.ValueType, nanoseconds: int
    ) -> bytes:
        told = client_message(client, self._node)
        event = chat_pb2.Event(presence=chat_pb2.Presence(client=told, change=change))
        event.time.FromNanoseconds(nanoseconds)
        return encode(event)


def client_message(client: Client, node: str) -> chat_pb2.Client:
    """Describe a client as others see it."""
    newest = client.streams[-1] if client.streams else None
    message = chat_pb2.Client(
        number=client.user.number,
        name=client.user.name,
        guest=client.user.guest,
        stream_count=len(client.streams),
        agent=newest.agent if newest is not None else "",
        node=node,
    )
    if newest is not None:
        message.connect_time.FromNanoseconds(int(client.connected_since * 1e9))
    return message
