"""Accounts, tokens and invite codes in the log: the rules, and the tables as views of the log."""

from __future__ import annotations

import hashlib
import itertools
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal.asking import TIME, Ask
from journal.life import batch_of, last_of
from journal.opened import Opened, opened
from support import eventually, store_of

from chat_grpc.core import limits
from chat_grpc.core.account_changes import (
    AccountRequest,
    AddToken,
    CreateInvite,
    EndToken,
    IssuerSignIn,
    Register,
    RemoveAccount,
    RevokeInvite,
    SetAdmin,
    SetPassword,
)
from chat_grpc.core.entry import ACCOUNT, Outcome
from chat_grpc.core.errors import ChatError, StorageFull, TokenExpired, TokenRevoked
from chat_grpc.core.user import User
from chat_grpc.journal import files
from chat_grpc.journal.check import check
from chat_grpc.journal.database import run
from chat_grpc.journal.store import Store

SECONDS = TIME // 1_000_000_000


def digest(text: str) -> bytes:
    """Return the digest of a secret."""
    return hashlib.sha256(text.encode()).digest()


def ask(request: AccountRequest, author: int = 0) -> Ask:
    """Return the command of a request."""
    who = User(author, "", "")
    return Ask(who, (), b"", "", repr(request), ACCOUNT, 0, request)


def register(name: str, **more: object) -> Register:
    """Return the request for an account."""
    return Register(name, name.lower(), f"hash of {name}", **more)  # type: ignore[arg-type]


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Opened]:
    """A journal, whose store is whole at the end."""
    async with opened(tmp_path) as this:
        yield this
    assert check(store_of(tmp_path)) == []


def files_of(folder: Path) -> bytes:
    """Return the bytes of all files of a store."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


async def change(it: Opened, request: AccountRequest, author: int = 0) -> Outcome:
    """Carry out a change, which must be stored."""
    outcome = (await it.answer(ask(request, author))).outcome
    assert outcome.error is None
    return outcome


async def refusal(it: Opened, request: AccountRequest, author: int = 0) -> str:
    """Ask for a change that must be refused; return the reason."""
    error = (await it.answer(ask(request, author))).outcome.error
    assert error is not None
    return error.reason


async def test_of_two_registrations_of_a_name_the_second_is_refused(it: Opened) -> None:
    """A name belongs to one account; two requests in one batch are decided in log order."""
    first, second = it.ask(ask(register("Alice"))), it.ask(ask(register("ALICE")))
    await it.all_back(2)
    assert first.outcome.stored
    assert (second.outcome.error and second.outcome.error.reason) == "NAME_TAKEN"
    bob = await change(it, register("Bob"))
    assert bob.account is not None
    assert bob.account.user == User(2, "Bob", "bob", guest=False)
    assert (await it.journal.add_guest("Carol", "carol", digest("c"))).number == 3


async def test_a_guest_becomes_an_account_with_the_same_number(it: Opened) -> None:
    """The guest's token stays valid, and is that of the account; a second time is refused."""
    guest = await it.journal.add_guest("Alice", "alice", digest("t"))
    await change(it, register("Alice", guest=guest.number), guest.number)
    account = User(guest.number, "Alice", "alice", guest=False)
    assert await it.journal.user_by_token(digest("t")) == account
    assert await refusal(it, register("Eve", guest=guest.number), 1) == "NOT_ALLOWED"


async def test_a_name_finds_the_account_before_newer_guests(it: Opened) -> None:
    """A name that guests had finds its account, whatever the numbers."""
    first = await it.journal.add_guest("Alice", "alice", digest("1"))
    await it.journal.add_guest("Alice", "alice", digest("2"))
    await change(it, register("Alice", guest=first.number), first.number)
    found = await it.journal.user_by_key("alice")
    assert found is not None
    assert found.number == first.number
    assert [u.number for u in await it.journal.users_named(["alice"], [])] == [first.number]


async def test_a_new_password_ends_the_other_tokens(it: Opened) -> None:
    """All tokens but the caller's end, and a sign-in with the old password comes too late."""
    made = await change(it, register("Alice"))
    for name in ("a", "b"):
        await change(it, AddToken(1, digest(name), password_event=made.sequence))
    changed = await change(it, SetPassword(1, "new hash", made.sequence, keep=digest("a")))
    assert changed.account is not None
    assert changed.account.ended == (digest("b"),)
    with pytest.raises(TokenRevoked):
        await it.journal.user_by_token(digest("b"))
    assert await it.journal.user_by_token(digest("a")) is not None
    late = AddToken(1, digest("late"), password_event=made.sequence)
    assert await refusal(it, late) == "BAD_CREDENTIALS"
    by_ended = AddToken(1, digest("bot"), bot=True, by=digest("b"))
    assert await refusal(it, by_ended) == "TOKEN_REVOKED"


async def test_the_oldest_session_makes_room(it: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session above the limit ends the oldest one; a bot token above it is refused."""
    monkeypatch.setattr(limits, "MAX_TOKENS_PER_USER", 2)
    monkeypatch.setattr(limits, "MAX_BOT_TOKENS", 1)
    await change(it, register("Alice"))
    ended = [(await change(it, AddToken(1, digest(name)))).account for name in "abc"]
    assert [each.ended for each in ended if each is not None] == [(), (), (digest("a"),)]
    await change(it, AddToken(1, digest("bot"), bot=True))
    assert await refusal(it, AddToken(1, digest("bot2"), bot=True)) == "RATE_LIMITED"


async def test_an_invite_code_is_used_as_often_as_it_says(it: Opened) -> None:
    """Of two registrations with the last use of a code the second is refused."""
    made = await change(it, CreateInvite(digest("code"), 1, SECONDS + 10))
    one = it.ask(ask(register("Alice", invite=digest("code"))))
    two = it.ask(ask(register("Bob", invite=digest("code"))))
    await it.all_back(3)
    assert one.outcome.stored
    assert (two.outcome.error and two.outcome.error.reason) == "INVITE_INVALID"
    [told] = await it.journal.accounts.invites(10**9, 10)
    assert (told.invite_id, told.uses, told.used) == (made.sequence, 1, 1)
    await change(it, CreateInvite(digest("old"), 1, SECONDS))
    assert await refusal(it, register("Bob", invite=digest("old"))) == "INVITE_INVALID"
    await change(it, RevokeInvite(made.sequence))
    assert await refusal(it, RevokeInvite(made.sequence)) == "INVITE_NOT_FOUND"


async def test_the_rights_of_an_admin_are_decided_by_the_log(it: Opened) -> None:
    """An admin whose role an earlier entry took away changes nothing."""
    await change(it, register("Alice", admin=True))
    await change(it, register("Bob"))
    assert await refusal(it, SetAdmin(2, admin=True), author=2) == "NOT_ALLOWED"
    taken, late = it.ask(ask(SetAdmin(1, admin=False))), it.ask(ask(RemoveAccount(2), author=1))
    await it.all_back(5)
    assert taken.outcome.stored
    assert (late.outcome.error and late.outcome.error.reason) == "NOT_ALLOWED"


async def test_a_removed_account_frees_its_name(it: Opened) -> None:
    """The tokens end, the name is free, and the number is not given again."""
    await change(it, register("Alice"))
    await change(it, AddToken(1, digest("a")))
    await change(it, RemoveAccount(1))
    with pytest.raises(TokenRevoked):
        await it.journal.user_by_token(digest("a"))
    again = await change(it, register("Alice"))
    assert again.account is not None
    assert again.account.user is not None
    assert again.account.user.number == 2
    assert await refusal(it, EndToken(1, digest("a"))) == "TOKEN_NOT_FOUND"


async def test_a_token_of_an_account_expires_after_90_days(it: Opened) -> None:
    """A session expires 90 days after its last use, a bot token never."""
    await change(it, register("Alice"))
    await change(it, AddToken(1, digest("session")))
    await change(it, AddToken(1, digest("bot"), bot=True))

    async def used_before(days: int) -> None:
        sql = "UPDATE tokens SET use_time = ?"
        now = it.journal._clock.trusted_seconds()
        await it.journal.with_writer(lambda one: run(one, sql, (now - days * 86400,)))

    await used_before(91)
    with pytest.raises(TokenExpired):
        await it.journal.user_by_token(digest("session"))
    await used_before(89)
    assert await it.journal.user_by_token(digest("session")) is not None
    await used_before(1000)
    assert await it.journal.user_by_token(digest("bot")) is not None


async def test_the_store_has_no_password_that_is_no_longer_in_use(tmp_path: Path) -> None:
    """The log forgets a hash once another one replaces it, and repr shows none."""
    async with opened(tmp_path) as it:
        request = register("Alice")
        assert "hash of" not in repr(request)
        outcome = await change(it, request)
        assert "hash of" not in repr(outcome.account)
        assert b"hash of" not in outcome.encoded + outcome.content
        account = await it.journal.accounts.by_key("alice")
        assert account is not None
        assert "hash of" not in repr(account)
        await change(it, SetPassword(1, "another one"))
        await it.journal.erase()
    written = files_of(tmp_path)
    assert b"hash of Alice" not in written
    assert b"another one" in written
    assert check(store_of(tmp_path)) == []


async def test_a_full_disk_does_not_keep_a_token_valid(
    it: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While new accounts and tokens are refused, tokens still end and passwords still change."""
    await change(it, register("Alice"))
    await change(it, AddToken(1, digest("a")))
    codes = itertools.count()
    monkeypatch.setattr(files, "RESERVE", 2**62)
    monkeypatch.setattr(files, "RESERVE_SHARE", 1)

    async def full() -> bool:
        made = CreateInvite(digest(f"code {next(codes)}"), 1, 2**40)
        error = (await it.answer(ask(made))).outcome.error
        return isinstance(error, StorageFull)

    await eventually(full)
    assert await refusal(it, AddToken(1, digest("b"))) == "STORAGE_FULL"
    await change(it, EndToken(1, digest("a")))
    await change(it, SetPassword(1, "new hash"))


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("UPDATE accounts SET admin = 1", "accounts: admin of 1"),
        ("UPDATE accounts SET password = 'x'", "accounts: password of 1"),
        ("DELETE FROM accounts", "accounts: 1 is missing"),
        ("UPDATE users SET guest = 1", "users: 1 is a guest and an account"),
        ("UPDATE tokens SET ended = NULL", "tokens: 2 of user 1 was ended by None"),
        ("UPDATE tokens SET label = 'x'", "tokens: 2 of user 1 is not as"),
        ("UPDATE tokens SET digest = x'00'", "tokens: 2 of user 1 is not in the log"),
        ("UPDATE invite_codes SET used = 1", "invite_codes: 4 was used 1 times"),
        ("DELETE FROM invite_codes", "invite_codes: 4 is not as the log says"),
    ],
)
async def test_a_table_that_does_not_follow_from_the_log_is_found(
    tmp_path: Path, damage: str, finding: str
) -> None:
    """The check names the row, and shows no hash."""
    async with opened(tmp_path) as it:
        await change(it, register("Alice"))
        await change(it, AddToken(1, digest("a")))
        await change(it, EndToken(1, digest("a")))
        await change(it, CreateInvite(digest("code"), 1, 2**40))
        await it.journal.with_writer(lambda one: run(one, damage))
    found = check(store_of(tmp_path))
    assert any(finding in each for each in found), found
    assert "hash of" not in " ".join(found)


NAMES = st.sampled_from(["Alice", "alice", "Bob", "Carol"])
USERS = st.integers(1, 4)
SECRETS = st.sampled_from("abcdef")
REQUESTS: st.SearchStrategy[AccountRequest] = st.one_of(
    st.builds(
        lambda name, guest, invite, admin: register(
            name, guest=guest, invite=digest(invite) if invite else b"", admin=admin
        ),
        NAMES,
        st.sampled_from([0, 0, 1, 2]),
        st.sampled_from(["", "x", "y"]),
        st.booleans(),
    ),
    st.builds(
        lambda user, name, bot: AddToken(user, digest(name), "label", bot=bot),
        USERS,
        st.uuids().map(str),
        st.booleans(),
    ),
    st.builds(EndToken, USERS, token_id=st.integers(1, 30)),
    st.builds(SetPassword, USERS, st.sampled_from(["h1", "h2"]), same=st.booleans()),
    st.builds(SetAdmin, USERS, st.booleans()),
    st.builds(RemoveAccount, USERS),
    st.builds(
        CreateInvite, st.uuids().map(lambda u: digest(str(u))), st.integers(1, 2), st.just(2**40)
    ),
    st.builds(RevokeInvite, st.integers(1, 30)),
    st.builds(
        lambda subject, name, token, id_token, life, admin: IssuerSignIn(
            "https://issuer",
            subject,
            name,
            name.lower(),
            digest(token),
            digest(id_token),
            SECONDS + life,
            admin=admin,
        ),
        st.sampled_from("st"),
        NAMES,
        st.uuids().map(str),
        st.sampled_from("ijkl"),
        st.sampled_from([-60, 60]),
        st.sampled_from([None, True, False]),
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(REQUESTS, st.sampled_from([0, 0, 0, 1, 2])), max_size=40), st.data())
def test_the_tables_equal_a_replay_of_the_log(
    requests: list[tuple[AccountRequest, int]], data: st.DataObject
) -> None:
    """After any requests in any batches, the tables are what the log says."""
    codes = iter("xy")
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        store.open()
        asks = [
            ask(
                replace(request, digest=digest(next(codes, request.digest.hex())))
                if isinstance(request, CreateInvite)
                else request,
                author,
            )
            for request, author in requests
        ]
        while asks:
            size = data.draw(st.integers(1, len(asks)))
            some, asks = asks[:size], asks[size:]
            batch = batch_of(some, store.with_connection(last_of))
            store.commit(batch)
            assert batch.error is None
            for entry in batch.entries:
                error = entry.outcome.error
                assert error is None or isinstance(error, ChatError)
        store.close()
        assert check(store_of(Path(folder))) == []
