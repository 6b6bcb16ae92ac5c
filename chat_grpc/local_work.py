"""Work at the server of a data folder on this machine, whether it runs or not."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chat_grpc.config import Config
from chat_grpc.store_commands import folder_of, status_of

if TYPE_CHECKING:
    from chat_grpc_cli.users import Work


def carry_out(
    data: str | None, config: Path | None, work: Work, *, start: bool = True, create: bool = False
) -> None:
    """Do some work at the server of a data folder, which is started for it if it does not run.

    The caller is the operator on this machine, who is an admin. Without `start` the command fails
    if no server runs, and without `create` if the folder has no store: it may be misspelled.
    """
    from chat_grpc_cli import failures, users

    from chat_grpc.journal import JournalError
    from chat_grpc.journal.database import FILE
    from chat_grpc.local_socket import socket_path
    from chat_grpc.server import Server

    folder = folder_of(data, config)

    async def do(path: str) -> None:
        if _is_served(path):
            await users.at(f"unix:{path}", work)
            return
        if not start:
            raise users.no_server(folder)
        server = Server(Config(data=str(folder)))
        await server.start(locally=True)
        try:
            await users.at(f"unix:{path}", work)
        finally:
            await server.stop(grace=0)

    async def find_and_do() -> None:
        if not create and not (folder / FILE).exists():
            if not start:
                raise users.no_server(folder)
            raise click.UsageError(f"There is no store in {folder}; name its folder with --data.")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with socket_path(folder) as path:
            await do(path)

    try:
        failures.run(find_and_do)
    except JournalError as error:
        click.echo(f"chat-grpc: {error}", err=True)
        raise SystemExit(status_of(error)) from None
    except OSError as error:
        raise click.UsageError(f"{folder}: {error}") from None


def _is_served(path: str) -> bool:
    """Return whether a server listens on a socket."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
        return True
