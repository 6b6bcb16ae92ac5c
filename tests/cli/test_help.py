"""The help of the commands."""

from __future__ import annotations

import inspect
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import click
import pexpect
import pytest
from chat_grpc_cli.sections import summary
from cli.terminal import run
from support import COMMAND, UNIT, free_port, wait_for

from chat_grpc.__main__ import commands

_WITHOUT_STATUSES = {"serve", "cert", "backup", "restore", "check", "completion"}
"""Commands that are no clients of a server; their statuses are those of their own pages."""


def _all(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{path}{name}", command
        if isinstance(command, click.Group):
            yield from _all(command, f"{path}{name} ")


_TAKEN_BY_OPTIONS = frozenset(
    ("server", "tls", "tls_ca", "tls_cert", "tls_key", "name", "wait", "local", "data", "config")
)
"""The parameters from which `access_options` and `reach_options` make one argument."""

_EVERY = dict(_all(commands))
_GROUPS = {"": commands} | {k: v for k, v in _EVERY.items() if isinstance(v, click.Group)}


@pytest.mark.parametrize("group", _GROUPS)
def test_no_summary_is_cut(group: str) -> None:
    """The list of commands shows a whole sentence for each, in a window of 80 columns."""
    shown = _GROUPS[group].get_help(click.Context(_GROUPS[group], terminal_width=80))
    assert [
        line for line in shown.splitlines() if line.startswith("  ") and line.endswith("...")
    ] == []


@pytest.mark.parametrize("name", sorted(_EVERY.keys() - _WITHOUT_STATUSES - _GROUPS.keys()))
def test_every_client_command_has_its_exit_statuses(name: str) -> None:
    """The help of a command that talks to a server ends with the exit statuses."""
    assert "Exit status:" in (_EVERY[name].epilog or "")


def at_terminal(columns: int) -> str:
    """Return the help as a terminal of a width shows it."""
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    child: pexpect.spawn[bytes] = pexpect.spawn(
        COMMAND[0], [*COMMAND[1:], "--help"], dimensions=(24, columns), env=environment
    )
    shown = bytes(child.read())
    child.close()
    assert child.exitstatus == 0
    return shown.decode().replace("\r", "")


@pytest.mark.parametrize("columns", [80, 60])
def test_the_list_at_a_terminal(columns: int) -> None:
    """The help has its groups in the order of need, each line fits, and no sentence is cut."""
    shown = at_terminal(columns)
    titles = [line for line in shown.splitlines() if line.endswith(":") and line[0] != " "]
    assert titles == [f"{title}:" for title in ("Options", *commands.sections)]
    assert max(map(len, shown.splitlines())) < columns
    words = " ".join(shown.split())
    places = [words.find(f" {name} ") for name in commands.list_commands(click.Context(commands))]
    assert places == sorted(places)
    for name, command in commands.commands.items():
        assert f"{name} {summary(command)}" in words


@pytest.mark.parametrize("name", sorted(_EVERY.keys() - _GROUPS.keys()))
def test_each_function_takes_its_parameters(name: str) -> None:
    """The function of a command has an argument for each parameter that the options do not take."""
    command = _EVERY[name]
    assert command.callback is not None
    taken = inspect.signature(command.callback).parameters
    if all(each.kind is not each.VAR_KEYWORD for each in taken.values()):
        own = {str(each.name) for each in command.params} - _TAKEN_BY_OPTIONS
        assert own <= taken.keys()


def test_own_options_come_first() -> None:
    """The help of a client command ends with the options that all of them share."""
    context = click.Context(_EVERY["send"], info_name="send", terminal_width=80)
    own, _, shared = _EVERY["send"].get_help(context).partition("\nServer and user:\n")
    assert "--request-id" in own
    assert "--help" in own
    for option in ("--server", "--tls-ca", "--name", "--wait"):
        assert option in shared
        assert option not in own


@contextmanager
def serve(*arguments: str, **environment: str) -> Iterator[None]:
    """Run the server of the command line."""
    words = [*COMMAND, "serve", "--data", ":memory:", "--web-listen", "off", *arguments]
    with subprocess.Popen(words, env=os.environ | environment, stderr=subprocess.DEVNULL) as server:
        try:
            yield
        finally:
            server.terminate()
            assert server.wait(20 * UNIT) == 0


@pytest.mark.usefixtures("state")
def test_the_port_of_serve() -> None:
    """`serve --port N` listens on loopback, whatever the environment says about `--listen`."""
    port = free_port()
    with serve("--port", str(port), CHAT_GRPC_LISTEN=f"127.0.0.1:{free_port()}"):

        def answers() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        wait_for(answers, 20)
        assert run(port, "send", "--name", "alice", "hello").returncode == 0


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_does_not_exist(port: str) -> None:
    """A port outside 0 to 65535 ends with status 2."""
    ended = subprocess.run([*COMMAND, "serve", "--port", port], capture_output=True, check=False)
    assert ended.returncode == 2
    assert b"--port" in ended.stderr


def test_a_port_and_an_address() -> None:
    """`--port` and `--listen` together are refused."""
    words = [*COMMAND, "serve", "--port", "0", "--listen", "127.0.0.1:0"]
    ended = subprocess.run(words, capture_output=True, check=False)
    assert ended.returncode == 2
    assert b"give one of them" in ended.stderr
