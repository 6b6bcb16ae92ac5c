"""The help of the commands."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from chat_grpc.__main__ import commands

_WITHOUT_STATUSES = {"serve", "cert", "backup", "restore", "check", "completion"}
"""Commands that are no clients of a server; their statuses are those of their own pages."""


def _all(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{path}{name}", command
        if isinstance(command, click.Group):
            yield from _all(command, f"{path}{name} ")


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
