"""The settings of the OpenID Connect issuer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit


class WrongDocument(ValueError):
    """A document of the issuer breaks a rule; the text says which."""


Requirement = tuple[str, str]
"""The name of a claim, and the value that it must have."""


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """The issuer of a server, and the server as its client. Raises `ValueError`."""

    issuer: str
    """The URL, as the issuer's metadata and tokens have it."""
    client_id: str
    client_secret: str = field(default="", repr=False)
    """Empty for a public client."""
    audiences: tuple[str, ...] = ()
    """The audiences of ID tokens that are accepted; by default the client id."""
    scopes: tuple[str, ...] = ("openid", "profile")
    name_claim: str = "preferred_username"
    admin_claim: Requirement | None = None
    """Users with it are admins, those without it are none; None leaves the role alone."""
    required_claims: tuple[Requirement, ...] = ()
    """Only users with all of them are admitted."""

    def __post_init__(self) -> None:
        check_url(self.issuer)
        if "?" in self.issuer:
            raise ValueError(f"{self.issuer!r} may have no query")
        if not self.client_id:
            raise ValueError("the issuer needs oidc-client-id")
        if "openid" not in self.scopes:
            raise ValueError("oidc-scope must include openid")

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self | None:
        """Return the settings of the options `oidc_…`; None without an issuer.

        Reads the file of the secret. Raises `ValueError`.
        """
        if not options["oidc_issuer"]:
            if options["oidc_client_id"]:
                raise ValueError("oidc-client-id needs oidc-issuer")
            return None
        file, admin = options["oidc_client_secret_file"], options["oidc_admin_claim"]
        return cls(
            options["oidc_issuer"],
            options["oidc_client_id"],
            read_secret(Path(file)) if file else "",
            options["oidc_audience"],
            options["oidc_scope"],
            options["oidc_name_claim"],
            requirement(admin) if admin else None,
            tuple(map(requirement, options["oidc_require_claim"])),
        )


def check_url(url: str, *, loopback: bool = True) -> str:
    """Return a URL to which secrets may be sent: https, or http to this machine if `loopback`.

    Raises `ValueError`.
    """
    parts = urlsplit(url)
    plain = loopback and parts.scheme == "http" and _is_loopback(parts.hostname or "")
    if not parts.hostname or not (parts.scheme == "https" or plain):
        raise ValueError(f"{url!r} is not an https URL; http is for this machine only")
    if parts.username is not None or parts.fragment:
        raise ValueError(f"{url!r} may have no user and no fragment")
    return url


def is_plain(url: str) -> bool:
    """Return whether a URL has no TLS."""
    return urlsplit(url).scheme == "http"


def requirement(text: str) -> Requirement:
    """Parse `NAME=VALUE`. Raises `ValueError`."""
    name, equals, value = text.partition("=")
    if not name or not equals or not value:
        raise ValueError(f"{text!r} is not NAME=VALUE, for example groups=chat-admins")
    return name, value


def read_secret(file: Path) -> str:
    """Return the secret in a file, without the line end. Raises `ValueError`."""
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not UTF-8") from None
    if not secret or "\n" in secret:
        raise ValueError(f"{file} must have the secret alone, on one line")
    return secret


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
