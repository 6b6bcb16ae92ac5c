"""Texts and queries as the search index takes them.

The index's tokenizer makes a word of letters, digits and marks (`unicode61` with the categories
L, N, M, So and Co), without the accents of Latin letters. The rest is done here, on texts and
queries alike: letters of scripts without spaces, and symbols such as emoji, stand alone; case and
compatible forms are one; what only shapes or voices a letter does not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import islice

MAX_TERMS = 100
_MAX_PARTS = 1000
_KNOWN_LETTERS = 30_000

# These scripts put no spaces between words, or bind endings to them: each letter is a word, and
# a query a phrase of them. Thai and Lao; Burmese; Khmer; Chinese and Japanese; Korean.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u31a0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
# Vowel points of Hebrew and Arabic, and the latter's lengthening; joiners; variants; tags.
_UNHEARD = re.compile(
    "[\u00ad\u034f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u180e\u200c\u200d\u2060\ufe00-\ufe0f\ufeff"
    "\U000e0020-\U000e007f]"
)
# What people write for one another: accents of Greek, which capitals have not; Arabic as it is
# normalized for search (Larkey et al., "Light Stemming for Arabic Information Retrieval", 2007).
_GREEK = re.compile("[\u0370-\u03ff\u1f00-\u1fff]")
_SAME = dict(zip("ёđøłħıأإآٱىة", "еdolhiاااايه", strict=True))
_NOT_ASCII = re.compile("[^\0-\x7f]+")
_TERM = re.compile(r'"([^"]*)"?|([^\s"]+)')
_PARTS_OF_WORDS = frozenset(["Mn", "Mc", "So", "Co"])


class _Letters(dict[int, str]):
    """What stands for each character; filled as characters come, up to a bound."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if _GREEK.match(letter):
            letter = unicodedata.normalize("NFD", letter)[0]
        if _UNHEARD.match(letter):
            stands = ""
        elif UNSPACED.match(letter) or unicodedata.category(letter) == "So":
            stands = f" {letter} "
        else:
            stands = _SAME.get(letter, letter)
        if len(self) < _KNOWN_LETTERS:
            self[code] = stands
        return stands


_LETTERS = _Letters()


def searchable(text: str) -> str:
    """Gives a text as it is indexed."""
    text = text.replace("\0", " ")
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_ASCII.sub(lambda found: found[0].translate(_LETTERS), text)


def match(query: str, places: Iterable[str]) -> str:
    """Gives the FTS5 expression of a query in one of some places; empty where nothing can match.

    A place is what `place_words` gives, of which a message must have all. Each word must stand in
    the text; what is between quotes must stand together. Words beyond `MAX_TERMS` are passed over.
    """
    terms: list[str] = []
    for found in islice(_TERM.finditer(query), _MAX_PARTS):
        if len(terms) == MAX_TERMS:
            break
        # Compatible forms may have become quotes.
        term = searchable(found[1] or found[2] or "").replace('"', " ")
        if any(map(_in_words, term)):
            terms.append(f'"{term}"')
    within = " OR ".join(_within(place) for place in places)
    if not terms or not within:
        return ""
    return f"text : ({' AND '.join(terms)}) AND place : ({within})"


def _in_words(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter) in _PARTS_OF_WORDS


def _within(place: str) -> str:
    return "(" + " AND ".join(f'"{word}"' for word in place.split()) + ")"


def channel_word(channel: str) -> str:
    """Gives the one word that stands for a channel in the index."""
    return f"t{channel.encode().hex()}"


def place_words(channels: Sequence[str]) -> str:
    """Gives the words that stand for a message's channels in the index.

    What somebody writes to themself has one word more, because its channel is also one of
    each direct message that they get.
    """
    words = [channel_word(channel) for channel in channels]
    if len(words) == 1 and channels[0][0] == "@":
        words.append("self")
    return " ".join(words)
