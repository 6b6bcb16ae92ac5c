"""The user's own changes, which an answer and the stream both tell. Pure."""

from __future__ import annotations

_TOLD_FOR = 10.0
"""Seconds within which the other telling of a change comes."""


class OwnChanges:
    """Recognizes the second telling of a change, in either order, so that it is shown once."""

    def __init__(self) -> None:
        self._by_answer: dict[str, float] = {}
        self._by_stream: dict[str, float] = {}

    def answered(self, words: str, now: float) -> bool:
        """Note an answer; return True if the stream has told the change."""
        return _pair(words, now, self._by_stream, self._by_answer)

    def streamed(self, words: str, now: float) -> bool:
        """Note an event; return True if the answer has told the change."""
        return _pair(words, now, self._by_answer, self._by_stream)


def _pair(words: str, now: float, others: dict[str, float], mine: dict[str, float]) -> bool:
    """Remove words from `others` and return True, or else put them into `mine`."""
    key = words.lower()
    if others.pop(key, now - _TOLD_FOR) > now - _TOLD_FOR:
        return True
    for each, at in list(mine.items()):
        if at <= now - _TOLD_FOR:
            del mine[each]
    mine[key] = now
    return False
