"""The words that the user wants to be told of, like a mention. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence


class Highlight:
    """Finds words in texts: whole words, in upper or lower case."""

    def __init__(self, words: Sequence[str] = ()) -> None:
        either = "|".join(re.escape(word.casefold()) for word in words)
        self._pattern = re.compile(rf"(?<!\w)(?:{either})(?!\w)") if words else None

    def __call__(self, text: str) -> bool:
        """Return True if a text contains one of the words."""
        return self._pattern is not None and bool(self._pattern.search(text.casefold()))
