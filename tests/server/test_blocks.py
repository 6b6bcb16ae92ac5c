"""Block lists: direct messages, mentions and invitations of blocked users."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from grpc import StatusCode
from server.people import Person, make_room, meeting, room, to
from support import Recorder, eventually, on_store, running, store_of

from chat_grpc.core import limits
from chat_grpc.journal.check import check
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

NEWEST_BLOCK = (
    "SELECT max(sequence) FROM log WHERE kind = 7 AND CAST(body AS TEXT) LIKE '%blocked%'"
)


async def block(person: Person, other: Person) -> None:
    """Block a user by number."""
    await person.do("BlockUser", client_number=other.number)


async def unblock(person: Person, other: Person) -> None:
    """Unblock a user by number."""
    await person.do("UnblockUser", client_number=other.number)


async def blocked(person: Person) -> list[str]:
    """Return the names on a person's list."""
    return [each.name for each in (await person.do("ListBlocked")).users]


async def test_direct_messages_are_refused_in_both_directions(server: Server) -> None:
    """Neither side of a block can write to the other, by stream or call; nothing is stored."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await block(alice, bob)
        head = server.status().head_sequence
        for author, other, status in (
            (bob, alice, StatusCode.PERMISSION_DENIED),
            (alice, bob, StatusCode.FAILED_PRECONDITION),
        ):
            error = await author.sent("hello", to(other))
            assert (error.code, error.reason) == (status.value[0], "BLOCKED")
            assert error.metadata["client_number"] == str(other.number)
            assert await author.refused("SendTo", text="hello", target=to(other)) == "BLOCKED"
        assert server.status().head_sequence == head
        await unblock(alice, bob)
        await bob.sent("hello", to(alice))
        await eventually(lambda: alice.texts == ["hello"])


async def test_old_direct_messages_cannot_be_used_to_write(server: Server) -> None:
    """A blocked user cannot edit or react to direct messages, but may delete the own ones."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = (await bob.sent("hello", to(alice))).sequence
        await block(alice, bob)
        edit = chat_pb2.Edit(target_sequence=sent, text="again")
        assert (await bob.ask(edit=edit)).reason == "BLOCKED"
        react = chat_pb2.React(target_sequence=sent, emoji="👍")
        assert (await bob.ask(react=react)).reason == "BLOCKED"
        assert (await alice.ask(react=react)).reason == "BLOCKED"
        await bob.ask(delete_message=chat_pb2.DeleteMessage(target_sequence=sent))
        await eventually(lambda: alice.of("deleted"))
        assert not alice.of("edited")
        assert not alice.of("reaction")


async def test_typing_and_read_markers_do_not_pass_a_block(server: Server) -> None:
    """A blocked user cannot show that they type or read; their own marker still moves."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = (await alice.sent("hello", to(bob))).sequence
        await block(alice, bob)
        error = await bob.tell(set_typing=chat_pb2.SetTyping(target=to(alice)))
        assert error.reason == "BLOCKED"
        await bob.tell(mark_read=chat_pb2.MarkRead(target=to(alice), sequence=sent))
        await eventually(lambda: bob.of("read_marker"))
        await alice.sent("later")
        assert not alice.of("typing")
        assert not alice.of("read_marker")


async def test_a_mention_by_a_blocked_user_is_plain_text(server: Server) -> None:
    """The message is delivered, but mentions only the users who did not block the author."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await block(alice, bob)
        sent = (await bob.sent("@alice and @carol")).sequence
        await bob.ask(edit=chat_pb2.Edit(target_sequence=sent, text="@carol and @alice"))
        await eventually(lambda: alice.of("edited"))
        assert list(alice.of("message")[0].mentioned_numbers) == [carol.number]
        assert list(alice.of("edited")[0].message.mentioned_numbers) == [carol.number]
        await unblock(alice, bob)
        await bob.sent("@alice")
        await eventually(lambda: len(alice.of("message")) == 2)
        assert list(alice.of("message")[1].mentioned_numbers) == [alice.number]


async def test_an_invitation_by_a_blocked_user_is_refused(server: Server) -> None:
    """Neither side of a block can invite the other; rooms that both are in are not affected."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(bob, "cellar", alice)
        await make_room(bob, "attic", invite_only=True)
        await make_room(alice, "roof")
        await block(alice, bob)
        assert await bob.refused("InviteToRoom", room="attic", user="alice") == "BLOCKED"
        assert await alice.refused("InviteToRoom", room="roof", user="bob") == "BLOCKED"
        await bob.sent("still here", room("cellar"))
        await eventually(lambda: alice.texts == ["still here"])
        rooms = (await alice.do("ListRooms")).rooms
        assert "attic" not in [each.name for each in rooms]


async def test_the_list(server: Server) -> None:
    """The list names its users by number, in pages; blocking again or unblocking has no effect."""
    async with meeting(server, "alice", "bob", "carol", "dave") as [alice, *others]:
        for other in others:
            await block(alice, other)
            await block(alice, other)
        assert await blocked(alice) == ["bob", "carol", "dave"]
        assert await blocked(others[0]) == []
        page = await alice.do("ListBlocked", page_size=2)
        assert [each.name for each in page.users] == ["bob", "carol"]
        page = await alice.do("ListBlocked", page_size=2, page_token=page.next_page_token)
        assert ([each.name for each in page.users], page.next_page_token) == (["dave"], "")
        await alice.do("UnblockUser", user="CAROL")
        await alice.do("UnblockUser", user="carol")
        assert await blocked(alice) == ["bob", "dave"]
        assert await alice.refused("BlockUser", client_number=alice.number) == "FIELD_INVALID"
        assert await alice.refused("BlockUser", client_number=99) == "CLIENT_NOT_FOUND"
        assert await alice.refused("BlockUser", user="nobody") == "USER_NOT_FOUND"
        assert await alice.refused("BlockUser") == "USER_NOT_FOUND"


async def test_a_full_list_refuses_one_more(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guest may block a limited number of users, and may unblock when the list is full."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        monkeypatch.setattr(limits, "MAX_BLOCKED_BY_GUEST", 1)
        await block(alice, bob)
        assert await alice.refused("BlockUser", user="carol") == "RATE_LIMITED"
        await block(alice, bob)
        await unblock(alice, bob)
        await block(alice, carol)
        assert await blocked(alice) == ["carol"]


async def test_a_message_behind_a_block_in_the_log_is_refused(server: Server) -> None:
    """Of a block and messages at the same time, those that are stored came before the block."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        for attempt in range(5):
            sending = [
                asyncio.create_task(bob.do("SendTo", text=f"{attempt}.{n}", target=to(alice)))
                for n in range(20)
            ]
            await block(alice, bob)
            [(blocked_at,)] = await on_store(server, NEWEST_BLOCK)
            answers = await asyncio.gather(*sending, return_exceptions=True)
            stored = [each.sequence for each in answers if not isinstance(each, BaseException)]
            assert all(sequence < blocked_at for sequence in stored)
            await unblock(alice, bob)
        # A message that was stored is delivered.
        history = (await alice.do("ListMessages", target=to(bob), page_size=300)).messages
        await eventually(lambda: len(alice.texts) == len(history))


async def test_a_repeated_message_is_answered_after_a_block(server: Server) -> None:
    """A message that was stored before the block is acknowledged again, not refused."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = await bob.sent("hello", to(alice), request_id="first")
        await block(alice, bob)
        again = await bob.sent("hello", to(alice), request_id="first")
        # The answer to the first one has the same id.
        assert again.sequence == sent.sequence


async def test_a_list_survives_a_restart(tmp_path: Path) -> None:
    """The list is a view of the log: it is there after a restart, and `check` accepts it."""
    async with running(data=str(tmp_path)) as server, meeting(server, "alice", "bob") as people:
        alice, bob = people
        await block(alice, bob)
        await block(bob, alice)
        await unblock(bob, alice)
        tokens = alice.token, bob.token
        number = alice.number
    assert check(store_of(tmp_path)) == []
    async with (
        running(data=str(tmp_path)) as server,
        Recorder(server, token=tokens[0]),
        Person(server, token=tokens[1]) as bob,
    ):
        error = await bob.sent("hello", chat_pb2.Target(client_number=number))
        assert error.reason == "BLOCKED"
