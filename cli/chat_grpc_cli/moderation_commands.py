"""The commands for moderation, offered to admins and to moderators of the current room."""

from __future__ import annotations

from datetime import datetime

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import tables
from chat_grpc_cli.administration import is_network
from chat_grpc_cli.people import number_in
from chat_grpc_cli.periods import parse_period
from chat_grpc_cli.quantities import counted
from chat_grpc_cli.registry import Screen, UsageError, command
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.view import View

EVERYWHERE, ALL = "everywhere", "all"


def admins(view: View) -> bool:
    """Return whether the user is an admin."""
    return view.admin


def moderators(view: View) -> bool:
    """Return whether the user is an admin, or a moderator or owner of the current room."""
    room = view.room(view.current[1:]) if view.current.startswith("#") else None
    role = room.my_role if room is not None else chat_pb2.ROOM_ROLE_UNSPECIFIED
    return view.admin or role >= chat_pb2.ROOM_ROLE_MODERATOR


@command("kick", "NAME [REASON]", "name", offered=moderators)
async def kick(screen: Screen, argument: str) -> None:
    """End the streams of a user, who may come back.

    For a moderator who is no admin: remove the user from the current room.

    /kick bob too loud
    """
    word, reason = _split(argument, "Give a name: /kick bob too loud.")
    user = _user(word)
    if screen.view.admin:
        count = await screen.chat.kick(user, reason)
        screen.tell(f"Kicked {safe(word)}: {counted(count, 'stream')} ended.")
    else:
        room = _here(screen)
        await screen.chat.set_role(room, word.removeprefix("@"), chat_pb2.ROOM_ROLE_UNSPECIFIED)
        screen.tell(f"Removed {safe(word)} from #{safe(room)}.")


@command("ban", "NAME [PERIOD] [REASON]", "name", offered=admins)
async def ban(screen: Screen, argument: str) -> None:
    """Ban a user or a network from the server.

    /ban bob               without an end
    /ban bob 7d spam       for seven days
    /ban 192.0.2.0/24 2h   a network
    """
    word, rest = _split(argument, "Give a name or a network: /ban bob 7d spam.")
    seconds, reason = _period(rest)
    if is_network(word):
        made = await screen.chat.ban_network(word, reason, seconds=seconds)
    else:
        made = await screen.chat.ban(_user(word), reason, seconds=seconds)
    screen.tell(f"Banned {safe(made.user or made.network)}. /unban {made.ban_id} removes the ban.")


@command("unban", "NAME", "name", offered=admins)
async def unban(screen: Screen, argument: str) -> None:
    """Remove a ban.

    /unban bob
    /unban 192.0.2.0/24
    /unban 4711            by the id of the ban
    """
    word, _ = _split(argument, "Give a name, a network or the id of a ban: /unban bob.")
    await screen.chat.unban(await screen.chat.find_ban(word.removeprefix("@")))
    screen.tell(f"Removed the ban of {safe(word)}.")


@command("mute", "NAME PERIOD [REASON]", "name", offered=moderators)
async def mute(screen: Screen, argument: str) -> None:
    """Refuse what a user writes in this room.

    /mute bob 10m calm down     in the current room
    /mute bob 2h everywhere     for admins
    """
    word, rest = _split(argument, "Give a name and a period: /mute bob 10m.")
    seconds, rest = _period(rest)
    if seconds is None:
        raise UsageError("Give a period such as 10m, 2h or 7d: /mute bob 10m.")
    room, reason = _place(screen, rest)
    await screen.chat.mute(_user(word), seconds=seconds, room=room, reason=reason)
    screen.tell(f"Muted {safe(word)} {_where(room)}.")


@command("unmute", "NAME [everywhere]", "name", offered=moderators)
async def unmute(screen: Screen, argument: str) -> None:
    """Let a user write again in the current room.

    /unmute bob
    /unmute bob everywhere    for admins
    """
    word, rest = _split(argument, "Give a name: /unmute bob.")
    room, _ = _place(screen, rest)
    await screen.chat.unmute(_user(word), room=room)
    screen.tell(f"Removed the mute of {safe(word)} {_where(room)}.")


@command("mutes", "[all]", offered=moderators, reads=True)
async def mutes(screen: Screen, argument: str) -> None:
    """Show who is muted in this room.

    /mutes
    /mutes all    for admins: all rooms, and everywhere
    """
    if argument not in ("", ALL):
        raise UsageError("Write /mutes, or /mutes all.")
    room = "" if argument else _here(screen)
    found = await screen.chat.mutes(room=room).all()
    if found:
        screen.show(tables.mute_table(found, datetime.now().astimezone()))
    else:
        screen.tell(f"Nobody is muted{f' in #{safe(room)}' if room else ''}.")


def _split(argument: str, usage: str) -> tuple[str, str]:
    """Return the first word and the rest. Raises `UsageError` if there is none."""
    word, _, rest = argument.partition(" ")
    if not word:
        raise UsageError(usage)
    return word, rest.strip()


def _user(word: str) -> str | int:
    """Return the number of a user who is named by it, or else the name."""
    return number_in(word) or word.removeprefix("@")


def _period(text: str) -> tuple[float | None, str]:
    """Return the seconds of a period at the beginning of a text, None without one, and the rest."""
    word, _, rest = text.partition(" ")
    try:
        period = parse_period(word)
    except OverflowError:
        raise UsageError(f"{word} is too long; use for example 7d.") from None
    return (None, text) if period is None else (period.total_seconds(), rest.strip())


def _place(screen: Screen, text: str) -> tuple[str, str]:
    """Return the room of a mute, empty for everywhere, and the rest of the text."""
    word, _, rest = text.partition(" ")
    if word == EVERYWHERE:
        return "", rest.strip()
    return _here(screen), text


def _where(room: str) -> str:
    return f"in #{safe(room)}" if room else EVERYWHERE


def _here(screen: Screen) -> str:
    if not screen.view.current.startswith("#"):
        raise UsageError("Go to a room first: /go #ROOM.")
    return screen.view.current[1:]
