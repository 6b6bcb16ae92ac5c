"""The methods that need no stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Generic, Self, TypeVar

from chat_grpc.client.caller import Caller
from chat_grpc.client.requests import To, sequence_of, target, unicode_only
from chat_grpc.v1 import chat_pb2

_T = TypeVar("_T")
_Page = tuple[Sequence[_T], str]

_MESSAGES_A_PAGE = 100
_MOST_A_PAGE = 1000


class Pages(AsyncIterator[_T], Generic[_T]):
    """Gives what is on the pages of an answer, one by one; asks for a page when it is needed.

    Iterating raises `Refused` or `Unreachable`.
    """

    def __init__(
        self, fetch: Callable[[str, int], Awaitable[_Page[_T]]], size: int, limit: int | None
    ) -> None:
        """`fetch` takes a page's token and size. At most `limit` are given; None means all."""
        self._fetch = fetch
        self._size = size
        self._left = limit
        self._here: list[_T] = []
        self._token: str | None = ""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _T:
        if self._left == 0:
            raise StopAsyncIteration
        while not self._here:
            if self._token is None:
                raise StopAsyncIteration
            size = self._size if self._left is None else min(self._size, self._left)
            found, token = await self._fetch(self._token, size)
            self._here = list(reversed(found))
            self._token = token or None
        if self._left is not None:
            self._left -= 1
        return self._here.pop()

    async def all(self) -> list[_T]:
        """Gives the rest as a list."""
        return [each async for each in self]


class Unary:
    """The methods that `ChatClient` and `ChatCalls` share.

    Each raises `Refused`, `Unreachable`, or `Closed` once the client is; the reasons named below
    are those of `Refused`. Each has a deadline of 10 seconds, unless `ChatCalls` was told another.
    Those that do no more when they are called twice are called again while the server is away.

    A room is named with `#` or without.
    """

    _caller: Caller

    async def clients(self, room: str = "") -> list[chat_pb2.Client]:
        """Lists who is connected now, by rising number; with `room` only its members.

        `ROOM_NOT_FOUND` or `NOT_A_MEMBER` for a room that the caller does not read.
        """

        async def fetch(token: str, size: int) -> _Page[chat_pb2.Client]:
            request = chat_pb2.ListClientsRequest(
                page_size=size, page_token=token, room=_room(room)
            )
            page = await self._caller.chat("ListClients", request, again=True)
            return page.clients, page.next_page_token

        with unicode_only():
            return await Pages(fetch, _MOST_A_PAGE, None).all()

    # ------------------------------------------------------------- messages

    def history(
        self, to: To = None, *, before: int = 0, after: int = 0, limit: int | None = None
    ) -> Pages[chat_pb2.StoredMessage]:
        """Gives the messages of a conversation as they are now, the newest first.

        `to` is a client's number, a user's name, a `#room`, or None for the room of everyone.
        Only messages before and after the given sequences; 0 sets no bound. At most `limit`; None
        means all. `CLIENT_NOT_FOUND`, `USER_NOT_FOUND`, `ROOM_NOT_FOUND` or `NOT_A_MEMBER`.
        """
        whose = target(to)
        before, after = _bound(before), _bound(after)

        async def fetch(token: str, size: int) -> _Page[chat_pb2.StoredMessage]:
            request = chat_pb2.ListMessagesRequest(
                target=whose,
                page_size=size,
                page_token=token,
                before_sequence=before,
                after_sequence=after,
            )
            page = await self._caller.chat("ListMessages", request, again=True)
            return page.messages, page.next_page_token

        return Pages(fetch, _MESSAGES_A_PAGE, limit)

    def search(
        self, query: str, to: To = None, *, limit: int | None = None
    ) -> Pages[chat_pb2.StoredMessage]:
        """Gives the messages that have all the words of `query`, the newest first.

        `"quoted words"` must stand together; no query is wrong, but `FIELD_INVALID` for one without
        words. Without `to` all that the caller may read is searched, with it one conversation. At
        most `limit`; None means all.
        """
        whose = None if to is None else target(to)
        with unicode_only():
            chat_pb2.SearchMessagesRequest(query=query)

        async def fetch(token: str, size: int) -> _Page[chat_pb2.StoredMessage]:
            request = chat_pb2.SearchMessagesRequest(
                query=query, target=whose, page_size=size, page_token=token
            )
            page = await self._caller.chat("SearchMessages", request, again=True)
            return page.messages, page.next_page_token

        return Pages(fetch, _MESSAGES_A_PAGE, limit)

    def conversations(self, *, limit: int | None = None) -> Pages[chat_pb2.Conversation]:
        """Gives the caller's rooms and direct conversations, the one last written to first.

        Each with its newest message, and how many the caller has not read. At most `limit`.
        """

        async def fetch(token: str, size: int) -> _Page[chat_pb2.Conversation]:
            request = chat_pb2.ListConversationsRequest(page_size=size, page_token=token)
            page = await self._caller.chat("ListConversations", request, again=True)
            return page.conversations, page.next_page_token

        return Pages(fetch, _MESSAGES_A_PAGE, limit)

    # ---------------------------------------------------------------- rooms

    async def rooms(self) -> list[chat_pb2.Room]:
        """Lists the rooms that the caller may see, by name."""

        async def fetch(token: str, size: int) -> _Page[chat_pb2.Room]:
            request = chat_pb2.ListRoomsRequest(page_size=size, page_token=token)
            page = await self._caller.chat("ListRooms", request, again=True)
            return page.rooms, page.next_page_token

        return await Pages(fetch, _MOST_A_PAGE, None).all()

    async def create_room(
        self, room: str, topic: str = "", *, private: bool = False
    ) -> chat_pb2.Room:
        """Creates a room; the caller is its owner. `NAME_TAKEN` where it exists, `NAME_INVALID`.

        Only who is invited sees and joins a `private` one. A `topic` has at most 250 characters.
        It is tried once: after `Unreachable` the room may have been made.
        """
        with unicode_only():
            request = chat_pb2.CreateRoomRequest(name=_room(room), topic=topic, invite_only=private)
        made: chat_pb2.Room = (await self._caller.chat("CreateRoom", request, again=False)).room
        return made

    async def join(self, room: str) -> chat_pb2.Room:
        """Makes the caller a member of a public room, or of a private one that invited them.

        Does nothing for a member. `ROOM_NOT_FOUND`, also for a private one that did not.
        """
        with unicode_only():
            request = chat_pb2.JoinRoomRequest(room=_room(room))
        joined: chat_pb2.Room = (await self._caller.chat("JoinRoom", request, again=True)).room
        return joined

    async def leave(self, room: str) -> None:
        """Ends the caller's membership of a room; does nothing for who is no member.

        `NOT_ALLOWED` for the lobby, `LAST_OWNER` for the only owner.
        """
        with unicode_only():
            request = chat_pb2.LeaveRoomRequest(room=_room(room))
        await self._caller.chat("LeaveRoom", request, again=True)

    async def invite(self, room: str, user: str) -> None:
        """Invites a user to a room, by name; it is tried once.

        `USER_NOT_FOUND`; `NOT_A_MEMBER`, or `NOT_ALLOWED` where the room is private and the caller
        is no moderator.
        """
        with unicode_only():
            request = chat_pb2.InviteToRoomRequest(room=_room(room), user=user)
        await self._caller.chat("InviteToRoom", request, again=False)

    async def update_room(
        self, room: str, *, topic: str | None = None, private: bool | None = None
    ) -> chat_pb2.Room:
        """Changes what a room is about, or whether it is private; None leaves it.

        `NOT_ALLOWED`: the first needs a moderator, the second an owner.
        """
        with unicode_only():
            request = chat_pb2.UpdateRoomRequest(room=_room(room), topic=topic, invite_only=private)
        changed: chat_pb2.Room = (await self._caller.chat("UpdateRoom", request, again=True)).room
        return changed

    async def members(self, room: str) -> list[chat_pb2.RoomMember]:
        """Lists the members of a room, connected or not, by rising number.

        `ROOM_NOT_FOUND` or `NOT_A_MEMBER` for a room that the caller does not read.
        """

        async def fetch(token: str, size: int) -> _Page[chat_pb2.RoomMember]:
            request = chat_pb2.ListRoomMembersRequest(
                room=_room(room), page_size=size, page_token=token
            )
            page = await self._caller.chat("ListRoomMembers", request, again=True)
            return page.members, page.next_page_token

        with unicode_only():
            return await Pages(fetch, _MOST_A_PAGE, None).all()

    async def set_role(self, room: str, user: str, role: chat_pb2.RoomRole.ValueType) -> None:
        """Gives a member a role; `ROOM_ROLE_UNSPECIFIED` removes them from the room.

        `NOT_ALLOWED` beyond the caller's own role, `NOT_A_MEMBER`, `LAST_OWNER`.
        """
        with unicode_only():
            request = chat_pb2.SetRoomRoleRequest(room=_room(room), user=user, role=role)
        await self._caller.chat("SetRoomRole", request, again=True)


def _room(name: str) -> str:
    return name.removeprefix("#")


def _bound(sequence: int) -> int:
    return sequence_of(sequence) if sequence else 0
