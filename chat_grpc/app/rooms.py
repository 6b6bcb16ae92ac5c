"""The methods about rooms and their members."""

from __future__ import annotations

from bisect import bisect_right, insort
from itertools import islice
from operator import itemgetter

from chat_grpc.app.answer import Answer
from chat_grpc.app.identity import Identity
from chat_grpc.app.pages import listing, number_of, page_size, page_token, position_of
from chat_grpc.app.room_eraser import RoomEraser
from chat_grpc.core import limits
from chat_grpc.core.caller import Caller
from chat_grpc.core.changes import (
    CreateRoom,
    DeleteRoom,
    Invite,
    JoinRoom,
    LeaveRoom,
    RoomRequest,
    SetRole,
    UpdateRoom,
)
from chat_grpc.core.entry import ROOM
from chat_grpc.core.errors import (
    FieldInvalid,
    LobbyStays,
    NameTaken,
    NotAllowed,
    TextInvalid,
)
from chat_grpc.core.hub import Hub
from chat_grpc.core.names import check_room_name, room_key
from chat_grpc.core.room_rules import LOBBY, MEMBER
from chat_grpc.core.rooms import Room
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.v1 import chat_pb2

_ROOMS, _MEMBERS = "rooms", "members"


class RoomMethods:
    """Rooms, their members and roles. Belongs to the event loop.

    The log decides about changes; checks that do not depend on log order run here.
    """

    def __init__(self, hub: Hub, journal: Journal, identity: Identity, eraser: RoomEraser) -> None:
        self._hub = hub
        self._journal = journal
        self._identity = identity
        self._eraser = eraser

    async def _carry_out(self, caller: Caller, request: RoomRequest) -> None:
        await self._journal.drained(caller.number)
        answer = Answer()
        self._hub.intake.change(answer, caller.user, request, ROOM)
        await answer.settled()

    def _room(self, key: str, caller: Caller) -> chat_pb2.Room:
        return room_message(self._hub.rooms.get(key, caller.number), caller.number)

    # ------------------------------------------------------------- lists

    async def list_rooms(
        self, request: chat_pb2.ListRoomsRequest, caller: Caller
    ) -> chat_pb2.ListRoomsResponse:
        """List the rooms that the caller may join or is a member of, by name."""
        size = page_size(request.page_size)
        of = listing(_ROOMS, request)
        (after,) = position_of(request.page_token, of, "")
        rooms = self._hub.rooms.page(str(after), caller.number, size + 1)
        listed = [(room.key, room_message(room, caller.number)) for room in rooms]
        if str(after) < LOBBY:
            insort(listed, (LOBBY, lobby_message(self._hub)), key=itemgetter(0))
        response = chat_pb2.ListRoomsResponse(rooms=[room for _, room in listed[:size]])
        if len(listed) > size:
            response.next_page_token = page_token(of, listed[size - 1][0])
        return response

    async def list_members(
        self, request: chat_pb2.ListRoomMembersRequest, caller: Caller
    ) -> chat_pb2.ListRoomMembersResponse:
        """List the members of a room, by ascending number."""
        size = page_size(request.page_size)
        of = listing(_MEMBERS, request)
        after = number_of(request.page_token, of)
        members = self._members(room_key(request.room), caller, after, size + 1)
        response = chat_pb2.ListRoomMembersResponse()
        for user, role in members[:size]:
            member = response.members.add(
                role=chat_pb2.RoomRole.ValueType(role),
                connected=self._hub.clients.is_connected(user.number),
            )
            member.user.number, member.user.name = user.number, user.name
        if len(members) > size:
            response.next_page_token = page_token(of, members[size - 1][0].number)
        return response

    def _members(self, key: str, caller: Caller, after: int, limit: int) -> list[tuple[User, int]]:
        """Return some members with a number above `after`, with their roles."""
        if key == LOBBY:
            clients = islice(self._hub.clients.connected(after), limit)
            return [(client.user, MEMBER) for client in clients]
        room = self._hub.rooms.members_for(key, caller.number)
        start = bisect_right(room.numbers, after)
        members = (room.members[number] for number in room.numbers[start : start + limit])
        return [(member.user, member.role) for member in members]

    # ------------------------------------------------------------- changes

    async def create(
        self, request: chat_pb2.CreateRoomRequest, caller: Caller
    ) -> chat_pb2.CreateRoomResponse:
        """Create a room."""
        name, key = check_room_name(request.name)
        if key == LOBBY:
            raise NameTaken("The room lobby exists already.", metadata={"name": name})
        _check_topic(request.topic)
        most = self._hub.quotas.quota.rooms_per_user
        change = CreateRoom(key, name, request.topic, request.invite_only, most)
        await self._carry_out(caller, change)
        return chat_pb2.CreateRoomResponse(room=self._room(key, caller))

    async def join(
        self, request: chat_pb2.JoinRoomRequest, caller: Caller
    ) -> chat_pb2.JoinRoomResponse:
        """Make the caller a member."""
        key = room_key(request.room)
        if key == LOBBY:
            return chat_pb2.JoinRoomResponse(room=lobby_message(self._hub))
        most = self._hub.quotas.quota.members_per_room
        await self._carry_out(caller, JoinRoom(key, most))
        return chat_pb2.JoinRoomResponse(room=self._room(key, caller))

    async def leave(
        self, request: chat_pb2.LeaveRoomRequest, caller: Caller
    ) -> chat_pb2.LeaveRoomResponse:
        """End the caller's membership."""
        key = room_key(request.room)
        if key == LOBBY:
            raise LobbyStays("The lobby cannot be left: everybody is in it.")
        await self._carry_out(caller, LeaveRoom(key))
        return chat_pb2.LeaveRoomResponse()

    async def invite(
        self, request: chat_pb2.InviteToRoomRequest, caller: Caller
    ) -> chat_pb2.InviteToRoomResponse:
        """Invite a user."""
        key = room_key(request.room)
        if key != LOBBY:
            self._hub.rooms.for_member(key, caller.number)
        subject = await self._identity.named(request.user)
        if key != LOBBY:
            most = self._hub.quotas.quota.invitations_per_room
            await self._carry_out(caller, Invite(key, subject, most))
        return chat_pb2.InviteToRoomResponse()

    async def update(
        self, request: chat_pb2.UpdateRoomRequest, caller: Caller
    ) -> chat_pb2.UpdateRoomResponse:
        """Change the topic of a room, or whether it is invite-only."""
        key = _not_lobby(room_key(request.room))
        topic = request.topic if request.HasField("topic") else None
        invite_only = request.invite_only if request.HasField("invite_only") else None
        _check_topic(topic or "")
        await self._carry_out(caller, UpdateRoom(key, topic, invite_only))
        return chat_pb2.UpdateRoomResponse(room=self._room(key, caller))

    async def delete(
        self, request: chat_pb2.DeleteRoomRequest, caller: Caller
    ) -> chat_pb2.DeleteRoomResponse:
        """Delete a room; its messages are erased in the background."""
        await self._carry_out(caller, DeleteRoom(_not_lobby(room_key(request.room))))
        self._eraser.wake()
        return chat_pb2.DeleteRoomResponse()

    async def set_role(
        self, request: chat_pb2.SetRoomRoleRequest, caller: Caller
    ) -> chat_pb2.SetRoomRoleResponse:
        """Give a member a role, or remove one."""
        key = _not_lobby(room_key(request.room))
        if request.role not in chat_pb2.RoomRole.values():
            raise FieldInvalid(
                "role must be a value of RoomRole; ROOM_ROLE_UNSPECIFIED removes the user."
            )
        room = self._hub.rooms.for_member(key, caller.number)
        subject = await self._subject(room, request.user)
        await self._carry_out(caller, SetRole(key, subject, request.role))
        return chat_pb2.SetRoomRoleResponse()

    async def _subject(self, room: Room, name: str) -> User:
        """Find a member by name; the member may be away while another user has the name."""
        user = await self._identity.named(name)
        return room.by_key(user.key, user) or user


def _not_lobby(key: str) -> str:
    if key == LOBBY:
        raise NotAllowed("The lobby cannot be changed.")
    return key


def _check_topic(topic: str) -> None:
    if len(topic) > limits.MAX_TOPIC_LENGTH:
        raise FieldInvalid(
            f"A topic has at most {limits.MAX_TOPIC_LENGTH} characters.",
            metadata={"max_topic_length": str(limits.MAX_TOPIC_LENGTH)},
        )
    if "\x00" in topic:
        raise TextInvalid("A topic cannot hold the character U+0000.")


def room_message(room: Room, number: int) -> chat_pb2.Room:
    """Describe a room as a user sees it. The result belongs to the room: do not change it."""
    role = room.role(number)
    if not role and room.listed is not None:
        return room.listed
    message = chat_pb2.Room(
        name=room.name,
        topic=room.topic,
        invite_only=room.invite_only,
        member_count=len(room.members),
        my_role=chat_pb2.RoomRole.ValueType(role),
    )
    if not role:
        room.listed = message
    return message


def lobby_message(hub: Hub) -> chat_pb2.Room:
    """Describe the lobby; its members are the connected users."""
    count = hub.clients.connected_count
    return chat_pb2.Room(name=LOBBY, member_count=count, my_role=chat_pb2.RoomRole.ROOM_ROLE_MEMBER)
