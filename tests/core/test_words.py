"""Texts and queries as the search index takes them; tests/server/test_search.py asks the index."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.core.words import MAX_TERMS, channel_word, match, place_words, searchable

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
    ],
)
def test_a_text_is_indexed_without_what_does_not_count(text: str, indexed: str) -> None:
    """Case, width, points and variants; what stands alone has spaces around it."""
    assert searchable(text) == indexed


def test_a_query_becomes_phrases_within_places() -> None:
    """Each word is quoted, so that no letter of it is syntax."""
    assert match("hello", [LOBBY]) == f'text : ("hello") AND place : (("{LOBBY}"))'
    expression = match('-a "b c" NEAR(', [LOBBY, "x y"])
    text, place = expression.split(" AND place : ")
    assert text == 'text : ("-a" AND "b c" AND "NEAR(")'
    assert place == f'(("{LOBBY}") OR ("x" AND "y"))'


def test_what_can_match_nothing_is_no_query() -> None:
    """Neither marks alone, nor a query without a place."""
    assert match("* ( ) \" '", [LOBBY]) == ""
    assert match("hello", []) == ""


def test_a_query_has_a_bound() -> None:
    """What is beyond is passed over."""
    assert match("x " * 10_000, [LOBBY]).count('"x"') == MAX_TERMS


@given(st.text())
def test_no_quote_gets_out_of_a_query(query: str) -> None:
    """Between the quotes of a phrase there is none, whatever is asked."""
    expression = match(query, [LOBBY])
    if expression:
        terms = expression.removeprefix("text : (").rpartition(") AND place : ")[0]
        assert all(term.count('"') == 2 for term in terms.split(" AND "))


def test_places_of_a_conversation() -> None:
    """One's own has a word that no other has; none can be taken for another."""
    assert place_words(["#lobby"]) == LOBBY
    assert place_words(["@1", "@2"]) == f"{channel_word('@1')} {channel_word('@2')}"
    assert place_words(["@1"]) == f"{channel_word('@1')} self"
    assert len({channel_word(channel) for channel in ("#1", "@1", "#11", "@11", "#é")}) == 5
