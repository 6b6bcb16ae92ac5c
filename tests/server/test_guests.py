"""Guests: names, numbers, tokens."""

from __future__ import annotations

import hashlib
from pathlib import Path

import grpc
import pytest
from grpc import aio
from journal.asking import room as ask_room
from journal.opened import opened
from support import LOBBY, Recorder, channel_to, eventually, reason_of, running, store_of

from chat_grpc.core import limits
from chat_grpc.core.changes import CreateRoom
from chat_grpc.journal.check import check
from chat_grpc.server import Server
from chat_grpc.v1 import account_pb2, account_pb2_grpc, chat_pb2, chat_pb2_grpc


async def refused(server: Server, **hello: str) -> tuple[grpc.StatusCode, str]:
    """Send a hello that must be refused; return the status and reason."""
    client = Recorder(server, **hello)
    await client.hello(read=False)
    try:
        return await client.ended(), await client.end_reason()
    finally:
        await client.__aexit__()


async def test_a_name_belongs_to_one_guest_at_a_time(server: Server) -> None:
    """Another guest cannot take a name in use, in any case or width of its letters."""
    async with Recorder(server, name="Alice"):
        for name in ("Alice", "alice", "ＡＬＩＣＥ"):
            assert await refused(server, name=name) == (
                grpc.StatusCode.ALREADY_EXISTS,
                "NAME_TAKEN",
            )


async def test_a_name_is_held_for_a_while_and_then_free(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last stream the name is held; then a new guest, with a new number, gets it."""
    async with Recorder(server, name="alice"):
        pass
    await eventually(lambda: server.stream_count == 0)
    assert (await refused(server, name="alice"))[1] == "NAME_TAKEN"
    monkeypatch.setattr(limits, "NAME_HOLD", 0.0)
    async with Recorder(server, name="bob") as bob:
        old = bob.welcome.token
    await eventually(lambda: "bob" not in server.status().held_names)
    async with Recorder(server, name="bob") as other:
        assert other.welcome.client.number == 3
        assert old


async def test_a_guest_whose_name_was_taken_comes_back_with_a_suffix(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guest whose name was taken returns with a suffix, and later gets the name back."""
    monkeypatch.setattr(limits, "NAME_HOLD", 0.0)
    monkeypatch.setattr(limits, "PRESENCE_GRACE", 0.0)
    async with Recorder(server, name="bob") as bob:
        token = bob.welcome.token
    await eventually(lambda: not server.status().held_names)
    async with Recorder(server, name="bob") as new, Recorder(server, token=token) as old:
        assert (old.welcome.client.number, old.welcome.client.name) == (1, "bob-1")
        await old.sent("hello")
        await eventually(lambda: new.texts)
        author = new.of("message")[0].author
        assert (author.number, author.name) == (1, "bob-1")
        listed = await new.stub.ListClients(chat_pb2.ListClientsRequest())
        assert [(c.number, c.name) for c in listed.clients] == [(1, "bob-1"), (2, "bob")]
        await new.sent("to the old one", chat_pb2.Target(user="BOB-1"))
        await eventually(lambda: old.texts)
        metadata = (("authorization", f"Bearer {token}"),)
        request = chat_pb2.SendToRequest(target=LOBBY, text="again")
        await new.stub.SendTo(request, metadata=metadata)
        await eventually(lambda: len(new.texts) == 2)
        assert new.of("message")[1].author.name == "bob-1"
    await eventually(lambda: not server.status().held_names)
    async with Recorder(server, token=token) as back:
        assert (back.welcome.client.number, back.welcome.client.name) == (1, "bob")


async def test_a_message_by_name_does_not_reach_the_next_user_of_the_name(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message by name is refused if the name's user changed since the sender used it."""
    bob, name = chat_pb2.Target(user="bob"), "bob"
    async with Recorder(server, name="alice") as alice, Recorder(server, name="carol") as carol:
        async with Recorder(server, name=name):
            await alice.sent("to the first", bob)
            await alice.sent("again", bob)
            monkeypatch.setattr(limits, "NAME_HOLD", 0.0)
        await eventually(lambda: name not in server.status().held_names)
        async with Recorder(server, name=name) as second:
            refused = await alice.sent("secret", bob)
            assert (refused.code, refused.reason) == (9, "USER_CHANGED")
            assert dict(refused.metadata) == {
                "user": "bob",
                "client_number": "4",
                "previous_number": "3",
            }
            metadata = (("authorization", f"Bearer {alice.welcome.token}"),)
            with pytest.raises(aio.AioRpcError) as error:
                await alice.stub.SendTo(
                    chat_pb2.SendToRequest(target=bob, text="secret"), metadata=metadata
                )
            assert reason_of(error.value) == "USER_CHANGED"
            assert (await carol.sent("hello", bob)).sequence
            assert (await alice.sent("hello", chat_pb2.Target(client_number=4))).sequence
            assert (await alice.sent("by name", bob)).sequence
            await eventually(lambda: second.texts == ["hello", "hello", "by name"])


async def test_the_last_holder_keeps_a_name_over_a_restart(tmp_path: Path) -> None:
    """The last holder keeps a name over a restart, not an older guest or one that had a suffix."""
    hold = limits.NAME_HOLD
    with pytest.MonkeyPatch.context() as patched:
        async with running(data=str(tmp_path)) as server, channel_to(server) as channel:
            stub = account_pb2_grpc.AccountServiceStub(channel)
            patched.setattr(limits, "NAME_HOLD", 0.0)
            signed_in = await stub.SignIn(account_pb2.SignInRequest(name="alice"))
            async with Recorder(server, name="carol") as carol:
                tokens = [carol.welcome.token]
            await eventually(lambda: not server.status().held_names)
            patched.setattr(limits, "NAME_HOLD", hold)
            async with (
                Recorder(server, name="alice") as alice,
                Recorder(server, name="carol") as other,
                Recorder(server, token=tokens[0]) as suffixed,
            ):
                assert suffixed.welcome.client.name == "carol-2"
                tokens += [alice.welcome.token, other.welcome.token]
    async with (
        running(data=str(tmp_path)) as server,
        Recorder(server, token=signed_in.token) as first,
        Recorder(server, token=tokens[0]) as second,
        Recorder(server, token=tokens[1]) as third,
        Recorder(server, token=tokens[2]) as fourth,
    ):
        names = [each.welcome.client.name for each in (first, second, third, fourth)]
        assert names == ["alice-1", "carol-2", "alice", "carol"]


async def test_a_token_makes_the_next_stream_the_same_guest(server: Server) -> None:
    """A token works in `hello` and in the metadata, and keeps the guest's number."""
    async with Recorder(server, name="alice") as alice:
        token = alice.welcome.token
    async with Recorder(server, token=token) as again:
        assert (again.welcome.client.number, again.welcome.client.name) == (1, "alice")
        assert again.welcome.token == token
    by_metadata = Recorder(server)
    await by_metadata.hello(metadata=(("authorization", f"Bearer {token}"),))
    assert by_metadata.welcome.client.number == 1
    await by_metadata.__aexit__()


async def test_names_and_numbers_survive_a_restart(tmp_path: Path) -> None:
    """After a restart a name is kept for its guest, and no number is given twice."""
    async with running(data=str(tmp_path)) as server, Recorder(server, name="alice") as alice:
        token = alice.welcome.token
    async with running(data=str(tmp_path)) as server:
        assert (await refused(server, name="alice"))[1] == "NAME_TAKEN"
        async with (
            Recorder(server, token=token) as back,
            Recorder(server, name="bob") as bob,
        ):
            assert back.welcome.client.number == 1
            assert bob.welcome.client.number == 2


async def test_a_token_ends_when_it_was_not_used_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that was not used for its lifetime is refused as expired."""
    async with running(data=str(tmp_path)) as server, Recorder(server, name="alice") as alice:
        token = alice.welcome.token
    monkeypatch.setattr(limits, "GUEST_LIFETIME", -10.0)
    async with running(data=str(tmp_path)) as server:
        assert await refused(server, token=token) == (
            grpc.StatusCode.UNAUTHENTICATED,
            "TOKEN_EXPIRED",
        )


@pytest.mark.parametrize(
    ("hello", "code", "reason"),
    [
        ({"name": "a b"}, grpc.StatusCode.INVALID_ARGUMENT, "NAME_INVALID"),
        ({"name": "x" * 33}, grpc.StatusCode.INVALID_ARGUMENT, "NAME_INVALID"),
        ({"name": "al\u0456ce"}, grpc.StatusCode.INVALID_ARGUMENT, "NAME_INVALID"),
        ({"token": "no such"}, grpc.StatusCode.UNAUTHENTICATED, "BAD_CREDENTIALS"),
        ({}, grpc.StatusCode.UNAUTHENTICATED, "NOT_SIGNED_IN"),
        ({"name": "a", "device_id": "d" * 129}, grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID"),
    ],
)
async def test_an_invalid_hello_ends_the_stream(
    server: Server, hello: dict[str, str], code: grpc.StatusCode, reason: str
) -> None:
    """Each kind of invalid hello ends the stream with its own status and reason."""
    assert await refused(server, **hello) == (code, reason)


async def test_sign_in_gives_a_guest_who_can_send(server: Server) -> None:
    """`SignIn` without a password creates a guest, whose token `SendTo` accepts."""
    async with channel_to(server) as channel, Recorder(server, name="bob") as bob:
        accounts = account_pb2_grpc.AccountServiceStub(channel)
        chat = chat_pb2_grpc.ChatServiceStub(channel)
        answer = await accounts.SignIn(account_pb2.SignInRequest(name="carol"))
        assert (answer.number, answer.name) == (2, "carol")
        metadata = (("authorization", f"Bearer {answer.token}"),)
        request = chat_pb2.SendToRequest(target=LOBBY, text="hi", request_id="1")
        first = await chat.SendTo(request, metadata=metadata)
        again = await chat.SendTo(request, metadata=metadata)
        assert first.recipient_stream_count == 1
        assert (again.sequence, again.duplicate) == (first.sequence, True)
        assert again.time == first.time
        await eventually(lambda: bob.texts)
        assert bob.of("message")[0].author.name == "carol"
        with pytest.raises(aio.AioRpcError) as error:
            await accounts.SignIn(account_pb2.SignInRequest(name="x", password="secret"))
        assert reason_of(error.value) == "BAD_CREDENTIALS"


async def test_signing_in_ignores_an_invalid_token(server: Server) -> None:
    """`SignIn` ignores an invalid token in the metadata, which may be from a lost store."""
    async with channel_to(server) as channel:
        stub = account_pb2_grpc.AccountServiceStub(channel)
        old = (("authorization", "Bearer of-another-store"),)
        answer = await stub.SignIn(account_pb2.SignInRequest(name="alice"), metadata=old)
        assert answer.token


async def test_names_of_an_older_store_stay_in_use(tmp_path: Path) -> None:
    """A user and a room whose names are reserved today are still reached."""
    async with opened(tmp_path) as older:
        token = "t" * 43
        digest = hashlib.sha256(token.encode()).digest()
        user = await older.journal.add_guest("Admin", "admin", digest)
        await older.answer(ask_room(user, CreateRoom("here", "here", "", invite_only=False)))
    async with (
        running(data=str(tmp_path)) as server,
        Recorder(server, token=token) as admin,
        Recorder(server, name="bob") as bob,
    ):
        assert (await refused(server, name="system"))[1] == "NAME_INVALID"
        assert admin.welcome.client.name == "Admin"
        assert (await bob.sent("hello @admin", chat_pb2.Target(user="ADMIN"))).sequence
        await eventually(lambda: admin.texts == ["hello @admin"])
        assert list(admin.of("message")[0].mentioned_numbers) == [1]
        assert (await admin.sent("hi", chat_pb2.Target(room="Here"))).sequence
    assert check(store_of(tmp_path)) == []
