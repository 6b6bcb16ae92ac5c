"""The user that a client certificate names.

A certificate names a user by one URI among its subject alternative names:

    chat:alice
    chat:b%C3%A4r        percent-encoded UTF-8, because a URI is ASCII

Its other names (DNS names, e-mail addresses, URIs of other schemes, the subject) mean nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, unquote

_SCHEME = "chat:"


class InvalidUserUri(ValueError):
    """The URIs of a certificate do not name one user; the message says why in one sentence."""


def user_named_by(uris: Iterable[str]) -> str:
    """Return the name of the user that the URIs of a certificate name; empty if they name none.

    Raises `InvalidUserUri` if they name several users, or one of them is malformed.
    """
    uris = list(uris)
    if not all(uri.isascii() for uri in uris):
        raise InvalidUserUri("The client certificate has a URI that is not ASCII.")
    found = [uri for uri in uris if uri.lower().startswith(_SCHEME)]
    if not found:
        return ""
    if len(found) > 1:
        raise InvalidUserUri("The client certificate names several users; it must name one.")
    try:
        name = unquote(found[0][len(_SCHEME) :], errors="strict")
    except UnicodeDecodeError:
        name = ""
    if not name:
        raise InvalidUserUri(
            "The client certificate has no user in its URI; write chat:NAME, percent-encoded UTF-8."
        )
    return name


def uri_of(name: str) -> str:
    """Return the URI that names a user."""
    return _SCHEME + quote(name, safe="")
