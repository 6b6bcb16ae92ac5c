"""The limits of users and addresses: each refuses, tells when to retry, is counted, is lifted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from grpc import aio
from server.accounts import OTHER, PASSWORD, calls_to, token_of, with_accounts
from server.people import Person, make_room, meeting, room, to
from support import LOBBY, Recorder, channel_to, eventually, running

from chat_grpc.client.errors import Refused, from_call
from chat_grpc.server import Server
from chat_grpc.v1 import account_pb2, account_pb2_grpc, chat_pb2

PROXY = {"trusted_proxy": ("127.0.0.0/8",)}
"""Lets a test choose the address of each call."""


async def refusal_of(call: Any) -> Refused:
    """Return the error of a call that a limit refused; its status says when to try again."""
    with pytest.raises(aio.AioRpcError) as caught:
        await call
    error = from_call(caught.value)
    assert isinstance(error, Refused)
    assert error.rate_limited, error
    return error


async def sign_in(server: Server, name: str, address: str) -> None:
    """Make a guest who comes from an address behind a proxy."""
    async with channel_to(server) as channel:
        stub = account_pb2_grpc.AccountServiceStub(channel)
        request = account_pb2.SignInRequest(name=name)
        await stub.SignIn(request, metadata=(("x-forwarded-for", address),))


@asynccontextmanager
async def from_address(server: Server, address: str, **hello: Any) -> AsyncIterator[Recorder]:
    """Open a stream that comes from an address behind a proxy; the caller looks at its end."""
    stream = Recorder(server, **hello)
    try:
        await stream.hello(read=False, metadata=(("x-forwarded-for", address),))
        yield stream
    finally:
        await stream.__aexit__()


async def welcomed(stream: Recorder) -> bool:
    """Return True if a stream is served, False if it ended with RATE_LIMITED."""
    with suppress(aio.AioRpcError):
        stream.events.extend((await stream.call.read()).events)
        return True
    assert await stream.end_reason() == "RATE_LIMITED"
    return False


async def answered(stream: Recorder, count: int) -> None:
    """Wait until a stream has a number of answers, or has ended."""

    def done() -> bool:
        answers = len(stream.of("sent")) + len(stream.of("rejected"))
        return bool(stream.call.done()) or answers == count

    await eventually(done)


# ---------------------------------------------------------------- the rate of a user


async def test_a_flood_is_refused_on_the_stream_and_goes_on_later() -> None:
    """Messages beyond the burst are rejected, with a time after which they are accepted."""
    options = {"messages_per_second": 1, "message_burst": 10}
    async with running(**options) as server, Recorder(server, name="alice") as alice:
        for _ in range(20):
            await alice.send("x")
        await answered(alice, 20)
        errors = [rejected.error for rejected in alice.of("rejected")]
        assert 5 <= len(errors) <= 10
        assert {(error.code, error.reason) for error in errors} == {(8, "RATE_LIMITED")}
        assert errors[0].metadata["limit"] == "messages_per_second"
        assert server.status().refusals == {"messages_per_second": len(errors)}
        await asyncio.sleep(errors[-1].retry_after.ToMilliseconds() / 1000)
        assert (await alice.sent("later")).sequence


async def test_who_insists_is_ended_and_comes_back_later() -> None:
    """A stream that goes on after many refusals ends; its user opens none for a while."""
    async with running(messages_per_second=0.5, message_burst=2) as server:
        async with Recorder(server, name="alice") as alice:
            # One after the other: grpcio loses the status of a call that ends while it writes.
            for count in range(1, 40):
                await alice.send("x")
                await answered(alice, count)
                if alice.call.done():
                    break
            assert await alice.end_reason() == "RATE_LIMITED"
            again = Recorder(server, token=alice.welcome.token)
            await again.hello(read=False)
            assert await again.end_reason() == "RATE_LIMITED"
            await again.__aexit__()
        async with Recorder(server, name="bob") as bob:
            assert (await bob.sent("x")).sequence


UNARY = [
    ("messages_per_second", "SendTo", {"target": LOBBY, "text": "x"}, 0.1),
    ("messages_per_second", "JoinRoom", {"room": "lobby"}, 0.1),
    ("bytes_per_second", "SendTo", {"target": LOBBY, "text": "x" * 16_000}, 1000),
    ("queries_per_second", "ListMessages", {"target": LOBBY}, 0.1),
    ("queries_per_second", "ListClients", {}, 0.1),
    ("queries_per_second", "SearchMessages", {"query": "x"}, 0.2),
]


@pytest.mark.parametrize(("option", "method", "fields", "rate"), UNARY)
async def test_a_call_over_a_rate_is_refused(
    option: str, method: str, fields: dict[str, Any], rate: float
) -> None:
    """A unary call over a rate is refused, with the option's name; 0 lifts the rate."""
    options = {option: rate, "message_burst": 1}
    async with running(**options) as server, meeting(server, "alice") as [alice]:
        await alice.do(method, **fields)
        error = await refusal_of(alice.do(method, **fields))
        assert error.metadata["limit"] == option
        assert server.status().refusals == {option: 1}
        assert 0 < (error.retry_after or 0.0) <= 50
    async with running(**{option: 0}) as server, meeting(server, "alice") as [alice]:
        for _ in range(5):
            await alice.do(method, **fields)
        assert server.status().refusals == {}


async def test_tries_to_create_rooms_are_limited() -> None:
    """Names of hidden rooms cannot be tried at will: also refused tries count."""
    async with running(rooms_per_minute=6) as server, meeting(server, "alice", "bob") as people:
        alice, bob = people
        await make_room(bob, "cellar", invite_only=True)
        for _ in range(30):
            assert await alice.refused("CreateRoom", name="cellar") == "NAME_TAKEN"
        error = await refusal_of(alice.do("CreateRoom", name="cellar"))
        assert error.metadata["limit"] == "rooms_per_minute"
        assert error.retry_after == pytest.approx(10, abs=5)


async def test_a_new_token_counts_as_a_message(tmp_path: Path) -> None:
    """A change of an account or of its tokens is a write, so the rate of messages limits it."""
    options = {"messages_per_second": 0.1, "message_burst": 1}
    async with with_accounts(tmp_path, "alice", **options) as server, channel_to(server) as channel:
        stub = account_pb2_grpc.AccountServiceStub(channel)
        metadata = (("authorization", f"Bearer {await token_of(server, 'alice')}"),)
        request = account_pb2.CreateBotTokenRequest(label="bot")
        assert (await stub.CreateBotToken(request, metadata=metadata)).token
        error = await refusal_of(stub.CreateBotToken(request, metadata=metadata))
        assert error.metadata["limit"] == "messages_per_second"


async def test_right_passwords_of_a_user_are_limited(tmp_path: Path) -> None:
    """Each sign-in costs a hash; an unknown name is refused alike, and other users are not."""
    async with with_accounts(tmp_path, "alice", "bob", passwords_per_minute=2) as server:
        for name, before in (("alice", None), ("nobody", "BAD_CREDENTIALS")):
            for _ in range(2):
                assert getattr(await sign_in_error(server, name), "reason", None) == before
            error = await sign_in_error(server, name)
            assert error is not None
            assert error.metadata == {"limit": "passwords_per_minute", "passwords_per_minute": "2"}
            assert 20 < (error.retry_after or 0.0) <= 30
        assert server.status().refusals == {"passwords_per_minute": 2}
        assert await token_of(server, "bob")
    async with running(data=str(tmp_path), passwords_per_minute=0) as server:
        for _ in range(5):
            assert await token_of(server, "alice")


async def sign_in_error(server: Server, name: str) -> Refused | None:
    """Sign in with the password of accounts; return the error, if there is one."""
    try:
        await token_of(server, name)
    except Refused as error:
        return error
    return None


async def test_a_change_of_a_password_costs_two(tmp_path: Path) -> None:
    """The old password is checked, and the new one hashed; a refused change is no failed try."""
    options = {"passwords_per_minute": 3}
    async with with_accounts(tmp_path, "alice", **options) as server:
        token = await token_of(server, "alice")
        async with calls_to(server, token=token) as calls:
            await calls.change_password(PASSWORD, OTHER)
            for _ in range(15):  # failures would be refused after 10
                with pytest.raises(Refused) as caught:
                    await calls.change_password(OTHER, PASSWORD)
                assert caught.value.metadata["limit"] == "passwords_per_minute"


# ---------------------------------------------------------------- the address


async def test_passwords_of_an_address_are_limited() -> None:
    """An address has the passwords of 8 users, by `Register`, too."""
    async with running(**PROXY, passwords_per_minute=1, accounts="open") as server:
        for number in range(8):
            await register(server, f"user-{number}x", "192.0.2.1")
        error = await refusal_of(register(server, "user-8x", "192.0.2.1"))
        assert error.metadata["limit"] == "passwords_per_minute"
        await register(server, "user-8x", "192.0.2.2")
        assert server.status().refusals == {"passwords_per_minute": 1}


async def register(server: Server, name: str, address: str) -> None:
    """Register an account from an address behind a proxy."""
    async with channel_to(server) as channel:
        stub = account_pb2_grpc.AccountServiceStub(channel)
        request = account_pb2.RegisterRequest(name=name, password=PASSWORD)
        await stub.Register(request, metadata=(("x-forwarded-for", address),))


async def test_guests_of_an_address_are_limited() -> None:
    """An address makes a number of guests, by `SignIn` and by `hello`; IPv6 counts by /64."""
    async with running(**PROXY, guests_per_minute=0.2) as server:
        await sign_in(server, "one", "192.0.2.1")
        await sign_in(server, "two", "192.0.2.1")
        error = await refusal_of(sign_in(server, "three", "192.0.2.1"))
        assert error.metadata["limit"] == "guests_per_minute"
        async with from_address(server, "::ffff:192.0.2.1", name="three") as stream:
            assert not await welcomed(stream)
        for last in range(2):
            await sign_in(server, f"six-{last}", f"2001:db8::{last}")
        await refusal_of(sign_in(server, "seven", "2001:db8::ffff"))
        await sign_in(server, "eight", "2001:db8:0:1::1")
        assert server.status().refusals == {"guests_per_minute": 3}
        assert "three" not in server.status().held_names
    async with running(**PROXY, guests_per_minute=0) as server:
        for number in range(5):
            await sign_in(server, f"user-{number}x", "192.0.2.1")


async def test_streams_of_an_address_are_limited() -> None:
    """An address has a number of open streams; a place is free once one ends."""
    async with running(**PROXY, streams_per_address=1) as server:
        async with from_address(server, "192.0.2.1", name="alice") as alice:
            assert await welcomed(alice)
            async with from_address(server, "192.0.2.1", name="bob") as bob:
                assert not await welcomed(bob)
            async with from_address(server, "192.0.2.2", name="carol") as carol:
                assert await welcomed(carol)
            assert server.status().refusals == {"streams_per_address": 1}
        await eventually(lambda: server.stream_count == 0)
        async with from_address(server, "192.0.2.1", name="dave") as dave:
            assert await welcomed(dave)


async def test_new_streams_of_an_address_are_limited() -> None:
    """An address opens streams at a rate; 0 lifts it."""
    async with running(**PROXY, connects_per_second=0.1) as server:
        for number, served in enumerate((True, False)):
            async with from_address(server, "192.0.2.1", name=f"user-{number}x") as stream:
                assert await welcomed(stream) is served
        assert server.status().refusals == {"connects_per_second": 1}
    async with running(**PROXY, connects_per_second=0) as server:
        for number in range(5):
            async with from_address(server, "192.0.2.1", name=f"user-{number}x") as stream:
                assert await welcomed(stream)


async def test_many_guests_get_no_more_than_their_address() -> None:
    """Guests are free, so an address has a rate, too: that of 8 users."""
    options = {"messages_per_second": 0.1, "message_burst": 2}
    async with running(**PROXY, **options) as server:
        accepted = 0
        for number in range(12):
            async with from_address(server, "192.0.2.1", name=f"user-{number}x") as guest:
                await guest.listen()
                answers = [await guest.sent("x") for _ in range(2)]
                accepted += sum(hasattr(each, "sequence") for each in answers)
        assert accepted == 16


async def test_only_trusted_proxies_name_an_address() -> None:
    """Without --trusted-proxy the header counts for nothing."""
    options = {"unlimited": ("none",), "guests_per_minute": 0.1}
    async with running(**options) as server:
        await sign_in(server, "one", "192.0.2.1")
        await refusal_of(sign_in(server, "two", "192.0.2.2"))


async def test_loopback_has_no_limits_of_an_address() -> None:
    """By default programs on the same machine have only the limits of a user."""
    limited = {"guests_per_minute": 0.1, "connects_per_second": 0.1, "streams_per_address": 1}
    async with running(**limited) as server, meeting(server, "alice", "bob", "carol"):
        assert server.status().refusals == {}


async def test_bytes_of_an_address_are_received_at_a_rate() -> None:
    """Bytes over the rate are read later: all requests are carried out, and none is refused."""
    options = {"unlimited": ("none",), "received_bytes_per_second": 8000}
    text = "x" * 16_000
    async with running(**options) as server, meeting(server, "alice") as [alice]:
        start = time.monotonic()
        for _ in range(7):  # 112,000 bytes: 80,000 at once, and then 8,000 a second
            assert (await alice.sent(text, within=20)).sequence
        assert time.monotonic() - start > 1.8
        assert list(server.status().refusals) == ["received_bytes_per_second"]
    lifted = options | {"received_bytes_per_second": 0}
    async with running(**lifted) as server, meeting(server, "alice") as [alice]:
        for _ in range(7):
            assert (await alice.sent(text)).sequence
        assert server.status().refusals == {}


# ---------------------------------------------------------------- sizes


async def test_members_and_invitations_of_a_room_are_limited() -> None:
    """A full room takes no more members and invitations; each of the limits can be lifted."""
    for limit, outcome in ((2, "RATE_LIMITED"), (0, "")):
        options = {"members_per_room": limit, "invitations_per_room": limit}
        async with (
            running(**options) as server,
            meeting(server, "alice", "bob", "carol", "dave") as people,
        ):
            alice, _, carol, _ = people
            await make_room(alice, "cellar", people[1])
            assert await outcome_of(carol, "JoinRoom", room="cellar") == outcome
            for name in ("carol", "dave"):
                await alice.do("InviteToRoom", room="cellar", user=name)
            async with meeting(server, "eve"):
                invite = {"room": "cellar", "user": "eve"}
                first = await outcome_of(alice, "InviteToRoom", **invite)
            assert first == (outcome if limit else "")
            await people[1].do("LeaveRoom", room="cellar")
            await carol.do("JoinRoom", room="cellar")


async def outcome_of(person: Person, method: str, **fields: Any) -> str:
    """Make a call; return the reason of its refusal, or an empty text."""
    try:
        await person.do(method, **fields)
    except aio.AioRpcError as error:
        found = from_call(error)
        assert isinstance(found, Refused)
        return found.reason
    return ""


async def test_emojis_on_a_message_are_limited() -> None:
    """A message has a number of different emojis; more users may add the same ones."""
    for limit, refused in ((2, True), (0, False)):
        async with (
            running(reactions_per_message=limit) as server,
            meeting(server, "alice", "bob") as [alice, bob],
        ):
            sent = (await alice.sent("x")).sequence
            for person, emoji in ((alice, "👍"), (alice, "🎉"), (bob, "👍")):
                react = chat_pb2.React(target_sequence=sent, emoji=emoji)
                assert (await person.ask(react=react)).sequence
            answer = await bob.ask(react=chat_pb2.React(target_sequence=sent, emoji="🚀"))
            assert (getattr(answer, "reason", "") == "RATE_LIMITED") is refused


# ---------------------------------------------------------------- told, and hidden


async def test_welcome_has_the_limits() -> None:
    """A client learns the limits that concern it; a lifted one is 0."""
    options = {"messages_per_second": 7, "message_burst": 14, "bytes_per_second": 0}
    async with running(**options, rooms_per_user=3) as server, meeting(server, "alice") as [alice]:
        limits = alice.welcome.limits
        assert (limits.messages_per_second, limits.message_burst) == (7, 14)
        assert (limits.bytes_per_second, limits.byte_burst) == (0, 0)
        assert (limits.max_rooms_per_user, limits.max_streams_per_user) == (3, 32)


async def test_an_answer_tells_nobody_of_a_message_that_is_hidden() -> None:
    """A message that some readers of an answer may not read is not quoted."""
    async with running() as server, meeting(server, "alice", "bob", "carol") as people:
        alice, bob, carol = people
        await make_room(alice, "cellar", carol)
        inside = (await alice.sent("inside", room("cellar"))).sequence
        for target in (LOBBY, to(bob)):
            refused = await carol.sent("what?", target, reply_to=inside)
            assert (refused.code, refused.reason) == (3, "FIELD_INVALID")
            fields = {"target": target, "text": "what?", "reply_to": inside}
            assert await carol.refused("SendTo", **fields) == "FIELD_INVALID"
        assert (await carol.sent("here", room("cellar"), reply_to=inside)).sequence
        lobby = (await bob.sent("lobby")).sequence
        assert (await carol.sent("here", room("cellar"), reply_to=lobby)).sequence
        assert not bob.of("message")


async def test_a_proxy_that_nobody_named_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Calls from this machine with x-forwarded-for are served; one warning has the cure."""
    async with running() as server:
        await sign_in(server, "alice", "192.0.2.1")
        await sign_in(server, "bob", "192.0.2.2")
    assert caplog.text.count("use --trusted-proxy 127.0.0.1") == 1
    caplog.clear()
    async with running(**PROXY) as server:
        await sign_in(server, "alice", "192.0.2.1")
    assert "trusted-proxy" not in caplog.text
