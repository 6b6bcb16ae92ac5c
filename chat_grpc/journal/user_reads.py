"""Reads of users: by a token, by number, and by name. Everything here blocks."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

import apsw

from chat_grpc.core.account_changes import token_revoked
from chat_grpc.core.errors import TokenExpired
from chat_grpc.core.user import User
from chat_grpc.journal.account_reads import lifetime
from chat_grpc.journal.database import row
from chat_grpc.journal.rows import user_of


def user_of_token(connection: apsw.Connection, digest: bytes, now: int) -> tuple[User, int] | None:
    """Return the user of a token, and the time of its last noted use.

    `now` is in seconds since 1970. Raises `TokenExpired` or `TokenRevoked`.
    """
    found = row(
        connection,
        "SELECT number, name, key, guest, use_time, bot, ended FROM tokens"
        " JOIN users ON user = number WHERE digest = ?",
        (digest,),
    )
    if found is None:
        return None
    *user, use_time, bot, ended = found
    if ended is not None:
        raise token_revoked()
    valid = lifetime(guest=bool(user[3]))
    if not bot and use_time + valid < now:
        days = valid // 86400
        raise TokenExpired(f"The token expired: it was not used for {days} days. Sign in again.")
    return user_of(tuple(user)), use_time


def user_by_number(connection: apsw.Connection, number: int) -> User | None:
    """Return the user with a number."""
    found = row(
        connection, "SELECT number, name, key, guest FROM users WHERE number = ?", (number,)
    )
    return user_of(found) if found is not None else None


def user_by_key(connection: apsw.Connection, key: str) -> User | None:
    """Return the account with a name, or the guest who had it last."""
    found = row(
        connection,
        "SELECT number, name, key, guest FROM users WHERE key = ?"
        " ORDER BY guest, number DESC LIMIT 1",
        (key,),
    )
    return user_of(found) if found is not None else None


def users(connection: apsw.Connection, numbers: Sequence[int]) -> list[User]:
    """Read the users with some numbers."""
    (found,) = row(
        connection,
        "SELECT json_group_array(json_array(number, name, users.key, guest))"
        " FROM json_each(?) JOIN users ON number = value",
        (json.dumps(numbers),),
    )
    return [user_of(tuple(each)) for each in json.loads(found)]


def users_named(
    connection: apsw.Connection, keys: Collection[str], numbers: Collection[int]
) -> list[User]:
    """Read the account or newest guest of each key, and the users with some numbers."""
    (found,) = row(
        connection,
        "SELECT json_group_array(json_array(number, name, users.key, guest)) FROM users"
        " WHERE number IN (SELECT value FROM json_each(:numbers)) OR number IN ("
        "  SELECT (SELECT number FROM users WHERE users.key = value"
        "   ORDER BY guest, number DESC LIMIT 1) FROM json_each(:keys))",
        {"keys": json.dumps([*keys]), "numbers": json.dumps([*numbers])},
    )
    return [user_of(tuple(each)) for each in json.loads(found)]


def namesakes(connection: apsw.Connection, number: int, key: str) -> list[int]:
    """Read the numbers of the users of a name with whom a user has a direct conversation."""
    (found,) = row(
        connection,
        "SELECT json_group_array(other) FROM users JOIN directs ON other = number"
        " WHERE users.key = ? AND directs.user = ?",
        (key, number),
    )
    others: list[int] = json.loads(found)
    return others
