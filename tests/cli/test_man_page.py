"""The man page, which is made from the help of the commands."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from chat_grpc_cli.exit_status import MEANINGS
from peers.tools import installed

from chat_grpc.__main__ import commands

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "man" / "chat-grpc.1"


def mandoc(*arguments: str) -> str:
    """Run mandoc on the page; return its output, warnings included."""
    ended = subprocess.run(
        [installed("bin/mandoc"), *arguments, PAGE],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return re.sub(".\b", "", ended.stdout)  # bold is a letter over itself


def paths(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield each command of a group and of its groups, with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from paths(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def test_the_page_is_that_of_the_help() -> None:
    """A fresh page is the one in docs/man."""
    made = [sys.executable, str(ROOT / "scripts" / "make_man.py"), "--check"]
    ended = subprocess.run(made, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_page_is_well_formed() -> None:
    """Mandoc has no warning, except that a page that can be made again has no date."""
    warnings = mandoc("-T", "lint", "-W", "warning").splitlines()
    assert [line for line in warnings if "missing date" not in line] == []


def test_the_page_has_every_command() -> None:
    """The rendered page describes each command with its options, and each exit status."""
    shown = mandoc("-T", "ascii", "-O", "width=100")
    for path, command in paths(commands):
        _, found, section = shown.partition(f"\n   {path}\n")
        assert found, path
        section = re.split(r"\n   \w|\n[A-Z]", section)[0]
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.opts[0] in section, (path, option.opts)
    statuses = shown.partition("\nEXIT STATUS\n")[2]
    for status in MEANINGS:
        assert re.search(rf"^ +{status} ", statuses, re.MULTILINE), status
