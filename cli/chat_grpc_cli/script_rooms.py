"""The commands for scripts about rooms and their members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from chat_grpc_cli import suggestions
from chat_grpc_cli.access_options import access_options, as_json, client_command, run

if TYPE_CHECKING:
    from chat_grpc_cli.access import Access

_room = click.argument("room", shell_complete=suggestions.rooms)
_ROLES = ("reader", "member", "moderator", "owner", "none")


@client_command()
@access_options()
@as_json
def rooms(access: Access, as_json: bool) -> None:
    """List the rooms that are visible to you."""
    from chat_grpc_cli import listing

    run(lambda: listing.rooms(access, as_json=as_json))


@client_command()
@access_options()
@as_json
@_room
def join(access: Access, room: str, as_json: bool) -> None:
    """Join ROOM. No effect for a member.

    Only members can write to a room, read its history, and receive its messages by tail.
    """
    from chat_grpc_cli import room_work

    run(lambda: room_work.join(access, room, as_json=as_json))


@client_command()
@access_options()
@_room
def leave(access: Access, room: str) -> None:
    """Leave ROOM. No effect for others than its members."""
    from chat_grpc_cli import room_work

    run(lambda: room_work.leave(access, room))


@client_command()
@access_options()
@click.option("--private", is_flag=True, help="Only members and invited users see the room.")
@as_json
@_room
@click.argument("topic", metavar="[TOPIC]...", nargs=-1)
def create(access: Access, **options: Any) -> None:
    """Create ROOM, of which you are then the owner.

    Ends with status 3 if the room exists: `create ops || join ops` does either.
    """
    from chat_grpc_cli import room_work

    run(lambda: room_work.create(access, **options))


@client_command()
@access_options()
@_room
@click.argument("text", metavar="[TEXT]...", nargs=-1)
def topic(access: Access, room: str, text: tuple[str, ...]) -> None:
    """Set the topic of ROOM to TEXT, or print it."""
    from chat_grpc_cli import room_work

    run(lambda: room_work.topic(access, room, text))


@client_command()
@access_options()
@as_json
@_room
def members(access: Access, room: str, as_json: bool) -> None:
    """List the members of ROOM: number, name, role."""
    from chat_grpc_cli import room_work

    run(lambda: room_work.members(access, room, as_json=as_json))


@client_command()
@access_options()
@_room
@click.argument(
    "names", metavar="USER...", nargs=-1, required=True, shell_complete=suggestions.users
)
def invite(access: Access, room: str, names: tuple[str, ...]) -> None:
    """Invite each USER to ROOM, by name. Ends at the first one that is refused."""
    from chat_grpc_cli import room_work

    run(lambda: room_work.invite(access, room, names))


@client_command()
@access_options()
@_room
@click.argument("user", shell_complete=suggestions.users)
@click.argument("role", type=click.Choice(_ROLES, case_sensitive=False))
def role(access: Access, room: str, user: str, role: str) -> None:
    """Give USER a role in ROOM; `none` removes them from it."""
    from chat_grpc_cli import room_work

    run(lambda: room_work.set_role(access, room, user, role))


@client_command("delete-room")
@access_options()
@click.option("--yes", is_flag=True, required=True, help="Confirm. Required: this is permanent.")
@_room
def delete_room(access: Access, room: str, **_: bool) -> None:
    """Delete ROOM and all its messages, for everybody."""
    from chat_grpc_cli import room_work

    run(lambda: room_work.delete(access, room))


COMMANDS = (rooms, join, leave, create, topic, members, invite, role, delete_room)
