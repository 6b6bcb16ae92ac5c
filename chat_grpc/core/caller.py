"""Callers: the user, token and origin of a call, resolved once and passed on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from chat_grpc.core.audit import Action
from chat_grpc.core.errors import NotSignedIn
from chat_grpc.core.user import User


class Role(Enum):
    """The rights of a user on the whole server. Roles in a room are separate; see `RoomRole`."""

    GUEST = "guest"
    """A user without an account."""
    ADMIN = "admin"
    """A user who may administer the server."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The origin of a call. A stream keeps its caller until it ends."""

    peer: str = ""
    """The address that the call comes from, without a port. Empty if it is not known."""
    agent: str = ""
    """The program that the caller names, for example its `user-agent`."""
    identity: User | None = None
    """The user of the call's token or certificate; None for a call without either."""
    roles: frozenset[Role] = frozenset()
    token_digest: bytes = b""
    """The SHA-256 of the token; empty without one. Revoking a token ends its streams by this."""
    action: Action | None = None
    """The call as the audit log records it with its change; None if it records no such call."""
    certificate: str = ""
    """The name of the account in the client's certificate; empty if it names none."""

    @property
    def user(self) -> User:
        """The user of the call. Raises `NotSignedIn` for a call without a token or certificate."""
        if self.identity is None:
            raise NotSignedIn("This method needs the metadata `authorization: Bearer TOKEN`.")
        return self.identity

    @property
    def name(self) -> str:
        """The user's name; empty for a call without a user."""
        return self.identity.name if self.identity is not None else ""

    @property
    def number(self) -> int:
        """The user's number; 0 for a call without a user."""
        return self.identity.number if self.identity is not None else 0
