"""The streams that sent the newest messages."""

from __future__ import annotations

from array import array

REMEMBERED = 65_536
"""Messages whose stream is remembered: 1 MiB."""


class Senders:
    """Remembers which stream sent a message, for the newest `REMEMBERED` messages of streams.

    Belongs to the event loop.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._most = remembered
        self._sequences = array("q")
        self._streams = array("q")
        self._next = 0
        """The index that the next message takes."""

    def note(self, sequence: int, stream: int) -> None:
        """Note the number of the stream that sent a message. Sequences ascend."""
        at = self._next
        if at == len(self._sequences):
            self._sequences.append(sequence)
            self._streams.append(stream)
        else:
            self._sequences[at], self._streams[at] = sequence, stream
        self._next = (at + 1) % self._most

    def find(self, sequence: int) -> int | None:
        """Return the number of the stream that sent a message, 0 if none did.

        None if the message is older than those that are remembered.
        """
        try:
            return self._streams[self._sequences.index(sequence)]
        except ValueError:
            return None if self._has_forgotten(sequence) else 0

    def _has_forgotten(self, sequence: int) -> bool:
        full = len(self._sequences) == self._most
        return full and sequence < self._sequences[self._next]
