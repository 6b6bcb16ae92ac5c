"""The keys of conversations: `#room`, or `@number` of the other user. Pure.

A direct conversation is with a number, because a name may belong to another user later. `@name` is
the key only while the number is not known.
"""

from __future__ import annotations

from chat_grpc.client.arguments import Recipient
from chat_grpc.spelling.names import lookup_key
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.people import Label

LOBBY = "#lobby"


def of_message(message: chat_pb2.Message, me: int) -> str:
    """Return the key of a message's conversation."""
    if message.HasField("room"):
        return f"#{message.room}"
    other = message.user if message.author.number == me else message.author
    return f"@{other.number}"


def key_of(conversation: chat_pb2.Conversation | chat_pb2.ReadMarker) -> str:
    """Return the key of a conversation in a list of the server, or in a read marker."""
    kind = conversation.WhichOneof("conversation")
    if kind == "user":
        return f"@{conversation.user.number}"
    room = conversation.room
    return f"#{room if isinstance(room, str) else room.name}"


def target(conversation: str) -> Recipient:
    """Return the target of a message in a conversation."""
    name = conversation.removeprefix("@")
    # No name consists of digits alone.
    return int(name) if name.isascii() and name.isdigit() else name


def title(conversation: str, label: Label) -> str:
    """Return a conversation as it is shown: `#room`, `@name` or `@name#number`; not yet safe."""
    to = target(conversation)
    return f"@{label(to, '')}" if isinstance(to, int) else conversation


def same(one: str, other: str) -> bool:
    """Return True if two keys are of one conversation."""
    return one == other or folded(one) == folded(other)


def folded(conversation: str) -> str:
    """Return a key in the form that is the same for each spelling of a room."""
    return conversation[:1] + lookup_key(conversation[1:])
