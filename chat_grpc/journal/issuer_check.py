"""The check of the accounts of issuers' users: the tables must equal a replay of the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apsw

from chat_grpc.core.clock import SECOND
from chat_grpc.journal.database import rows


class IssuerTables:
    """Derives the tables from the log, and compares them with the stored ones."""

    def __init__(self, connection: apsw.Connection, pruned: int) -> None:
        """Up to the sequence `pruned` the log is no longer kept."""
        self._connection = connection
        self._pruned = pruned
        self._accounts: dict[int, tuple[str, str, int]] = {}
        """Issuer, subject and entry, by the user."""
        self._removed: set[int] = set()
        self._used: dict[str, int] = {}
        """The expiry of each ID token that was valid at the last sign-in, by the digest."""

    def take(self, sequence: int, time: int, told: dict[str, Any]) -> None:
        """Take the entry of a sign-in."""
        if told["new"]:
            self._accounts[told["user"]] = (told["issuer"], told["subject"], sequence)
        seconds = time // SECOND
        self._used = {digest: end for digest, end in self._used.items() if end > seconds}
        self._used[told["id_token"]] = told["expires"]

    def removed(self, user: int) -> None:
        """Take the removal of an account."""
        self._accounts.pop(user, None)
        self._removed.add(user)

    def findings(self) -> Iterator[str]:
        """Yield a sentence for each difference."""
        accounts = {
            user: (issuer, subject, event)
            for user, issuer, subject, event in rows(
                self._connection, "SELECT user, issuer, subject, event FROM issuer_accounts"
            )
        }
        for user in sorted(accounts.keys() | self._accounts.keys()):
            told, there = self._accounts.get(user), accounts.get(user)
            may_be_older = self._pruned and told is None and user not in self._removed
            # The subject itself is not printed.
            if told != there and not may_be_older:
                yield f"issuer_accounts: {user} is not as the log says"
        used = {
            digest.hex(): end
            for digest, end in rows(
                self._connection, "SELECT digest, expire_time FROM used_id_tokens"
            )
        }
        for digest in sorted(used.keys() | self._used.keys()):
            if used.get(digest) != self._used.get(digest) and not (
                self._pruned and digest not in self._used
            ):
                yield f"used_id_tokens: {digest[:8]}… is not as the log says"
