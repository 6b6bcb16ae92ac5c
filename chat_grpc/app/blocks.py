"""`BlockUser`, `UnblockUser` and `ListBlocked`."""

from __future__ import annotations

from bisect import bisect_right

from chat_grpc.app.account_changes import AccountChanges
from chat_grpc.app.identity import Identity
from chat_grpc.app.pages import listing, number_of, page_size, page_token
from chat_grpc.core.account_changes import Block
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import FieldInvalid
from chat_grpc.core.hub import Hub
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.v1 import chat_pb2

_BLOCKED = "blocked"


class BlockMethods:
    """The caller's block list. Belongs to the event loop. The log decides about changes."""

    def __init__(
        self, hub: Hub, journal: Journal, identity: Identity, changes: AccountChanges
    ) -> None:
        self._hub = hub
        self._journal = journal
        self._identity = identity
        self._changes = changes

    async def block(
        self, request: chat_pb2.BlockUserRequest, caller: Caller
    ) -> chat_pb2.BlockUserResponse:
        """Put a user on the caller's list."""
        user = await self._change(request, caller, blocked=True)
        return chat_pb2.BlockUserResponse(user=_author(user))

    async def unblock(
        self, request: chat_pb2.UnblockUserRequest, caller: Caller
    ) -> chat_pb2.UnblockUserResponse:
        """Take a user off the caller's list."""
        user = await self._change(request, caller, blocked=False)
        return chat_pb2.UnblockUserResponse(user=_author(user))

    async def _change(
        self,
        request: chat_pb2.BlockUserRequest | chat_pb2.UnblockUserRequest,
        caller: Caller,
        *,
        blocked: bool,
    ) -> User:
        if request.WhichOneof("whom") == "client_number":
            user = await self._identity.numbered(request.client_number)
        else:
            user = await self._identity.named(request.user)
        if user.number == caller.number:
            raise FieldInvalid("You cannot block yourself; name another user.")
        await self._changes.carry_out(caller.number, Block(user.number, blocked))
        return user

    async def list_blocked(
        self, request: chat_pb2.ListBlockedRequest, caller: Caller
    ) -> chat_pb2.ListBlockedResponse:
        """List the users on the caller's list, by ascending number."""
        size = page_size(request.page_size)
        of = listing(f"{_BLOCKED}:{caller.number}", request)
        numbers = self._hub.blocks.of(caller.number)
        start = bisect_right(numbers, number_of(request.page_token, of))
        page = numbers[start : start + size]
        users = {user.number: user for user in await self._journal.users_named((), page)}
        response = chat_pb2.ListBlockedResponse(
            users=[_author(users[number]) for number in page if number in users]
        )
        if len(numbers) > start + size:
            response.next_page_token = page_token(of, page[-1])
        return response


def _author(user: User) -> chat_pb2.Author:
    return chat_pb2.Author(number=user.number, name=user.name)
