"""Whom a text names as `@name`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import islice

from chat_grpc.core.errors import NameInvalid
from chat_grpc.core.limits import MAX_MENTIONS
from chat_grpc.core.names import check_name
from chat_grpc.core.user import User

# Not behind a Latin letter or digit: that is an address, not a mention.
_AT = re.compile(r"(?<![A-Za-z0-9])@([^\s#@:,/\\\"'<>&`]{1,33})")


def mentioned(text: str, find: Callable[[str], User | None]) -> tuple[int, ...]:
    """Gives the number of each user whom a text names, in the order of the text.

    `find` finds a user by the name's key. Of a text with more than `MAX_MENTIONS` names only the
    first are looked at: checking a name takes a while.
    """
    numbers: dict[int, None] = {}
    for at in islice(_AT.finditer(text), MAX_MENTIONS):
        for name in _names(at[1]):
            try:
                user = find(check_name(name)[1])
            except NameInvalid:
                continue
            if user is not None:
                numbers[user.number] = None
                break
    return tuple(numbers)


def _names(word: str) -> Iterator[str]:
    """Gives what of a word may be the name: all of it, then without the marks at its end."""
    for at, letter in enumerate(word):
        if not letter.isascii() and _is_mark(letter):
            word = word[:at]
            break
    yield word
    bare = word
    while bare and _is_mark(bare[-1]):
        bare = bare[:-1]
    if bare != word:
        yield bare


def _is_mark(letter: str) -> bool:
    """Says whether it is punctuation or the like; of those a name has only ASCII ones."""
    return unicodedata.category(letter)[0] in "PSZC"
