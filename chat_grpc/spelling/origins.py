"""Origins of web pages: checked, and written as browsers send them (RFC 6454)."""

from __future__ import annotations

import re
from typing import Final

_ORIGIN: Final = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?")
_PORTS: Final = {"http": "80", "https": "443"}


class InvalidOrigin(ValueError):
    """The text is not an origin."""


def normal_origin(text: str) -> str:
    """Return an origin in one spelling, as browsers send it. Raises `InvalidOrigin`."""
    match = _ORIGIN.fullmatch(text.lower())
    if match is None:
        raise InvalidOrigin(f"{text!r} is not an origin; write https://chat.example.org")
    scheme, host, port = match.groups()
    return _spelled(scheme, host, port or _PORTS[scheme])


def origin_of(host: str, port: int, *, secured: bool) -> str:
    """Return the origin of the pages of a server, by its name or its IPv4 or IPv6 address."""
    return _spelled("https" if secured else "http", f"[{host}]" if ":" in host else host, str(port))


def _spelled(scheme: str, host: str, port: str) -> str:
    return f"{scheme}://{host}" + ("" if port == _PORTS[scheme] else f":{port}")
