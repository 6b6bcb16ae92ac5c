"""The methods about rooms and their members."""

from __future__ import annotations

from chat_grpc.app.answer import Answer
from chat_grpc.app.identity import Identity
from chat_grpc.app.pages import number_of, page_size, page_token, place_of
from chat_grpc.core import limits
from chat_grpc.core.caller import Caller
from chat_grpc.core.changes import (
    CreateRoom,
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

    What a room becomes is decided by the log; here it is only looked at what can be said at once.
    """

    def __init__(self, hub: Hub, journal: Journal, identity: Identity) -> None:
        self._hub = hub
        self._journal = journal
        self._identity = identity

    async def _carry_out(self, caller: Caller, request: RoomRequest) -> None:
        await self._journal.drained(caller.number)
        answer = Answer()
        self._hub.intake.change(answer, caller.user, request, ROOM)
        await answer.settled()

    def _room(self, key: str, caller: Caller) -> chat_pb2.Room:
        return room_message(self._hub.rooms.get(key, caller.number), caller.number)

    # ------------------------------------------------------------- what there is

    async def list_rooms(
        self, request: chat_pb2.ListRoomsRequest, caller: Caller
    ) -> chat_pb2.ListRoomsResponse:
        """Lists the rooms that the caller may join or is in, by name."""
        size = page_size(request.page_size)
        (after,) = place_of(request.page_token, _ROOMS, "")
        rooms = [room_message(r, caller.number) for r in self._hub.rooms.visible_to(caller.number)]
        by_key = {room_key(room.name): room for room in [lobby_message(self._hub), *rooms]}
        rest = sorted(key for key in by_key if key > str(after))
        token = page_token(_ROOMS, rest[size - 1]) if len(rest) > size else ""
        listed = [by_key[key] for key in rest[:size]]
        return chat_pb2.ListRoomsResponse(rooms=listed, next_page_token=token)

    async def list_members(
        self, request: chat_pb2.ListRoomMembersRequest, caller: Caller
    ) -> chat_pb2.ListRoomMembersResponse:
        """Lists the members of a room, by rising number."""
        size = page_size(request.page_size)
        after = number_of(request.page_token, _MEMBERS)
        roles = self._members(room_key(request.room), caller)
        rest = sorted(number for number in roles if number > after)
        response = chat_pb2.ListRoomMembersResponse()
        for number in rest[:size]:
            user, role = roles[number]
            client = self._hub.clients.get(number)
            member = response.members.add(
                role=chat_pb2.RoomRole.ValueType(role),
                connected=client is not None and bool(client.streams),
            )
            member.user.number, member.user.name = user.number, user.name
        if len(rest) > size:
            response.next_page_token = page_token(_MEMBERS, rest[size - 1])
        return response

    def _members(self, key: str, caller: Caller) -> dict[int, tuple[User, int]]:
        if key == LOBBY:
            return {c.user.number: (c.user, MEMBER) for c in self._hub.clients.connected()}
        members = self._hub.rooms.members_for(key, caller.number)
        return {number: (member.user, member.role) for number, member in members.items()}

    # ------------------------------------------------------------- what changes

    async def create(
        self, request: chat_pb2.CreateRoomRequest, caller: Caller
    ) -> chat_pb2.CreateRoomResponse:
        """Creates a room."""
        name, key = check_room_name(request.name)
        if key == LOBBY:
            raise NameTaken("The room lobby exists already.", metadata={"name": name})
        _check_topic(request.topic)
        await self._carry_out(caller, CreateRoom(key, name, request.topic, request.invite_only))
        return chat_pb2.CreateRoomResponse(room=self._room(key, caller))

    async def join(
        self, request: chat_pb2.JoinRoomRequest, caller: Caller
    ) -> chat_pb2.JoinRoomResponse:
        """Makes the caller a member."""
        key = room_key(request.room)
        if key == LOBBY:
            return chat_pb2.JoinRoomResponse(room=lobby_message(self._hub))
        await self._carry_out(caller, JoinRoom(key))
        return chat_pb2.JoinRoomResponse(room=self._room(key, caller))

    async def leave(
        self, request: chat_pb2.LeaveRoomRequest, caller: Caller
    ) -> chat_pb2.LeaveRoomResponse:
        """Ends the caller's membership."""
        key = room_key(request.room)
        if key == LOBBY:
            raise LobbyStays("Everyone is in the lobby; nobody leaves it.")
        await self._carry_out(caller, LeaveRoom(key))
        return chat_pb2.LeaveRoomResponse()

    async def invite(
        self, request: chat_pb2.InviteToRoomRequest, caller: Caller
    ) -> chat_pb2.InviteToRoomResponse:
        """Invites a user."""
        key = room_key(request.room)
        if key != LOBBY:
            self._hub.rooms.for_member(key, caller.number)
        subject = await self._identity.named(request.user)
        if key != LOBBY:
            await self._carry_out(caller, Invite(key, subject))
        return chat_pb2.InviteToRoomResponse()

    async def update(
        self, request: chat_pb2.UpdateRoomRequest, caller: Caller
    ) -> chat_pb2.UpdateRoomResponse:
        """Changes what a room is about, or whether it is private."""
        key = _not_lobby(room_key(request.room))
        topic = request.topic if request.HasField("topic") else None
        private = request.invite_only if request.HasField("invite_only") else None
        _check_topic(topic or "")
        await self._carry_out(caller, UpdateRoom(key, topic, private))
        return chat_pb2.UpdateRoomResponse(room=self._room(key, caller))

    async def set_role(
        self, request: chat_pb2.SetRoomRoleRequest, caller: Caller
    ) -> chat_pb2.SetRoomRoleResponse:
        """Gives a member a role, or removes one."""
        key = _not_lobby(room_key(request.room))
        if request.role not in chat_pb2.RoomRole.values():
            raise FieldInvalid("role is one of RoomRole; UNSPECIFIED removes from the room.")
        room = self._hub.rooms.for_member(key, caller.number)
        subject = await self._subject(room, request.user)
        await self._carry_out(caller, SetRole(key, subject, request.role))
        return chat_pb2.SetRoomRoleResponse()

    async def _subject(self, room: Room, name: str) -> User:
        """Finds a member by name, who may be away while somebody else has the name."""
        user = await self._identity.named(name)
        return room.by_key(user.key, user) or user


def _not_lobby(key: str) -> str:
    if key == LOBBY:
        raise NotAllowed("The lobby is everyone's, and nobody's to change.")
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
    """Describes a room as a user sees it."""
    return chat_pb2.Room(
        name=room.name,
        topic=room.topic,
        invite_only=room.invite_only,
        member_count=len(room.members),
        my_role=chat_pb2.RoomRole.ValueType(room.role(number)),
    )


def lobby_message(hub: Hub) -> chat_pb2.Room:
    """Describes the lobby: its members are those who are connected."""
    count = sum(bool(client.streams) for client in hub.clients.values())
    return chat_pb2.Room(name=LOBBY, member_count=count, my_role=chat_pb2.RoomRole.ROOM_ROLE_MEMBER)
