"""Invite codes, and the links that have them."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit


def code_in(text: str) -> str:
    """Return the code in an invite link, or the text itself if it is no link."""
    text = text.strip()
    if "://" not in text:
        return text
    parts = urlsplit(text)
    for given in (parts.fragment, parts.query):
        if codes := parse_qs(given).get("invite"):
            return codes[0]
    # Links of before had the code in the path.
    return parts.path.rstrip("/").rpartition("/")[2]


def base_of(address: str) -> str:
    """Return the address of a web page, without a slash. Raises `ValueError` for another one."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{address!r} is no web address; use https://HOST or https://HOST:PORT.")
    return address.rstrip("/")


def link_of(base: str, code: str) -> str:
    """Return the link that opens the page at a web address with an invite code.

    The code is in the fragment, which browsers send to no server and no proxy logs. Raises
    `ValueError` like `base_of`.
    """
    return f"{base_of(base)}/#invite={quote(code, safe='')}"
