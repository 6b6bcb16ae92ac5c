"""The options of accounts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Who may have an account, and whether guests are admitted."""

    registration: str = "invite"
    """`open`, `invite` or `closed`."""
    guests: bool = True
