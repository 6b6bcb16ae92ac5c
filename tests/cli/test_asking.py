"""The terminal asks before it writes to a new user of a known name."""

from __future__ import annotations

from typing import Any, cast
from unittest.mock import AsyncMock

from chat_grpc_cli.access import Access
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.keeping import PlaceKeeper
from chat_grpc_cli.printer import Printer
from chat_grpc_cli.render import plain
from chat_grpc_cli.screen import TerminalScreen
from chat_grpc_cli.view import View
from support import eventually

from chat_grpc.client import ChatClient, To, UserChanged
from chat_grpc.v1 import chat_pb2


class Chat:
    """A client whose conversation with bob is with number 5, while number 9 has the name."""

    me = chat_pb2.Client(number=1, name="me")

    def __init__(self) -> None:
        self.sent: list[tuple[str, To]] = []

    async def send(self, text: str, to: To, *, reply_to: int = 0) -> chat_pb2.Sent:
        """Refuse the name, and accept a number."""
        if to == "bob":
            raise UserChanged.of("bob", 9, 5)
        self.sent.append((text, to))
        return chat_pb2.Sent(sequence=7)


class Screen:
    """A printer and a keeper of positions."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def show(self, fragments: Fragments) -> None:
        """Keep the shown line."""
        self.shown.append(plain(fragments).strip())

    def show_at(self, fragments: Fragments, _: Any) -> None:
        """Keep the shown line."""
        self.show(fragments)

    async def keep(self) -> None:
        """Do nothing."""


async def test_nothing_is_sent_before_the_user_has_chosen() -> None:
    """The question names both users with their numbers, and offers a command for each."""
    chat, seen = Chat(), Screen()
    screen = TerminalScreen(
        cast("ChatClient", chat),
        View(),
        cast("Printer", seen),
        cast("PlaceKeeper", seen),
        lambda: None,
        AsyncMock(),
        Access("localhost"),
        lambda: None,
        lambda _: None,
    )
    screen.send("a secret", "bob")
    await eventually(lambda: seen.shown)
    assert chat.sent == []
    assert "Not sent" in seen.shown[0]
    assert "/to bob#9 writes to the new one, /to bob#5 to the old one" in seen.shown[0]
    screen.send("a secret", 5)
    await eventually(lambda: len(seen.shown) == 2)
    assert chat.sent == [("a secret", 5)]
    assert seen.shown[1].endswith("you → bob#5 │ a secret")
