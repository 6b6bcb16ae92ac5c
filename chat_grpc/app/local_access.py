"""The callers of the socket in the data folder: the operator on the server's own machine."""

from __future__ import annotations

from chat_grpc.app.duplex import Duplex
from chat_grpc.app.identity import Identity, token_of
from chat_grpc.app.methods import Access
from chat_grpc.core.caller import Caller, Role


class LocalAccess:
    """Resolves calls without a token as those of an admin. Belongs to the event loop.

    The rights of the socket's file decide who may call: whoever may open it may also change the
    store. A call with a token is that of the token's user.
    """

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def caller(self, access: Access, duplex: Duplex) -> Caller:
        """Return the caller of a call; see `Identity.caller`."""
        if access in (Access.ADMIN, Access.MODERATOR) and not token_of(duplex.metadata):
            return Caller("local", roles=frozenset({Role.ADMIN}))
        return await self._identity.caller(access, duplex)
