"""The commands for scripts that write messages: `send`, `reply`, `edit`, `delete`, `react`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from chat_grpc_cli.access_options import (
    access_options,
    client_command,
    run,
    sent_as_json,
    sequence,
    to_option,
)

if TYPE_CHECKING:
    from chat_grpc_cli.access import Access

_MAX_REQUEST_ID = 64
_MAX_REQUEST_ID_OF_LINES = 50
"""With `-`, a line's number is appended."""


def _request_id(context: click.Context, _: click.Parameter, value: str | None) -> str | None:
    """Check a request id. Raises `click.BadParameter`."""
    of_lines = context.params.get("words") == ("-",)
    most = _MAX_REQUEST_ID_OF_LINES if of_lines else _MAX_REQUEST_ID
    if value is None or (0 < len(value) <= most and value.isascii() and value.isprintable()):
        return value
    raise click.BadParameter(f"{value!r} is not valid. Use 1 to {most} printable ASCII characters.")


_request_id_option = click.option(
    "--request-id",
    metavar="ID",
    callback=_request_id,
    help="An id that you choose. A command with an id that was used in the last 24 hours changes "
    "nothing again.  [default: a new one]",
)

# Parsed before the options, of which --request-id depends on them.
_words = click.argument("words", metavar="TEXT...", nargs=-1, required=True, is_eager=True)


def _message_sequence(text: str) -> int:
    """Parse the sequence of a message. Raises `click.BadParameter`."""
    if found := sequence(text):
        return found
    raise click.BadParameter("No message has the sequence 0. `history` shows the sequences.")


_message = click.argument("message", metavar="SEQ", type=_message_sequence)


@client_command()
@access_options()
@to_option("everyone")
@click.option(
    "--reply-to", metavar="SEQ", type=sequence, default="0", help="The message that this answers."
)
@_request_id_option
@click.option("--strict", is_flag=True, help="With -, end at the first line that is refused.")
@sent_as_json
@_words
def send(access: Access, **options: Any) -> None:
    """Send TEXT; with - send each line of standard input.

    Several words are one message. Ends with status 0 once every message is stored. With -, a line
    that is refused is reported with its number, the other lines are sent, and the status is that
    of the first refused line.

    With - and --request-id ID, line N has the id ID-N: the same input can be sent again after a
    failure, and no line is stored twice.
    """
    from chat_grpc_cli import sending

    run(lambda: sending.send(access, **options))


@client_command()
@access_options()
@to_option("the conversation of the message")
@_request_id_option
@sent_as_json
@_message
@_words
def reply(access: Access, **options: Any) -> None:
    """Reply to the message SEQ with TEXT, in its conversation."""
    from chat_grpc_cli import changing

    run(lambda: changing.reply(access, **options))


@client_command()
@access_options()
@_request_id_option
@sent_as_json
@_message
@_words
def edit(access: Access, **options: Any) -> None:
    """Replace the text of your message SEQ by TEXT."""
    from chat_grpc_cli import changing

    run(lambda: changing.edit(access, **options))


@client_command()
@access_options()
@_request_id_option
@sent_as_json
@_message
def delete(access: Access, **options: Any) -> None:
    """Delete the message SEQ: one of yours, or any as a moderator."""
    from chat_grpc_cli import changing

    run(lambda: changing.delete(access, **options))


@client_command()
@access_options()
@click.option("--remove", is_flag=True, help="Remove your reaction.")
@_request_id_option
@sent_as_json
@_message
@click.argument("emoji")
def react(access: Access, **options: Any) -> None:
    """React to the message SEQ with EMOJI.

    The name of an emoji, such as thumbs_up, is also accepted.
    """
    from chat_grpc_cli import changing

    run(lambda: changing.react(access, **options))


COMMANDS = (send, reply, edit, delete, react)
