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
class Conversation:
    """The object of an operation: a room or direct conversation with a message of its owner."""

    owner: Person
    other: Person
    """Another member, or the other side."""
    word: str
    """A word of the owner's messages in this conversation, and of no other message."""
    message: int
    name: str = ""
    own: int = 0
    """A message of the caller; 0 if the caller has none."""
    outsider: str = ""
    """The name of a user who is not a member."""


@dataclass(frozen=True)
class Outcome:
    """The result of an operation for the table, and everything that the caller was told."""

    what: str
    told: bytes


OK = {"ok", "shown", "hidden"}
Operation = Callable[[Person, Conversation], Awaitable[Outcome]]
OPERATIONS: dict[str, Operation] = {}
"""The operations by name."""
COVERED: dict[str, str] = {}
"""The method or the stream request that each operation makes."""


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
async def list_clients(person: Person, conversation: Conversation) -> Outcome:
    """List the connected members."""
    return await unary(person, "ListClients", room=conversation.name)


@operation("ListRoomMembers")
async def list_members(person: Person, conversation: Conversation) -> Outcome:
    """List the members."""
    return await unary(person, "ListRoomMembers", room=conversation.name)


@operation("ListRooms")
async def list_rooms(person: Person, conversation: Conversation) -> Outcome:
    """Look for the room in the list of rooms."""

    def shown(answer: Any) -> bool:
        return conversation.name in [each.name for each in answer.rooms]

    return await unary(person, "ListRooms", shown, page_size=1000)


@operation("ListConversations")
async def list_conversations(person: Person, conversation: Conversation) -> Outcome:
    """Look for the room in the list of conversations."""

    def shown(answer: Any) -> bool:
        return conversation.name in [each.room.name for each in answer.conversations]

    return await unary(person, "ListConversations", shown, page_size=300)


@operation("ListMessages")
async def list_messages(person: Person, conversation: Conversation) -> Outcome:
    """List the messages."""
    return await unary(person, "ListMessages", target=room(conversation.name))


@operation("SearchMessages")
async def search_in(person: Person, conversation: Conversation) -> Outcome:
    """Search in the room."""
    return await unary(
        person, "SearchMessages", query=conversation.word, target=room(conversation.name)
    )


@operation("SearchMessages")
async def search(person: Person, conversation: Conversation) -> Outcome:
    """Search all conversations for a word that only the room has."""
    return await unary(
        person, "SearchMessages", lambda answer: bool(answer.messages), query=conversation.word
    )


# ------------------------------------------------------------- rooms


@operation("CreateRoom")
async def create(person: Person, conversation: Conversation) -> Outcome:
    """Create a room with the same name."""
    return await unary(person, "CreateRoom", name=conversation.name)


@operation("JoinRoom")
async def join(person: Person, conversation: Conversation) -> Outcome:
    """Join the room."""
    return await unary(person, "JoinRoom", room=conversation.name)


@operation("LeaveRoom")
async def leave(person: Person, conversation: Conversation) -> Outcome:
    """Leave the room."""
    return await unary(person, "LeaveRoom", room=conversation.name)


@operation("InviteToRoom")
async def invite(person: Person, conversation: Conversation) -> Outcome:
    """Invite a user."""
    return await unary(person, "InviteToRoom", room=conversation.name, user=conversation.outsider)


@operation("UpdateRoom")
async def update_topic(person: Person, conversation: Conversation) -> Outcome:
    """Change the topic."""
    return await unary(person, "UpdateRoom", room=conversation.name, topic="new")


@operation("UpdateRoom")
async def update_access(person: Person, conversation: Conversation) -> Outcome:
    """Make the room invite-only, or public, or both in turn."""
    first = await unary(person, "UpdateRoom", room=conversation.name, invite_only=False)
    second = await unary(person, "UpdateRoom", room=conversation.name, invite_only=True)
    return second if first.what in OK else first


@operation("DeleteRoom")
async def delete_room(person: Person, conversation: Conversation) -> Outcome:
    """Delete the room."""
    return await unary(person, "DeleteRoom", room=conversation.name)


@operation("SetRoomRole")
async def make_reader(person: Person, conversation: Conversation) -> Outcome:
    """Make a member a reader."""
    return await unary(
        person, "SetRoomRole", room=conversation.name, user=conversation.other.name, role=READER
    )


@operation("SetRoomRole")
async def make_moderator(person: Person, conversation: Conversation) -> Outcome:
    """Make a member a moderator."""
    return await unary(
        person, "SetRoomRole", room=conversation.name, user=conversation.other.name, role=MODERATOR
    )


@operation("SetRoomRole")
async def remove(person: Person, conversation: Conversation) -> Outcome:
    """Remove a member."""
    return await unary(person, "SetRoomRole", room=conversation.name, user=conversation.other.name)


# ------------------------------------------------------------- messages


@operation("SendTo")
async def send_to(person: Person, conversation: Conversation) -> Outcome:
    """Send to the room by `SendTo`."""
    sent = await unary(person, "SendTo", target=room(conversation.name), text="x")
    return Outcome(sent.what, b"" if sent.what == "ok" else sent.told)


@operation("SendTo")
async def answer_to(person: Person, conversation: Conversation) -> Outcome:
    """Answer the message in the lobby, by `SendTo`."""
    sent = await unary(person, "SendTo", target=LOBBY, text="x", reply_to=conversation.message)
    return Outcome(sent.what, b"" if sent.what == "ok" else sent.told)


@operation("send")
async def send(person: Person, conversation: Conversation) -> Outcome:
    """Send to the room on the stream."""
    return await streamed(person, send=chat_pb2.Send(target=room(conversation.name), text="x"))


@operation("send")
async def answer(person: Person, conversation: Conversation) -> Outcome:
    """Answer the message in the lobby, on the stream."""
    asked = chat_pb2.Send(target=LOBBY, text="x", reply_to=conversation.message)
    return await streamed(person, send=asked)


@operation("edit")
async def edit(person: Person, conversation: Conversation) -> Outcome:
    """Edit the owner's message."""
    return await streamed(
        person, edit=chat_pb2.Edit(target_sequence=conversation.message, text="x")
    )


@operation("edit")
async def edit_own(person: Person, conversation: Conversation) -> Outcome:
    """Edit the caller's own message."""
    return await streamed(person, edit=chat_pb2.Edit(target_sequence=conversation.own, text="x"))


@operation("delete_message")
async def delete(person: Person, conversation: Conversation) -> Outcome:
    """Delete the owner's message."""
    asked = chat_pb2.DeleteMessage(target_sequence=conversation.message)
    return await streamed(person, delete_message=asked)


@operation("delete_message")
async def delete_own(person: Person, conversation: Conversation) -> Outcome:
    """Delete the caller's own message."""
    return await streamed(
        person, delete_message=chat_pb2.DeleteMessage(target_sequence=conversation.own)
    )


@operation("react")
async def react(person: Person, conversation: Conversation) -> Outcome:
    """React to the owner's message."""
    return await streamed(
        person, react=chat_pb2.React(target_sequence=conversation.message, emoji="👍")
    )


@operation("mark_read")
async def mark_read(person: Person, conversation: Conversation) -> Outcome:
    """Mark the room as read."""
    mark = chat_pb2.MarkRead(target=room(conversation.name), sequence=1)
    return _of_stream(await person.tell(mark_read=mark))


@operation("set_typing")
async def set_typing(person: Person, conversation: Conversation) -> Outcome:
    """Report typing in the room."""
    typing = chat_pb2.SetTyping(target=room(conversation.name))
    return _of_stream(await person.tell(set_typing=typing))


@operation("hello")
async def hello_again(person: Person, _: Conversation) -> Outcome:
    """Send a second `hello` on the open stream."""
    return _of_stream(await person.tell(hello=chat_pb2.Hello(name="x")))


@operation("Connect")
async def receive(person: Person, conversation: Conversation) -> Outcome:
    """Wait on the stream for a message, an edit, an answer and typing in the room."""
    return await _received(person, conversation, room(conversation.name))


async def _received(person: Person, conversation: Conversation, target: chat_pb2.Target) -> Outcome:
    owner, before = conversation.owner, len(person.events)
    await owner.sent(f"again {conversation.word}", target)
    await owner.ask(
        edit=chat_pb2.Edit(target_sequence=conversation.message, text=f"new {conversation.word}")
    )
    await owner.ask(react=chat_pb2.React(target_sequence=conversation.message, emoji="🎉"))
    await owner.tell(mark_read=chat_pb2.MarkRead(target=target, sequence=conversation.message))
    await owner.tell(set_typing=chat_pb2.SetTyping(target=target))
    end = (await owner.sent("end")).sequence
    if person is not owner:
        await eventually(lambda: end in person.sequences)
    kinds = {event.WhichOneof("event") for event in person.events[before:]}
    texts = [str(event) for event in person.events[before:]]
    shown = any(conversation.word in text for text in texts)
    assert shown == bool(kinds & {"edited", "reaction", "read_marker", "typing"})
    return Outcome("shown" if shown else "hidden", b"")


# ------------------------------------------------------------- a direct conversation


def _partner(person: Person, conversation: Conversation) -> chat_pb2.Target:
    return to(conversation.other if person is conversation.owner else conversation.owner)


@operation("ListMessages")
async def list_direct(person: Person, conversation: Conversation) -> Outcome:
    """Look for the message in the caller's conversation with its author."""

    def shown(answer: Any) -> bool:
        return conversation.word in str(answer)

    return await unary(person, "ListMessages", shown, target=_partner(person, conversation))


@operation("SearchMessages")
async def search_direct(person: Person, conversation: Conversation) -> Outcome:
    """Search for the message in the caller's conversation with its author."""
    target = _partner(person, conversation)

    def shown(answer: Any) -> bool:
        return bool(answer.messages)

    return await unary(person, "SearchMessages", shown, query=conversation.word, target=target)


@operation("ListConversations")
async def list_partners(person: Person, conversation: Conversation) -> Outcome:
    """Look for the message as the newest one of a conversation."""
    return await unary(person, "ListConversations", lambda answer: conversation.word in str(answer))


@operation("Connect")
async def receive_direct(person: Person, conversation: Conversation) -> Outcome:
    """Wait on the stream for a message, an edit, an answer and typing in the conversation."""
    return await _received(person, conversation, to(conversation.other))
