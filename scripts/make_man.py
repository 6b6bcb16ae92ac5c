"""Make docs/man/chat-grpc.1 from the help of the commands; `--check` compares it with that."""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from chat_grpc_cli.access_options import STATUSES
from chat_grpc_cli.exit_status import MEANINGS

from chat_grpc import __version__
from chat_grpc.__main__ import commands

PAGE = Path(__file__).parents[1] / "docs" / "man" / "chat-grpc.1"

_SHARED_BY = 10
"""An option that is the same in this many commands has its text only once."""

_EXAMPLES = (
    ("Start a server, and chat with it:", "chat-grpc serve", "chat-grpc connect --name alice"),
    (
        "Send a message, and the lines of a program:",
        "chat-grpc send --to bob 'lunch?'",
        "make 2>&1 | chat-grpc send --name build -",
    ),
    (
        "Run a bot that answers mentions:",
        "chat-grpc tail --name watchbot --mentions --exec ./bot.sh --answer",
    ),
)

Record = tuple[str, str]
"""The names of an option with its metavar, and its text."""


def main() -> None:
    """Write or check the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    made = "\n".join(page()) + "\n"
    if not parser.parse_args().check:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(made, encoding="ascii")
    elif not PAGE.exists() or PAGE.read_text(encoding="ascii") != made:
        sys.exit(f"{PAGE} is not that of the commands' help; `make man` makes it")


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    every = dict(leaves(commands))
    counts = Counter(each for command in every.values() for each in records(command))
    shared = [each for each, count in counts.items() if count >= _SHARED_BY]
    summary = (commands.help or "").rstrip(".").replace("A chat", "a chat")
    yield '.\\" Made by scripts/make_man.py from the help of the commands.'
    yield f'.TH CHAT\\-GRPC 1 "" "chat\\-grpc {__version__}" "User Commands"'
    yield from (".SH NAME", f"chat\\-grpc \\- {text(summary)}")
    yield from (
        ".SH SYNOPSIS",
        ".B chat\\-grpc",
        ".I COMMAND",
        "[\\fIOPTION\\fR]...",
        "[\\fIARGUMENT\\fR]...",
    )
    yield from (
        ".SH OPTIONS",
        *option(("--version", "Show the version.")),
        *option(("-h, --help", "Show the help of chat-grpc, or of a command.")),
    )
    for title, names in commands.sections.items():
        yield f'.SH "{text(title.upper())} COMMANDS"'
        for name in names:
            for path, command in leaves(commands.commands[name], name):
                yield from described(path, command, shared)
    yield ".SH SHARED OPTIONS"
    for each in shared:
        yield from option(each)
    yield ".SH EXIT STATUS"
    for status, words in MEANINGS.items():
        yield from option((str(status), f"{words[0].upper()}{words[1:]}."))
    yield ".SH EXAMPLES"
    for sentence, *lines in _EXAMPLES:
        yield from (".TP", text(sentence), ".nf", *map(text, lines), ".fi")


def leaves(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield the commands below a group, or the command itself, each with the words that call it."""
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from leaves(each, f"{path} {name}".strip())
    else:
        yield path, command


def described(path: str, command: click.Command, shared: Sequence[Record]) -> Iterator[str]:
    """Yield the description of a command."""
    words = [argument(each) for each in command.params if isinstance(each, click.Argument)]
    found = records(command)
    yield from (f".SS {text(path)}", f".B chat\\-grpc {text(path)}", "[\\fIOPTION\\fR]...")
    yield from (f".I {text(each)}" for each in words)
    yield from paragraphs(command.help or "", first=".PP")
    for each in found:
        if each not in shared:
            yield from option(each)
    if also := [names.split()[0].rstrip(",") for names, words in found if (names, words) in shared]:
        yield from (".PP", *wrapped(f"Shared options: {', '.join(also)}."))
    if command.epilog and command.epilog != STATUSES:
        yield from paragraphs(command.epilog, first=".PP")


def records(command: click.Command) -> list[Record]:
    """Return the options of a command."""
    return [record(each) for each in command.params if isinstance(each, click.Option)]


def record(option: click.Option) -> Record:
    """Return the names and the text of an option.

    The wording does not depend on the version of click.
    """
    value = option.metavar
    if value is None and isinstance(option.type, click.Choice):
        value = "|".join(option.type.choices)
    names = ", ".join([*option.opts, *option.secondary_opts])
    shown = names if option.is_flag else f"{names} {value or option.type.name.upper()}"
    words = (option.help or "").strip()
    if isinstance(option.type, click.IntRange | click.FloatRange):
        least, most = option.type.min, option.type.max
        words += f"  [{least:g} or more]" if most is None else f"  [{least:g} to {most:g}]"
    if option.show_default:
        words += f"  [default: {option.default}]"
    if option.show_envvar:
        words += f"  [env: {option.envvar}]"
    return shown, re.sub(r"\s+", " ", words)


def argument(argument: click.Argument) -> str:
    """Return an argument as the usage shows it."""
    if argument.metavar:
        return argument.metavar
    name = str(argument.name).upper()
    if isinstance(argument.type, click.Choice):
        name = "|".join(argument.type.choices)
    name = f"{name}..." if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


def option(record: Record) -> Iterator[str]:
    """Yield an option."""
    names, words = record
    yield from (".TP", f"\\fB{text(names)}\\fR", *wrapped(words))


def paragraphs(words: str, first: str = "") -> Iterator[str]:
    r"""Yield the paragraphs of a help text. After `\b` the lines are kept as they are."""
    before = first
    for paragraph in words.strip().split("\n\n"):
        if before:
            yield before
        before = ".PP"
        if paragraph.startswith("\b"):
            yield from (".nf", *map(text, paragraph.removeprefix("\b\n").splitlines()), ".fi")
        else:
            yield from wrapped(paragraph)


def wrapped(words: str) -> list[str]:
    """Return a paragraph as lines for roff, which fills them again."""
    lines = textwrap.wrap(
        " ".join(words.split()),
        72,
        break_long_words=False,
        break_on_hyphens=False,
        fix_sentence_endings=True,
    )
    return [text(line) for line in lines]


def text(words: str) -> str:
    """Escape a line for roff; words in backquotes become bold."""
    words = words.replace("\\", "\\e").replace("-", "\\-")
    words = re.sub(r"`([^`]+)`", r"\\fB\1\\fR", words)
    return f"\\&{words}" if words.startswith((".", "'")) else words


if __name__ == "__main__":
    main()
