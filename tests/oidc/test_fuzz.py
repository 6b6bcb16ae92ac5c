"""Random tokens, claims, key sets and metadata: each is refused by an error of its own kind."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey
from joserfc.jws import serialize_compact

from chat_grpc.app.issuer_users import account_name
from chat_grpc.core.errors import BadCredentials, NameInvalid, NotAllowed
from chat_grpc.oidc.id_tokens import MAX_AGE, SKEW, Verifier, header_of
from chat_grpc.oidc.keys import ALGORITHMS, Keys
from chat_grpc.oidc.provider import parse_metadata
from chat_grpc.oidc.settings import IssuerSettings, WrongDocument

NOW = 1_800_000_000
ISSUER = "https://login.example"
SETTINGS = IssuerSettings(
    ISSUER, "chat", admin_claim=("a.b", "x"), required_claims=(("groups", "x"),)
)
KEY = ECKey.generate_key("P-256", auto_kid=True)
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "chat",
    "sub": "s",
    "iat": NOW,
    "exp": NOW + 60,
    "groups": ["x"],
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def documents(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return JSON objects in which some of these names have any value."""
    return st.dictionaries(st.sampled_from(names), JSON, max_size=4)


def signed(claims: dict[str, Any]) -> str:
    """Return a token with the right signature."""
    return serialize_compact({"alg": "ES256", "kid": KEY.kid}, json.dumps(claims), KEY)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_as_a_token(text: str) -> None:
    """A text that is no token is refused as a token that is not valid."""
    for token in (text, f"{text}.{text}.{text}"):
        try:
            assert isinstance(header_of(token), dict)
            Verifier(SETTINGS).verify(token, KEY, "ES256", NOW)
        except BadCredentials:
            continue
        raise AssertionError(token)


@given(documents("iss", "aud", "sub", "iat", "exp", "nbf", "azp", "nonce", "typ", "groups", "a"))
@settings(max_examples=200, deadline=None)
def test_any_claims_in_a_token(claims: dict[str, Any]) -> None:
    """Whatever the issuer signs, the token is refused, or its values are those of the rules."""
    try:
        user = Verifier(SETTINGS).verify(signed(GOOD | claims), KEY, "ES256", NOW)
    except (BadCredentials, NotAllowed):
        return
    assert user.issuer == ISSUER
    assert user.subject.isascii()
    assert 0 < len(user.subject) <= 255
    assert NOW - SKEW < user.expire_time <= NOW + SKEW + MAX_AGE + SKEW + 1


@given(documents("keys") | st.lists(JSON).map(lambda keys: {"keys": keys}))
def test_any_key_set(document: dict[str, Any]) -> None:
    """A key set is refused, or its keys are found or not."""
    try:
        keys = Keys(document)
    except WrongDocument:
        return
    assert all(keys.find("x", algorithm) is None for algorithm in ALGORITHMS)


@given(
    documents("kty", "n", "e", "crv", "x", "y", "use", "alg", "kid"),
    st.sampled_from(["RSA", "EC", "OKP", "oct"]),
)
def test_any_key(key: dict[str, Any], kind: str) -> None:
    """A key that cannot be used is left out of the set; the others are found."""
    keys = Keys({"keys": [key | {"kty": kind}, KEY.as_dict(private=False)]})
    assert keys.find(KEY.kid, "ES256") is not None


@given(
    documents(
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "device_authorization_endpoint",
        "id_token_signing_alg_values_supported",
        "token_endpoint_auth_methods_supported",
    )
)
def test_any_metadata(document: dict[str, Any]) -> None:
    """Metadata is refused, or its endpoints have TLS."""
    url = f"{ISSUER}/x"
    good = dict.fromkeys(("authorization_endpoint", "token_endpoint", "jwks_uri"), url)
    base = {"issuer": ISSUER, "id_token_signing_alg_values_supported": ["ES256"], **good}
    try:
        found = parse_metadata(base | document, SETTINGS)
    except WrongDocument:
        return
    assert found.token_endpoint.startswith("https://")


@given(st.text())
def test_any_name(claim: str) -> None:
    """A name of the issuer becomes the name of an account, or is refused."""
    try:
        name, key = account_name(claim)
    except NameInvalid:
        return
    assert 0 < len(name) <= 32
    assert key
