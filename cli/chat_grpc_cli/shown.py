"""The messages that the user has seen: what `/edit`, `/delete` and `/react` speak of. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chat_grpc_cli.columns import clip
from chat_grpc_cli.conversation import same
from chat_grpc_cli.sanitize import safe

_KEPT = 1000
_BACK = re.compile(r"-([1-9][0-9]{0,3})")
_QUOTED = 40


@dataclass(slots=True)
class ShownMessage:
    """A message on the screen, or above it."""

    sequence: int
    conversation: str
    author: str
    text: str
    own: bool


class Shown:
    """The messages that were shown of late. The last one is the newest in the log."""

    def __init__(self) -> None:
        self._messages: dict[int, ShownMessage] = {}

    def add(self, message: ShownMessage) -> None:
        """Notes a message that is shown now."""
        self._messages.pop(message.sequence, None)
        self._messages[message.sequence] = message
        if len(self._messages) > _KEPT:
            del self._messages[next(iter(self._messages))]

    def edited(self, sequence: int, text: str) -> None:
        """Notes the new text of a message."""
        if sequence in self._messages:
            self._messages[sequence].text = text

    def deleted(self, sequence: int) -> None:
        """Forgets a message."""
        self._messages.pop(sequence, None)

    def clear(self) -> None:
        """Forgets all, because the server has another log."""
        self._messages.clear()

    def get(self, sequence: int) -> ShownMessage | None:
        """Finds a message by its sequence."""
        return self._messages.get(sequence)

    def back(self, count: int, here: str, *, own: bool) -> ShownMessage | None:
        """Finds a message by counting back: 1 is the last one, of the user's own or of all.

        Those of the conversation at hand, `here`, count; where there are none, all do.
        """
        fits = [message for message in self._messages.values() if message.own or not own]
        near = [message for message in fits if same(message.conversation, here)]
        found = sorted(message.sequence for message in near or fits)
        return self._messages[found[-count]] if 0 < count <= len(found) else None

    def pick(self, word: str, here: str, *, own: bool) -> int | None:
        """Reads which message a word means: none the last one, `-2` the one before, or a sequence.

        Gives the sequence; None where there is no such message, or the word means none.
        """
        if word.isascii() and word.isdigit():
            return int(word) if len(word) < 19 else None
        back = _BACK.fullmatch(word) if word else None
        if word and back is None:
            return None
        found = self.back(int(back[1]) if back else 1, here, own=own)
        return found.sequence if found is not None else None

    def quote(self, sequence: int) -> str:
        """Names a message in a line about it, safe to show."""
        message = self._messages.get(sequence)
        if message is None:
            return f"message {sequence}"
        return f"“{one_line(message.text, _QUOTED)}”"


def one_line(text: str, most: int = 200) -> str:
    """Makes a text safe to show in one line of at most so many columns."""
    return clip(safe(" ".join(text[: 2 * most].split("\n"))), most)
