"""Completion of the input line."""

from __future__ import annotations

import pytest
from chat_grpc_cli.commands import COMMANDS
from chat_grpc_cli.completion import Known, opens_menu, suggest
from chat_grpc_cli.emojis import find_emoji, names_like

KNOWN = Known(
    commands={
        name: f"Does {name}." for name in ("edit", "go", "help", "join", "list", "role", "to")
    },
    takes={
        "edit": ("own",),
        "go": ("conversation",),
        "help": ("command",),
        "join": ("room",),
        "list": (),
        "react": ("emoji",),
        "role": ("name", "role"),
        "to": ("conversation",),
    },
    names={"alice": "no. 1", "Bob": "no. 2", "barbara": "away"},
    rooms={"ops": "what is down", "Opera": ""},
    roles=["reader", "member", "none"],
    own="my last words",
    emoji=lambda typed: [("tada", "🎉")] if "tada".startswith(typed.removeprefix(":")) else [],
)


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("", []),
        ("hello", []),
        ("bo", ["Bob: "]),
        ("BA", ["barbara: "]),
        ("ask bo", ["Bob "]),
        ("ask ", []),
        (":ta", ["🎉 "]),
        ("well :tad", ["🎉 "]),
        (":t", []),
        ("/to bob well :ta", ["🎉 "]),
        ("a@b", []),
        ("/l", ["/list "]),
        ("/L", ["/list "]),
        ("//l", []),
        ("/list ", []),
        ("/to ", ["alice ", "barbara ", "Bob ", "#Opera ", "#ops "]),
        ("/to b", ["barbara ", "Bob "]),
        ("/to @b", ["@barbara ", "@Bob "]),
        ("/to #op", ["#Opera ", "#ops "]),
        ("/to bob hi @a", ["@alice "]),
        ("/t b", ["barbara ", "Bob "]),
        ("/go #ops more", []),
        ("hello @bo", ["@Bob "]),
        ("see #o", ["#Opera ", "#ops "]),
        ("/help t", ["to"]),
        ("/join o", ["Opera ", "ops "]),
        ("/join ", ["#Opera ", "#ops "]),
        ("/join #op", ["#Opera ", "#ops "]),
        ("/role ", ["alice ", "barbara ", "Bob "]),
        ("/role bob m", ["member"]),
        ("/role bob ", ["reader", "member", "none"]),
        ("/edit ", ["my last words"]),
        ("/edit my", ["my last words"]),
        ("/edit your", []),
        ("/edit my last", []),
        ("/react ta", ["🎉 "]),
        ("/nosuch b", []),
    ],
)
def test_completion(line: str, texts: list[str]) -> None:
    """Commands complete at the beginning, their arguments after them, names and rooms anywhere."""
    assert sorted(s.text for s in suggest(line, KNOWN)) == sorted(texts)


def test_all_commands_are_offered() -> None:
    """All commands are offered in alphabetical order, each with its help."""
    known = Known(commands={c.name: c.summary for c in COMMANDS.values()})
    found = suggest("/", known)
    assert [s.text for s in found] == sorted(f"/{name} " for name in COMMANDS)
    assert all(s.note and s.replaces == 1 for s in found)


def test_every_word_that_a_command_takes_is_known() -> None:
    """Completion knows every kind of argument that the registry names."""
    kinds = {"name", "room", "conversation", "role", "command", "emoji", "own"}
    assert {kind for c in COMMANDS.values() for kind in c.takes} == kinds


def test_emoji_have_names() -> None:
    """Emoji complete by their Unicode names and by common short names; an emoji itself is kept."""
    names = ("thumbs_up", "+1", ":tada:", "❤️", "TADA", "no-such-emoji", "😀")
    assert [find_emoji(name) for name in names] == [
        "👍",
        "👍",
        "🎉",
        "❤️",
        "🎉",
        "no-such-emoji",
        "😀",
    ]
    assert ("thumbs_up", "👍") in names_like("thumb")
    assert names_like(":party_p")[0] == ("party_popper", "🎉")
    assert names_like("")[0] == ("thumbs_up", "👍")
    assert names_like("nosuch") == []
    assert not any("skin_tone" in name for name, _ in names_like("thumb"))
    assert len(names_like("thumbs_up_")) == 5


@pytest.mark.parametrize(
    ("line", "opens"),
    [
        ("", False),
        ("bo", False),
        ("/", True),
        ("//", False),
        ("/go o", True),
        ("hello @", True),
        ("see #o", True),
        ("fine :th", True),
        ("fine :D", False),
        ("at 10:30", False),
    ],
)
def test_the_menu_opens_by_itself(line: str, opens: bool) -> None:
    """The menu opens without Tab for commands, and after @, # and the beginning of an emoji."""
    assert opens_menu(line) is opens
