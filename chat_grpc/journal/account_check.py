"""The check of accounts, tokens and invite codes: the tables must equal a replay of the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import apsw

from chat_grpc.core.account_changes import (
    ADMIN,
    DELETED,
    INVITE,
    INVITE_REVOKED,
    PASSWORD,
    REGISTERED,
    REMOVED,
    SIGNED_IN,
    TOKEN,
)
from chat_grpc.core.clock import SECOND
from chat_grpc.journal.database import rows
from chat_grpc.journal.issuer_check import IssuerTables
from chat_grpc.journal.moderation_check import ModerationTables
from chat_grpc.journal.privacy_check import PrivacyTables


class AccountTables:
    """Derives the tables from the log, and compares them with the stored ones.

    If the beginning of the log is no longer kept, only rows that the rest of it names are compared.
    """

    def __init__(self, connection: apsw.Connection, pruned: int) -> None:
        """Up to the sequence `pruned` the log is no longer kept."""
        self._connection = connection
        self._pruned = pruned
        self._accounts: dict[int, dict[str, Any] | None] = {}
        """What the log says of each account; None for a removed one."""
        self._tokens: dict[str, tuple[Any, ...]] = {}
        """By the digest: user, sequence, creation, label, bot."""
        self._without_token: set[int] = set()
        """The guests whose entries have no digest: those of older versions."""
        self._ended: dict[str, int] = {}
        """The entries that ended tokens, by the digest."""
        self._invites: dict[int, tuple[Any, ...] | None] = {}
        """Digest, author, creation, expiry, uses; None for a revoked code."""
        self._used: dict[int, int] = {}
        self._issuers = IssuerTables(connection, pruned)
        self._moderation = ModerationTables(connection, pruned)
        self._privacy = PrivacyTables(connection, pruned)

    def take_guest(self, sequence: int, number: int, time: int, digest: str = "") -> None:
        """Take the entry of a guest; those of older versions have no digest."""
        if digest:
            self._tokens[digest] = (number, sequence, time // SECOND, "", 0)
        else:
            self._without_token.add(number)

    def take_deleted_room(self, channel: str) -> None:
        """Take the deletion of a room."""
        self._moderation.take_deleted_room(channel)

    def take(self, sequence: int, author: int, time: int, body: bytes) -> dict[str, Any]:
        """Take an entry of accounts; return what it says."""
        told: dict[str, Any] = json.loads(body)
        what, user = told["what"], told.get("user", 0)
        if what == REGISTERED:
            self._accounts[user] = {
                "password": told["password"],
                "event": sequence,
                "admin": int(told["admin"]),
            }
            if told["invite"]:
                self._used[told["invite"]] = self._used.get(told["invite"], 0) + 1
        elif what == PASSWORD:
            self._change(user, password=told["password"], event=sequence)
        elif what == ADMIN:
            self._change(user, admin=int(told["admin"]))
        elif what in (REMOVED, DELETED):
            self._accounts[user] = None
            self._issuers.removed(user)
        elif what == SIGNED_IN:
            self._take_sign_in(sequence, time, told)
        elif what == TOKEN:
            made = (user, sequence, time // SECOND, told["label"], int(told["bot"]))
            self._tokens[told["digest"]] = made
        elif what == INVITE:
            made = (told["digest"], author, time // SECOND, told["expires"], told["uses"])
            self._invites[sequence] = made
        elif what == INVITE_REVOKED:
            self._invites[told["invite"]] = None
        self._privacy.take(sequence, told)
        if what == DELETED:
            mine = {digest: made for digest, made in self._tokens.items() if made[0] == user}
            self._tokens |= {d: (*made[:3], "", made[4]) for d, made in mine.items()}
        self._ended |= dict.fromkeys(told.get("ended", ()), sequence)
        self._moderation.take(sequence, author, time, told)
        return told

    def _take_sign_in(self, sequence: int, time: int, told: dict[str, Any]) -> None:
        user, admin = told["user"], int(told["admin"])
        if told["new"]:
            self._accounts[user] = {"password": "", "event": sequence, "admin": admin}
        else:
            self._change(user, admin=admin)
        self._tokens[told["digest"]] = (user, sequence, time // SECOND, "", 0)
        self._issuers.take(sequence, time, told)

    def _change(self, user: int, **values: Any) -> None:
        account = self._accounts.setdefault(user, {})
        if account is not None:
            account.update(values)

    def findings(self) -> Iterator[str]:
        """Yield a sentence for each difference."""
        yield from self._compare_accounts()
        yield from self._compare_tokens()
        yield from self._compare_invites()
        yield from self._issuers.findings()
        yield from self._moderation.findings()
        yield from self._privacy.findings()

    def _compare_accounts(self) -> Iterator[str]:
        found = {
            user: {"password": password, "event": event, "admin": admin}
            for user, password, event, admin in rows(
                self._connection, "SELECT user, password, event, admin FROM accounts"
            )
        }
        for user, told in sorted(self._accounts.items()):
            there = found.get(user)
            if told is None or there is None:
                if told is not there:
                    yield f"accounts: {user} is {'gone, but there' if told is None else 'missing'}"
            # The hash itself is not printed.
            elif wrong := sorted(name for name in told if told[name] != there[name]):
                yield f"accounts: {', '.join(wrong)} of {user} is not as the log says"
        if not self._pruned:
            extra = sorted(found.keys() - self._accounts.keys())
            yield from (f"accounts: {user} is not in the log" for user in extra)
        mixed = (
            "SELECT number FROM users LEFT JOIN accounts ON user = number"
            " WHERE guest = (user IS NOT NULL)"
        )
        for (number,) in rows(self._connection, mixed):
            yield f"users: {number} is a guest and an account, or neither"

    def _compare_tokens(self) -> Iterator[str]:
        found = {
            digest.hex(): (tuple(values), ended)
            for digest, ended, *values in rows(
                self._connection,
                "SELECT digest, ended, user, sequence, create_time, label, bot FROM tokens",
            )
        }
        # A token that is missing has expired: the times of use are not in the log.
        for digest in sorted(found):
            values, ended = found[digest]
            name = f"tokens: {values[1]} of user {values[0]}"
            if digest not in self._tokens and values[0] not in self._without_token:
                if not self._pruned:
                    yield f"{name} is not in the log"
            elif values != self._tokens.get(digest, values):
                yield f"{name} is not as the log says"
            told = self._ended.get(digest)
            if ended != told and (told is not None or not self._pruned):
                yield f"{name} was ended by {ended}, but the log says {told}"
        bots = (each for each in self._tokens.items() if each[1][4])
        for digest, values in bots:
            if digest not in found and digest not in self._ended:
                yield f"tokens: {values[1]} of user {values[0]} is missing"

    def _compare_invites(self) -> Iterator[str]:
        columns = "sequence, digest, author, create_time, expire_time, uses, used"
        found = {
            sequence: ((digest.hex(), *values), used)
            for sequence, digest, *values, used in rows(
                self._connection, f"SELECT {columns} FROM invite_codes"
            )
        }
        for sequence, told in sorted(self._invites.items()):
            values, used = found.get(sequence, (None, 0))
            if values != told:
                yield f"invite_codes: {sequence} is not as the log says"
            elif told is not None and used != self._used.get(sequence, 0):
                yield f"invite_codes: {sequence} was used {used} times, not as the log says"
        if not self._pruned:
            extra = sorted(found.keys() - self._invites.keys())
            yield from (f"invite_codes: {sequence} is not in the log" for sequence in extra)
