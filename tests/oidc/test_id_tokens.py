"""ID tokens that must be refused, and the keys that rotate, at a real issuer."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from certificates import Certificates
from fake_time import FakeTime
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry, serialize_compact
from oidc.local_issuer import CLIENT_ID, LocalIssuer, local_issuer
from support import UNIT, free_port

from chat_grpc.core.errors import BadCredentials, IssuerUnavailable, NotAllowed
from chat_grpc.oidc import requests
from chat_grpc.oidc.id_tokens import MAX_LENGTH
from chat_grpc.oidc.provider import LIFETIME, PAUSE, Provider, open_provider
from chat_grpc.oidc.settings import IssuerSettings

KEYS, METADATA = "/jwks", "/.well-known/openid-configuration"


@pytest.fixture
def now() -> FakeTime:
    """The monotonic clock of the provider; its wall clock is that of the machine."""
    return FakeTime()


@asynccontextmanager
async def client_of(settings: IssuerSettings, clock: FakeTime) -> AsyncIterator[Provider]:
    """Open a client of the issuer."""
    made = await open_provider(settings, seconds=time.time, monotonic=clock.monotonic)
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def provider(issuer: LocalIssuer, now: FakeTime) -> AsyncIterator[Provider]:
    """A client of the issuer."""
    async with client_of(issuer.settings(), now) as made:
        yield made


async def refusal(provider: Provider, id_token: str, nonce: str = "") -> str:
    """Return the text with which an ID token is refused."""
    with pytest.raises(BadCredentials) as error:
        await provider.verify(id_token, nonce)
    return error.value.message


def encoded(value: bytes | dict[str, Any]) -> str:
    """Return a part of a token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def test_a_good_token_identifies_its_user(provider: Provider, issuer: LocalIssuer) -> None:
    """Issuer and subject, the name, and the time until which a second use must be refused."""
    user = await provider.verify(issuer.sign("alice"))
    assert (user.issuer, user.subject, user.name) == (issuer.url, "sub-alice", "alice")
    assert user.admin is None
    assert time.time() + 300 < user.expire_time < time.time() + 370


LATER, BEFORE = int(time.time()) + 86_400, int(time.time()) - 86_400


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another client"}, "another audience"),
        ({"aud": [CLIENT_ID, "another client"]}, "another audience"),
        ({"aud": []}, "aud"),
        ({"aud": None}, "aud"),
        ({"azp": "another client"}, "another party"),
        ({"exp": BEFORE}, "expired"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"iat": LATER}, "future"),
        ({"iat": None}, "iat"),
        ({"iat": BEFORE, "exp": LATER}, "3600 seconds ago"),
        ({"nbf": LATER}, "not yet valid"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "x" * 256}, "255 ASCII characters"),
        ({"sub": "\ud800"}, "255 ASCII characters"),
        ({"sub": "a\0b"}, "255 ASCII characters"),
        ({"nonce": "of another sign-in"}, "nonce"),
        ({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}, "another type"),
        ({"typ": "Bearer"}, "another type"),
    ],
)
async def test_a_wrong_claim_is_refused(
    provider: Provider, issuer: LocalIssuer, claims: dict[str, Any], words: str
) -> None:
    """Each rule of OpenID Connect Core, section 3.1.3.7, by itself: the signature is right."""
    token = issuer.sign("alice", **{"nonce": "mine"} | claims)
    assert words in await refusal(provider, token, "mine")


async def test_clocks_may_differ_by_a_minute(provider: Provider, issuer: LocalIssuer) -> None:
    """A token of 50 seconds too early or too late is accepted, one of 70 seconds is not."""
    at = int(time.time())
    for near, far in (("exp", -1), ("iat", 1), ("nbf", 1)):
        await provider.verify(issuer.sign("alice", **{near: at + far * 50}))
        await refusal(provider, issuer.sign("alice", **{near: at + far * 70}))


async def test_a_missing_nonce_is_refused(provider: Provider, issuer: LocalIssuer) -> None:
    """A sign-in with a nonce does not take a token without one."""
    assert "nonce" in await refusal(provider, issuer.sign("alice"), "None")


def unsigned(issuer: LocalIssuer) -> str:
    """Return a token with the algorithm `none`."""
    _, claims, _ = issuer.sign("alice").split(".")
    return f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{claims}."


def by_public_key(issuer: LocalIssuer) -> str:
    """Return a token with an HMAC, whose key is the issuer's public key."""
    with urllib.request.urlopen(f"{issuer.url}{KEYS}", timeout=10) as response:
        [key] = json.load(response)["keys"]
    _, claims, _ = issuer.sign("alice").split(".")
    text = f"{encoded({'alg': 'HS256', 'kid': key['kid']})}.{claims}"
    pem = RSAKey.import_key(key).as_pem(private=False)
    return f"{text}.{encoded(hmac.digest(pem, text.encode(), 'sha256'))}"


def changed_claims(issuer: LocalIssuer) -> str:
    """Return a token with the signature of another one."""
    head, _, signature = issuer.sign("alice").split(".")
    _, claims, _ = issuer.sign("bob").split(".")
    return f"{head}.{claims}.{signature}"


def own_key(issuer: LocalIssuer) -> str:
    """Return a token with a key that its own header has."""
    head, claims, _ = issuer.sign("alice").split(".")
    key = RSAKey.generate_key(2048)
    told = json.loads(base64.urlsafe_b64decode(head + "=="))
    registry = JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    return serialize_compact(
        told | {"jwk": key.as_dict(private=False)},
        base64.urlsafe_b64decode(claims + "=="),
        key,
        registry=registry,
    )


FORGERIES: dict[str, Callable[[LocalIssuer], str]] = {
    "none": unsigned,
    "HMAC with the public key": by_public_key,
    "claims of another token": changed_claims,
    "a key of its own": own_key,
    "a cut signature": lambda issuer: issuer.sign("alice")[:-8],
    "no signature": lambda issuer: issuer.sign("alice").rpartition(".")[0] + ".",
    "another type": lambda issuer: issuer.sign("alice", {"typ": "at+jwt"}),
    "another key id": lambda issuer: issuer.sign("alice", {"kid": "another"}),
    "another algorithm": lambda issuer: issuer.sign("alice", {"alg": "RS512"}),
    "no text": lambda _: "x",
    "no header": lambda _: "..",
    "a header of another kind": lambda _: f"{encoded(b'[]')}.{encoded({})}.x",
    "a deep header": lambda _: f"{encoded(b'[' * 9000)}.x.x",
    "not ASCII": lambda issuer: issuer.sign("alice") + "ä",
    "too long": lambda _: "x" * (MAX_LENGTH + 1),
    "no algorithm": lambda _: f"{encoded({'kid': 'x'})}.{encoded({})}.x",
    "an algorithm of another kind": lambda _: f"{encoded({'alg': ['RS256']})}.{encoded({})}.x",
    "a key id of another kind": lambda _: f"{encoded({'alg': 'RS256', 'kid': 1})}.{encoded({})}.x",
    "a critical header": lambda issuer: _critical(issuer),
}


def _critical(issuer: LocalIssuer) -> str:
    head, claims, signature = issuer.sign("alice").split(".")
    told = json.loads(base64.urlsafe_b64decode(head + "=="))
    name = "\x1b[2J"  # clears a terminal
    return f"{encoded(told | {'crit': [name], name: 1})}.{claims}.{signature}"


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_token_is_refused(
    provider: Provider, issuer: LocalIssuer, forgery: str
) -> None:
    """A token is accepted only with a signature by a key that the issuer publishes."""
    text = await refusal(provider, FORGERIES[forgery](issuer))
    assert text.startswith("The ID token is not valid: ")
    assert text.isprintable()


# ------------------------------------------------------------------ keys


async def test_a_new_key_is_fetched(provider: Provider, issuer: LocalIssuer, now: FakeTime) -> None:
    """A token with a key that is not known yet makes the server fetch the keys; old ones stay."""
    old = issuer.sign("alice")
    await provider.verify(issuer.sign("alice"))
    issuer.rotate()
    now.run(PAUSE + 1)
    await provider.verify(issuer.sign("alice"))
    issuer.rotate(kind="EC")
    now.run(PAUSE + 1)
    await provider.verify(issuer.sign("alice"))
    await provider.verify(old)
    assert issuer.calls(KEYS) == 3


async def test_a_withdrawn_key_is_accepted_for_ten_minutes(
    provider: Provider, issuer: LocalIssuer, now: FakeTime
) -> None:
    """The keys are fetched again at intervals, also if every key is known."""
    old = issuer.sign("alice")
    await provider.verify(old)
    issuer.rotate(keep=False)
    now.run(LIFETIME - 1)
    await provider.verify(old)
    now.run(2)
    assert "no such key" in await refusal(provider, old)


async def test_unknown_keys_do_not_flood_the_issuer(
    provider: Provider, issuer: LocalIssuer, now: FakeTime
) -> None:
    """Any number of tokens with unknown keys causes one fetch each 10 seconds."""
    forged = issuer.sign("alice", {"kid": "unknown"})
    for _ in range(20):
        await refusal(provider, forged)
    assert issuer.calls(KEYS) == 1
    now.run(PAUSE + 1)
    await asyncio.gather(*(refusal(provider, forged) for _ in range(20)))
    assert (issuer.calls(KEYS), issuer.calls(METADATA)) == (2, 1)


async def test_a_token_without_a_key_id(
    provider: Provider, issuer: LocalIssuer, now: FakeTime
) -> None:
    """It is checked with the only key of its kind; with two keys it is refused."""
    bare = issuer.sign("alice", {"kid": None})
    assert json.loads(base64.urlsafe_b64decode(bare.split(".")[0] + "==")).get("kid") is None
    await provider.verify(bare)
    issuer.rotate()
    now.run(PAUSE + LIFETIME)
    assert "no such key" in await refusal(provider, issuer.sign("alice", {"kid": None}))


# ------------------------------------------------------------------ an issuer in trouble


async def unavailable(provider: Provider, id_token: str) -> IssuerUnavailable:
    """Return the error of a sign-in while the issuer cannot be used."""
    with pytest.raises(IssuerUnavailable) as error:
        await provider.verify(id_token)
    assert error.value.retry_after
    return error.value


@pytest.mark.parametrize("path", [METADATA, KEYS])
@pytest.mark.parametrize("how", ["500", "huge", "garbage", "gzip", "redirect"])
async def test_a_broken_issuer(
    provider: Provider, issuer: LocalIssuer, now: FakeTime, path: str, how: str
) -> None:
    """It is reported, asked again after 10 seconds, and a redirect is not followed."""
    token = issuer.sign("alice")
    issuer.behave(broken={path: how})
    for _ in range(3):
        await unavailable(provider, token)
    assert issuer.calls(path) == 1
    assert issuer.calls("/elsewhere") == 0
    issuer.behave(broken={})
    now.run(PAUSE + 1)
    await provider.verify(token)


async def test_the_metadata_of_another_issuer(provider: Provider, issuer: LocalIssuer) -> None:
    """Metadata that names another issuer is refused."""
    issuer.behave(broken={"metadata": "issuer"})
    await unavailable(provider, issuer.sign("alice"))


async def test_a_slow_issuer(
    provider: Provider, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All callers that wait share one request, which has a time limit."""
    token = issuer.sign("alice")
    monkeypatch.setattr(requests, "WITHIN", 0.3 * UNIT)
    issuer.behave(slow=60.0)
    start = time.monotonic()
    await asyncio.gather(*(unavailable(provider, token) for _ in range(20)))
    assert time.monotonic() - start < 3 * UNIT
    assert issuer.calls(METADATA) == 1
    issuer.behave(slow=0.0)


async def test_a_caller_that_leaves_does_not_end_the_fetch(
    provider: Provider, issuer: LocalIssuer
) -> None:
    """Others that wait for the same answer get it."""
    token = issuer.sign("alice")
    issuer.behave(slow=0.3)
    leaving, staying = (asyncio.create_task(provider.verify(token)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).subject == "sub-alice"
    assert issuer.calls(METADATA) == 1


async def test_an_issuer_that_is_down(now: FakeTime) -> None:
    """It is unavailable; once it runs, sign-ins work. Expired keys are never used."""
    port = free_port()
    settings = IssuerSettings(f"http://127.0.0.1:{port}", CLIENT_ID, "x")
    async with client_of(settings, now) as provider:
        await unavailable(provider, f"{encoded({'alg': 'RS256'})}.x.x")
        with local_issuer(port) as issuer:
            now.run(PAUSE + 1)
            token = issuer.sign("alice", sub="s")
            await provider.verify(token)
        now.run(LIFETIME)
        await unavailable(provider, token)


async def test_an_issuer_with_tls(
    certificates: Certificates, tmp_path: Path, now: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its certificate must be of a known authority, and for its name."""
    authority = tmp_path / "authority.pem"
    authority.write_bytes(certificates.authority)
    with local_issuer(certificates=certificates) as issuer:
        token = issuer.sign("alice", sub="s")
        async with client_of(issuer.settings(), now) as provider:
            await unavailable(provider, token)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        async with client_of(issuer.settings(), now) as provider:
            assert (await provider.verify(token)).issuer.startswith("https://")
        by_number = issuer.url.replace("localhost", "127.0.0.2")
        async with client_of(IssuerSettings(by_number, CLIENT_ID), now) as provider:
            await unavailable(provider, token)


# ------------------------------------------------------------------ the settings


async def test_further_audiences(issuer: LocalIssuer, now: FakeTime) -> None:
    """Each configured audience is accepted, alone or together, and only these."""
    settings = issuer.settings(audiences=("app", "chat"))
    async with client_of(settings, now) as provider:
        await provider.verify(issuer.sign("alice", aud="app", azp="app"))
        await provider.verify(issuer.sign("alice", aud=["app", "chat"]))
        await refusal(provider, issuer.sign("alice", aud=["app", "other"]))


@pytest.mark.parametrize(
    ("wanted", "claims", "admin"),
    [
        (("admin", "true"), {"admin": True}, True),
        (("admin", "true"), {"admin": False}, False),
        (("admin", "true"), {}, False),
        (("groups", "ops"), {"groups": ["dev", "ops"]}, True),
        (("groups", "ops"), {"groups": "ops2"}, False),
        (("realm_access.roles", "ops"), {"realm_access": {"roles": ["ops"]}}, True),
        (("realm_access.roles", "ops"), {"realm_access": ["roles"]}, False),
        (("https://x.example/role", "ops"), {"https://x.example/role": "ops"}, True),
        (("level", "3"), {"level": 3}, True),
    ],
)
async def test_a_claim_makes_an_admin(
    issuer: LocalIssuer,
    now: FakeTime,
    wanted: tuple[str, str],
    claims: dict[str, Any],
    admin: bool,
) -> None:
    """A text, a number, a boolean, an element of a list, or a nested claim."""
    async with client_of(issuer.settings(admin_claim=wanted), now) as provider:
        assert (await provider.verify(issuer.sign("alice", **claims))).admin is admin
    async with client_of(issuer.settings(required_claims=(wanted,)), now) as provider:
        if admin:
            await provider.verify(issuer.sign("alice", **claims))
        else:
            with pytest.raises(NotAllowed):
                await provider.verify(issuer.sign("alice", **claims))


ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of the curve P-256."""


async def test_two_signatures_of_one_token(provider: Provider, issuer: LocalIssuer) -> None:
    """A second signature, which anyone can make of an ECDSA signature, is no second token."""
    issuer.rotate(kind="EC")
    token = issuer.sign("alice")
    text, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    other = (ORDER - int.from_bytes(raw[32:])).to_bytes(32)
    twin = f"{text}.{encoded(raw[:32] + other)}"
    assert twin != token
    assert (await provider.verify(twin)).id_token == (await provider.verify(token)).id_token
