"""A conversation is with a user's number, whichever user has the name now."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from client.scripted import LOG, Scripted, live, meeting, next_of

from chat_grpc.client import ChatClient, Refused, UserChanged
from chat_grpc.client.errors import from_rejected
from chat_grpc.client.known_users import KnownUsers
from chat_grpc.v1 import chat_pb2

ME = 1


def said(name: str, number: int, *, direct: bool = False, sequence: int = 1) -> chat_pb2.Event:
    """Return a message by a user, to everyone or to the client's user."""
    author = chat_pb2.Author(number=number, name=name)
    event = chat_pb2.Event(sequence=sequence, message=chat_pb2.Message(author=author, text="x"))
    if direct:
        event.message.user.CopyFrom(chat_pb2.Author(number=ME, name="alice"))
    else:
        event.message.room = "lobby"
    return event


def came(name: str, number: int) -> chat_pb2.Event:
    """Return the presence of a user who connected."""
    client = chat_pb2.Client(number=number, name=name)
    change = chat_pb2.Presence.CHANGE_JOINED
    return chat_pb2.Event(presence=chat_pb2.Presence(client=client, change=change))


def knowing(*events: chat_pb2.Event, most: int = 10) -> KnownUsers:
    """Return the known users after some events."""
    users = KnownUsers(most)
    users.me = ME
    for event in events:
        kind = event.WhichOneof("event")
        assert kind is not None
        users.learn(event, kind)
    return users


@pytest.mark.parametrize("to", [None, "#bob", "bob", 7])
def test_nobody_known(to: Any) -> None:
    """A target is unchanged while no user was seen."""
    assert knowing().write_to(to) == to


@pytest.mark.parametrize("spelling", ["bob", "BOB", "ｂｏｂ"])
def test_the_number_of_a_name(spelling: str) -> None:
    """A name that was seen becomes its number, in each spelling."""
    assert knowing(came("bob", 5)).write_to(spelling) == 5
    assert knowing(said("Bob", 5)).number_of(spelling) == 5


def test_a_stranger_with_the_name_of_a_conversation() -> None:
    """After a message to a user, the name is refused once another user has it."""
    users = knowing(came("bob", 5))
    users.write_to("bob")
    users.saw("bob", 9)
    with pytest.raises(UserChanged) as caught:
        users.write_to("Bob")
    error = caught.value
    assert (error.user, error.client_number, error.previous_number) == ("Bob", 9, 5)
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    assert users.number_of("bob") == 5


def test_a_message_of_the_stranger() -> None:
    """Messages from the new or the old user do not change whom the name means."""
    users = knowing(said("bob", 5, direct=True), said("bob", 9, direct=True))
    with pytest.raises(UserChanged):
        users.write_to("bob")


@pytest.mark.parametrize("number", [9, 5])
def test_the_program_decides(number: int) -> None:
    """Writing to the new number settles the name; writing to the old one does not."""
    users = knowing(said("bob", 5, direct=True), came("bob", 9))
    assert users.write_to(number) == number
    if number == 9:
        assert users.write_to("bob") == 9
    else:
        with pytest.raises(UserChanged):
            users.write_to("bob")


def test_the_old_one_comes_back() -> None:
    """Once the old user has the name again, it means them."""
    users = knowing(said("bob", 5, direct=True), came("bob", 9), came("bob", 5))
    assert users.write_to("bob") == 5


def test_a_name_without_a_conversation() -> None:
    """Of several users without a conversation, the name means the newest."""
    assert knowing(came("bob", 5), came("bob", 9)).write_to("bob") == 9


def test_own_message_from_another_device() -> None:
    """A message from the user's other device also makes a conversation."""
    event = said("alice", ME, direct=True)
    event.message.user.CopyFrom(chat_pb2.Author(number=5, name="bob"))
    users = knowing(event, came("bob", 9))
    with pytest.raises(UserChanged):
        users.write_to("bob")


def test_those_who_leave() -> None:
    """A user who left is still remembered with the name."""
    left = came("bob", 9)
    left.presence.change = chat_pb2.Presence.CHANGE_LEFT
    assert knowing(came("bob", 5), left).number_of("bob") == 5


def test_bounded() -> None:
    """The least recently seen names are forgotten."""
    users = knowing(*(came(f"guest{n}", n + 2) for n in range(30)), most=10)
    assert len(users) == 10
    assert (users.number_of("guest0"), users.number_of("guest29")) == (None, 31)
    users.saw("guest20", 22)
    users.saw("new", 99)
    assert users.number_of("guest20") == 22
    assert users.number_of("guest21") is None


def test_typed_error() -> None:
    """A refusal of the server with this reason is a `UserChanged` with its numbers."""
    metadata = {"user": "bob", "client_number": "9", "previous_number": "5"}
    error = from_rejected(chat_pb2.RequestError(code=9, reason="USER_CHANGED", metadata=metadata))
    assert isinstance(error, UserChanged)
    assert (error.user, error.client_number, error.previous_number) == ("bob", 9, 5)
    bare = from_rejected(chat_pb2.RequestError(code=9, reason="USER_CHANGED"))
    assert isinstance(bare, UserChanged)
    assert (bare.client_number, bare.previous_number) == (0, 0)


async def sent_to(chat: ChatClient, visit: Any, to: Any, **options: Any) -> chat_pb2.Target:
    """Send a message; return the target that the server got."""
    sending = asyncio.create_task(chat.send("hi", to, **options))
    (send,) = await visit.sends(1)
    await visit.answer(send, 10)
    await sending
    target: chat_pb2.Target = send.target
    return target


async def test_sending(script: Scripted) -> None:
    """A known name is sent as its number; nothing is sent after the name changed."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        assert (await sent_to(chat, visit, "bob")).user == "bob"
        await visit.tell(came("bob", 5))
        await next_of(chat, 1)
        assert (await sent_to(chat, visit, "bob")).client_number == 5
        await visit.tell(came("bob", 9))
        await next_of(chat, 1)
        for refused in (chat.send("hi", "bob"), chat.invite("ops", "bob")):
            with pytest.raises(UserChanged):
                await refused
        await chat.mark_read(1, "bob")
        assert (await visit.request()).mark_read.target.client_number == 5
        assert (await sent_to(chat, visit, 9)).client_number == 9
        assert (await sent_to(chat, visit, "bob")).client_number == 9


async def test_own_request_id(script: Scripted) -> None:
    """With the program's own id the name is sent: a retry must be the same request."""
    async with meeting(script) as (chat, visit):
        await visit.tell(came("bob", 5))
        await live(chat)
        assert (await sent_to(chat, visit, "bob", request_id="r")).user == "bob"


async def test_the_server_knows_more(script: Scripted) -> None:
    """After the server refused a name, the client refuses it without asking."""
    async with meeting(script) as (chat, visit):
        sending = asyncio.create_task(chat.send("hi", "bob"))
        (send,) = await visit.sends(1)
        metadata = {"user": "bob", "client_number": "9", "previous_number": "5"}
        error = chat_pb2.RequestError(code=9, reason="USER_CHANGED", metadata=metadata)
        rejected = chat_pb2.Rejected(request_id=send.request_id, error=error)
        await visit.tell(chat_pb2.Event(rejected=rejected))
        with pytest.raises(UserChanged):
            await sending
        with pytest.raises(UserChanged):
            await chat.send("hi", "bob")
        assert (await sent_to(chat, visit, 9)).client_number == 9
        assert (await sent_to(chat, visit, "bob")).client_number == 9


async def test_another_log(script: Scripted) -> None:
    """A server that lost its store gives new numbers, so all known users are forgotten."""
    async with meeting(script) as (chat, visit):
        await visit.tell(came("bob", 5))
        await live(chat)
        assert visit.hello.log_id == ""
        visit.drop()
        second = await script.visit()
        assert second.hello.log_id == LOG
        await second.welcome(log_id="log-2", recovery=chat_pb2.RECOVERY_OTHER_LOG)
        await live(chat)
        assert (await sent_to(chat, second, "bob")).user == "bob"


def test_other_refusals() -> None:
    """A refusal with another reason stays a plain `Refused`."""
    error = from_rejected(chat_pb2.RequestError(code=5, reason="USER_NOT_FOUND"))
    assert type(error) is Refused
