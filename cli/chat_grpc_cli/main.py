"""The commands for clients: `connect`, and those for scripts."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from chat_grpc.spelling.addresses import DEFAULT_SERVER, InvalidAddress, parse_address

_F = TypeVar("_F", bound=Callable[..., Any])


_STATUSES = """\b
Exit status: 0 done, 2 usage, 3 not signed in or not allowed, 4 no such client,
room or place, 5 server unreachable, 6 over a limit.
"""

_name = click.option(
    "--name",
    metavar="NAME",
    help="Who you are.  [default: $CHAT_GRPC_NAME, or your name on this system]",
)

_json = click.option(
    "--json", "as_json", is_flag=True, help="Print protobuf's JSON, one object a line."
)

_limit = click.option(
    "--limit",
    metavar="N",
    default=50,
    show_default=True,
    type=click.IntRange(min=1),
    help="At most so many messages, the newest.",
)


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise click.BadParameter(f"{text!r} is no sequence, which is 0 or more.")
    return int(text)


def _to(otherwise: str) -> Callable[[_F], _F]:
    return click.option(
        "--to",
        metavar="3|NAME|#ROOM",
        help=f"A client by number or name, or a room.  [default: {otherwise}]",
    )


def _canonical(_: click.Context, __: click.Parameter, value: str) -> str:
    """Return the canonical spelling of an address: the key of tokens and positions."""
    try:
        return str(parse_address(value))
    except InvalidAddress as error:
        raise click.BadParameter(str(error)) from None


def _server(function: _F) -> _F:
    return click.option(
        "--server",
        envvar="CHAT_GRPC_SERVER",
        default=DEFAULT_SERVER,
        show_default=True,
        show_envvar=True,
        metavar="HOST:PORT",
        callback=_canonical,
        help="The server.",
    )(function)


def _run(action: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a client, and turns what goes wrong into a line and an exit status."""
    from chat_grpc.client import ChatError
    from chat_grpc_cli.scripting import exit_status, sentence

    async def until_told() -> None:
        task = asyncio.current_task()
        assert task is not None
        with suppress(NotImplementedError):  # where there are no signals
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await action()

    try:
        asyncio.run(until_told())
    except asyncio.CancelledError:
        raise SystemExit(128 + signal.SIGTERM) from None
    except ChatError as error:
        click.echo(f"chat-grpc: {sentence(error)}", err=True)
        raise SystemExit(exit_status(error)) from None
    except ExceptionGroup as group:
        # Of lines sent together the first that was refused tells what is wrong.
        refused, rest = group.split(ChatError)
        if refused is None or rest is not None:
            raise
        first = _first(refused)
        click.echo(f"chat-grpc: {sentence(first)}", err=True)
        raise SystemExit(exit_status(first)) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        # Who reads the output has enough; what Python would still flush has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _first(group: ExceptionGroup[Any]) -> Any:
    error: Any = group
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


@click.command(epilog=_STATUSES)
@_server
@_name
def connect(server: str, name: str | None) -> None:
    """Chat at the terminal; /help shows what you can type there.

    Another start goes on where the last one ended.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("connect needs a terminal; scripts use send, tail and history.")
    if os.environ.get("TERM") in {"dumb", "unknown"}:
        raise click.UsageError("connect needs a terminal that is more than TERM=dumb.")
    from chat_grpc_cli.identity import Tokens, default_name
    from chat_grpc_cli.shell import Shell

    _run(lambda: Shell(server, name or default_name(), Tokens()).run())


@click.command(epilog=_STATUSES)
@_server
@click.option(
    "--name", metavar="NAME", help="Who you are, where the server does not list for everyone."
)
@click.option("--json", "as_json", is_flag=True, help="Print a ListClientsResponse as JSON.")
def clients(server: str, name: str | None, as_json: bool) -> None:
    """List who is connected: number, name, since when."""
    from chat_grpc_cli import scripting

    _run(lambda: scripting.clients(server, name, as_json=as_json))


@click.command(epilog=_STATUSES)
@_server
@_name
@_to("everyone")
@click.argument("text")
def send(server: str, name: str | None, to: str | None, text: str) -> None:
    """Send TEXT; with - each line of standard input is a message.

    Ends with status 0 once all is stored.
    """
    from chat_grpc_cli import scripting

    _run(lambda: scripting.send(server, name, to, text))


@click.command(epilog=_STATUSES)
@_server
@_name
@_to("the room lobby")
@_limit
@click.option(
    "--before", metavar="SEQ", default="0", type=_sequence, help="Only messages before this one."
)
@click.option(
    "--after", metavar="SEQ", default="0", type=_sequence, help="Only messages after this one."
)
@_json
def history(server: str, name: str | None, to: str | None, **options: Any) -> None:
    """Print the messages of a conversation, the newest last.

    They are as they are now: edited, and with their reactions. Each has its sequence before it,
    which --before and --after take. With --json each is a StoredMessage.
    """
    from chat_grpc_cli import listing

    _run(lambda: listing.history(server, name, to, **options))


@click.command(epilog=_STATUSES)
@_server
@_name
@_to("all that you may read")
@_limit
@_json
@click.argument("words", nargs=-1, required=True)
def search(
    server: str, name: str | None, to: str | None, words: tuple[str, ...], **options: Any
) -> None:
    """Print the messages that have all WORDS, the newest last.

    Words between double quotes must stand together: 'lunch "is ready"'. With --json each message
    is a StoredMessage.
    """
    from chat_grpc_cli import listing

    _run(lambda: listing.search(server, name, " ".join(words), to, **options))


def _since(_: click.Context, __: click.Parameter, value: str | None) -> Any:
    from chat_grpc_cli.since import Since, parse_since

    return Since() if value is None else parse_since(value, datetime.now().astimezone())


@click.command(epilog=_STATUSES)
@_server
@_name
@click.option(
    "--since",
    metavar="PLACE",
    callback=_since,
    help="Begin there: behind a sequence (0 is the beginning), or LOG_ID:SEQUENCE; or so long ago "
    "(10m, 2h, 3d), or at a time (14:00, 2026-03-01, 2026-03-01T12:00).  [default: now]",
)
@click.option("--until-now", is_flag=True, help="End where there is nothing more to print now.")
@click.option(
    "--place",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Go on where the last run with this file ended; the first begins at --since.",
)
@_json
def tail(server: str, name: str | None, **options: Any) -> None:
    """Print what happens, until interrupted.

    With --json each is an Event. The first is `welcome`, whose `logId` names the log; with it and
    the `sequence` of an event, --since LOG_ID:SEQUENCE goes on right behind that event.
    """
    from chat_grpc_cli import tailing

    _run(lambda: tailing.tail(server, name, **options))


@click.command(epilog=_STATUSES)
@_server
@_name
@_json
def rooms(server: str, name: str | None, as_json: bool) -> None:
    """List the rooms that you may see."""
    from chat_grpc_cli import listing

    _run(lambda: listing.rooms(server, name, as_json=as_json))


@click.command(epilog=_STATUSES)
@_server
@_name
@_json
def conversations(server: str, name: str | None, as_json: bool) -> None:
    """List your conversations, with how much is unread."""
    from chat_grpc_cli import listing

    _run(lambda: listing.conversations(server, name, as_json=as_json))


@click.command(epilog=_STATUSES)
@_server
@_name
@click.argument("room")
def join(server: str, name: str | None, room: str) -> None:
    """Become a member of ROOM.

    Only members write to a room, read its history, and get what is written there by tail.
    """
    from chat_grpc_cli import listing

    _run(lambda: listing.join(server, name, room))


@click.command(epilog=_STATUSES)
@_server
@_name
@click.argument("room")
def leave(server: str, name: str | None, room: str) -> None:
    """Be a member of ROOM no more."""
    from chat_grpc_cli import listing

    _run(lambda: listing.leave(server, name, room))


@click.command()
@_server
@click.option(
    "--name", default="bench", show_default=True, help="What the streams' names begin with."
)
@click.option(
    "--streams",
    default=50,
    show_default=True,
    type=click.IntRange(2, 1000),
    help="How many streams, each on its own connection.",
)
@click.option(
    "--seconds",
    default=3.0,
    show_default=True,
    type=click.FloatRange(0.5, 60),
    help="How long to write.",
)
def bench(server: str, name: str, streams: int, seconds: float) -> None:
    """Measure how fast a server is.

    Everyone writes to everyone, in the room lobby. The messages are stored and seen by whoever is
    connected: use a server of your own.
    """
    from chat_grpc_cli import bench as measure

    _run(lambda: measure.run(server, name, streams, seconds))


COMMANDS = (connect, clients, send, tail, history, search, rooms, conversations, join, leave, bench)
"""All of them, in the order in which they are listed."""
