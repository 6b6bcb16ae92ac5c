"""The command `user`: accounts, on the server's own machine, whether the server runs or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from chat_grpc_cli.access_options import as_json, with_options
from chat_grpc_cli.sections import OrderedGroup

from chat_grpc.local_work import carry_out
from chat_grpc.spelling.invites import base_of
from chat_grpc.store_commands import data_options

_F = TypeVar("_F", bound=Callable[..., Any])


@click.group(cls=OrderedGroup)
def user() -> None:
    """Manage accounts, on the server's own machine.

    A running server is asked through the socket in its data folder, which only the user who runs it
    can open. Otherwise the command opens the store itself.
    """


def _web_address(_: click.Context, __: click.Parameter, value: str) -> str:
    """Return a web address that can have invite links. Raises `BadParameter`."""
    try:
        return value and base_of(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _name(function: _F) -> _F:
    return click.argument("name")(function)


@user.command()
@data_options
@click.option("--admin", is_flag=True, help="Give the account the admin role.")
@_name
def add(data: str | None, config: Path | None, admin: bool, name: str) -> None:
    """Create the account NAME.

    Asks for the password, or reads it from standard input if that is no terminal.
    """
    from chat_grpc_cli import signing_in, users

    password = signing_in.ask_new_password()
    carry_out(data, config, users.add(name, password, admin=admin), create=True)


@user.command("list")
@data_options
@as_json
def list_all(data: str | None, config: Path | None, as_json: bool) -> None:
    """List the accounts: number, name, role."""
    from chat_grpc_cli import users

    carry_out(data, config, users.list_all(as_json=as_json))


@user.command()
@data_options
@_name
def remove(data: str | None, config: Path | None, name: str) -> None:
    """Remove the account NAME, and end its streams. Its messages stay."""
    from chat_grpc_cli import users

    carry_out(data, config, users.remove(name))


@user.command()
@data_options
@_name
def password(data: str | None, config: Path | None, name: str) -> None:
    """Set the password of the account NAME, and end its streams.

    Asks for the password, or reads it from standard input if that is no terminal.
    """
    from chat_grpc_cli import signing_in, users

    new = signing_in.ask_new_password()
    carry_out(data, config, users.set_password(name, new))


@user.command()
@data_options
@click.option("--remove", is_flag=True, help="Take the admin role away.")
@_name
def admin(data: str | None, config: Path | None, remove: bool, name: str) -> None:
    """Give the account NAME the admin role, or take it away."""
    from chat_grpc_cli import users

    carry_out(data, config, users.set_admin(name, admin=not remove))


_INVITE_OPTIONS = (
    click.option(
        "--uses",
        metavar="N",
        default=1,
        show_default=True,
        type=click.IntRange(1, 10_000),
        help="Number of accounts that can be created with the code.",
    ),
    click.option(
        "--days",
        metavar="DAYS",
        default=7.0,
        show_default=True,
        type=click.FloatRange(0.001, 365),
        help="Days for which the code is valid.",
    ),
    click.option(
        "--link",
        metavar="URL",
        default="",
        callback=_web_address,
        help="Print a link: URL/#invite=CODE. URL is the address of the server's web page.",
    ),
)


def invite_options(function: _F) -> _F:
    """Add the options of a new invite code: `uses`, `days` and `link`."""
    return with_options(function, *_INVITE_OPTIONS)


@user.command()
@data_options
@invite_options
def invite(data: str | None, config: Path | None, uses: int, days: float, link: str) -> None:
    """Create an invite code, and print it. It is shown only now.

    `chat-grpc register --invited` takes the code, or a link that has it.
    """
    from chat_grpc_cli import users

    carry_out(data, config, users.invite(uses, days, link), create=True)


@user.command()
@data_options
@as_json
def invites(data: str | None, config: Path | None, as_json: bool) -> None:
    """List the invite codes: id, author, expiry, number of uses."""
    from chat_grpc_cli import users

    carry_out(data, config, users.list_invites(as_json=as_json))


@user.command("revoke-invite")
@data_options
@click.argument("invite_id")
def revoke_invite(data: str | None, config: Path | None, invite_id: str) -> None:
    """Revoke the invite code with the id INVITE_ID."""
    from chat_grpc_cli import users

    carry_out(data, config, users.revoke_invite(invite_id))


COMMANDS = (user,)
