"""Identities: the users behind tokens, numbers and names."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections import OrderedDict
from dataclasses import replace

from chat_grpc.app.duplex import Duplex, Metadata
from chat_grpc.app.methods import Access
from chat_grpc.core import limits
from chat_grpc.core.account_changes import DELETED, REGISTERED, REMOVED, AccountChanged
from chat_grpc.core.caller import Caller, Role
from chat_grpc.core.errors import (
    BadCredentials,
    CertificateMismatch,
    CertificateUnknown,
    ClientNotFound,
    NotAllowed,
    NotSignedIn,
    UserNotFound,
    certificate_unknown,
    printable,
    user_changed,
)
from chat_grpc.core.hub import Hub
from chat_grpc.core.names import check_name
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.spelling.certificates import InvalidUserUri, user_named_by
from chat_grpc.spelling.names import folded

_LOG = logging.getLogger("chat_grpc.app")

_CACHED_TOKENS = 10_000
_CACHED_PAIRS = 10_000

_ACCOUNT: frozenset[Role] = frozenset()
_GUEST = frozenset({Role.GUEST})
"""The roles of users, except the admin's."""

_CONCERN_ALL = (REGISTERED, REMOVED, DELETED)
"""The changes that concern all tokens of a user."""


class Identity:
    """Finds the users behind tokens, numbers and names. Belongs to the event loop."""

    def __init__(self, hub: Hub, journal: Journal, *, guests: bool = True) -> None:
        """`guests` admits guests."""
        self._guests = guests
        self._hub = hub
        self.refused_admin_calls = 0
        """The number of calls for admins that were refused to other users."""
        self._log_refusal_at = 0.0
        self._journal = journal
        self._tokens: OrderedDict[bytes, tuple[float, User]] = OrderedDict()
        self._changes = 0
        """The number of changes that made a known token or user outdated."""
        hub.accounts.on_change = self._changed
        self._conversing: OrderedDict[tuple[int, int], None] = OrderedDict()
        """Pairs of users who have a direct conversation, for `check_same_user`."""

    async def caller(self, access: Access, duplex: Duplex) -> Caller:
        """Resolve the caller of a call, and check the policy of its method.

        A guest who calls keeps the name for a while longer. Raises `NotSignedIn`, `NotAllowed`,
        `Banned`, or an error of the token or the certificate.
        """
        caller = Caller(duplex.peer, _first(duplex.metadata, "user-agent"))
        if access is not Access.ANYONE:
            caller = await self._identified(caller, duplex)
        # A ban of a network holds for all methods.
        self.check_ban(0 if access is Access.OWN_DATA else caller.number, caller.peer)
        if caller.identity is None:
            if access not in (Access.ANYONE, Access.OPTIONAL):
                raise NotSignedIn("This method needs the metadata `authorization: Bearer TOKEN`.")
            return caller
        if access is Access.ADMIN:
            if Role.ADMIN not in caller.roles:
                self._note_refused_admin(caller)
                raise NotAllowed("This method needs the admin role.")
        elif access is Access.ACCOUNT and Role.GUEST in caller.roles:
            raise NotAllowed("This method needs an account; register first.")
        elif access is not Access.OPTIONAL:
            self.check_guest(caller)
            # The name may have a suffix, if another user has taken it.
            caller = replace(caller, identity=self._hub.clients.hold(caller.user).user)
        return caller

    async def _identified(self, caller: Caller, duplex: Duplex) -> Caller:
        """Return a caller with the user of the certificate and of the token, if there are any."""
        caller = await self._certified(caller, duplex)
        token = token_of(duplex.metadata)
        return await self._of_token(token, caller) if token else caller

    def check_guest(self, caller: Caller | None = None) -> None:
        """Raise `NotAllowed` for a guest, or a new one (None), if the server admits no guests."""
        if not self._guests and (caller is None or Role.GUEST in caller.roles):
            raise NotAllowed("This server admits no guests; sign in with an account.")

    async def recheck(self, caller: Caller) -> None:
        """Raise the error of a token, an account or a ban if the caller's rights ended meanwhile.

        The caller may act in the same step of the event loop: it is not stale then.
        """
        if caller.token_digest:
            await self._user_of(caller.token_digest)
        if caller.certificate and self._account_of(caller.certificate) != caller.number:
            # The account was removed, and another one has its name.
            raise certificate_unknown(caller.certificate)
        self.check_ban(caller.number, caller.peer)

    def _note_refused_admin(self, caller: Caller) -> None:
        """Count a call for admins of another user; log one a second at most."""
        self.refused_admin_calls += 1
        now = self._hub.clock.monotonic()
        if now >= self._log_refusal_at:
            self._log_refusal_at = now + 1.0
            _LOG.warning(
                "a call for admins was refused: user %d, address %s", caller.number, caller.peer
            )

    def check_ban(self, number: int, peer: str) -> None:
        """Raise `Banned` for a banned user, 0 for none, or a banned network."""
        self._hub.moderation.check_ban(number, peer, self._hub.clock.seconds)

    async def signed_in(self, token: str, caller: Caller) -> Caller:
        """Return a caller with a token. Raises `Banned`, or what `_of_token` raises."""
        caller = await self._of_token(token, caller)
        self.check_ban(caller.number, caller.peer)
        return caller

    async def _of_token(self, token: str, caller: Caller) -> Caller:
        """Return a caller with a token.

        Raises `BadCredentials`, `TokenExpired`, `TokenRevoked`, or `CertificateMismatch` if the
        caller's certificate names another user.
        """
        digest = digest_of(token)
        user = await self._user_of(digest)
        if caller.certificate and user.number != caller.number:
            raise CertificateMismatch(
                f"The client certificate is that of {caller.certificate}, and the token that of "
                f"{user.name}; use one of them.",
                metadata={"certificate": caller.certificate, "user": user.name},
            )
        return self._with_user(caller, user, digest)

    async def _certified(self, caller: Caller, duplex: Duplex) -> Caller:
        """Return a caller with the user of the certificate, if there is one.

        Raises `CertificateUnknown`.
        """
        try:
            name = user_named_by(duplex.certificate_uris)
        except InvalidUserUri as error:
            raise CertificateUnknown(str(error)) from None
        if not name:
            return caller
        user = await self.numbered(self._account_of(name))
        return self._with_user(replace(caller, certificate=name), user)

    def _account_of(self, certificate: str) -> int:
        """Return the user of the name in a certificate. Raises `CertificateUnknown`."""
        known = len(certificate) <= 2 * limits.MAX_NAME_LENGTH
        number = self._hub.accounts.owner(folded(certificate)) if known else 0
        if not number:
            raise certificate_unknown(certificate)
        return number

    async def _user_of(self, digest: bytes) -> User:
        now = self._hub.clock.monotonic()
        cached = self._tokens.get(digest)
        # The entry expires each hour, so that the store notes that the token is in use.
        if cached is not None and now < cached[0]:
            return cached[1]
        while True:
            changes = self._changes
            user = await self._journal.user_by_token(digest)
            # A change that was delivered meanwhile may be missing in what was read.
            if changes == self._changes:
                break
        if user is None:
            raise BadCredentials("This server does not know the token; sign in again.")
        self._remember(digest, user)
        return user

    def _changed(self, changed: AccountChanged) -> None:
        """Forget the tokens that a change concerns."""
        user = changed.user
        if user is None or not (changed.ended or changed.what in _CONCERN_ALL):
            return
        self._changes += 1
        for digest in changed.ended:
            self._tokens.pop(digest, None)
        if changed.what in _CONCERN_ALL:
            mine = [d for d, (_, known) in self._tokens.items() if known.number == user.number]
            for digest in mine:
                del self._tokens[digest]

    async def new_guest(self, name: str, peer: str, agent: str) -> tuple[Caller, str]:
        """Create a guest. Return the guest as a caller, and the token for later calls.

        Raises `NameInvalid`, `RateLimited`, `NameTaken`, `NotAllowed`, or what the journal raises.
        """
        self.check_guest()
        self.check_ban(0, peer)
        shown, key = check_name(name)
        self._hub.quotas.guest(peer)
        self._hub.clients.claim(shown, key)
        token, digest = new_token()
        try:
            user = await self._journal.add_guest(shown, key, digest)
        finally:
            self._hub.clients.release(key)
        self._hub.clients.hold(user)
        self._remember(digest, user)
        self._hub.activity.note("guest made", name=shown, number=user.number, address=peer)
        return self._with_user(Caller(peer, agent), user, digest), token

    async def numbered(self, number: int) -> User:
        """Find a user by number, connected or not. Raises `ClientNotFound`."""
        user = self._hub.clients.by_number(number)
        if user is None and number > 0:
            user = await self._journal.user_by_number(number)
        if user is None:
            raise ClientNotFound(
                f"There is no client {number}.", metadata={"client_number": str(number)}
            )
        return user

    async def named(self, name: str) -> User:
        """Find a user by name, connected or not. Raises `UserNotFound`."""
        user = None
        if 0 < len(name) <= 2 * limits.MAX_NAME_LENGTH:
            key = folded(name)
            user = self._hub.clients.by_key(key) or await self._journal.user_by_key(key)
            if user is not None and user.deleted:
                user = None
        if user is None:
            shown = printable(name)
            raise UserNotFound(f"There is no user {shown}.", metadata={"user": name})
        return user

    async def check_same_user(self, author: User, named: User) -> None:
        """Raise `UserChanged` if the author has a conversation only with another user of this name.

        A guest's name may pass to another guest; a message for the first must not reach the second.
        """
        pair = author.number, named.number
        if author.number == named.number or pair in self._conversing:
            return
        numbers = await self._journal.namesakes(author.number, named.key)
        if named.number in numbers:
            self._conversing[pair] = None
            if len(self._conversing) > _CACHED_PAIRS:
                self._conversing.popitem(last=False)
        elif numbers:
            raise user_changed(named.name, named.number, max(numbers))

    def _with_user(self, caller: Caller, user: User, digest: bytes = b"") -> Caller:
        """Return a caller with a user."""
        roles = _GUEST if user.guest else _ACCOUNT
        if self._hub.accounts.is_admin(user.number):
            roles |= {Role.ADMIN}
        # Not by `replace`, which takes three times as long: each connect comes here.
        return Caller(
            caller.peer, caller.agent, user, roles, digest, caller.action, caller.certificate
        )

    def _remember(self, digest: bytes, user: User) -> None:
        self._tokens[digest] = (self._hub.clock.monotonic() + 3600.0, user)
        if len(self._tokens) > _CACHED_TOKENS:
            self._tokens.popitem(last=False)


def token_of(metadata: Metadata) -> str:
    """Return the token in a call's metadata; empty if there is none.

    Raises `BadCredentials` if `authorization` has another form.
    """
    authorization = _first(metadata, "authorization")
    if not authorization:
        return ""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise BadCredentials("The metadata must read `authorization: Bearer TOKEN`.")
    return token.strip()


def new_token() -> tuple[str, bytes]:
    """Return a new token of 256 random bits, and its digest."""
    token = secrets.token_urlsafe(32)
    return token, digest_of(token)


def _first(metadata: Metadata, wanted: str) -> str:
    """Return the first value of a key; empty if there is none."""
    for key, value in metadata:
        if key == wanted:
            return str(value)
    return ""


def digest_of(token: str) -> bytes:
    """Return the SHA-256 of a token or a code: all that the store keeps of it."""
    return hashlib.sha256(token.encode()).digest()
