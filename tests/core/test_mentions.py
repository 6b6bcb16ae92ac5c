"""Whom a text names; tests/server/test_changes.py has what users write."""

from __future__ import annotations

import time

from chat_grpc.core.limits import MAX_MENTIONS, MAX_TEXT_BYTES
from chat_grpc.core.mentions import mentioned
from chat_grpc.core.names import check_name
from chat_grpc.core.user import User


def find(key: str) -> User | None:
    """Finds one of two users."""
    return {"bob": User(2, "Bob", "bob"), "bob.": User(3, "bob.", "bob.")}.get(key)


def test_the_longest_name_counts() -> None:
    """A name may end in a mark; of two that fit it is the one with more of the text."""
    assert mentioned("@bob @bob. @bob!", find) == (2, 3)
    assert mentioned("@" + "x" * 32 + " @" + "x" * 33, lambda key: User(4, key, key)) == (4,)


def test_a_text_of_nothing_but_names_costs_little() -> None:
    """The longest text, each name of which is checked anew."""
    check_name.cache_clear()
    text = "".join(f"@ж{number} " for number in range(5000)).encode()[:MAX_TEXT_BYTES]
    looked_at: list[str] = []
    start = time.perf_counter()
    assert mentioned(text.decode(errors="ignore"), looked_at.append) == ()
    assert len(looked_at) == MAX_MENTIONS
    assert time.perf_counter() - start < 0.5
