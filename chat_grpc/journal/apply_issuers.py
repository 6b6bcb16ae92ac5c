"""Sign-ins of users of OpenID Connect issuers, in the commit."""

from __future__ import annotations

from typing import Any

from chat_grpc.core.account_changes import (
    SIGNED_IN,
    AccountChanged,
    IssuerSignIn,
    without_password,
    without_subject,
)
from chat_grpc.core.errors import BadCredentials, NotAllowed
from chat_grpc.core.user import User
from chat_grpc.journal.database import row, run
from chat_grpc.journal.place import Place


def sign_in(request: IssuerSignIn, place: Place) -> AccountChanged:
    """Give a user of an issuer a token, and at the first sign-in an account.

    The subject alone decides about the account: a name never does, because anyone may be able to
    choose it at the issuer. Raises `BadCredentials` if the ID token was used before, and
    `NotAllowed` if the subject has no account and may not get one.
    """
    used = "SELECT 1 FROM used_id_tokens WHERE digest = ? AND expire_time > ?"
    if row(place.connection, used, (request.id_token, place.seconds)) is not None:
        raise BadCredentials("This ID token was used before; sign in at the issuer again.")
    bound = (request.issuer, request.subject)
    account = "SELECT user FROM issuer_accounts WHERE issuer = ? AND subject = ?"
    found = row(place.connection, account, bound)
    if found is None and not request.create:
        raise NotAllowed("Only an admin of this server creates accounts.")
    values: dict[str, Any] = {"digest": request.digest.hex(), "label": "", "bot": False}
    if found is None:
        admin = bool(request.admin)
        user = _create(request, place, admin=admin)
        values |= {"name": user.name, "key": user.key, "password": ""}
        values |= {"issuer": request.issuer, "subject": request.subject}
    else:
        user = place.user(found[0])
        place.check_ban(user.number)
        admin = _set_admin(request, place, user.number)
    ended = place.end_oldest_sessions(user.number)
    place.add_token(user.number, request.digest)
    _note_use(request, place)
    values |= {"id_token": request.id_token.hex(), "expires": request.expire_time}
    values |= {"new": found is None, "admin": admin}
    return AccountChanged(SIGNED_IN, user, admin, ended, values)


def _create(request: IssuerSignIn, place: Place, *, admin: bool) -> User:
    """Create an account with the first name that belongs to no other account."""
    wanted = User(place.next_number, request.name, request.key, guest=False)
    user, attempt = wanted, 0
    taken = "SELECT 1 FROM users WHERE key = ? AND NOT guest"
    while row(place.connection, taken, (user.key,)) is not None:
        attempt += 1
        user = wanted.suffixed(attempt)
    place.add_account(user, password="", admin=admin, new=True)
    run(
        place.connection,
        "INSERT INTO issuer_accounts (issuer, subject, user, event) VALUES (?,?,?,?)",
        (request.issuer, request.subject, user.number, place.sequence),
    )
    return user


def _set_admin(request: IssuerSignIn, place: Place, user: int) -> bool:
    """Give or take the admin role as the issuer says; return whether the user is an admin."""
    if request.admin is None:
        return place.is_admin(user)
    run(place.connection, "UPDATE accounts SET admin = ? WHERE user = ?", (request.admin, user))
    return request.admin


def _note_use(request: IssuerSignIn, place: Place) -> None:
    """Remember an ID token until it expires, and forget those that have expired."""
    expired = "DELETE FROM used_id_tokens WHERE expire_time <= ?"
    run(place.connection, expired, (place.seconds,))
    run(
        place.connection,
        "INSERT OR REPLACE INTO used_id_tokens (digest, expire_time) VALUES (?,?)",
        (request.id_token, request.expire_time),
    )


def end_issuer_account(place: Place, user: int) -> dict[int, bytes]:
    """Forget the subject of a user; return the entry that has it, without it and a password."""
    found = row(place.connection, "SELECT event FROM issuer_accounts WHERE user = ?", (user,))
    if found is None:
        return {}
    run(place.connection, "DELETE FROM issuer_accounts WHERE user = ?", (user,))
    entry = row(place.connection, "SELECT body FROM log WHERE sequence = ?", found)
    if entry is None:
        return {}
    return {found[0]: without_subject(without_password(entry[0]))}
