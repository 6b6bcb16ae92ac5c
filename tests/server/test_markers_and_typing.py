"""Read markers, and the audience of typing reports."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from server.people import Person, make_room, meeting, room, to, user
from support import LOBBY, eventually

from chat_grpc.core import limits
from chat_grpc.core.markers import INTERVAL
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


def mark(target: chat_pb2.Target, sequence: int) -> chat_pb2.MarkRead:
    """Return a read marker."""
    return chat_pb2.MarkRead(target=target, sequence=sequence)


def typing(target: chat_pb2.Target) -> chat_pb2.SetTyping:
    """Return a typing report."""
    return chat_pb2.SetTyping(target=target)


async def end(author: Person, *others: Person) -> None:
    """Send a last message and wait until everybody has it."""
    await author.sent("end")
    await eventually(lambda: all("end" in other.texts for other in others))


def has_markers(person: Person, count: int) -> bool:
    """Return True if a person was told of this many read markers."""
    return len(person.of("read_marker")) == count


# ---------------------------------------------------------------- read markers


async def test_a_marker_in_a_room_is_told_to_the_users_devices(server: Server) -> None:
    """A marker in a room is delivered to each stream of its user, and to nobody else."""
    async with (
        meeting(server, "alice", "bob") as [alice, bob],
        Person(server, token=bob.token) as laptop,
    ):
        await make_room(alice, "Cellar", bob)
        seen = []
        for target, name in ((room("cellar"), "Cellar"), (LOBBY, "lobby")):
            sent = (await alice.sent("hello", target)).sequence
            await bob.write(mark_read=mark(target, sent))
            seen.append(("bob", name, sent))
        for device in (bob, laptop):
            await eventually(partial(has_markers, device, 2))
            told = device.of("read_marker")
            assert [(m.author.name, m.room, m.read_sequence) for m in told] == seen
        await end(bob, alice)
        assert not alice.of("read_marker")


async def test_a_marker_in_a_direct_conversation_is_told_to_both_sides(server: Server) -> None:
    """Both sides get a direct marker, with the other side as target; no third user does."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        sent = (await alice.sent("hello", to(bob))).sequence
        await bob.write(mark_read=mark(user("ALICE"), sent))
        await eventually(lambda: alice.of("read_marker") and bob.of("read_marker"))
        assert alice.of("read_marker") == bob.of("read_marker")
        [marker] = alice.of("read_marker")
        assert (marker.author.name, marker.user.name) == ("bob", "alice")
        await end(bob, carol)
        assert not carol.of("read_marker")


async def test_few_of_many_markers_are_stored(server: Server) -> None:
    """Of many markers, the first is stored at once and the last after an interval."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = [(await alice.sent("hello", to(bob))).sequence for _ in range(20)]
        for sequence in sent:
            await bob.write(mark_read=mark(to(alice), sequence))
        await eventually(partial(has_markers, alice, 2))
        told = [marker.read_sequence for marker in alice.of("read_marker")]
        assert told == [sent[0], sent[-1]]


async def test_the_last_marker_of_a_user_who_leaves_is_stored(server: Server) -> None:
    """The last marker of a user who leaves is stored without waiting for the interval."""
    async with meeting(server, "alice") as [alice]:
        async with Person(server, name="bob") as bob:
            sent = [(await alice.sent("hello", to(bob))).sequence for _ in range(3)]
            for sequence in sent:
                await bob.write(mark_read=mark(to(alice), sequence))
            await bob.sent("read it all")
        await eventually(partial(has_markers, alice, 2), within=INTERVAL / 2)
        assert alice.of("read_marker")[-1].read_sequence == sent[-1]


async def test_a_marker_never_moves_back(server: Server) -> None:
    """A marker that moves back or stays is not an event."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        one, two = [(await alice.sent("hello", to(bob))).sequence for _ in range(2)]
        for sequence in (one, two, one, two):
            assert await bob.tell(mark_read=mark(to(alice), sequence)) is None
        await eventually(partial(has_markers, alice, 2))
        await bob.write(mark_read=mark(to(alice), one))
        await end(bob, alice)
        assert [marker.read_sequence for marker in alice.of("read_marker")] == [one, two]
        [direct, _] = (await bob.do("ListConversations")).conversations[::-1]
        assert direct.read_sequence == two


async def test_a_marker_waits_for_devices_that_are_away(server: Server) -> None:
    """A stream that resumes gets the markers set while it was away."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = (await alice.sent("hello", to(bob))).sequence
        await bob.write(mark_read=mark(to(alice), sent))
        await eventually(lambda: bob.of("read_marker"))
        for person in (alice, bob):
            fields = {"log_id": person.welcome.log_id, "resume_after": sent}
            async with Person(server, token=person.token, **fields) as back:
                await eventually(lambda: back.of("caught_up"))
                assert [marker.read_sequence for marker in back.of("read_marker")] == [sent]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"target": LOBBY}, "FIELD_INVALID"),
        ({"target": LOBBY, "sequence": -1}, "FIELD_INVALID"),
        ({"target": LOBBY, "sequence": 10**9}, "FIELD_INVALID"),
        ({"sequence": 1}, "FIELD_INVALID"),
        ({"target": room("nowhere"), "sequence": 1}, "ROOM_NOT_FOUND"),
        ({"target": room("cellar"), "sequence": 1}, "NOT_A_MEMBER"),
        ({"target": user("nobody"), "sequence": 1}, "USER_NOT_FOUND"),
    ],
)
async def test_a_bad_marker_is_rejected(
    server: Server, fields: dict[str, Any], reason: str
) -> None:
    """A bad marker is rejected without a request id, because it has none."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar")
        assert (await bob.tell(mark_read=chat_pb2.MarkRead(**fields))).reason == reason


# ---------------------------------------------------------------- typing


async def test_typing_is_told_to_the_others_of_the_conversation(server: Server) -> None:
    """Typing is delivered to the room's other members, or to the other side."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "Cellar", bob)
        for target in (room("cellar"), to(bob), LOBBY):
            assert await alice.tell(set_typing=typing(target)) is None
        await end(alice, bob, carol)
        assert [(t.author.name, t.room) for t in bob.of("typing")] == [
            ("alice", "Cellar"),
            ("alice", ""),
            ("alice", "lobby"),
        ]
        assert [t.room for t in carol.of("typing")] == ["lobby"]
        assert not alice.of("typing")
        assert all(e.sequence == 0 and e.time.seconds for e in bob.events if e.HasField("typing"))


async def test_typing_is_not_stored(server: Server) -> None:
    """Typing is not stored: a later stream is not told."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        head = server.status().head_sequence
        await alice.tell(set_typing=typing(to(bob)))
        assert server.status().head_sequence == head


async def test_typing_is_told_once_a_second_at_most(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typing is delivered at most once a second for each conversation."""
    monkeypatch.setattr(limits, "TYPING_STEP", 60.0)
    async with meeting(server, "alice", "bob") as [alice, bob]:
        for _ in range(20):
            await alice.write(set_typing=typing(LOBBY))
            await alice.write(set_typing=typing(to(bob)))
        await end(alice, bob)
        assert [t.room for t in bob.of("typing")] == ["lobby", ""]
        monkeypatch.setattr(limits, "TYPING_STEP", 0.0)
        await alice.tell(set_typing=typing(LOBBY))
        await eventually(lambda: len(bob.of("typing")) == 3)


async def test_typing_in_many_conversations_is_limited(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user can report typing in a few conversations a second only."""
    monkeypatch.setattr(limits, "TYPING_STEP", 60.0)
    async with meeting(server, "alice", "bob") as [alice, bob]:
        for number in range(10):
            await make_room(alice, f"room{number}", bob)
            await alice.tell(set_typing=typing(room(f"room{number}")))
        await end(alice, bob)
        assert len(bob.of("typing")) == limits.MAX_TYPING_CHANNELS


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (chat_pb2.Target(), "FIELD_INVALID"),
        (room("nowhere"), "ROOM_NOT_FOUND"),
        (room("cellar"), "NOT_A_MEMBER"),
        (user("nobody"), "USER_NOT_FOUND"),
        (chat_pb2.Target(client_number=99), "CLIENT_NOT_FOUND"),
    ],
)
async def test_typing_into_nothing_is_rejected(
    server: Server, target: chat_pb2.Target, reason: str
) -> None:
    """Typing in an unknown target is rejected without a request id, because it has none."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar")
        assert (await bob.tell(set_typing=typing(target))).reason == reason


async def test_a_former_member_neither_marks_nor_types(server: Server) -> None:
    """A former member cannot mark or type; an invite-only room then looks unknown."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        for name, invite_only, reason in (
            ("square", False, "NOT_A_MEMBER"),
            ("cellar", True, "ROOM_NOT_FOUND"),
        ):
            await make_room(alice, name, bob, invite_only=invite_only)
            await bob.do("LeaveRoom", room=name)
            assert (await bob.tell(set_typing=typing(room(name)))).reason == reason
            assert (await bob.tell(mark_read=mark(room(name), 1))).reason == reason
            await alice.tell(set_typing=typing(room(name)))
        await end(alice, bob)
        assert not bob.of("typing")
