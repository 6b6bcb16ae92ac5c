"""Names are compared in one way, by servers and by clients."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from precis_i18n import get_profile

from chat_grpc.core.errors import NameInvalid
from chat_grpc.core.names import check_name
from chat_grpc.spelling.names import lookup_key, name_key, same_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "ALICE"),
        (unicodedata.normalize("NFC", "josé"), unicodedata.normalize("NFD", "josé")),
        ("alice", "ａｌｉｃｅ"),
        ("élodie", "ÉLODIE"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    """Case, composition and width make no difference."""
    assert same_name(one, other)


@pytest.mark.parametrize(("one", "other"), [("straße", "strasse"), ("i", "ı"), ("a b", "A B")])
def test_different_names(one: str, other: str) -> None:
    """Names that the server keeps apart differ; a text that is no name equals only itself."""
    assert not same_name(one, other)
    assert same_name(one, one)


@given(st.text(max_size=20))
def test_key_is_the_profiles(name: str) -> None:
    """The key is the profile's result for every text, also where a shortcut gives it."""
    try:
        expected = get_profile("UsernameCaseMapped").enforce(name)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - the profile's own, with many texts
            name_key(name)
        assert lookup_key(name) == name
    else:
        assert name_key(name) == lookup_key(name) == expected


@given(st.text(max_size=20) | st.text("aAéÉßＡ.-_0", max_size=20))
def test_server_compares_by_the_same_key(name: str) -> None:
    """A name that the server admits has the same key there."""
    try:
        _, key = check_name(name)
    except NameInvalid:
        return
    assert key == lookup_key(name)
