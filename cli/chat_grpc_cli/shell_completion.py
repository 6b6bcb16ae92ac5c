"""The command `completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import os
from typing import Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    add_completion_class,
    get_completion_class,
)

_PROGRAM = "chat-grpc"
_VARIABLE = "_CHAT_GRPC_COMPLETE"
"""The variable of click for this program, by which the shell asks it for completions."""


_USE = """\b
bash  Add to ~/.bashrc:  eval "$(chat-grpc completion bash)"
zsh   Add to ~/.zshrc, after compinit:  eval "$(chat-grpc completion zsh)"
fish  Add to ~/.config/fish/config.fish:  chat-grpc completion fish | source
"""


class QuotingBash(BashComplete):
    """Completion for bash that quotes a `#room`, which bash would take for a comment.

    The other shells quote what they insert.
    """

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Return an item as the code of `completion bash` reads it, which takes one backslash."""
        line = super().format_completion(item)
        words, place = os.environ["COMP_WORDS"].split("\n"), int(os.environ["COMP_CWORD"])
        in_quotes = "".join(words[place : place + 1]).startswith(("'", '"'))
        return line if in_quotes else line.replace(",#", r",\\#", 1)


add_completion_class(QuotingBash)


@click.command(epilog=_USE)
@click.pass_context
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(context: click.Context, shell: str) -> None:
    """Print the code that completes commands and options in a shell."""
    made = get_completion_class(shell)
    assert made is not None, "click has these shells"
    source = made(context.find_root().command, {}, _PROGRAM, _VARIABLE).source()
    click.echo(source)


COMMANDS = (completion,)
