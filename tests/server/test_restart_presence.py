"""Presence and names across a restart."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from grpc import aio
from server.people import Person
from support import channel_to, eventually, reason_of, serving

from chat_grpc.v1 import account_pb2, account_pb2_grpc, chat_pb2

CAME = chat_pb2.Presence.CHANGE_JOINED
LEFT = chat_pb2.Presence.CHANGE_LEFT

PATCHED = [
    sys.executable,
    str(Path(__file__).with_name("patched_server.py")),
    "from chat_grpc.core import limits; limits.PRESENCE_GRACE = 1.5",
]
ENDS = [signal.SIGTERM, signal.SIGKILL]


def told(person: Person) -> list[tuple[str, int]]:
    """Return the presence events of a person."""
    return [(presence.client.name, presence.change) for presence in person.of("presence")]


@pytest.mark.parametrize("end", ENDS)
async def test_users_who_return_in_time_are_not_announced(
    end: signal.Signals, tmp_path: Path
) -> None:
    """Users who return within the grace are not announced; others are announced as left."""
    arguments = ("--data", str(tmp_path), "--drain", "0.1")
    with serving(*arguments, command=PATCHED) as process:
        people = [Person(process.port, name=name) for name in ("alice", "bob", "carol", "early")]
        for person in people:
            await person.hello()
        alice, bob, carol, early = people
        await eventually(lambda: ("early", CAME) in told(alice))
        await early.__aexit__()
        await eventually(lambda: ("early", LEFT) in told(alice))
        process.signal(end)
        await asyncio.to_thread(process.wait)
        for person in (alice, bob, carol):
            await person.__aexit__()
    with serving(*arguments, command=PATCHED) as process:
        back = [Person(process.port, token=person.token) for person in (alice, bob)]
        for person in back:
            await person.hello()
        await eventually(lambda: told(back[0]))
        assert told(back[0]) == [("carol", LEFT)]
        async with Person(process.port, name="dave"):
            await eventually(lambda: len(told(back[0])) == 2)
        assert told(back[0])[1] == ("dave", CAME)
        for person in back:
            await person.__aexit__()


@pytest.mark.parametrize("end", ENDS)
async def test_the_newest_holder_of_a_name_keeps_it(end: signal.Signals, tmp_path: Path) -> None:
    """After a restart a name belongs to its newest holder, not to an earlier guest."""
    short = [*PATCHED[:2], "from chat_grpc.core import limits; limits.NAME_HOLD = 0.1"]
    arguments = ("--data", str(tmp_path), "--drain", "0.1")
    with serving(*arguments, command=short) as process:
        async with channel_to(process.port) as channel:
            accounts = account_pb2_grpc.AccountServiceStub(channel)
            before = await accounts.SignIn(account_pb2.SignInRequest(name="bob"))
        bob = Person(process.port, name="bob")

        async def came() -> bool:
            try:
                await bob.hello()
            except aio.AioRpcError as error:
                return reason_of(error) != "NAME_TAKEN"
            return True

        await eventually(came)
        assert bob.number > before.number
        process.signal(end)
        await asyncio.to_thread(process.wait)
        await bob.__aexit__()
    with serving(*arguments) as process:
        async with Person(process.port, token=bob.token) as back:
            assert (back.number, back.name) == (bob.number, "bob")
