"""Texts and queries as the search index takes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_TERMS = 100

# These scripts put no spaces between words: each letter is a word, and a query a phrase of them.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u31a0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
)
_TERM = re.compile(r'"([^"]*)"?|([^\s"]+)')
_WORD = re.compile(r"\w+")


def searchable(text: str) -> str:
    """Gives a text as it is indexed."""
    return _UNSPACED.sub(r" \1 ", unicodedata.normalize("NFKC", text).replace("\0", " "))


def match(query: str, places: Iterable[str]) -> str:
    """Gives the FTS5 expression of a query in one of some places; empty where nothing can match.

    A place is a topic, or several joined by a space, of which a message must have all. Each word
    must stand in the text; what is between quotes must stand together. Words beyond `MAX_TERMS`
    are passed over.
    """
    terms = []
    for found in _TERM.finditer(query):
        words = _WORD.findall(searchable(found[1] or found[2] or ""))
        if words:
            terms.append('"' + " ".join(words) + '"')
    within = " OR ".join(_within(place) for place in places)
    if not terms or not within:
        return ""
    return f"text : ({' AND '.join(terms[:MAX_TERMS])}) AND place : ({within})"


def _within(place: str) -> str:
    return "(" + " AND ".join(f'"{place_of(topic)}"' for topic in place.split()) + ")"


def place_of(topic: str) -> str:
    """Gives the one word that stands for a topic in the index."""
    return f"t{topic.encode().hex()}"
