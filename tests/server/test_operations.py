"""The operation of a server: its state, its streams, and the delivery of one message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from server.accounts import calls_to, operator, token_of, with_accounts
from support import LOBBY, Recorder, eventually, running

from chat_grpc.client import ChatCalls, Refused
from chat_grpc.core.limits import MAX_OUTBOX_BYTES
from chat_grpc.core.senders import Senders
from chat_grpc.server import Server
from chat_grpc.v1 import admin_pb2, chat_pb2

Delivery = admin_pb2.StreamDelivery
WAITING, WRITTEN, NOT_MEANT = (
    Delivery.STATE_WAITING,
    Delivery.STATE_WRITTEN,
    Delivery.STATE_NOT_MEANT,
)


@asynccontextmanager
async def served(folder: Path, **options: Any) -> AsyncIterator[tuple[Server, ChatCalls]]:
    """Run a server, and call it as an admin."""
    async with running(data=str(folder), **options) as server, operator(folder) as calls:
        yield server, calls


async def states(calls: ChatCalls, sequence: int) -> dict[str, Any]:
    """Return the state of a message on the stream of each user."""
    told = await calls.explain(sequence)
    return {each.user.name: each.state for each in told.deliveries}


# ------------------------------------------------------------- status


async def test_the_status_has_the_state_of_the_node(tmp_path: Path) -> None:
    """The status counts streams, clients, events, connections, bytes and refusals."""
    async with served(tmp_path, rooms_per_minute=1) as (server, calls):
        before = await calls.server_status()
        assert (before.stream_count, before.head_sequence, before.draining) == (0, 0, False)
        async with Recorder(server, name="alice") as alice, Recorder(server, name="bob") as bob:
            sent = await alice.sent("hello")
            await eventually(lambda: bob.texts)
            now = await calls.server_status()
        assert (now.stream_count, now.client_count) == (2, 2)
        assert (now.node, list(now.nodes), now.version) == ("node-1", ["node-1"], before.version)
        assert now.head_sequence == sent.sequence
        assert now.log_id == alice.welcome.log_id
        assert now.store_bytes > 4096
        assert now.stored_count >= 1
        assert now.delivered_count >= 1
        assert now.response_count >= 2
        assert now.memory_bytes > 10_000_000
        assert now.cpu_time.ToMilliseconds() > 0
        assert not now.HasField("certificate_expire_time")
        assert now.stored_per_second > 0.0
        assert now.delivered_per_second > 0.0
        assert not now.HasField("most_lagging_stream")
        if server.config.transport == "http2":
            assert now.connection_count == 2
        else:
            assert not now.HasField("connection_count")


async def test_refusals_are_counted_by_their_limit(tmp_path: Path) -> None:
    """Each refusal of a limit is in the status, by the name of the limit's option."""
    options = {"messages_per_second": 1.0, "message_burst": 2}
    async with (
        served(tmp_path, **options) as (server, calls),
        Recorder(server, name="alice") as alice,
    ):
        for _ in range(4):
            await alice.sent("hello")
        assert (await calls.server_status()).refusals == {"messages_per_second": 2}


async def test_rates_fall_back_to_zero(tmp_path: Path) -> None:
    """Rates are those of the last seconds, not of the whole time."""
    async with served(tmp_path) as (server, calls), Recorder(server, name="alice") as alice:
        await alice.sent("hello")

        async def zero() -> bool:
            return (await calls.server_status()).stored_per_second == 0.0

        assert not await zero()
        await eventually(zero, 12)


async def test_only_admins_see_the_state(tmp_path: Path) -> None:
    """The methods need the admin role, over the network too."""
    async with with_accounts(tmp_path, "root", "alice") as server:
        async with calls_to(server, await token_of(server, "root")) as root:
            assert (await root.server_status()).stream_count == 0
        async with calls_to(server, await token_of(server, "alice")) as alice:
            for refused in (alice.server_status(), alice.streams(), alice.explain(1)):
                with pytest.raises(Refused) as error:
                    await refused
                assert error.value.reason == "NOT_ALLOWED"
        async with calls_to(server, await token_of(server, "root")) as root:
            assert (await root.server_status()).refused_admin_call_count == 3


# ------------------------------------------------------------- streams


async def test_streams_are_listed_in_each_order(tmp_path: Path) -> None:
    """Streams are listed by age, by name, and by the length of their queue."""
    async with (
        served(tmp_path) as (server, calls),
        Recorder(server, name="carol") as carol,
        Recorder(server, name="alice", agent="test/1"),
        lagging(server, "bob", carol),
    ):

        async def names(order: Any) -> list[str]:
            found = await calls.streams(order)
            assert found.total_count == 3
            return [each.user.name for each in found.streams]

        assert await names(admin_pb2.STREAM_ORDER_UNSPECIFIED) == ["carol", "alice", "bob"]
        assert await names(admin_pb2.STREAM_ORDER_NEWEST) == ["bob", "alice", "carol"]
        assert await names(admin_pb2.STREAM_ORDER_NAME) == ["alice", "bob", "carol"]
        assert (await names(admin_pb2.STREAM_ORDER_QUEUE))[0] == "bob"
        assert (await names(admin_pb2.STREAM_ORDER_LAG))[0] == "bob"
        [alice] = [s for s in (await calls.streams()).streams if s.user.name == "alice"]
        assert (alice.agent, alice.address, alice.behind) == ("test/1", "127.0.0.1", 0)
        assert alice.HasField("window_bytes") == (server.config.transport == "http2")
        short = await calls.streams(admin_pb2.STREAM_ORDER_NAME, limit=1)
        assert [s.user.name for s in short.streams] == ["alice"]
        with pytest.raises(Refused) as error:
            await calls.streams(99)  # type: ignore[arg-type]
        assert error.value.reason == "FIELD_INVALID"


async def test_streams_are_filtered_and_paged(tmp_path: Path) -> None:
    """A filter selects by name, address, program or number; `skip` leaves the first ones out."""
    async with (
        served(tmp_path) as (server, calls),
        Recorder(server, name="Ärger", agent="Page/1") as first,
        Recorder(server, name="bob", agent="page/2"),
        Recorder(server, name="carol", agent="bot"),
    ):

        async def names(**options: Any) -> tuple[int, list[str]]:
            found = await calls.streams(**options)
            assert found.total_count == 3
            return found.matching_count, [each.user.name for each in found.streams]

        assert await names(containing="ärg") == (1, ["Ärger"])
        assert await names(containing="PAGE/") == (2, ["Ärger", "bob"])
        assert await names(containing="PAGE/", limit=1, skip=1) == (2, ["bob"])
        assert await names(containing="127.0.0.1", skip=2) == (3, ["carol"])
        assert (await names(containing=f"#{first.welcome.client.number}"))[1] == ["Ärger"]
        assert await names(containing="nobody") == (0, [])
        assert await names(skip=10) == (3, [])
        for wrong in ({"skip": -1}, {"skip": 1_000_001}, {"containing": "x" * 101}):
            with pytest.raises(Refused) as error:
                await names(**wrong)
            assert error.value.reason == "FIELD_INVALID"


@asynccontextmanager
async def unread(server: Server, name: str) -> AsyncIterator[Recorder]:
    """Open a stream that is not read."""
    stream = Recorder(server, name=name)
    await stream.hello(read=False)
    try:
        await eventually(lambda: name in server.status().held_names)
        yield stream
    finally:
        await stream.__aexit__()


@asynccontextmanager
async def lagging(server: Server, name: str, writer: Recorder) -> AsyncIterator[Recorder]:
    """Open a stream that is not read, and write until it lags."""
    async with unread(server, name) as stream:
        while name not in server.status().lagging_users:
            await writer.sent("x" * 16_000)
        yield stream


# ------------------------------------------------------------- one message


async def test_a_message_for_everyone(tmp_path: Path) -> None:
    """The author's stream is not meant; others have it written; a later stream is not meant."""
    async with (
        served(tmp_path) as (server, calls),
        Recorder(server, name="alice") as alice,
        Recorder(server, token=alice.welcome.token) as other,
        Recorder(server, name="bob") as bob,
    ):
        sent = await alice.sent("hello")
        await eventually(lambda: bob.texts and other.texts)
        async with Recorder(server, name="late"):
            told = await calls.explain(sent.sequence)
        [time] = [event.time for event in bob.events if event.sequence == sent.sequence]
        assert told.store_time == time
        found = [(each.user.name, each.state) for each in told.deliveries]
        assert found == [
            ("alice", NOT_MEANT),
            ("alice", WRITTEN),
            ("bob", WRITTEN),
            ("late", NOT_MEANT),
        ]


async def test_a_direct_message_and_a_room(tmp_path: Path) -> None:
    """Only streams that may receive the message are listed, and its text never is."""
    async with (
        served(tmp_path) as (server, calls),
        Recorder(server, name="alice") as alice,
        Recorder(server, name="bob") as bob,
        Recorder(server, name="carol") as carol,
    ):
        target = chat_pb2.Target(client_number=bob.welcome.client.number)
        direct = await alice.sent("a secret", target)
        await eventually(lambda: bob.texts)
        assert await states(calls, direct.sequence) == {"alice": NOT_MEANT, "bob": WRITTEN}
        assert b"secret" not in (await calls.explain(direct.sequence)).SerializeToString()
        for person, method in ((alice, "CreateRoom"), (carol, "JoinRoom")):
            metadata = (("authorization", f"Bearer {person.welcome.token}"),)
            request: Any = (
                chat_pb2.CreateRoomRequest(name="team")
                if method == "CreateRoom"
                else chat_pb2.JoinRoomRequest(room="team")
            )
            await getattr(person.stub, method)(request, metadata=metadata)
        said = await alice.sent("hello team", chat_pb2.Target(room="team"))
        await eventually(lambda: "hello team" in carol.texts)
        assert await states(calls, said.sequence) == {"alice": NOT_MEANT, "carol": WRITTEN}


async def test_a_reader_that_stalls(tmp_path: Path) -> None:
    """A message that a peer has no room for waits; once the peer reads, it is written."""
    async with (
        served(tmp_path) as (server, calls),
        Recorder(server, name="alice") as alice,
        unread(server, "slow") as slow,
    ):
        first = (await alice.sent("small")).sequence

        async def written() -> bool:
            return bool((await states(calls, first))["slow"] == WRITTEN)

        await eventually(written)

        async def stuck(sequence: int) -> bool:
            # Just after it was stored, a message waits for every stream.
            found = [(await states(calls, sequence))["slow"] for _ in range(5)]
            return found == [WAITING] * 5

        newest = first
        while not await stuck(newest):
            newest = (await alice.sent("x" * 16_000)).sequence
        assert (await states(calls, first))["slow"] == WRITTEN
        told = await calls.explain(newest)
        [delivery] = [each for each in told.deliveries if each.user.name == "slow"]
        assert delivery.queued_bytes > 0
        await slow.listen()
        await eventually(lambda: newest in slow.sequences)
        assert (await states(calls, newest))["slow"] == WRITTEN


async def test_a_lagging_stream(tmp_path: Path) -> None:
    """A message that a lagging stream reads from the log later waits, and is then written."""
    async with (
        served(tmp_path) as (server, calls),
        Recorder(server, name="alice") as alice,
        lagging(server, "slow", alice) as slow,
    ):
        sequence = (await alice.sent("at last")).sequence
        status = await calls.server_status()
        assert status.lagging_stream_count == 1
        assert status.most_lagging_stream.user.name == "slow"
        assert status.most_lagging_stream.behind > MAX_OUTBOX_BYTES // 16_100 // 2
        assert (await states(calls, sequence))["slow"] == WAITING
        await slow.listen()
        await eventually(lambda: sequence in slow.sequences)
        assert (await states(calls, sequence))["slow"] == WRITTEN


async def test_a_resumed_stream(tmp_path: Path) -> None:
    """A stream that resumes after a message does not get it; one that resumes before it does."""
    async with served(tmp_path) as (server, calls), Recorder(server, name="alice") as alice:
        first = (await alice.sent("one")).sequence
        second = (await alice.sent("two")).sequence
        log_id = alice.welcome.log_id
        async with Recorder(server, name="bob", log_id=log_id, resume_after=first) as bob:
            await eventually(lambda: bob.texts == ["two"])
            assert (await states(calls, first))["bob"] == NOT_MEANT
            assert (await states(calls, second))["bob"] == WRITTEN


async def test_there_is_nothing_to_explain(tmp_path: Path) -> None:
    """A sequence that no stream receives is not found, whatever it is."""
    async with served(tmp_path) as (server, calls), Recorder(server, name="alice") as alice:
        await alice.sent("one", LOBBY)
        account = await calls.create_user("root", "correct horse battery", admin=True)
        assert account
        head = (await calls.server_status()).head_sequence
        for sequence in (0, head, head + 1, 2**62):
            with pytest.raises(Refused) as error:
                await calls.explain(sequence)
            assert error.value.reason == "MESSAGE_NOT_FOUND"


async def test_explaining_many_streams_yields_to_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other work runs between parts of a long answer; streams that end meanwhile are left out."""
    monkeypatch.setattr("chat_grpc.core.turns.TURN", 0.0)
    monkeypatch.setattr("chat_grpc.core.turns._CHECK_EVERY", 1)
    async with (
        served(tmp_path) as (server, calls),
        Recorder(server, name="alice") as alice,
        Recorder(server, name="bob") as bob,
    ):
        sequence = (await alice.sent("one")).sequence
        await eventually(lambda: bob.texts)
        explaining = asyncio.create_task(calls.explain(sequence))
        assert (await alice.sent("two")).sequence > sequence
        assert len((await explaining).deliveries) == 2


async def test_a_message_of_a_unary_call(tmp_path: Path) -> None:
    """No stream sent a message of `SendTo`: the author's own streams get it."""
    async with served(tmp_path) as (server, calls), Recorder(server, name="alice") as alice:
        async with calls_to(server, alice.welcome.token) as unary:
            sequence = (await unary.send_to("hello")).sequence
        await eventually(lambda: sequence in alice.sequences)
        assert await states(calls, sequence) == {"alice": WRITTEN}


async def test_a_message_whose_stream_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For an old message of the author's own streams the state is unknown, and not a wrong one."""
    monkeypatch.setattr("chat_grpc.core.hub.Senders", lambda: Senders(1))
    async with (
        served(tmp_path) as (server, calls),
        Recorder(server, name="alice") as alice,
        Recorder(server, name="bob") as bob,
    ):
        first = (await alice.sent("one")).sequence
        second = (await alice.sent("two")).sequence
        await eventually(lambda: second in bob.sequences)
        unknown = Delivery.STATE_UNKNOWN
        assert await states(calls, first) == {"alice": unknown, "bob": WRITTEN}
        assert await states(calls, second) == {"alice": NOT_MEANT, "bob": WRITTEN}


async def test_what_ends_or_exports_is_recorded(tmp_path: Path) -> None:
    """The audit log has drains and backups, and no call that only reads."""
    async with served(tmp_path) as (server, calls), Recorder(server, name="alice"):
        await calls.server_status()
        await calls.streams()
        async with aclosing(calls.backup()) as chunks:
            assert [each.chunk async for each in chunks]
        await calls.drain(600.0)
        found = [(each.method, each.detail) for each in await calls.audit_events().all()]
        assert found == [("Drain", "duration=600s"), ("Backup", "")]
        assert server.status().draining
