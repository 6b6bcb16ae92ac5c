"""Commands whose help lists commands and options in the order in which one needs them."""

from __future__ import annotations

from collections.abc import Iterable

import click

_CONNECTION = frozenset(
    ("server", "tls", "tls_ca", "tls_cert", "tls_key", "name", "wait", "local", "data", "config")
)
"""The options that many commands share: they choose the server and the user."""


class ClientCommand(click.Command):
    """A command whose help has its own options first, and then those of the connection."""

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options."""
        own: list[tuple[str, str]] = []
        shared: list[tuple[str, str]] = []
        for each in self.get_params(context):
            record = each.get_help_record(context) if isinstance(each, click.Option) else None
            if record is not None:
                (shared if each.name in _CONNECTION else own).append(record)
        for title, records in (("Options", own), ("Server and user", shared)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class OrderedGroup(click.Group):
    """A group that lists its commands in the order in which they were added.

    The list has the whole first sentence of each command; click would cut it at the edge of the
    window.
    """

    command_class = ClientCommand

    def list_commands(self, _: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(self.commands)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands."""
        self._write(formatter, "Commands", self.list_commands(context))

    def _write(self, formatter: click.HelpFormatter, title: str, names: Iterable[str]) -> None:
        # All sections have their second column at the same place.
        longest = max(map(len, self.commands))
        rows = [(name.ljust(longest), summary(self.commands[name])) for name in names]
        with formatter.section(title):
            formatter.write_dl(rows)


class SectionedGroup(OrderedGroup):
    """A group whose commands have sections with titles."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.sections: dict[str, list[str]] = {}

    def add_section(self, title: str, commands: Iterable[click.Command]) -> None:
        """Add commands under a title."""
        names = self.sections.setdefault(title, [])
        for command in commands:
            self.add_command(command)
            names.append(str(command.name))

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections."""
        for title, names in self.sections.items():
            self._write(formatter, title, names)


def summary(command: click.Command) -> str:
    """Return the first sentence of a command's help."""
    return command.get_short_help_str(limit=1000)
