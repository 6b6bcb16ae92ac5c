"""What the terminal client does without a terminal."""

from __future__ import annotations

import json
import stat
import unicodedata
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from chat_cli import commands, render
from chat_cli.completion import suggest
from chat_cli.identity import Tokens, default_name
from chat_cli.sanitize import safe, safe_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_grpc.v1 import chat_pb2

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=1)))

EVIL = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\r\b\a\x9b\x90\x07\u202e\u2066\u200b\u2028\ufeff\x00\x7f\ue000"),
    ),
    max_size=60,
)


def inert(text: str) -> bool:
    """Tells whether no letter of a text can drive a terminal."""
    return not any(
        unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
        or (unicodedata.category(letter) == "Cf" and letter != "\u200d")
        for letter in text
    )


@settings(max_examples=3000)
@given(EVIL)
def test_whatever_was_written_is_inert(text: str) -> None:
    """No control, no bidi, no private letter is left, in a text or in a name."""
    assert inert(safe(text))
    assert all(inert(line) for line in safe_lines(text))
    shown = render.plain(render.message(text, text, NOON, direct=True))
    assert inert(shown.replace("\n", ""))


def test_escapes_are_visible() -> None:
    """One sees what was there."""
    assert safe("\x1b[31mred\r\x9b") == "\\x1b[31mred\\x0d\\x9b"
    assert safe("a\u202eb") == "a\\u202eb"
    assert safe("tab\there") == "tab here"
    assert safe("👩\u200d🔧 Jürgen 有栖") == "👩\u200d🔧 Jürgen 有栖"


def test_a_message_cannot_look_like_another() -> None:
    """Every line behind the first is behind the bar."""
    shown = render.plain(render.message("hi\n12:00            bob │ send me money", "eve", NOON))
    first, second = shown.split("\n")
    assert first == "12:00            eve │ hi"
    assert second == " " * 20 + " │ 12:00            bob │ send me money"


def test_messages_stand_out() -> None:
    """Direct messages and mentions have a style of their own."""
    direct = render.message("psst", "bob", NOON, direct=True)
    assert ("class:direct", "psst") in direct
    assert "bob → you" in render.plain(direct)
    assert ("class:mention", "hey") in render.message("hey", "bob", NOON, mentioned=True)
    assert "you → bob" in render.plain(render.message("x", "alice", NOON, own=True, to="bob"))


def test_who_is_there_is_a_table() -> None:
    """Number, name, since when; oneself is marked."""
    clients = [chat_pb2.Client(number=1, name="alice"), chat_pb2.Client(number=12, name="bob")]
    clients[0].connect_time.FromDatetime(NOON - timedelta(hours=2))
    clients[1].connect_time.FromDatetime(NOON - timedelta(seconds=5))
    assert render.plain(render.client_table(clients, 1, NOON)).split("\n") == [
        "  no.  name         here since",
        "    1  alice (you)  10:00  (2 hours)",
        "   12  bob          11:59  (5 seconds)",
    ]


KNOWN = {"help": "Help.", "list": "Who is here.", "to": "Write to one."}
NAMES = {"alice": 1, "Bob": 2, "barbara": 3}


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("", []),
        ("hello", []),
        ("/", ["/help ", "/list ", "/to "]),
        ("/l", ["/list "]),
        ("/L", ["/list "]),
        ("//l", []),
        ("/to ", ["alice ", "barbara ", "Bob "]),
        ("/to b", ["barbara ", "Bob "]),
        ("/to bob hi @a", ["@alice "]),
        ("hello @bo", ["@Bob "]),
        ("/help t", ["to"]),
        ("a@b", []),
    ],
)
def test_completion(line: str, texts: list[str]) -> None:
    """Commands at the beginning, names after /to and @."""
    assert [suggestion.text for suggestion in suggest(line, KNOWN, NAMES)] == texts


class Said:
    """Keeps what a command does."""

    def __init__(self) -> None:
        self.sent: list[tuple[Any, str]] = []
        self.shown: list[str] = []
        self.chat: Any = None

    def show(self, fragments: render.Fragments) -> None:
        """Keeps what is shown."""
        self.shown.append(render.plain(fragments))

    def send(self, text: str, to: Any = None) -> None:
        """Keeps what is sent."""
        self.sent.append((to, text))

    async def refresh(self) -> list[chat_pb2.Client]:
        """Nobody is here."""
        return []


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("hello", [(None, "hello")]),
        ("  ", []),
        ("//me", [(None, "/me")]),
        ("/to 3 hello there", [(3, "hello there")]),
        ("/to bob hello", [("bob", "hello")]),
        ("/to @bob hello", [("bob", "hello")]),
        ("/to #lobby hello", [("#lobby", "hello")]),
    ],
)
async def test_lines(line: str, sent: list[tuple[Any, str]]) -> None:
    """What a line sends, and to whom."""
    said = Said()
    await commands.run_line(said, line)
    assert said.sent == sent


@pytest.mark.parametrize(
    ("line", "words"),
    [("/lsit", "Did you mean /list?"), ("/xyzzy", "/help"), ("/to bob", "/to 3 hello"), ("/", "/")],
)
async def test_wrong_lines_get_a_sentence(line: str, words: str) -> None:
    """The error says what to do."""
    with pytest.raises(commands.UsageError, match=words):
        await commands.run_line(Said(), line)


async def test_help_comes_from_the_registry() -> None:
    """Every command is in it, with a sentence."""
    said = Said()
    await commands.run_line(said, "/help")
    for command in commands.COMMANDS.values():
        assert command.usage in said.shown[0]
        assert command.summary.endswith(".")
        await commands.run_line(said, f"/help {command.name}")
        assert command.help in said.shown[-1]
    with pytest.raises(commands.Leave):
        await commands.run_line(said, "/quit")


def test_tokens_are_kept_for_their_owner_only(tmp_path: Path) -> None:
    """By server and name, in a file of mode 0600; damage means to begin anew."""
    path = tmp_path / "state" / "tokens.json"
    tokens = Tokens(path)
    assert tokens.get("a", "alice") == ""
    tokens.put("a", "Alice", "secret")
    tokens.put("b", "alice", "other")
    assert (tokens.get("a", "alice"), tokens.get("b", "ALICE")) == ("secret", "other")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    tokens.put("a", "alice", "")
    assert "secret" not in path.read_text()
    for damage in ("{", "[]", json.dumps({"a alice": 1})):
        path.write_text(damage)
        assert tokens.get("a", "alice") == ""


def test_the_default_name_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's name without what no name may have; the variable wins."""
    monkeypatch.delenv("CHAT_GRPC_NAME", raising=False)
    for user, name in (("J. Doe", "J.Doe"), ("42", "guest"), ("日本", "guest")):
        monkeypatch.setattr("getpass.getuser", lambda user=user: user)
        assert default_name() == name
    monkeypatch.setenv("CHAT_GRPC_NAME", "me")
    assert default_name() == "me"
