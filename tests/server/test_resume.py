"""Resuming and falling behind: no event is lost or delivered twice."""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path
from typing import Any

import grpc
from grpc import aio
from support import UNIT, Recorder, eventually, running

from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


async def test_a_stream_resumes_after_the_last_sequence_seen(server: Server) -> None:
    """Missed events follow `welcome`, in order and once; then comes `caught_up`."""
    async with Recorder(server, name="alice") as alice:
        async with Recorder(server, name="bob") as bob:
            await alice.sent("seen")
            await eventually(lambda: bob.texts)
        for number in range(300):
            await alice.send(f"missed {number}")
        await alice.sent("direct", chat_pb2.Target(user="bob"))
        welcome = bob.welcome
        async with Recorder(
            server, token=welcome.token, log_id=welcome.log_id, resume_after=bob.sequences[-1]
        ) as back:
            await eventually(lambda: back.of("caught_up"))
            assert back.welcome.recovery == chat_pb2.RECOVERY_COMPLETE
            assert back.texts == [f"missed {number}" for number in range(300)] + ["direct"]
            assert back.sequences == sorted(set(back.sequences))
            await alice.sent("live")
            await eventually(lambda: back.texts[-1] == "live")


async def test_resuming_reads_the_store_after_a_restart(tmp_path: Path) -> None:
    """The next process of a server continues the same log, numbers and tokens."""
    options = {"data": str(tmp_path)}
    async with running(**options) as server, Recorder(server, name="alice") as alice:
        for number in range(1000):
            await alice.send(f"{number} " + "x" * 700)
        await eventually(lambda: len(alice.of("sent")) == 1000, 20)
        old = alice.welcome
    async with (
        running(**options) as server,
        Recorder(server, token=old.token, log_id=old.log_id, resume_after=0) as back,
    ):
        await eventually(lambda: back.of("caught_up"), 20)
        assert back.welcome.client == chat_pb2.Client(
            number=1,
            name="alice",
            guest=True,
            stream_count=1,
            node="node-1",
            connect_time=back.welcome.client.connect_time,
        )
        assert [text.split()[0] for text in back.texts] == [str(n) for n in range(1000)]


async def test_many_streams_resume_at_once_while_others_write(tmp_path: Path) -> None:
    """Each of many resuming streams gets all missed and all new events, once and in order."""
    options = {"data": str(tmp_path)}
    async with running(**options) as server, Recorder(server, name="alice") as alice:
        for number in range(1500):
            await alice.send(f"{number} " + "x" * 300)
        await eventually(lambda: len(alice.of("sent")) == 1500, 20)
        log_id, first = alice.welcome.log_id, alice.of("sent")[0].sequence
    async with running(**options) as server, Recorder(server, name="bob") as bob:
        back = [
            Recorder(server, name=f"guest{number}", log_id=log_id, resume_after=first + 10 * number)
            for number in range(40)
        ]
        await asyncio.gather(*(stream.hello() for stream in back))
        for number in range(1500, 1600):
            await bob.send(f"{number} ")
        # Other clients connect meanwhile: the last event may be their presence.
        await eventually(lambda: all(s.texts[-1:] == ["1599 "] for s in back), 20)
        for number, stream in enumerate(back):
            numbers = [int(text.split()[0]) for text in stream.texts]
            assert numbers == list(range(numbers[0], 1600))
            assert stream.sequences[0] == first + 10 * number + 1
            assert len(stream.of("caught_up")) == 1
        await asyncio.gather(*(stream.__aexit__() for stream in back))


async def test_recovery_says_what_happened(server: Server) -> None:
    """A resume with another log id, or with a sequence beyond the log, starts at the head."""
    async with Recorder(server, name="alice") as alice:
        await alice.sent("old")
        token, log_id = alice.welcome.token, alice.welcome.log_id
        cases: list[tuple[dict[str, Any], chat_pb2.Recovery.ValueType]] = [
            ({"log_id": "another", "resume_after": 1}, chat_pb2.RECOVERY_OTHER_LOG),
            ({"log_id": log_id, "resume_after": 10**9}, chat_pb2.RECOVERY_OTHER_LOG),
            (
                {"log_id": log_id, "resume_after": server.status().head_sequence},
                chat_pb2.RECOVERY_COMPLETE,
            ),
            ({"resume_after": 1}, chat_pb2.RECOVERY_FRESH),
        ]
        for hello, recovery in cases:
            async with Recorder(server, token=token, **hello) as back:
                await eventually(functools.partial(back.of, "caught_up"))
                assert back.welcome.recovery == recovery
                assert back.texts == []


async def test_a_negative_place_to_resume_from_is_refused(server: Server) -> None:
    """A negative sequence to resume from ends the stream with `INVALID_ARGUMENT`."""
    alice = Recorder(server, name="alice", log_id="x", resume_after=-1)
    await alice.hello(read=False)
    assert await alice.ended() is grpc.StatusCode.INVALID_ARGUMENT
    await alice.__aexit__()


async def test_a_stream_that_falls_behind_catches_up(server: Server) -> None:
    """A stream that does not read for a time gets every event once, and `fell_behind` is set."""
    async with Recorder(server, name="alice") as alice:
        bob = Recorder(server, name="bob")
        await bob.hello(read=False)
        await eventually(lambda: server.stream_count == 2)
        count = 3000
        for number in range(count):
            await alice.send(f"{number} " + "x" * 2000)
        await bob.send("own")
        await eventually(lambda: len(alice.of("sent")) == count, 30)
        status = server.status()
        assert status.lagging_users == ("bob",)
        assert status.queued_bytes < 2 * 1024 * 1024

        async def read_all() -> None:
            while not any(c.fell_behind for c in bob.of("caught_up")):
                response = await bob.call.read()
                assert response is not aio.EOF
                bob.events.extend(response.events)

        await asyncio.wait_for(read_all(), 30 * UNIT)
        assert [text.split()[0] for text in bob.texts] == [str(n) for n in range(count)]
        assert bob.sequences == sorted(set(bob.sequences))
        assert len(bob.of("sent")) == 1
        await bob.__aexit__()


async def test_a_stream_that_reads_nothing_delays_no_other(server: Server) -> None:
    """A stream that reads nothing delays no other, and its queue stays bounded."""
    async with Recorder(server, name="alice") as alice, Recorder(server, name="carol") as carol:
        bob = Recorder(server, name="bob")
        await bob.hello(read=False)
        await eventually(lambda: server.stream_count == 3)
        for number in range(2000):
            await alice.send(f"{number} " + "x" * 4000)
        await eventually(lambda: len(carol.texts) == 2000, 30)
        assert server.status().longest_queue_bytes <= 2 * 1024 * 1024
        await bob.__aexit__()
        await eventually(lambda: server.stream_count == 2)
