"""The commands about messages that were sent."""

from __future__ import annotations

import re
from datetime import datetime

from chat_cli import tables
from chat_cli.conversation import target
from chat_cli.registry import Screen, UsageError, command
from chat_cli.shown import one_line
from chat_grpc.v1 import chat_pb2

_LINES = 20
_MOST_LINES = 300
_PICKED = re.compile(r"-?[0-9]{1,18}")


@command("history", "[N]")
async def history(screen: Screen, argument: str) -> None:
    """Show the last messages of this conversation, each with its number.

    /history
    /history 100
    """
    if argument and not (argument.isascii() and argument.isdigit() and 0 < int(argument) < 10**6):
        raise UsageError("Say how many messages: /history 50.")
    limit = min(int(argument or _LINES), _MOST_LINES)
    found = await screen.chat.history(target(screen.view.current), limit=limit).all()
    _show(screen, found, screen.view.current, "There is no message here yet.")


@command("search", "WORDS")
async def search(screen: Screen, argument: str) -> None:
    """Search all that you may read; "quoted words" must stand together.

    /search dinner
    /search "dinner is ready"
    """
    if not argument:
        raise UsageError("Say what to search for: /search dinner.")
    found = await screen.chat.search(argument, limit=_LINES).all()
    _show(screen, found, "", "No message has these words.")


@command("edit", "[NUMBER] TEXT")
async def edit(screen: Screen, argument: str) -> None:
    """Give your last message a new text, or an earlier one.

    /edit hello, all
    /edit -2 hello, all      the one before your last
    /edit 4711 hello, all    as /history and /search number them
    """
    word, _, rest = argument.partition(" ")
    shown = screen.view.shown
    text = argument
    if _PICKED.fullmatch(word) and rest.strip():
        sequence, text = shown.pick(word, own=True), rest.strip()
        if sequence is None or (word[0] != "-" and shown.get(sequence) is None):
            raise UsageError(
                f"No message {word} was shown. For a text that begins with a number "
                f"name the message, too: /edit -1 {one_line(argument, 40)}"
            )
    else:
        sequence = shown.pick("", own=True)
    if not text:
        raise UsageError("Say the new text: /edit hello, all.")
    if sequence is None:
        raise UsageError("You have written nothing here yet; /history shows what there is.")
    before, number = shown.quote(sequence), sequence

    def done() -> None:
        shown.edited(number, text)
        screen.tell(f"you edited {before}: {one_line(text)}")

    screen.ask(screen.chat.edit(sequence, text), done, "Not edited")


@command("delete", "[NUMBER]")
async def delete(screen: Screen, argument: str) -> None:
    """Delete your last message, or another one: /delete -2, /delete 4711.

    A number that begins with - counts back in your messages; others are as /history and /search
    show them. As a moderator of a room you may delete anybody's messages.
    """
    sequence = _picked(screen, argument, own=True)
    before = screen.view.shown.quote(sequence)

    def done() -> None:
        screen.view.shown.deleted(sequence)
        screen.tell(f"you deleted {before}")

    screen.ask(screen.chat.delete(sequence), done, "Not deleted")


@command("react", "EMOJI [NUMBER]")
async def react(screen: Screen, argument: str) -> None:
    """React to the last message with an emoji, or to another one.

    /react 👍
    /react 👍 -2      the one before the last
    /react 👍 4711    as /history and /search number them
    """
    _react(screen, argument, remove=False)


@command("unreact", "EMOJI [NUMBER]")
async def unreact(screen: Screen, argument: str) -> None:
    """Take a reaction back."""
    _react(screen, argument, remove=True)


def _react(screen: Screen, argument: str, *, remove: bool) -> None:
    emoji, _, word = argument.partition(" ")
    if not emoji:
        raise UsageError("Say which emoji: /react 👍.")
    sequence = _picked(screen, word.strip(), own=False)
    did, what = "took back" if remove else "reacted", screen.view.shown.quote(sequence)

    def done() -> None:
        screen.tell(f"you {did} {one_line(emoji, 32)} to {what}")

    screen.ask(screen.chat.react(sequence, emoji, remove=remove), done, "No reaction")


def _picked(screen: Screen, word: str, *, own: bool) -> int:
    sequence = screen.view.shown.pick(word, own=own)
    if sequence is None and word:
        raise UsageError(f"There is no message {word}; /history shows the numbers.")
    if sequence is None:
        raise UsageError("No message was shown yet; /history shows what there is.")
    return sequence


def _show(
    screen: Screen, newest_first: list[chat_pb2.StoredMessage], here: str, nothing: str
) -> None:
    if not newest_first:
        screen.tell(nothing)
        return
    found = newest_first[::-1]
    for each in found:
        screen.view.seen(each)
    now = datetime.now().astimezone()
    screen.show(tables.stored(found, screen.chat.me.number, now, here))
