"""Texts and queries for the search index; tests/server/test_search.py tests searches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.core.limits import MAX_TEXT_BYTES
from chat_grpc.core.words import (
    MAX_TERMS,
    MAX_WORDS,
    channel_word,
    match,
    match_places,
    place_words,
    searchable,
)

LOBBY = channel_word("#lobby")


@pytest.mark.parametrize(
    ("text", "indexed"),
    [
        ("Hello, world", "Hello, world"),
        ("a\0b", "a b"),
        ("STRAßE", "strasse"),
        ("ＦＵＬＬ", "full"),
        ("日本", " 日  本 "),
        ("ok👍🏽", "ok 👍 🏽"),
        ("❤️", " ❤ "),
        ("محمـَّد", "محمد"),
        ("Ά ΑΣ", "α ασ"),
        ("ё", "е"),
        ("п\u02bcять п\u2019ять", "п'ять п'ять"),
        ("C++", "C++ C\uf52b\uf52b "),
        ("uses .net, c#: 5€", "uses .net \uf52enet , c# c\uf523 : 5€ 5\uf5ac "),
        (
            "example.net foo#bar 1+1 x@y.z -1 a-b it's.",
            "example.net foo#bar 1+1 x@y.z -1 a-b it's.",
        ),
    ],
)
def test_a_text_is_indexed_without_what_does_not_count(text: str, indexed: str) -> None:
    """Case, width, points and variants are dropped; unspaced characters are words."""
    assert searchable(text) == indexed


def test_a_query_becomes_phrases_within_places() -> None:
    """Each word of a query is quoted, so that it contains no syntax."""
    assert match("hello ") == 'text : ("hello")'
    assert match('-a "b c" NEAR(') == 'text : ("-a" AND "b c" AND "NEAR(")'
    assert match_places([LOBBY, "x y"]) == f'place : (("{LOBBY}") OR ("x" AND "y"))'


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("print", '"print" *'),
        ("big print", '"big" AND "print" *'),
        ("stop-mes", '"stop-mes" *'),
        ("print ", '"print"'),
        ('"print"', '"print"'),
        ("pr", '"pr"'),
        ("print.", '"print."'),
        ("東京都", '" 東  京  都 "'),
        ("🎉🎉🎉", '" 🎉  🎉  🎉 "'),
        ("c++", '"c++ c\uf52b\uf52b "'),
    ],
)
def test_the_last_word_may_go_on(query: str, terms: str) -> None:
    """The last word is a prefix unless it is finished, quoted, short, or has a symbol."""
    assert match(query) == f"text : ({terms})"


LONG = ["\ufdfa", "漢", "é ", "e\u0301", "#a ", "1+ ", "a.", "🎉", "+", "\u0e01\u0e49"]


@pytest.mark.parametrize("piece", LONG, ids=ascii)
def test_an_indexed_text_has_a_bound(piece: str) -> None:
    """An indexed text is limited in bytes and words, even if its letters expand."""
    text = (piece * MAX_TEXT_BYTES).encode()[:MAX_TEXT_BYTES].decode(errors="ignore")
    indexed = searchable(text)
    assert len(indexed.encode()) <= 2 * MAX_TEXT_BYTES
    assert len(indexed.split()) <= MAX_WORDS
    assert searchable(piece).strip()[:2] in indexed


def test_a_mark_stays_with_its_letter() -> None:
    """A long text is folded in pieces, none of which begins with a mark."""
    text = "x" + "e\u0301" * 3000
    assert searchable(text) == "x" + "é" * 3000


def test_a_query_without_words_is_invalid() -> None:
    """A query of marks alone is invalid."""
    assert match("* ( ) \" '") == ""


def test_a_query_has_a_bound() -> None:
    """Words beyond the limit of a query are ignored."""
    assert match("x " * 10_000).count('"x"') == MAX_TERMS


@given(st.text())
def test_no_quote_gets_out_of_a_query(query: str) -> None:
    """A phrase never contains a quote, for any query."""
    expression = match(query)
    if expression:
        terms = expression.removeprefix("text : (").removesuffix(")")
        assert all(term.count('"') == 2 for term in terms.split(" AND "))


def test_places_of_a_conversation() -> None:
    """The reader's own messages have a unique place word; place words cannot collide."""
    assert place_words(["#lobby"]) == LOBBY
    assert place_words(["@1", "@2"]) == f"{channel_word('@1')} {channel_word('@2')}"
    assert place_words(["@1"]) == f"{channel_word('@1')} self"
    assert len({channel_word(channel) for channel in ("#1", "@1", "#11", "@11", "#é")}) == 5
