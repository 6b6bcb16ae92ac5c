"""The commands `admin status|explain|drain|backup|top`: the operation of a running server."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from chat_grpc_cli.access_options import as_json, client_command
from chat_grpc_cli.standard_streams import print_line

from chat_grpc.admin_commands import reach_options
from chat_grpc.store_commands import or_end

if TYPE_CHECKING:
    from chat_grpc.admin_commands import Reach

_running = partial(reach_options, start=False)
"""The options of `reach_options`, for commands that need a running server."""


@client_command()
@_running
@as_json
def status(reach: Reach, as_json: bool) -> None:
    """Print the state of the server."""
    from chat_grpc_cli import operations

    reach(operations.status(as_json=as_json))


@client_command()
@_running
@as_json
@click.argument("sequence", type=click.IntRange(min=1, max=2**62 - 1))
def explain(reach: Reach, sequence: int, as_json: bool) -> None:
    """Print where the message SEQUENCE is.

    Prints its state on each open stream that may receive it.

    `waiting`: in the stream's queue, in the log, or partly sent. `written`: handed to the client's
    connection. `not meant`: the stream started later, or sent it.
    """
    from chat_grpc_cli import operations

    reach(operations.explain(sequence, as_json=as_json))


@client_command()
@_running
@as_json
@click.option(
    "--seconds",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0, 3600),
    help="The time over which clients are asked to reconnect.",
)
def drain(reach: Reach, seconds: float, as_json: bool) -> None:
    """End the server in order.

    It refuses new streams, asks the open ones to leave, and ends with status 0 when they
    have left. SIGTERM during the drain ends it sooner.
    """
    from chat_grpc_cli import operations

    reach(operations.drain(seconds, as_json=as_json))


@client_command()
@_running
@as_json
@click.argument("file", type=click.Path(path_type=Path))
def backup(reach: Reach, file: Path, as_json: bool) -> None:
    """Copy the store of the running server to FILE, from anywhere.

    The copy is a consistent snapshot, and is checked. FILE must not exist. It contains all messages
    and the hashes of passwords and tokens: keep it as safe as the server.
    """
    size = or_end(lambda: _backup(reach, file))
    if as_json:
        print_line(json.dumps({"file": str(file), "bytes": size}))
    else:
        print_line(f"{file}: {size / 1e6:.1f} MB, checked")


def _backup(reach: Reach, file: Path) -> int:
    from chat_grpc_cli import operations

    from chat_grpc.journal.backup import becoming

    with becoming(file, "the copy is damaged, and was not kept") as copy:
        reach(operations.receive(copy))
    return file.stat().st_size


@client_command()
@_running
@click.option(
    "--interval",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.2, 60),
    help="Seconds between two looks at the server.",
)
def top(reach: Reach, interval: float) -> None:
    """Show the server live.

    Shows clients, streams, rates, queues, refusals, and the newest actions of admins.

    Press ? for help, q to leave. Without a terminal it prints one snapshot.
    """
    from chat_grpc_cli import top

    reach(top.watch(interval))


COMMANDS = (status, top, explain, backup, drain)
