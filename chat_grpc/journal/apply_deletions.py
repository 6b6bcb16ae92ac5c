"""Deleted accounts, in the commit: the account itself, and the entries with the user's name."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf.message import Message

from chat_grpc.core.account_changes import (
    DELETED,
    FORGOTTEN,
    AccountChanged,
    DeleteAccount,
    Forget,
    encode,
    without_password,
)
from chat_grpc.core.entry import ACCOUNT, USER
from chat_grpc.core.events import encode as encode_event
from chat_grpc.core.history import events_of
from chat_grpc.core.user import User, deleted_user
from chat_grpc.journal.apply_issuers import end_issuer_account
from chat_grpc.journal.database import Value, row, run
from chat_grpc.journal.place import Place
from chat_grpc.v1 import chat_pb2


def delete_account(request: DeleteAccount, place: Place) -> AccountChanged:
    """End the author's account: the name, the password, the tokens, and what only the user sees.

    The rest follows in the background, because it takes time: `deleted_users` remembers it. Raises
    `BadCredentials`, `TokenRevoked` or `NotAllowed`.
    """
    place.check_token(request.by)
    user = place.user(place.command.author)
    blanked = tuple(_end_account(request, place, user).items())
    ended = place.end_tokens(place.valid_tokens("user = ?", user.number))
    gone = deleted_user(user.number)
    _delete_rows(place, gone)
    run(
        place.connection,
        "INSERT INTO deleted_users (user, sequence, messages, done) VALUES (?,?,?,0)",
        (gone.number, place.sequence, request.messages),
    )
    return AccountChanged(DELETED, gone, False, ended, {"messages": request.messages}, blanked)


def _delete_rows(place: Place, gone: User) -> None:
    """Replace the name of a user, and delete the rows that nobody else sees."""
    values: dict[str, Value] = {"user": gone.number, "name": gone.name, "key": gone.key}
    for sql in (
        "UPDATE users SET name = :name, key = :key, guest = 1 WHERE number = :user",
        "UPDATE tokens SET label = '' WHERE user = :user",
        "INSERT INTO superseded SELECT event FROM read_markers"
        " WHERE user = :user AND event IS NOT NULL",
        "DELETE FROM read_markers WHERE user = :user",
        "DELETE FROM blocks WHERE user = :user OR other = :user",
    ):
        run(place.connection, sql, values)


def _end_account(request: DeleteAccount, place: Place, user: User) -> dict[int, bytes]:
    """Delete the row of an account; return the entries without its password and its subject."""
    account = "SELECT password, event FROM accounts WHERE user = ?"
    password, event = row(place.connection, account, (user.number,)) or ("", 0)
    if password:
        place.check_password(user.number, request.password_event)
    else:
        # The token is all that a guest, or a user of an issuer, has.
        place.check_no_bot(request.by, "delete the account")
    run(place.connection, "DELETE FROM accounts WHERE user = ?", (user.number,))
    blanked = end_issuer_account(place, user.number)
    found = row(place.connection, "SELECT body FROM log WHERE sequence = ?", (event,))
    if event and event not in blanked and found is not None:
        blanked[event] = without_password(found[0])
    return blanked


def forget(request: Forget, place: Place) -> AccountChanged:
    """Replace the name of a deleted user in some entries of the log."""
    gone = deleted_user(request.user)
    others: list[tuple[int, bytes]] = []
    events: dict[int, bytes] = {}
    for sequence in request.sequences:
        found = row(place.connection, "SELECT kind, body FROM log WHERE sequence = ?", (sequence,))
        if found is None:
            continue  # retention dropped it
        kind, body = found
        if kind in (USER, ACCOUNT):
            others.append((sequence, _entry_without_name(kind, body, gone)))
        else:
            events[sequence] = _event_without_name(body, gone)
    if request.last:
        run(place.connection, "DELETE FROM deleted_users WHERE user = ?", (request.user,))
    else:
        done = "UPDATE deleted_users SET done = ? WHERE user = ?"
        run(place.connection, done, (request.up_to, request.user))
    values = {"other": request.user, "up_to": request.up_to, "last": request.last}
    return AccountChanged(FORGOTTEN, values=values, blanked=tuple(others), events=events)


def _event_without_name(body: bytes, gone: User) -> bytes:
    event = events_of(body)[0]
    _rename(event, gone)
    return encode_event(event)


def _entry_without_name(kind: int, body: bytes, gone: User) -> bytes:
    if kind == USER:
        _, _, *digest = body.decode().split("\0")
        return "\0".join((gone.name, gone.key, *digest)).encode()
    told: dict[str, Any] = json.loads(body)
    if told.get("user") != gone.number:
        return body
    for name, value in (("name", gone.name), ("key", gone.key), ("label", "")):
        if name in told:
            told[name] = value
    return encode(told)


def _rename(message: Message, gone: User) -> None:
    """Replace the name in each `Author` of the user. Stored events have no list of authors."""
    for field, value in message.ListFields():
        if isinstance(value, chat_pb2.Author):
            if value.number == gone.number:
                value.name = gone.name
        elif isinstance(value, Message) and field.message_type is not None:
            _rename(value, gone)
