"""The commands `account export|delete|block|unblock|blocked`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chat_grpc_cli.access_options import STATUSES, access_options, as_json
from chat_grpc_cli.main import account

if TYPE_CHECKING:
    from chat_grpc_cli.access import Access


@account.command(epilog=STATUSES)
@access_options()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
def export(access: Access, file: Path) -> None:
    """Write your data to FILE.

    Writes everything that the server keeps of you, with - to standard output. Each line is a JSON
    object; the last one is the record `end`. FILE appears once it is complete, and only you can
    read it.
    """
    from chat_grpc_cli import failures, own_data

    failures.run(lambda: own_data.export(access, file))


@account.command(epilog=STATUSES)
@access_options()
@click.option("--messages", is_flag=True, help="Delete all your messages, too.")
@click.option("--yes", is_flag=True, help="Do not ask for the name; for scripts.")
def delete(access: Access, messages: bool, yes: bool) -> None:
    """Delete your account permanently.

    Your messages stay without your name, unless --messages deletes them. Asks for your name, and
    for the password of an account. If standard input is no terminal, --yes is needed, and the first
    line is the password.
    """
    from chat_grpc_cli import failures, own_data

    if not yes:
        _confirm(access, messages=messages)
    deletion = own_data.Deletion(access, messages=messages)
    failures.run(deletion.run, deletion.ask_password)


def _confirm(access: Access, *, messages: bool) -> None:
    """Ask for the name; raise `UsageError` unless it is typed."""
    from chat_grpc.spelling.names import same_name
    from chat_grpc_cli.sanitize import safe

    if not sys.stdin.isatty():
        raise click.UsageError("Standard input is no terminal; --yes deletes without a question.")
    name = safe(access.guest)
    whole = " and all its messages" if messages else ""
    click.echo(f"This permanently deletes {name}{whole} at {safe(access.server)}.", err=True)
    if not same_name(click.prompt(f"To confirm, type {name}", err=True), access.guest):
        raise click.UsageError("Nothing was deleted: this is another name.")


@account.command(epilog=STATUSES)
@access_options()
@click.argument("user")
def block(access: Access, user: str) -> None:
    """Block USER, a number or a name.

    Neither of you can then write directly to the other, or invite the other. The user's mentions of
    you are plain text.
    """
    from chat_grpc_cli import failures, own_data

    failures.run(lambda: own_data.block(access, user))


@account.command(epilog=STATUSES)
@access_options()
@click.argument("user")
def unblock(access: Access, user: str) -> None:
    """Unblock USER, a number or a name."""
    from chat_grpc_cli import failures, own_data

    failures.run(lambda: own_data.unblock(access, user))


@account.command(epilog=STATUSES)
@access_options()
@as_json
def blocked(access: Access, as_json: bool) -> None:
    """List the users whom you blocked: number, name."""
    from chat_grpc_cli import failures, own_data

    failures.run(lambda: own_data.blocked(access, as_json=as_json))
