"""The commands `admin invite create|list|revoke`: invite codes, from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from chat_grpc_cli.access_options import as_json
from chat_grpc_cli.sections import OrderedGroup

from chat_grpc.admin_commands import reach_options
from chat_grpc.user_commands import invite_options

if TYPE_CHECKING:
    from chat_grpc.admin_commands import Reach


@click.group(cls=OrderedGroup)
def invite() -> None:
    """Manage invite codes, with which people create accounts."""


@invite.command()
@reach_options
@invite_options
def create(reach: Reach, uses: int, days: float, link: str) -> None:
    """Create an invite code, and print it. It is shown only now.

    `chat-grpc register --invited` takes the code, or a link that has it.
    """
    from chat_grpc_cli import users

    reach(users.invite(uses, days, link))


@invite.command("list")
@reach_options
@as_json
def list_all(reach: Reach, as_json: bool) -> None:
    """List the invite codes: id, author, expiry, number of uses."""
    from chat_grpc_cli import users

    reach(users.list_invites(as_json=as_json))


@invite.command()
@reach_options
@click.argument("invite_id")
def revoke(reach: Reach, invite_id: str) -> None:
    """Revoke the invite code with the id INVITE_ID."""
    from chat_grpc_cli import users

    reach(users.revoke_invite(invite_id))


COMMANDS = (invite,)
"""The command, for the group `admin`."""
