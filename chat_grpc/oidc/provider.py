"""The OpenID Connect issuer: its metadata, its keys, and the requests to it."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from authlib.integrations.base_client import OAuthError

from chat_grpc.app.issuer import DeviceCode, Identified, IssuerInfo, NotYet
from chat_grpc.core.errors import (
    BadCredentials,
    IssuerUnavailable,
    SignInDenied,
    SignInExpired,
    WrongKindOfUser,
)
from chat_grpc.oidc.cached import Cached
from chat_grpc.oidc.id_tokens import Verifier, header_of, invalid
from chat_grpc.oidc.keys import ALGORITHMS, Keys
from chat_grpc.oidc.requests import Requests
from chat_grpc.oidc.settings import IssuerSettings, WrongDocument, check_url, is_plain

_LOG = logging.getLogger("chat_grpc.oidc")

LIFETIME = 600.0
"""Seconds after which the metadata and the keys are fetched again: a key that the issuer withdraws
is accepted for at most this long."""

PAUSE = 10.0
"""Minimum seconds between two fetches because of an unknown key, or after a failure."""

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_AUTHENTICATION = ("client_secret_basic", "client_secret_post")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata of the issuer (OpenID Connect Discovery 1.0, section 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    device_authorization_endpoint: str
    """Empty if the issuer has no device sign-in."""
    algorithms: frozenset[str]
    authentication: str
    """The way in which the client authenticates at the token endpoint."""
    names_itself: bool
    """Whether a redirect has the parameter `iss` (RFC 9207)."""


def parse_metadata(found: dict[str, Any], settings: IssuerSettings) -> Metadata:
    """Return the metadata of a document. Raises `WrongDocument`."""
    if found.get("issuer") != settings.issuer:
        raise WrongDocument(f"the metadata is that of {str(found.get('issuer'))[:200]!r}")
    usable = ALGORITHMS & _texts(found, "id_token_signing_alg_values_supported")
    if not usable:
        raise WrongDocument("the issuer has no algorithm that is accepted")
    authentication = "none"
    if settings.client_secret:
        name = "token_endpoint_auth_methods_supported"
        # The default of RFC 8414, section 2.
        offered = _texts(found, name) if name in found else _AUTHENTICATION[:1]
        usable_ways = [way for way in _AUTHENTICATION if way in offered]
        if not usable_ways:
            raise WrongDocument(f"the issuer takes the secret by none of {_AUTHENTICATION}")
        authentication = usable_ways[0]

    def endpoint(name: str, *, required: bool = True) -> str:
        url = found.get(name)
        if url is None and not required:
            return ""
        if not isinstance(url, str):
            raise WrongDocument(f"the metadata has no {name}")
        return _checked(url, settings)

    return Metadata(
        endpoint("authorization_endpoint"),
        endpoint("token_endpoint"),
        endpoint("jwks_uri"),
        endpoint("device_authorization_endpoint", required=False),
        usable,
        authentication,
        found.get("authorization_response_iss_parameter_supported") is True,
    )


def _texts(found: dict[str, Any], name: str) -> frozenset[str]:
    """Return the texts in a list of a document; empty if it is no list."""
    values = found.get(name)
    if not isinstance(values, list):
        return frozenset()
    return frozenset(value for value in values if isinstance(value, str))


class Provider:
    """The issuer; see `chat_grpc.app.issuer.Issuer`. Belongs to the event loop."""

    def __init__(
        self,
        settings: IssuerSettings,
        tls: ssl.SSLContext,
        seconds: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        """See `open_provider`."""
        self._settings = settings
        self._seconds = seconds
        self._requests = Requests(settings, tls)
        self._verifier = Verifier(settings)
        self._metadata = Cached(self._fetch_metadata, monotonic, lifetime=LIFETIME, pause=PAUSE)
        self._keys = Cached(self._fetch_keys, monotonic, lifetime=LIFETIME, pause=PAUSE)

    @property
    def info(self) -> IssuerInfo:
        """The issuer's URL and the client id."""
        return IssuerInfo(self._settings.issuer, self._settings.client_id, self._settings.scopes)

    async def close(self) -> None:
        """Close the connections to the issuer."""
        await self._keys.close()
        await self._metadata.close()
        await self._requests.close()

    # ------------------------------------------------------------- metadata and keys

    async def reach(self) -> None:
        """Fetch the metadata and the keys, so that the log tells at start whether that works."""
        with suppress(IssuerUnavailable):  # which is in the log
            await self._keys.get()
            _LOG.info("users of %s may sign in", self._settings.issuer)

    async def _fetch_metadata(self) -> Metadata:
        url = f"{self._settings.issuer.removesuffix('/')}/.well-known/openid-configuration"
        found = await self._requests.document(url)
        try:
            return parse_metadata(found, self._settings)
        except WrongDocument as error:
            raise self._requests.unavailable(url, str(error)) from None

    async def _fetch_keys(self) -> Keys:
        url = (await self._metadata.get()).jwks_uri
        found = await self._requests.document(url)
        try:
            return await asyncio.to_thread(Keys, found)
        except WrongDocument as error:
            raise self._requests.unavailable(url, str(error)) from None

    # ------------------------------------------------------------- ID tokens

    async def verify(self, id_token: str, nonce: str = "") -> Identified:
        """Return the user of an ID token."""
        header = header_of(id_token)
        algorithm, key_id = header.get("alg"), header.get("kid")
        accepted = (await self._metadata.get()).algorithms
        if not isinstance(algorithm, str) or algorithm not in accepted:
            raise invalid("it has an algorithm that is not accepted")
        if key_id is not None and not isinstance(key_id, str):
            raise invalid("its key id is no text")
        key = (await self._keys.get()).find(key_id, algorithm)
        if key is None and (newer := await self._keys.newer()) is not None:
            key = newer.find(key_id, algorithm)
        if key is None:
            raise invalid("the issuer has no such key")
        return self._verifier.verify(id_token, key, algorithm, int(self._seconds()), nonce)

    # ------------------------------------------------------------- the code flow

    async def authorization_url(
        self, redirect_uri: str, *, state: str, nonce: str, verifier: str
    ) -> str:
        """Return the address at the issuer at which a browser begins a sign-in."""
        endpoint = (await self._metadata.get()).authorization_endpoint
        return self._requests.authorization_url(
            endpoint, redirect_uri=redirect_uri, state=state, nonce=nonce, code_verifier=verifier
        )

    async def check_response(self, issuer: str) -> None:
        """Raise `BadCredentials` if a redirect came from another issuer."""
        named = (await self._metadata.get()).names_itself
        if issuer != self._settings.issuer and (issuer or named):
            raise BadCredentials("The redirect came from another issuer.")

    async def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> str:
        """Return the ID token of an authorization code."""
        try:
            return await self._id_token(
                "authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier
            )
        except OAuthError as error:
            if error.error == "invalid_grant":
                raise BadCredentials("The issuer refused the code; sign in again.") from None
            self._misconfigured(error)

    # ------------------------------------------------------------- the device flow

    async def start_device(self) -> DeviceCode:
        """Begin a device sign-in."""
        metadata = await self._metadata.get()
        url = metadata.device_authorization_endpoint
        if not url:
            raise WrongKindOfUser("The issuer has no sign-in for programs without a browser.")
        try:
            fields = {"scope": " ".join(self._settings.scopes)}
            if metadata.authentication == "client_secret_basic":
                # Google wants it in the form, too.
                fields["client_id"] = self._settings.client_id
            found = await self._requests.post(url, metadata.authentication, fields)
        except OAuthError as error:
            self._misconfigured(error)
        try:
            return _device_code(found, self._settings)
        except WrongDocument as error:
            raise self._requests.unavailable(url, str(error)) from None

    async def poll_device(self, device_code: str) -> str | NotYet:
        """Return the ID token of a device sign-in, once the user has entered the code."""
        try:
            return await self._id_token(_DEVICE_GRANT, device_code=device_code)
        except OAuthError as error:
            match error.error:
                case "authorization_pending" | "slow_down":
                    return NotYet(slow_down=error.error == "slow_down")
                case "access_denied":
                    raise SignInDenied("The sign-in was refused at the issuer.") from None
                case "expired_token" | "invalid_grant":
                    raise SignInExpired("The code has expired; begin again.") from None
            self._misconfigured(error)

    async def _id_token(self, grant: str, **fields: str) -> str:
        """Ask the token endpoint for an ID token. Raises `OAuthError`."""
        metadata = await self._metadata.get()
        url = metadata.token_endpoint
        found = await self._requests.token(url, metadata.authentication, grant, **fields)
        id_token = found.get("id_token")
        if not isinstance(id_token, str):
            raise self._requests.unavailable(url, "the response has no ID token")
        return id_token

    def _misconfigured(self, error: OAuthError) -> NoReturn:
        """Report an error that only the operator can cure, for example `invalid_client`."""
        cause = f"{error.error}: {error.description}" if error.description else error.error
        raise self._requests.unavailable(self._settings.issuer, str(cause)) from None


async def open_provider(
    settings: IssuerSettings, *, seconds: Callable[[], float], monotonic: Callable[[], float]
) -> Provider:
    """Return the client of an issuer; `seconds` returns seconds since 1970.

    It trusts the authorities of the system, or those of `SSL_CERT_FILE`.
    """
    # Reading the authorities takes up to 0.3 seconds.
    tls = await asyncio.to_thread(ssl.create_default_context)
    return Provider(settings, tls, seconds, monotonic)


def _device_code(found: dict[str, Any], settings: IssuerSettings) -> DeviceCode:
    """Return the answer of the device authorization endpoint. Raises `WrongDocument`."""

    def text(name: str, default: str | None = None) -> str:
        value = found.get(name, default)
        if not isinstance(value, str) or len(value) > 2000:
            raise WrongDocument(f"the response has no {name}")
        return value

    def seconds(name: str, default: float, lowest: float, highest: float) -> float:
        value = found.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WrongDocument(f"{name} is no number")
        return float(min(max(value, lowest), highest))

    # Google has another name for it.
    uri = _checked(text("verification_uri", found.get("verification_url")), settings)
    complete = text("verification_uri_complete", "")
    return DeviceCode(
        text("device_code"),
        text("user_code"),
        uri,
        _checked(complete, settings) if complete else "",
        seconds("expires_in", 600, 30, 1800),
        seconds("interval", 5, 1, 60),
    )


def _checked(url: str, settings: IssuerSettings) -> str:
    """Return a URL of the issuer. Raises `WrongDocument` if it may not be used."""
    try:
        return check_url(url, loopback=is_plain(settings.issuer))
    except ValueError as error:
        raise WrongDocument(str(error)) from None
