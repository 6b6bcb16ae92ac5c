"""The command `chat-grpc`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chat_grpc_cli.main
import click
from chat_grpc_cli import account_group, exit_status, shell_completion, standard_streams
from chat_grpc_cli.access_options import STATUSES
from chat_grpc_cli.sections import SectionedGroup

from chat_grpc import (
    __version__,
    admin_commands,
    cert_command,
    invite_commands,
    moderation_commands,
    operation_commands,
    store_commands,
    user_commands,
)
from chat_grpc.config import AUTO, OPTIONS
from chat_grpc.config_sources import CONFIG_VARIABLE, ENVIRONMENT_PREFIX, load
from chat_grpc.option_values import ConfigError

# gRPC's own log would mix with our lines; our errors contain the same information.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its status. The default is the command line of the process."""
    standard_streams.prepare()
    try:
        try:
            commands(arguments)
        finally:
            sys.stdout.flush()
    except standard_streams.ReaderGone:
        raise SystemExit(exit_status.DONE) from None
    except standard_streams.StreamFailed as error:
        standard_streams.complain(str(error))
        raise SystemExit(exit_status.STREAM_FAILED) from None


@click.group(
    cls=SectionedGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="chat-grpc")
def commands() -> None:
    """A chat whose whole API is a .proto: the server, and a client for the terminal."""


def _serve_options(command: click.Command) -> click.Command:
    for name, option in OPTIONS.items():
        flag = "--" + name.replace("_", "-")
        text = option.metadata["help"]
        default: Any = option.default
        if several := isinstance(default, tuple):
            default = ", ".join(default)
        switch = isinstance(default, bool)
        if not switch and default not in ("", AUTO) and name != "data":
            text += f"  [default: {default}]"
        text += f"  [env: {ENVIRONMENT_PREFIX}{name.upper()}]"
        metavar = None if switch else option.metadata["metavar"]
        command.params.append(
            click.Option(
                [flag, name],
                help=text,
                metavar=metavar,
                multiple=several,
                is_flag=switch,
                default=None,
            )
        )
    return command


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar=CONFIG_VARIABLE,
    metavar="FILE",
    help=f"A TOML file with the options below.  [env: {CONFIG_VARIABLE}]",
)
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    help="Short for --listen 127.0.0.1:PORT, which this machine alone reaches. Port 0 picks a free "
    "port.",
)
def serve(config: Path | None, port: int | None, **flags: Any) -> None:
    """Run the server until Ctrl-C or SIGTERM.

    A second Ctrl-C or SIGTERM ends it at once.

    A flag takes precedence over the environment, and the environment over the file.
    """
    # Imported late: `chat-grpc --help` and the clients do not need the server.
    from chat_grpc.journal import JournalError
    from chat_grpc.listeners import ListenError
    from chat_grpc.process import serve_forever

    if port is not None:
        if flags["listen"] is not None:
            raise click.UsageError("--port is short for --listen 127.0.0.1:PORT; give one of them.")
        flags["listen"] = f"127.0.0.1:{port}"
    try:
        status = serve_forever(load(flags, file=config))
    except ConfigError as error:
        raise click.UsageError(str(error)) from None
    except (JournalError, ListenError) as error:
        standard_streams.complain(str(error))
        status = store_commands.status_of(error)
    raise SystemExit(status)


# It adds its commands to the group `account` when it is imported.
assert account_group

commands.add_section("Server", [_serve_options(serve)])
for _title, _commands in chat_grpc_cli.main.SECTIONS.items():
    commands.add_section(_title, _commands)
commands.add_section(
    "Administration",
    (*user_commands.COMMANDS, *admin_commands.COMMANDS, *store_commands.COMMANDS),
)
commands.add_section(
    "Tools",
    (*shell_completion.COMMANDS, *cert_command.COMMANDS, *chat_grpc_cli.main.TOOLS),
)
for _command in (
    *operation_commands.COMMANDS,
    *moderation_commands.COMMANDS,
    *invite_commands.COMMANDS,
    *admin_commands.ABOUT_ADMINS,
):
    admin_commands.admin.add_command(_command)
for _group in (admin_commands.admin, invite_commands.invite, user_commands.user):
    for _command in _group.commands.values():
        _command.epilog = STATUSES


if __name__ == "__main__":
    main()
