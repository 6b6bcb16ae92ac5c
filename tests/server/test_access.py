"""The access policy of each method, for each kind of caller, on each transport."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc import aio
from server.accounts import OTHER, PASSWORD, calls_to, operator, token_of, with_accounts
from support import UNIT, Recorder, channel_to, eventually, on_store, reason_of

from chat_grpc.app.methods import Access, Method
from chat_grpc.client import Refused
from chat_grpc.server import Server
from chat_grpc.v1 import admin_pb2, chat_pb2

Status = grpc.StatusCode
REFUSED = {
    "wrong": (Status.UNAUTHENTICATED, "BAD_CREDENTIALS"),
    "expired": (Status.UNAUTHENTICATED, "TOKEN_EXPIRED"),
    "revoked": (Status.UNAUTHENTICATED, "TOKEN_REVOKED"),
}
NOT_SIGNED_IN = (Status.UNAUTHENTICATED, "NOT_SIGNED_IN")
NOT_ALLOWED = (Status.PERMISSION_DENIED, "NOT_ALLOWED")
BANNED = (Status.PERMISSION_DENIED, "BANNED")
CALLERS = ("none", *REFUSED, "guest", "account", "admin", "banned")

FIELD = (Status.INVALID_ARGUMENT, "FIELD_INVALID")
NAME = (Status.INVALID_ARGUMENT, "NAME_INVALID")
NO_ROOM = (Status.NOT_FOUND, "ROOM_NOT_FOUND")
NO_USER = (Status.NOT_FOUND, "USER_NOT_FOUND")
OK = (Status.OK, "")
EMPTY: dict[str, tuple[Status, str]] = {
    "ChatService.Connect": (Status.FAILED_PRECONDITION, "HELLO_REQUIRED"),
    "ChatService.ListClients": OK,
    "ChatService.SendTo": (Status.INVALID_ARGUMENT, "TEXT_EMPTY"),
    "ChatService.ListMessages": FIELD,
    "ChatService.SearchMessages": FIELD,
    "ChatService.ListConversations": OK,
    "ChatService.ListRooms": OK,
    "ChatService.CreateRoom": NAME,
    "ChatService.JoinRoom": NO_ROOM,
    "ChatService.LeaveRoom": NO_ROOM,
    "ChatService.InviteToRoom": NO_ROOM,
    "ChatService.UpdateRoom": NO_ROOM,
    "ChatService.DeleteRoom": NO_ROOM,
    "ChatService.ListRoomMembers": NO_ROOM,
    "ChatService.SetRoomRole": NO_ROOM,
    "ChatService.BlockUser": NO_USER,
    "ChatService.UnblockUser": NO_USER,
    "ChatService.ListBlocked": OK,
    "AccountService.Register": (Status.PERMISSION_DENIED, "INVITE_INVALID"),
    "AccountService.SignIn": NAME,
    "AccountService.GetSignInOptions": OK,
    "AccountService.StartDeviceSignIn": (Status.FAILED_PRECONDITION, "NOT_ALLOWED"),
    "AccountService.PollDeviceSignIn": (Status.FAILED_PRECONDITION, "SIGN_IN_EXPIRED"),
    "AccountService.StartBrowserSignIn": (Status.FAILED_PRECONDITION, "NOT_ALLOWED"),
    "AccountService.FinishBrowserSignIn": (Status.FAILED_PRECONDITION, "SIGN_IN_EXPIRED"),
    "AccountService.SignOut": OK,
    "AccountService.ChangePassword": FIELD,
    "AccountService.CreateBotToken": FIELD,
    "AccountService.ListTokens": OK,
    "AccountService.RevokeToken": (Status.NOT_FOUND, "TOKEN_NOT_FOUND"),
    "AccountService.DeleteAccount": (Status.UNAUTHENTICATED, "BAD_CREDENTIALS"),
    "AdminService.Kick": NO_USER,
    "AdminService.Ban": FIELD,
    "AdminService.Unban": (Status.NOT_FOUND, "BAN_NOT_FOUND"),
    "AdminService.ListBans": OK,
    "AdminService.Mute": FIELD,
    "AdminService.ListMutes": OK,
    "AdminService.ListAuditEvents": OK,
    "AccountService.ExportData": OK,
    "AdminService.CreateUser": NAME,
    "AdminService.ListUsers": OK,
    "AdminService.RemoveUser": NO_USER,
    "AdminService.SetUserPassword": NO_USER,
    "AdminService.SetUserAdmin": NO_USER,
    "AdminService.CreateInvite": OK,
    "AdminService.ListInvites": OK,
    "AdminService.RevokeInvite": (Status.NOT_FOUND, "INVITE_NOT_FOUND"),
    "AdminService.GetServerStatus": OK,
    "AdminService.ListStreams": OK,
    "AdminService.ExplainMessage": (Status.NOT_FOUND, "MESSAGE_NOT_FOUND"),
    "AdminService.Drain": OK,
    "AdminService.Backup": OK,
    "Health.Check": OK,
    "Health.Watch": OK,
    "ServerReflection.ServerReflectionInfo": OK,
}
"""The status of an empty request of a caller who may call the method."""

LEAVES = ("AccountService.DeleteAccount", "guest")
"""The call that ends the caller: a guest needs no password for it."""

OF_A_ROOM = "AdminService.ListMutes"
"""The method that serves others than admins only if the request names their room."""


def expected(method: Method, caller: str) -> tuple[Status, str]:
    """Return the status and the reason that the method's policy gives a caller."""
    access = method.access
    if not method.served:
        return Status.UNIMPLEMENTED, "NOT_ALLOWED"
    if access is not Access.ANYONE:
        if caller in REFUSED:
            return REFUSED[caller]
        if caller == "none" and access is not Access.OPTIONAL:
            return NOT_SIGNED_IN
        if caller == "banned" and access is not Access.OWN_DATA:
            return BANNED
        if caller == "guest" and access in (Access.ACCOUNT, Access.ADMIN):
            return NOT_ALLOWED
        if caller == "account" and access is Access.ADMIN:
            return NOT_ALLOWED
    if method.name == "AccountService.Register" and caller in ("account", "admin"):
        return Status.FAILED_PRECONDITION, "NOT_ALLOWED"
    if method.name == OF_A_ROOM and caller != "admin":
        return NOT_ALLOWED
    if (method.name, caller) == LEAVES:
        return OK
    return EMPTY[method.name]


async def answer(channel: aio.Channel, method: Method, token: str) -> tuple[Status, str]:
    """Send an empty request; return the status and the reason, OK for a stream that answers."""
    metadata = (("authorization", f"Bearer {token}"),) if token else None
    try:
        if method.unary is not None or not method.served:
            ask: Any = channel.unary_unary(method.path)
            await ask(b"", metadata=metadata)
            return OK
        connect: Any = channel.stream_stream(method.path)
        call = connect(iter([b""]), metadata=metadata)
        async for _ in call:
            call.cancel()
            return OK
        return await call.code(), ""
    except aio.AioRpcError as error:
        return error.code(), reason_of(error)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server with an admin and an account."""
    async with with_accounts(tmp_path, "root", "alice", "bert") as started:
        yield started


async def tokens_of(server: Server) -> dict[str, str]:
    """Return a token of each kind of caller."""
    tokens = {"none": "", "wrong": "x" * 43, "guest": await token_of(server, "gwen", "")}
    tokens["banned"] = await token_of(server, "bert")
    for caller, name in (
        ("expired", "alice"),
        ("revoked", "alice"),
        ("account", "alice"),
        ("admin", "root"),
    ):
        tokens[caller] = await token_of(server, name)
    async with calls_to(server, tokens["revoked"]) as calls:
        await calls.sign_out()
    old = "UPDATE tokens SET use_time = use_time - 7800000 WHERE digest = ?"
    digest = hashlib.sha256(tokens["expired"].encode()).digest()
    await on_store(server, old, digest)
    async with calls_to(server, tokens["admin"]) as calls:
        await calls.ban("bert")
    return tokens


async def test_each_method_has_its_exact_status_for_each_caller(server: Server) -> None:
    """The method table decides: no method has a rule of its own for who may call it."""
    tokens = await tokens_of(server)
    leaving = await token_of(server, "gus", "")
    # The last two end the streams and the tokens.
    last = ("AdminService.Drain", "AccountService.SignOut")
    methods = sorted(
        server.methods, key=lambda each: each.name in last and last.index(each.name) + 1
    )
    wrong = {}
    async with channel_to(server) as channel:
        for method in methods:
            for caller in CALLERS:
                token = leaving if (method.name, caller) == LEAVES else tokens[caller]
                found = await answer(channel, method, token)
                if found != expected(method, caller):
                    wrong[method.name, caller] = (found, expected(method, caller))
    assert not wrong, "\n".join(map(str, wrong.items()))


async def ended(stream: Recorder) -> str:
    """Return the reason with which a stream ends within a second."""
    reason = await asyncio.wait_for(stream.end_reason(), 1.0 * UNIT)
    assert await stream.call.code() is Status.UNAUTHENTICATED
    return reason


WAYS = ("sign out", "revoke", "new password", "password by an admin", "removal")


@pytest.mark.parametrize("way", WAYS)
async def test_the_end_of_a_token_ends_its_streams(
    server: Server, tmp_path: Path, way: str
) -> None:
    """The streams of the token end within a second; a resume and every call are refused."""
    mine, ending = await token_of(server, "alice"), await token_of(server, "alice")
    metadata = (("authorization", f"Bearer {ending}"),)
    async with (
        Recorder(server, token=mine) as stays,
        Recorder(server, token=ending) as first,
        calls_to(server, mine) as calls,
        operator(tmp_path) as local,
    ):
        second = Recorder(server)
        await second.hello(metadata=metadata)
        if way == "sign out":
            async with calls_to(server, ending) as signing_out:
                await signing_out.sign_out()
        elif way == "revoke":
            await calls.revoke_token((await calls.tokens().all())[0].token_id)
        elif way == "new password":
            await calls.change_password(PASSWORD, OTHER)
        elif way == "password by an admin":
            await local.set_user_password("alice", OTHER)
        else:
            await local.remove_user("alice")
        assert [await ended(first), await ended(second)] == ["TOKEN_REVOKED"] * 2
        await second.__aexit__()
        if way in ("sign out", "revoke", "new password"):
            assert (await stays.sent("still here")).sequence
        else:
            assert await ended(stays) == "TOKEN_REVOKED"
        seen = first.welcome
        resumed = Recorder(
            server, token=ending, log_id=seen.log_id, resume_after=seen.head_sequence
        )
        with pytest.raises(aio.AioRpcError) as error:
            await resumed.hello()
        assert reason_of(error.value) == "TOKEN_REVOKED"
        await resumed.__aexit__()
        async with calls_to(server, ending) as refused:
            with pytest.raises(Refused) as refusal:
                await refused.rooms()
            assert refusal.value.reason == "TOKEN_REVOKED"


async def test_a_token_that_ends_while_its_stream_opens(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream whose token ends between its `hello` and its `welcome` is refused."""
    token = await token_of(server, "alice")
    history = server._journal.history
    past = history.past

    async def ends_first(*arguments: Any) -> Any:
        async with calls_to(server, token) as calls:
            await calls.sign_out()
        return await past(*arguments)

    monkeypatch.setattr(history, "past", ends_first)
    stream = Recorder(server, token=token, log_id=server.status().log_id)
    with pytest.raises(aio.AioRpcError) as error:
        await stream.hello()
    assert reason_of(error.value) == "TOKEN_REVOKED"
    await stream.__aexit__()


async def test_a_token_that_ends_while_a_call_waits_for_its_request(server: Server) -> None:
    """A call that began before its token ended does nothing after it."""
    token = await token_of(server, "alice")
    async with channel_to(server) as channel, calls_to(server, token) as calls:
        path = "/chat_grpc.v1.ChatService/CreateRoom"
        call: Any = channel.stream_stream(path)(metadata=(("authorization", f"Bearer {token}"),))
        await eventually(lambda: server.status().silent_call_count)
        await calls.sign_out()
        await call.write(chat_pb2.CreateRoomRequest(name="late").SerializeToString())
        await call.done_writing()
        assert await call.code() is Status.UNAUTHENTICATED
    async with calls_to(server, await token_of(server, "bert")) as others:
        assert [each.name for each in await others.rooms()] == ["lobby"]


async def test_the_admin_role_applies_at_once(server: Server, tmp_path: Path) -> None:
    """An account that becomes an admin needs no new token; one that no longer is has no rights."""
    async with calls_to(server, await token_of(server, "alice")) as calls:
        async with operator(tmp_path) as local:
            with pytest.raises(Refused) as error:
                await calls.users().all()
            assert (error.value.code, error.value.reason) == NOT_ALLOWED
            await local.set_user_admin("alice", admin=True)
            assert [u.name for u in await calls.users().all()] == ["root", "alice", "bert"]
            await local.set_user_admin("alice", admin=False)
        with pytest.raises(Refused):
            await calls.create_invite()


async def test_an_open_stream_is_a_use_of_its_token(server: Server) -> None:
    """The store notes the use of the tokens of open streams, so that they do not expire."""
    token = await token_of(server, "alice")
    digest = hashlib.sha256(token.encode()).digest()
    async with Recorder(server, token=token):
        old = "UPDATE tokens SET use_time = use_time - 7000000"
        await on_store(server, old)
        before = time.time() - 6_000_000
        server._app.connect._note_uses_at = 0.0

        async def noted() -> bool:
            used = "SELECT use_time FROM tokens WHERE digest = ?"
            [(use_time,)] = await on_store(server, used, digest)
            return bool(use_time > before)

        await eventually(noted)


@pytest.mark.parametrize("name", ["ListUsers", "GetServerStatus", "Mute", "ListMutes"])
async def test_a_request_that_comes_after_the_end_of_the_role_is_refused(
    tmp_path: Path, name: str
) -> None:
    """A call that began with the admin role has the rights that its caller has at the request."""
    async with with_accounts(tmp_path, "root", "alice") as server, operator(tmp_path) as local:
        token = await token_of(server, "root")
        async with channel_to(server) as channel:
            begin: Any = channel.stream_stream(f"/chat_grpc.v1.AdminService/{name}")
            call = begin(metadata=(("authorization", f"Bearer {token}"),))
            await eventually(lambda: server.status().silent_call_count == 1)
            await local.set_user_admin("root", admin=False)
            mute = admin_pb2.MuteRequest(user="alice")
            mute.duration.seconds = 60
            await call.write(mute.SerializeToString() if name == "Mute" else b"")
            await call.done_writing()
            with pytest.raises(aio.AioRpcError) as error:
                await call.read()
    assert (error.value.code(), reason_of(error.value)) == NOT_ALLOWED
