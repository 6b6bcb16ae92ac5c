"""Attacks that once worked: each is refused, with a reason and a time, and is counted."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from flood.beside import AT_A_TIME, BURST, Chat, chat, check_refusal
from flood.calls import Calls, Request, connected, encoded
from flood.sockets import answers_to
from google.protobuf.message import Message
from grpc import aio
from grpc_health.v1 import health_pb2
from server.people import Person, make_room, meeting, room
from support import LOBBY, eventually, running
from wire import CALL

from chat_grpc.core.quotas import (
    LATEST_REFUSAL,
    REFUSAL_BURST,
    REFUSALS_PER_SECOND,
    REFUSED_BURST,
)
from chat_grpc.transport.http2.frames import ErrorCode
from chat_grpc.v1 import account_pb2, chat_pb2

CHAT = "/chat_grpc.v1.ChatService"
SIGN_IN = "/chat_grpc.v1.AccountService/SignIn"
WATCH = "/grpc.health.v1.Health/Watch"

RATE_LIMITED = "RATE_LIMITED"


async def mallory(found: Chat) -> str:
    """Make the attacker a guest; return the token."""
    async with Person(found.server, name="mallory") as guest:
        return guest.token


# ---------------------------------------------------------------- streams, calls and guests


async def test_thousands_of_streams_with_one_token() -> None:
    """A user has 32 streams open; the others are refused, at the rate of an address."""
    async with chat() as found:
        hello = chat_pb2.ConnectRequest(hello=chat_pb2.Hello()).SerializeToString()
        opened = Request(CALL, hello, await mallory(found), ends=False)
        calls = await found.attacked(opened, times=3000, open_at_end=32)
        assert 200 - 32 + REFUSAL_BURST <= calls.count(RATE_LIMITED) < 400
        for limit in ("streams_per_user", "connects_per_second"):
            check_refusal(calls.last[RATE_LIMITED, limit], limit)
        found.check_counters("streams_per_user", "connects_per_second")


async def test_streams_of_many_guests_of_one_address() -> None:
    """An address has some streams open, however many guests it has."""
    options = {"streams_per_address": 20, "connects_per_second": 0, "guests_per_minute": 0}
    async with chat(**options) as found:
        hellos = [chat_pb2.Hello(name=f"guest{number}x") for number in range(300)]
        requests = [chat_pb2.ConnectRequest(hello=each).SerializeToString() for each in hellos]
        opened = [Request(CALL, each, ends=False) for each in requests]
        calls = await found.attacked(*opened, times=300, open_at_end=20)
        check_refusal(calls.last[RATE_LIMITED, "streams_per_address"], "streams_per_address")
        assert found.refusals == {"streams_per_address": 280}


async def test_streams_without_a_hello() -> None:
    """Silent streams are refused at the rate of an address, and the oldest of the others end."""
    async with chat(silent_calls_per_address=50) as found:
        # 50 are silent; an early refusal waits 0.1 s for the first request.
        calls = await found.attacked(Request(CALL, None), times=2000, open_at_end=60)
        check_refusal(calls.last[RATE_LIMITED, "connects_per_second"], "connects_per_second")
        late = calls.last["HELLO_REQUIRED", ""]
        assert (late.code, late.retry_after) == (4, 1.0)
        found.check_counters("connects_per_second", "silent_calls_per_address")


async def test_a_thousand_health_watches() -> None:
    """An address has 32 streams of health open; its other ones are refused."""
    async with chat(queries_per_second=0) as found:
        watch = encoded(WATCH, health_pb2.HealthCheckRequest())
        calls = await found.attacked(watch, times=1000, open_at_end=32)
        limit = "side_streams_per_address"
        check_refusal(calls.last[RATE_LIMITED, limit], limit)
        assert found.refusals == {limit: 1000 - 32}


async def test_thousands_of_guests() -> None:
    """An address makes some guests at once; the other names stay free."""
    async with chat(guests_per_minute=3, queries_per_second=0) as found:
        names = [account_pb2.SignInRequest(name=f"squat{number}x") for number in range(3000)]
        calls = await found.attacked(*(encoded(SIGN_IN, each) for each in names), times=3000)
        assert 30 <= calls.count("") < 40, "guests made"
        check_refusal(calls.last[RATE_LIMITED, "guests_per_minute"], "guests_per_minute")
        assert found.refusals == {"guests_per_minute": calls.begun - calls.count("")}
        async with Person(found.server, name="squat2999x"):
            pass


# ---------------------------------------------------------------- floods of requests

OTHERS = 1
"""The sequence of a message of another user."""

REQUESTS: dict[str, Callable[[int], chat_pb2.ConnectRequest]] = {
    "read markers": lambda n: chat_pb2.ConnectRequest(
        mark_read=chat_pb2.MarkRead(target=LOBBY, sequence=n)
    ),
    "typing": lambda _: chat_pb2.ConnectRequest(set_typing=chat_pb2.SetTyping(target=LOBBY)),
    "refused edits": lambda n: chat_pb2.ConnectRequest(
        edit=chat_pb2.Edit(target_sequence=OTHERS, text="x", request_id=f"e{n}")
    ),
    "reactions": lambda n: chat_pb2.ConnectRequest(
        react=chat_pb2.React(target_sequence=OTHERS, emoji="👍", request_id=f"r{n}")
    ),
    "messages": lambda n: chat_pb2.ConnectRequest(
        send=chat_pb2.Send(target=LOBBY, text="x", request_id=f"s{n}")
    ),
}


@pytest.mark.parametrize("kind", list(REQUESTS))
async def test_a_flood_of_requests_on_a_stream(kind: str) -> None:
    """Requests over the rate are refused; the stream ends if its user goes on all the same."""
    async with chat(message_burst=BURST) as found:
        flood = await found.flooded(await mallory(found), REQUESTS[kind])
        assert flood.end is not None
        check_refusal(flood.end, "messages_per_second")
        refused = [each for each in flood.rejected if each.reason == RATE_LIMITED]
        for each in (refused[0], refused[-1]):
            check_refusal(each, "messages_per_second")
        found.check_counters("messages_per_second")
        assert found.refusals["messages_per_second"] >= REFUSED_BURST * BURST


CALLS: dict[str, tuple[Callable[[int], Message], str]] = {
    "ListClients": (lambda _: chat_pb2.ListClientsRequest(), "queries_per_second"),
    "ListRooms": (lambda _: chat_pb2.ListRoomsRequest(), "queries_per_second"),
    "SearchMessages": (lambda _: chat_pb2.SearchMessagesRequest(query="x"), "queries_per_second"),
    "CreateRoom": (lambda n: chat_pb2.CreateRoomRequest(name=f"room-{n}x"), "rooms_per_minute"),
    "InviteToRoom": (
        lambda _: chat_pb2.InviteToRoomRequest(room="trap", user="bob"),
        "messages_per_second",
    ),
}


@pytest.mark.parametrize("method", list(CALLS))
async def test_a_flood_of_calls(method: str) -> None:
    """Calls over a rate are refused before their work, and later ones not at once."""
    make, limit = CALLS[method]
    async with chat(message_burst=BURST, queries_per_second=2) as found:
        async with Person(found.server, name="mallory") as guest:
            await guest.do("CreateRoom", name="trap")
        path = f"{CHAT}/{method}"
        flood = (encoded(path, make(number), guest.token) for number in range(1000))
        calls = await found.attacked(*flood, times=1000)
        assert REFUSAL_BURST <= calls.count(RATE_LIMITED) < 200
        check_refusal(calls.last[RATE_LIMITED, limit], limit)
        assert found.refusals[limit] == calls.begun - calls.count("")


async def test_a_flood_of_calls_of_an_unknown_method() -> None:
    """No limit of users concerns them: the connection ends."""
    async with chat() as found:
        unknown = itertools.repeat(Request("/chat.Unknown/Method", b"", ""))
        async with connected(found.server.port, lambda: Calls(unknown, AT_A_TIME)) as calls:
            await eventually(lambda: calls.closed, 30)
        assert calls.code == ErrorCode.ENHANCE_YOUR_CALM
        assert calls.ended < 2000
        found.check_counters("control_frames_per_second")


async def test_a_guest_who_insists_with_many_calls_is_shut_out() -> None:
    """Above the refusals that are held back, the connections of the guest end."""
    async with chat(message_burst=BURST) as found, AsyncExitStack() as opened:
        request = encoded(
            f"{CHAT}/SendTo", chat_pb2.SendToRequest(target=LOBBY, text="x"), await mallory(found)
        )
        floods = []
        for _ in range(4):
            made = connected(found.server.port, lambda: Calls(itertools.repeat(request), AT_A_TIME))
            floods.append(await opened.enter_async_context(made))
        await eventually(lambda: any(each.closed for each in floods), 30)
        held = len(found.server.dispatcher.late_refusals)
        assert held <= LATEST_REFUSAL * REFUSALS_PER_SECOND
        assert {each.code for each in floods if each.closed} == {ErrorCode.ENHANCE_YOUR_CALM}
        found.check_counters("messages_per_second", "insisting_callers")


async def test_thousands_of_rooms_confirm_few_names() -> None:
    """Tries count, so NAME_TAKEN tells of few hidden rooms; later answers tell nothing."""
    async with chat(messages_per_second=0, bytes_per_second=0) as found:
        await make_room(found.alice, "cellar", invite_only=True)
        token = await mallory(found)
        names = (f"room-{n}x" if n % 2 else "cellar" for n in range(3000))
        tries = [
            encoded(f"{CHAT}/CreateRoom", chat_pb2.CreateRoomRequest(name=each), token)
            for each in names
        ]
        calls = await found.attacked(*tries, times=3000)
        told = calls.count("NAME_TAKEN") + calls.count("")
        assert 30 <= told < 40
        check_refusal(calls.last[RATE_LIMITED, "rooms_per_minute"], "rooms_per_minute")
        assert found.refusals == {"rooms_per_minute": calls.begun - told}


# ---------------------------------------------------------------- other protocols, and connections

ONE_READ = 256 * 1024
"""The largest number of bytes that the event loop reads from a socket at once."""

TLS_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(506)
HTTP_1 = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "start"),
    [(TLS_HELLO, b"\x00\x00"), (HTTP_1, b"HTTP/1.1 505")],
    ids=["TLS", "HTTP/1.1"],
)
async def test_a_flood_of_another_protocol(sent: bytes, start: bytes) -> None:
    """Some connections get an answer; then those of the address are closed before it."""
    async with chat(connects_per_second=2) as found:
        answers = await answers_to(found.server.port, sent, times=1000)
        answered = [each for each in answers if each]
        assert all(each.startswith(start) for each in answered)
        assert 40 <= len(answered) < 500
        found.check_counters("protocol_errors", "connects_per_second")


async def test_a_storm_of_connects() -> None:
    """Connections over the rate of an address are closed as soon as they are accepted."""
    async with chat(connects_per_second=2) as found:
        await answers_to(found.server.port, b"", times=3000)
        found.check_counters("connects_per_second")
        assert found.refusals["connects_per_second"] > 2000


async def test_a_flood_of_bytes() -> None:
    """Bytes beyond the rate of an address wait in its own sockets, on all of its connections."""
    rate, size = 100_000, 60_000
    async with chat(received_bytes_per_second=rate, queries_per_second=0) as found:
        unknown = account_pb2.SignInRequest(name="x" * size)
        request = encoded("/chat_grpc.v1.AccountService/GetSignInOptions", unknown)
        start = time.monotonic()
        async with AsyncExitStack() as opened:
            floods = []
            for _ in range(2):
                made = connected(found.server.port, lambda: Calls(itertools.repeat(request), 50))
                floods.append(await opened.enter_async_context(made))
            await eventually(lambda: sum(each.ended for each in floods) * size > 11 * rate, 30)
        read = sum(each.ended for each in floods) * size
        # Each connection may be over the rate by one read.
        assert read <= rate * (10 + time.monotonic() - start) + 2 * ONE_READ
        found.check_counters("received_bytes_per_second")


# ---------------------------------------------------------------- secrets and names


async def test_replies_tell_nothing_of_the_messages_of_a_private_room() -> None:
    """A reply to a hidden message, and to none at all, is refused in the same words."""
    async with chat() as found, meeting(found.server, "mallory") as [guest]:
        await make_room(found.alice, "cellar", found.bob, invite_only=True)
        hidden = (await found.alice.sent("inside", room("cellar"))).sequence
        assert (await found.bob.sent("quoted", room("cellar"), reply_to=hidden)).sequence
        told = set()
        for sequence in (hidden, hidden + 10**6):
            with pytest.raises(aio.AioRpcError) as refused:
                await guest.do("SendTo", target=LOBBY, text="?", reply_to=sequence)
            rejected = await guest.sent("?", reply_to=sequence)
            words = refused.value.details() or ""
            assert rejected.message == words
            told.add((rejected.code, rejected.reason, words.replace(str(sequence), "N")))
        assert len(told) == 1


async def test_a_guest_under_many_names_locks_no_owner_out_after_a_restart(tmp_path: Path) -> None:
    """The names of others are refused, few free ones are given, and owners come back to theirs."""
    wanted = [*("alice", "bob") * 20, *(f"squat{number}x" for number in range(1000))]
    signs = [encoded(SIGN_IN, account_pb2.SignInRequest(name=each)) for each in wanted]
    async with chat(data=str(tmp_path), guests_per_minute=10) as found:
        tokens = [(person.name, person.token) for person in (found.alice, found.bob)]
        calls = await found.attacked(*signs, times=len(signs))
        assert calls.count("NAME_TAKEN") == 40
        check_refusal(calls.last[RATE_LIMITED, "guests_per_minute"], "guests_per_minute")
        found.check_counters("guests_per_minute")
    async with running(data=str(tmp_path), guests="on") as server:
        for name, token in tokens:
            async with Person(server, token=token) as owner:
                assert owner.name == name
                assert (await owner.sent("back", request_id="back")).sequence
