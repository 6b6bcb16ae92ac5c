"""An event as variables of the environment, for the command of `tail --exec`. Pure."""

from __future__ import annotations

from google.protobuf.json_format import MessageToDict

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.conversation import key_of, of_message
from chat_grpc_cli.event_filter import mentions

_PREFIX = "CHAT_GRPC_"

_EMPTY = dict.fromkeys(
    (
        *("EVENT", "SEQUENCE", "TIME", "AUTHOR", "AUTHOR_NUMBER", "CONVERSATION", "TEXT"),
        *("MENTION", "REPLY_TO", "TARGET_SEQUENCE", "EMOJI", "CHANGE"),
    ),
    "",
)


def variables(event: chat_pb2.Event, me: int) -> dict[str, str]:
    """Return the variables of an event. Each is always set, and empty where the event has none."""
    kind = event.WhichOneof("event") or ""
    found = _EMPTY | {"EVENT": kind, "SEQUENCE": str(event.sequence or "")}
    if event.HasField("time"):
        found["TIME"] = event.time.ToJsonString()
    by = author(event)
    found |= {"AUTHOR": by.name, "AUTHOR_NUMBER": str(by.number or "")}
    found["CONVERSATION"] = conversation(event, me)
    found["MENTION"] = "1" if mentions(event, me) else ""
    found |= _details(event, kind)
    return {_PREFIX + name: value for name, value in found.items()}


def _details(event: chat_pb2.Event, kind: str) -> dict[str, str]:
    match kind:
        case "message":
            return {"TEXT": event.message.text, "REPLY_TO": str(event.message.reply_to or "")}
        case "edited":
            told = event.edited
            return {"TEXT": told.message.text, "TARGET_SEQUENCE": str(told.target_sequence)}
        case "deleted":
            return {"TARGET_SEQUENCE": str(event.deleted.target_sequence)}
        case "reaction":
            reaction = event.reaction
            change = "removed" if reaction.removed else "added"
            return {
                "TARGET_SEQUENCE": str(reaction.target_sequence),
                "EMOJI": reaction.emoji,
                "CHANGE": change,
            }
        case "presence" | "room_change":
            change = MessageToDict(getattr(event, kind)).get("change", "")
            return {"CHANGE": change.removeprefix("CHANGE_").lower()}
    return {}


def author(event: chat_pb2.Event) -> chat_pb2.Author:
    """Return the user who caused an event; empty for an event of the server."""
    kind = event.WhichOneof("event")
    match kind:
        case "edited":
            return event.edited.message.author
        case "presence":
            client = event.presence.client
            return chat_pb2.Author(number=client.number, name=client.name)
        case "message" | "deleted" | "reaction" | "typing" | "read_marker" | "room_change":
            found: chat_pb2.Author = getattr(event, kind).author
            return found
    return chat_pb2.Author()


def conversation(event: chat_pb2.Event, me: int) -> str:
    """Return the `#room` or `@number` of an event; empty if the event does not name it."""
    match event.WhichOneof("event"):
        case "message":
            return of_message(event.message, me)
        case "edited":
            return of_message(event.edited.message, me)
        case "room_change":
            return f"#{event.room_change.room.name}"
        case "read_marker":
            return key_of(event.read_marker)
        case "typing":
            typing = event.typing
            return f"#{typing.room}" if typing.room else f"@{typing.author.number}"
    return ""
