"""The commands about rooms."""

from __future__ import annotations

from chat_cli import tables
from chat_cli.conversation import LOBBY, same
from chat_cli.events import ROLES, role_name
from chat_cli.registry import Screen, UsageError, command
from chat_cli.sanitize import safe
from chat_cli.shown import one_line
from chat_grpc.v1 import chat_pb2


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
    _known(screen, room)
    screen.go(f"#{room.name}")


@command("leave", "[ROOM]", "room")
async def leave_room(screen: Screen, argument: str) -> None:
    """Leave a room; without a name the one that you are in."""
    room = argument.removeprefix("#") or _here(screen)
    await screen.chat.leave(room)
    screen.view.unread.forget(f"#{room}")
    screen.tell(f"you left #{safe(room)}")
    if same(f"#{room}", screen.view.current):
        screen.go(LOBBY)
    screen.view.set_rooms(await screen.chat.rooms())


@command("create", "ROOM [private] [TOPIC]")
async def create(screen: Screen, argument: str) -> None:
    """Make a room, and go there; you are its owner.

    /create ops what is down and who looks at it
    /create secrets private only for those invited
    """
    name, _, rest = argument.partition(" ")
    room_name = _word(name, "Say how the room is called: /create ops.")
    first, _, others = rest.strip().partition(" ")
    private = first == "private"
    topic = others.strip() if private else rest.strip()
    room = await screen.chat.create_room(room_name, topic, private=private)
    _known(screen, room)
    screen.go(f"#{room.name}")


@command("invite", "NAME", "name")
async def invite(screen: Screen, argument: str) -> None:
    """Invite somebody to the room that you are in."""
    name = _word(argument, "Say whom: /invite bob.")
    room = _here(screen)
    await screen.chat.invite(room, name.removeprefix("@"))
    screen.tell(f"you invited {safe(name)} to #{safe(room)}")


@command("members", "[ROOM]", "room")
async def members(screen: Screen, argument: str) -> None:
    """Show the members of a room, and what they may do."""
    found = await screen.chat.members(argument.removeprefix("#") or _here(screen))
    screen.show(tables.member_table(found, screen.chat.me.number))


@command("topic", "[TEXT]")
async def topic(screen: Screen, argument: str) -> None:
    """Say what the room is about; without a text show it."""
    name = _here(screen)
    if argument:
        room = await screen.chat.update_room(name, topic=argument)
        _known(screen, room)
    else:
        screen.view.set_rooms(await screen.chat.rooms())
        room = screen.view.rooms.get(name.casefold(), chat_pb2.Room(name=name))
    screen.tell(f"#{safe(room.name)}: {one_line(room.topic) or 'no topic'}")


@command("role", "NAME ROLE", "name", "role")
async def role(screen: Screen, argument: str) -> None:
    """Give a member of the room a role: reader, member, moderator, owner; none removes them.

    /role bob moderator
    """
    name, _, word = argument.partition(" ")
    word = word.strip().lower()
    if not name or (word not in ROLES and word != "none"):
        raise UsageError(f"Say who and what: /role bob {'|'.join(ROLES)}|none.")
    room = _here(screen)
    value = ROLES.get(word, chat_pb2.ROOM_ROLE_UNSPECIFIED)
    await screen.chat.set_role(room, name.removeprefix("@"), value)
    screen.tell(f"you made {safe(name)} {role_name(value)} of #{safe(room)}")


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


def _known(screen: Screen, room: chat_pb2.Room) -> None:
    screen.view.rooms[room.name.casefold()] = room
