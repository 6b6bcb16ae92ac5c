"""Changes of accounts, tokens, invite codes and block lists: the requests, and their effects.

A request is decided when it is applied, in log order, like a change of a room. The log stores the
effect as JSON, without a channel: no stream ever reads it. Of a token or a code the log has the
SHA-256, of a password the argon2id hash.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from chat_grpc.core.audit import Action
from chat_grpc.core.errors import InviteInvalid, TokenRevoked
from chat_grpc.core.moderation import Moderated, ModerationRequest
from chat_grpc.core.user import User

REGISTERED, TOKEN, ENDED, PASSWORD, ADMIN, REMOVED = (
    "registered",
    "token",
    "ended",
    "password",
    "admin",
    "removed",
)
INVITE, INVITE_REVOKED, SIGNED_IN, RECORDED = "invite", "invite_revoked", "signed_in", "recorded"
BLOCKED, UNBLOCKED, DELETED, FORGOTTEN = "blocked", "unblocked", "deleted", "forgotten"
KICKED, BANNED, UNBANNED, MUTED = "kicked", "banned", "unbanned", "muted"
"""The effects, as the log names them."""


@dataclass(frozen=True, slots=True)
class Register:
    """A name becomes an account: of a new user, or of a guest."""

    name: str
    key: str
    password: str = field(repr=False)
    """The argon2id hash."""
    guest: int = 0
    """The number of the guest who becomes the account; 0 makes a new user."""
    invite: bytes = field(default=b"", repr=False)
    """The SHA-256 of an invite code that it uses up; empty for none."""
    admin: bool = False
    by_admin: bool = False
    """True if the author must be an admin."""


@dataclass(frozen=True, slots=True)
class AddToken:
    """A user gets a token."""

    user: int
    digest: bytes = field(repr=False)
    """The SHA-256 of the token."""
    label: str = ""
    bot: bool = False
    password_event: int = 0
    """The password that was checked must still be the one that this entry set; 0: no matter."""
    by: bytes = field(default=b"", repr=False)
    """The token of the caller, which must still be valid; empty: no matter."""


@dataclass(frozen=True, slots=True)
class EndToken:
    """A token of a user ends: the one with this digest, or with this id."""

    user: int
    digest: bytes = field(default=b"", repr=False)
    token_id: int = 0
    by: bytes = field(default=b"", repr=False)
    """The token of a caller who names another token by its id: it must be no bot's."""


@dataclass(frozen=True, slots=True)
class SetPassword:
    """An account gets a new password hash."""

    user: int
    password: str = field(repr=False)
    """The argon2id hash."""
    password_event: int = 0
    """See `AddToken.password_event`."""
    keep: bytes = field(default=b"", repr=False)
    """The token that does not end; empty ends all."""
    same: bool = False
    """True for a new hash of the same password: no token ends."""
    by_admin: bool = False


@dataclass(frozen=True, slots=True)
class SetAdmin:
    """An account gets or loses the admin role."""

    user: int
    admin: bool


@dataclass(frozen=True, slots=True)
class RemoveAccount:
    """An account ends. The user's messages and number stay; nobody can sign in as the user."""

    user: int


@dataclass(frozen=True, slots=True)
class CreateInvite:
    """An admin creates an invite code."""

    digest: bytes = field(repr=False)
    """The SHA-256 of the code."""
    uses: int
    expire_time: int
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class RevokeInvite:
    """An invite code ends."""

    invite: int
    """Its id: the sequence of the entry that created it."""


@dataclass(frozen=True, slots=True)
class IssuerSignIn:
    """A user of an OpenID Connect issuer signs in: to the account of the subject, or a new one."""

    issuer: str
    subject: str
    """The user at the issuer: unique there, and never given to another user."""
    name: str
    """The name of a new account. If another account has it, the new one has a suffix."""
    key: str
    digest: bytes = field(repr=False)
    """The SHA-256 of the token that the user gets."""
    id_token: bytes = field(repr=False)
    """The SHA-256 of the ID token, which signs in once."""
    expire_time: int
    """The time from which the ID token is no longer valid, in seconds since 1970."""
    create: bool = True
    """False refuses a subject that has no account."""
    admin: bool | None = None
    """Whether the account is an admin from now on; None does not change it."""


@dataclass(frozen=True, slots=True)
class RecordAction:
    """An admin does something that changes nothing in the log: it is only recorded."""


@dataclass(frozen=True, slots=True)
class Block:
    """A user blocks another, or no longer does."""

    other: int
    blocked: bool = True


@dataclass(frozen=True, slots=True)
class DeleteAccount:
    """The author deletes the own account, or stops to be a guest."""

    by: bytes = field(repr=False)
    """The token of the caller, which must still be valid, and no bot's."""
    password_event: int = 0
    """See `AddToken.password_event`."""
    messages: bool = False
    """True deletes the messages, too."""


@dataclass(frozen=True, slots=True)
class Forget:
    """The name of a deleted user leaves some entries of the log; the server asks for it."""

    user: int
    sequences: tuple[int, ...] = ()
    up_to: int = 0
    """No entry up to this one has the name then."""
    last: bool = False
    """True if nothing is left to erase."""


AccountRequest = (
    Register
    | AddToken
    | EndToken
    | SetPassword
    | SetAdmin
    | RemoveAccount
    | CreateInvite
    | RevokeInvite
    | IssuerSignIn
    | RecordAction
    | Block
    | DeleteAccount
    | Forget
    | ModerationRequest
)


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """The effect of a request, for the log, the tables and the hub."""

    what: str
    user: User | None = None
    """The user as it is now; None for an effect on invite codes and block lists."""
    admin: bool = False
    """True if the user is an admin now."""
    ended: tuple[bytes, ...] = field(default=(), repr=False)
    """The digests of the user's tokens that ended."""
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    """Further values for the log. Hashes are in hexadecimal."""
    blanked: tuple[tuple[int, bytes], ...] = field(default=(), repr=False)
    """Entries of the log that lost a password hash that is no longer in use: sequence, body."""
    moderated: Moderated | None = None
    """The kick, ban or mute; its values are in `values`, too."""
    subject: str = ""
    """The subject for the audit log, if the request does not name it."""

    events: dict[int, bytes] = field(default_factory=dict, repr=False)
    """Events of the log that lost a name, by their sequence."""

    def body(self, action: Action | None = None) -> bytes:
        """Return the body of the entry in the log, which records an action of an admin."""
        told: dict[str, Any] = {"what": self.what, **self.values}
        if self.user is not None:
            told["user"] = self.user.number
        if self.ended:
            told["ended"] = [digest.hex() for digest in self.ended]
        if action is not None:
            told["action"] = action.told()
        return encode(told)


def token_revoked() -> TokenRevoked:
    """Return the error for a token that was valid once."""
    return TokenRevoked("The token was revoked; sign in again.")


def invite_invalid() -> InviteInvalid:
    """Return the error for an invite code; it is the same whatever is wrong with the code."""
    return InviteInvalid("This invite code does not exist, is used up, or is no longer valid.")


def encode(told: dict[str, Any]) -> bytes:
    """Encode the body of an entry."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def without_password(body: bytes) -> bytes:
    """Return the body of an entry without its password hash."""
    return encode({**json.loads(body), "password": ""})


def without_subject(body: bytes) -> bytes:
    """Return the body of an entry without the user at the issuer."""
    return encode({**json.loads(body), "subject": ""})
