"""The commands for messages that were sent."""

from __future__ import annotations

import re
from datetime import datetime

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.conversation import target
from chat_grpc_cli.emojis import find_emoji
from chat_grpc_cli.registry import Screen, UsageError, command
from chat_grpc_cli.shown import ShownMessage, one_line
from chat_grpc_cli.typed_text import as_sent

_LINES = 20
_MAX_LINES = 300
_PICKED = re.compile(r"-?[0-9]{1,18}")
_COUNT = re.compile(r"[1-9][0-9]{0,17}")


@command("history", "[N] [BEFORE]", reads=True)
async def history(screen: Screen, argument: str) -> None:
    """Show the last messages of this conversation.

    The number after a message is for /edit, /delete, /react and /reply.

    /history
    /history 100
    /history 100 4711      before message 4711
    """
    words = argument.split()
    if len(words) > 2 or not all(_COUNT.fullmatch(word) for word in words):
        raise UsageError("Give a count, and a message: /history 50, /history 50 4711.")
    limit, before = [*map(int, words), *(_LINES, 0)[len(words) :]]
    here = screen.view.current
    pages = screen.chat.history(target(here), before=before, limit=min(limit, _MAX_LINES))
    found = await pages.all()
    nothing = f"No message before {before}." if before else "No messages here yet."
    _show(screen, found, here, nothing)


@command("search", "WORDS", reads=True)
async def search(screen: Screen, argument: str) -> None:
    """Show the messages that contain all the words.

    Searches everything that you may read. Double quotes find a phrase.

    /search dinner
    /search "dinner is ready"
    """
    if not argument:
        raise UsageError("Give the words to search for: /search dinner.")
    found = await screen.chat.search(argument, limit=_LINES).all()
    _show(screen, found, "", "No message contains these words.")
    if len(found) == _LINES:
        screen.tell(f"These are the newest {_LINES}. Add words to find others.")


@command("pick", reads=True)
async def pick(screen: Screen, _: str) -> None:
    """Pick a message with the arrows.

    Shows the messages of this conversation with their numbers and dates; so does Alt-R. Enter or r
    replies, e edits, d deletes, + reacts, Esc ends. Each writes the command into the input line.
    """
    screen.pick("")


@command("reply", "[NUMBER] TEXT")
async def reply(screen: Screen, argument: str) -> None:
    """Reply to the last message, or to another one.

    /reply             lets you pick a message with the arrows
    /reply yes
    /reply -2 yes      the one before the last
    /reply 4711 yes    a number from /history or /search
    """
    if not argument:
        screen.pick("reply")
        return
    answered, text = _message_and_text(screen, argument, "reply", own=False)
    to = target(answered.conversation)
    screen.send(as_sent(text, to, screen.view.people), to, reply_to=answered.sequence)


@command("edit", "[NUMBER] TEXT", "own")
async def edit(screen: Screen, argument: str) -> None:
    """Edit your last message, or another one.

    /edit                    lets you pick a message with the arrows
    /edit hello, all
    /edit -2 hello, all      the one before your last
    /edit 4711 hello, all    a number from /history or /search
    """
    if not argument:
        screen.pick("edit")
        return
    message, text = _message_and_text(screen, argument, "edit", own=True)
    text = as_sent(text, target(message.conversation), screen.view.people)
    shown, number = screen.view.shown, message.sequence
    before = shown.quote(number)

    def done() -> None:
        shown.edited(number, text)
        screen.tell(f"you edited {before}: {one_line(text)}")

    screen.ask(screen.chat.edit(number, text), done, "Not edited")


@command("delete", "[NUMBER]")
async def delete(screen: Screen, argument: str) -> None:
    """Delete your last message, or another one.

    /delete
    /delete -2      the one before your last
    /delete 4711    a number from /history or /search; moderators can delete any message
    """
    sequence = _picked(screen, argument, own=True)
    deleted = screen.view.shown.named(sequence, screen.view.me.name)

    def done() -> None:
        screen.view.deleted(sequence)
        screen.tell(f"you deleted {deleted}")

    screen.ask(screen.chat.delete(sequence), done, "Not deleted")


@command("react", "EMOJI [NUMBER]", "emoji")
async def react(screen: Screen, argument: str) -> None:
    """React to the last message, or another one.

    /react              lets you pick a message with the arrows
    /react 👍
    /react thumbs_up    by the name of the emoji
    /react 👍 -2        to the message before the last
    /react 👍 4711      a number from /history or /search
    """
    if not argument:
        screen.pick("react")
        return
    _react(screen, argument, remove=False)


@command("unreact", "EMOJI [NUMBER]", "emoji")
async def unreact(screen: Screen, argument: str) -> None:
    """Remove your reaction.

    /unreact 👍
    """
    _react(screen, argument, remove=True)


def _react(screen: Screen, argument: str, *, remove: bool) -> None:
    word, _, number = argument.partition(" ")
    if not word:
        raise UsageError("Give an emoji: /react 👍, or /react thumbs_up.")
    emoji = find_emoji(word)
    if emoji.isascii():
        raise UsageError(f"No emoji is called {word}. Try /react thumbs_up.")
    sequence = _picked(screen, number.strip(), own=False)
    did, what = "took back" if remove else "reacted", screen.view.shown.quote(sequence)

    def done() -> None:
        screen.tell(f"you {did} {one_line(emoji, 32)} to {what}")

    screen.ask(screen.chat.react(sequence, emoji, remove=remove), done, "No reaction")


def _message_and_text(
    screen: Screen, argument: str, command: str, *, own: bool
) -> tuple[ShownMessage, str]:
    """Parse an optional number and a text. Raises `UsageError`."""
    word, _, rest = argument.partition(" ")
    numbered = _PICKED.fullmatch(word) is not None
    if numbered and not rest.strip():
        raise UsageError(
            f"Give the text after the number: /{command} {word} hello, all. If {word} is the text, "
            f"give the message, too: /{command} -1 {word}"
        )
    if not numbered:
        word, rest = "", argument
    shown = screen.view.shown
    sequence = shown.pick(word, screen.view.current, own=own)
    message = shown.get(sequence) if sequence is not None else None
    if message is not None:
        return message, rest.strip()
    if not word:
        raise UsageError("No message was shown yet. /history shows earlier messages.")
    raise UsageError(
        f"No message {word} was shown. /history and /search show the numbers. If the text begins "
        f"with a number, give the message, too: /{command} -1 {one_line(argument, 40)}"
    )


def _picked(screen: Screen, word: str, *, own: bool) -> int:
    sequence = screen.view.shown.pick(word, screen.view.current, own=own)
    if sequence is None and word:
        raise UsageError(f"There is no message {word}. /history shows the numbers.")
    if sequence is None:
        raise UsageError("No message was shown yet. /history shows earlier messages.")
    return sequence


def _show(
    screen: Screen, newest_first: list[chat_pb2.StoredMessage], here: str, nothing: str
) -> None:
    found = screen.view.concealed(newest_first[::-1])
    if not found:
        screen.tell(nothing)
        return
    for each in found:
        screen.view.seen(each)
    now = datetime.now().astimezone()
    screen.show(screen.view.page(found, now, here, numbers="after"))
