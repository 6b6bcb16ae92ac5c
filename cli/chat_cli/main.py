"""The commands for clients: `connect`, and those for scripts."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click

DEFAULT_SERVER = "localhost:50051"

DONE, USAGE, NOT_ALLOWED, NO_SUCH_CLIENT, UNREACHABLE, OVER_A_LIMIT = 0, 2, 3, 4, 5, 6

_F = TypeVar("_F", bound=Callable[..., Any])


_name = click.option(
    "--name",
    metavar="NAME",
    help="Who you are.  [default: $CHAT_GRPC_NAME, or your name on this system]",
)


def _server(function: _F) -> _F:
    return click.option(
        "--server",
        envvar="CHAT_GRPC_SERVER",
        default=DEFAULT_SERVER,
        show_default=True,
        show_envvar=True,
        metavar="HOST:PORT",
        help="The server.",
    )(function)


def _run(action: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a client, and turns what goes wrong into a line and an exit status."""
    from chat_cli.scripting import exit_status, sentence
    from chat_grpc.client import ChatError

    try:
        asyncio.run(action())
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


@click.command()
@_server
@_name
def connect(server: str, name: str | None) -> None:
    """Chat at the terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("connect needs a terminal; scripts use send, tail and clients.")
    from chat_cli.identity import Tokens, default_name
    from chat_cli.shell import Shell

    _run(lambda: Shell(server, name or default_name(), Tokens()).run())


@click.command()
@_server
@click.option(
    "--name", metavar="NAME", help="Who you are, where the server does not list for everyone."
)
@click.option("--json", "as_json", is_flag=True, help="Print a ListClientsResponse as JSON.")
def clients(server: str, name: str | None, as_json: bool) -> None:
    """List who is connected: number, name, since when."""
    from chat_cli import scripting

    _run(lambda: scripting.clients(server, name, as_json=as_json))


@click.command()
@_server
@_name
@click.option(
    "--to",
    metavar="3|NAME|#ROOM",
    help="To one client by number or name, or to a room.  [default: everyone]",
)
@click.argument("text")
def send(server: str, name: str | None, to: str | None, text: str) -> None:
    """Send TEXT; with - each line of standard input is a message.

    Ends with status 0 once all is stored; 2 usage, 3 not signed in or not allowed,
    4 no such client, 5 server unreachable, 6 over a limit.
    """
    from chat_cli import scripting

    _run(lambda: scripting.send(server, name, to, text))


@click.command()
@_server
@_name
@click.option("--json", "as_json", is_flag=True, help="Print each event as JSON, one a line.")
def tail(server: str, name: str | None, as_json: bool) -> None:
    """Print what happens, until interrupted."""
    from chat_cli import scripting

    _run(lambda: scripting.tail(server, name, as_json=as_json))


@click.command()
@_server
@click.option(
    "--name", default="bench", show_default=True, help="What the streams' names begin with."
)
@click.option("--streams", default=50, show_default=True, type=click.IntRange(2, 1000))
@click.option("--seconds", default=3.0, show_default=True, type=click.FloatRange(0.5, 60))
def bench(server: str, name: str, streams: int, seconds: float) -> None:
    """Measure a server: everyone writes to everyone, in the room lobby.

    The messages are stored and seen by whoever is connected: use a server of your own.
    """
    from chat_cli import bench as measure

    _run(lambda: measure.run(server, name, streams, seconds))
