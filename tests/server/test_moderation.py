"""Kicks, bans and mutes: streams that end, calls that are refused, ends, and restarts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc import aio
from server.accounts import PASSWORD, calls_to, operator, token_of, with_accounts
from server.people import MODERATOR, Person, give, make_room, meeting
from support import UNIT, Recorder, channel_to, eventually, on_store, reason_of, store_of

from chat_grpc.client import ChatCalls, Refused
from chat_grpc.journal.check import check
from chat_grpc.server import Server
from chat_grpc.v1 import account_pb2, account_pb2_grpc, chat_pb2

PROXY = {"trusted_proxy": ("127.0.0.1",)}


@asynccontextmanager
async def moderated(folder: Path, **options: Any) -> AsyncIterator[tuple[Server, ChatCalls]]:
    """Run a server with the accounts root, an admin, and alice; also return calls of root."""
    async with (
        with_accounts(folder, "root", "alice", **options) as server,
        calls_to(server, await token_of(server, "root")) as root,
    ):
        yield server, root
    assert check(store_of(folder)) == []


async def refusal(calls: ChatCalls) -> Refused:
    """Make a call that must be refused; return the error."""
    with pytest.raises(Refused) as error:
        await calls.rooms()
    return error.value


async def hello_refused(server: Server, metadata: Any = None, **hello: Any) -> str:
    """Open a stream that must be refused; return the reason."""
    async with channel_to(server) as channel:
        stream = Recorder(channel, **hello)
        await stream.hello(read=False, metadata=metadata)
        return await stream.end_reason()


# ------------------------------------------------------------------ kicks


async def test_a_kick_ends_all_streams_within_a_second(tmp_path: Path) -> None:
    """Each stream of the user ends with the reason; others stay; the user may connect again."""
    async with moderated(tmp_path) as (server, root):
        token = await token_of(server, "alice")
        async with (
            Recorder(server, token=token) as one,
            Recorder(server, token=token) as two,
            Recorder(server, name="bob") as bob,
        ):
            assert await root.kick("alice", "too loud") == 2
            for stream in (one, two):
                async with asyncio.timeout(UNIT):
                    assert await stream.ended() == grpc.StatusCode.ABORTED
                assert await stream.end_reason() == "KICKED"
                assert "You were kicked: too loud." in await stream.call.details()
            assert await root.kick("alice") == 0
            async with Recorder(server, token=token):
                assert (await bob.sent("still here")).sequence


async def test_nobody_kicks_bans_or_mutes_themselves(tmp_path: Path) -> None:
    """The error says so; a network with the caller's own address is refused, too."""
    async with moderated(tmp_path) as (_, root):
        mistakes = (
            root.kick("ROOT"),
            root.ban("root"),
            root.mute("root", seconds=60),
            root.ban_network("127.0.0.1"),
            root.ban_network("127.0.0.0/8"),
            root.ban_network("::ffff:127.0.0.0/104"),
            root.ban_network("0.0.0.0/0"),
        )
        for mistake in mistakes:
            with pytest.raises(Refused, match=r"[Yy]our own") as error:
                await mistake
            assert error.value.code == grpc.StatusCode.FAILED_PRECONDITION
        assert await root.bans().all() == []


# ------------------------------------------------------------------ bans


async def test_a_ban_of_a_user_ends_streams_and_refuses_everything(tmp_path: Path) -> None:
    """Streams, resumes, calls, sign-ins and other tokens are refused, with the reason and end."""
    async with moderated(tmp_path) as (server, root):
        token = await token_of(server, "alice")
        async with (
            Recorder(server, token=token) as stream,
            calls_to(server, token) as alice,
            calls_to(server, await token_of(server, "alice")) as other,
        ):
            bot = (await alice.create_bot_token("bot")).token
            ban = await root.ban("alice", "spam", seconds=3600)
            async with asyncio.timeout(UNIT):
                assert await stream.ended() == grpc.StatusCode.PERMISSION_DENIED
            assert await stream.end_reason() == "BANNED"
            for calls in (alice, other):
                error = await refusal(calls)
                assert (error.reason, error.metadata["ban_reason"]) == ("BANNED", "spam")
                assert error.metadata["expire_time"] == ban.expire_time.ToJsonString()
                assert error.retry_after is not None
                assert 3590 < error.retry_after <= 3601
                assert error.message.endswith("UTC: spam.")
                assert error.final
            log_id, last = stream.welcome.log_id, stream.welcome.head_sequence
            for each in (token, bot):
                assert await hello_refused(server, token=each) == "BANNED"
            resume = {"log_id": log_id, "resume_after": last}
            assert await hello_refused(server, token=token, **resume) == "BANNED"
            with pytest.raises(Refused, match="You are banned"):
                await token_of(server, "alice")
            with pytest.raises(Refused, match="name or the password"):
                await token_of(server, "alice", "a wrong password")
            await root.unban(ban.ban_id)
            await alice.rooms()
            with pytest.raises(Refused, match="no ban"):
                await root.unban(ban.ban_id)


async def test_a_ban_without_an_end_has_no_retry(tmp_path: Path) -> None:
    """A later ban of the same user replaces the earlier one."""
    async with (
        moderated(tmp_path) as (server, root),
        calls_to(server, await token_of(server, "alice")) as alice,
    ):
        await root.ban("alice", seconds=3600)
        second = await root.ban("Alice")
        error = await refusal(alice)
        assert (error.message, error.retry_after) == ("You are banned.", None)
        assert await root.bans().all() == [second]


async def test_a_banned_guest_cannot_register_or_use_the_number(tmp_path: Path) -> None:
    """A ban of a guest holds for the number, by which it can be named."""
    async with (
        moderated(tmp_path, accounts="open") as (server, root),
        Person(server, name="gwen") as gwen,
        calls_to(server, gwen.token) as calls,
    ):
        with pytest.raises(Refused) as missing:
            await root.ban(999)
        assert missing.value.reason == "CLIENT_NOT_FOUND"
        ban = await root.ban(gwen.number)
        assert ban.user == "gwen"
        assert await gwen.end_reason() == "BANNED"
        with pytest.raises(Refused, match="banned"):
            await calls.register("gwen", PASSWORD)


async def test_a_banned_user_exports_and_deletes_the_own_data(tmp_path: Path) -> None:
    """A ban keeps from the chat, not from these rights; it stays for the number, without a name."""
    async with moderated(tmp_path) as (server, root), Person(server, name="bob") as bob:
        token = await token_of(server, "alice")
        async with Person(server, token=token) as alice:
            number, sent = alice.number, (await alice.sent("something bad")).sequence
        await root.ban("alice")
        async with calls_to(server, token) as calls:
            assert (await refusal(calls)).reason == "BANNED"
            records = [json.loads(line) async for line in calls.export_data()]
            texts = [each["text"] for each in records if each["record"] == "message"]
            assert texts == ["something bad"]
            await calls.delete_account(PASSWORD, messages=True)
        assert await hello_refused(server, token=token) == "TOKEN_REVOKED"
        await eventually(lambda: sent in [each.target_sequence for each in bob.of("deleted")])
        [ban] = await root.bans().all()
        assert (ban.user_number, ban.user) == (number, f"deleted user {number}")


async def test_a_ban_of_a_network_holds_for_own_data_too(tmp_path: Path) -> None:
    """Nothing is served to the addresses of a banned network."""
    async with moderated(tmp_path, **PROXY) as (server, root):
        await root.ban_network("192.0.2.0/24")
        token = await token_of(server, "gwen", "")
        metadata = (("authorization", f"Bearer {token}"), ("x-forwarded-for", "192.0.2.7"))
        async with channel_to(server) as channel:
            stub = account_pb2_grpc.AccountServiceStub(channel)
            with pytest.raises(aio.AioRpcError) as refused:
                await stub.DeleteAccount(account_pb2.DeleteAccountRequest(), metadata=metadata)
        assert reason_of(refused.value) == "BANNED"


async def test_a_ban_is_found_by_number(tmp_path: Path) -> None:
    """Guests who had the same name are told apart; the id of a ban counts before a number."""
    async with with_accounts(tmp_path) as server, operator(tmp_path) as local:
        for name in ("gwen", "hugo"):
            await token_of(server, name, "")
        hugo, gwen = await local.ban(2), await local.ban(1)
        assert [each.user_number for each in await local.bans().all()] == [1, 2]
        assert (hugo.user_number, gwen.user_number) == (2, 1)
        found = [await local.find_ban(what) for what in ("1", "2", "HUGO", gwen.ban_id, "9")]
        assert found == [gwen.ban_id, hugo.ban_id, hugo.ban_id, gwen.ban_id, "9"]
        network = await local.ban_network("192.0.2.7")
        assert (network.user_number, await local.find_ban("192.0.2.7")) == (0, network.ban_id)


async def test_a_ban_outlives_its_guest(tmp_path: Path) -> None:
    """The ban of a guest whom the store no longer keeps is listed by number, and can be removed."""
    async with with_accounts(tmp_path) as server, operator(tmp_path) as local:
        await token_of(server, "gwen", "")
        ban = await local.ban("gwen")
        gone = "DELETE FROM users WHERE number = 1"
        await on_store(server, gone)
        assert [each.user for each in await local.bans().all()] == ["1"]
        await local.unban(ban.ban_id)
        assert await local.bans().all() == []
        assert (await local.audit_events(limit=1).all())[0].subject == "user (1)"


async def test_a_ban_ends_by_time(tmp_path: Path) -> None:
    """No restart and no call of an admin is needed; the list forgets the ban."""
    async with (
        moderated(tmp_path) as (server, root),
        calls_to(server, await token_of(server, "alice")) as alice,
    ):
        await root.ban("alice", seconds=1)
        assert (await refusal(alice)).reason == "BANNED"

        async def ended() -> bool:
            try:
                await alice.rooms()
            except Refused:
                return False
            return True

        async with asyncio.timeout(5 * UNIT):
            while not await ended():
                pass
        assert await root.bans().all() == []


async def test_a_restart_keeps_bans_and_mutes(tmp_path: Path) -> None:
    """Both are read from the store at the start."""
    async with moderated(tmp_path) as (server, root):
        token = await token_of(server, "alice")
        async with Person(server, name="bob") as bob:
            await root.ban("alice", "spam", seconds=3600)
            await root.ban_network("2001:db8::/32")
            await root.mute("bob", seconds=3600, reason="shouting")
            bob_token = bob.token
        bans = await root.bans().all()
    async with (
        with_accounts(tmp_path) as server,
        calls_to(server, token) as alice,
        operator(tmp_path) as local,
    ):
        assert (await refusal(alice)).metadata["ban_reason"] == "spam"
        assert await local.bans().all() == bans
        async with calls_to(server, bob_token) as bob_calls:
            with pytest.raises(Refused, match=r"muted everywhere until .* UTC: shouting"):
                await bob_calls.send_to("hello")
        await local.unban(bans[1].ban_id)
        await alice.rooms()
    assert check(store_of(tmp_path)) == []


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("192.0.2.0/24", "192.0.2.77", "192.0.3.1"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
        ("2001:db8:0:1::5", "2001:db8:0:1:ffff::9", "2001:db8:0:2::5"),
        ("::ffff:192.0.2.0/120", "192.0.2.3", "192.0.3.3"),
    ],
)
async def test_a_ban_of_a_network(tmp_path: Path, network: str, inside: str, outside: str) -> None:
    """Streams from inside end, and calls, sign-ins and guests from there are refused."""
    async with moderated(tmp_path, **PROXY, accounts="open") as (server, root):
        token = await token_of(server, "alice")
        here, away = (("x-forwarded-for", inside),), (("x-forwarded-for", outside),)
        async with channel_to(server) as channel:
            streams = [Recorder(channel, token=token) for _ in range(2)]
            for stream, metadata in zip(streams, (here, away), strict=True):
                await stream.hello(metadata=metadata)
            await root.ban_network(network, "abuse", seconds=60)
            async with asyncio.timeout(UNIT):
                assert await streams[0].end_reason() == "BANNED"
            assert (await streams[1].sent("still here")).sequence
            assert await hello_refused(server, here, token=token) == "BANNED"
            assert await hello_refused(server, here, name="gwen") == "BANNED"
            for method in ("SignIn", "Register"):
                path = f"/chat_grpc.v1.AccountService/{method}"
                ask: Any = channel.unary_unary(path)
                with pytest.raises(aio.AioRpcError) as error:
                    await ask(b"", metadata=here)
                assert reason_of(error.value) == "BANNED"
                with pytest.raises(aio.AioRpcError) as error:
                    await ask(b"", metadata=away)
                assert reason_of(error.value) != "BANNED"
            for stream in streams:
                await stream.__aexit__()


async def test_a_network_must_be_one(tmp_path: Path) -> None:
    """Other words, long reasons and odd durations are refused with the rule."""
    async with moderated(tmp_path) as (_, root):
        for wrong in ("here", "1.2.3.4/33", "unix", "1.2.3.4\x1b"):
            with pytest.raises(Refused, match="not a network"):
                await root.ban_network(wrong)
        with pytest.raises(Refused, match="a user or a network"):
            await root.ban_network("")
        for reason in ("x" * 251, "a\nb"):
            with pytest.raises(Refused, match="250 characters"):
                await root.kick("alice", reason)
        for seconds in (0, -1, 3651 * 86400):
            with pytest.raises(Refused, match="duration must be"):
                await root.ban("alice", seconds=seconds)
        with pytest.raises(Refused, match="duration must be"):
            await root.mute("alice", seconds=-1)


async def test_the_operator_on_the_machine_always_works(tmp_path: Path) -> None:
    """A ban of every address locks the admins out, and the local socket removes it."""
    async with moderated(tmp_path) as (_, root), operator(tmp_path) as local:
        ban = await local.ban_network("0.0.0.0/0")
        assert (await refusal(root)).message == "Your network is banned."
        assert [each.author for each in await local.bans().all()] == ["local"]
        await local.unban(ban.ban_id)
        await root.rooms()


# ------------------------------------------------------------------ mutes


async def test_a_muted_user_does_not_write(tmp_path: Path) -> None:
    """Messages, edits, reactions and typing are refused until the end; reading goes on."""
    async with (
        moderated(tmp_path) as (server, root),
        Person(server, name="bob") as bob,
        Person(server, name="carl") as carl,
    ):
        first = await bob.sent("first")
        await root.mute("bob", seconds=3600)
        lobby = chat_pb2.Target(room="lobby")
        to_carl = chat_pb2.Target(client_number=carl.number)
        refused = [
            await bob.sent("second"),
            await bob.sent("second", to_carl),
            await bob.ask(edit=chat_pb2.Edit(target_sequence=first.sequence, text="x")),
            await bob.ask(react=chat_pb2.React(target_sequence=first.sequence, emoji="👍")),
            await bob.tell(set_typing=chat_pb2.SetTyping(target=lobby)),
        ]
        for error in refused:
            assert (error.reason, error.code) == ("MUTED", 7)
            assert error.message.startswith("You are muted everywhere until ")
            assert 3500 < error.retry_after.seconds <= 3601
        assert await bob.refused("CreateRoom", name="den") == "MUTED"
        await carl.sent("hello bob")
        await eventually(lambda: "hello bob" in bob.texts)
        await root.unmute("bob")
        assert (await bob.sent("third")).sequence
        assert carl.texts == ["first", "third"]
        audited = [(e.method, e.subject, e.detail) for e in await root.audit_events().all()]
        who = f"bob ({bob.number})"
        assert audited[:2] == [("Mute", who, "duration=0s"), ("Mute", who, "duration=3600s")]


async def test_a_mute_in_a_room_is_for_this_room(tmp_path: Path) -> None:
    """Other rooms stay open; a new room of the same name does not inherit the mute."""
    async with (
        moderated(tmp_path) as (server, root),
        Person(server, name="bob") as bob,
    ):
        await bob.do("CreateRoom", name="den")
        den = chat_pb2.Target(room="den")
        await root.mute("bob", room="#DEN", seconds=60)
        error = await bob.sent("hello", den)
        assert (error.reason, error.metadata["room"]) == ("MUTED", "den")
        assert (await bob.sent("hello")).sequence
        await bob.do("DeleteRoom", room="den")
        await bob.do("CreateRoom", name="den")
        assert (await bob.sent("hello", den)).sequence
        with pytest.raises(Refused, match="no room cave"):
            await root.mute("bob", room="cave", seconds=60)


async def test_requests_after_a_mute_are_decided_in_log_order(tmp_path: Path) -> None:
    """Of messages that are on their way, those after the mute are refused."""
    async with (
        moderated(tmp_path) as (server, root),
        Person(server, name="bob") as bob,
        Person(server, name="carl") as carl,
    ):
        muting = asyncio.create_task(root.mute("bob", seconds=3600))
        to_carl = chat_pb2.Target(client_number=carl.number)
        targets = (chat_pb2.Target(room="lobby"), to_carl)
        sent = [await bob.send("flood", targets[n % 2]) for n in range(200)]
        await muting
        await eventually(lambda: len(bob.of("sent")) + len(bob.of("rejected")) == len(sent))
        last = (await bob.sent("last")).reason
        assert last == "MUTED"
        assert {each.error.reason for each in bob.of("rejected")} == {"MUTED"}
        stored = [each.sequence for each in bob.of("sent")]
        assert stored == sorted(stored)


async def test_moderators_mute_in_their_room(tmp_path: Path) -> None:
    """A moderator mutes members, an owner also moderators; nobody else, and nowhere else."""
    async with (
        moderated(tmp_path) as (server, root),
        meeting(server, "owner", "mod", "one", "two") as (owner, mod, one, two),
    ):
        await make_room(owner, "den", mod, one, two)
        await give(owner, "den", mod, MODERATOR)
        async with (
            calls_to(server, owner.token) as owns,
            calls_to(server, mod.token) as moderates,
            calls_to(server, one.token) as member,
        ):
            den = chat_pb2.Target(room="den")
            await moderates.mute(one.name, room="den", seconds=60, reason="calm down")
            error = await one.sent("hello", den)
            assert (error.reason, error.metadata["mute_reason"]) == ("MUTED", "calm down")
            assert (await one.sent("hello")).sequence
            await owns.mute(mod.name, room="den", seconds=60)
            assert (await mod.sent("hello", den)).reason == "MUTED"
            for calls, name, room in (
                (moderates, owner.name, "den"),
                (member, two.name, "den"),
                (moderates, one.name, ""),
                (moderates, one.name, "lobby"),
            ):
                with pytest.raises(Refused) as refused:
                    await calls.mute(name, room=room, seconds=60)
                assert refused.value.reason == "NOT_ALLOWED"
            recorded = [
                (each.author, each.method, each.subject, each.detail, each.reason)
                for each in await root.audit_events().all()
                if each.method == "Mute"
            ]
            assert recorded == [
                (owner.name, "Mute", f"mod ({mod.number})", "room=den duration=60s", ""),
                (mod.name, "Mute", f"one ({one.number})", "room=den duration=60s", "calm down"),
            ]
            await moderates.unmute(one.name, room="den")
            assert (await one.sent("hello", den)).sequence
            await root.mute(one.name, room="den", seconds=60)
            with pytest.raises(Refused, match="only an admin may change it"):
                await moderates.unmute(one.name, room="den")
            with pytest.raises(Refused) as absent:
                await moderates.mute("alice", room="den", seconds=60)
            assert absent.value.reason == "NOT_A_MEMBER"


async def test_a_private_room_is_not_confirmed_by_a_mute(tmp_path: Path) -> None:
    """For a stranger a private room and no room have the same answer, whoever is named."""
    async with (
        moderated(tmp_path) as (server, _),
        Person(server, name="owner") as owner,
        calls_to(server, await token_of(server, "alice")) as alice,
    ):
        await owner.do("CreateRoom", name="den", invite_only=True)
        answers = set()
        for room in ("den", "cave"):
            for user in ("owner", "nobody", "alice"):
                with pytest.raises(Refused) as error:
                    await alice.mute(user, room=room, seconds=60)
                found = error.value
                answers.add((found.code, found.reason, found.message.replace(room, "ROOM")))
        assert answers == {(grpc.StatusCode.NOT_FOUND, "ROOM_NOT_FOUND", "There is no room ROOM.")}


async def test_a_removed_member_needs_an_invitation(tmp_path: Path) -> None:
    """A moderator removes a member of a private room, who cannot come back without one."""
    async with (
        moderated(tmp_path) as (server, _),
        Person(server, name="owner") as owner,
        Person(server, name="bob") as bob,
    ):
        await owner.do("CreateRoom", name="den", invite_only=True)
        await owner.do("InviteToRoom", room="den", user="bob")
        await bob.do("JoinRoom", room="den")
        await owner.do("SetRoomRole", room="den", user="bob")
        assert await bob.refused("JoinRoom", room="den") == "ROOM_NOT_FOUND"
        den = chat_pb2.Target(room="den")
        assert (await bob.sent("hello", den)).reason == "ROOM_NOT_FOUND"
        await owner.do("InviteToRoom", room="den", user="bob")
        await bob.do("JoinRoom", room="den")
