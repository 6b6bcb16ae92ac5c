"""A guest who signs in under many names cannot keep the others from theirs."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from server.accounts import PASSWORD, calls_to, token_of, with_accounts
from server.people import Person, meeting
from support import eventually, running

from chat_grpc.client import Refused
from chat_grpc.core import limits
from chat_grpc.server import Server


async def taken(server: Server, *names: str) -> list[str]:
    """Sign in as a guest under each name; return the refusals."""
    refusals = []
    async with calls_to(server) as calls:
        for name in names:
            try:
                await calls.sign_in(name)
            except Refused as error:
                refusals.append(f"{name} {error.reason}")
    return refusals


def refused(*names: str) -> list[str]:
    """Return the refusals of names that somebody has."""
    return [f"{name} NAME_TAKEN" for name in names]


async def test_owners_keep_their_names_over_a_restart(tmp_path: Path) -> None:
    """Names of accounts and of connected guests are refused, and are their owners' afterwards."""
    names = ("alice", "bob", "root", "ALICE", *(f"squatter{n}" for n in range(50)))
    options = {"guests": "on", "guests_per_minute": 0}
    async with with_accounts(tmp_path, "root", **options) as server:
        account = await token_of(server, "root")
        async with meeting(server, "alice", "bob") as people:
            tokens = {person.name: person.token for person in people}
            assert await taken(server, *names) == refused("alice", "bob", "root", "ALICE")
    async with running(data=str(tmp_path), **options) as server, AsyncExitStack() as opened:
        assert await taken(server, *names) == refused(*names)
        for name, token in [*tokens.items(), ("root", account)]:
            person = await opened.enter_async_context(Person(server, token=token))
            assert person.name == name
        async with calls_to(server) as calls:
            assert (await calls.sign_in("root", PASSWORD)).name == "root"


async def test_an_owner_who_was_away_is_not_locked_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guest whose name went to another one is admitted with a suffix, also after a restart."""
    monkeypatch.setattr(limits, "NAME_HOLD", 0.2)
    async with running(data=str(tmp_path)) as server:
        async with Person(server, name="alice") as alice:
            token, number = alice.token, alice.number

        async def squatted() -> bool:
            return not await taken(server, "alice")

        await eventually(squatted)
        monkeypatch.setattr(limits, "NAME_HOLD", 120.0)
        async with calls_to(server) as calls:
            await calls.sign_in("alice2")
    async with running(data=str(tmp_path)) as server, Person(server, token=token) as alice:
        assert (alice.number, alice.name) == (number, f"alice-{number}")
        assert (await alice.sent("still here")).sequence
