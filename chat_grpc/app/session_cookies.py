"""Callers whose token is in a cookie of a browser, out of reach of the page's scripts."""

from __future__ import annotations

from typing import Final

from chat_grpc.app.duplex import Metadata

HEADER: Final = "x-chat-grpc-session"
"""The metadata by which a caller says where it keeps its token."""

IN_COOKIE: Final = "cookie"
"""The token must not be told to the caller: a cookie has it."""


def in_cookie(metadata: Metadata) -> bool:
    """Return whether a caller must not be told its token."""
    return (HEADER, IN_COOKIE) in metadata
