"""The `Connect` stream, over real gRPC."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from support import LOBBY, Recorder, eventually, running

from chat_grpc.core import limits
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


async def test_the_first_events_are_welcome_and_caught_up(server: Server) -> None:
    """A hello is answered by a complete `welcome`, and then by `caught_up`."""
    async with Recorder(server, name="alice", agent="test/1") as alice:
        await eventually(lambda: alice.of("caught_up"))
        welcome = alice.welcome
        assert (welcome.client.number, welcome.client.name) == (1, "alice")
        assert welcome.client.guest
        assert welcome.client.agent == "test/1"
        assert welcome.log_id
        assert welcome.token
        assert welcome.recovery == chat_pb2.RECOVERY_FRESH
        assert welcome.limits.max_text_bytes == 16384
        assert welcome.heartbeat_interval.seconds == 15
        assert welcome.node == "node-1"


async def test_a_message_to_the_lobby_reaches_everyone_but_the_stream_that_sent_it(
    server: Server,
) -> None:
    """All streams but the sending one get a lobby message; that one gets `sent`."""
    async with (
        Recorder(server, name="alice") as alice,
        Recorder(server, name="bob") as bob,
        Recorder(server, name="carol") as carol,
    ):
        sent = await alice.sent("hello")
        await eventually(lambda: bob.texts and carol.texts)
        assert bob.texts == carol.texts == ["hello"]
        assert bob.sequences == [sent.sequence]
        assert alice.texts == []
        message = bob.of("message")[0]
        assert (message.author.number, message.author.name, message.room) == (1, "alice", "lobby")


async def test_direct_messages_go_by_number_and_by_name(server: Server) -> None:
    """A number and a name, in any case, address the same client; nobody else gets the message."""
    async with (
        Recorder(server, name="alice") as alice,
        Recorder(server, name="Bob") as bob,
        Recorder(server, name="carol") as carol,
    ):
        await alice.sent("by number", chat_pb2.Target(client_number=2))
        await alice.sent("by name", chat_pb2.Target(user="BOB"))
        await alice.sent("to all")
        await eventually(lambda: len(bob.texts) == 3 and carol.texts)
        assert bob.texts == ["by number", "by name", "to all"]
        assert carol.texts == ["to all"]
        assert bob.of("message")[0].user.name == "Bob"


async def test_events_of_several_channels_keep_the_order_of_the_log(server: Server) -> None:
    """Lobby and direct messages that are stored together arrive in the order of their sequences."""
    async with Recorder(server, name="alice") as alice, Recorder(server, name="bob") as bob:
        for number in range(60):
            target = LOBBY if number % 3 else chat_pb2.Target(client_number=2)
            await alice.send(f"{number}", target)
            await bob.send(f"own {number}")
        await eventually(lambda: len(bob.texts) == 60 and len(alice.of("sent")) == 60)
        assert bob.texts == [f"{number}" for number in range(60)]
        assert bob.sequences == sorted(set(bob.sequences))
        assert [s.request_id for s in alice.of("sent")] == [f"r{n + 1}" for n in range(60)]


async def test_mentions_are_numbered(server: Server) -> None:
    """`@name` of a connected user is reported by number; other words with @ are not."""
    async with Recorder(server, name="alice") as alice, Recorder(server, name="bob") as bob:
        await alice.sent("@bob, look: @nobody a@b @Alice!")
        await eventually(lambda: bob.texts)
        assert list(bob.of("message")[0].mentioned_numbers) == [2, 1]


async def test_other_devices_of_the_sender_get_the_message(server: Server) -> None:
    """A second stream of the sender gets the messages of the first, also those to other users."""
    async with (
        Recorder(server, name="alice") as phone,
        Recorder(server, name="bob") as bob,
        Recorder(server, token=phone.welcome.token) as laptop,
    ):
        assert laptop.welcome.client.number == phone.welcome.client.number
        await phone.sent("hi", chat_pb2.Target(user="bob"))
        await eventually(lambda: laptop.texts and bob.texts)
        assert phone.texts == []


async def test_a_repeated_request_is_answered_with_the_first_sequence(server: Server) -> None:
    """A repeated request id is carried out once; with other content it is refused."""
    async with Recorder(server, name="alice") as alice, Recorder(server, name="bob") as bob:
        first = await alice.sent("once", request_id="x")
        again = await alice.sent("once", request_id="x")
        other = await alice.sent("twice", request_id="x")
        await alice.sent("end")
        await eventually(lambda: "end" in bob.texts)
        assert (again.sequence, again.duplicate, first.duplicate) == (first.sequence, True, False)
        assert other.reason == "REQUEST_ID_REUSED"
        assert bob.texts == ["once", "end"]


async def test_every_answer_says_when_the_request_was_taken(server: Server) -> None:
    """Each answer has the server's time; a repeated request gets the time of the first."""
    before = time.time_ns()
    async with Recorder(server, name="alice") as alice, Recorder(server, name="bob") as bob:
        await alice.sent("once", request_id="x")
        await alice.sent("once", request_id="x")
        await alice.sent("refused", chat_pb2.Target(client_number=99))
        await eventually(lambda: bob.texts)
        events = [*alice.events, *bob.events]
        assert all(before <= event.time.ToNanoseconds() <= time.time_ns() for event in events)
        first, again = (e.time.ToNanoseconds() for e in alice.events if e.HasField("sent"))
        (message,) = (e.time.ToNanoseconds() for e in bob.events if e.HasField("message"))
        assert first == again == message


async def test_twins_under_way_are_stored_once(server: Server) -> None:
    """A request that is repeated before its answer is stored once, and both are answered."""
    async with Recorder(server, name="alice") as alice, Recorder(server, name="bob") as bob:
        for _ in range(20):
            await alice.send("once", request_id="x")
        await eventually(lambda: len(alice.of("sent")) == 20)
        assert len({sent.sequence for sent in alice.of("sent")}) == 1
        assert sum(not sent.duplicate for sent in alice.of("sent")) == 1
        await eventually(lambda: bob.texts)
        assert bob.texts == ["once"]


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"target": chat_pb2.Target(client_number=99)}, 5, "CLIENT_NOT_FOUND"),
    ({"target": chat_pb2.Target(client_number=-1)}, 5, "CLIENT_NOT_FOUND"),
    ({"target": chat_pb2.Target(user="nobody")}, 5, "USER_NOT_FOUND"),
    ({"target": chat_pb2.Target(user="not a name\n")}, 5, "USER_NOT_FOUND"),
    ({"target": chat_pb2.Target(room="cellar")}, 5, "ROOM_NOT_FOUND"),
    ({"target": chat_pb2.Target()}, 3, "FIELD_INVALID"),
    ({"text": ""}, 3, "TEXT_EMPTY"),
    ({"text": "x" * 16385}, 3, "TEXT_TOO_LONG"),
    ({"text": "ä" * 8193}, 3, "TEXT_TOO_LONG"),
    ({"text": "a\0b"}, 3, "TEXT_INVALID"),
    ({"request_id": ""}, 3, "REQUEST_ID_INVALID"),
    ({"request_id": "x" * 65}, 3, "REQUEST_ID_INVALID"),
    ({"request_id": "ä"}, 3, "REQUEST_ID_INVALID"),
    ({"reply_to": -1}, 3, "FIELD_INVALID"),
    ({"reply_to": 10**12}, 5, "MESSAGE_NOT_FOUND"),
]


async def test_a_refused_request_does_not_end_the_stream(server: Server) -> None:
    """Each bad request is answered by `rejected` with its reason, and the next request works."""
    async with Recorder(server, name="alice") as alice:
        for fields, code, reason in REFUSED:
            given: dict[str, Any] = {"text": "x", "target": LOBBY, "request_id": "id"} | fields
            alice.events.clear()
            await alice.write(send=chat_pb2.Send(**given))
            await eventually(lambda: alice.of("rejected"))
            [rejected] = alice.of("rejected")
            assert (rejected.error.code, rejected.error.reason) == (code, reason), fields
            assert rejected.request_id == given["request_id"]
            assert rejected.error.message.endswith((".", "`")), rejected.error.message
        assert (await alice.sent("x" * 16384)).sequence > 0


async def test_an_invalid_request_is_rejected(server: Server) -> None:
    """A second hello, an empty request and an unknown kind of request are each rejected."""
    async with Recorder(server, name="alice") as alice:
        await alice.write(hello=chat_pb2.Hello(name="alice"))
        await alice.write()
        newer = chat_pb2.ConnectRequest.FromString(b"\xfa\x01\x00")  # field 31
        await alice.call.write(newer)
        await eventually(lambda: len(alice.of("rejected")) == 3)
        codes = [(r.error.code, r.error.reason) for r in alice.of("rejected")]
        assert codes == [(3, "FIELD_INVALID")] * 3
        assert (await alice.sent("still here")).sequence > 0


async def test_half_close_means_listening(server: Server) -> None:
    """A client that half-closes its stream still receives events."""
    async with Recorder(server, name="alice") as alice, Recorder(server, name="bob") as bob:
        await bob.call.done_writing()
        await alice.sent("hello")
        await eventually(lambda: bob.texts)
        assert server.stream_count == 2


async def test_the_first_request_must_be_a_hello(server: Server) -> None:
    """A stream whose first request is not a hello ends with `HELLO_REQUIRED`."""
    async with Recorder(server, name="bob") as bob:
        alice = Recorder(server)
        alice.call = alice.stub.Connect()
        await alice.write(send=chat_pb2.Send(target=LOBBY, text="x", request_id="y"))
        assert await alice.ended() is grpc.StatusCode.FAILED_PRECONDITION
        assert await alice.end_reason() == "HELLO_REQUIRED"
        await alice.__aexit__()
        assert bob.texts == []


async def test_the_same_device_replaces_its_stream(server: Server) -> None:
    """A second stream with the same device id ends the first with `REPLACED`."""
    async with (
        Recorder(server, name="alice", device_id="phone") as first,
        Recorder(server, token=first.welcome.token, device_id="phone") as second,
    ):
        assert await first.ended() is grpc.StatusCode.ABORTED
        assert await first.end_reason() == "REPLACED"
        assert second.welcome.client.number == 1
        assert (await second.sent("still here")).sequence > 0


async def test_presence_tells_who_came(server: Server) -> None:
    """Other clients are told of a client that connects; the client itself is not."""
    async with Recorder(server, name="alice") as alice, Recorder(server, name="bob") as bob:
        await eventually(lambda: alice.of("presence"))
        presence = alice.of("presence")[0]
        assert presence.client.name == "bob"
        assert presence.change == chat_pb2.Presence.CHANGE_JOINED
        assert all(p.client.name != "bob" for p in bob.of("presence"))


async def test_heartbeats_come_in_silence() -> None:
    """A stream without events gets a heartbeat after the interval."""
    async with running(heartbeat=0.2) as server, Recorder(server, name="alice") as alice:
        await eventually(lambda: len(alice.of("heartbeat")) >= 2)
        assert alice.of("heartbeat")[0].head_sequence == server.status().head_sequence


async def test_a_stream_that_takes_no_answers_is_not_read(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers are never dropped: the server stops reading a stream that does not take them."""
    asyncio.get_running_loop().set_debug(False)  # debug mode takes most of the time otherwise
    monkeypatch.setattr(limits, "MAX_OUTBOX_BYTES", 20_000)
    alice = Recorder(server, name="alice")
    await alice.hello(read=False)
    await eventually(lambda: server.stream_count == 1)
    asking = asyncio.create_task(_ask_forever(alice))
    await eventually(lambda: server.status().longest_queue_bytes > 20_000, 20)
    # The server has stopped reading, so the client's writes stop too.
    await eventually(_stalled(alice), 20)
    assert server.status().longest_queue_bytes < 30_000
    asked = alice.written
    await alice.listen()
    await eventually(lambda: len(alice.of("rejected")) >= asked, 20)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await alice.__aexit__()


async def _ask_forever(client: Recorder) -> None:
    while True:
        target = chat_pb2.Target(user="é" * 2000)
        await client.write(send=chat_pb2.Send(target=target, text="x", request_id="r"))


def _stalled(client: Recorder) -> Callable[[], bool]:
    """Return a check whether the client has written nothing for 0.3 seconds."""
    written, since = client.written, time.monotonic()

    def check() -> bool:
        nonlocal written, since
        if client.written != written:
            written, since = client.written, time.monotonic()
        return time.monotonic() - since > 0.3

    return check
