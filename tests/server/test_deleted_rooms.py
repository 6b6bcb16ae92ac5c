"""Deleting a room: its name, members and messages, and a later room with its name."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from server.people import MODERATOR, OWNER, Person, give, make_room, meeting, room, to
from support import Recorder, eventually, running, store_of

from chat_grpc.app import room_eraser
from chat_grpc.journal.check import check
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

DELETED = chat_pb2.RoomChange.CHANGE_DELETED
CELLAR = room("cellar")


async def erased(server: Server) -> None:
    """Wait until the messages of all deleted rooms are erased."""
    await eventually(lambda: not server.status().erasing_rooms, 20)


def told(person: Person) -> bool:
    """Return True once a person was told of the deletion."""
    return (DELETED, "") in person.changes("Cellar")


async def names(person: Person) -> list[str]:
    """Return the names of the rooms that a person sees in the list."""
    return [each.name for each in (await person.do("ListRooms")).rooms]


@pytest.mark.parametrize("invite_only", [False, True])
async def test_an_owner_deletes_a_room(server: Server, invite_only: bool) -> None:
    """Members are told of the deletion and can no longer read the room; others learn nothing."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "Cellar", bob, invite_only=invite_only)
        sent = (await alice.sent("secret", CELLAR)).sequence
        await bob.ask(react=chat_pb2.React(target_sequence=sent, emoji="👍"))
        await alice.do("DeleteRoom", room="CELLAR")
        for person in (alice, bob):
            await eventually(partial(told, person))
            assert await names(person) == ["lobby"]
            assert await person.refused("ListMessages", target=CELLAR) == "ROOM_NOT_FOUND"
            assert await person.refused("ListRoomMembers", room="cellar") == "ROOM_NOT_FOUND"
            assert not (await person.do("SearchMessages", query="secret")).messages
            conversations = (await person.do("ListConversations")).conversations
            assert [each.room.name for each in conversations] == ["lobby"]
            assert (await person.sent("more", CELLAR)).reason == "ROOM_NOT_FOUND"
            for request in REQUESTS(sent):
                assert (await person.ask(**request)).reason == "MESSAGE_NOT_FOUND"
            assert (await person.sent("re", reply_to=sent)).reason == "MESSAGE_NOT_FOUND"
        assert not carol.of("room_change")
        assert await alice.refused("DeleteRoom", room="cellar") == "ROOM_NOT_FOUND"
        change = next(c for c in bob.of("room_change") if c.change == DELETED)
        assert (change.author.name, change.room.name, change.room.member_count) == (
            "alice",
            "Cellar",
            0,
        )


def REQUESTS(sequence: int) -> list[dict[str, Any]]:  # noqa: N802
    """Return a request of each kind that changes a message."""
    return [
        {"edit": chat_pb2.Edit(target_sequence=sequence, text="new")},
        {"react": chat_pb2.React(target_sequence=sequence, emoji="👍")},
        {"delete_message": chat_pb2.DeleteMessage(target_sequence=sequence)},
    ]


async def test_who_may_delete_a_room(server: Server) -> None:
    """Owners may delete a room, nobody the lobby; an invite-only room is hidden from strangers."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "cellar", bob)
        await make_room(alice, "secret", invite_only=True)
        assert await alice.refused("DeleteRoom", room="lobby") == "NOT_ALLOWED"
        assert await alice.refused("DeleteRoom", room="attic") == "ROOM_NOT_FOUND"
        assert await carol.refused("DeleteRoom", room="secret") == "ROOM_NOT_FOUND"
        assert await carol.refused("DeleteRoom", room="cellar") == "NOT_A_MEMBER"
        assert await bob.refused("DeleteRoom", room="cellar") == "NOT_ALLOWED"
        await give(alice, "cellar", bob, MODERATOR)
        assert await bob.refused("DeleteRoom", room="cellar") == "NOT_ALLOWED"
        await give(alice, "cellar", bob, OWNER)
        await bob.do("DeleteRoom", room="cellar")
        assert await names(bob) == ["lobby"]


async def test_a_later_room_of_the_name_is_another_room(server: Server) -> None:
    """Members of a later room with the name have no access to the old messages."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        await give(alice, "cellar", bob, chat_pb2.ROOM_ROLE_READER)
        old = (await alice.sent("old word", CELLAR)).sequence
        await alice.do("DeleteRoom", room="cellar")
        await make_room(alice, "cellar", bob)
        for _ in range(2):
            assert not (await bob.do("ListMessages", target=CELLAR)).messages
            found = await bob.do("SearchMessages", query="word", target=CELLAR)
            assert not found.messages
            assert not (await bob.do("SearchMessages", query="old")).messages
            for request in REQUESTS(old):
                assert (await alice.ask(**request)).reason == "MESSAGE_NOT_FOUND"
            conversations = (await bob.do("ListConversations")).conversations
            new = next(each for each in conversations if each.room.name == "cellar")
            assert not new.HasField("last_message")
            assert new.unread_count == 0
            await erased(server)
        new_message = (await bob.sent("new word", CELLAR)).sequence
        found = await alice.do("SearchMessages", query="word", target=CELLAR)
        assert [each.sequence for each in found.messages] == [new_message]
        await eventually(lambda: alice.texts == ["new word"])
        assert not alice.of("deleted")


async def test_a_message_after_the_deletion_is_refused(server: Server) -> None:
    """A message that was on its way into the log when the room was deleted is refused."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        for number in range(5):
            await make_room(alice, "cellar", bob)
            await bob.write(
                send=chat_pb2.Send(target=CELLAR, text="before", request_id=f"x{number}")
            )
            await alice.do("DeleteRoom", room="cellar")
            late = await bob.sent("late", CELLAR, request_id=f"y{number}")
            assert late.reason == "ROOM_NOT_FOUND"


async def test_a_member_who_was_away_learns_of_it(tmp_path: Path) -> None:
    """A resumed stream gets the room's events up to its end, with empty texts."""
    async with running(data=str(tmp_path)) as server, meeting(server, "alice", "bob") as people:
        alice, bob = people
        await make_room(alice, "cellar", bob)
        await bob.__aexit__()
        await eventually(lambda: server.stream_count == 1)
        welcome = bob.welcome
        sent = [(await alice.sent(f"secret {n}", CELLAR)).sequence for n in range(100)]
        await alice.ask(edit=chat_pb2.Edit(target_sequence=sent[0], text="secret, too"))
        await alice.do("DeleteRoom", room="cellar")
        await make_room(alice, "cellar")
        await alice.sent("not for bob", CELLAR)
    async with running(data=str(tmp_path)) as server:
        await erased(server)
        async with Recorder(
            server,
            token=welcome.token,
            log_id=welcome.log_id,
            resume_after=welcome.head_sequence,
        ) as back:
            await eventually(lambda: back.of("caught_up"))
            stored = [event for event in back.events if event.sequence]
            changes = [e.room_change.change for e in stored if e.HasField("room_change")]
            assert changes[-1] == DELETED
            assert stored[-1].room_change.change == DELETED
            texts = [event.message.text for event in stored if event.HasField("message")]
            assert texts == [""] * 100
            assert "secret" not in str(back.events)
            assert not back.of("deleted")
    assert check(store_of(tmp_path)) == []
    assert b"secret" not in store_of(tmp_path).read_bytes()


async def test_erasing_continues_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Erasing that has not begun is left to the next start; `check` accepts the store."""
    with monkeypatch.context() as patched:
        patched.setattr(room_eraser.RoomEraser, "wake", lambda _: None)
        async with running(data=str(tmp_path)) as server, meeting(server, "alice") as [alice]:
            await make_room(alice, "cellar")
            for number in range(40):
                await alice.sent(f"secret {number}", CELLAR)
            await alice.do("DeleteRoom", room="cellar")
    assert check(store_of(tmp_path)) == []
    assert b"secret 7" in store_of(tmp_path).read_bytes()
    damaged = tmp_path / "damaged" / "chat.db"
    damaged.parent.mkdir()
    shutil.copy(store_of(tmp_path), damaged)
    shutil.copy(tmp_path / "head", damaged.parent)
    with closing(sqlite3.connect(damaged)) as connection:
        assert connection.execute("SELECT count(*) FROM deleted_rooms").fetchone() == (1,)
        connection.execute("DELETE FROM deleted_rooms")
        connection.commit()
    assert check(damaged)[0].endswith("is of a deleted room, but is not erased")
    async with running(data=str(tmp_path)) as server, meeting(server, "bob") as [bob]:
        await erased(server)
        assert not (await bob.do("SearchMessages", query="secret")).messages
    assert check(store_of(tmp_path)) == []
    assert b"secret 7" not in store_of(tmp_path).read_bytes()


async def test_a_direct_conversation_stays(server: Server) -> None:
    """Deleting a room does not affect direct conversations."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        await alice.sent("word", to(bob))
        await alice.sent("word")
        await alice.do("DeleteRoom", room="cellar")
        await erased(server)
        found = await bob.do("SearchMessages", query="word")
        assert len(found.messages) == 2
