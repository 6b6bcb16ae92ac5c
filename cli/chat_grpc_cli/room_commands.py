"""The commands for rooms."""

from __future__ import annotations

from chat_grpc.spelling.names import same_name
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import tables
from chat_grpc_cli.conversation import LOBBY, same
from chat_grpc_cli.events import ROLES
from chat_grpc_cli.registry import Screen, UsageError, command
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.shown import one_line

_Change = chat_pb2.RoomChange


@command("rooms", reads=True)
async def rooms(screen: Screen, _: str) -> None:
    """Show the rooms that are visible to you."""
    screen.show(tables.room_table(await screen.load_rooms()))


@command("join", "ROOM", "room", also=("j",))
async def join(screen: Screen, argument: str) -> None:
    """Join a room and go there."""
    room = await screen.chat.join(_word(argument, "Give the room: /join ops."))
    if not same(f"#{room.name}", LOBBY):
        _did(screen, _Change.CHANGE_JOINED, room, screen.chat.me.name)
    _known(screen, room)
    await screen.go(f"#{room.name}")


@command("leave", "[ROOM]", "room", also=("part",))
async def leave_room(screen: Screen, argument: str) -> None:
    """Leave a room; without a name the current one."""
    name = _word(argument, "Give one room: /leave #ops.") if argument else _here(screen)
    room = screen.view.room(name) or chat_pb2.Room(name=name)
    await screen.chat.leave(name)
    screen.view.unread.forget(f"#{name}")
    _did(screen, _Change.CHANGE_LEFT, room, screen.chat.me.name)
    if same(f"#{name}", screen.view.current):
        await screen.go(LOBBY)
    await screen.load_rooms()


@command("delete-room", "ROOM [yes]", "room")
async def delete_room(screen: Screen, argument: str) -> None:
    """Delete a room and all its messages.

    /delete-room ops        asks first
    /delete-room ops yes    deletes it permanently
    """
    name, _, answer = argument.strip().partition(" ")
    room_name = _word(name, "Give the room: /delete-room ops.")
    if answer.strip() != "yes":
        raise UsageError(
            f"This permanently deletes #{room_name} and all its messages for everybody."
            f" To confirm, enter /delete-room {room_name} yes."
        )
    await screen.chat.delete_room(room_name)
    _did(screen, _Change.CHANGE_DELETED, chat_pb2.Room(name=room_name), "")
    screen.view.forget_room(room_name)
    if same(f"#{room_name}", screen.view.current):
        await screen.go(LOBBY)


@command("create", "ROOM [private] [TOPIC]")
async def create(screen: Screen, argument: str) -> None:
    """Create a room.

    Goes there; you are its owner.

    /create ops what is down and who looks at it
    /create secrets private for invited members only
    """
    name, _, rest = argument.partition(" ")
    room_name = _word(name, "Give the name of the room: /create ops.")
    first, _, others = rest.strip().partition(" ")
    private = first == "private"
    topic = others.strip() if private else rest.strip()
    room = await screen.chat.create_room(room_name, topic, invite_only=private)
    _did(screen, _Change.CHANGE_CREATED, room, screen.chat.me.name)
    _known(screen, room)
    await screen.go(f"#{room.name}")


@command("invite", "NAME", "name")
async def invite(screen: Screen, argument: str) -> None:
    """Invite a user to the current room."""
    name = _word(argument, "Give a name: /invite bob.").removeprefix("@")
    room = _here(screen)
    await screen.chat.invite(room, name)
    _did(screen, _Change.CHANGE_INVITED, chat_pb2.Room(name=room), name)


@command("members", "[ROOM]", "room", reads=True)
async def members(screen: Screen, argument: str) -> None:
    """Show the members of a room and their roles."""
    found = await screen.chat.members(argument.removeprefix("#") or _here(screen))
    screen.show(tables.member_table(found, screen.chat.me.number))


@command("topic", "[TEXT]")
async def topic(screen: Screen, argument: str) -> None:
    """Set or show the topic of the current room."""
    name = _here(screen)
    if argument:
        _updated(screen, await screen.chat.update_room(name, topic=argument))
        return
    await screen.load_rooms()
    room = screen.view.room(name) or chat_pb2.Room(name=name)
    screen.tell(f"#{safe(room.name)}: {one_line(room.topic) or 'no topic'}")


@command("private")
async def private(screen: Screen, _: str) -> None:
    """Hide this room from uninvited users."""
    _updated(screen, await screen.chat.update_room(_here(screen), invite_only=True))


@command("public")
async def public(screen: Screen, _: str) -> None:
    """Show this room to everyone."""
    _updated(screen, await screen.chat.update_room(_here(screen), invite_only=False))


@command("role", "NAME ROLE", "name", "role")
async def role(screen: Screen, argument: str) -> None:
    """Set the role of a member, or remove them.

    /role bob reader       can read
    /role bob member       can also write
    /role bob moderator    can also delete messages, and remove and invite users
    /role bob owner        can also set roles
    /role bob none         removes bob from the room
    """
    name, _, word = argument.partition(" ")
    name, word = name.removeprefix("@"), word.strip().lower()
    if not name or (word not in ROLES and word != "none"):
        raise UsageError(f"Give a name and a role: /role bob {'|'.join(ROLES)}|none.")
    room = _here(screen)
    value = ROLES.get(word, chat_pb2.ROOM_ROLE_UNSPECIFIED)
    await screen.chat.set_role(room, name, value)
    change = _Change.CHANGE_ROLE if value else _Change.CHANGE_LEFT
    _did(screen, change, chat_pb2.Room(name=room), name, value)


async def member_of(screen: Screen, word: str) -> str:
    """Return the key of a room that the user is a member of. Raises `UsageError` for others."""
    name = word.removeprefix("#")
    room = screen.view.room(name)
    if room is None or not room.my_role:
        await screen.load_rooms()
        room = screen.view.room(name)
    if room is None:
        raise UsageError(f"There is no room {word}; /rooms lists the rooms.")
    if not room.my_role:
        raise UsageError(f"You are not a member of #{room.name}; /join #{room.name} joins it.")
    return f"#{room.name}"


def _here(screen: Screen) -> str:
    if not screen.view.current.startswith("#"):
        here = screen.view.title(screen.view.current)
        raise UsageError(f"{here} is not a room. Go to a room first: /go #ROOM.")
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
    """Print the user's change of a room, and the user whom it concerns."""
    me = chat_pb2.Author(number=screen.chat.me.number, name=screen.chat.me.name)
    subject = me if same_name(name, me.name) else _user(screen, name)
    told = chat_pb2.RoomChange(room=room, change=change, author=me, subject=subject, role=role)
    screen.did(told)


def _user(screen: Screen, name: str) -> chat_pb2.Author:
    """Return a user with the number, if it is known: the stream's event has it, too."""
    number = next(iter(screen.view.people.named(name)), 0)
    return chat_pb2.Author(number=number, name=name)


def _updated(screen: Screen, room: chat_pb2.Room) -> None:
    _did(screen, _Change.CHANGE_UPDATED, room, "")
    _known(screen, room)


def _known(screen: Screen, room: chat_pb2.Room) -> None:
    screen.view.set_room(room)
