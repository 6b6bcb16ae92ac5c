"""Guests: names, numbers, tokens."""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest
from grpc import aio
from support import LOBBY, Recorder, channel_to, eventually, reason_of, running

from chat_grpc.core import limits
from chat_grpc.server import Server
from chat_grpc.v1 import account_pb2, account_pb2_grpc, chat_pb2, chat_pb2_grpc


async def refused(server: Server, **hello: str) -> tuple[grpc.StatusCode, str]:
    """Says hello and is refused; gives how."""
    client = Recorder(server, **hello)
    await client.hello(read=False)
    try:
        return await client.ended(), await client.end_reason()
    finally:
        await client.__aexit__()


async def test_a_name_belongs_to_one_guest_at_a_time(server: Server) -> None:
    """Another guest cannot take a name that is in use, in any case or width of its letters."""
    async with Recorder(server, name="Alice"):
        for name in ("Alice", "alice", "ＡＬＩＣＥ"):
            assert await refused(server, name=name) == (
                grpc.StatusCode.ALREADY_EXISTS,
                "NAME_TAKEN",
            )


async def test_a_name_is_held_for_a_while_and_then_free(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last stream the name is kept; then another guest gets it, with a new number."""
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
        assert await refused(server, token=old) == (grpc.StatusCode.ALREADY_EXISTS, "NAME_TAKEN")


async def test_a_token_makes_the_next_stream_the_same_guest(server: Server) -> None:
    """The token works in `hello` and in the metadata, and keeps the number."""
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
    """Beyond its lifetime it is refused as expired."""
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
async def test_a_hello_that_will_not_do_ends_the_stream(
    server: Server, hello: dict[str, str], code: grpc.StatusCode, reason: str
) -> None:
    """Each has its own status and reason."""
    assert await refused(server, **hello) == (code, reason)


async def test_sign_in_gives_a_guest_who_can_send(server: Server) -> None:
    """`SignIn` without a password makes a guest, whose token `SendTo` takes."""
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


async def test_signing_in_takes_no_notice_of_a_token_that_is_no_good(server: Server) -> None:
    """Who asks for a token may still hold one of a store that is gone."""
    async with channel_to(server) as channel:
        stub = account_pb2_grpc.AccountServiceStub(channel)
        old = (("authorization", "Bearer of-another-store"),)
        answer = await stub.SignIn(account_pb2.SignInRequest(name="alice"), metadata=old)
        assert answer.token
