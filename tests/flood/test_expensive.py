"""The most expensive requests: good clients notice little, and the store stays in bounds."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from flood.expensive import (
    ACCOUNT,
    ADMINS,
    ATTACKS,
    GUEST,
    ON_STREAM,
    OPEN,
    PASSWORD,
    UNARY,
    WRITER,
    Order,
    account_of,
)
from flood.filled import TOKEN, fill
from flood.good import Crowd, crowd
from flood.measured import ROUNDS, Measured, RunClock, attacker
from flood.stored import Stored
from flood.test_misbehaving import PUBLIC
from server.accounts import operator
from support import Process, serving

from chat_grpc.app.methods import SERVICES, STANDARD_METHODS
from chat_grpc.client import ChatCalls
from chat_grpc.v1 import chat_pb2

pytestmark = [pytest.mark.xdist_group("loaded"), pytest.mark.alone]

GOOD, RATE = 50, 150.0
"""The good clients, and the messages a second of all of them: enough in a phase that its p99 is not
the slowest one."""

STORED = 20_000
"""Messages in the store before the attacks."""

WITH_TEXT = {"ChatService.SendTo", "on stream: send", "on stream: edit"}
"""The attacks whose requests have long texts. Few of them are sent."""

ERASES = "AccountService.DeleteAccount"
"""The attack that lets the server erase all messages of the store."""

OF_ACCOUNTS = {"AccountService.SignIn"} | {
    name for name, attack in UNARY.items() if attack.caller == ACCOUNT
}
"""The attacks that need an account."""

LISTS_MUTES = "AdminService.ListMutes"
"""The attack that needs mutes in the room of the guest."""


def test_each_method_and_each_request_of_a_stream_has_an_attack() -> None:
    """A new method fails here until its most expensive request is registered."""
    methods = {f"{each.name}.{one.name}" for each in SERVICES for one in each.methods}
    admin = {each for each in methods if each.startswith(ADMINS)}
    assert {*UNARY, *OPEN, *admin} == methods | STANDARD_METHODS
    requests = chat_pb2.ConnectRequest.DESCRIPTOR.oneofs_by_name["request"].fields
    assert set(ON_STREAM) == {each.name for each in requests}


class Orders:
    """Makes the attackers: each is a new user at a new address, with full buckets."""

    def __init__(self, port: int, folder: Path, log_id: str) -> None:
        self._port, self._folder, self._log_id = port, folder, log_id
        self._count = 0

    async def order(self, name: str) -> Order:
        """Return an attack by a new user from a new address."""
        number = self._count = self._count + 1
        room, address = f"room{number}x", f"127.1.{number // 250}.{number % 250 + 1}"
        tokens = {WRITER: TOKEN, GUEST: await self._token(f"attacker{number}x")}
        async with self._calls(tokens[GUEST]) as calls:
            await calls.create_room(room)
        if name in OF_ACCOUNTS:
            async with operator(self._folder) as local:
                await local.create_user(account_of(room), PASSWORD)
            tokens[ACCOUNT] = await self._token(account_of(room), PASSWORD)
        if name == LISTS_MUTES:
            async with operator(self._folder) as local:
                for user in range(1, GOOD + 1):
                    await local.mute(user, room=room, seconds=86400, reason="r" * 250)
        return Order(name, address, room, self._log_id, tokens)

    def _calls(self, token: str = "") -> ChatCalls:
        return ChatCalls(f"127.0.0.1:{self._port}", token=token)

    async def _token(self, name: str, password: str = "") -> str:
        async with self._calls() as calls:
            return (await calls.sign_in(name, password)).token


@asynccontextmanager
async def attacking(server: Process) -> AsyncIterator[tuple[Crowd, Measured]]:
    """Let good clients chat, and start the attacker."""
    with closing(RunClock(server.pid)) as clock:
        async with (
            crowd(server.port, GOOD, RATE, clock) as good,
            attacker(server.port) as bad,
        ):
            await good.p99(1.0)
            yield good, Measured(good, bad)


@pytest.mark.usefixtures("no_debug")
@pytest.mark.timeout(240)
async def test_a_guest_that_does_the_most_expensive_thing_of_each_method(tmp_path: Path) -> None:
    """The p99 of 50 good clients and the size of the store stay within bounds."""
    log_id = await fill(tmp_path, "squatter", STORED)
    before = size_of(tmp_path)
    with serving("--data", str(tmp_path), "--accounts", "open", *PUBLIC) as server:
        orders, stored = Orders(server.port, tmp_path, log_id), Stored(tmp_path)
        async with attacking(server) as (good, measured):
            due = list(ATTACKS)
            for _ in range(ROUNDS):
                for name in due:
                    order = await orders.order(name)
                    erased = STORED if name == ERASES and name not in measured.outcomes else 0
                    texts = name in WITH_TEXT
                    async with stored.within_the_limits(name, good, texts=texts, erased=erased):
                        await measured.measure(order)
                due = list(measured.over)
        assert not measured.over, f"over {measured.allowed}: {measured.over}"
        server.signal(signal.SIGTERM)
        assert server.wait() == 0
    assert size_of(tmp_path) - before <= stored.most_bytes


def size_of(folder: Path) -> int:
    """Return the bytes of all files of a store."""
    return sum(each.stat().st_size for each in folder.iterdir() if each.is_file())
