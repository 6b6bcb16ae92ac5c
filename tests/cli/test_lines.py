"""The effect of an input line, and its error if it is invalid."""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import pytest
from chat_grpc_cli import commands
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.conversation import LOBBY
from chat_grpc_cli.help_commands import GROUPS
from chat_grpc_cli.registry import find, named
from chat_grpc_cli.render import plain
from chat_grpc_cli.shown import ShownMessage
from chat_grpc_cli.view import View

from chat_grpc.client import ChatCalls, ChatClient
from chat_grpc.v1 import chat_pb2


class Said:
    """A session that records the actions; its client is never connected."""

    def __init__(self) -> None:
        self.chat = ChatClient.connect("localhost:1", name="me")
        self.chat._session.me = chat_pb2.Client(number=1, name="me")
        self.view = View()
        self.view.me = self.chat.me
        for number, name in ((1, "me"), (2, "Bob"), (3, "dan"), (4, "Dan")):
            self.view.people.came(chat_pb2.Client(number=number, name=name))
        self.view.set_room(chat_pb2.Room(name="ops", my_role=chat_pb2.ROOM_ROLE_MEMBER))
        self.sent: list[tuple[Any, ...]] = []
        self.shown: list[str] = []
        self.asked: list[str] = []
        self.cleared = 0

    def show(self, fragments: Fragments) -> None:
        """Keep the shown line."""
        self.shown.append(plain(fragments))

    def tell(self, text: str) -> None:
        """Keep the notice."""
        self.shown.append(text)

    def did(self, change: chat_pb2.RoomChange) -> None:
        """Not used here."""
        raise AssertionError(change)

    def send(self, text: str, to: Any = None, *, reply_to: int = 0) -> None:
        """Keep the message."""
        self.sent.append((to, text, reply_to) if reply_to else (to, text))

    def ask(self, request: Coroutine[Any, Any, chat_pb2.Sent], done: Any, failed: str) -> None:
        """Keep the beginning of the refusal's text."""
        request.close()
        self.asked.append(failed)
        done()

    def pick(self, action: str) -> None:
        """Keep the action."""
        self.asked.append(f"pick {action}")

    async def go(self, conversation: str) -> None:
        """Keep the new conversation."""
        self.view.current = conversation

    async def ask_secret(self, question: str) -> str:
        """Not used here."""
        raise AssertionError(question)

    def calls(self) -> ChatCalls:
        """Not used here."""
        raise AssertionError

    def clear(self) -> None:
        """Count the calls."""
        self.cleared += 1

    async def ignore(self, number: int, name: str | None) -> None:
        """Keep the ignored user."""
        if name is None:
            del self.view.ignored[number]
        else:
            self.view.ignored[number] = name

    async def resolved(self, conversation: str) -> str:
        """Return None: only present users are known."""
        return conversation

    async def refresh(self) -> list[chat_pb2.Client]:
        """Do nothing: nobody is present."""
        return []

    async def load_rooms(self) -> list[chat_pb2.Room]:
        """Do nothing: the rooms stay."""
        return []


def shown(said: Said, sequence: int, text: str, *, own: bool, where: str = LOBBY) -> None:
    """Put a message on the screen."""
    author, clock = "me" if own else "Bob", f"{sequence:02}:00"
    said.view.shown.add(ShownMessage(sequence, where, author, text, own, clock=clock))


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("hello", [("#lobby", "hello")]),
        ("  hello ", [("#lobby", "  hello ")]),
        ("  ", []),
        ("//me", [("#lobby", "/me")]),
        ("two\nlines", [("#lobby", "two\nlines")]),
        ("  a\n  block\n", [("#lobby", "  a\n  block")]),
        ("/to 3 hello there", [(3, "hello there")]),
        ("/to bob hello", [(2, "hello")]),
        ("/to @bob hello", [(2, "hello")]),
        ("/to dan#3 hello", [(3, "hello")]),
        ("/to @dan#4 hello", [(4, "hello")]),
        ("/to carol hello", [("carol", "hello")]),
        ("/to #ops hello", [("#ops", "hello")]),
        ("/msg bob hello", [(2, "hello")]),
        ("/m bob hello", [(2, "hello")]),
        ("/me waves", [("#lobby", "/me waves")]),
        ("/query bob hello", [(2, "hello")]),
        ("/q 3 hello", [(3, "hello")]),
        ("good :tada: morning", [("#lobby", "good 🎉 morning")]),
        (":thumbsup:", [("#lobby", "👍")]),
        (
            "a::tada:: x:tada: `:tada:` :nosuch:",
            [("#lobby", "a::tada:: x:tada: `:tada:` :nosuch:")],
        ),
        ("Bob: hello", [("#lobby", "@Bob: hello")]),
        ("dan#3: hello", [("#lobby", "@dan#3: hello")]),
        ("/to #ops bob: hello", [("#ops", "@bob: hello")]),
        ("/to bob bob: hello", [(2, "bob: hello")]),
        ("note: hello", [("#lobby", "note: hello")]),
        ("2: hello", [("#lobby", "2: hello")]),
        ("/reply yes", [(2, "yes", 8)]),
        ("/reply -2 yes", [("#ops", "yes", 7)]),
        ("/reply 7 yes", [("#ops", "yes", 7)]),
    ],
)
async def test_lines(line: str, sent: list[tuple[Any, ...]]) -> None:
    """A line is sent to its target, with emoji for their names and a mention for `NAME:`."""
    said = Said()
    shown(said, 7, "in ops", own=False, where="#ops")
    shown(said, 8, "to me", own=False, where="@2")
    await commands.run_line(said, line)
    assert said.sent == sent


@pytest.mark.parametrize(
    ("line", "current", "sent"),
    [
        ("/go #ops", "#ops", "#ops"),
        ("/go ops", "#ops", "#ops"),
        ("/switch #OPS", "#ops", "#ops"),
        ("/go bob", "@2", 2),
        ("/go @BOB", "@2", 2),
        ("/go 2", "@2", 2),
        ("/go bob#2", "@2", 2),
        ("/go dan#4", "@4", 4),
        ("/go stranger", "@stranger", "stranger"),
        ("/go lobby", "#lobby", "#lobby"),
        ("/go", "@9", 9),
    ],
)
async def test_going_elsewhere(line: str, current: str, sent: str | int) -> None:
    """A plain line goes to the current conversation; /go alone goes to the most unread one."""
    said = Said()
    said.view.unread.came("@9", 5)
    await commands.run_line(said, line)
    assert said.view.current == current
    await commands.run_line(said, "hello")
    assert said.sent == [(sent, "hello")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/d", "/d can mean /delete or /delete-room"),
        ("/delet", "/delet can mean /delete or /delete-room"),
        ("/e gone", "/e is not short for /edit, which has an effect: enter /edit"),
        ("/qui", "/qui is not short for /quit"),
        ("/t bob hello", "/topic or /to"),
        ("/ex", "There is no command /ex"),
        ("/l", "/list or /leave"),
        ("/leave #ops now", "/leave #ops"),
        ("/me", "/me waves"),
        ("/msg bob", "/to bob hello"),
        ("/query", "/query bob"),
        ("/query #ops", "/query bob"),
        ("/whois", "/whois bob"),
        ("/ignore nobody", "No user nobody was seen"),
        ("/ignore me", "cannot ignore yourself"),
        ("/unignore bob", "do not ignore bob"),
        ("/lsit", "Did you mean /list?"),
        ("/xyzzy", "/help.* // sends"),
        ("/", "/"),
        ("/to bob", "/to 3 hello"),
        ("/go", "Nothing is unread"),
        ("/go a b", "/go #ops"),
        ("/go 77", "number 77"),
        ("/go dan", r"Dan#4 \(here\), dan#3 \(here\). Add the number"),
        ("/to dan hello", "Several users have had this name"),
        ("/history x", "/history 50"),
        ("/history 0", "/history 50"),
        ("/search", "/search dinner"),
        ("/edit new", "No message was shown yet"),
        ("/edit 12 new", "No message 12 was shown"),
        ("/edit -1", "/edit -1 hello"),
        ("/reply 17", "/reply 17 hello.* If 17 is the text.*/reply -1 17"),
        ("/delete", "No message was shown"),
        ("/delete x", "no message x"),
        ("/unreact", "thumbs_up"),
        ("/react nosuch", "No emoji is called nosuch"),
        ("/react 👍", "No message was shown"),
        ("/role bob", "moderator"),
        ("/role bob king", "moderator"),
        ("/create", "/create ops"),
        ("/join", "/join ops"),
        ("/join two words", "/join ops"),
        ("/help nosuch", "no command /nosuch"),
    ],
)
async def test_wrong_lines_get_a_sentence(line: str, words: str) -> None:
    """The error of a wrong line says what to do."""
    with pytest.raises(commands.UsageError, match=words):
        await commands.run_line(Said(), line)


async def test_without_an_argument_a_message_is_picked() -> None:
    """/reply, /edit and /react alone open the list of messages; so does /pick, for any of them."""
    said = Said()
    for line in ("/reply", "/edit", "/react", "/pick"):
        await commands.run_line(said, line)
    assert said.asked == ["pick reply", "pick edit", "pick react", "pick "]


@pytest.mark.parametrize("line", ["/invite bob", "/topic x", "/leave", "/members", "/private"])
async def test_a_room_is_needed(line: str) -> None:
    """In a direct conversation the commands of rooms ask to switch to a room first."""
    said = Said()
    said.view.current = "@2"
    with pytest.raises(commands.UsageError, match="@Bob is not a room"):
        await commands.run_line(said, line)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/edit better", "you edited “the last”: better"),
        ("/edit -2 better", "you edited “mine”: better"),
        ("/edit 4 3 words now", "you edited “mine”: 3 words now"),
        ("/delete", "you deleted your message of 06:00"),
        ("/delete -2", "you deleted your message of 04:00"),
        ("/delete 5", "you deleted Bob's message of 05:00"),
        ("/react 👍", "you reacted 👍 to “Bob's newest”"),
        ("/react tada -2", "you reacted 🎉 to “the last”"),
        ("/unreact +1 4", "you took back 👍 to “mine”"),
    ],
)
async def test_messages_are_picked(line: str, told: str) -> None:
    """A message is picked by default as the last one, by `-2` from the end, or by its sequence."""
    said = Said()
    # A search may show an old message last: the newest message is still the last one.
    for sequence, text, own in ((9, "Bob's newest", False), (6, "the last", True)):
        shown(said, sequence, text, own=own)
    shown(said, 4, "mine", own=True)
    shown(said, 5, "Bob's", own=False)
    # Messages of other conversations are picked only by their sequence.
    shown(said, 12, "elsewhere", own=True, where="#ops")
    await commands.run_line(said, line)
    assert said.shown == [told]
    assert len(said.asked) == 1


@pytest.mark.parametrize("line", ["/quit", "/exit", "/bye"])
async def test_leaving(line: str) -> None:
    """/quit and its other names leave."""
    with pytest.raises(commands.Leave):
        await commands.run_line(Said(), line)


def test_a_prefix_runs_only_commands_without_effect() -> None:
    """Each prefix that runs a command runs one that changes nothing."""
    view = View()
    view.admin = True
    names = {name for name, _ in named(commands.COMMANDS)}
    for name in names:
        for end in range(1, len(name)):
            if name[:end] in names:
                continue
            with suppress(commands.UsageError):
                assert find(name[:end], view).reads
    assert find("hist", view).name == "history"


async def test_ignoring() -> None:
    """/ignore hides a user, lists the users; /unignore ends it."""
    said = Said()
    for line in ("/ignore", "/ignore bob", "/ignore dan#3", "/ignore", "/unignore bob", "/ignore"):
        await commands.run_line(said, line)
    assert said.shown == [
        "You ignore nobody.",
        "You ignore Bob on this machine. /unignore Bob ends it.",
        "You ignore dan#3 on this machine. /unignore dan#3 ends it.",
        "You ignore Bob, dan#3.",
        "You no longer ignore Bob.",
        "You ignore dan#3.",
    ]


async def test_clearing() -> None:
    """/clear empties the window."""
    said = Said()
    await commands.run_line(said, "/clear")
    assert said.cleared == 1


def test_every_command_is_in_one_group_of_the_help() -> None:
    """The groups of /help name each command once."""
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(commands.COMMANDS)


async def test_help_fits_a_small_window() -> None:
    """/help names every command in 21 lines of 80 columns; a group and a command have more."""
    said = Said()
    said.view.admin = True
    await commands.run_line(said, "/help")
    lines = said.shown[0].split("\n")
    assert len(lines) <= 21
    assert max(map(len, lines)) < 80
    assert all(f"/{name}" in said.shown[0] for name in commands.COMMANDS)
    await commands.run_line(said, "/help owners")
    assert "/role NAME ROLE" in said.shown[1]
    assert "/to " not in said.shown[1]
    await commands.run_line(said, "/help msg")
    assert said.shown[2].startswith("/to NUMBER|NAME|#ROOM TEXT")
    await commands.run_line(said, "/help rooms")
    assert said.shown[3].startswith("/rooms")
    assert "/join ROOM" in said.shown[4]


async def test_help_comes_from_the_registry() -> None:
    """/help all lists every command of the registry with a sentence, in 80 columns."""
    said = Said()
    said.view.admin = True
    await commands.run_line(said, "/help all")
    assert max(map(len, said.shown[0].split("\n"))) < 80
    for command in commands.COMMANDS.values():
        assert command.usage in said.shown[0]
        assert command.summary.endswith((".", ":"))
        await commands.run_line(said, f"/help {command.name}")
        assert command.help in said.shown[-1]
