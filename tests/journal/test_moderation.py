"""Bans and mutes in the log: decided by the time of the entry, and views of the log."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from journal.asking import TIME
from journal.opened import Opened, opened
from journal.test_accounts import ask, change, digest, refusal, register
from support import eventually, store_of

from chat_grpc.core import limits
from chat_grpc.core.account_changes import AccountRequest, AddToken, RemoveAccount, SetAdmin
from chat_grpc.core.clock import SECOND
from chat_grpc.core.entry import Entry, Outcome
from chat_grpc.core.errors import ChatError
from chat_grpc.core.moderation import AddBan, EndBan, Moderation, SetMute
from chat_grpc.journal.check import check

NOW = TIME // SECOND


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Opened]:
    """A journal with the accounts 1 to 3, whose store is whole at the end."""
    async with opened(tmp_path) as this:
        for name in ("Alice", "Bob", "Carl"):
            await change(this, register(name))
        yield this
    assert check(store_of(tmp_path)) == []


async def later(it: Opened, request: AccountRequest, seconds: int) -> Outcome:
    """Carry out a request some seconds after `TIME`; return the outcome."""
    made = ask(request).make()
    entry = Entry(made.command._replace(time=TIME + seconds * SECOND), None)
    it.journal.append(entry)
    await eventually(lambda: entry in it.back)
    return entry.outcome


async def test_a_ban_is_decided_by_the_time_of_the_entry(it: Opened) -> None:
    """A sign-in before the end is refused, one at the end is not; nothing need be written."""
    ban = await change(it, AddBan(1, "", 10 * SECOND, "spam"))
    sign_in = AddToken(1, digest("t"))
    early = (await later(it, sign_in, 9)).error
    assert early is not None
    assert (early.reason, early.metadata["ban_reason"]) == ("BANNED", "spam")
    assert (await later(it, EndBan(ban.sequence), 10)).error is not None
    assert (await later(it, sign_in, 10)).error is None


async def test_only_admins_ban(it: Opened) -> None:
    """The log decides: the role may have ended since the call began."""
    for request in (AddBan(1, "", 0, ""), EndBan(1), SetMute(1, "", SECOND)):
        assert await refusal(it, request, 2) == "NOT_ALLOWED"


async def test_of_two_admins_who_ban_each_other_the_first_succeeds(it: Opened) -> None:
    """A ban before a call in the log refuses it, though the call began before the ban."""
    for user in (1, 2):
        await change(it, SetAdmin(user, admin=True))
    first, second = it.ask(ask(AddBan(2, "", 0, ""), 1)), it.ask(ask(AddBan(1, "", 0, ""), 2))
    await eventually(lambda: first.outcome.stored and second.outcome.error is not None)
    for request in (EndBan(first.outcome.sequence), SetMute(1, "", SECOND), RemoveAccount(1)):
        assert await refusal(it, request, 2) == "BANNED"


async def test_the_numbers_of_bans_and_mutes_are_limited(
    it: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that ended do not count, nor does one that is replaced."""
    monkeypatch.setattr(limits, "MAX_BANS", 2)
    monkeypatch.setattr(limits, "MAX_MUTES_PER_ROOM", 1)
    for user in (1, 2, 2):
        await change(it, AddBan(user, "", 5 * SECOND, ""))
    assert await refusal(it, AddBan(3, "", 0, "")) == "RATE_LIMITED"
    assert (await later(it, AddBan(3, "", 0, ""), 5)).error is None
    for _ in range(2):
        await change(it, SetMute(1, "#lobby", 5 * SECOND))
    assert await refusal(it, SetMute(2, "#lobby", SECOND)) == "RATE_LIMITED"
    assert (await later(it, SetMute(2, "#lobby", SECOND), 5)).error is None


def refused(moderation: Moderation, now: int) -> list[str]:
    """Return the errors of each user, address and channel."""
    found = []
    for user in range(4):
        for address in ("192.0.2.1", "2001:db8::1", "198.51.100.1"):
            for channel in ("#lobby", "#den", "@2"):
                try:
                    moderation.check_ban(user, address, lambda: now)
                    moderation.check_mute(user, channel, now)
                except ChatError as error:
                    found.append(f"{user} {address} {channel}: {error} {error.metadata}")
    return found


@pytest.mark.parametrize("seed", range(5))
async def test_the_delivered_changes_give_what_the_store_has(it: Opened, seed: int) -> None:
    """After any changes, the node and a node that starts now refuse the same."""
    chance, node, made = random.Random(seed), Moderation(), [0]
    for step in range(60):
        user, seconds = chance.randint(1, 3), chance.choice((0, 3, 20))
        network = chance.choice(("192.0.2.0/24", "2001:db8::/64", "0.0.0.0/0"))
        request: AccountRequest = chance.choice(
            (
                AddBan(user, "", seconds * SECOND, f"ban {step}"),
                AddBan(0, network, seconds * SECOND, ""),
                EndBan(chance.choice(made)),
                SetMute(user, chance.choice(("", "#lobby", "#den")), seconds * SECOND),
            )
        )
        outcome = await later(it, request, step)
        if outcome.stored:
            assert outcome.account is not None
            assert outcome.account.moderated is not None
            node.apply(outcome.account.moderated, NOW + step)
            made.append(outcome.sequence)
        stored = await it.journal.moderation.in_force()
        for now in (NOW + step, NOW + step + 5):
            assert refused(node, now) == refused(stored, now)
