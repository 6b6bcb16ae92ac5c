"""The rights of each role in a room."""

from __future__ import annotations

import pytest
from server.people import (
    MEMBER,
    MODERATOR,
    OWNER,
    READER,
    Person,
    give,
    make_room,
    meeting,
    room,
)
from support import eventually

from chat_grpc.core import limits
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

ROLES = [0, READER, MEMBER, MODERATOR, OWNER]

# By the roles of the actor and of the user concerned: the roles that may be given, 0 for removal.
MAY_GIVE: dict[tuple[int, int], set[int]] = {
    (MODERATOR, READER): {0, READER, MEMBER},
    (MODERATOR, MEMBER): {0, READER, MEMBER},
    (MODERATOR, MODERATOR): set(),
    (MODERATOR, OWNER): set(),
    (OWNER, READER): {*ROLES},
    (OWNER, MEMBER): {*ROLES},
    (OWNER, MODERATOR): {*ROLES},
    (OWNER, OWNER): {*ROLES},
    **{(low, each): set() for low in (READER, MEMBER) for each in ROLES[1:]},
}


async def role_of(person: Person, name: str, of: Person) -> int:
    """Return a user's role in a room, 0 for a user who is not a member."""
    members = (await person.do("ListRoomMembers", room=name)).members
    return next((m.role for m in members if m.user.number == of.number), 0)


@pytest.mark.parametrize(("actor_role", "subject_role"), MAY_GIVE)
async def test_the_roles_that_each_role_may_give(
    server: Server, actor_role: int, subject_role: int
) -> None:
    """Moderators may give members and readers roles up to member, owners all roles; others none."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        for role in ROLES:
            name = f"room{role}"
            await make_room(alice, name, bob, carol)
            await give(alice, name, bob, actor_role)
            await give(alice, name, carol, subject_role)
            wanted = {"room": name, "user": "carol", "role": role}
            if role in MAY_GIVE[actor_role, subject_role]:
                await bob.do("SetRoomRole", **wanted)
                assert await role_of(alice, name, carol) == role
            else:
                assert await bob.refused("SetRoomRole", **wanted) == "NOT_ALLOWED"
                assert await role_of(alice, name, carol) == subject_role


async def test_a_role_is_told_to_the_members(server: Server) -> None:
    """Members are told a new role and who gave it; the same role again is no event."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "cellar", bob, carol)
        for _ in range(2):
            await give(alice, "cellar", bob, MODERATOR)
        await give(bob, "cellar", carol, 0)
        await eventually(lambda: len(carol.of("room_change")) == 3)
        _, role, left = carol.of("room_change")
        assert role.change == chat_pb2.RoomChange.CHANGE_ROLE
        assert (role.author.name, role.subject.name, role.role) == ("alice", "bob", MODERATOR)
        assert left.change == chat_pb2.RoomChange.CHANGE_LEFT
        assert (left.author.name, left.subject.name, left.room.member_count) == ("bob", "carol", 2)


async def test_a_room_keeps_an_owner(server: Server) -> None:
    """The last owner can neither leave nor be demoted; with a second owner both work."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        assert await alice.refused("LeaveRoom", room="cellar") == "LAST_OWNER"
        for role in (0, MEMBER):
            wanted = {"room": "cellar", "user": "alice", "role": role}
            assert await alice.refused("SetRoomRole", **wanted) == "LAST_OWNER"
        await give(alice, "cellar", bob, OWNER)
        await alice.do("LeaveRoom", room="cellar")
        assert await bob.refused("LeaveRoom", room="cellar") == "LAST_OWNER"


async def test_roles_are_given_to_members_only(server: Server) -> None:
    """A non-member gets no role, removing one changes nothing; an unknown name is refused."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await alice.do("CreateRoom", name="cellar")
        wanted = {"room": "cellar", "user": bob.name, "role": READER}
        assert await alice.refused("SetRoomRole", **wanted) == "NOT_A_MEMBER"
        await give(alice, "cellar", bob, 0)
        wanted["user"] = "nobody"
        assert await alice.refused("SetRoomRole", **wanted) == "USER_NOT_FOUND"
        wanted |= {"user": "alice", "role": 9}
        assert await alice.refused("SetRoomRole", **wanted) == "FIELD_INVALID"


async def test_a_reader_reads_and_does_nothing_else(server: Server) -> None:
    """A reader cannot write, edit, react or type, but can delete their own messages."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        own = (await bob.sent("mine", room("cellar"))).sequence
        await give(alice, "cellar", bob, READER)
        assert (await bob.sent("more", room("cellar"))).reason == "NOT_ALLOWED"
        edit = chat_pb2.Edit(target_sequence=own, text="other")
        assert (await bob.ask(edit=edit)).reason == "NOT_ALLOWED"
        react = chat_pb2.React(target_sequence=own, emoji="👍")
        assert (await bob.ask(react=react)).reason == "NOT_ALLOWED"
        typing = chat_pb2.SetTyping(target=room("cellar"))
        assert (await bob.tell(set_typing=typing)).reason == "NOT_ALLOWED"
        await alice.sent("read this", room("cellar"))
        await eventually(lambda: bob.texts == ["read this"])
        mark = chat_pb2.MarkRead(target=room("cellar"), sequence=own)
        assert await bob.tell(mark_read=mark) is None
        delete = chat_pb2.DeleteMessage(target_sequence=own)
        assert (await bob.ask(delete_message=delete)).sequence > own


async def test_a_reader_who_leaves_and_comes_back_is_a_reader(server: Server) -> None:
    """A reader who leaves and returns is a reader again; any other role becomes member."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        for given, after in [(READER, READER), (MEMBER, MEMBER), (OWNER, MEMBER)]:
            await give(alice, "cellar", bob, given)
            await bob.do("LeaveRoom", room="cellar")
            assert (await bob.do("JoinRoom", room="cellar")).room.my_role == after


async def test_who_may_invite(server: Server) -> None:
    """Any member may invite to a public room; only moderators and owners to an invite-only one."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "cellar", bob)
        await bob.do("InviteToRoom", room="cellar", user="carol")
        await alice.do("UpdateRoom", room="cellar", invite_only=True)
        wanted = {"room": "cellar", "user": "alice"}
        assert await bob.refused("InviteToRoom", **wanted) == "NOT_ALLOWED"
        await give(alice, "cellar", bob, MODERATOR)
        await bob.do("InviteToRoom", **wanted)
        assert await bob.refused("InviteToRoom", room="cellar", user="nobody") == "USER_NOT_FOUND"
        # The earlier invitation is still valid.
        await carol.do("JoinRoom", room="cellar")


async def test_who_may_update(server: Server) -> None:
    """A moderator may change the topic; only an owner may change who can join."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        assert await bob.refused("UpdateRoom", room="cellar", topic="x") == "NOT_ALLOWED"
        await give(alice, "cellar", bob, MODERATOR)
        await bob.do("UpdateRoom", room="cellar", topic="x")
        wanted = {"room": "cellar", "topic": "y", "invite_only": True}
        assert await bob.refused("UpdateRoom", **wanted) == "NOT_ALLOWED"
        assert (await alice.do("UpdateRoom", room="cellar")).room.topic == "x"
        await bob.do("UpdateRoom", room="cellar", topic="y", invite_only=False)


async def test_a_name_that_two_members_had_in_turn_finds_each(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name means its present holder first, and a former one once the holder is gone."""
    monkeypatch.setattr(limits, "NAME_HOLD", 0.2)
    async with meeting(server, "alice") as [alice]:
        await alice.do("CreateRoom", name="cellar")
        for number in (2, 3):
            async with Person(server, name="bob") as bob:
                assert bob.number == number
                await bob.do("JoinRoom", room="cellar")
            await eventually(lambda: "bob" not in server.status().held_names)
        for left in [[1, 2], [1]]:
            await alice.do("SetRoomRole", room="cellar", user="bob", role=0)
            members = (await alice.do("ListRoomMembers", room="cellar")).members
            assert [member.user.number for member in members] == left


async def test_a_stranger_with_a_member_s_name_has_none_of_the_member_s_rights(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rights belong to the number: a new holder of a member's name has no rights in the room."""
    monkeypatch.setattr(limits, "NAME_HOLD", 0.2)
    async with meeting(server, "alice") as [alice]:
        async with Person(server, name="bob") as old:
            await make_room(alice, "cellar", old, invite_only=True)
        await eventually(lambda: "bob" not in server.status().held_names)
        async with Person(server, name="bob") as new:
            assert await new.refused("JoinRoom", room="cellar") == "ROOM_NOT_FOUND"
            # The name means the member, who owns the room.
            await alice.do("SetRoomRole", room="cellar", user="bob", role=READER)
            assert await role_of(alice, "cellar", old) == READER
            assert await new.refused("ListMessages", target=room("cellar")) == "ROOM_NOT_FOUND"
