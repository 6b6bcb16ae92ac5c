"""Recipients, users and messages, in the forms that programs have them."""

from __future__ import annotations

from typing import Any, cast

import pytest

from chat_grpc.client import ChatCalls, ChatClient, To
from chat_grpc.client.arguments import conversation_of, message_sequence, recipient, user_of
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

BOB = chat_pb2.Author(number=2, name="bob")
ME = chat_pb2.Author(number=1, name="me")

RECIPIENTS: list[tuple[To, int | str | None]] = [
    (None, None),
    (2, 2),
    ("bob", "bob"),
    ("@bob", "bob"),
    ("@2", 2),
    ("2", "2"),
    ("#ops", "#ops"),
    (BOB, 2),
    (chat_pb2.Client(number=2, name="bob"), 2),
    (chat_pb2.Room(name="ops"), "#ops"),
]


@pytest.mark.parametrize(("to", "expected"), RECIPIENTS, ids=str)
def test_recipients(to: To, expected: int | str | None) -> None:
    """Each form of a recipient stands for a number, a name, a room, or everyone."""
    assert recipient(to) == expected


@pytest.mark.parametrize("wrong", [True, 1.5, b"bob", ["bob"], chat_pb2.Message()])
def test_other_recipients_are_type_errors(wrong: Any) -> None:
    """A value that is no recipient is a TypeError that lists the forms."""
    with pytest.raises(TypeError, match=r"to is .*; pass a number, a name"):
        recipient(wrong)
    with pytest.raises(TypeError, match="user is "):
        user_of(wrong)


def test_an_event_is_no_recipient() -> None:
    """The error for an event as a recipient names `reply`."""
    with pytest.raises(TypeError, match=r"call reply\(event, text\)"):
        recipient(cast("To", chat_pb2.Event()))


def test_messages() -> None:
    """A message is its sequence, an event about it, an item of the history, or a result."""
    edited = chat_pb2.Edited(target_sequence=5)
    reaction = chat_pb2.Reaction(target_sequence=5)
    deleted = chat_pb2.Deleted(target_sequence=5)
    for message in (
        5,
        chat_pb2.Event(sequence=5, message=chat_pb2.Message()),
        chat_pb2.Event(sequence=9, edited=edited),
        chat_pb2.Event(sequence=9, deleted=deleted),
        chat_pb2.Event(sequence=9, reaction=reaction),
        chat_pb2.StoredMessage(sequence=5),
        chat_pb2.Sent(sequence=5),
    ):
        assert message_sequence(message) == 5
    with pytest.raises(TypeError, match="reply_to is the str '17'; pass the sequence"):
        message_sequence(cast("int", "17"), "reply_to")
    with pytest.raises(TypeError, match="message is the bool True"):
        message_sequence(True)
    with pytest.raises(ValueError, match="it is a presence"):
        message_sequence(chat_pb2.Event(presence=chat_pb2.Presence()))


def event(author: chat_pb2.Author, **to: Any) -> chat_pb2.Event:
    """Return the event of a message."""
    return chat_pb2.Event(sequence=3, message=chat_pb2.Message(author=author, **to))


def test_conversations() -> None:
    """An answer goes to the room, or to the other side of a direct conversation."""
    assert conversation_of(event(BOB, room="ops"), 1) == "#ops"
    assert conversation_of(event(BOB, user=ME), 1) == 2
    assert conversation_of(event(ME, user=BOB), 1) == 2
    edited = chat_pb2.Edited(target_sequence=3, message=event(BOB, room="ops").message)
    assert conversation_of(chat_pb2.Event(sequence=4, edited=edited), 1) == "#ops"
    with pytest.raises(ValueError, match="the event is a presence"):
        conversation_of(chat_pb2.Event(presence=chat_pb2.Presence()), 1)
    with pytest.raises(TypeError, match="reply answers an Event; got a Message"):
        conversation_of(cast("chat_pb2.Event", chat_pb2.Message()), 1)


async def test_with_a_server(server: Server) -> None:
    """Messages, answers and changes reach the server in each form."""
    at = f"127.0.0.1:{server.port}"
    async with (
        ChatClient.connect(at, name="alice") as alice,
        ChatClient.connect(at, name="bob") as bob,
        ChatCalls(at, token=alice.token) as calls,
    ):
        forms: list[To] = [bob.me, f"@{bob.me.number}", "@bob"]
        author = chat_pb2.Author(number=bob.me.number, name="bob")
        forms.append(author)
        for number, to in enumerate(forms):
            await alice.send(f"direct {number}", to)
        await calls.send_to("by a call", author)
        room = await alice.create_room("ops")
        await bob.join("ops")
        asked = await alice.send("who is there?", room)
        got: list[chat_pb2.Event] = []
        async for each in bob:
            if each.HasField("message"):
                got.append(each)
            if each.message.room == "ops":
                break
        assert [each.message.text for each in got[:5]] == [
            *(f"direct {number}" for number in range(4)),
            "by a call",
        ]
        answer = await bob.reply(got[0], "privately")
        await bob.reply(got[-1], "I am")
        await bob.react(got[-1], "👍")
        await bob.mark_read(got[-1], room)
        await bob.edit(answer, "in private")
        (direct,) = await alice.history(bob.me, limit=1).all()
        assert (direct.message.text, direct.message.reply_to) == ("in private", got[0].sequence)
        in_room = await alice.history(room).all()
        assert [each.message.text for each in in_room] == ["I am", "who is there?"]
        assert in_room[0].message.reply_to == asked.sequence
        assert [each.emoji for each in in_room[1].reactions] == ["👍"]
        assert (await alice.block(author)).name == "bob"
        with pytest.raises(TypeError, match="reply_to is the str"):
            await alice.send("hi", reply_to=cast("int", "17"))
