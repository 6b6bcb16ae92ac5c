"""Passwords: rules and hashes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.app import passwords as module
from chat_grpc.app.passwords import Passwords, Payer, check_password, common_passwords
from chat_grpc.core.errors import FieldInvalid, TooManyTries
from chat_grpc.core.quotas import Quota, Quotas

GOOD = "correct horse battery"
HERE, THERE = Payer("alice", "192.0.2.1"), Payer("bob", "192.0.2.2")


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    """The threads that hash."""
    made = Passwords(Quotas(Quota(passwords_per_minute=0), lambda: 0.0))
    yield made
    await made.close()


@pytest.mark.parametrize(
    "password", ["", "seven77", "x" * 129, "Password1", "tab\tinside", "A" * 9]
)
def test_a_password_that_breaks_a_rule_is_refused(password: str) -> None:
    """The error names the rule, and not the password."""
    with pytest.raises(FieldInvalid) as error:
        check_password(password, "aaaaaaaaa")
    assert not password or password not in str(error.value)


@pytest.mark.parametrize(
    "password", ["xxxxxxx8", "y" * 128, GOOD, "пароль-с-буквами", "🐎🔋🧷🎩🐎🔋🧷🎩"]
)
def test_other_passwords_are_accepted(password: str) -> None:
    """Any characters but control characters are allowed."""
    assert check_password(password, "alice") == password


def test_the_list_of_common_passwords() -> None:
    """It has thousands, all of a length that is allowed otherwise, and in lower case."""
    assert len(common_passwords()) > 4000
    assert all(len(each) >= 8 and each == each.lower() for each in common_passwords())


async def test_the_hash_has_the_parameters_of_owasp(passwords: Passwords) -> None:
    """19 MiB, 2 passes, 1 lane, argon2id; the hash for unknown names has the same ones."""
    hashed = await passwords.hash(GOOD, HERE)
    for each in (hashed, module._DUMMY):
        found = extract_parameters(each)
        assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (
            *(Type.ID, 19 * 1024, 2, 1),
        )
        assert not passwords.outdated(each)
    assert passwords.outdated(PasswordHasher(time_cost=1).hash(GOOD))


async def test_a_password_is_the_same_in_each_form_of_unicode(passwords: Passwords) -> None:
    """Composed and decomposed letters are the same password; case is not."""
    hashed = await passwords.hash(check_password("caf\u00e9 au lait", "alice"), HERE)
    assert await passwords.verify(hashed, "cafe\u0301 au lait", HERE)
    assert not await passwords.verify(hashed, "CAF\u00c9 au lait", HERE)
    assert not await passwords.verify(hashed, "", HERE)
    assert not await passwords.verify(hashed, "x" * 4000, HERE)


async def test_no_password_is_right_without_a_hash(passwords: Passwords) -> None:
    """An unknown name takes the time of a wrong password, and is refused."""
    hashed = await passwords.hash(GOOD, HERE)

    async def took(known: str) -> float:
        before = time.perf_counter()
        assert not await passwords.verify(known, "wrong password", HERE)
        return time.perf_counter() - before

    pairs = [(await took(hashed), await took("")) for _ in range(15)]
    wrong, unknown = (min(each) for each in zip(*pairs, strict=True))
    assert 0.5 < unknown / wrong < 2.0


async def test_few_passwords_are_hashed_at_once(passwords: Passwords) -> None:
    """One address has 8 hashes that wait at most; another one is still served."""
    mine = [asyncio.create_task(passwords.hash(GOOD, HERE)) for _ in range(8)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyTries):
        await passwords.hash(GOOD, HERE)
    assert await passwords.hash(GOOD, THERE)
    await asyncio.gather(*mine)
    assert await passwords.hash(GOOD, HERE)


@given(st.text())
def test_any_text_is_accepted_or_refused(text: str) -> None:
    """The rules have an answer for any text, and their result keeps it."""
    try:
        prepared = check_password(text, "alice")
    except FieldInvalid:
        return
    assert check_password(prepared, "alice") == prepared
