"""The commands that show users."""

from __future__ import annotations

from datetime import datetime

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import tables
from chat_grpc_cli.addressees import addressee
from chat_grpc_cli.events import role_name
from chat_grpc_cli.quantities import counted
from chat_grpc_cli.registry import Screen, UsageError, command
from chat_grpc_cli.render import local, since
from chat_grpc_cli.sanitize import safe


@command("list", "[#ROOM]", "room", reads=True, also=("who", "w"))
async def list_clients(screen: Screen, argument: str) -> None:
    """List the connected users, or those of a room.

    Shows the number, the name and the connection time of each.

    /list
    /who #ops
    """
    room = argument.removeprefix("#")
    clients = await (screen.chat.clients(room) if room else screen.refresh())
    now = datetime.now().astimezone()
    screen.show(tables.client_table(clients, screen.chat.me.number, now))


@command("names", "[ROOM]", "room", reads=True)
async def names(screen: Screen, argument: str) -> None:
    """Show who is in a room, in one paragraph.

    A + marks moderators, an @ owners. Users in parentheses are away. /members is the long form.
    """
    here = screen.view.current
    room = argument.removeprefix("#") or here.removeprefix("#")
    if not argument and here.startswith("@"):
        raise UsageError("Give a room: /names #ops.")
    found = await screen.chat.members(room)
    found.sort(key=lambda member: (not member.connected, -member.role, member.user.name.casefold()))
    screen.tell(f"#{safe(room)}, {len(found)}: {' '.join(map(_name, found))}")


def _name(member: chat_pb2.RoomMember) -> str:
    marks = {chat_pb2.ROOM_ROLE_MODERATOR: "+", chat_pb2.ROOM_ROLE_OWNER: "@"}
    name = marks.get(member.role, "") + safe(member.user.name)
    return name if member.connected else f"({name})"


@command("whois", "NAME", "name", reads=True, also=("wi",))
async def whois(screen: Screen, argument: str) -> None:
    """Show a user.

    Shows the number, the connection time, the program, and the role in the current room.
    """
    clients = await screen.refresh()
    to = _number(screen, argument, "whois")
    words = [f"number {to}"]
    client = next((each for each in clients if each.number == to), None)
    if client is None:
        words.append("away")
    else:
        now = datetime.now().astimezone()
        words += ["guest" if client.guest else "account"]
        words.append(f"here since {' '.join(since(local(client.connect_time), now).split())}")
        words.append(counted(client.stream_count, "stream"))
        words += [client.agent] if client.agent else []
    words += await _role(screen, to)
    words += ["blocked"] if to in screen.view.blocked else []
    words += ["ignored"] if to in screen.view.ignored else []
    screen.tell(safe(f"{screen.view.people.label(to)}: {', '.join(words)}"))


async def _role(screen: Screen, number: int) -> list[str]:
    """Return the role of a user in the current room, if it is one with roles."""
    here = screen.view.current
    room = screen.view.room(here[1:]) if here.startswith("#") else None
    if room is None or not room.my_role:
        return []
    members = await screen.chat.members(room.name)
    return [f"{role_name(m.role)} of {here}" for m in members if m.user.number == number]


@command("ignore", "[NAME]", "name")
async def ignore(screen: Screen, argument: str) -> None:
    """Hide a user's messages; show whom you ignore.

    Only this machine knows it: the user can still write to you, and does not learn of it. /block
    makes the server refuse the messages.

    /ignore
    /ignore bob
    /ignore bob#3    if several users have had the name
    """
    if not argument:
        people, ignored = screen.view.people, screen.view.ignored
        names = ", ".join(safe(people.label(n, name)) for n, name in ignored.items())
        screen.tell(f"You ignore {names}." if names else "You ignore nobody.")
        return
    number = _number(screen, argument, "ignore")
    if number == screen.chat.me.number:
        raise UsageError("You cannot ignore yourself.")
    label = screen.view.people.label(number)
    await screen.ignore(number, label.partition("#")[0])
    screen.tell(safe(f"You ignore {label} on this machine. /unignore {label} ends it."))


@command("unignore", "NAME", "name")
async def unignore(screen: Screen, argument: str) -> None:
    """Show again what a user writes."""
    number = _number(screen, argument, "unignore")
    if number not in screen.view.ignored:
        raise UsageError(f"You do not ignore {argument}; /ignore shows whom you ignore.")
    await screen.ignore(number, None)
    screen.tell(safe(f"You no longer ignore {screen.view.people.label(number)}."))


def _number(screen: Screen, argument: str, name: str) -> int:
    """Return the number of a user who was seen. Raises `UsageError`."""
    if not argument or " " in argument or argument.startswith("#"):
        raise UsageError(f"Give a name: /{name} bob.")
    to = addressee(argument, screen.view.people)
    if not isinstance(to, int) or not screen.view.people.knows(to):
        raise UsageError(f"No user {argument} was seen; /list shows the connected users.")
    return to
