"""Which names there can be."""

from __future__ import annotations

import pytest

from chat_grpc.core.errors import NameInvalid
from chat_grpc.core.names import check_name

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
]

BAD = [
    "",
    "x" * 33,
    "a b",
    "аlice",  # a Cyrillic letter before Latin ones
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
]


@pytest.mark.parametrize(("name", "shown", "key"), GOOD)
def test_good_names(name: str, shown: str, key: str) -> None:
    """Names of one script are shown as written and compared without case and width."""
    assert check_name(name) == (shown, key)


@pytest.mark.parametrize("name", BAD)
def test_bad_names(name: str) -> None:
    """What looks like another name, or like nothing, is refused with a sentence."""
    with pytest.raises(NameInvalid) as error:
        check_name(name)
    assert error.value.reason == "NAME_INVALID"
    assert len(error.value.message) > 10
