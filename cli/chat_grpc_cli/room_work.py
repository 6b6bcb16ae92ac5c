"""The work of the commands for scripts that change a room or list its members."""

from __future__ import annotations

from collections.abc import Sequence

from chat_grpc.client import ChatCalls
from chat_grpc.spelling.names import same_name
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import tables
from chat_grpc_cli.access import Access
from chat_grpc_cli.events import ROLES
from chat_grpc_cli.failures import NotFound
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.scripting import print_fragments, print_json
from chat_grpc_cli.standard_streams import print_line


async def join(access: Access, room: str, *, as_json: bool) -> None:
    """Join a room."""
    joined = await access.as_guest(lambda calls: calls.join(room))
    if as_json:
        print_json([joined])


async def leave(access: Access, room: str) -> None:
    """Leave a room."""
    await access.as_guest(lambda calls: calls.leave(room))


async def create(
    access: Access, *, room: str, topic: Sequence[str], private: bool, as_json: bool
) -> None:
    """Create a room."""
    made = await access.as_guest(
        lambda calls: calls.create_room(room, " ".join(topic), invite_only=private)
    )
    if as_json:
        print_json([made])


async def topic(access: Access, room: str, text: Sequence[str]) -> None:
    """Set the topic of a room, or print it. Raises `NotFound` for a room that is not visible."""
    if text:
        await access.as_guest(lambda calls: calls.update_room(room, topic=" ".join(text)))
        return
    for each in await access.as_guest(lambda calls: calls.rooms()):
        if same_name(each.name, room.removeprefix("#")):
            print_line(safe(each.topic))
            return
    raise NotFound(f"There is no room {room}; `chat-grpc rooms` lists the rooms.")


async def members(access: Access, room: str, *, as_json: bool) -> None:
    """Print the members of a room."""
    found = await access.as_guest(lambda calls: calls.members(room))
    if as_json:
        print_json(found)
        return
    me = max((m.user.number for m in found if same_name(m.user.name, access.guest)), default=0)
    print_fragments(tables.member_table(found, me))


async def invite(access: Access, room: str, users: Sequence[str]) -> None:
    """Invite users to a room, one after the other."""

    async def action(calls: ChatCalls) -> None:
        for user in users:
            await calls.invite(room, user.removeprefix("@"))

    await access.as_guest(action)


async def set_role(access: Access, room: str, user: str, role: str) -> None:
    """Give a member a role; `none` removes the member."""
    name, value = user.removeprefix("@"), ROLES.get(role, chat_pb2.ROOM_ROLE_UNSPECIFIED)
    await access.as_guest(lambda calls: calls.set_role(room, name, value))


async def delete(access: Access, room: str) -> None:
    """Delete a room and its messages."""
    await access.as_guest(lambda calls: calls.delete_room(room))
