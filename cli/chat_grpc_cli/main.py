"""The commands for clients: `connect`, and the commands for scripts.

The modules that do the work are imported when a command runs: `--help` needs none of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chat_grpc_cli.access_options import (
    access_options,
    as_json,
    connection_options,
    limit_of,
)

if TYPE_CHECKING:
    from chat_grpc.client import Tls
    from chat_grpc_cli.access import Access

_F = TypeVar("_F", bound=Callable[..., Any])

STATUSES = """\b
Exit status: 0 done, 2 usage, 3 not signed in or not allowed, 4 no such client,
room or position, 5 server unreachable, 6 over a limit, 7 standard input or
output failed.
"""


_limit = limit_of("messages")


def _to(default: str) -> Callable[[_F], _F]:
    return click.option(
        "--to",
        metavar="3|NAME|#ROOM",
        help=f"A client by number or name, or a room.  [default: {default}]",
    )


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise click.BadParameter(f"{text!r} is not a sequence. Use an integer of 0 or more.")
    return int(text)


def _since(_: click.Context, __: click.Parameter, value: str | None) -> Any:
    from chat_grpc_cli.since import Since, parse_since

    return Since() if value is None else parse_since(value, datetime.now().astimezone())


def _run(action: Callable[[], Coroutine[Any, Any, None]]) -> None:
    from chat_grpc_cli.failures import run

    run(action)


@click.command(epilog=STATUSES)
@access_options()
@click.option(
    "--config",
    metavar="FILE",
    envvar="CHAT_GRPC_CLIENT_CONFIG",
    show_envvar=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The settings, in TOML.  [default: chat-grpc/client.toml in your configuration folder]",
)
def connect(access: Access, config: Path | None) -> None:
    """Chat at the terminal; /help shows the commands there.

    The next start resumes where the last one ended. Asks for the password of an account on this
    machine's first start with its name.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("connect needs a terminal; scripts use send, tail and history.")
    if os.environ.get("TERM") in {"dumb", "unknown"}:
        raise click.UsageError("connect needs a terminal that can move its cursor, not TERM=dumb.")
    from chat_grpc_cli import failures, signing_in
    from chat_grpc_cli.settings import load_settings
    from chat_grpc_cli.shell import Shell

    failures.run(
        lambda: Shell(access, load_settings(config)).run(),
        lambda error: signing_in.recover(access, error),
    )


@click.command(epilog=STATUSES)
@access_options("Your name. Needed only if the server does not list its clients for everyone.")
@click.option("--json", "as_json", is_flag=True, help="Print a ListClientsResponse as JSON.")
def clients(access: Access, as_json: bool) -> None:
    """List the connected clients: number, name, connection time."""
    from chat_grpc_cli import scripting

    _run(lambda: scripting.clients(access, as_json=as_json))


@click.command(epilog=STATUSES)
@access_options()
@_to("everyone")
@click.option("--strict", is_flag=True, help="With -, end at the first line that is refused.")
@click.argument("text")
def send(access: Access, to: str | None, text: str, strict: bool) -> None:
    """Send TEXT; with - send each line of standard input.

    Ends with status 0 once every message is stored. With -, a line that is refused is reported
    with its number, the other lines are sent, and the status is that of the first refused line.
    """
    from chat_grpc_cli import sending

    _run(lambda: sending.send(access, to, text, strict=strict))


@click.command(epilog=STATUSES)
@access_options()
@_to("the room lobby")
@_limit
@click.option(
    "--before", metavar="SEQ", default="0", type=_sequence, help="Only messages before this one."
)
@click.option(
    "--after", metavar="SEQ", default="0", type=_sequence, help="Only messages after this one."
)
@as_json
def history(access: Access, to: str | None, **options: Any) -> None:
    """Print the messages of a conversation, newest last.

    Shows each message in its current form: with its latest text and its reactions. The number
    before a message is its sequence; --before and --after take it. With --json each message is a
    StoredMessage.
    """
    from chat_grpc_cli import listing

    _run(lambda: listing.history(access, to, **options))


@click.command(epilog=STATUSES)
@access_options()
@_to("everything that you may read")
@_limit
@as_json
@click.argument("words", nargs=-1, required=True)
def search(access: Access, to: str | None, words: tuple[str, ...], **options: Any) -> None:
    """Print the messages that contain all WORDS, newest last.

    Double quotes find a phrase: 'lunch "is ready"'. With --json each message is a StoredMessage.
    """
    from chat_grpc_cli import listing

    _run(lambda: listing.search(access, " ".join(words), to, **options))


@click.command(epilog=STATUSES)
@access_options()
@click.option(
    "--since",
    metavar="POSITION",
    callback=_since,
    help="Begin after a sequence (0 is the beginning) or LOG_ID:SEQUENCE; at a time (14:00, "
    "2026-03-01, 2026-03-01T12:00); or some time ago (10m, 2h, 3d).  [default: now]",
)
@click.option("--until-now", is_flag=True, help="End when all events up to now are printed.")
@click.option(
    "--place",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Resume where the last run with this file ended; the first run begins at --since.",
)
@as_json
def tail(access: Access, **options: Any) -> None:
    """Print events as they arrive, until interrupted.

    With --json each line is an Event. The first one is `welcome`; its `logId` names the log.
    --since LOG_ID:SEQUENCE resumes right after the event with that `sequence`.
    """
    from chat_grpc_cli import tailing

    _run(lambda: tailing.tail(access, **options))


@click.command(epilog=STATUSES)
@access_options()
@as_json
def rooms(access: Access, as_json: bool) -> None:
    """List the rooms that are visible to you."""
    from chat_grpc_cli import listing

    _run(lambda: listing.rooms(access, as_json=as_json))


@click.command(epilog=STATUSES)
@access_options()
@as_json
def conversations(access: Access, as_json: bool) -> None:
    """List your conversations with their unread counts."""
    from chat_grpc_cli import listing

    _run(lambda: listing.conversations(access, as_json=as_json))


@click.command(epilog=STATUSES)
@access_options()
@click.argument("room")
def join(access: Access, room: str) -> None:
    """Join ROOM.

    Only members can write to a room, read its history, and receive its messages by tail.
    """
    from chat_grpc_cli import listing

    _run(lambda: listing.join(access, room))


@click.command(epilog=STATUSES)
@access_options()
@click.argument("room")
def leave(access: Access, room: str) -> None:
    """Leave ROOM."""
    from chat_grpc_cli import listing

    _run(lambda: listing.leave(access, room))


@click.command(epilog=STATUSES)
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
        _run(lambda: issuer_sign_in.login(access))
        return
    password = signing_in.ask_password()
    _run(lambda: signing_in.login(access, password))


@click.command(epilog=STATUSES)
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
    _run(lambda: signing_in.register(access, password, code))


@click.command(epilog=STATUSES)
@access_options()
def logout(access: Access) -> None:
    """Revoke the token of this machine, and forget it. Open streams with it end."""
    from chat_grpc_cli import signing_in

    _run(lambda: signing_in.logout(access))


@click.group()
def account() -> None:
    """Manage your account, its tokens, and your block list."""


@account.command(epilog=STATUSES)
@access_options()
def password(access: Access) -> None:
    """Change the password. All other tokens of the account are revoked."""
    from chat_grpc_cli import signing_in

    old = signing_in.ask("Old password")
    new = signing_in.ask_new_password("New password")
    _run(lambda: signing_in.change_password(access, old, new))


@account.command(epilog=STATUSES)
@access_options()
@as_json
def tokens(access: Access, as_json: bool) -> None:
    """List your tokens: id, label, creation, last use, expiry."""
    from chat_grpc_cli import signing_in

    _run(lambda: signing_in.tokens(access, as_json=as_json))


@account.command(epilog=STATUSES)
@access_options()
@click.argument("token_id")
def revoke(access: Access, token_id: str) -> None:
    """Revoke the token with the id TOKEN_ID. Open streams with it end."""
    from chat_grpc_cli import signing_in

    _run(lambda: signing_in.revoke(access, token_id))


@account.command("bot-token", epilog=STATUSES)
@access_options()
@click.argument("label")
def bot_token(access: Access, label: str) -> None:
    """Create a token for a bot, and print it. It does not expire, and is shown only now."""
    from chat_grpc_cli import signing_in

    _run(lambda: signing_in.bot_token(access, label))


@click.command(epilog=STATUSES)
@connection_options
@click.option(
    "--name", default="bench", show_default=True, help="The prefix of the streams' names."
)
@click.option(
    "--streams",
    default=50,
    show_default=True,
    type=click.IntRange(2, 1000),
    help="The number of streams. Each has its own connection.",
)
@click.option(
    "--seconds",
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

    _run(lambda: measure.run(server, tls, name, streams, seconds))


COMMANDS = (
    *(connect, clients, send, tail, history, search, rooms, conversations, join, leave),
    *(register, login, logout, account, bench),
)
"""All commands, in the order of the list that --help shows."""
