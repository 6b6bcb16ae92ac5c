"""The OpenID Connect issuer, as the application sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class IssuerInfo:
    """The issuer, and the server as its client."""

    issuer: str
    client_id: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identified:
    """The user that a valid ID token identifies."""

    issuer: str
    subject: str
    name: str
    """The claim that has the name; empty if the ID token has none."""
    admin: bool | None
    """Whether the user is an admin; None if the issuer does not decide about it."""
    id_token: bytes = field(repr=False)
    """The SHA-256 of what the issuer signed."""
    expire_time: int
    """The time from which the ID token is refused as expired, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A device sign-in that began (RFC 8628, section 3.2). Times are in seconds."""

    device_code: str = field(repr=False)
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    lifetime: float
    interval: float


@dataclass(frozen=True, slots=True)
class NotYet:
    """The user has not entered the code."""

    slow_down: bool
    """True if the issuer wants longer intervals."""


class Issuer(Protocol):
    """The issuer. Belongs to the event loop.

    Each method raises `IssuerUnavailable` if the issuer does not answer within 5 seconds, or not as
    an issuer does.
    """

    @property
    def info(self) -> IssuerInfo:
        """The issuer's URL and the client id; known without the issuer."""

    async def verify(self, id_token: str, nonce: str = "") -> Identified:
        """Return the user of an ID token; an empty `nonce` is not compared.

        Raises `BadCredentials` if the token is not valid, `NotAllowed` if its user may not use the
        server.
        """

    async def authorization_url(
        self, redirect_uri: str, *, state: str, nonce: str, verifier: str
    ) -> str:
        """Return the address at the issuer at which a browser begins a sign-in."""

    async def check_response(self, issuer: str) -> None:
        """Raise `BadCredentials` if a redirect came from another issuer (RFC 9207)."""

    async def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> str:
        """Return the ID token of an authorization code. Raises `BadCredentials`."""

    async def start_device(self) -> DeviceCode:
        """Begin a device sign-in. Raises `WrongKindOfUser` if the issuer has none."""

    async def poll_device(self, device_code: str) -> str | NotYet:
        """Return the ID token of a device sign-in, once the user has entered the code.

        Raises `SignInDenied` or `SignInExpired`.
        """
