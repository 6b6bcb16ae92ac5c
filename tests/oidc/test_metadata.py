"""The metadata of an issuer: which endpoints, algorithms and ways to authenticate are accepted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chat_grpc.oidc.provider import parse_metadata
from chat_grpc.oidc.settings import IssuerSettings, WrongDocument

ISSUER = "https://login.example"
PUBLIC = IssuerSettings(ISSUER, "chat")
SECRET = replace(PUBLIC, client_secret="secret")
DOCUMENT: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
    "token_endpoint": "https://tokens.example/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "id_token_signing_alg_values_supported": ["RS256", "HS256"],
}


def test_the_way_to_authenticate() -> None:
    """Basic if the issuer has it, which is the default; a public client has no secret to send."""
    assert parse_metadata(DOCUMENT, PUBLIC).authentication == "none"
    assert parse_metadata(DOCUMENT, SECRET).authentication == "client_secret_basic"
    for offered, found in (
        (["client_secret_post", "client_secret_basic"], "client_secret_basic"),
        (["private_key_jwt", "client_secret_post"], "client_secret_post"),
    ):
        document = DOCUMENT | {"token_endpoint_auth_methods_supported": offered}
        assert parse_metadata(document, SECRET).authentication == found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"issuer": f"{ISSUER}/"}, "that of"),
        ({"issuer": None}, "that of"),
        ({"token_endpoint": "http://tokens.example/token"}, "https"),
        ({"token_endpoint": "http://127.0.0.1/token"}, "https"),
        ({"jwks_uri": "file:///etc/passwd"}, "https"),
        ({"jwks_uri": None}, "no jwks_uri"),
        ({"authorization_endpoint": ["https://login.example"]}, "no authorization_endpoint"),
        ({"device_authorization_endpoint": "//login.example"}, "https"),
        ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, "algorithm"),
        ({"id_token_signing_alg_values_supported": None}, "algorithm"),
        ({"id_token_signing_alg_values_supported": [["RS256"]]}, "algorithm"),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, "by none of"),
        ({"token_endpoint_auth_methods_supported": 7}, "by none of"),
    ],
)
def test_metadata_that_is_refused(change: dict[str, Any], words: str) -> None:
    """Another issuer, an endpoint without TLS, HMAC alone, no way to send the secret."""
    with pytest.raises(WrongDocument, match=words):
        parse_metadata(DOCUMENT | change, SECRET)


def test_the_algorithms_are_those_of_both() -> None:
    """HMAC is never accepted, whatever the issuer offers."""
    assert parse_metadata(DOCUMENT, PUBLIC).algorithms == {"RS256"}
