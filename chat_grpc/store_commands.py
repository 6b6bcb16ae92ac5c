"""The commands for the store: `backup`, `restore`, `check`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from chat_grpc.config import MEMORY, OPTIONS
from chat_grpc.config_sources import CONFIG_VARIABLE, ENVIRONMENT_PREFIX, load
from chat_grpc.option_values import ConfigError

DAMAGED = 78
"""The exit status for a damaged store (`EX_CONFIG` of sysexits.h): a retry does not help."""

_F = TypeVar("_F", bound=Callable[..., Any])


def status_of(error: Exception) -> int:
    """Return the exit status of an error."""
    from chat_grpc.journal import JournalDamaged

    return DAMAGED if isinstance(error, JournalDamaged) else 2


def data_options(function: _F) -> _F:
    """Add the options `--data` and `--config` to a command."""
    variable = f"{ENVIRONMENT_PREFIX}DATA"
    option = click.option(
        "--data", metavar="DIR", help=f"{OPTIONS['data'].metadata['help']}  [env: {variable}]"
    )
    config = click.option(
        "--config",
        type=click.Path(path_type=Path),
        envvar=CONFIG_VARIABLE,
        metavar="FILE",
        help=f"The server's TOML file, for its `data`.  [env: {CONFIG_VARIABLE}]",
    )
    return option(config(function))


def folder_of(data: str | None, config: Path | None) -> Path:
    """Return the data folder of these options. Raises `click.UsageError`."""
    try:
        folder = load({"data": data}, file=config).folder
    except ConfigError as error:
        raise click.UsageError(str(error)) from None
    if folder is None:
        raise click.UsageError(f"{MEMORY} stores nothing on disk. Use --data DIR.")
    return folder


def or_end(action: Callable[[], Any]) -> Any:
    """Run an action on the store. Turn its errors into a line and an exit status."""
    from chat_grpc.journal import JournalError

    try:
        return action()
    except JournalError as error:
        click.echo(f"chat-grpc: {error}", err=True)
        raise SystemExit(status_of(error)) from None


@click.command()
@data_options
@click.argument("file", type=click.Path(path_type=Path))
def backup(data: str | None, config: Path | None, file: Path) -> None:
    """Copy the store to FILE. A server may be running.

    The copy is a consistent snapshot, and is checked. FILE must not exist.
    """
    from chat_grpc.journal import backup as journal

    size = or_end(lambda: journal.backup(folder_of(data, config), file))
    click.echo(f"{file}: {size / 1e6:.1f} MB, checked")


@click.command()
@data_options
@click.option("--replace", is_flag=True, help="Move an existing store aside.")
@click.argument("file", type=click.Path(path_type=Path))
def restore(data: str | None, config: Path | None, file: Path, replace: bool) -> None:
    """Replace the store by a backup. The server must not be running.

    FILE is checked first, and is kept. The log gets a new name, so that clients that have seen
    later events start over instead of missing events.
    """
    from chat_grpc.journal import backup as journal

    folder = folder_of(data, config)
    aside = or_end(lambda: journal.restore(file, folder, replace=replace))
    click.echo(f"{folder}: restored from {file}")
    if aside is not None:
        click.echo(f"the old store is in {aside}")


@click.command()
@data_options
@click.argument("file", required=False, type=click.Path(path_type=Path))
def check(data: str | None, config: Path | None, file: Path | None) -> None:
    """Check a store, or a backup in FILE. A server may be running.

    Checks the pages, the checksums and the chain of the log, and compares the tables with the log.
    Writes nothing. Ends with status 0 if the store is intact, 78 if it is damaged.
    """
    from chat_grpc.journal.check import check as check_store
    from chat_grpc.journal.database import FILE

    path = file if file is not None else folder_of(data, config) / FILE
    if wrong := or_end(lambda: check_store(path)):
        for finding in wrong:
            click.echo(f"{path}: {finding}", err=True)
        raise SystemExit(DAMAGED)
    click.echo(f"{path}: whole")


COMMANDS = (backup, restore, check)
