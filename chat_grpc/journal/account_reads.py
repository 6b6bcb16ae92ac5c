"""Reads of accounts, tokens and invite codes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import apsw

from chat_grpc.core import limits
from chat_grpc.core.audit import Action
from chat_grpc.core.entry import ACCOUNT, READ, ROOM
from chat_grpc.core.events import author_bytes
from chat_grpc.core.user import User, deleted_user
from chat_grpc.journal.database import Value, row
from chat_grpc.journal.reader import LISTS, PAGES, Reader
from chat_grpc.journal.rows import user_of


class Account(NamedTuple):
    """An account, for a sign-in."""

    user: User
    password: str
    """The argon2id hash; secret. Empty if the account has no password."""
    event: int
    """The entry of the log that set the password."""

    def __repr__(self) -> str:
        """Show no hash."""
        return f"Account({self.user!r})"


class Token(NamedTuple):
    """A token that has not ended. Times are in seconds since 1970."""

    token_id: int
    label: str
    bot: bool
    create_time: int
    use_time: int


class InviteCode(NamedTuple):
    """An invite code, without the code. Times are in seconds since 1970."""

    invite_id: int
    author: str
    """The name of the admin; empty for an operator on the server's own machine."""
    create_time: int
    expire_time: int
    uses: int
    used: int


class PastAction(NamedTuple):
    """An action of an admin in the audit log."""

    sequence: int
    """The entry of the log that carried it out."""
    time: int
    """Seconds since 1970."""
    author: str
    """The name of the admin; empty for an operator on the server's own machine."""
    action: Action


class DeletedUser(NamedTuple):
    """A user who deleted the account, and of whom something may be left in the log."""

    user: User
    messages: bool
    """True if the messages are deleted, too."""
    done: int
    """Up to this sequence everything is erased."""


class About(NamedTuple):
    """An entry of the log that may have the name of a user."""

    sequence: int
    kind: int
    author: int
    channels: tuple[str, ...]


class Listed(NamedTuple):
    """An account in the list of all."""

    number: int
    name: str
    admin: bool


def lifetime(*, guest: bool) -> int:
    """Return the seconds after its last use for which a token is valid; bot tokens are always."""
    return int(limits.GUEST_LIFETIME if guest else limits.ACCOUNT_LIFETIME)


_BY_KEY = """
SELECT number, name, key, guest, password, event FROM users JOIN accounts ON user = number
WHERE key = ? AND NOT guest
"""

_BY_NUMBER = """
SELECT number, name, key, guest, password, event FROM users JOIN accounts ON user = number
WHERE number = ?
"""

_BLOCKS = "SELECT json_group_array(json_array(user, other)) FROM blocks"

# `instr` finds the user as an encoded `Author`, and in the JSON of a change of accounts.
_ABOUT = """
SELECT json_group_array(json_array(sequence, kind, author, channel, other_channel)) FROM (
  SELECT sequence, kind, author, channel, other_channel FROM log
  WHERE sequence > :after AND sequence <= :up_to AND (
    author = :user OR channel = :own OR other_channel = :own
    OR (kind IN (:read, :room) AND instr(body, :encoded))
    OR (kind = :account AND instr(body, :told)))
  ORDER BY sequence LIMIT :limit)
"""

_WINDOW = 5000
"""Entries that one read examines."""

# One row each, so that the interpreter's lock is taken once.
_KNOWN = """
SELECT json_group_array(json_array(number, name, key, guest, admin))
FROM accounts JOIN users ON user = number
"""

_TOKENS = """
SELECT json_group_array(json_array(sequence, label, bot, create_time, use_time)) FROM (
  SELECT * FROM tokens WHERE user = :user AND ended IS NULL AND sequence < :before
  AND (bot OR use_time + :lifetime >= :now) ORDER BY sequence DESC LIMIT :limit)
"""

_INVITES = """
SELECT json_group_array(json_array(sequence, coalesce(name, ''), create_time, expire_time,
  uses, used)) FROM (
  SELECT * FROM invite_codes LEFT JOIN users ON number = author WHERE sequence < :before
  ORDER BY sequence DESC LIMIT :limit)
"""

_ACTIONS = """
SELECT json_group_array(json_array(sequence, time, coalesce(name, ''), json(action))) FROM (
  SELECT * FROM audit_events LEFT JOIN users ON number = author WHERE sequence < :before
    AND (:methods = '[]' OR action ->> 'method' IN (SELECT value FROM json_each(:methods)))
    AND (:containing = '' OR instr(lower(coalesce(name, 'local') || char(10) || (
      SELECT group_concat(value, char(10)) FROM json_each(action) WHERE key <> 'method'
    )), lower(:containing)))
  ORDER BY sequence DESC LIMIT :limit)
"""

_USERS = """
SELECT json_group_array(json_array(number, name, admin)) FROM (
  SELECT * FROM accounts JOIN users ON number = user WHERE user > :after
    AND (:containing = '' OR user = :number OR instr(key, :containing))
  ORDER BY user LIMIT :limit)
"""


def known(connection: apsw.Connection) -> list[tuple[User, bool]]:
    """Read all accounts, each with whether it is an admin."""
    (found,) = row(connection, _KNOWN)
    return [(user_of(tuple(user)), bool(admin)) for *user, admin in json.loads(found)]


def _account(connection: apsw.Connection, sql: str, value: Value) -> Account | None:
    found = row(connection, sql, (value,))
    if found is None:
        return None
    *user, password, event = found
    return Account(user_of(tuple(user)), password, event)


class AccountReads:
    """Reads of accounts, tokens and invite codes. Belongs to the event loop.

    Each raises `StorageFailed` or `StorageBusy`; those for a list also what lists raise.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def known(self) -> list[tuple[User, bool]]:
        """Read all accounts, each with whether it is an admin."""
        return await self._reader.run(known, PAGES)

    async def blocks(self) -> list[tuple[int, int]]:
        """Read all block lists: pairs of a user, and a user whom they blocked."""
        (found,) = await self._reader.run(partial(row, sql=_BLOCKS), PAGES)
        return [(user, other) for user, other in json.loads(found)]

    async def deleted_users(self) -> list[DeletedUser]:
        """Read the deleted users of whom something may be left in the log, the oldest first."""
        sql = (
            "SELECT json_group_array(json_array(user, messages, done))"
            " FROM (SELECT * FROM deleted_users ORDER BY sequence)"
        )
        (found,) = await self._reader.run(partial(row, sql=sql), PAGES)
        return [
            DeletedUser(deleted_user(user), bool(messages), done)
            for user, messages, done in json.loads(found)
        ]

    async def about(
        self, user: User, after: int, up_to: int, limit: int
    ) -> tuple[list[About], int]:
        """Read entries that may have the name of a user, after a sequence and up to another.

        Also returns the last sequence that was examined.
        """
        number, last = user.number, min(up_to, after + _WINDOW)
        values: dict[str, Value] = {
            "after": after,
            "up_to": last,
            "user": number,
            "own": f"@{number}",
            "read": READ,
            "room": ROOM,
            "account": ACCOUNT,
            "encoded": author_bytes(number, "?")[:-2],
            "told": f'"user":{number},'.encode(),
            "limit": limit,
        }
        (found,) = await self._reader.run(partial(row, sql=_ABOUT, values=values), PAGES)
        entries = [
            About(sequence, kind, author, tuple(filter(None, channels)))
            for sequence, kind, author, *channels in json.loads(found)
        ]
        return entries, entries[-1].sequence if len(entries) == limit else last

    async def by_key(self, key: str) -> Account | None:
        """Read the account with a name."""
        return await self._reader.run(lambda one: _account(one, _BY_KEY, key))

    async def by_number(self, number: int) -> Account | None:
        """Read the account of a user."""
        return await self._reader.run(lambda one: _account(one, _BY_NUMBER, number))

    async def at_issuer(self, number: int) -> tuple[str, str] | None:
        """Read the issuer and the subject of a user; None for a user of no issuer."""
        sql = "SELECT issuer, subject FROM issuer_accounts WHERE user = ?"
        found = await self._reader.run(partial(row, sql=sql, values=(number,)))
        return (found[0], found[1]) if found is not None else None

    async def is_usable(self, digest: bytes, now: int) -> bool:
        """Return whether an invite code can be used; `now` is in seconds since 1970."""
        sql = "SELECT 1 FROM invite_codes WHERE digest = ? AND used < uses AND expire_time > ?"
        return await self._reader.run(partial(row, sql=sql, values=(digest, now))) is not None

    async def tokens(self, user: User, before: int, limit: int, now: int) -> list[Token]:
        """Read the valid tokens of a user with an id below `before`, the newest first."""
        values: dict[str, Value] = {
            "user": user.number,
            "before": before,
            "limit": limit,
            "now": now,
            "lifetime": lifetime(guest=user.guest),
        }
        (found,) = await self._reader.run(
            partial(row, sql=_TOKENS, values=values), LISTS, user.number
        )
        return [
            Token(token_id, label, bool(bot), created, used)
            for token_id, label, bot, created, used in json.loads(found)
        ]

    async def invites(self, before: int, limit: int) -> list[InviteCode]:
        """Read the invite codes with an id below `before`, the newest first."""
        values: dict[str, Value] = {"before": before, "limit": limit}
        (found,) = await self._reader.run(partial(row, sql=_INVITES, values=values), LISTS)
        return [InviteCode(*each) for each in json.loads(found)]

    async def actions(
        self, before: int, limit: int, *, containing: str = "", methods: Sequence[str] = ()
    ) -> list[PastAction]:
        """Read the audit log with a sequence below `before`, the newest first.

        `containing` selects the actions with a text in one of their values, and `methods` those of
        some methods; both are empty for all actions.
        """
        values: dict[str, Value] = {
            "before": before,
            "limit": limit,
            "containing": containing,
            "methods": json.dumps(methods),
        }
        (found,) = await self._reader.run(partial(row, sql=_ACTIONS, values=values), LISTS)
        return [
            PastAction(sequence, time, author, Action(**action))
            for sequence, time, author, action in json.loads(found)
        ]

    async def users(
        self, after: int, limit: int, *, containing: str = "", number: int = 0
    ) -> list[Listed]:
        """Read the accounts with a number above `after`, by number.

        `containing` selects those with a text in the key of their name, or with `number`.
        """
        values: dict[str, Value] = {
            "after": after,
            "limit": limit,
            "containing": containing,
            "number": number,
        }
        (found,) = await self._reader.run(partial(row, sql=_USERS, values=values), LISTS)
        return [Listed(number, name, bool(admin)) for number, name, admin in json.loads(found)]
