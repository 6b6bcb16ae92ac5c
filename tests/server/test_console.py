"""The console of a server: what an operator sees at a terminal and in a log of JSON lines."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pexpect
import pytest
from support import (
    COMMAND,
    LOBBY,
    NO_PAGE,
    UNIT,
    Process,
    Recorder,
    channel_to,
    eventually,
    free_port,
    serving,
)
from websockets.asyncio.client import connect
from websockets.typing import Origin

from chat_grpc.v1 import account_pb2, account_pb2_grpc, chat_pb2

SECRET = "correct horse battery"


def lines(process: Process, event: str) -> list[dict[str, Any]]:
    """Return the lines of a log of JSON lines about one kind of event."""
    parsed = map(json.loads, process.log().splitlines())
    return [line for line in parsed if line["event"] == event]


async def line(process: Process, event: str, **values: object) -> dict[str, Any]:
    """Wait for a line about an event with some values, and return it."""

    def found() -> dict[str, Any] | None:
        return next(
            (each for each in lines(process, event) if values.items() <= each.items()), None
        )

    return dict(await eventually(found, 10))


async def test_a_stream_is_told_when_it_opens_and_ends() -> None:
    """Its number, name, address and agent are told, where it resumes, how long it was, and why."""
    with serving("--data", ":memory:") as process:
        async with Recorder(process.port, name="alice", agent="agent/1") as alice:
            opened = await line(process, "stream opened", name="alice")
            await alice.sent("hello")
            welcome = alice.welcome
        ended = await line(process, "stream ended", name="alice")
        resume = {"log_id": welcome.log_id, "resume_after": alice.of("sent")[0].sequence}
        async with Recorder(process.port, token=welcome.token, device_id="d", **resume):
            again = await line(process, "stream opened", stream=2)
            async with Recorder(process.port, token=welcome.token, device_id="d"):
                replaced = await line(process, "stream ended", stream=2)
        assert len(lines(process, "guest made")) == 1
    assert opened["stream"] == 1
    assert (opened["number"], opened["agent"]) == (welcome.client.number, "agent/1")
    assert opened["address"] in ("127.0.0.1", "::1")
    assert "resumed_after" not in opened
    assert ended["reason"] == "client left"
    assert 0 <= ended["seconds"] < 20 * UNIT
    assert again["resumed_after"] == resume["resume_after"]
    assert replaced["reason"] == "REPLACED"


async def test_a_gap_in_a_resume_is_told() -> None:
    """A client that resumes on another log is told with that recovery."""
    with serving("--data", ":memory:") as process:
        async with Recorder(process.port, name="alice", log_id="another", resume_after=5):
            opened = await line(process, "stream opened")
    assert opened["recovery"] == "other log"


async def test_calls_that_change_something_are_told() -> None:
    """Rooms, accounts and tokens are told with the user and the room; their secrets are not."""
    with serving("--data", ":memory:", "--accounts", "open") as process:
        channel = channel_to(process.port)
        async with Recorder(channel, name="alice") as alice:
            accounts = account_pb2_grpc.AccountServiceStub(channel)
            registered = account_pb2.RegisterRequest(name="bob", password=SECRET)
            await accounts.Register(registered)
            signing_in = account_pb2.SignInRequest(name="bob", password=SECRET)
            bob = await accounts.SignIn(signing_in)
            carol = await accounts.SignIn(account_pb2.SignInRequest(name="carol"))
            metadata = (("authorization", f"Bearer {bob.token}"),)
            room = chat_pb2.CreateRoomRequest(name="ops", topic="a topic")
            await alice.stub.CreateRoom(room, metadata=metadata)
            topic = chat_pb2.UpdateRoomRequest(room="ops", topic="another topic")
            await alice.stub.UpdateRoom(topic, metadata=metadata)
            await alice.stub.ListRooms(chat_pb2.ListRoomsRequest(), metadata=metadata)
            text = chat_pb2.SendToRequest(target=LOBBY, text="a text")
            await alice.stub.SendTo(text, metadata=metadata)
            await line(process, "room changed", room="ops", name="bob", number=bob.number)
        assert (await line(process, "room created"))["room"] == "ops"
        assert (await line(process, "account registered"))["name"] == "bob"
        assert [each["name"] for each in lines(process, "signed in")] == ["bob"]
        assert [each["name"] for each in lines(process, "guest made")] == ["alice", "carol"]
        log = process.log()
    for hidden in (SECRET, bob.token, carol.token, alice.welcome.token, "topic", "a text"):
        assert hidden not in log
    assert "ListRooms" not in log


async def test_refusals_are_summed_by_reason() -> None:
    """The first refusal is told soon, and the others of its reason some seconds later, as one."""
    with serving("--data", ":memory:", "--message-burst", "1") as process:
        channel = channel_to(process.port)
        async with Recorder(channel, name="alice") as alice:
            accounts = account_pb2_grpc.AccountServiceStub(channel)
            for _ in range(20):
                wrong = account_pb2.SignInRequest(name="alice", password="wrong")
                await asyncio.gather(accounts.SignIn(wrong), return_exceptions=True)
                await alice.send("")
            first = await line(process, "refused", reason="TEXT_EMPTY")
            await line(process, "refused", reason="BAD_CREDENTIALS")

            def told() -> list[dict[str, Any]]:
                return [
                    each for each in lines(process, "refused") if each["reason"] == "TEXT_EMPTY"
                ]

            await eventually(lambda: sum(each["count"] for each in told()) == 20, 15)
            assert len(told()) < 20
    assert first["newest_address"] in ("127.0.0.1", "::1")


async def test_refusals_by_a_limit_are_told() -> None:
    """Requests over a rate are told with the option of the limit."""
    arguments = ("--messages-per-second", "1", "--message-burst", "1")
    with serving("--data", ":memory:", *arguments) as process:
        async with Recorder(process.port, name="alice") as alice:
            await alice.send("one")
            await alice.send("two")
            told = await line(process, "refused", limit="messages_per_second")
        assert not [each for each in lines(process, "refused") if "reason" in each]
    assert told["count"] >= 1


async def test_the_end_of_a_stream_is_no_refusal() -> None:
    """A stream that the server ends is told as one that ended, not as a refused call."""
    with serving("--data", ":memory:", "--drain", "0.1") as process:
        async with Recorder(process.port, name="alice"):
            await line(process, "stream opened")
            process.signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait)
        assert lines(process, "stream ended")[0]["reason"] == "DRAINING"
        assert not lines(process, "refused")


async def test_the_status_has_the_rates() -> None:
    """While messages flow, a line has the numbers of clients and streams, and the rates."""
    with serving("--data", ":memory:") as process:
        async with Recorder(process.port, name="alice") as alice, Recorder(process.port, name="b"):

            async def talk() -> bool:
                await alice.sent("hello")
                return any(each["messages_per_s"] for each in lines(process, "status"))

            await eventually(talk, 15)
        status = lines(process, "status")[-1]
    assert (status["clients"], status["streams"], status["slow_streams"]) == (2, 2, 0)
    assert status["deliveries_per_s"] == pytest.approx(status["messages_per_s"], rel=0.2)


async def test_debug_has_every_call(tmp_path: Any) -> None:
    """At the level debug each call is told with its status and time, on each kind of method."""
    with serving("--data", str(tmp_path), "--log-level", "debug") as process:
        async with Recorder(process.port, name="alice") as alice:
            await alice.stub.ListClients(chat_pb2.ListClientsRequest())
            refused = alice.stub.JoinRoom(chat_pb2.JoinRoomRequest(room="x"))
            await asyncio.gather(refused, return_exceptions=True)
        path = "/chat_grpc.v1.ChatService/"
        listed = await line(process, "call", method=f"{path}ListClients", status="OK")
        await line(process, "call", method=f"{path}JoinRoom", status="UNAUTHENTICATED")
        await line(process, "call", method=f"{path}Connect", status="CANCELLED")
        assert alice.welcome.token not in process.log()
    assert 0 <= listed["ms"] < 20_000 * UNIT
    assert list(listed)[:3] == ["timestamp", "level", "event"]
    assert listed["level"] == "debug"


async def test_debug_has_no_bytes_of_browsers() -> None:
    """What a browser sends on its WebSocket is not logged, not even as bytes."""
    port = free_port()
    web = ("--web-listen", f"127.0.0.1:{port}", "--log-level", "debug")
    with serving("--data", ":memory:", *web) as process:
        address = f"ws://127.0.0.1:{port}/chat_grpc.v1.ChatService/Connect"
        async with connect(address, origin=Origin(f"http://127.0.0.1:{port}")) as socket:
            hello = chat_pb2.Hello(name="alice")
            await socket.send(chat_pb2.ConnectRequest(hello=hello).SerializeToString())
            await socket.recv()
        await line(process, "call", method="/chat_grpc.v1.ChatService/Connect")
        assert not re.search("BINARY|TEXT|HTTP/1", process.log())


# ------------------------------------------------------------ at a terminal


@contextmanager
def at_a_terminal(*arguments: str) -> Iterator[tuple[pexpect.spawn[str], str, int]]:
    """Run a server in a pseudo-terminal; yield the terminal, its first lines, and the port."""
    port = free_port()
    listen = ["--listen", f"127.0.0.1:{port}", *NO_PAGE, "--data", ":memory:"]
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], "serve", *listen, *arguments],
        timeout=20 * UNIT,
        encoding="utf-8",
        dimensions=(24, 200),
    )
    try:
        child.expect("try: [^\n]* clients[^\n]*\n")
        yield child, shown(child), port
    finally:
        child.close(force=True)


def shown(child: pexpect.spawn[str]) -> str:
    """Return what a terminal showed up to the text that was expected, without colors."""
    after = child.after if isinstance(child.after, str) else ""
    return re.sub(r"\x1b\[[0-9;]*m", "", f"{child.before}{after}")


async def seen(child: pexpect.spawn[str], pattern: str) -> str:
    """Wait for a text at a terminal; return everything up to it, without colors."""
    await asyncio.to_thread(child.expect, pattern)
    return shown(child)


def test_the_first_lines_at_a_terminal() -> None:
    """The version, the address, the data, who may come in, and three commands that work."""
    with at_a_terminal() as (_, text, port):
        assert f"listening on 127.0.0.1:{port} version=" in text
        assert "in memory only" in text
        assert "who may come in: guests by name, and accounts, on this machine only" in text
        commands = re.findall(r"try: (\S+ (?:-m \S+ )?)(\w+) (.*?)\r", text)
        assert [name for _, name, _ in commands] == ["connect", "send", "clients"]
        assert {rest.split(" --name")[0] for _, _, rest in commands} == {
            f"--server localhost:{port}"
        }


async def test_the_status_is_words_at_a_terminal() -> None:
    """The status line is a sentence; nothing is repeated while nothing changes."""
    with at_a_terminal() as (child, _, port):
        async with Recorder(port, name="alice"):
            text = await seen(child, "status: [^\r]*\r")
            assert "status: 1 client, 1 stream; 0.0 messages/s in," in text
            assert "stream opened stream=1 name=alice number=1 address=127.0.0.1" in text
            await asyncio.to_thread(child.expect, pexpect.TIMEOUT, timeout=6)
            assert "status" not in shown(child)


async def test_control_characters_are_escaped() -> None:
    """An agent or a name cannot move the cursor of the operator, or begin a line."""
    with at_a_terminal("--log-level", "debug") as (child, _, port):
        hostile = "x\x1b[2J\r\n\u009b\u202ey"
        async with Recorder(port, name="alice", agent=hostile) as alice:
            await asyncio.gather(
                alice.stub.JoinRoom(chat_pb2.JoinRoomRequest(room=hostile)),
                return_exceptions=True,
            )
            text = await seen(child, "NOT_SIGNED_IN[^\n]*\n")
        assert "\x1b" not in text
        assert "\u009b" not in text
        assert "\u202e" not in text
