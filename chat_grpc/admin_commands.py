"""The command `admin`: the administration of a server, from anywhere or on its own machine."""

from __future__ import annotations

import functools
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from chat_grpc_cli.access_options import (
    access_options,
    as_json,
    client_command,
    limit_of,
    with_options,
)
from chat_grpc_cli.sections import OrderedGroup
from click.core import ParameterSource

from chat_grpc.local_work import carry_out
from chat_grpc.store_commands import data_options

if TYPE_CHECKING:
    from chat_grpc_cli.access import Access
    from chat_grpc_cli.users import Work

    Reach = Callable[[Work], None]
    """Does some work at the server that the options name."""

_F = TypeVar("_F", bound=Callable[..., Any])

_NAME = "The name of an account with the admin role, that is signed in on this machine."


@click.group(cls=OrderedGroup)
def admin() -> None:
    """Administer a server.

    Over the network the commands use the token that `chat-grpc login` stored. With --local or
    --data they use the socket in the server's data folder, which only the user who runs the server
    can open; the audit log then names the author `local`.
    """


def reach_options(function: _F, *, start: bool = True) -> _F:
    """Add the options that choose the server and the admin, and pass them on as a `Reach`.

    `start` starts the server of this machine for the work if it does not run.
    """

    @functools.wraps(function)
    def command(
        access: Access, local: bool, data: str | None, config: Path | None, **options: Any
    ) -> None:
        on_this_machine = local or data is not None
        if on_this_machine:
            _refuse_remote("server", "name")
        reach = (
            partial(carry_out, data, config, start=start)
            if on_this_machine
            else partial(_as_admin, access)
        )
        function(reach, **options)

    local = click.option(
        "--local", is_flag=True, help="Act on the server of this machine; implied by --data."
    )
    return with_options(cast("_F", command), access_options(_NAME), local, data_options)


def _refuse_remote(*options: str) -> None:
    """Raise `click.UsageError` if the command line has an option that the local socket ignores."""
    context = click.get_current_context()
    for name in options:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(
                f"--{name} is for a server that is reached over the network; --local and --data"
                " choose that of this machine. Leave one out."
            )


def _as_admin(access: Access, work: Work) -> None:
    """Do some work over the network, with the stored token."""
    from chat_grpc_cli import failures

    failures.run(lambda: access.as_known(work))


@client_command()
@reach_options
@limit_of("actions")
@as_json
def audit(reach: Reach, limit: int, as_json: bool) -> None:
    """Print the actions of admins, newest first.

    The columns: time, author, address, method, subject, further values, reason.
    """
    from chat_grpc_cli import administration

    reach(administration.audit(limit, as_json=as_json))


ABOUT_ADMINS = (audit,)
"""The commands, for the group `admin`."""

COMMANDS = (admin,)
