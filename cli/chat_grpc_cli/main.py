"""The commands for clients: `connect`, accounts, and the sections of all of them.

The modules that do the work are imported when a command runs: `--help` needs none of them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chat_grpc_cli import script_messages, script_reading, script_rooms
from chat_grpc_cli.access_options import (
    STATUSES,
    access_options,
    as_json,
    client_command,
    connection_options,
    is_default,
    run,
)
from chat_grpc_cli.sections import OrderedGroup

if TYPE_CHECKING:
    from chat_grpc.client import Tls
    from chat_grpc_cli.access import Access


@client_command()
@access_options()
@click.option(
    "--config",
    metavar="FILE",
    envvar="CHAT_GRPC_CLIENT_CONFIG",
    show_envvar=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The settings, in TOML.  [default: chat-grpc/client.toml in your configuration folder]",
)
@click.option("--setup", is_flag=True, help="Ask for the server and your name, and remember them.")
def connect(access: Access, config: Path | None, setup: bool) -> None:
    """Chat at the terminal; /help shows the commands there.

    The first start asks for the server, your name and how to sign in, and remembers them for all
    commands. The next start resumes where the last one ended. Asks for the password of an account
    on this machine's first start with its name.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("connect needs a terminal; scripts use send, tail and history.")
    if os.environ.get("TERM") in {"dumb", "unknown"}:
        raise click.UsageError("connect needs a terminal that can move its cursor, not TERM=dumb.")
    from chat_grpc_cli import failures, first_start, signing_in
    from chat_grpc_cli.settings import load_settings
    from chat_grpc_cli.shell import Shell

    wanted = access
    with failures.reported():
        if setup or (_nothing_given() and first_start.is_first()):
            wanted = first_start.ask(access)
    failures.run(
        lambda: Shell(wanted, load_settings(config)).run(),
        lambda error: signing_in.recover(wanted, error),
    )


def _nothing_given() -> bool:
    """Return True if the user named neither a server nor a user."""
    named = is_default("server", "name", "tls", "tls_ca", "tls_cert", "tls_key")
    return named and not os.environ.get("CHAT_GRPC_NAME")


@client_command()
@access_options()
@click.option(
    "--oidc",
    is_flag=True,
    help="Sign in at the server's OpenID Connect issuer: prints a code to enter in a browser.",
)
def login(access: Access, oidc: bool) -> None:
    """Sign in to an account, and store the token.

    The other commands then act as this account. Asks for the password, or reads it from standard
    input if that is no terminal.

    With --oidc the issuer decides which account it is; --name is the name under which this machine
    stores the token.
    """
    from chat_grpc_cli import issuer_sign_in, signing_in

    if oidc:
        run(lambda: issuer_sign_in.login(access))
        return
    password = signing_in.ask_password()
    run(lambda: signing_in.login(access, password))


@client_command()
@access_options()
@click.option("--invited", is_flag=True, help="Also ask for an invite code or link.")
def register(access: Access, invited: bool) -> None:
    """Create an account. The guest of this name becomes the account, and keeps everything.

    Asks for the password, and with --invited for the invite code or link. If standard input is no
    terminal, its first line is the password and its second line the code.
    """
    from chat_grpc_cli import signing_in

    password = signing_in.ask_new_password()
    code = signing_in.ask("Invite code or link") if invited else ""
    run(lambda: signing_in.register(access, password, code))


@client_command()
@access_options()
def logout(access: Access) -> None:
    """Revoke the token of this machine, and forget it. Open streams with it end."""
    from chat_grpc_cli import signing_in

    run(lambda: signing_in.logout(access))


@click.group(cls=OrderedGroup)
def account() -> None:
    """Manage your account, its tokens, and your block list."""


@account.command(epilog=STATUSES)
@access_options()
def password(access: Access) -> None:
    """Change the password. All other tokens of the account are revoked."""
    from chat_grpc_cli import signing_in

    old = signing_in.ask("Old password")
    new = signing_in.ask_new_password("New password")
    run(lambda: signing_in.change_password(access, old, new))


@account.command(epilog=STATUSES)
@access_options()
@as_json
def tokens(access: Access, as_json: bool) -> None:
    """List your tokens: id, label, creation, last use, expiry."""
    from chat_grpc_cli import signing_in

    run(lambda: signing_in.tokens(access, as_json=as_json))


@account.command(epilog=STATUSES)
@access_options()
@click.argument("token_id")
def revoke(access: Access, token_id: str) -> None:
    """Revoke the token with the id TOKEN_ID. Open streams with it end."""
    from chat_grpc_cli import signing_in

    run(lambda: signing_in.revoke(access, token_id))


@account.command("bot-token", epilog=STATUSES)
@access_options()
@click.argument("label")
def bot_token(access: Access, label: str) -> None:
    """Create a token for a bot, and print it. It does not expire, and is shown only now."""
    from chat_grpc_cli import signing_in

    run(lambda: signing_in.bot_token(access, label))


@client_command()
@connection_options
@click.option(
    "--name",
    metavar="NAME",
    default="bench",
    show_default=True,
    help="The prefix of the streams' names.",
)
@click.option(
    "--streams",
    metavar="N",
    default=50,
    show_default=True,
    type=click.IntRange(2, 1000),
    help="The number of streams. Each has its own connection.",
)
@click.option(
    "--seconds",
    metavar="SECONDS",
    default=3.0,
    show_default=True,
    type=click.FloatRange(0.5, 60),
    help="The duration of the measurement, in seconds.",
)
def bench(server: str, tls: Tls | None, name: str, streams: int, seconds: float) -> None:
    """Measure how fast a server is.

    The streams write to the room lobby. The messages are stored, and all connected clients see
    them: use a test server.
    """
    from chat_grpc_cli import bench as measure

    run(lambda: measure.run(server, tls, name, streams, seconds))


SECTIONS = {
    "Chat": (connect,),
    "Messages": (*script_messages.COMMANDS, *script_reading.COMMANDS),
    "Rooms": script_rooms.COMMANDS,
    "Your account": (register, login, logout, account),
}
"""The commands of clients by their sections, in the order of the list that --help shows."""

TOOLS = (bench,)
"""The commands of clients that one needs last."""
