"""Validation and comparison of names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.core.errors import NameInvalid, RoomNotFound
from chat_grpc.core.names import check_name, check_room_name, room_key
from chat_grpc.spelling.names import folded

GOOD = [
    ("alice", "alice", "alice"),
    ("Alice", "Alice", "alice"),
    ("ＡＬＩＣＥ", "alice", "alice"),
    ("Jürgen", "Jürgen", "jürgen"),
    ("Алиса", "Алиса", "алиса"),
    ("有栖", "有栖", "有栖"),
    ("ありす有栖", "ありす有栖", "ありす有栖"),
    ("bob_2.0-x", "bob_2.0-x", "bob_2.0-x"),
    ("x" * 32, "x" * 32, "x" * 32),
    ("สวัสดี", "สวัสดี", "สวัสดี"),
    ("हिन्दी२", "हिन्दी२", "हिन्दी२"),
    ("ज़ें", "ज़ें", "ज़ें"),
    ("ကြွေး", "ကြွေး", "ကြွေး"),
    ("កម្ពុជា", "កម្ពុជា", "កម្ពុជា"),
    ("ᾧδε", "ᾧδε", "ᾧδε"),
    ("Nguyễn", "Nguyễn", "nguyễn"),
    ("한국어", "한국어", "한국어"),
    ("コーヒー", "コーヒー", "コーヒー"),
    ("ALI", "ALI", "ali"),
    ("Ilse", "Ilse", "ilse"),
    ("admin2", "admin2", "admin2"),
    ("meme", "meme", "meme"),
]

BAD = [
    "",
    "x" * 33,
    "x" * 100_000,
    "a b",
    "аlice",  # a Cyrillic letter among Latin ones
    "al\u200bice",
    "\u202ealice",
    "ali\x00ce",
    "alice\n",
    "ﬁ",
    "🙂",
    "12345",
    "#room",
    "@bob",
    "a/b",
    "<b>",
    "a`b",
    "b೦b",  # a Kannada digit
    "bob२",
    "a\u0e31",  # a Thai mark
    "b\u0e34\u0e48b",
    "コーヒーx",
    "ー" + "x",
    "\u0301bob",
    "\u0301",
    "\u0e31\u0e34",
    "bob.\u0301",
    "bob1\u0301",
    "a\u0301\u0302\u0303",
    "a" + "\u0301" * 31,
    "a\u0323\u0323",
    "...",
    "_",
    "-1",
    "-x",
    "+1",
    "--help",
    "1.5",
    "1e9",
    "0x1f",
    "１２",
]

RESERVED = [
    "you",
    "YOU",
    "ｙｏｕ",
    "lobby",
    "l0bby",
    "1obby",
    "Iobby",
    "lo.bby",
    "_lobby_",
    "everyone",
    "all",
    "a11",
    "aIl",
    "here",
    "somebody",
    "system",
    "ѕуѕтем",
    "sÿstem",
    "admin",
    "adm1n",
    "me",
    "ме",
]


@pytest.mark.parametrize(("name", "shown", "key"), GOOD)
def test_good_names(name: str, shown: str, key: str) -> None:
    """Valid names are shown as written, and compared without regard to case and width."""
    assert check_name(name) == (shown, key)
    assert folded(name) == key


@pytest.mark.parametrize("name", BAD, ids=lambda name: ascii(name)[:20])
def test_bad_names(name: str) -> None:
    """A confusable name, a number and an option are refused with a sentence."""
    with pytest.raises(NameInvalid) as error:
        check_name(name)
    assert error.value.reason == "NAME_INVALID"
    assert len(error.value.message) > 10


@pytest.mark.parametrize("name", RESERVED)
def test_words_of_the_interface_are_reserved(name: str) -> None:
    """Reserved words and their look-alikes are refused as names of new users and rooms."""
    with pytest.raises(NameInvalid, match="reserved"):
        check_name(name)
    if name != "lobby":
        with pytest.raises(NameInvalid, match="reserved"):
            check_room_name(name)


def test_names_of_rooms() -> None:
    """A room may have a name of digits, and `lobby` exists; options and marks are refused."""
    assert check_room_name("2026") == ("2026", "2026")
    assert check_room_name("Lobby") == ("lobby", "lobby")
    for name in ("-x", "...", "b೦b", "\u0301"):
        with pytest.raises(NameInvalid):
            check_room_name(name)


def test_names_of_older_stores_have_keys() -> None:
    """A name that is refused today still has a key; one that is too long is not a room."""
    assert folded("You") == "you"
    assert room_key("ＨＥＲＥ") == "here"
    for name in ("", "x" * 65):
        with pytest.raises(RoomNotFound):
            room_key(name)


@given(st.text(min_size=1, max_size=12))
def test_the_key_of_an_allowed_name_needs_no_check(name: str) -> None:
    """`folded` agrees with `check_name` for every valid name."""
    try:
        _, key = check_name(name)
    except NameInvalid:
        return
    assert folded(name) == key
    assert folded(key) == key
