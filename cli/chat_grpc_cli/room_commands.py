"""The commands about rooms."""

from __future__ import annotations

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import tables
from chat_grpc_cli.conversation import LOBBY, same
from chat_grpc_cli.events import ROLES
from chat_grpc_cli.registry import Screen, UsageError, command
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.shown import one_line

_Change = chat_pb2.RoomChange


@command("rooms")
async def rooms(screen: Screen, _: str) -> None:
    """Show the rooms that you may see."""
    found = await screen.chat.rooms()
    screen.view.set_rooms(found)
    screen.show(tables.room_table(found))


@command("join", "ROOM", "room")
async def join(screen: Screen, argument: str) -> None:
    """Become a member of a room, and go there."""
    room = await screen.chat.join(_word(argument, "Say which room: /join ops."))
    if room.name.casefold() != LOBBY[1:]:
        _did(screen, _Change.CHANGE_JOINED, room, screen.chat.me.name)
    _known(screen, room)
    await screen.go(f"#{room.name}")


@command("leave", "[ROOM]", "room")
async def leave_room(screen: Screen, argument: str) -> None:
    """Leave a room; without a name this one."""
    name = argument.removeprefix("#") or _here(screen)
    room = screen.view.rooms.get(name.casefold(), chat_pb2.Room(name=name))
    await screen.chat.leave(name)
    screen.view.unread.forget(f"#{name}")
    _did(screen, _Change.CHANGE_LEFT, room, screen.chat.me.name)
    if same(f"#{name}", screen.view.current):
        await screen.go(LOBBY)
    screen.view.set_rooms(await screen.chat.rooms())


@command("create", "ROOM [private] [TOPIC]")
async def create(screen: Screen, argument: str) -> None:
    """Make a room of yours, and go there.

    /create ops what is down and who looks at it
    /create secrets private only for those invited
    """
    name, _, rest = argument.partition(" ")
    room_name = _word(name, "Say how the room is called: /create ops.")
    first, _, others = rest.strip().partition(" ")
    private = first == "private"
    topic = others.strip() if private else rest.strip()
    room = await screen.chat.create_room(room_name, topic, invite_only=private)
    _did(screen, _Change.CHANGE_CREATED, room, screen.chat.me.name)
    _known(screen, room)
    await screen.go(f"#{room.name}")


@command("invite", "NAME", "name")
async def invite(screen: Screen, argument: str) -> None:
    """Invite somebody to this room."""
    name = _word(argument, "Say whom: /invite bob.").removeprefix("@")
    room = _here(screen)
    await screen.chat.invite(room, name)
    _did(screen, _Change.CHANGE_INVITED, chat_pb2.Room(name=room), name)


@command("members", "[ROOM]", "room")
async def members(screen: Screen, argument: str) -> None:
    """Show who is in a room, and their roles."""
    found = await screen.chat.members(argument.removeprefix("#") or _here(screen))
    screen.show(tables.member_table(found, screen.chat.me.number))


@command("topic", "[TEXT]")
async def topic(screen: Screen, argument: str) -> None:
    """Say what the room is about, or show it."""
    name = _here(screen)
    if argument:
        _updated(screen, await screen.chat.update_room(name, topic=argument))
        return
    screen.view.set_rooms(await screen.chat.rooms())
    room = screen.view.rooms.get(name.casefold(), chat_pb2.Room(name=name))
    screen.tell(f"#{safe(room.name)}: {one_line(room.topic) or 'no topic'}")


@command("private")
async def private(screen: Screen, _: str) -> None:
    """Close the room to all who are not invited."""
    _updated(screen, await screen.chat.update_room(_here(screen), invite_only=True))


@command("public")
async def public(screen: Screen, _: str) -> None:
    """Open the room to everyone."""
    _updated(screen, await screen.chat.update_room(_here(screen), invite_only=False))


@command("role", "NAME ROLE", "name", "role")
async def role(screen: Screen, argument: str) -> None:
    """Say what a member may do, or remove them.

    /role bob reader       reads
    /role bob member       writes, too
    /role bob moderator    also deletes, removes and invites
    /role bob owner        also gives roles
    /role bob none         is a member no more
    """
    name, _, word = argument.partition(" ")
    name, word = name.removeprefix("@"), word.strip().lower()
    if not name or (word not in ROLES and word != "none"):
        raise UsageError(f"Say who and what: /role bob {'|'.join(ROLES)}|none.")
    room = _here(screen)
    value = ROLES.get(word, chat_pb2.ROOM_ROLE_UNSPECIFIED)
    await screen.chat.set_role(room, name, value)
    change = _Change.CHANGE_ROLE if value else _Change.CHANGE_LEFT
    _did(screen, change, chat_pb2.Room(name=room), name, value)


async def member_of(screen: Screen, word: str) -> str:
    """Gives the room's name as the server has it. Raises `UsageError` unless it is the user's."""
    key = word.removeprefix("#").casefold()
    if not screen.view.rooms.get(key, chat_pb2.Room()).my_role:
        screen.view.set_rooms(await screen.chat.rooms())
    room = screen.view.rooms.get(key)
    if room is None:
        raise UsageError(f"There is no room {word}; /rooms shows those that there are.")
    if not room.my_role:
        raise UsageError(f"You are no member of #{room.name}: /join #{room.name}.")
    return f"#{room.name}"


def _here(screen: Screen) -> str:
    if not screen.view.current.startswith("#"):
        raise UsageError(f"{screen.view.current} is no room; go to one first: /go #ROOM.")
    return screen.view.current[1:]


def _word(argument: str, usage: str) -> str:
    word = argument.removeprefix("#")
    if not word or " " in word:
        raise UsageError(usage)
    return word


def _did(
    screen: Screen,
    change: chat_pb2.RoomChange.Change.ValueType,
    room: chat_pb2.Room,
    name: str,
    role: chat_pb2.RoomRole.ValueType = chat_pb2.ROOM_ROLE_UNSPECIFIED,
) -> None:
    """Tells what the user did to a room, and to whom."""
    me = chat_pb2.Author(number=screen.chat.me.number, name=screen.chat.me.name)
    subject = me if name.casefold() == me.name.casefold() else chat_pb2.Author(name=name)
    told = chat_pb2.RoomChange(room=room, change=change, author=me, subject=subject, role=role)
    screen.did(told)


def _updated(screen: Screen, room: chat_pb2.Room) -> None:
    _did(screen, _Change.CHANGE_UPDATED, room, "")
    _known(screen, room)


def _known(screen: Screen, room: chat_pb2.Room) -> None:
    screen.view.rooms[room.name.casefold()] = room
