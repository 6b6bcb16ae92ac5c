"""The messages on the screen, to which `/edit`, `/delete` and `/react` refer. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.columns import clip
from chat_grpc_cli.conversation import same
from chat_grpc_cli.sanitize import safe

_KEPT = 1000
_BACK = re.compile(r"-([1-9][0-9]{0,3})")
_QUOTED = 40


@dataclass(slots=True)
class ShownMessage:
    """A message on the screen or in the scrollback."""

    sequence: int
    conversation: str
    author: str
    text: str
    own: bool
    to_me: bool = False
    """True if it mentions the user."""
    clock: str = ""
    """The time of day at which it was sent, such as `14:03`."""


class Shown:
    """The last messages that were shown. The order is that of the log, not of the screen."""

    def __init__(self) -> None:
        self._messages: dict[int, ShownMessage] = {}
        self._deleted: dict[int, None] = {}

    def add(self, message: ShownMessage) -> None:
        """Note a message that is shown now."""
        self._messages.pop(message.sequence, None)
        self._messages[message.sequence] = message
        if len(self._messages) > _KEPT:
            del self._messages[next(iter(self._messages))]

    def edited(self, sequence: int, text: str, *, to_me: bool = False) -> None:
        """Note the new text of a message, and whether it mentions the user."""
        if sequence in self._messages:
            self._messages[sequence].text = text
            self._messages[sequence].to_me = to_me

    def deleted(self, sequence: int) -> None:
        """Forget a message, but not that it was deleted."""
        self._messages.pop(sequence, None)
        self._deleted[sequence] = None
        if len(self._deleted) > _KEPT:
            del self._deleted[next(iter(self._deleted))]

    def clear(self) -> None:
        """Forget all messages, because the server has another log."""
        self._messages.clear()
        self._deleted.clear()

    def get(self, sequence: int) -> ShownMessage | None:
        """Return a message by its sequence, or None."""
        return self._messages.get(sequence)

    def back(self, count: int, here: str, *, own: bool) -> ShownMessage | None:
        """Return a message by counting back from 1, the last one; with `own` an own message.

        Counts the messages of the conversation `here`, or all messages if it has none.
        """
        fits = [message for message in self._messages.values() if message.own or not own]
        near = [message for message in fits if same(message.conversation, here)]
        found = sorted(message.sequence for message in near or fits)
        return self._messages[found[-count]] if 0 < count <= len(found) else None

    def pick(self, word: str, here: str, *, own: bool) -> int | None:
        """Return the sequence that a word stands for, or None if there is no such message.

        An empty word is the last message, `-2` the one before it, and a number is a sequence.
        """
        if word.isascii() and word.isdigit():
            return int(word) if len(word) < 19 else None
        back = _BACK.fullmatch(word) if word else None
        if word and back is None:
            return None
        found = self.back(int(back[1]) if back else 1, here, own=own)
        return found.sequence if found is not None else None

    def quote(self, sequence: int) -> str:
        """Return a quotation of a message for a line about it, safe to show."""
        message = self._messages.get(sequence)
        if message is not None:
            return f"“{one_line(message.text, _QUOTED)}”"
        return "a deleted message" if sequence in self._deleted else f"message {sequence}"

    def named(self, sequence: int, by: str) -> str:
        """Return words for a message without its text, safe to show; `by` is who acts on it."""
        message = self._messages.get(sequence)
        if message is None or not message.clock:
            return f"message {sequence}"
        whose = "their own" if message.author == by else f"{safe(message.author)}'s"
        return f"{'your' if message.own else whose} message of {message.clock}"


def one_line(text: str, most: int = 200) -> str:
    """Make a text safe to show, in one line of at most `most` columns."""
    return clip(safe(" ".join(text[: 2 * most].split("\n"))), most)


CONCEALED = "(message of a blocked user)"
"""Stands for the text of a user whom the user blocked."""


def conceal(message: chat_pb2.Message) -> None:
    """Replace the text of a blocked user."""
    message.text = CONCEALED
    del message.mentioned_numbers[:]


def conceal_stored(stored: chat_pb2.StoredMessage) -> chat_pb2.StoredMessage:
    """Return a copy of a message without the text of a blocked user."""
    copied = chat_pb2.StoredMessage()
    copied.CopyFrom(stored)
    if not stored.deleted:
        conceal(copied.message)
    return copied
