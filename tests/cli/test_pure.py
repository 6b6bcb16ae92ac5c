"""The parts of the terminal client that need no terminal."""

from __future__ import annotations

import pytest
from chat_grpc_cli import render
from chat_grpc_cli.identity import default_name
from chat_grpc_cli.sanitize import safe, safe_lines
from chat_grpc_cli.standard_streams import printable
from cli.made import EVIL, NOON, inert
from hypothesis import given, settings


@settings(max_examples=3000)
@given(EVIL)
def test_whatever_was_written_is_inert(text: str) -> None:
    """Texts and names keep no control, bidi or private-use character."""
    assert inert(safe(text))
    assert all(inert(line) for line in safe_lines(text))
    shown = render.plain(render.message(text, text, NOON, direct=True))
    assert inert(shown.replace("\n", ""))


def test_escapes_are_visible() -> None:
    """Escaped characters are visible."""
    assert safe("\x1b[31mred\r\x9b") == "\\x1b[31mred\\x0d\\x9b"
    assert safe("a\u202eb") == "a\\u202eb"
    assert safe("tab\there") == "tab here"
    for text in ("👩\u200d🔧 Jürgen 有栖", "می\u200cخواهم", "क्\u200dष", "🫨 \U0001fafa"):
        assert safe(text) == text
    assert safe("a\u200db \u200c") == "a\\u200db \\u200c"
    assert safe("e" + "\u0301" * 8 + "e\u0301") == "e" + "\u0301" * 6 + "\\u0301" * 2 + "e\u0301"


def test_a_message_cannot_look_like_another() -> None:
    """Every line of a message after the first begins with the gutter."""
    shown = render.plain(render.message("hi\n12:00            bob │ send me money", "eve", NOON))
    first, second = shown.split("\n")
    assert first == "12:00            eve │ hi"
    assert second == " " * 20 + " │ 12:00            bob │ send me money"


def test_messages_stand_out() -> None:
    """Direct messages and mentions have styles of their own."""
    direct = render.message("psst", "bob", NOON, direct=True)
    assert ("class:direct", "psst") in direct
    assert "bob → you" in render.plain(direct)
    assert ("class:mention", "hey") in render.message("hey", "bob", NOON, mentioned=True)
    assert "you → bob" in render.plain(render.message("x", "alice", NOON, own=True, to="bob"))


def test_the_default_name_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default name is the system's, without invalid characters, or the variable's."""
    monkeypatch.delenv("CHAT_GRPC_NAME", raising=False)
    for user, name in (("J. Doe", "J.Doe"), ("42", "guest"), ("日本", "guest")):
        monkeypatch.setattr("getpass.getuser", lambda user=user: user)
        assert default_name() == name
    monkeypatch.setenv("CHAT_GRPC_NAME", "me")
    assert default_name() == "me"


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("a │ “b” → c …", "ascii", 'a | "b" -> c ...'),
        ("gr\xfc\xdfe \u4ea4 👍", "iso-8859-1", "gr\xfc\xdfe \\u4ea4 \\U0001f44d"),
        ("│ 👍", "utf-8", "│ 👍"),
        ("plain", "ascii", "plain"),
    ],
)
def test_an_encoding_that_lacks_characters(text: str, encoding: str, shown: str) -> None:
    """The client's own symbols are replaced by similar characters, all others by escapes."""
    assert printable(text, encoding) == shown
