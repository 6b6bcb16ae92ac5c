"""The methods that need no stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, Generic, Self, TypeVar

from chat_grpc.client.arguments import To, User, recipient, user_of
from chat_grpc.client.caller import Caller
from chat_grpc.client.requests import sequence_of, target, unicode_only
from chat_grpc.v1 import chat_pb2

_T = TypeVar("_T")

_MESSAGES_A_PAGE = 100
_MOST_A_PAGE = 1000


class Pages(AsyncIterator[_T], Generic[_T]):
    """Iterates over the items of a paged list; fetches a page when its items are needed.

    Iterating raises `Refused` or `Unreachable`.
    """

    def __init__(
        self,
        ask: Callable[[Any], Awaitable[Any]],
        request: Any,
        items: str,
        size: int,
        limit: int | None,
    ) -> None:
        """`ask` sends a request; `items` is the field of its response that has the items.

        A page has at most `size` items. At most `limit` items in all; None for all of them.
        """
        self._ask = ask
        self._request = request
        self._items = items
        self._size = size
        self._left = limit
        self._page: list[_T] = []
        self._token: str | None = ""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _T:
        if self._left == 0:
            raise StopAsyncIteration
        while not self._page:
            if self._token is None:
                raise StopAsyncIteration
            size = self._size if self._left is None else min(self._size, self._left)
            self._request.page_size, self._request.page_token = size, self._token
            response = await self._ask(self._request)
            self._page = list(reversed(getattr(response, self._items)))
            self._token = response.next_page_token or None
        if self._left is not None:
            self._left -= 1
        return self._page.pop()

    async def all(self) -> list[_T]:
        """Return the remaining items as a list."""
        return [each async for each in self]


class Unary:
    """The methods that `ChatClient` and `ChatCalls` share.

    Each raises `Refused`, `Unreachable`, or `Closed` once the client is closed; the reasons below
    are those of `Refused`. Each has a deadline of 10 seconds unless `ChatCalls` sets another.
    Idempotent calls are retried until the deadline while the server is away.

    Rooms are named with or without `#`.
    """

    _caller: Caller

    def _target(self, to: To) -> chat_pb2.Target:
        return target(recipient(to))

    def _check_name(self, user: str) -> None:
        """Raise `UserChanged` if the client knows that the name belongs to another user now."""

    async def clients(self, room: str = "") -> list[chat_pb2.Client]:
        """List the connected clients, by ascending number; with `room` only its members.

        `ROOM_NOT_FOUND` or `NOT_A_MEMBER` for a room that the caller may not read.
        """
        with unicode_only():
            request = chat_pb2.ListClientsRequest(room=_room(room))
        ask = partial(self._caller.chat, "ListClients", idempotent=True)
        return await Pages[chat_pb2.Client](ask, request, "clients", _MOST_A_PAGE, None).all()

    # ------------------------------------------------------------- messages

    def history(
        self, to: To = None, *, before: int = 0, after: int = 0, limit: int | None = None
    ) -> Pages[chat_pb2.StoredMessage]:
        """Iterate over the messages of a conversation as they are now, the newest first.

        `to` is a client's number, a user's name, a `#room`, or None for the room of everyone.
        Only messages before and after the given sequences; 0 sets no bound. At most `limit`; None
        for all. `CLIENT_NOT_FOUND`, `USER_NOT_FOUND`, `ROOM_NOT_FOUND` or `NOT_A_MEMBER`.
        """
        conversation = self._target(to)
        request = chat_pb2.ListMessagesRequest(
            target=conversation, before_sequence=_bound(before), after_sequence=_bound(after)
        )
        ask = partial(self._caller.chat, "ListMessages", idempotent=True)
        return Pages(ask, request, "messages", _MESSAGES_A_PAGE, limit)

    def search(
        self, query: str, to: To = None, *, limit: int | None = None
    ) -> Pages[chat_pb2.StoredMessage]:
        """Iterate over the messages that have all the words of `query`, the newest first.

        `"quoted words"` must stand together. No query is a syntax error; one without words is
        `FIELD_INVALID`. `to` restricts the search to one conversation; by default it covers all
        that the caller may read. At most `limit`; None for all.
        """
        conversation = None if to is None else self._target(to)
        with unicode_only():
            request = chat_pb2.SearchMessagesRequest(query=query, target=conversation)
        ask = partial(self._caller.chat, "SearchMessages", idempotent=True)
        return Pages(ask, request, "messages", _MESSAGES_A_PAGE, limit)

    def conversations(self, *, limit: int | None = None) -> Pages[chat_pb2.Conversation]:
        """Iterate over the caller's rooms and direct conversations, the most recent first.

        Each has its newest message and the number of unread messages. At most `limit`.
        """
        ask = partial(self._caller.chat, "ListConversations", idempotent=True)
        request = chat_pb2.ListConversationsRequest()
        return Pages(ask, request, "conversations", _MESSAGES_A_PAGE, limit)

    # ---------------------------------------------------------------- rooms

    async def rooms(self) -> list[chat_pb2.Room]:
        """List the rooms that the caller may see, by name."""
        ask = partial(self._caller.chat, "ListRooms", idempotent=True)
        request = chat_pb2.ListRoomsRequest()
        return await Pages[chat_pb2.Room](ask, request, "rooms", _MOST_A_PAGE, None).all()

    async def create_room(
        self, room: str, topic: str = "", *, invite_only: bool = False
    ) -> chat_pb2.Room:
        """Create a room; the caller is its owner. `NAME_TAKEN` if it exists, `NAME_INVALID`.

        Only members and invited users see an `invite_only` room. A `topic` has at most 250
        characters. Not retried: after `Unreachable` the room may exist.
        """
        with unicode_only():
            request = chat_pb2.CreateRoomRequest(
                name=_room(room), topic=topic, invite_only=invite_only
            )
        made: chat_pb2.Room = (
            await self._caller.chat("CreateRoom", request, idempotent=False)
        ).room
        return made

    async def join(self, room: str) -> chat_pb2.Room:
        """Make the caller a member of a public room, or of one to which they were invited.

        No effect for a member. `ROOM_NOT_FOUND`, also for an invite-only room without invitation.
        """
        with unicode_only():
            request = chat_pb2.JoinRoomRequest(room=_room(room))
        joined: chat_pb2.Room = (await self._caller.chat("JoinRoom", request, idempotent=True)).room
        return joined

    async def leave(self, room: str) -> None:
        """End the caller's membership of a room; no effect for others.

        `NOT_ALLOWED` for the lobby, `LAST_OWNER` for the only owner.
        """
        with unicode_only():
            request = chat_pb2.LeaveRoomRequest(room=_room(room))
        await self._caller.chat("LeaveRoom", request, idempotent=True)

    async def block(self, user: User) -> chat_pb2.Author:
        """Block a user, by number or name; return the user. No effect if that is so already.

        Neither side can write direct messages to the other then (`BLOCKED`), and the user can no
        longer mention or invite the caller. `CLIENT_NOT_FOUND`, `USER_NOT_FOUND`.
        """
        with unicode_only():
            request = chat_pb2.BlockUserRequest(**_whom(user))
        answer: chat_pb2.BlockUserResponse = await self._caller.chat(
            "BlockUser", request, idempotent=True
        )
        return answer.user

    async def unblock(self, user: User) -> chat_pb2.Author:
        """Unblock a user, by number or name; return the user. No effect if not blocked."""
        with unicode_only():
            request = chat_pb2.UnblockUserRequest(**_whom(user))
        answer: chat_pb2.UnblockUserResponse = await self._caller.chat(
            "UnblockUser", request, idempotent=True
        )
        return answer.user

    async def blocked(self) -> list[chat_pb2.Author]:
        """List the users whom the caller blocked, by ascending number."""
        ask = partial(self._caller.chat, "ListBlocked", idempotent=True)
        request = chat_pb2.ListBlockedRequest()
        return await Pages[chat_pb2.Author](ask, request, "users", _MOST_A_PAGE, None).all()

    async def invite(self, room: str, user: str) -> None:
        """Invite a user to a room, by name. Not retried.

        `USER_NOT_FOUND`; `NOT_A_MEMBER`; `NOT_ALLOWED` if the room is invite-only and the caller
        not a moderator.
        """
        self._check_name(user)
        with unicode_only():
            request = chat_pb2.InviteToRoomRequest(room=_room(room), user=user)
        await self._caller.chat("InviteToRoom", request, idempotent=False)

    async def update_room(
        self, room: str, *, topic: str | None = None, invite_only: bool | None = None
    ) -> chat_pb2.Room:
        """Change the topic of a room, or whether it is invite-only; None leaves it.

        `NOT_ALLOWED`: the topic needs a moderator, `invite_only` an owner.
        """
        with unicode_only():
            request = chat_pb2.UpdateRoomRequest(
                room=_room(room), topic=topic, invite_only=invite_only
            )
        changed: chat_pb2.Room = (
            await self._caller.chat("UpdateRoom", request, idempotent=True)
        ).room
        return changed

    async def delete_room(self, room: str) -> None:
        """Delete a room and all its messages permanently. `NOT_ALLOWED` unless the caller owns it.

        The members get a `room_change` event with `CHANGE_DELETED`. Not retried: after
        `Unreachable` the room may be deleted.
        """
        with unicode_only():
            request = chat_pb2.DeleteRoomRequest(room=_room(room))
        await self._caller.chat("DeleteRoom", request, idempotent=False)

    async def members(self, room: str) -> list[chat_pb2.RoomMember]:
        """List the members of a room, connected or not, by ascending number.

        `ROOM_NOT_FOUND` or `NOT_A_MEMBER` for a room that the caller may not read.
        """
        with unicode_only():
            request = chat_pb2.ListRoomMembersRequest(room=_room(room))
        ask = partial(self._caller.chat, "ListRoomMembers", idempotent=True)
        return await Pages[chat_pb2.RoomMember](ask, request, "members", _MOST_A_PAGE, None).all()

    async def set_role(self, room: str, user: str, role: chat_pb2.RoomRole.ValueType) -> None:
        """Give a member a role; `ROOM_ROLE_UNSPECIFIED` removes them from the room.

        `NOT_ALLOWED` if the caller's role is too low, `NOT_A_MEMBER`, `LAST_OWNER`.
        """
        self._check_name(user)
        with unicode_only():
            request = chat_pb2.SetRoomRoleRequest(room=_room(room), user=user, role=role)
        await self._caller.chat("SetRoomRole", request, idempotent=True)


def _room(name: str) -> str:
    return name.removeprefix("#")


def _bound(sequence: int) -> int:
    return sequence_of(sequence) if sequence else 0


def _whom(user: User) -> dict[str, Any]:
    """Return the field of a request that names a user."""
    user = user_of(user)
    return {"client_number": user} if isinstance(user, int) else {"user": user}
