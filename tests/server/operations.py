"""Every operation of the contract on a room or a message, made by a given person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc import aio
from server.people import MODERATOR, READER, Person, room, to
from support import LOBBY, eventually, reason_of

from chat_grpc.v1 import chat_pb2


@dataclass(frozen=True)
class Place:
    """The object of an operation: a room or direct conversation with a message of its owner."""

    owner: Person
    other: Person
    """Another member; the other side."""
    word: str
    """Stands in the owner's messages here, and nowhere else."""
    message: int
    name: str = ""
    own: int = 0
    """A message of who asks; 0 where they wrote none."""
    outsider: str = ""
    """The name of a user who is no member."""


@dataclass(frozen=True)
class Outcome:
    """The result of an operation for the table, and everything that the caller was told."""

    what: str
    told: bytes


OK = {"ok", "shown", "hidden"}
Operation = Callable[[Person, Place], Awaitable[Outcome]]
OPERATIONS: dict[str, Operation] = {}
"""By name."""
COVERED: dict[str, str] = {}
"""The method, or the request on the stream, that an operation makes."""


def operation(covers: str) -> Callable[[Operation], Operation]:
    """Register an operation under its function's name."""

    def register(made: Operation) -> Operation:
        OPERATIONS[made.__name__] = made
        COVERED[made.__name__] = covers
        return made

    return register


async def unary(
    person: Person, method: str, shown: Callable[[Any], bool] | None = None, **fields: Any
) -> Outcome:
    """Make a call. `shown` examines the response of a call that everybody may make."""
    try:
        answer: Message = await person.do(method, **fields)
    except aio.AioRpcError as error:
        metadata = error.trailing_metadata() or ()
        told = [error.details() or "", *(f"{key}={value!r}" for key, value in metadata)]
        return Outcome(f"{error.code().name} {reason_of(error)}", "\n".join(told).encode())
    what = "ok" if shown is None else "shown" if shown(answer) else "hidden"
    return Outcome(what, answer.SerializeToString(deterministic=True))


async def streamed(person: Person, **request: Any) -> Outcome:
    """Write a request to the stream and wait for the answer."""
    answer = await person.ask(**request)
    return _of_stream(answer)


def _of_stream(answer: Any) -> Outcome:
    if not isinstance(answer, chat_pb2.RequestError):
        return Outcome("ok", b"")
    code = next(code for code in grpc.StatusCode if code.value[0] == answer.code)
    told = answer.SerializeToString(deterministic=True)
    return Outcome(f"{code.name} {answer.reason}", told)


# ------------------------------------------------------------- lists


@operation("ListClients")
async def list_clients(person: Person, place: Place) -> Outcome:
    """List the connected members."""
    return await unary(person, "ListClients", room=place.name)


@operation("ListRoomMembers")
async def list_members(person: Person, place: Place) -> Outcome:
    """List the members."""
    return await unary(person, "ListRoomMembers", room=place.name)


@operation("ListRooms")
async def list_rooms(person: Person, place: Place) -> Outcome:
    """Look for the room in the list of rooms."""

    def shown(answer: Any) -> bool:
        return place.name in [each.name for each in answer.rooms]

    return await unary(person, "ListRooms", shown, page_size=1000)


@operation("ListConversations")
async def list_conversations(person: Person, place: Place) -> Outcome:
    """Look for the room in the list of conversations."""

    def shown(answer: Any) -> bool:
        return place.name in [each.room.name for each in answer.conversations]

    return await unary(person, "ListConversations", shown, page_size=300)


@operation("ListMessages")
async def list_messages(person: Person, place: Place) -> Outcome:
    """List the messages."""
    return await unary(person, "ListMessages", target=room(place.name))


@operation("SearchMessages")
async def search_in(person: Person, place: Place) -> Outcome:
    """Search in the room."""
    return await unary(person, "SearchMessages", query=place.word, target=room(place.name))


@operation("SearchMessages")
async def search(person: Person, place: Place) -> Outcome:
    """Search all conversations for a word that only the room has."""
    return await unary(
        person, "SearchMessages", lambda answer: bool(answer.messages), query=place.word
    )


# ------------------------------------------------------------- rooms


@operation("CreateRoom")
async def create(person: Person, place: Place) -> Outcome:
    """Create a room with the same name."""
    return await unary(person, "CreateRoom", name=place.name)


@operation("JoinRoom")
async def join(person: Person, place: Place) -> Outcome:
    """Join the room."""
    return await unary(person, "JoinRoom", room=place.name)


@operation("LeaveRoom")
async def leave(person: Person, place: Place) -> Outcome:
    """Leave the room."""
    return await unary(person, "LeaveRoom", room=place.name)


@operation("InviteToRoom")
async def invite(person: Person, place: Place) -> Outcome:
    """Invite a user."""
    return await unary(person, "InviteToRoom", room=place.name, user=place.outsider)


@operation("UpdateRoom")
async def update_topic(person: Person, place: Place) -> Outcome:
    """Change the topic."""
    return await unary(person, "UpdateRoom", room=place.name, topic="new")


@operation("UpdateRoom")
async def update_private(person: Person, place: Place) -> Outcome:
    """Make the room invite-only, or public, or both in turn."""
    first = await unary(person, "UpdateRoom", room=place.name, invite_only=False)
    second = await unary(person, "UpdateRoom", room=place.name, invite_only=True)
    return second if first.what in OK else first


@operation("DeleteRoom")
async def delete_room(person: Person, place: Place) -> Outcome:
    """Delete the room."""
    return await unary(person, "DeleteRoom", room=place.name)


@operation("SetRoomRole")
async def make_reader(person: Person, place: Place) -> Outcome:
    """Make a member a reader."""
    return await unary(person, "SetRoomRole", room=place.name, user=place.other.name, role=READER)


@operation("SetRoomRole")
async def make_moderator(person: Person, place: Place) -> Outcome:
    """Make a member a moderator."""
    return await unary(
        person, "SetRoomRole", room=place.name, user=place.other.name, role=MODERATOR
    )


@operation("SetRoomRole")
async def remove(person: Person, place: Place) -> Outcome:
    """Remove a member."""
    return await unary(person, "SetRoomRole", room=place.name, user=place.other.name)


# ------------------------------------------------------------- messages


@operation("SendTo")
async def send_to(person: Person, place: Place) -> Outcome:
    """Send to the room by `SendTo`."""
    sent = await unary(person, "SendTo", target=room(place.name), text="x")
    return Outcome(sent.what, b"" if sent.what == "ok" else sent.told)


@operation("SendTo")
async def answer_to(person: Person, place: Place) -> Outcome:
    """Answer the message in the lobby, by `SendTo`."""
    sent = await unary(person, "SendTo", target=LOBBY, text="x", reply_to=place.message)
    return Outcome(sent.what, b"" if sent.what == "ok" else sent.told)


@operation("send")
async def send(person: Person, place: Place) -> Outcome:
    """Send to the room on the stream."""
    return await streamed(person, send=chat_pb2.Send(target=room(place.name), text="x"))


@operation("send")
async def answer(person: Person, place: Place) -> Outcome:
    """Answer the message in the lobby, on the stream."""
    asked = chat_pb2.Send(target=LOBBY, text="x", reply_to=place.message)
    return await streamed(person, send=asked)


@operation("edit")
async def edit(person: Person, place: Place) -> Outcome:
    """Edit the owner's message."""
    return await streamed(person, edit=chat_pb2.Edit(target_sequence=place.message, text="x"))


@operation("edit")
async def edit_own(person: Person, place: Place) -> Outcome:
    """Edit the caller's own message."""
    return await streamed(person, edit=chat_pb2.Edit(target_sequence=place.own, text="x"))


@operation("delete_message")
async def delete(person: Person, place: Place) -> Outcome:
    """Delete the owner's message."""
    asked = chat_pb2.DeleteMessage(target_sequence=place.message)
    return await streamed(person, delete_message=asked)


@operation("delete_message")
async def delete_own(person: Person, place: Place) -> Outcome:
    """Delete the caller's own message."""
    return await streamed(person, delete_message=chat_pb2.DeleteMessage(target_sequence=place.own))


@operation("react")
async def react(person: Person, place: Place) -> Outcome:
    """React to the owner's message."""
    return await streamed(person, react=chat_pb2.React(target_sequence=place.message, emoji="👍"))


@operation("mark_read")
async def mark_read(person: Person, place: Place) -> Outcome:
    """Mark the room as read."""
    mark = chat_pb2.MarkRead(target=room(place.name), sequence=1)
    return _of_stream(await person.tell(mark_read=mark))


@operation("set_typing")
async def set_typing(person: Person, place: Place) -> Outcome:
    """Report typing in the room."""
    typing = chat_pb2.SetTyping(target=room(place.name))
    return _of_stream(await person.tell(set_typing=typing))


@operation("hello")
async def hello_again(person: Person, _: Place) -> Outcome:
    """Send a second `hello` on the open stream."""
    return _of_stream(await person.tell(hello=chat_pb2.Hello(name="x")))


@operation("Connect")
async def receive(person: Person, place: Place) -> Outcome:
    """Wait on the stream for a message, an edit, an answer and typing in the room."""
    return await _received(person, place, room(place.name))


async def _received(person: Person, place: Place, target: chat_pb2.Target) -> Outcome:
    owner, before = place.owner, len(person.events)
    await owner.sent(f"again {place.word}", target)
    await owner.ask(edit=chat_pb2.Edit(target_sequence=place.message, text=f"new {place.word}"))
    await owner.ask(react=chat_pb2.React(target_sequence=place.message, emoji="🎉"))
    await owner.tell(mark_read=chat_pb2.MarkRead(target=target, sequence=place.message))
    await owner.tell(set_typing=chat_pb2.SetTyping(target=target))
    end = (await owner.sent("end")).sequence
    if person is not owner:
        await eventually(lambda: end in person.sequences)
    kinds = {event.WhichOneof("event") for event in person.events[before:]}
    texts = [str(event) for event in person.events[before:]]
    shown = any(place.word in text for text in texts)
    assert shown == bool(kinds & {"edited", "reaction", "read_marker", "typing"})
    return Outcome("shown" if shown else "hidden", b"")


# ------------------------------------------------------------- a direct conversation


def _partner(person: Person, place: Place) -> chat_pb2.Target:
    return to(place.other if person is place.owner else place.owner)


@operation("ListMessages")
async def list_direct(person: Person, place: Place) -> Outcome:
    """Look for the message in the caller's conversation with its author."""

    def shown(answer: Any) -> bool:
        return place.word in str(answer)

    return await unary(person, "ListMessages", shown, target=_partner(person, place))


@operation("SearchMessages")
async def search_direct(person: Person, place: Place) -> Outcome:
    """Search for the message in the caller's conversation with its author."""
    target = _partner(person, place)

    def shown(answer: Any) -> bool:
        return bool(answer.messages)

    return await unary(person, "SearchMessages", shown, query=place.word, target=target)


@operation("ListConversations")
async def list_partners(person: Person, place: Place) -> Outcome:
    """Look for the message as the newest one of a conversation."""
    return await unary(person, "ListConversations", lambda answer: place.word in str(answer))


@operation("Connect")
async def receive_direct(person: Person, place: Place) -> Outcome:
    """Wait on the stream for a message, an edit, an answer and typing in the conversation."""
    return await _received(person, place, to(place.other))
