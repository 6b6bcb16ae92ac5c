"""Sign-ins of the users of an OpenID Connect issuer, at a server."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from oidc.local_issuer import CLIENT_ID, LocalIssuer, local_issuer
from server.accounts import PASSWORD, calls_to, operator, token_of
from support import UNIT, Recorder, eventually, free_port, on_store, running, store_of

from chat_grpc.client import Refused
from chat_grpc.config import Config
from chat_grpc.journal.check import check
from chat_grpc.oidc import provider
from chat_grpc.option_values import ConfigError
from chat_grpc.server import Server
from chat_grpc.v1 import account_pb2


@pytest.fixture
async def server(issuer: LocalIssuer, tmp_path: Path) -> AsyncIterator[Server]:
    """A server with the issuer; its store is whole at the end."""
    async with running(data=str(tmp_path / "data"), **issuer.options(tmp_path)) as started:
        yield started
    assert check(store_of(tmp_path / "data")) == []


async def sign_in(server: Server, id_token: str) -> account_pb2.SignInResponse:
    """Sign in with an ID token."""
    async with calls_to(server) as calls:
        return await calls.sign_in_with_id_token(id_token)


async def refused(server: Server, id_token: str) -> Refused:
    """Return the error of a sign-in that must be refused."""
    with pytest.raises(Refused) as error:
        await sign_in(server, id_token)
    return error.value


async def test_the_first_sign_in_creates_the_account(server: Server, issuer: LocalIssuer) -> None:
    """Later ones find it, by the subject, also after a new name at the issuer."""
    first = await sign_in(server, issuer.sign("alice"))
    assert (first.number, first.name) == (1, "alice")
    assert first.expire_time.seconds > time.time() + 80 * 86400
    async with Recorder(server, token=first.token) as stream:
        assert stream.welcome.client.name == "alice"
        assert not stream.welcome.client.guest
    issuer.add_user("alice", preferred_username="alice.cooper")
    again = await sign_in(server, issuer.sign("alice"))
    assert (again.number, again.name) == (1, "alice")
    assert (await sign_in(server, issuer.sign("bob"))).number == 2
    async with calls_to(server) as calls:
        with pytest.raises(Refused) as error:
            await calls.sign_in("alice", PASSWORD)
        assert error.value.reason == "BAD_CREDENTIALS"
        with pytest.raises(Refused) as error:
            await calls.sign_in("alice")
        assert error.value.metadata["account"] == "true"


async def test_the_name_of_an_account_with_a_password(
    server: Server, issuer: LocalIssuer, tmp_path: Path
) -> None:
    """A user of the issuer with this name gets another account, with another name."""
    async with operator(tmp_path / "data") as local:
        await local.create_user("alice", PASSWORD, admin=True)
    answer = await sign_in(server, issuer.sign("alice"))
    assert (answer.number, answer.name) == (2, "alice-2")
    async with calls_to(server, answer.token) as calls:
        with pytest.raises(Refused) as error:
            await calls.users().all()
        assert error.value.reason == "NOT_ALLOWED"
        with pytest.raises(Refused) as error:
            await calls.change_password("", PASSWORD)
        assert "no password" in str(error.value)
    assert await token_of(server, "alice")


@pytest.mark.parametrize(
    ("claim", "name"),
    [
        ("alice@example.org", "alice"),
        ("Alice Smith", "Alice.Smith"),
        ("DOMAIN\\alice", "DOMAIN.alice"),
        ("x" * 50, "x" * 32),
        ("Žofie", "Žofie"),
        ("12345", None),
        ("@", None),
        ("\u202ealice", None),
        ("\ud800alice", None),
        (None, None),
        (["alice"], None),
    ],
)
async def test_names_of_the_issuer(
    server: Server, issuer: LocalIssuer, claim: Any, name: str | None
) -> None:
    """A name that accounts may not have is changed if that is possible, and refused otherwise."""
    token = issuer.sign("alice", preferred_username=claim)
    if name is not None:
        assert (await sign_in(server, token)).name == name
        return
    assert (await refused(server, token)).reason == "NAME_INVALID"
    # An account that exists needs no name.
    await sign_in(server, issuer.sign("alice"))
    await sign_in(server, issuer.sign("alice", preferred_username=claim))


async def test_an_id_token_signs_in_once(issuer: LocalIssuer, tmp_path: Path) -> None:
    """It is refused at the second time, also after a restart and a removal of the account."""
    options = issuer.options(tmp_path, data=str(tmp_path / "data"))
    token = issuer.sign("alice")
    async with running(**options) as server:
        answers = await asyncio.gather(
            *(sign_in(server, token) for _ in range(5)), return_exceptions=True
        )
        assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
        assert (await refused(server, token)).reason == "BAD_CREDENTIALS"
        async with operator(tmp_path / "data") as local:
            await local.remove_user("alice")
    async with running(**options) as server:
        assert "used before" in str(await refused(server, token))
        assert (await sign_in(server, issuer.sign("alice"))).number == 2
    assert check(store_of(tmp_path / "data")) == []


async def test_the_same_subject_at_two_issuers(issuer: LocalIssuer, tmp_path: Path) -> None:
    """These are two users, with two accounts."""
    data = str(tmp_path / "data")
    async with running(data=data, **issuer.options(tmp_path)) as server:
        assert (await sign_in(server, issuer.sign("alice"))).number == 1
    with local_issuer() as other:
        other.add_user("alice")
        async with running(data=data, **other.options(tmp_path)) as server:
            assert (await sign_in(server, other.sign("alice"))).name == "alice-2"
            assert (await refused(server, issuer.sign("alice"))).reason == "BAD_CREDENTIALS"


async def test_the_removal_of_an_account_ends_its_streams(
    server: Server, issuer: LocalIssuer, tmp_path: Path
) -> None:
    """The open streams end within a second; the next sign-in creates a new account."""
    first = await sign_in(server, issuer.sign("alice"))
    async with Recorder(server, token=first.token) as stream:
        async with operator(tmp_path / "data") as local:
            await local.remove_user("alice")
        assert await asyncio.wait_for(stream.end_reason(), 1.0 * UNIT) == "TOKEN_REVOKED"
    assert (await sign_in(server, issuer.sign("alice"))).number == 2


async def test_a_banned_user(server: Server, issuer: LocalIssuer, tmp_path: Path) -> None:
    """The streams end, and a sign-in at the issuer is refused."""
    first = await sign_in(server, issuer.sign("alice"))
    async with Recorder(server, token=first.token) as stream:
        async with operator(tmp_path / "data") as local:
            await local.ban(user="alice", reason="spam")
        assert await asyncio.wait_for(stream.end_reason(), 1.0 * UNIT) == "BANNED"
    assert (await refused(server, issuer.sign("alice"))).reason == "BANNED"
    assert (await sign_in(server, issuer.sign("bob"))).name == "bob"


async def test_a_user_deletes_the_account(server: Server, issuer: LocalIssuer) -> None:
    """No password is needed; the subject leaves the store, and the next sign-in is a new user."""

    async def known() -> tuple[int, int]:
        named = "SELECT count(*) FROM log WHERE instr(body, CAST('sub-alice' AS BLOB))"
        sql = f"SELECT count(*), ({named}) FROM issuer_accounts"
        [(subjects, entries)] = await on_store(server, sql)
        return int(subjects), int(entries)

    first = await sign_in(server, issuer.sign("alice"))
    assert await known() == (1, 1)
    async with calls_to(server, first.token) as calls:
        exported = [json.loads(line) async for line in calls.export_data()]
        told = {"record": "issuer", "issuer": issuer.url, "subject": "sub-alice"}
        assert told in exported
        await calls.delete_account()
    await eventually(lambda: not server.status().erasing_accounts)
    assert await known() == (0, 0)
    again = await sign_in(server, issuer.sign("alice"))
    assert (again.number, again.name) == (2, "alice")


async def test_the_options_of_admission(issuer: LocalIssuer, tmp_path: Path) -> None:
    """A claim makes admins at each sign-in, another one admits; `closed` creates no accounts."""
    options = issuer.options(tmp_path, data=str(tmp_path / "data"))
    more = {"oidc_admin_claim": "groups=ops", "oidc_require_claim": ("hd=example.org",)}
    async with running(**options, **more) as server:
        assert (await refused(server, issuer.sign("alice"))).reason == "NOT_ALLOWED"
        for groups in (["ops"], []):
            token = issuer.sign("alice", hd="example.org", groups=groups)
            async with calls_to(server, (await sign_in(server, token)).token) as calls:
                if groups:
                    assert [user.admin for user in await calls.users().all()] == [True]
                else:
                    with pytest.raises(Refused) as error:
                        await calls.users().all()
                    assert error.value.reason == "NOT_ALLOWED"
    async with running(**options, accounts="closed") as server:
        assert (await sign_in(server, issuer.sign("alice"))).number == 1
        for name in ("bob", None):
            token = issuer.sign("bob", preferred_username=name)
            assert (await refused(server, token)).reason == "NOT_ALLOWED"
        async with calls_to(server) as calls:
            told = await calls.sign_in_options()
    assert told.registration == account_pb2.REGISTRATION_MODE_CLOSED
    assert (told.issuer.issuer, told.issuer.client_id) == (issuer.url, CLIENT_ID)
    assert list(told.issuer.scopes) == ["openid", "profile"]
    assert told.guests


async def test_a_server_without_an_issuer() -> None:
    """It says so."""
    async with running() as server, calls_to(server) as calls:
        assert not (await calls.sign_in_options()).HasField("issuer")
        assert (await refused(server, "x.y.z")).reason == "NOT_ALLOWED"
        with pytest.raises(Refused) as error:
            await calls.start_device_sign_in()
        assert error.value.reason == "NOT_ALLOWED"


async def test_guesses_are_throttled(server: Server, issuer: LocalIssuer) -> None:
    """Wrong ID tokens count as failures of their address; good ones do not."""
    for _ in range(25):
        await sign_in(server, issuer.sign("alice"))
    reasons = [(await refused(server, "x.y.z")).reason for _ in range(25)]
    assert (reasons[0], reasons[-1]) == ("BAD_CREDENTIALS", "RATE_LIMITED")


async def test_a_server_starts_without_its_issuer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passwords work meanwhile; sign-ins at the issuer work as soon as it runs."""
    monkeypatch.setattr(provider, "PAUSE", 0.0)
    port = free_port()
    options = {"oidc_issuer": f"http://127.0.0.1:{port}", "oidc_client_id": CLIENT_ID}
    async with running(data=str(tmp_path), **options) as server:
        async with operator(tmp_path) as local:
            await local.create_user("root", PASSWORD)
        assert await token_of(server, "root")
        error = await refused(server, "eyJhbGciOiJSUzI1NiJ9.e30.x")
        assert (error.reason, bool(error.retry_after)) == ("ISSUER_UNAVAILABLE", True)
        with local_issuer(port) as issuer:
            assert (await sign_in(server, issuer.sign(sub="s", preferred_username="al"))).token


async def test_a_slow_issuer_delays_nobody_else(issuer: LocalIssuer, tmp_path: Path) -> None:
    """While callers wait for it, others chat; too many callers of one address are refused."""
    issuer.behave(slow=60.0)
    async with running(**issuer.options(tmp_path)) as server:
        waiting = [asyncio.create_task(sign_in(server, issuer.sign("alice"))) for _ in range(12)]
        await eventually(lambda: sum(task.done() for task in waiting) == 4)
        async with Recorder(server, name="bob") as bob:
            start = time.monotonic()
            for n in range(20):
                assert (await bob.sent(f"text {n}")).sequence
            assert time.monotonic() - start < 2.0 * UNIT
        assert sum(task.done() for task in waiting) == 4
        issuer.behave(slow=0.0)
        answers = await asyncio.gather(*waiting, return_exceptions=True)
    errors = [answer.reason for answer in answers if isinstance(answer, Refused)]
    assert errors == ["RATE_LIMITED"] * 4
    assert sum(isinstance(answer, account_pb2.SignInResponse) for answer in answers) == 8


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"oidc_issuer": "http://login.example", "oidc_client_id": "x"}, "https"),
        ({"oidc_issuer": "https://a:b@login.example", "oidc_client_id": "x"}, "no user"),
        ({"oidc_issuer": "https://login.example?x", "oidc_client_id": "x"}, "query"),
        ({"oidc_issuer": "login.example", "oidc_client_id": "x"}, "https"),
        ({"oidc_issuer": "https://login.example"}, "oidc-client-id"),
        ({"oidc_client_id": "x"}, "oidc-issuer"),
        ({"oidc_admin_claim": "groups"}, "NAME=VALUE"),
        ({"oidc_scope": ("profile",)}, "openid"),
        ({"oidc_client_secret_file": "/nowhere"}, "/nowhere cannot be read"),
    ],
)
def test_wrong_options_are_sentences(options: dict[str, Any], words: str) -> None:
    """Each names the value and the cure."""
    if not options.keys() & {"oidc_issuer", "oidc_client_id"}:
        options |= {"oidc_issuer": "https://login.example", "oidc_client_id": "x"}
    with pytest.raises(ConfigError, match=words):
        Config(**options)


def test_the_secret_is_not_shown(tmp_path: Path) -> None:
    """Neither the options nor the settings show it."""
    file = tmp_path / "secret"
    file.write_text("very secret\n")
    config = Config(
        oidc_issuer="https://login.example",
        oidc_client_id="x",
        oidc_client_secret_file=str(file),
    )
    assert config.issuer is not None
    assert config.issuer.client_secret == "very secret"
    assert "very secret" not in repr(config) + repr(config.issuer)


async def test_a_missing_extra_is_an_error_at_start(
    issuer: LocalIssuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the command that installs it."""
    monkeypatch.setitem(sys.modules, "chat_grpc.oidc.provider", None)
    with pytest.raises(ConfigError, match=r"pip install 'chat-grpc\[oidc\]'"):
        async with running(**issuer.options(tmp_path)):
            pytest.fail("the server started")
