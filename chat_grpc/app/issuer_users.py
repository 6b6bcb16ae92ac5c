"""Sign-ins of the users of the OpenID Connect issuer."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chat_grpc.app.account_changes import AccountChanges
from chat_grpc.app.account_settings import AccountSettings
from chat_grpc.app.identity import new_token
from chat_grpc.app.issuer import Identified, Issuer, IssuerInfo
from chat_grpc.app.throttle import Throttle
from chat_grpc.core import limits
from chat_grpc.core.account_changes import IssuerSignIn
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import (
    BadCredentials,
    NameInvalid,
    NotAllowed,
    TooManyTries,
    WrongKindOfUser,
    printable,
)
from chat_grpc.core.hub import Hub
from chat_grpc.core.names import check_name
from chat_grpc.core.networks import network_of
from chat_grpc.v1 import account_pb2

_LOG = logging.getLogger("chat_grpc.app")

_MAX_WAITING = 64
_MAX_WAITING_OF_ONE = 8
"""Maximum number of calls that wait for the issuer, in all and for one address."""

_NOT_IN_NAMES = re.compile(r"[\s#:,/\\\"'<>&`]+")


class IssuerUsers:
    """Signs in the users of the issuer. Belongs to the event loop."""

    def __init__(
        self,
        hub: Hub,
        changes: AccountChanges,
        throttle: Throttle,
        settings: AccountSettings,
        issuer: Issuer | None,
    ) -> None:
        """`issuer` is None if the server has none."""
        self._hub = hub
        self._changes = changes
        self.throttle = throttle
        self._settings = settings
        self._issuer = issuer
        self._waiting: Counter[str] = Counter()

    @property
    def info(self) -> IssuerInfo | None:
        """The issuer; None if the server has none."""
        return self._issuer.info if self._issuer is not None else None

    @contextmanager
    def asking(self, peer: str) -> Iterator[Issuer]:
        """Give a caller the issuer, for as long as the block runs.

        Callers that wait for a slow issuer are bounded, in all and for each address. Raises
        `WrongKindOfUser` if the server has no issuer, `TooManyTries` if too many callers wait.
        """
        if self._issuer is None:
            raise WrongKindOfUser("This server has no OpenID Connect issuer (--oidc-issuer).")
        address = network_of(peer)
        one = self._waiting[address] >= _MAX_WAITING_OF_ONE
        if one or self._waiting.total() >= _MAX_WAITING:
            raise TooManyTries("Too many callers wait for the issuer; try again.", retry_after=1.0)
        self._waiting[address] += 1
        try:
            yield self._issuer
        finally:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]

    async def by_id_token(
        self, id_token: str, caller: Caller, nonce: str = ""
    ) -> account_pb2.SignInResponse:
        """Sign in with an ID token; an empty `nonce` is not compared.

        Raises `BadCredentials`, `NotAllowed`, `NameInvalid`, `IssuerUnavailable`, `TooManyTries`.
        """
        with self.asking(caller.peer) as issuer:
            attempt = self.throttle.id_token(caller.peer)
            try:
                identified = await issuer.verify(id_token, nonce)
                response = await self._sign_in(identified)
            except BadCredentials as error:
                _LOG.info("a sign-in by an ID token was refused: %s", error.message)
                raise
            except BaseException:
                attempt.succeeded()  # nothing was guessed
                raise
        attempt.succeeded()
        return response

    async def _sign_in(self, user: Identified) -> account_pb2.SignInResponse:
        """Give a user a token. The log decides which account it is for."""
        may_create = self._settings.registration != "closed"
        name, refused = ("", ""), None
        try:
            name = account_name(user.name)
        except NameInvalid as error:
            refused = error  # an account that exists has its name already
        token, digest = new_token()
        request = IssuerSignIn(
            user.issuer,
            user.subject,
            *name,
            digest,
            user.id_token,
            user.expire_time,
            create=may_create and refused is None,
            admin=user.admin,
        )
        try:
            settled = await self._changes.carry_out(0, request)
        except NotAllowed:
            if may_create and refused is not None:
                raise refused from None
            raise
        changed = settled.outcome.account
        assert changed is not None
        assert changed.user is not None
        return self._changes.signed_in(changed.user, token)


def account_name(claim: str) -> tuple[str, str]:
    """Return the name of a new account, and its key, for a name of the issuer.

    An address of mail becomes the part before the `@`; spaces and other characters that no name has
    become dots. Raises `NameInvalid`.
    """
    wanted = claim.partition("@")[0] or claim
    name = _NOT_IN_NAMES.sub(".", wanted.strip()).strip(".+-")[: limits.MAX_NAME_LENGTH]
    try:
        return check_name(name)
    except NameInvalid as error:
        shown = printable(claim)
        raise NameInvalid(
            f"The issuer's name for you, {shown[:64]!r}, cannot be the name of an account: "
            f"{error.message}"
        ) from None
