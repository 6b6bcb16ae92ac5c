"""The commands for scripts that read: `tail`, `history`, `search`, `conversations`, `clients`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chat_grpc_cli.access_options import (
    access_options,
    as_json,
    client_command,
    limit_of,
    run,
    sequence,
    to_option,
    with_options,
)
from chat_grpc_cli.event_kinds import ANSWERED, KINDS

if TYPE_CHECKING:
    from chat_grpc_cli.access import Access

_F = TypeVar("_F", bound=Callable[..., Any])

_limit = limit_of("messages")


def _since(_: click.Context, __: click.Parameter, value: str | None) -> Any:
    from chat_grpc_cli.since import Since, parse_since

    return Since() if value is None else parse_since(value, datetime.now().astimezone())


def _command(_: click.Context, __: click.Parameter, value: str | None) -> Any:
    from chat_grpc_cli.executing import parse_command

    return None if value is None else parse_command(value)


_TAIL_OPTIONS = (
    to_option("everything that you may read"),
    click.option(
        "--only",
        metavar="KIND",
        multiple=True,
        type=click.Choice(KINDS),
        help=f"Only events of this kind: {', '.join(KINDS)}. Can be repeated.  [default: all; with "
        "--exec message]",
    ),
    click.option(
        "--mentions", is_flag=True, help="Only direct messages, and messages that mention you."
    ),
    click.option(
        "--since",
        metavar="POSITION",
        callback=_since,
        help="Begin after a sequence (0 is the beginning) or LOG_ID:SEQUENCE; at a time (14:00, "
        "2026-03-01, 2026-03-01T12:00); or some time ago (10m, 2h, 3d).  [default: now]",
    ),
    click.option("--until-now", is_flag=True, help="End when all events up to now are printed."),
    click.option(
        "--place",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Resume where the last run with this file ended; the first run begins at --since.",
    ),
    as_json,
    click.option(
        "--exec",
        "command",
        metavar="COMMAND",
        callback=_command,
        help="Run COMMAND for each event of another user instead of printing it.",
    ),
    click.option(
        "--answer",
        is_flag=True,
        help="With --exec, reply with the output of COMMAND in the conversation of the event.",
    ),
    click.option(
        "--timeout",
        metavar="SECONDS",
        default=60.0,
        show_default=True,
        type=click.FloatRange(min=0.1),
        help="With --exec, end COMMAND after this time.",
    ),
)


def _tail_options(function: _F) -> _F:
    return with_options(function, *_TAIL_OPTIONS)


@client_command()
@access_options()
@_tail_options
def tail(access: Access, **options: Any) -> None:
    """Print events as they arrive, until interrupted.

    With --json each line is an Event. The first one is `welcome`; its `logId` names the log.
    --since LOG_ID:SEQUENCE resumes right after the event with that `sequence`.

    With --exec, COMMAND gets each event as a line of JSON on standard input and as variables
    CHAT_GRPC_TEXT, CHAT_GRPC_AUTHOR and others. It is split into words, and runs without a shell,
    once for each event, one after the other. A failure is reported on standard error, and does not
    end tail.
    """
    from chat_grpc_cli import tailing

    _check_tail(options)
    run(lambda: tailing.tail(access, tailing.Options(**options)))


def _check_tail(options: dict[str, Any]) -> None:
    """Complete the options of `tail`. Raises `click.UsageError` if they contradict each other."""
    if options["command"] is None:
        if options["answer"]:
            raise click.UsageError("--answer needs --exec.")
        return
    if options["as_json"]:
        raise click.UsageError("--exec prints no events; its command always gets JSON.")
    options["only"] = options["only"] or ("message",)
    other = [kind for kind in options["only"] if kind not in ANSWERED]
    if options["answer"] and other:
        raise click.UsageError(
            f"--answer needs events of a conversation: {', '.join(ANSWERED)}; not {other[0]}."
        )


@client_command()
@access_options()
@to_option("the room lobby")
@_limit
@click.option(
    "--before", metavar="SEQ", default="0", type=sequence, help="Only messages before this one."
)
@click.option(
    "--after", metavar="SEQ", default="0", type=sequence, help="Only messages after this one."
)
@as_json
def history(access: Access, to: str | None, **options: Any) -> None:
    """Print the messages of a conversation, newest last.

    Shows each message in its current form: with its latest text and its reactions. The number
    before a message is its sequence; --before and --after take it. With --json each message is a
    StoredMessage.
    """
    from chat_grpc_cli import listing

    run(lambda: listing.history(access, to, **options))


@client_command()
@access_options()
@to_option("everything that you may read")
@_limit
@as_json
@click.argument("words", nargs=-1, required=True)
def search(access: Access, to: str | None, words: tuple[str, ...], **options: Any) -> None:
    """Print the messages that contain all WORDS, newest last.

    Double quotes find a phrase: 'lunch "is ready"'. With --json each message is a StoredMessage.
    """
    from chat_grpc_cli import listing

    run(lambda: listing.search(access, " ".join(words), to, **options))


@client_command()
@access_options()
@as_json
def conversations(access: Access, as_json: bool) -> None:
    """List your conversations with their unread counts."""
    from chat_grpc_cli import listing

    run(lambda: listing.conversations(access, as_json=as_json))


@client_command()
@access_options("Your name. Needed only if the server does not list its clients for everyone.")
@click.option("--json", "as_json", is_flag=True, help="Print a ListClientsResponse as JSON.")
def clients(access: Access, as_json: bool) -> None:
    """List the connected clients: number, name, connection time."""
    from chat_grpc_cli import scripting

    run(lambda: scripting.clients(access, as_json=as_json))


COMMANDS = (tail, history, search, conversations, clients)
