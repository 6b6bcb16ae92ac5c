"""Whom and what a request names."""

from __future__ import annotations

from chat_grpc.core.entry import User
from chat_grpc.core.errors import FieldInvalid
from chat_grpc.core.hub import Hub, direct_topics
from chat_grpc.service.identity import Identity
from chat_grpc.v1 import chat_pb2


async def resolve(identity: Identity, target: chat_pb2.Target) -> User | str:
    """Finds the user, or gives the name of the room, to whom a message goes."""
    kind = target.WhichOneof("target")
    if kind == "room":
        return target.room
    if kind == "client_number":
        return await identity.numbered(target.client_number)
    if kind == "user":
        return await identity.named(target.user)
    raise FieldInvalid("A target is needed: client_number, user, or room.")


async def readable(
    hub: Hub, identity: Identity, reader: User, target: chat_pb2.Target
) -> tuple[str, ...]:
    """Gives the topics of a conversation that a user may read.

    Raises `RoomNotFound`, `NotAMember`, `UserNotFound`, `ClientNotFound` or `FieldInvalid`.
    """
    to = await resolve(identity, target)
    if isinstance(to, User):
        return direct_topics(reader, to)
    return (hub.readable_room(to, reader),)
