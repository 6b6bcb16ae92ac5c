"""The user that the names in a certificate stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.spelling.certificates import InvalidUserUri, uri_of, user_named_by


@pytest.mark.parametrize(
    ("uris", "name"),
    [
        ([], ""),
        (["https://chat.example/alice", "spiffe://chat.example/alice"], ""),
        (["chat:alice"], "alice"),
        (["spiffe://chat.example/x", "CHAT:alice"], "alice"),
        (["chat:b%C3%A4r"], "bär"),
    ],
)
def test_a_user(uris: list[str], name: str) -> None:
    """One URI with the scheme `chat` names the user; others mean nothing."""
    assert user_named_by(uris) == name


@pytest.mark.parametrize(
    "uris",
    [["chat:"], ["chat:%FF"], ["chat:bär"], ["x:\ufffd", "chat:alice"], ["chat:alice", "chat:bob"]],
)
def test_no_clear_user(uris: list[str]) -> None:
    """A name that is empty or malformed, and two names, are errors."""
    with pytest.raises(InvalidUserUri):
        user_named_by(uris)


@given(st.text(min_size=1).filter(lambda name: name.isprintable()))
def test_every_name_has_a_uri(name: str) -> None:
    """The URI of a name is ASCII, and stands for the name."""
    assert uri_of(name).isascii()
    assert user_named_by([uri_of(name)]) == name
