"""Messages and changes that the server has not confirmed."""

from __future__ import annotations

from chat_grpc_cli import pending
from chat_grpc_cli.pending import Pending
from chat_grpc_cli.render import plain
from cli.made import NOON


def made(text: str, since: float = 0.0, **more: str) -> Pending:
    """Return a pending message."""
    return Pending(since, NOON, text, **more)


def shown(*waiting: Pending, columns: int = 60, rows: int = 3) -> list[str]:
    """Return the lines that are shown one second after the start."""
    return plain(pending.lines(waiting, 1.0, columns, rows)).splitlines()


def test_a_message_is_shown_when_it_waits() -> None:
    """One that was just entered is not shown, and a change never is; room and user are named."""
    assert shown(made("new", 0.9), made("")) == []
    assert shown(made("a\nb"), made("c", to="bob"), made("d", where="#ops")) == [
        "12:00        pending │ a b",
        "12:00  pending → bob │ c",
        "12:00   #ops pending │ d",
    ]


def test_many_messages_take_few_rows() -> None:
    """The newest are shown, and the others counted; a narrow window cuts each to its line."""
    assert shown(*(made(f"line {number}") for number in range(5))) == [
        "12:00              ·   3 earlier messages are pending",
        "12:00        pending │ line 3",
        "12:00        pending │ line 4",
    ]
    assert shown(made("a long message of several words"), columns=30) == [
        "12:00 pending │ a long messag…"
    ]


def test_what_is_lost_is_one_sentence() -> None:
    """The sentence counts messages and changes, and quotes the messages."""
    lost = "not sent, or not confirmed"
    assert pending.sentence([made("hi")]) == f"1 message was {lost}: “hi”"
    assert pending.sentence([made("")]) == f"1 change was {lost}"
    several = [made("a"), made(""), made("b"), made("")]
    assert pending.sentence(several) == f"2 messages and 2 changes were {lost}: “a”; “b”"
