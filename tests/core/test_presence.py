"""Who came and left, between two ticks."""

from __future__ import annotations

from chat_grpc.core import limits
from chat_grpc.core.presence import Presence
from chat_grpc.core.stream import Client
from chat_grpc.core.user import User
from chat_grpc.v1 import chat_pb2

NOW = 1_800_000_000_000_000_000


def due(presence: Presence, now: float) -> list[tuple[str, int]]:
    """Gives what is to be told at a time, decoded."""
    frames = b"".join(presence.due(now, NOW).values())
    told = [event.presence for event in chat_pb2.ConnectResponse.FromString(frames).events]
    return [(presence.client.name, presence.change) for presence in told]


def test_who_came_and_went_between_two_ticks_is_not_told() -> None:
    """Nothing happened, for the others."""
    presence, client = Presence("node-1"), Client(User(1, "alice", "alice"))
    presence.came(client)
    presence.went(client)
    assert due(presence, 1.0) == []
    assert due(presence, 1.0 + limits.PRESENCE_GRACE) == []


def test_the_grace_begins_at_the_tick_behind_the_end() -> None:
    """Who is away for just so long left, and who is back before is not told of."""
    presence, client = Presence("node-1"), Client(User(1, "alice", "alice"))
    presence.came(client)
    assert due(presence, 1.0) == [("alice", chat_pb2.Presence.CHANGE_JOINED)]
    presence.went(client)
    assert due(presence, 2.0) == []
    presence.came(client)
    presence.went(client)
    assert due(presence, 10.0) == []
    assert due(presence, 19.9) == []
    assert due(presence, 20.0) == [("alice", chat_pb2.Presence.CHANGE_LEFT)]
    presence.came(client)
    assert due(presence, 21.0) == [("alice", chat_pb2.Presence.CHANGE_JOINED)]
