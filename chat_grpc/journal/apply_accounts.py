"""The changes of accounts, tokens and invite codes to the tables, in the commit.

The same log gives the same tables: everything here depends only on the tables and the entry.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

import apsw

from chat_grpc.core import limits
from chat_grpc.core.account_changes import (
    ADMIN,
    ENDED,
    INVITE,
    INVITE_REVOKED,
    PASSWORD,
    RECORDED,
    REGISTERED,
    REMOVED,
    TOKEN,
    AccountChanged,
    AccountRequest,
    AddToken,
    Block,
    CreateInvite,
    DeleteAccount,
    EndToken,
    Forget,
    IssuerSignIn,
    RecordAction,
    Register,
    RemoveAccount,
    RevokeInvite,
    SetAdmin,
    SetPassword,
    invite_invalid,
    token_revoked,
    without_password,
)
from chat_grpc.core.entry import Entry
from chat_grpc.core.errors import (
    InviteNotFound,
    NameTaken,
    TokenNotFound,
    TooManyTokens,
    WrongKindOfUser,
)
from chat_grpc.core.moderation import AddBan, EndBan, Kick, SetMute
from chat_grpc.core.user import User
from chat_grpc.journal.apply_blocks import block
from chat_grpc.journal.apply_deletions import delete_account, forget
from chat_grpc.journal.apply_issuers import end_issuer_account, sign_in
from chat_grpc.journal.apply_moderation import add_ban, end_ban, kick, set_mute
from chat_grpc.journal.database import row, run
from chat_grpc.journal.place import Place


def apply_account(connection: apsw.Connection, entry: Entry, next_number: int) -> bool:
    """Carry out a change of accounts, and fill in the outcome; return False if nothing changed.

    Raises `ChatError` if it is refused.
    """
    request = entry.command.change
    assert isinstance(request, AccountRequest)
    place = Place(connection, entry, next_number)
    changed = _apply(request, place)
    if changed is None:
        return False
    action = entry.command.action
    if action is not None:
        if changed.subject:
            action = replace(action, subject=changed.subject)
        place.record(action)
    entry.outcome.account = changed
    entry.outcome.content = changed.body(action)
    return True


@singledispatch
def _apply(request: AccountRequest, place: Place) -> AccountChanged | None:
    raise AssertionError(request, place.sequence)


@_apply.register
def _register(request: Register, place: Place) -> AccountChanged:
    if request.by_admin:
        place.check_author()
    taken = "SELECT 1 FROM users WHERE key = ? AND NOT guest"
    if row(place.connection, taken, (request.key,)) is not None:
        raise NameTaken(
            f"The name {request.name} belongs to an account; choose another.",
            metadata={"name": request.name},
        )
    if request.guest:
        place.check_ban(request.guest)
        guest = place.user(request.guest)
        if guest.deleted:
            raise token_revoked()
        if not guest.guest:
            raise WrongKindOfUser("You have an account already.")
    invite = _use_invite(request.invite, place) if request.invite else 0
    number = request.guest or place.next_number
    user = User(number, request.name, request.key, guest=False)
    place.add_account(user, password=request.password, admin=request.admin, new=not request.guest)
    values = {
        "name": user.name,
        "key": user.key,
        "password": request.password,
        "admin": request.admin,
        "new": not request.guest,
        "invite": invite,
    }
    return AccountChanged(REGISTERED, user, request.admin, values=values)


def _use_invite(digest: bytes, place: Place) -> int:
    """Use up an invite code once; return its id. Raises `InviteInvalid`."""
    found = row(
        place.connection,
        "SELECT sequence FROM invite_codes WHERE digest = ? AND used < uses AND expire_time > ?",
        (digest, place.seconds),
    )
    if found is None:
        raise invite_invalid()
    run(place.connection, "UPDATE invite_codes SET used = used + 1 WHERE sequence = ?", found)
    return int(found[0])


@_apply.register
def _add_token(request: AddToken, place: Place) -> AccountChanged:
    user = place.user(request.user)
    place.check_ban(user.number)
    place.check_password(user.number, request.password_event)
    place.check_token(request.by)
    ended: tuple[bytes, ...] = ()
    if request.bot:
        place.check_no_bot(request.by, "create tokens")
        bots = len(place.valid_tokens("user = ? AND bot", user.number))
        if bots >= limits.MAX_BOT_TOKENS:
            raise TooManyTokens(
                f"You have {bots} bot tokens, the maximum; revoke one of them.",
                metadata={"max_bot_tokens": str(limits.MAX_BOT_TOKENS)},
            )
    else:
        ended = place.end_oldest_sessions(user.number)
    place.add_token(user.number, request.digest, request.label, bot=request.bot)
    values = {"digest": request.digest.hex(), "label": request.label, "bot": request.bot}
    return AccountChanged(TOKEN, user, place.is_admin(user.number), ended, values)


@_apply.register
def _end_token(request: EndToken, place: Place) -> AccountChanged:
    user = place.user(request.user)
    place.check_no_bot(request.by, "revoke other tokens")
    if request.digest:
        found = place.valid_tokens("user = ? AND digest = ?", user.number, request.digest)
    else:
        found = place.valid_tokens("user = ? AND sequence = ?", user.number, request.token_id)
    if not found:
        raise TokenNotFound(
            "You have no token with this id.", metadata={"token_id": str(request.token_id)}
        )
    return AccountChanged(ENDED, user, place.is_admin(user.number), place.end_tokens(found))


@_apply.register
def _set_password(request: SetPassword, place: Place) -> AccountChanged:
    user = place.user(request.user)
    if request.by_admin:
        place.check_author()
    before = place.check_password(user.number, request.password_event)
    place.check_token(request.keep)
    run(
        place.connection,
        "UPDATE accounts SET password = ?, event = ? WHERE user = ?",
        (request.password, place.sequence, user.number),
    )
    ended: tuple[bytes, ...] = ()
    if not request.same:
        others = place.valid_tokens("user = ? AND digest <> ?", user.number, request.keep)
        ended = place.end_tokens(others)
    return AccountChanged(
        PASSWORD,
        user,
        place.is_admin(user.number),
        ended,
        {"password": request.password},
        _without_password(place, before),
    )


def _without_password(place: Place, event: int) -> tuple[tuple[int, bytes], ...]:
    """Return the entry of a password that is no longer in use, without it."""
    found = row(place.connection, "SELECT body FROM log WHERE sequence = ?", (event,))
    return ((event, without_password(found[0])),) if found is not None else ()


@_apply.register
def _set_admin(request: SetAdmin, place: Place) -> AccountChanged | None:
    place.check_author()
    user = place.user(request.user)
    place.check_password(user.number, 0)
    if place.is_admin(user.number) == request.admin:
        return None
    run(
        place.connection,
        "UPDATE accounts SET admin = ? WHERE user = ?",
        (request.admin, user.number),
    )
    return AccountChanged(ADMIN, user, request.admin, values={"admin": request.admin})


@_apply.register
def _remove(request: RemoveAccount, place: Place) -> AccountChanged:
    place.check_author()
    user = place.user(request.user)
    before = place.check_password(user.number, 0)
    run(place.connection, "DELETE FROM accounts WHERE user = ?", (user.number,))
    run(place.connection, "UPDATE users SET guest = 1 WHERE number = ?", (user.number,))
    ended = place.end_tokens(place.valid_tokens("user = ?", user.number))
    gone = User(user.number, user.name, user.key)
    blanked = dict(_without_password(place, before)) | end_issuer_account(place, user.number)
    return AccountChanged(REMOVED, gone, ended=ended, blanked=tuple(blanked.items()))


_apply.register(IssuerSignIn, sign_in)
_apply.register(Block, block)
_apply.register(DeleteAccount, delete_account)
_apply.register(Forget, forget)


@_apply.register
def _create_invite(request: CreateInvite, place: Place) -> AccountChanged:
    place.check_author()
    usable = "SELECT count(*) FROM invite_codes WHERE used < uses AND expire_time > ?"
    if row(place.connection, usable, (place.seconds,))[0] >= limits.MAX_INVITES:
        raise TooManyTokens(
            f"{limits.MAX_INVITES} invite codes can be used, the maximum; revoke some of them."
        )
    run(
        place.connection,
        "INSERT INTO invite_codes (sequence, digest, author, create_time, expire_time, uses, used)"
        " VALUES (?,?,?,?,?,?,0)",
        (
            place.sequence,
            request.digest,
            place.command.author,
            place.seconds,
            request.expire_time,
            request.uses,
        ),
    )
    values = {"digest": request.digest.hex(), "uses": request.uses, "expires": request.expire_time}
    return AccountChanged(INVITE, values=values, subject=f"invite {place.sequence}")


@_apply.register
def _revoke_invite(request: RevokeInvite, place: Place) -> AccountChanged:
    place.check_author()
    mine = (request.invite,)
    if row(place.connection, "SELECT 1 FROM invite_codes WHERE sequence = ?", mine) is None:
        raise InviteNotFound(
            f"There is no invite code {request.invite}.",
            metadata={"invite_id": str(request.invite)},
        )
    run(place.connection, "DELETE FROM invite_codes WHERE sequence = ?", mine)
    subject = f"invite {request.invite}"
    return AccountChanged(INVITE_REVOKED, values={"invite": request.invite}, subject=subject)


@_apply.register
def _record_only(_: RecordAction, place: Place) -> AccountChanged:
    place.check_author()
    return AccountChanged(RECORDED)


_apply.register(Kick, kick)
_apply.register(AddBan, add_ban)
_apply.register(EndBan, end_ban)
_apply.register(SetMute, set_mute)
