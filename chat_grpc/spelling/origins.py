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
    return f"{scheme}://{host}" + (f":{port}" if port and port != _PORTS[scheme] else "")
