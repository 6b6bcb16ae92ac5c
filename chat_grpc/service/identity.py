"""Who calls: tokens, guests, and users by number and name."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Iterable

from chat_grpc.core import limits
from chat_grpc.core.errors import (
    BadCredentials,
    ClientNotFound,
    NotSignedIn,
    UserNotFound,
)
from chat_grpc.core.hub import Hub
from chat_grpc.core.names import check_name
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.spelling.names import folded

_CACHED_TOKENS = 10_000

Metadata = Iterable[tuple[str, str | bytes]]


class Identity:
    """Turns tokens and names into users. Belongs to the event loop."""

    def __init__(self, hub: Hub, journal: Journal) -> None:
        self._hub = hub
        self._journal = journal
        self._tokens: OrderedDict[bytes, tuple[float, User]] = OrderedDict()

    def token_of(self, metadata: Metadata) -> str:
        """Gives the token of a call's metadata; empty where there is none.

        Raises `BadCredentials` where `authorization` is something else.
        """
        for key, value in metadata:
            if key == "authorization":
                scheme, _, token = str(value).partition(" ")
                if scheme.lower() != "bearer" or not token.strip():
                    raise BadCredentials("The metadata must read `authorization: Bearer TOKEN`.")
                return token.strip()
        return ""

    async def user_of(self, token: str) -> User:
        """Finds the user whom a token names. Raises `BadCredentials` or `TokenExpired`."""
        digest = _digest(token)
        now = self._hub.clock.monotonic()
        cached = self._tokens.get(digest)
        # Looked up again each hour, so that the store knows that the token is in use.
        if cached is not None and now < cached[0]:
            return cached[1]
        user = await self._journal.user_by_token(digest)
        if user is None:
            raise BadCredentials("The token is not known here; sign in again.")
        self._remember(digest, user)
        return user

    async def required(self, metadata: Metadata) -> User:
        """Finds the caller of a method that needs one, and keeps a guest's name a while longer."""
        token = self.token_of(metadata)
        if not token:
            raise NotSignedIn("This method needs the metadata `authorization: Bearer TOKEN`.")
        user = await self.user_of(token)
        self._hub.clients.hold(user)
        return user

    async def new_guest(self, name: str) -> tuple[User, str]:
        """Makes a guest, and the token that makes the next call the same guest.

        Raises `NameInvalid`, `NameTaken`, or what the journal raises.
        """
        shown, key = check_name(name)
        self._hub.clients.claim(shown, key)
        token = secrets.token_urlsafe(32)
        try:
            user = await self._journal.add_guest(shown, key, _digest(token))
        finally:
            self._hub.clients.release(key)
        self._hub.clients.hold(user)
        self._remember(_digest(token), user)
        return user, token

    async def numbered(self, number: int) -> User:
        """Finds a user by number, connected or not. Raises `ClientNotFound`."""
        user = self._hub.clients.by_number(number)
        if user is None and number > 0:
            user = await self._journal.user_by_number(number)
        if user is None:
            raise ClientNotFound(
                f"There is no client {number}.", metadata={"client_number": str(number)}
            )
        return user

    async def named(self, name: str) -> User:
        """Finds a user by name, connected or not. Raises `UserNotFound`."""
        user = None
        if 0 < len(name) <= 2 * limits.MAX_NAME_LENGTH:
            key = folded(name)
            user = self._hub.clients.by_key(key) or await self._journal.user_by_key(key)
        if user is None:
            shown = name if name.isprintable() else repr(name)
            raise UserNotFound(f"There is no user {shown}.", metadata={"user": name})
        return user

    def _remember(self, digest: bytes, user: User) -> None:
        self._tokens[digest] = (self._hub.clock.monotonic() + 3600.0, user)
        if len(self._tokens) > _CACHED_TOKENS:
            self._tokens.popitem(last=False)


def expires(now: float) -> float:
    """When a guest's token ends that is used at `now`, both in seconds since 1970."""
    return now + limits.GUEST_LIFETIME


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
