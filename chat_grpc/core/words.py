"""Texts and queries in the form of the word index.

The index's tokenizer makes a word of letters, digits and marks (`unicode61` with the categories
L, N, M, So and Co), without the accents of Latin letters. The rest is done here, on texts and
queries alike:

- Letters of scripts without spaces, and symbols such as emoji, are words of their own.
- Case, compatible forms, apostrophes, vowel points and joiners make no difference.
- A word with a symbol that is part of a name, such as `C++`, `c#`, `.net`, `#tag` or `5€`, is
  followed by a word that stands for both, so that a query with the symbol finds only that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import islice

from chat_grpc.core import limits

FORM = 2
"""The version of the indexed form: an index with another version must be rebuilt."""

MAX_TERMS = 100
"""The maximum number of words and phrases of a query; the others are ignored."""

MAX_WORDS = 4096
"""The maximum number of words of a text; later ones cannot be found."""

MAX_PHRASE = 200
"""The maximum number of words of one phrase of a query; further words are cut off."""

MIN_PREFIX = 3
"""The minimum number of letters with which the last word of a query matches longer words."""

_MAX_LENGTH = 2 * limits.MAX_TEXT_BYTES
"""The maximum size of a text in its indexed form, in bytes of UTF-8."""

_MAX_PARTS = 1000
_KNOWN_LETTERS = 30_000
_PIECE = 512

# These scripts put no spaces between words, or bind endings to them: each letter is a word, and
# a query is a phrase of them. Thai and Lao; Burmese; Khmer; Chinese and Japanese; Korean.
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
# Keyboards differ in which apostrophe they have: Ukrainian, Uzbek, Hawaiian, Armenian, typographic.
_APOSTROPHES = re.compile(
    "[`\u00b4\u02b9\u02bb-\u02bd\u02c8\u055a\u2018\u2019\u201b\u2032\ua78c\uff07]"
)
# Letters that people use interchangeably: Greek ones with and without accents; Arabic as normalized
# for search (Larkey et al., "Light Stemming for Arabic Information Retrieval", 2007).
_GREEK = re.compile("[\u0370-\u03ff\u1f00-\u1fff]")
_SAME = dict(zip("ёđøłħıأإآٱىة", "еdolhiاااايه", strict=True))
_NOT_ASCII = re.compile("[^\0-\x7f]+")
_TERM = re.compile(r'"([^"]*)"?|([^\s"]+)')
_PARTS_OF_WORDS = frozenset(["Mn", "Mc", "So", "Co"])

# A word that starts with a symbol: `.net`, `#tag`, `@bob`, `$5`, `+1`; or ends with one: `c++`,
# `c++11`, `c#`, `5€`, `100%`.
_BEFORE = r"(?<![\w.#@$€£¥+/\\-])(?:[.#@$€£¥]|\+(?=\d))[^\W_]{1,32}"
_AFTER = r"(?<![^\W_])[^\W_]{1,32}(?:\+\+|[+#](?!\w)|(?<=\d)[$€£¥%])"
_SYMBOLIC = re.compile(f"{_BEFORE}|{_AFTER}")
_HAS_SYMBOL = re.compile("[.#@$€£¥+%]")
# Private-use characters are letters to the tokenizer, and no text means them.
_LETTERS_FOR_SYMBOLS = {ord(symbol): 0xF500 + ord(symbol) % 256 for symbol in ".#@$€£¥+%"}

# At least one match for each word that the tokenizer makes.
_WORDS = re.compile(r"[^\W_]+|[^\x00-\u0dff\w\s]")


class _Letters(dict[int, str]):
    """The replacement of each character, filled as characters come, up to a bound."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if _GREEK.match(letter):
            letter = unicodedata.normalize("NFD", letter)[0]
        if _UNHEARD.match(letter):
            replacement = ""
        elif UNSPACED.match(letter) or unicodedata.category(letter) == "So":
            replacement = f" {letter} "
        else:
            replacement = _SAME.get(letter, letter)
        if len(self) < _KNOWN_LETTERS:
            self[code] = replacement
        return replacement


_LETTERS = _Letters()


def searchable(text: str) -> str:
    """Return a text as it is indexed.

    The result has at most `MAX_WORDS` words, and at most twice the bytes of the longest message.
    The rest is cut off, because some letters have compatible forms of 11 times their length.
    """
    text = text.replace("\0", " ")
    if not text.isascii():
        text = _folded(text)
    if _HAS_SYMBOL.search(text):
        text = _SYMBOLIC.sub(_with_word, text)
    return _cut(text, MAX_WORDS)


def _folded(text: str) -> str:
    pieces: list[str] = []
    left = _MAX_LENGTH
    start = 0
    while start < len(text) and left > 0:
        end = _end_of_piece(text, start)
        piece = _APOSTROPHES.sub("'", text[start:end])
        piece = unicodedata.normalize("NFKC", piece).casefold()
        piece = _NOT_ASCII.sub(lambda found: found[0].translate(_LETTERS), piece)
        pieces.append(piece)
        left -= len(piece.encode())
        start = end
    return "".join(pieces)


def _end_of_piece(text: str, start: int) -> int:
    """Return the end of a piece, after which no mark belongs to a letter of the piece."""
    end = start + _PIECE
    most = end + _PIECE
    while end < min(len(text), most) and unicodedata.category(text[end])[0] == "M":
        end += 1
    return end


def _with_word(found: re.Match[str]) -> str:
    return f"{found[0]} {found[0].translate(_LETTERS_FOR_SYMBOLS)} "


def _cut(text: str, words: int) -> str:
    if len(text) > words:  # a word has at least one character
        last = next(islice(_WORDS.finditer(text), words, None), None)
        if last is not None:
            text = text[: last.start()]
    if len(text) > _MAX_LENGTH // 4:
        text = text.encode()[:_MAX_LENGTH].decode(errors="ignore")
    return text


def match(query: str) -> str:
    """Return the FTS5 expression of a query; empty if nothing can match.

    Each word must be in the text, and words between quotes must be together. The last word also
    matches longer words that begin with it, if it has at least `MIN_PREFIX` letters, no symbol, and
    no space or quote after it. Words beyond `MAX_TERMS` are ignored.
    """
    terms: list[str] = []
    for found in islice(_TERM.finditer(query), _MAX_PARTS):
        if len(terms) == MAX_TERMS:
            break
        # Compatible forms may have become quotes.
        term = searchable(found[1] or found[2] or "").replace('"', " ")
        term = _cut(term, MAX_PHRASE)
        if any(map(_in_words, term)):
            unfinished = found[2] is not None and found.end() == len(query)
            terms.append(f'"{term}" *' if unfinished and _may_go_on(term) else f'"{term}"')
    return f"text : ({' AND '.join(terms)})" if terms else ""


def match_places(places: Iterable[str]) -> str:
    """Return the FTS5 expression for messages of any of some places.

    A place is a result of `place_words`; a message must have all of its words.
    """
    return f"place : ({' OR '.join(map(_within, places))})"


def _may_go_on(term: str) -> bool:
    """Return True if the last word of a term may be the beginning of a longer one."""
    last = term[-MIN_PREFIX:]
    return len(last) == MIN_PREFIX and not UNSPACED.search(last) and all(map(_of_letters, last))


def _of_letters(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"


def _in_words(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter) in _PARTS_OF_WORDS


def _within(place: str) -> str:
    return "(" + " AND ".join(f'"{word}"' for word in place.split()) + ")"


def channel_word(channel: str) -> str:
    """Return the word that stands for a channel in the index."""
    return f"t{channel.encode().hex()}"


def place_words(channels: Sequence[str]) -> str:
    """Return the words that stand for a message's channels in the index.

    A message to oneself has one more word, because its channel is also a channel of each direct
    message that the user gets.
    """
    words = [channel_word(channel) for channel in channels]
    if len(words) == 1 and channels[0][0] == "@":
        words.append("self")
    return " ".join(words)
