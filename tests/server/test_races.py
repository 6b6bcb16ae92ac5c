"""Concurrent requests take effect in the order of the log."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from grpc import aio
from server.people import MEMBER, OWNER, Person, give, make_room, meeting, room
from support import eventually, reason_of, running

from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

JOINED = chat_pb2.RoomChange.CHANGE_JOINED
ROUNDS = 10


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server with a store on disk, where requests arrive during a commit."""
    async with running(data=str(tmp_path)) as started:
        yield started


async def outcome(person: Person, method: str, **fields: Any) -> str:
    """Make a call; return the reason of a refusal, or `ok`."""
    try:
        await person.do(method, **fields)
    except aio.AioRpcError as error:
        return reason_of(error)
    return "ok"


async def roles(person: Person, name: str) -> dict[str, int]:
    """Return the roles in a room by the members' names."""
    members = (await person.do("ListRoomMembers", room=name)).members
    return {member.user.name: member.role for member in members}


async def test_two_owners_who_demote_each_other(server: Server) -> None:
    """If two owners demote each other at once, one succeeds, and one owner is left."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        for number in range(ROUNDS):
            name = f"room{number}"
            await make_room(alice, name, bob)
            await give(alice, name, bob, OWNER)
            outcomes = await asyncio.gather(
                outcome(alice, "SetRoomRole", room=name, user="bob", role=MEMBER),
                outcome(bob, "SetRoomRole", room=name, user="alice", role=MEMBER),
            )
            assert sorted(outcomes) == ["NOT_ALLOWED", "ok"]
            assert sorted((await roles(alice, name)).values()) == [MEMBER, OWNER]


async def test_two_owners_who_leave_at_once(server: Server) -> None:
    """If two owners leave at once, the second is refused as the last owner."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        for number in range(ROUNDS):
            name = f"room{number}"
            await make_room(alice, name, bob)
            await give(alice, name, bob, OWNER)
            outcomes = await asyncio.gather(
                outcome(alice, "LeaveRoom", room=name), outcome(bob, "LeaveRoom", room=name)
            )
            assert sorted(outcomes) == ["LAST_OWNER", "ok"]
            assert [*(await roles(alice, name)).values()] == [OWNER]


async def test_two_who_create_the_same_room(server: Server) -> None:
    """Of two concurrent creators one owns the room; the other learns that the name is taken."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        for number in range(ROUNDS):
            outcomes = await asyncio.gather(
                outcome(alice, "CreateRoom", name=f"Room{number}"),
                outcome(bob, "CreateRoom", name=f"ROOM{number}"),
            )
            assert sorted(outcomes) == ["NAME_TAKEN", "ok"]
            owner = ["alice", "bob"][outcomes.index("ok")]
            assert await roles(alice, f"room{number}") == {owner: OWNER}


async def test_twenty_who_join_at_once(server: Server) -> None:
    """Twenty concurrent joins make twenty members; the owner sees them in one order."""
    names = [f"user{number}" for number in range(20)]
    async with meeting(server, "alice", *names) as [alice, *others]:
        await alice.do("CreateRoom", name="cellar")
        joins = [other.do("JoinRoom", room="cellar") for other in others]
        await asyncio.gather(*joins)
        await eventually(lambda: len(alice.changes("cellar")) == 21)
        changes = alice.of("room_change")
        assert [change.room.member_count for change in changes] == [*range(1, 22)]
        assert {change.subject.name for change in changes[1:]} == {*names}
        assert len(await roles(alice, "cellar")) == 21


async def test_twenty_joins_of_one_at_once(server: Server) -> None:
    """Of twenty concurrent joins of one user, one takes effect, and all get the same answer."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await alice.do("CreateRoom", name="cellar")
        answers = await asyncio.gather(*(bob.do("JoinRoom", room="cellar") for _ in range(20)))
        assert {answer.room.member_count for answer in answers} == {2}
        await alice.sent("end", room("cellar"))
        await eventually(lambda: bob.texts)
        assert bob.changes("cellar") == [(JOINED, "bob")]


async def test_an_edit_and_a_deletion_at_once(server: Server) -> None:
    """A deletion also removes an earlier edit's text; a later edit is refused."""
    async with (
        meeting(server, "alice", "bob") as [alice, bob],
        Person(server, token=alice.token) as laptop,
    ):
        for number in range(ROUNDS):
            sent = (await alice.sent(f"secret {number}")).sequence
            edit = chat_pb2.Edit(target_sequence=sent, text=f"secret edit {number}")
            delete = chat_pb2.DeleteMessage(target_sequence=sent)
            edited, deleted = await asyncio.gather(
                alice.ask(edit=edit), laptop.ask(delete_message=delete)
            )
            if isinstance(edited, chat_pb2.RequestError):
                assert edited.reason == "MESSAGE_NOT_FOUND"
            else:
                assert edited.sequence < deleted.sequence
        assert not (await bob.do("SearchMessages", query="secret")).messages
        assert "secret" not in str(await bob.do("ListMessages", target=room("lobby")))
        log_id = bob.welcome.log_id
        async with Person(server, token=bob.token, log_id=log_id, resume_after=0) as back:
            await eventually(lambda: back.of("caught_up"))
            assert "secret" not in str(back.events)


async def test_reactions_and_a_deletion_at_once(server: Server) -> None:
    """A deletion also removes earlier reactions; a later reaction is refused."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        for _ in range(ROUNDS):
            sent = (await alice.sent("hello")).sequence
            react = chat_pb2.React(target_sequence=sent, emoji="👍")
            delete = chat_pb2.DeleteMessage(target_sequence=sent)
            reacted, deleted = await asyncio.gather(
                bob.ask(react=react), alice.ask(delete_message=delete)
            )
            if isinstance(reacted, chat_pb2.RequestError):
                assert reacted.reason == "MESSAGE_NOT_FOUND"
            else:
                assert reacted.sequence < deleted.sequence
        found = (await bob.do("ListMessages", target=room("lobby"))).messages
        assert not any(stored.reactions for stored in found)


async def test_a_removed_member_writes_nothing_after_the_removal(server: Server) -> None:
    """In the log each message of a member lies within the membership; the others are refused."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        asked = 0
        for _ in range(ROUNDS):
            removing = asyncio.create_task(give(alice, "cellar", bob, 0))
            while not removing.done():
                await bob.send("hello", room("cellar"))
                asked += 1
            await removing
            await bob.do("JoinRoom", room="cellar")
        await eventually(lambda: len(bob.of("sent")) + len(bob.of("rejected")) == asked)
        await alice.sent("end", room("cellar"))
        await eventually(lambda: len(alice.texts) == len(bob.of("sent")))
        inside = True
        for event in alice.events:
            if event.HasField("room_change") and event.room_change.subject.name == "bob":
                inside = event.room_change.change == JOINED
            assert inside or not event.HasField("message"), (
                "a message outside of its author's membership"
            )
        reasons = Counter(rejected.error.reason for rejected in bob.of("rejected"))
        assert reasons.keys() == {"NOT_A_MEMBER"}
