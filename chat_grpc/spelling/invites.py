"""Invite codes, and the links that have them."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

_PATH = "/invite/"


def code_in(text: str) -> str:
    """Return the code in an invite link, or the text itself if it is no link."""
    text = text.strip()
    if "://" not in text:
        return text
    return urlsplit(text).path.rstrip("/").rpartition("/")[2]


def link_of(base: str, code: str) -> str:
    """Return the invite link of a code below a web address. Raises `ValueError` for another one."""
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{base!r} is no web address; use https://HOST or https://HOST:PORT.")
    return f"{base.rstrip('/')}{_PATH}{quote(code, safe='')}"
