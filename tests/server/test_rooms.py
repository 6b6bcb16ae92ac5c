"""Rooms: creating, joining, leaving, inviting, listing, changing, and who is told."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from grpc import aio
from server.people import MEMBER, OWNER, READER, Person, give, make_room, meeting, room, to
from support import LOBBY, Recorder, channel_to, eventually, reason_of, running

from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2, chat_pb2_grpc

CREATED = chat_pb2.RoomChange.CHANGE_CREATED
JOINED = chat_pb2.RoomChange.CHANGE_JOINED
LEFT = chat_pb2.RoomChange.CHANGE_LEFT
INVITED = chat_pb2.RoomChange.CHANGE_INVITED
UPDATED = chat_pb2.RoomChange.CHANGE_UPDATED


async def names(person: Person) -> list[str]:
    """Return the names of the rooms that a person sees in the list."""
    return [each.name for each in (await person.do("ListRooms")).rooms]


async def test_the_creator_of_a_room_owns_it(server: Server) -> None:
    """The answer, the lists and the event of a new room agree: its creator owns it."""
    async with meeting(server, "alice") as [alice]:
        made = (await alice.do("CreateRoom", name="Cellar", topic="wine", invite_only=True)).room
        assert made == chat_pb2.Room(
            name="Cellar", topic="wine", invite_only=True, member_count=1, my_role=OWNER
        )
        assert made in (await alice.do("ListRooms")).rooms
        [member] = (await alice.do("ListRoomMembers", room="cellar")).members
        assert (member.user.name, member.role, member.connected) == ("alice", OWNER, True)
        await eventually(lambda: alice.changes("Cellar"))
        [change] = alice.of("room_change")
        assert (change.change, change.role, change.author) == (CREATED, OWNER, change.subject)


@pytest.mark.parametrize("name", ["LOBBY", "cellar", "CELLAR", "ＣＥＬＬＡＲ"])
async def test_a_room_s_name_is_taken_in_any_case(server: Server, name: str) -> None:
    """Names of rooms are compared without regard to case and width."""
    async with meeting(server, "alice") as [alice]:
        await alice.do("CreateRoom", name="Cellar")
        assert await alice.refused("CreateRoom", name=name) == "NAME_TAKEN"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": ""}, "NAME_INVALID"),
        ({"name": "x" * 33}, "NAME_INVALID"),
        ({"name": "a b"}, "NAME_INVALID"),
        ({"name": "#cellar"}, "NAME_INVALID"),
        ({"name": "cell\u0430r"}, "NAME_INVALID"),
        ({"name": "a", "topic": "x" * 251}, "FIELD_INVALID"),
        ({"name": "a", "topic": "a\0b"}, "TEXT_INVALID"),
    ],
)
async def test_an_invalid_room_is_refused(
    server: Server, fields: dict[str, Any], reason: str
) -> None:
    """Each invalid room is refused with its reason, and no room is created."""
    async with meeting(server, "alice") as [alice]:
        assert await alice.refused("CreateRoom", **fields) == reason
        assert await names(alice) == ["lobby"]


async def test_a_room_may_be_called_by_digits(server: Server) -> None:
    """A room may have a name of digits; only a user's name may not look like a number."""
    async with meeting(server, "alice") as [alice]:
        await alice.do("CreateRoom", name="2026", topic="y" * 250)
        assert (await alice.sent("hi", room("2026"))).sequence > 0


async def test_messages_to_a_room_reach_its_members_only(server: Server) -> None:
    """A message to a room, named in any case, reaches its members and nobody else."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "Cellar", bob)
        sent = await alice.do("SendTo", target={"room": "CELLAR"}, text="hello")
        assert sent.recipient_stream_count == 1
        await alice.sent("to all")
        await eventually(lambda: carol.texts and len(bob.texts) == 2)
        assert (bob.texts, carol.texts) == (["hello", "to all"], ["to all"])
        assert bob.of("message")[0].room == "Cellar"


async def test_joining_is_idempotent(server: Server) -> None:
    """A second join changes nothing and is delivered to nobody."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await alice.do("CreateRoom", name="cellar")
        first = await bob.do("JoinRoom", room="cellar")
        assert first.room.my_role == MEMBER
        assert await bob.do("JoinRoom", room="Cellar") == first
        await alice.sent("end", room("cellar"))
        await eventually(lambda: bob.texts)
        assert bob.changes("cellar") == [(JOINED, "bob")]
        assert alice.changes("cellar") == [(CREATED, "alice"), (JOINED, "bob")]


async def test_leaving_is_idempotent_and_ends_the_messages(server: Server) -> None:
    """A user who leaves is told so, gets no more events, and is in no member list."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        await bob.do("LeaveRoom", room="cellar")
        await bob.do("LeaveRoom", room="cellar")
        await alice.sent("behind the back", room("cellar"))
        await alice.sent("to all")
        await eventually(lambda: bob.texts)
        assert bob.texts == ["to all"]
        assert bob.changes("cellar") == [(JOINED, "bob"), (LEFT, "bob")]
        members = (await alice.do("ListRoomMembers", room="cellar")).members
        assert [member.user.name for member in members] == ["alice"]


async def test_everyone_is_in_the_lobby(server: Server) -> None:
    """Every connected user is in the lobby; it cannot be left, changed or moderated."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        joined = (await alice.do("JoinRoom", room="Lobby")).room
        assert (joined.name, joined.member_count, joined.my_role) == ("lobby", 2, MEMBER)
        await alice.do("InviteToRoom", room="lobby", user="bob")
        members = (await alice.do("ListRoomMembers", room="lobby")).members
        assert [member.user.name for member in members] == ["alice", "bob"]
        assert await alice.refused("LeaveRoom", room="lobby") == "NOT_ALLOWED"
        assert await alice.refused("UpdateRoom", room="lobby", topic="x") == "NOT_ALLOWED"
        role = {"room": "lobby", "user": bob.name, "role": READER}
        assert await alice.refused("SetRoomRole", **role) == "NOT_ALLOWED"


async def test_an_invite_only_room_is_joined_by_invitation(server: Server) -> None:
    """An invitation is delivered to the invited user and the members, and is valid once."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "cellar", carol, invite_only=True)
        assert await bob.refused("JoinRoom", room="cellar") == "ROOM_NOT_FOUND"
        for _ in range(2):
            await alice.do("InviteToRoom", room="cellar", user="BOB")
        await eventually(lambda: bob.changes("cellar"))
        await bob.do("JoinRoom", room="cellar")
        await eventually(lambda: (JOINED, "bob") in carol.changes("cellar"))
        assert carol.changes("cellar")[-2:] == [(INVITED, "bob"), (JOINED, "bob")]
        await bob.do("LeaveRoom", room="cellar")
        assert await bob.refused("JoinRoom", room="cellar") == "ROOM_NOT_FOUND"


async def test_an_invitation_can_be_taken_back(server: Server) -> None:
    """Removing an invited user withdraws the invitation and tells them."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", invite_only=True)
        await alice.do("InviteToRoom", room="cellar", user="bob")
        await give(alice, "cellar", bob, 0)
        assert await bob.refused("JoinRoom", room="cellar") == "ROOM_NOT_FOUND"
        await eventually(lambda: len(bob.changes("cellar")) == 2)
        assert bob.changes("cellar") == [(INVITED, "bob"), (LEFT, "bob")]
        assert bob.of("room_change")[-1].room.member_count == 1


async def test_rooms_are_listed_by_name_on_pages(server: Server) -> None:
    """The list has public rooms and the caller's own; new rooms do not shift later pages."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        for name in ("Delta", "bravo", "echo"):
            await alice.do("CreateRoom", name=name)
        await alice.do("CreateRoom", name="secret", invite_only=True)
        first = await bob.do("ListRooms", page_size=2)
        assert [each.name for each in first.rooms] == ["bravo", "Delta"]
        await alice.do("CreateRoom", name="alpha")
        rest = await bob.do("ListRooms", page_size=9, page_token=first.next_page_token)
        assert [each.name for each in rest.rooms] == ["echo", "lobby"]
        assert rest.next_page_token == ""
        assert "secret" in await names(alice)


async def test_members_are_listed_on_pages_connected_or_not(server: Server) -> None:
    """All members are listed by number; those of a public room even without a token."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "cellar", carol, bob)
        await bob.__aexit__()
        await eventually(lambda: server.stream_count == 2)
        first = await carol.do("ListRoomMembers", room="cellar", page_size=2)
        rest = await carol.do("ListRoomMembers", room="cellar", page_token=first.next_page_token)
        members = [*first.members, *rest.members]
        assert [(m.user.number, m.connected) for m in members] == [
            (1, True),
            (2, False),
            (3, True),
        ]
        async with channel_to(server) as channel:
            stub = chat_pb2_grpc.ChatServiceStub(channel)
            found = await stub.ListClients(chat_pb2.ListClientsRequest(room="Cellar"))
            assert [client.name for client in found.clients] == ["alice", "carol"]
            assert found.total_count == 2


async def test_an_update_changes_what_is_set_and_tells_the_members(server: Server) -> None:
    """An update changes only the fields that are set; a value that is already set is no event."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        changed = (await alice.do("UpdateRoom", room="cellar", topic="wine")).room
        assert (changed.topic, changed.invite_only) == ("wine", False)
        changed = (await alice.do("UpdateRoom", room="cellar", invite_only=True)).room
        assert (changed.topic, changed.invite_only) == ("wine", True)
        assert (await alice.do("UpdateRoom", room="cellar", invite_only=True)).room == changed
        changed = (await alice.do("UpdateRoom", room="cellar", topic="")).room
        assert (changed.topic, changed.invite_only) == ("", True)
        await eventually(lambda: len(bob.changes("cellar")) == 4)
        assert [change for change, _ in bob.changes("cellar")] == [JOINED, *[UPDATED] * 3]
        assert bob.of("room_change")[-1].author.name == "alice"


async def test_a_member_who_was_away_resumes_with_the_room(server: Server) -> None:
    """A member who was away gets the room's events in order, also one who was removed meanwhile."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob, invite_only=True)
        await bob.__aexit__()
        await alice.sent("missed", room("cellar"))
        await give(alice, "cellar", bob, 0)
        await alice.sent("not for bob", room("cellar"))
        async with resumed(server, bob) as back:
            await eventually(lambda: back.of("caught_up"))
            assert back.texts == ["missed"]
            assert back.changes("cellar") == [(LEFT, "bob")]
            await alice.sent("nor this", room("cellar"))
            await alice.sent("to all")
            await eventually(lambda: "to all" in back.texts)
            assert back.texts == ["missed", "to all"]


async def test_a_user_sees_the_events_of_each_membership(server: Server) -> None:
    """Over several memberships a user sees exactly the events that lie within one of them."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await alice.do("CreateRoom", name="cellar")
        for turn in range(6):
            await bob.do("LeaveRoom" if turn % 2 else "JoinRoom", room="cellar")
            await alice.sent(f"turn {turn}", room("cellar"))
        async with resumed(server, bob, after=0) as back:
            await eventually(lambda: back.of("caught_up"))
            assert back.texts == ["turn 0", "turn 2", "turn 4"]
            assert [change for change, _ in back.changes("cellar")] == [JOINED, LEFT] * 3
            assert back.sequences == sorted(set(back.sequences))


async def test_a_stream_that_reads_nothing_gets_what_it_may_see_later(server: Server) -> None:
    """A lagging stream that joins and is removed gets exactly what it may see."""
    async with meeting(server, "alice") as [alice]:
        await make_room(alice, "cellar", invite_only=True)
        bob = Person(server, name="bob")
        await bob.hello(read=False)
        bob.events.extend((await bob.call.read()).events)
        await fill(alice)
        assert "bob" in server.status().lagging_users
        await alice.do("InviteToRoom", room="cellar", user="bob")
        await bob.do("JoinRoom", room="cellar")
        await alice.sent("inside", room("cellar"))
        await give(alice, "cellar", bob, 0)
        await alice.sent("outside", room("cellar"))
        assert "bob" in server.status().lagging_users
        await bob.listen()
        await eventually(lambda: any(c.fell_behind for c in bob.of("caught_up")), 20)
        assert [text for text in bob.texts if len(text) < 100] == ["inside"]
        assert bob.changes("cellar") == [(INVITED, "bob"), (JOINED, "bob"), (LEFT, "bob")]
        assert bob.sequences == sorted(set(bob.sequences))
        await bob.__aexit__()


def resumed(server: Server, person: Person, after: int | None = None) -> Person:
    """Return another stream of a person, which resumes after the last event of the first."""
    welcome = person.welcome
    seen = max([welcome.head_sequence, *person.sequences]) if after is None else after
    return Person(server, token=welcome.token, log_id=welcome.log_id, resume_after=seen)


async def fill(author: Recorder, count: int = 800) -> None:
    """Write more to the lobby than a stream's outbox and connection can buffer."""
    before = len(author.of("sent"))
    for _ in range(count):
        await author.send("x" * 8000)
    await eventually(lambda: len(author.of("sent")) == before + count, 20)


async def test_a_user_owns_a_limited_number_of_rooms() -> None:
    """Log order decides on the cap of owned rooms: of two concurrent requests one succeeds."""
    async with (
        running(rooms_per_user=2) as server,
        meeting(server, "alice", "bob") as [alice, bob],
    ):
        await make_room(alice, "one", bob)
        outcomes = await asyncio.gather(
            *(alice.do("CreateRoom", name=name) for name in ("two", "three", "four")),
            return_exceptions=True,
        )
        refused = [each for each in outcomes if isinstance(each, aio.AioRpcError)]
        assert [reason_of(error) for error in refused] == ["TOO_MANY_ROOMS"] * 2
        assert refused[0].code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        await give(alice, "one", bob, OWNER)
        await alice.do("LeaveRoom", room="one")
        await alice.do("CreateRoom", name="five")
        assert len(await names(alice)) == 4


async def test_streams_of_others_are_counted(server: Server) -> None:
    """It counts the streams of others; for a message to oneself, the caller's other streams."""
    async with meeting(server, "alice", "bob") as [alice, bob], Person(server, token=alice.token):
        for target, count in ((to(bob), 1), (LOBBY, 1), (to(alice), 2)):
            sent = await alice.do("SendTo", target=target, text="hi")
            assert sent.recipient_stream_count == count
        await bob.__aexit__()
        await eventually(lambda: server.stream_count == 2)
        for target, count in ((to(bob), 0), (LOBBY, 0)):
            sent = await alice.do("SendTo", target=target, text="hi")
            assert sent.recipient_stream_count == count
