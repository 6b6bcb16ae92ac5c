"""Targets: the users, rooms and messages that requests name."""

from __future__ import annotations

from chat_grpc.app.identity import Identity
from chat_grpc.core.errors import FieldInvalid, client_not_found, message_not_found
from chat_grpc.core.hub import Hub
from chat_grpc.core.intake import direct_channels
from chat_grpc.core.names import room_key
from chat_grpc.core.room_rules import channel_of
from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.core.user import User
from chat_grpc.journal.history import History
from chat_grpc.v1 import chat_pb2


async def resolve(identity: Identity, target: chat_pb2.Target) -> User | str:
    """Return the user or the name of the room that a target names."""
    kind = target.WhichOneof("target")
    if kind == "room":
        return target.room
    if kind == "client_number":
        return await identity.numbered(target.client_number)
    if kind == "user":
        return await identity.named(target.user)
    raise FieldInvalid("The target is missing: set client_number, user, or room.")


async def resolve_recipient(
    identity: Identity, author: User, target: chat_pb2.Target
) -> User | str:
    """Find the user, or return the name of the room, that a message is for.

    Raises `UserChanged` if the author's conversation is with another user of this name, and
    `ClientNotFound` for a user who deleted the account.
    """
    to = await resolve(identity, target)
    if isinstance(to, User) and to.deleted:
        raise client_not_found(to.number)
    if isinstance(to, User) and target.HasField("user"):
        await identity.check_same_user(author, to)
    return to


async def check_reply(
    hub: Hub, history: History, author: User, to: User | str, sequence: int
) -> None:
    """Raise an error if a reply to a message may not go to `to`, a user or a room's name.

    `MessageNotFound` if there is no such message, or the author may not read it. `FieldInvalid` if
    a reader of the reply may not read it, and would learn of it from the reply. A reply to a
    deleted message is allowed. The intake refuses a sequence beyond the head.
    """
    if not 0 < sequence <= hub.head:
        return
    found = await history.message(sequence)
    if found is None or not hub.intake.may_read(found.channels, author, sequence):
        raise message_not_found(sequence, "reply_to")
    if isinstance(to, User):
        seen = hub.intake.may_read(found.channels, to, sequence)
    else:
        seen = found.channels in ((LOBBY_CHANNEL,), (channel_of(room_key(to)),))
    if not seen:
        raise FieldInvalid(
            f"Readers of this reply may not see message {sequence}; reply where the message is.",
            metadata={"reply_to": str(sequence)},
        )


async def readable(
    hub: Hub, identity: Identity, reader: User, target: chat_pb2.Target
) -> tuple[str, ...]:
    """Return the channels of a conversation that a user may read.

    Raises `RoomNotFound`, `NotAMember`, `UserNotFound`, `ClientNotFound` or `FieldInvalid`.
    """
    to = await resolve(identity, target)
    if isinstance(to, User):
        return direct_channels(reader, to)
    return (hub.intake.readable_room(to, reader),)
