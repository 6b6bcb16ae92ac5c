"""`AccountService`: signing in."""

from __future__ import annotations

from chat_grpc.app.identity import Identity, expires
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import BadCredentials
from chat_grpc.core.hub import Hub
from chat_grpc.v1 import account_pb2


class AccountMethods:
    """`SignIn` for guests. Belongs to the event loop."""

    def __init__(self, hub: Hub, identity: Identity) -> None:
        self._hub = hub
        self._identity = identity

    async def sign_in(
        self, request: account_pb2.SignInRequest, caller: Caller
    ) -> account_pb2.SignInResponse:
        """Make a guest with a name that is free, and return the guest's token."""
        if request.password:
            raise BadCredentials("The name or the password is wrong.")
        guest, token = await self._identity.new_guest(request.name, caller.peer, caller.agent)
        user = guest.user
        response = account_pb2.SignInResponse(token=token, number=user.number, name=user.name)
        response.expire_time.FromSeconds(int(expires(self._hub.clock.seconds())))
        return response
