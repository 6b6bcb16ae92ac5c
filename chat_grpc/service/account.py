"""`AccountService`: signing in."""

from __future__ import annotations

from chat_grpc.core.errors import BadCredentials
from chat_grpc.core.hub import Hub
from chat_grpc.service.guard import Context
from chat_grpc.service.identity import Identity, expires
from chat_grpc.v1 import account_pb2


class AccountMethods:
    """`SignIn` for guests."""

    def __init__(self, hub: Hub, identity: Identity) -> None:
        self._hub = hub
        self._identity = identity

    async def sign_in(
        self, request: account_pb2.SignInRequest, _: Context
    ) -> account_pb2.SignInResponse:
        """Makes a new guest of a name that is free, and gives the token."""
        if request.password:
            raise BadCredentials("The name or the password is wrong.")
        user, token = await self._identity.new_guest(request.name)
        response = account_pb2.SignInResponse(token=token, number=user.number, name=user.name)
        now = self._hub.clock.seconds()
        response.expire_time.FromSeconds(int(expires(now)))
        return response
