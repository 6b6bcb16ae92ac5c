"""The commands of `admin` for moderation, from `kick` to `mutes`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from chat_grpc_cli import suggestions
from chat_grpc_cli.access_options import as_json, client_command

from chat_grpc.admin_commands import reach_options

if TYPE_CHECKING:
    from chat_grpc.admin_commands import Reach

_F = TypeVar("_F", bound=Callable[..., Any])


def _seconds(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """Return the seconds of a period such as 10m."""
    from chat_grpc_cli.periods import parse_period

    if value is None:
        return None
    try:
        period = parse_period(value)
    except OverflowError:
        period = None
    if period is None:
        raise click.BadParameter(f"{value!r} is not a period; write for example 10m, 2h or 7d.")
    return period.total_seconds()


def _for(text: str, **options: Any) -> Callable[[_F], _F]:
    return click.option(
        "--for", "seconds", metavar="PERIOD", callback=_seconds, help=text, **options
    )


_reason = click.option("--reason", default="", help="The reason, shown to the user.")
_room = click.option("--room", default="", help="Only in this room.  [default: everywhere]")
_user = click.argument("user", shell_complete=suggestions.users)


@client_command()
@reach_options
@_reason
@_user
def kick(reach: Reach, user: str, reason: str) -> None:
    """End all streams of USER, a name or a number. The user may connect again."""
    from chat_grpc_cli import administration

    reach(administration.kick(user, reason))


@client_command()
@reach_options
@_for("The duration: 10m, 2h, 7d.  [default: without an end]")
@_reason
@as_json
@click.argument("subject", shell_complete=suggestions.users)
def ban(reach: Reach, subject: str, seconds: float | None, reason: str, as_json: bool) -> None:
    """Ban a user or a network.

    SUBJECT is a name, a number, an address, or a network such as 192.0.2.0/24. Ends the streams at
    once. An IPv6 address stands for its /64 network.
    """
    from chat_grpc_cli import administration

    reach(administration.ban(subject, seconds, reason, as_json=as_json))


@client_command()
@reach_options
@click.argument("subject")
def unban(reach: Reach, subject: str) -> None:
    """Remove a ban.

    SUBJECT is the id of the ban, its user, by name or number, or its network.
    """
    from chat_grpc_cli import administration

    reach(administration.unban(subject))


@client_command()
@reach_options
@as_json
def bans(reach: Reach, as_json: bool) -> None:
    """List the bans in force, newest first.

    The columns: id, user or network, author, start, end, reason.
    """
    from chat_grpc_cli import administration

    reach(administration.bans(as_json=as_json))


@client_command()
@reach_options
@_for("The duration: 10m, 2h, 7d.", required=True)
@_room
@_reason
@_user
def mute(reach: Reach, user: str, room: str, seconds: float, reason: str) -> None:
    """Refuse what USER writes. Moderators of a room may do this with --room."""
    from chat_grpc_cli import administration

    reach(administration.mute(user, room, seconds, reason))


@client_command()
@reach_options
@_room
@_user
def unmute(reach: Reach, user: str, room: str) -> None:
    """Remove a mute of USER.

    With --room the one in the room, otherwise the one everywhere.
    """
    from chat_grpc_cli import administration

    reach(administration.mute(user, room, 0, ""))


@client_command()
@reach_options
@click.option("--room", default="", help="Only those of this room.  [default: all]")
@as_json
def mutes(reach: Reach, room: str, as_json: bool) -> None:
    """List the mutes in force, newest first. Moderators of a room may do this with --room.

    The columns: user, room or everywhere, author, start, end, reason.
    """
    from chat_grpc_cli import administration

    reach(administration.mutes(room, as_json=as_json))


COMMANDS = (kick, ban, unban, bans, mute, unmute, mutes)
"""The commands, for the group `admin`."""
