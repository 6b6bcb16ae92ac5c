"""Deleting an account, with and without its messages."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from server.accounts import PASSWORD, calls_to, token_of, with_accounts
from server.people import MEMBER, MODERATOR, Person, give, make_room, meeting, room, to
from support import Recorder, eventually, on_store, running, store_of

from chat_grpc.app.account_eraser import AccountEraser
from chat_grpc.client import Refused
from chat_grpc.journal.check import check
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

GONE = "deleted user {}"


async def erased(server: Server) -> None:
    """Wait until nothing of a deleted account is left to erase, in the word index either."""
    status = server.status
    await eventually(lambda: not (status().erasing_accounts or status().erasing_rooms), 20)
    await eventually(lambda: status().indexed_sequence == status().head_sequence, 20)


async def delete(
    server: Server, person: Person, password: str = "", *, messages: bool = False
) -> None:
    """Delete a person's account."""
    async with calls_to(server, person.token) as calls:
        await calls.delete_account(password, messages=messages)


def contents(folder: Path) -> list[tuple[str, bytes]]:
    """Return the files of a store."""
    return [(file.name, file.read_bytes()) for file in folder.iterdir() if file.is_file()]


async def refusal(server: Server, token: str, password: str = "") -> str:
    """Try to delete an account; return the reason of the refusal."""
    async with calls_to(server, token) as calls:
        with pytest.raises(Refused) as refused:
            await calls.delete_account(password)
        return refused.value.reason


async def listed(person: Person, target: chat_pb2.Target) -> list[tuple[str, str, bool]]:
    """Return author, text and deletion of each message of a conversation, the oldest first."""
    found = (await person.do("ListMessages", target=target)).messages
    return [(m.message.author.name, m.message.text, m.deleted) for m in reversed(found)]


async def test_the_messages_stay_without_the_name(server: Server) -> None:
    """All streams end; messages keep the number, and have a placeholder for the name."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(bob, "cellar", alice)
        gone = GONE.format(alice.number)
        sent = (await alice.sent("hello", to(bob))).sequence
        await alice.ask(edit=chat_pb2.Edit(target_sequence=sent, text="hello, bob"))
        await alice.sent("all", room("cellar"))
        await bob.sent("thanks", to(alice))
        other = Recorder(server, token=alice.token)
        await other.hello()
        await delete(server, alice)
        for stream in (alice, other):
            assert await stream.end_reason() == "TOKEN_REVOKED"
        await other.__aexit__()
        await erased(server)
        assert await listed(bob, to(alice)) == [
            (gone, "hello, bob", False),
            ("bob", "thanks", False),
        ]
        assert await listed(bob, room("cellar")) == [(gone, "all", False)]
        conversations = (await bob.do("ListConversations")).conversations
        assert [c.user.name for c in conversations if c.user.number] == [gone]
        members = (await bob.do("ListRoomMembers", room="cellar")).members
        assert [each.user.name for each in members] == ["bob"]
        assert (chat_pb2.RoomChange.CHANGE_LEFT, gone) in bob.changes("cellar")
        assert not bob.of("deleted")


async def test_the_messages_are_deleted(server: Server) -> None:
    """Those who could read a message receive `deleted`; the texts are no longer found."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(bob, "cellar", alice, invite_only=True)
        direct = (await alice.sent("secret word", to(bob))).sequence
        inside = (await alice.sent("secret inside", room("cellar"))).sequence
        public = [(await alice.sent(f"secret {n}")).sequence for n in range(40)]
        await bob.sent("mine", to(alice))
        await delete(server, alice, messages=True)
        await erased(server)
        await eventually(lambda: len(bob.of("deleted")) == 42)
        assert {each.target_sequence for each in bob.of("deleted")} == {direct, inside, *public}
        assert {each.author.name for each in bob.of("deleted")} == {GONE.format(alice.number)}
        assert {each.target_sequence for each in carol.of("deleted")} == {*public}
        assert not (await bob.do("SearchMessages", query="secret")).messages
        assert [text for _, text, _ in await listed(bob, to(alice))] == ["", "mine"]


async def test_nothing_of_the_account_is_left_in_the_files(tmp_path: Path) -> None:
    """Name, password, labels and texts leave every file of the store; `check` accepts it."""
    async with (
        running(data=str(tmp_path), accounts="open") as server,
        meeting(server, "wilhelmina", "bob") as [person, bob],
    ):
        await make_room(bob, "cellar", person)
        await give(bob, "cellar", person, MODERATOR)
        await give(bob, "cellar", person, MEMBER)
        await person.do("BlockUser", user="bob")
        await bob.tell(mark_read=chat_pb2.MarkRead(target=to(person), sequence=1))
        await person.do("UnblockUser", user="bob")
        sent = (await person.sent("xylophone", to(bob))).sequence
        await bob.ask(react=chat_pb2.React(target_sequence=sent, emoji="👍"))
        await person.tell(mark_read=chat_pb2.MarkRead(target=room("lobby"), sequence=sent))
        async with calls_to(server, person.token) as calls:
            await calls.register("wilhelmina", PASSWORD)
            await calls.create_bot_token("zeppelin")
        await delete(server, person, PASSWORD, messages=True)
        await erased(server)
    assert check(store_of(tmp_path)) == []
    for file, content in contents(tmp_path):
        for word in (b"wilhelmina", b"xylophone", b"zeppelin", b"$argon2"):
            assert word not in content, (file, word)


async def test_the_password_is_needed(tmp_path: Path) -> None:
    """An account is deleted with its password only; the number is not given to a later account."""
    async with with_accounts(tmp_path, "alice", accounts="open") as server:
        token = await token_of(server, "alice")
        assert await refusal(server, token) == "BAD_CREDENTIALS"
        assert await refusal(server, token, "not the password") == "BAD_CREDENTIALS"
        async with calls_to(server, token) as calls:
            bot = (await calls.create_bot_token("bot")).token
            await calls.delete_account(PASSWORD)
        for ended_token in (token, bot):
            assert await refusal(server, ended_token, PASSWORD) == "TOKEN_REVOKED"
        async with calls_to(server) as calls:
            with pytest.raises(Refused) as refused:
                await calls.sign_in("alice", PASSWORD)
            assert refused.value.reason == "BAD_CREDENTIALS"
            assert (await calls.register("alice", PASSWORD)).number == 2


async def test_a_name_is_free_at_once(server: Server) -> None:
    """A guest takes the name of a deleted one at once, and nobody can write to the deleted one."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        old = to(alice)
        await alice.sent("hello", to(bob))
        await delete(server, alice)
        assert (await bob.sent("are you there", old)).reason == "CLIENT_NOT_FOUND"
        gone = chat_pb2.Target(user=GONE.format(alice.number))
        assert (await bob.sent("are you there", gone)).reason == "USER_NOT_FOUND"
        async with Person(server, name="alice") as new:
            assert new.name == "alice"
            assert new.number != alice.number
            assert not (await new.do("ListMessages", target=to(bob))).messages


async def test_rooms_of_a_deleted_owner(server: Server) -> None:
    """A room gets the member with the highest role as its owner; an empty one is deleted."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "cellar", bob, carol)
        await give(alice, "cellar", carol, MODERATOR)
        await make_room(alice, "attic", invite_only=True)
        await alice.sent("secret", room("attic"))
        await delete(server, alice)
        await erased(server)
        members = (await bob.do("ListRoomMembers", room="cellar")).members
        assert [(m.user.name, m.role) for m in members] == [("bob", 2), ("carol", 4)]
        await bob.do("CreateRoom", name="attic")


async def test_erasing_continues_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restarted server erases the rest of an account; `check` accepts each state."""
    with monkeypatch.context() as patched:
        patched.setattr(AccountEraser, "wake", lambda _: None)
        async with running(data=str(tmp_path)) as server, meeting(server, "alice", "bob") as people:
            alice, bob = people
            await make_room(alice, "cellar", bob)
            for number in range(40):
                await alice.sent(f"secret {number}", room("cellar"))
            await delete(server, alice, messages=True)
            number, token = alice.number, bob.token
    assert check(store_of(tmp_path)) == []
    assert b"secret 7" in store_of(tmp_path).read_bytes()
    async with running(data=str(tmp_path)) as server, AsyncExitStack() as opened:
        bob = await opened.enter_async_context(Person(server, token=token))
        await erased(server)
        texts = await listed(bob, room("cellar"))
        assert texts == [(GONE.format(number), "", True)] * 40
    assert check(store_of(tmp_path)) == []
    assert b"secret 7" not in store_of(tmp_path).read_bytes()
    assert b"alice" not in store_of(tmp_path).read_bytes()


async def test_a_deleted_guest_cannot_register(tmp_path: Path) -> None:
    """A registration that comes behind the deletion in the log does not revive the user."""
    async with running(data=str(tmp_path), accounts="open") as server:
        async with Person(server, name="alice") as alice:
            number, token = alice.number, alice.token
            async with calls_to(server, token) as one, calls_to(server, token) as other:
                # The hash of the password takes longer than the deletion.
                registering = asyncio.create_task(one.register("alice", PASSWORD))
                await other.delete_account()
                with pytest.raises(Refused) as refused:
                    await registering
            assert refused.value.reason == "TOKEN_REVOKED"
        await erased(server)
        assert await on_store(server, "SELECT 1 FROM accounts WHERE user = ?", number) == []
    assert check(store_of(tmp_path)) == []
