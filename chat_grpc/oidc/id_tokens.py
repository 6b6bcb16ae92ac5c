"""The checks of an ID token (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from chat_grpc.app.issuer import Identified
from chat_grpc.core.errors import BadCredentials, NotAllowed
from chat_grpc.oidc.settings import IssuerSettings, Requirement

MAX_LENGTH = 16_384
"""Maximum length of an ID token, in bytes."""

SKEW = 60
"""Seconds by which the clocks of the issuer and the server may differ."""

MAX_AGE = 3600
"""Seconds after its issue for which an ID token signs in, whatever its expiry."""

_MAX_SUBJECT = 255
"""Maximum length of a subject (section 2)."""


def invalid(cause: str) -> BadCredentials:
    """Return the error for an ID token; `cause` follows a colon."""
    return BadCredentials(f"The ID token is not valid: {cause}.")


def header_of(id_token: str) -> dict[str, Any]:
    """Return the header of an ID token, which is not verified yet. Raises `BadCredentials`."""
    if len(id_token) > MAX_LENGTH:
        raise invalid(f"it has more than {MAX_LENGTH} bytes")
    part, *others = id_token.split(".")
    if not id_token.isascii() or len(others) != 2:
        raise invalid("it is no compact JWS")
    try:
        header = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise invalid("its header is no JSON") from None
    if not isinstance(header, dict):
        raise invalid("its header is no JSON object")
    # Others are signed by the same keys: access tokens (RFC 9068), logout tokens.
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise invalid("it is a token of another type")
    return header


class Verifier:
    """Verifies ID tokens for one server."""

    def __init__(self, settings: IssuerSettings) -> None:
        self._settings = settings
        self._audiences = frozenset(settings.audiences or (settings.client_id,))
        self._parties = self._audiences | {settings.client_id}

    def verify(
        self, id_token: str, key: Key, algorithm: str, now: int, nonce: str = ""
    ) -> Identified:
        """Return the user of an ID token; an empty `nonce` is not compared.

        `now` is in seconds since 1970. Raises `BadCredentials` or `NotAllowed`.
        """
        claims = self._claims(id_token, key, algorithm, now)
        self._check_audience(claims)
        self._check_kind(claims)
        if nonce and claims.get("nonce") != nonce:
            raise invalid("the nonce is another one")
        if not all(has(claims, each) for each in self._settings.required_claims):
            raise NotAllowed("The issuer does not admit you to this server; ask an admin.")
        admin = self._settings.admin_claim
        name = claims.get(self._settings.name_claim)
        return Identified(
            claims["iss"],
            claims["sub"],
            name if isinstance(name, str) else "",
            has(claims, admin) if admin is not None else None,
            # Without the signature: some algorithms have several for the same text.
            hashlib.sha256(id_token.rpartition(".")[0].encode()).digest(),
            int(min(claims["exp"], claims["iat"] + MAX_AGE)) + SKEW + 1,
        )

    def _claims(self, id_token: str, key: Key, algorithm: str, now: int) -> dict[str, Any]:
        """Check the signature, the issuer and the times."""
        # Unknown header parameters must be ignored, but not if they are in `crit` (RFC 7515).
        registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        rules = jwt.JWTClaimsRegistry(
            now=now,
            leeway=SKEW,
            iss={"essential": True, "value": self._settings.issuer},
            sub={"essential": True},
            aud={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            claims = jwt.decode(id_token, key, [algorithm], registry).claims
            rules.validate(claims)
        except (JoseError, ValueError, RecursionError) as error:
            text = str(error).rstrip(".")
            # It may quote the token.
            raise invalid(text if text.isprintable() and text else type(error).__name__) from None
        if claims["iat"] + MAX_AGE + SKEW < now:
            raise invalid(f"it was issued more than {MAX_AGE} seconds ago")
        subject = claims["sub"]
        if len(subject) > _MAX_SUBJECT or not (subject.isascii() and subject.isprintable()):
            raise invalid(f"the subject is not one of at most {_MAX_SUBJECT} ASCII characters")
        return claims

    def _check_audience(self, claims: dict[str, Any]) -> None:
        """Refuse a token that is for others, too: they could use it here."""
        found = claims["aud"]
        audiences = {found} if isinstance(found, str) else set(found)
        if not audiences or not audiences <= self._audiences:
            raise invalid("it is for another audience")
        party = claims.get("azp", self._settings.client_id)
        if not isinstance(party, str) or party not in self._parties:
            raise invalid("it was issued to another party")

    def _check_kind(self, claims: dict[str, Any]) -> None:
        """Refuse tokens that are no ID tokens, but have the same form."""
        # Back-channel logout tokens have `events`; Keycloak's access tokens `typ: Bearer`.
        if "events" in claims or claims.get("typ", "ID") != "ID":
            raise invalid("it is a token of another type")


def has(claims: dict[str, Any], wanted: Requirement) -> bool:
    """Return whether a claim has a value, or is a list with it.

    A name with dots is also the way to a nested claim: `realm_access.roles`.
    """
    name, value = wanted
    found = claims.get(name)
    if found is None:
        found = _nested(claims, name.split("."))
    values = found if isinstance(found, list) else [found]
    return any(_text(each) == value for each in values)


def _nested(claims: Any, names: Iterable[str]) -> Any:
    for name in names:
        claims = claims.get(name) if isinstance(claims, dict) else None
    return claims


def _text(value: Any) -> str | None:
    """Return a value of JSON as the option writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None
