"""Accounts of users of OpenID Connect issuers in the log: the rules, and the tables."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from journal.opened import Opened, opened
from journal.test_accounts import SECONDS, ask, change, digest, files_of, refusal, register
from support import store_of

from chat_grpc.core.account_changes import IssuerSignIn, RemoveAccount, SetPassword
from chat_grpc.core.entry import Outcome
from chat_grpc.core.errors import TokenRevoked
from chat_grpc.core.user import User
from chat_grpc.journal.check import check
from chat_grpc.journal.database import row, run

ISSUER = "https://login.example"
_IDS = itertools.count(1)


def sign_in(subject: str, name: str = "Alice", **more: object) -> IssuerSignIn:
    """Return a sign-in with an ID token of its own."""
    fields: dict[str, object] = {"issuer": ISSUER, "id_token": digest(f"i{next(_IDS)}")}
    fields |= {"digest": digest(f"t{next(_IDS)}"), "expire_time": SECONDS + 300}
    return IssuerSignIn(subject=subject, name=name, key=name.lower(), **fields | more)  # type: ignore[arg-type]


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Opened]:
    """A journal, whose store is whole at the end."""
    async with opened(tmp_path) as this:
        yield this
    assert check(store_of(tmp_path)) == []


def user_of(outcome: Outcome) -> User:
    """Return the user of a change."""
    assert outcome.account is not None
    assert outcome.account.user is not None
    return outcome.account.user


async def test_a_subject_keeps_its_account(it: Opened) -> None:
    """The first sign-in creates the account; later ones find it, whatever name the issuer gives."""
    first = sign_in("s1")
    assert user_of(await change(it, first)) == User(1, "Alice", "alice", guest=False)
    assert user_of(await change(it, sign_in("s1", "Renamed"))) == User(
        1, "Alice", "alice", guest=False
    )
    found = await it.journal.user_by_token(first.digest)
    assert found == User(1, "Alice", "alice", guest=False)
    assert user_of(await change(it, sign_in("s1", issuer="https://other.example"))).number == 2


async def test_two_first_sign_ins_of_a_subject_at_once(it: Opened) -> None:
    """In one batch the first one creates the account, the second one finds it."""
    one, two = it.ask(ask(sign_in("s1"))), it.ask(ask(sign_in("s1")))
    await it.all_back(2)
    assert user_of(one.outcome) == user_of(two.outcome)


async def test_a_name_never_leads_to_an_account(it: Opened) -> None:
    """A new account whose name belongs to another account has a suffix, as unique as its number."""
    await change(it, register("Alice"))
    await change(it, register("Alice-3"))
    assert user_of(await change(it, sign_in("s1"))).name == "Alice-3-2"
    assert user_of(await change(it, sign_in("s2"))).name == "Alice-4"
    long = "a" * 32
    await change(it, register(long))
    assert user_of(await change(it, sign_in("s3", long))).name == "a" * 30 + "-6"


async def test_an_id_token_signs_in_once(it: Opened) -> None:
    """It is refused until it has expired, also after the account was removed."""
    request = sign_in("s1", id_token=digest("once"))
    await change(it, request)
    again = sign_in("s1", id_token=digest("once"))
    assert await refusal(it, again) == "BAD_CREDENTIALS"
    await change(it, RemoveAccount(1))
    assert await refusal(it, again) == "BAD_CREDENTIALS"
    assert (await it.journal.user_by_key("alice")) is not None
    assert await it.journal.accounts.by_key("alice") is None


async def test_expired_id_tokens_are_forgotten(it: Opened) -> None:
    """A sign-in removes those that have expired: the table is bounded by their lifetime."""
    await change(it, sign_in("s1", expire_time=SECONDS))
    await change(it, sign_in("s1", expire_time=SECONDS + 60))
    count = "SELECT count(*) FROM used_id_tokens"
    assert await it.journal.with_writer(lambda one: row(one, count)) == (1,)


async def test_a_removed_account_is_forgotten(tmp_path: Path) -> None:
    """Its tokens end, its subject leaves the store, and the next sign-in makes a new account."""
    async with opened(tmp_path) as it:
        first = sign_in("secret-subject")
        await change(it, first)
        await change(it, RemoveAccount(1))
        with pytest.raises(TokenRevoked):
            await it.journal.user_by_token(first.digest)
        await it.journal.erase()
        assert b"secret-subject" not in files_of(tmp_path)
        assert user_of(await change(it, sign_in("secret-subject"))).number == 2
    assert check(store_of(tmp_path)) == []


async def test_a_subject_without_an_account_where_only_admins_create_them(it: Opened) -> None:
    """It is refused, and leaves no account."""
    assert await refusal(it, sign_in("s1", create=False)) == "NOT_ALLOWED"
    await change(it, sign_in("s1"))
    assert user_of(await change(it, sign_in("s1", create=False))).number == 1


async def test_the_issuer_decides_about_the_admin_role(it: Opened) -> None:
    """Each sign-in gives or takes the role; None leaves it."""
    for admin, is_admin in ((True, True), (None, True), (False, False), (None, False)):
        outcome = await change(it, sign_in("s1", admin=admin))
        assert outcome.account is not None
        assert outcome.account.admin is is_admin
        assert [each.admin for each in await it.journal.accounts.users(0, 9)] == [is_admin]


async def test_an_admin_may_give_such_an_account_a_password(it: Opened) -> None:
    """The account has no password at first, and then both ways to sign in."""
    await change(it, sign_in("s1"))
    account = await it.journal.accounts.by_key("alice")
    assert account is not None
    assert account.password == ""
    await change(it, SetPassword(1, "a hash"))
    assert user_of(await change(it, sign_in("s1"))).number == 1


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("UPDATE issuer_accounts SET subject = 'x'", "issuer_accounts: 1 is not as"),
        ("DELETE FROM issuer_accounts", "issuer_accounts: 1 is not as"),
        ("DELETE FROM used_id_tokens", "used_id_tokens: "),
        ("UPDATE tokens SET user = 2", "tokens: 1 of user 2 is not as"),
        ("UPDATE accounts SET admin = 1", "accounts: admin of 1"),
    ],
)
async def test_a_table_that_does_not_follow_from_the_log_is_found(
    tmp_path: Path, damage: str, finding: str
) -> None:
    """The check names the row, and shows no subject."""
    async with opened(tmp_path) as it:
        await change(it, sign_in("secret-subject"))
        await it.journal.with_writer(lambda one: run(one, damage))
    found = check(store_of(tmp_path))
    assert any(finding in each for each in found), found
    assert "secret-subject" not in " ".join(found)
