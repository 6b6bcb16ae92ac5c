"""Rooms, history, search and changes of messages, with a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from client.senders import sends
from support import UNIT, eventually

from chat_grpc.client import ChatCalls, ChatClient, Refused
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


@asynccontextmanager
async def people(server: Server, *names: str) -> AsyncIterator[list[ChatClient]]:
    """Connect guests of these names."""
    async with AsyncExitStack() as stack:
        at = f"127.0.0.1:{server.port}"
        clients = [ChatClient.connect(at, name=name) for name in names]
        yield [await stack.enter_async_context(client) for client in clients]


async def next_of(chat: ChatClient, kind: str) -> chat_pb2.Event:
    """Take events until one of this kind."""
    async with asyncio.timeout(5 * UNIT):
        async for event in chat:
            if event.WhichOneof("event") == kind:
                return event
    raise AssertionError("the stream ended")


def refused(error: pytest.ExceptionInfo[Refused]) -> str:
    """Return the reason of a refusal."""
    return error.value.reason


async def test_a_public_room(server: Server) -> None:
    """A room is created, listed, joined, written to and left; members get the events."""
    async with people(server, "alice", "bob") as (alice, bob):
        made = await alice.create_room("#ops", "What breaks")
        assert (made.name, made.topic, made.my_role) == ("ops", "What breaks", 4)
        assert [room.name for room in await bob.rooms()] == ["lobby", "ops"]
        with pytest.raises(Refused) as error:
            await bob.send("hello", to="#ops")
        assert refused(error) == "NOT_A_MEMBER"
        assert (await bob.join("ops")).member_count == 2
        sent = await bob.send("hello", to="#ops")
        change = (await next_of(alice, "room_change")).room_change
        assert (change.room.name, change.subject.name) == ("ops", "alice")
        change = (await next_of(alice, "room_change")).room_change
        assert (change.change, change.subject.name) == (chat_pb2.RoomChange.CHANGE_JOINED, "bob")
        event = await next_of(alice, "message")
        assert (event.sequence, event.message.room) == (sent.sequence, "ops")
        members = await alice.members("#ops")
        assert [(m.user.name, m.role, m.connected) for m in members] == [
            ("alice", 4, True),
            ("bob", 2, True),
        ]
        assert [client.name for client in await alice.clients(room="#ops")] == ["alice", "bob"]
        await bob.leave("#ops")
        assert [member.user.name for member in await alice.members("ops")] == ["alice"]


async def test_an_invite_only_room(server: Server) -> None:
    """An invite-only room is invisible to others; invited users may join."""
    async with people(server, "alice", "bob", "carol") as (alice, bob, carol):
        assert (await alice.create_room("plans", invite_only=True)).invite_only
        for asking in (bob.join("#plans"), bob.members("plans"), bob.history("#plans").all()):
            with pytest.raises(Refused) as error:
                await asking
            assert refused(error) == "ROOM_NOT_FOUND"
        assert [room.name for room in await bob.rooms()] == ["lobby"]
        await alice.invite("#plans", "bob")
        change = (await next_of(bob, "room_change")).room_change
        assert change.change == chat_pb2.RoomChange.CHANGE_INVITED
        assert (await bob.join("#plans")).my_role == 2
        assert [room.name for room in await carol.rooms()] == ["lobby"]


async def test_changing_a_room(server: Server) -> None:
    """Topic, access and roles are changed; other changes are refused."""
    async with people(server, "alice", "bob") as (alice, bob):
        await alice.create_room("ops", "first")
        await bob.join("ops")
        assert (await alice.update_room("ops", topic="second")).topic == "second"
        changed = await alice.update_room("#ops", invite_only=True)
        assert (changed.topic, changed.invite_only) == ("second", True)
        with pytest.raises(Refused) as error:
            await bob.update_room("ops", topic="mine")
        assert refused(error) == "NOT_ALLOWED"
        await alice.set_role("ops", "bob", chat_pb2.ROOM_ROLE_MODERATOR)
        assert (await bob.update_room("ops", topic="mine")).topic == "mine"
        with pytest.raises(Refused) as error:
            await alice.leave("ops")
        assert refused(error) == "LAST_OWNER"
        await alice.set_role("#ops", "bob", chat_pb2.ROOM_ROLE_UNSPECIFIED)
        assert [member.user.name for member in await alice.members("ops")] == ["alice"]
        with pytest.raises(Refused) as error:
            await alice.create_room("OPS")
        assert refused(error) == "NAME_TAKEN"


async def test_deleting_a_room(server: Server) -> None:
    """An owner deletes it for everybody, and its name is free."""
    async with people(server, "alice", "bob") as (alice, bob):
        await alice.create_room("ops")
        await bob.join("ops")
        await bob.send("secret", to="#ops")
        with pytest.raises(Refused) as error:
            await bob.delete_room("ops")
        assert refused(error) == "NOT_ALLOWED"
        await alice.delete_room("#ops")
        assert [room.name for room in await bob.rooms()] == ["lobby"]
        with pytest.raises(Refused) as error:
            await alice.delete_room("ops")
        assert refused(error) == "ROOM_NOT_FOUND"
        await bob.create_room("ops")
        assert await bob.history("#ops").all() == []


async def test_history(server: Server) -> None:
    """History is newest first, over any number of pages, between bounds, up to a limit."""
    async with people(server, "alice", "bob") as (alice, bob):
        sent = await asyncio.gather(*await sends(alice, 250))
        await alice.send("aside", to="bob")
        found = await bob.history().all()
        assert [stored.message.text for stored in found] == [f"{n}" for n in reversed(range(250))]
        some = await bob.history(limit=120).all()
        assert [stored.sequence for stored in some] == [s.sequence for s in reversed(sent[130:])]
        part = bob.history("#lobby", after=sent[9].sequence, before=sent[12].sequence)
        assert [stored.message.text async for stored in part] == ["11", "10"]
        aside = [stored.message.text async for stored in bob.history("alice")]
        assert aside == [s.message.text async for s in bob.history(alice.me.number)] == ["aside"]
        assert await bob.history(limit=0).all() == []
        for bound in (-1, 2**63):
            with pytest.raises(Refused):
                bob.history(before=bound)


async def test_history_while_messages_come(server: Server) -> None:
    """Messages written between two pages neither shift them nor come twice."""
    async with people(server, "alice", "bob") as (alice, bob):
        await asyncio.gather(*await sends(alice, 150))
        pages = bob.history()
        first = [(await anext(pages)).message.text for _ in range(100)]
        await asyncio.gather(*(alice.send(f"late {n}") for n in range(30)))
        rest = [stored.message.text for stored in await pages.all()]
        assert first + rest == [f"{n}" for n in reversed(range(150))]


async def test_search(server: Server) -> None:
    """A search needs all words, quoted ones together; it finds only readable messages."""
    async with people(server, "alice", "bob", "carol") as (alice, bob, carol):
        await alice.send("the green house")
        await alice.send("a house, the green one")
        await alice.send("green house, in secret", to="bob")

        async def texts(chat: ChatClient, query: str, to: str | None = None) -> list[str]:
            return [stored.message.text async for stored in chat.search(query, to)]

        both = ["a house, the green one", "the green house"]
        assert await texts(carol, "green house") == both
        assert await texts(carol, '"green house"') == ["the green house"]
        assert await texts(bob, "green secret") == ["green house, in secret"]
        assert await texts(bob, "green", "#lobby") == both
        assert await texts(bob, "green", "alice") == ["green house, in secret"]
        assert len(await bob.search("green", limit=2).all()) == 2
        assert await texts(bob, '"unclosed AND NOT (') == []


async def test_conversations(server: Server) -> None:
    """Each conversation has its newest message, and its unread count until it is read."""
    async with people(server, "alice", "bob") as (alice, bob):
        await alice.send("one", to="bob")
        last = await alice.send("two", to="bob")
        await alice.send("to all")

        async def unread() -> dict[str, int]:
            found = await bob.conversations().all()
            return {each.room.name or each.user.name: each.unread_count for each in found}

        assert await unread() == {"lobby": 1, "alice": 2}
        (first,) = await bob.conversations(limit=1).all()
        assert (first.room.name, first.last_message.message.text) == ("lobby", "to all")
        await bob.mark_read(last.sequence, to="alice")
        await eventually(lambda: _is(unread(), {"lobby": 1, "alice": 0}))
        marker = (await next_of(alice, "read_marker")).read_marker
        assert (marker.author.name, marker.read_sequence) == ("bob", last.sequence)
        own = (await next_of(bob, "read_marker")).read_marker
        assert (own.user.name, own.read_sequence) == ("alice", last.sequence)


async def _is(asking: object, expected: dict[str, int]) -> bool:
    assert asyncio.iscoroutine(asking)
    found: dict[str, int] = await asking
    return found == expected


async def test_edit_delete_react(server: Server) -> None:
    """Others get events, the caller gets answers; history shows the result."""
    async with people(server, "alice", "bob") as (alice, bob):
        message = (await alice.send("frist")).sequence
        edit = await alice.edit(message, "first")
        reacted = await bob.react(message, "👍")
        back = await bob.react(message, "👍", remove=True)
        again = await bob.react(message, "🎉")
        seen = [await next_of(bob, "message"), await next_of(bob, "edited")]
        assert [event.sequence for event in seen] == [message, edit.sequence]
        assert seen[1].edited.message.text == "first"
        reactions = [await next_of(alice, "reaction") for _ in range(3)]
        assert [e.sequence for e in reactions] == [s.sequence for s in (reacted, back, again)]
        assert [e.reaction.removed for e in reactions] == [False, True, False]
        (stored,) = await bob.history().all()
        assert (stored.message.text, stored.HasField("edit_time")) == ("first", True)
        assert [(r.emoji, r.user_count, r.mine) for r in stored.reactions] == [("🎉", 1, True)]
        gone = await alice.delete(message)
        assert (await next_of(bob, "deleted")).sequence == gone.sequence
        (stored,) = await bob.history().all()
        assert (stored.deleted, stored.message.text) == (True, "")
        # Neither client got its own results as events.
        await bob.send("last")
        await alice.send("last")
        assert (await next_of(alice, "message")).message.text == "last"
        assert (await next_of(bob, "message")).message.text == "last"


async def test_changes_are_made_once(server: Server) -> None:
    """The same request_id again gives the first answer, also for an edit or a reaction."""
    async with people(server, "alice") as (alice,):
        message = (await alice.send("text")).sequence
        first = [
            await alice.edit(message, "new", request_id="e"),
            await alice.react(message, "👍", request_id="r"),
            await alice.delete(message, request_id="d"),
        ]
        again = [
            await alice.edit(message, "new", request_id="e"),
            await alice.react(message, "👍", request_id="r"),
            await alice.delete(message, request_id="d"),
        ]
        assert [each.sequence for each in first] == [each.sequence for each in again]
        assert [each.duplicate for each in first + again] == [False] * 3 + [True] * 3


async def test_changes_that_are_refused(server: Server) -> None:
    """Another user's message, or an unknown one, cannot be edited; the stream continues."""
    async with people(server, "alice", "bob") as (alice, bob):
        message = (await alice.send("text")).sequence
        for asking, reason in (
            (bob.edit(message, "mine"), "NOT_ALLOWED"),
            (bob.delete(message), "NOT_ALLOWED"),
            (bob.react(message, "no emoji"), "FIELD_INVALID"),
            (bob.react(message + 100, "👍"), "MESSAGE_NOT_FOUND"),
            (bob.edit(message, ""), "TEXT_EMPTY"),
            (bob.send("x", reply_to=message + 100), "MESSAGE_NOT_FOUND"),
        ):
            with pytest.raises(Refused) as error:
                await asking
            assert refused(error) == reason
        await bob.react(message, "👍")


async def test_typing(server: Server) -> None:
    """Typing reaches the other side, not the typist."""
    async with people(server, "alice", "bob") as (alice, bob):
        await alice.typing(to="bob")
        assert (await next_of(bob, "typing")).typing.author.name == "alice"
        await bob.typing()
        event = await next_of(alice, "typing")
        assert (event.typing.author.name, event.typing.room) == ("bob", "lobby")


async def test_without_a_stream(server: Server) -> None:
    """`ChatCalls` has the same methods."""
    async with ChatCalls(f"127.0.0.1:{server.port}") as calls:
        await calls.sign_in("carol")
        await calls.create_room("ops")
        await calls.send_to("needle in a room", to="#ops")
        assert [stored.message.text async for stored in calls.search("needle")] == [
            "needle in a room"
        ]
        assert [room.name for room in await calls.rooms()] == ["lobby", "ops"]
        names = [each.room.name async for each in calls.conversations()]
        assert names == ["ops", "lobby"]
        with pytest.raises(Refused) as error:
            await calls.members("nowhere")
        assert refused(error) == "ROOM_NOT_FOUND"


async def test_a_text_that_is_not_unicode(server: Server) -> None:
    """Each method that takes a text refuses a lone surrogate before it is sent."""
    bad = "a\udc80"
    async with ChatCalls(f"127.0.0.1:{server.port}") as calls:
        await calls.sign_in("carol")
        for asking in (
            calls.sign_in(bad),
            calls.send_to(bad),
            calls.clients(bad),
            calls.create_room(bad),
            calls.join(bad),
            calls.leave(bad),
            calls.members(bad),
            calls.invite("ops", bad),
            calls.update_room("ops", topic=bad),
            calls.set_role("ops", bad, chat_pb2.ROOM_ROLE_MEMBER),
        ):
            with pytest.raises(Refused) as error:
                await asking
            assert refused(error) == "TEXT_INVALID"
        with pytest.raises(Refused):
            calls.search(bad)
        with pytest.raises(Refused):
            calls.history(bad)
