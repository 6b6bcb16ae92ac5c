"""`ListConversations`: the caller's conversations, their newest messages, and unread counts."""

from __future__ import annotations

from typing import Any

import pytest
from server.people import Person, make_room, meeting, room, to, user
from support import LOBBY, eventually

from chat_grpc.core import limits
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


def name_of(conversation: chat_pb2.Conversation) -> str:
    """Return the name of a conversation: `#room`, or a user's name."""
    if conversation.HasField("room"):
        return f"#{conversation.room.name}"
    return conversation.user.name


async def listed(person: Person) -> list[chat_pb2.Conversation]:
    """Return a person's conversations."""
    return list((await person.do("ListConversations")).conversations)


async def unread(person: Person) -> dict[str, int]:
    """Return the number of unread messages by conversation."""
    return {name_of(each): each.unread_count for each in await listed(person)}


async def read(person: Person, target: chat_pb2.Target, sequence: int) -> None:
    """Move a read marker, and wait until the server has moved it."""
    before = len(person.of("read_marker"))
    await person.write(mark_read=chat_pb2.MarkRead(target=target, sequence=sequence))
    await eventually(lambda: len(person.of("read_marker")) > before)


async def test_the_one_with_the_newest_message_comes_first(server: Server) -> None:
    """Conversations are sorted by newest message; those without one are last, by name."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        assert [name_of(each) for each in await listed(alice)] == ["#lobby"]
        for name in ("Zoo", "attic", "cellar"):
            await make_room(bob, name, alice)
        await carol.sent("one", to(alice))
        await bob.sent("two", room("cellar"))
        await alice.sent("three", to(bob))
        await carol.sent("four")
        names = [name_of(each) for each in await listed(alice)]
        assert names == ["#lobby", "bob", "#cellar", "carol", "#attic", "#Zoo"]
        await carol.sent("five", to(alice))
        assert name_of((await listed(alice))[0]) == "carol"
        assert [name_of(each) for each in await listed(carol)] == ["alice", "#lobby"]


async def test_each_conversation_has_its_newest_message(server: Server) -> None:
    """Each conversation has its newest message with edits and deletions applied, or none."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        sent = (await alice.sent("hello", to(bob))).sequence
        await alice.ask(edit=chat_pb2.Edit(target_sequence=sent, text="hallo"))
        direct, *rooms = await listed(bob)
        assert direct.user == chat_pb2.Author(number=1, name="alice")
        assert (direct.last_message.sequence, direct.last_message.message.text) == (sent, "hallo")
        assert [each.HasField("last_message") for each in rooms] == [False, False]
        await alice.ask(delete_message=chat_pb2.DeleteMessage(target_sequence=sent))
        direct = (await listed(bob))[0]
        assert (direct.last_message.deleted, direct.last_message.message.text) == (True, "")


async def test_messages_of_others_after_the_marker_are_unread(server: Server) -> None:
    """Others' messages after the conversation's marker are unread; it never moves back."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        for target in (LOBBY, room("cellar"), to(bob)):
            first = (await alice.sent("one", target)).sequence
            await bob.sent("own", target if target != to(bob) else to(alice))
            await alice.sent("two", target)
        assert await unread(bob) == {"alice": 2, "#cellar": 2, "#lobby": 2}
        await read(bob, user("ALICE"), first)
        assert await unread(bob) == {"alice": 1, "#cellar": 2, "#lobby": 2}
        await read(bob, room("Cellar"), server.status().head_sequence)
        assert await unread(bob) == {"alice": 1, "#cellar": 0, "#lobby": 2}
        await bob.write(mark_read=chat_pb2.MarkRead(target=room("cellar"), sequence=1))
        await read(bob, LOBBY, server.status().head_sequence)
        assert await unread(bob) == {"alice": 1, "#cellar": 0, "#lobby": 0}
        assert await unread(alice) == {"bob": 1, "#cellar": 1, "#lobby": 1}


async def test_messages_from_before_a_user_came_are_not_unread(server: Server) -> None:
    """Messages from before a user came, or joined a room, are in the history but not unread."""
    async with meeting(server, "alice") as [alice]:
        await alice.do("CreateRoom", name="cellar")
        for target in (LOBBY, room("cellar")):
            await alice.sent("before", target)
        async with Person(server, name="bob") as bob:
            assert await unread(bob) == {"#lobby": 0}
            await bob.do("JoinRoom", room="cellar")
            assert await unread(bob) == {"#cellar": 0, "#lobby": 0}
            await alice.sent("new", room("cellar"))
            assert (await unread(bob))["#cellar"] == 1
            await bob.do("LeaveRoom", room="cellar")
            assert await unread(bob) == {"#lobby": 0}
            await alice.sent("behind the back", room("cellar"))
            await bob.do("JoinRoom", room="cellar")
            assert (await unread(bob))["#cellar"] == 0


async def test_a_deleted_message_is_not_unread(server: Server) -> None:
    """A deleted message is not unread."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        for target in (LOBBY, to(bob)):
            sent = (await alice.sent("oops", target)).sequence
            await alice.sent("right", target)
            await alice.ask(delete_message=chat_pb2.DeleteMessage(target_sequence=sent))
        assert await unread(bob) == {"alice": 1, "#lobby": 1}


async def test_counting_ends_at_a_thousand(server: Server) -> None:
    """An unread count of 1000 means 1000 or more."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        for number in range(999):
            await alice.send(f"{number}")
        await eventually(lambda: len(alice.of("sent")) == 999, 20)
        assert await unread(bob) == {"#lobby": 999}
        for _ in range(3):
            await alice.sent("more")
        assert await unread(bob) == {"#lobby": 1000}


async def test_pages_are_stable_while_messages_come(server: Server) -> None:
    """Over all pages each conversation comes once, in the order at the time of the first page."""
    names = ["dave", "erin", "frank", "grace", "heidi"]
    async with meeting(server, "alice", *names) as [alice, *others]:
        for other in others:
            await other.sent("hello", to(alice))
        fields: dict[str, Any] = {"page_size": 2}
        seen: list[str] = []
        for turn in range(3):
            page = await alice.do("ListConversations", **fields)
            seen += map(name_of, page.conversations)
            fields["page_token"] = page.next_page_token
            await others[turn].sent("again", to(alice))
        assert seen == [*reversed(names), "#lobby"]
        assert fields["page_token"] == ""


async def test_a_conversation_belongs_to_the_number_and_not_to_the_name(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next guest with a name gets none of the direct conversations of the guest before."""
    monkeypatch.setattr(limits, "NAME_HOLD", 0.2)
    async with meeting(server, "alice") as [alice]:
        async with Person(server, name="bob") as old:
            await alice.sent("secret", to(old))
            await old.sent("secret too", user("alice"))
        await eventually(lambda: "bob" not in server.status().held_names)
        async with Person(server, name="bob") as new:
            assert not (await new.do("ListMessages", target=to(alice))).messages
            assert not (await new.do("SearchMessages", query="secret")).messages
            assert [name_of(each) for each in await listed(new)] == ["#lobby"]
            assert (await alice.sent("secret", user("bob"))).reason == "USER_CHANGED"
            await alice.sent("to the new one", to(new))
            await eventually(lambda: new.texts == ["to the new one"])
            page = await alice.do("ListMessages", target=to(old))
            assert [m.message.text for m in page.messages] == ["secret too", "secret"]


async def test_a_room_is_a_conversation_while_one_is_in_it(server: Server) -> None:
    """A room is listed while the caller is a member, with its topic and the caller's role."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob, invite_only=True)
        await alice.do("UpdateRoom", room="cellar", topic="wine")
        await alice.sent("hello", room("cellar"))
        found = (await listed(bob))[0]
        assert (found.room.topic, found.room.member_count) == ("wine", 2)
        assert found.room.my_role == chat_pb2.ROOM_ROLE_MEMBER
        await bob.do("LeaveRoom", room="cellar")
        assert [name_of(each) for each in await listed(bob)] == ["#lobby"]


@pytest.mark.parametrize("fields", [{"page_size": -1}, {"page_token": "x"}])
async def test_bad_requests_are_refused(server: Server, fields: dict[str, Any]) -> None:
    """Bad requests are refused with the same reasons as in every list."""
    async with meeting(server, "alice") as [alice]:
        reason = await alice.refused("ListConversations", **fields)
        assert reason == ("FIELD_INVALID" if "page_size" in fields else "PAGE_TOKEN_INVALID")
