"""Tables, pages of messages, and the status line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from chat_grpc_cli import render, tables
from chat_grpc_cli.columns import Fragments
from chat_grpc_cli.toolbar import toolbar
from chat_grpc_cli.view import View
from cli.made import BOB, ME, NOON, stored

from chat_grpc.client import ConnectionState
from chat_grpc.v1 import chat_pb2


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the time zone to Berlin."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


def lines(fragments: Fragments) -> list[str]:
    """Return the lines without their styles."""
    return render.plain(fragments).split("\n")


def test_clients_are_a_table() -> None:
    """Clients are listed with number, name and time; the user is marked."""
    clients = [chat_pb2.Client(number=1, name="alice"), chat_pb2.Client(number=12, name="有栖")]
    clients[0].connect_time.FromDatetime(NOON - timedelta(hours=2))
    clients[1].connect_time.FromDatetime(NOON - timedelta(days=3))
    assert lines(tables.client_table(clients, 1, NOON)) == [
        "  no.  name         here since",
        "    1  alice (you)  10:00  (2 hours)",
        "   12  有栖         2026-02-26 12:00  (3 days)",
    ]


def test_rooms_are_a_table() -> None:
    """Rooms are listed with name, members, the user's role, and topic."""
    rooms = [
        chat_pb2.Room(name="lobby", member_count=12),
        chat_pb2.Room(
            name="ops",
            topic="down\x1b[2J",
            member_count=3,
            invite_only=True,
            my_role=chat_pb2.ROOM_ROLE_OWNER,
        ),
    ]
    assert lines(tables.room_table(rooms)) == [
        "  room            members  you are  topic",
        "  #lobby               12  -",
        "  #ops (private)        3  owner    down\\x1b[2J",
    ]


def test_members_are_a_table() -> None:
    """Members are listed with number, name, role and presence."""
    member = chat_pb2.RoomMember(user=ME, role=chat_pb2.ROOM_ROLE_OWNER, connected=True)
    other = chat_pb2.RoomMember(user=BOB, role=chat_pb2.ROOM_ROLE_READER)
    assert lines(tables.member_table([member, other], 1)) == [
        "  no.  name      role",
        "    1  me (you)  owner   here",
        "    2  bob       reader",
    ]


def test_conversations_are_a_table() -> None:
    """Conversations are listed with name, unread count and newest message."""
    found = [
        chat_pb2.Conversation(
            room=chat_pb2.Room(name="ops"),
            last_message=stored(9, "two\nlines", room="ops"),
            unread_count=1000,
        ),
        chat_pb2.Conversation(
            user=BOB, last_message=stored(3, "", NOON - timedelta(days=1), deleted=True, to=ME)
        ),
        chat_pb2.Conversation(room=chat_pb2.Room(name="empty")),
    ]
    assert lines(tables.conversation_table(found, NOON)) == [
        "  conversation  unread  last message",
        "  #ops           1000+  12:00 bob: two lines",
        "  @bob                  2026-02-28 bob: (deleted)",
        "  #empty",
    ]


def test_stored_messages_are_lines() -> None:
    """Stored messages have sequences, days, edits and deletions, and the message they answer."""
    thumbs = chat_pb2.ReactionCount(emoji="👍", user_count=2)
    page = [
        stored(6, "earlier", NOON - timedelta(days=1)),
        stored(7, "dinner?", edited=True, reactions=[thumbs]),
        stored(8, "yes", by=ME, reply_to=7),
        stored(9, "older", reply_to=2),
        stored(10, "", deleted=True),
        stored(11, "psst", by=ME, to=BOB),
        stored(12, "elsewhere", room="ops"),
    ]
    assert lines(tables.stored(page, 1, NOON)) == [
        "── Saturday 28 February 2026 ──",
        "      6 12:00            bob │ earlier",
        "── Sunday 01 March 2026 ──",
        "      7 12:00            bob │ dinner?  (edited, 👍 2)",
        "      8 12:00             me │ (to “dinner?”) yes",
        "      9 12:00            bob │ (to message 2) older",
        "     10 12:00            bob │ (deleted)",
        "     11 12:00      you → bob │ psst",
        "     12 12:00       #ops bob │ elsewhere",
    ]


def test_numbers_after_the_text_leave_the_columns() -> None:
    """The lines of /history have the columns of live lines: the number is after the text."""
    page = [stored(7, "dinner?", edited=True), stored(8, "one\ntwo", by=ME)]
    assert lines(tables.stored(page, 1, NOON, numbers="after")) == [
        "12:00            bob │ dinner?  (no. 7, edited)",
        "12:00             me │ one",
        "                     │ two  (no. 8)",
    ]


def test_the_first_unread_message_is_marked() -> None:
    """A line marks the first unread message of another user."""
    page = [stored(6, "read"), stored(7, "mine", by=ME), stored(8, "new"), stored(9, "newer")]
    shown = lines(tables.stored(page, 1, NOON, numbers="none", read=6))
    assert shown[2:] == ["── new ──", "12:00            bob │ new", "12:00            bob │ newer"]
    assert "── new ──" not in lines(tables.stored(page, 1, NOON, numbers="none", read=9))


def test_times_have_the_offset_that_held_then() -> None:
    """A summer message is shown in summer time, also in winter."""
    summer = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    assert lines(tables.stored([stored(6, "hot", summer)], 1, NOON))[-1].split()[1] == "12:00"


def bar(view: View, columns: int = 200, **more: int) -> str:
    """Return the status line."""
    live = ConnectionState.LIVE
    not_sent = more.get("not_sent", 0)
    return render.plain(toolbar("localhost:50051", view, live, not_sent, 0.0, columns))


def test_the_line_at_the_bottom() -> None:
    """The status line has server, user, clients, connection, and the counts."""
    view = View()
    view.me = chat_pb2.Client(number=1, name="me")
    for number, name in ((1, "me"), (2, "bob")):
        view.people.came(chat_pb2.Client(number=number, name=name))
    assert bar(view) == " localhost:50051 │ me no. 1 │ 2 here │ connected"
    for number, name in ((9, "ann"), (2, "bob")):
        author = chat_pb2.Author(number=number, name=name)
        event = chat_pb2.Event(typing=chat_pb2.Typing(author=author, room="lobby"))
        view.take(event, NOON, 0.0)
    rest = "connected │ 3 not sent yet │ ann, bob are typing"
    assert bar(view, not_sent=3).endswith(rest)


def test_a_narrow_terminal_leaves_out_what_is_known() -> None:
    """A narrow status line drops the server first, then the user; the rest is truncated."""
    view = View()
    view.me = chat_pb2.Client(number=1, name="me")
    assert bar(view, not_sent=2, columns=49) == " me no. 1 │ 0 here │ connected │ 2 not sent yet"
    assert bar(view, not_sent=2, columns=40) == " 0 here │ connected │ 2 not sent yet"
    assert bar(view, not_sent=2, columns=25) == " 0 here │ connected │ 2 …"
