"""The list of mutes: the callers who see it, ended mutes, pages, and hidden rooms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from server.accounts import calls_to, operator, token_of, with_accounts
from server.people import MODERATOR, Person, give, make_room, meeting
from support import UNIT, on_store

from chat_grpc.client import ChatCalls, Refused
from chat_grpc.client.sync import ChatCalls as BlockingCalls
from chat_grpc.server import Server
from chat_grpc.v1 import admin_pb2


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[Server, ChatCalls]]:
    """Run a server with the accounts root, an admin, and alice; also return calls of root."""
    async with (
        with_accounts(folder, "root", "alice") as server,
        calls_to(server, await token_of(server, "root")) as root,
    ):
        yield server, root


def named(mutes: Sequence[admin_pb2.Mute]) -> list[tuple[str, str]]:
    """Return the user and the room of each mute."""
    return [(mute.user.name, mute.room) for mute in mutes]


async def refusal(calls: ChatCalls, room: str) -> tuple[grpc.StatusCode, str, str]:
    """List the mutes of a room, which must be refused; return the status, reason and message."""
    with pytest.raises(Refused) as error:
        await calls.mutes(room=room).all()
    return error.value.code, error.value.reason, error.value.message


async def test_an_admin_sees_all_mutes(tmp_path: Path) -> None:
    """Those of rooms and everywhere, newest first, with author, times and reason."""
    async with (
        served(tmp_path) as (server, root),
        meeting(server, "owner", "bob") as (owner, bob),
        calls_to(server, owner.token) as owns,
        operator(tmp_path) as local,
    ):
        await make_room(owner, "Den", bob, invite_only=False)
        await owns.mute("bob", room="den", seconds=60, reason="calm down")
        await root.mute("bob", seconds=3600)
        await local.mute("alice", room="lobby", seconds=60)
        mutes = await root.mutes().all()
        assert named(mutes) == [("alice", "lobby"), ("bob", ""), ("bob", "Den")]
        assert [mute.author for mute in mutes] == ["local", "root", "owner"]
        assert [mute.by_admin for mute in mutes] == [True, True, False]
        assert mutes[2].reason == "calm down"
        assert mutes[2].user.number == bob.number
        for mute, seconds in zip(mutes, (60, 3600, 60), strict=True):
            lasts = mute.expire_time.seconds - mute.create_time.seconds
            assert seconds <= lasts <= seconds + 1
        assert await local.mutes().all() == mutes
        assert await root.mutes(room="#DEN").all() == mutes[2:]
        assert await root.mutes(room="lobby").all() == mutes[:1]
        assert (await refusal(root, "cave"))[1] == "ROOM_NOT_FOUND"


async def test_moderators_see_the_mutes_of_their_room(tmp_path: Path) -> None:
    """Owners and moderators; not members, strangers, or those who lost the role."""
    async with (
        served(tmp_path) as (server, root),
        meeting(server, "owner", "mod", "one") as (owner, mod, one),
        calls_to(server, owner.token) as owns,
        calls_to(server, mod.token) as moderates,
        calls_to(server, one.token) as member,
        calls_to(server, await token_of(server, "alice")) as stranger,
    ):
        await make_room(owner, "den", mod, one)
        await make_room(owner, "cave", one)
        await give(owner, "den", mod, MODERATOR)
        await owns.mute("one", room="cave", seconds=60)
        await moderates.mute("one", room="den", seconds=60)
        await root.mute("one", seconds=60)
        for calls in (owns, moderates):
            assert named(await calls.mutes(room="den").all()) == [("one", "den")]
        denied = grpc.StatusCode.PERMISSION_DENIED
        for calls, room, reason in (
            (member, "den", "NOT_ALLOWED"),
            (stranger, "den", "NOT_A_MEMBER"),
            (moderates, "cave", "NOT_A_MEMBER"),
            *((calls, room, "NOT_ALLOWED") for calls in (owns, member) for room in ("", "lobby")),
        ):
            assert (await refusal(calls, room))[:2] == (denied, reason)
        await owner.do("SetRoomRole", room="den", user="mod")
        assert (await refusal(moderates, "den"))[1] == "NOT_A_MEMBER"


async def test_a_private_room_is_not_confirmed_by_the_list(tmp_path: Path) -> None:
    """For a stranger a private room and no room have the same answer."""
    async with (
        served(tmp_path) as (server, _),
        Person(server, name="owner") as owner,
        calls_to(server, await token_of(server, "alice")) as alice,
        calls_to(server, owner.token) as owns,
    ):
        await owner.do("CreateRoom", name="den", invite_only=True)
        await owner.do("InviteToRoom", room="den", user="root")
        assert await owns.mutes(room="den").all() == []
        answers = set()
        for room in ("den", "cave"):
            code, reason, message = await refusal(alice, room)
            answers.add((code, reason, message.replace(room, "ROOM")))
        assert answers == {(grpc.StatusCode.NOT_FOUND, "ROOM_NOT_FOUND", "There is no room ROOM.")}


async def test_ended_mutes_are_not_listed(tmp_path: Path) -> None:
    """A mute that was removed, replaced, or has ended by time; or that of a deleted room."""
    async with (
        served(tmp_path) as (server, root),
        Person(server, name="bob") as bob,
    ):
        await bob.do("CreateRoom", name="den")
        await root.mute("bob", room="den", seconds=60)
        await root.mute("bob", seconds=60)
        await root.mute("bob", seconds=90, reason="again")
        await root.mute("alice", room="lobby", seconds=1)
        assert len(await root.mutes(room="lobby").all()) == 1
        await bob.do("DeleteRoom", room="den")
        async with asyncio.timeout(5 * UNIT):
            while len(found := await root.mutes().all()) != 1:
                pass
        assert (named(found), found[0].reason) == ([("bob", "")], "again")
        await root.unmute("bob")
        assert await root.mutes().all() == []


async def test_pages_of_mutes(tmp_path: Path) -> None:
    """Each mute is on one page; the token of a page is for the request that it came from."""
    async with served(tmp_path) as (server, root):
        for number in range(5):
            await token_of(server, f"g{number}", "")
            await root.mute(f"g{number}", room="lobby" if number % 2 else "", seconds=60)
        pages: list[list[str]] = []
        token = ""
        while token or not pages:
            request = admin_pb2.ListMutesRequest(page_size=2, page_token=token)
            page: admin_pb2.ListMutesResponse = await root._caller.admin("ListMutes", request)
            pages.append([mute.user.name for mute in page.mutes])
            token = page.next_page_token
            if len(pages) == 1:
                request.page_token, request.room = token, "lobby"
                with pytest.raises(Refused) as error:
                    await root._caller.admin("ListMutes", request)
                assert error.value.reason == "PAGE_TOKEN_INVALID"
        assert pages == [["g4", "g3"], ["g2", "g1"], ["g0"]]
        assert len(await root.mutes(limit=3).all()) == 3
        with pytest.raises(Refused) as error:
            await root._caller.admin("ListMutes", admin_pb2.ListMutesRequest(page_size=-1))
        assert error.value.reason == "FIELD_INVALID"


async def test_a_mute_outlives_the_records_about_it(tmp_path: Path) -> None:
    """Without its entry the audit log has the author; without both, the mute is still listed."""
    async with served(tmp_path) as (server, root):
        await token_of(server, "gwen", "")
        await root.mute("gwen", seconds=60)
        [mute] = await root.mutes().all()
        for table, author in (("log", "root"), ("audit_events", "")):
            gone = f"DELETE FROM {table} WHERE sequence = (SELECT event FROM mutes)"
            await on_store(server, gone)
            [found] = await root.mutes().all()
            assert (found.author, found.HasField("create_time")) == (author, bool(author))
            assert (found.user, found.by_admin) == (mute.user, True)


async def test_programs_without_asyncio_list_mutes(tmp_path: Path) -> None:
    """The blocking client iterates over the same list."""
    async with served(tmp_path) as (server, root):
        await root.mute("alice", seconds=60)

        def listed(token: str) -> list[tuple[str, str]]:
            with BlockingCalls(f"127.0.0.1:{server.port}", token=token) as calls:
                return named(list(calls.mutes()))

        token = await token_of(server, "root")
        assert await asyncio.to_thread(listed, token) == [("alice", "")]
