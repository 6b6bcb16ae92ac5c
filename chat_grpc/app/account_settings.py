"""The options of accounts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """The options `--accounts` and `--guests` of a server."""

    registration: str = "invite"
    """`open`, `invite` or `closed`."""
    guests: bool = True
