"""The bar and the list of conversations, and drafts: text in, text out."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from chat_grpc_cli import bar
from chat_grpc_cli.drafts import Drafts
from chat_grpc_cli.overview import Overview
from chat_grpc_cli.render import plain
from chat_grpc_cli.tabs import Tabs
from chat_grpc_cli.view import View
from cli.made import EVIL, ME, inert
from hypothesis import given
from prompt_toolkit.data_structures import Size

from chat_grpc.v1 import chat_pb2


def view_of(rooms: Iterable[str] = (), people: Iterable[str] = ()) -> View:
    """Return the view of a member of rooms who has written with people: 5, 6, and so on."""
    view = View()
    view.me = chat_pb2.Client(number=1, name=ME.name)
    member = chat_pb2.ROOM_ROLE_MEMBER
    found = [chat_pb2.Room(name=name, my_role=member, topic=f"on {name}") for name in rooms]
    for each in [chat_pb2.Room(name="lobby", my_role=member), *found]:
        view.set_room(each)
    for number, name in enumerate(people, 5):
        view.people.saw(number, name)
        view.unread.read(f"@{number}", 1)
    return view


def line(view: View, columns: int = 80) -> str:
    """Return the text of the bar."""
    return plain(bar.bar(Tabs(view).all(), view, columns))


def test_the_bar_shows_rooms_then_people_with_their_counts() -> None:
    """The bar has the lobby, the rooms by name, the people, and what is unread there."""
    view = view_of(["ops", "den"], ["bob"])
    assert line(view) == " 1 #lobby  2 #den  3 #ops  4 @bob"
    for sequence in range(7, 10):
        view.unread.came("#ops", sequence)
    view.unread.came("@5", 10)
    assert line(view) == " 1 #lobby  2 #den  3 #ops +3  4 @bob +1"
    styles = {text: style for style, text in bar.bar(Tabs(view).all(), view, 80)}
    assert styles["#lobby"] == "class:current"
    assert styles["#ops +3"] == "class:unread"
    assert styles["@bob +1"] == "class:wanted"


def test_a_direct_message_that_was_shown_elsewhere_is_marked() -> None:
    """A conversation with a message that was shown elsewhere is marked until it is visited."""
    view = view_of(["ops"], ["bob"])
    view.unread.called("@5", 9)
    assert line(view) == " 1 #lobby  2 #ops  3 @bob *"
    assert ("class:wanted", "@bob *") in bar.bar(Tabs(view).all(), view, 80)
    view.unread.visited("@5")
    assert line(view) == " 1 #lobby  2 #ops  3 @bob"


def test_one_conversation_needs_no_bar() -> None:
    """A user of only the lobby has no bar."""
    assert line(view_of()) == ""


def test_a_narrow_bar_keeps_the_current_and_the_wanted() -> None:
    """Conversations without unread messages are left out first, and counted."""
    view = view_of(["alpha", "beta", "gamma", "delta"], ["bob", "zoe"])
    view.current = "#gamma"
    view.unread.came("@6", 9)
    view.unread.came("#beta", 8)
    assert line(view, 50) == " 3 #beta +1  5 #gamma  7 @zoe +1  and 4 more"
    assert line(view, 36) == " 5 #gamma  7 @zoe +1  and 5 more +1"
    assert line(view, 34) == " 1 #lobby  5 #gamma  and 5 more +2"
    assert bar.bar(Tabs(view).all(), view, 34)[-1][0] == "class:wanted"
    assert line(view, 10) == ""


def test_a_long_title_leaves_room_for_others() -> None:
    """In a narrow window titles are shorter, and an entry that is too long is left out alone."""
    view = view_of(["ops"], ["bob.with.a.very.long.name", "zoe"])
    for key in ("@5", "@6"):
        view.unread.called(key, 9)
    assert line(view, 40) == " 1 #lobby  3 @bob.with… *  and 2 more *"
    view.people.saw(5, "bob")
    assert line(view, 40) == " 1 #lobby  2 #ops  3 @bob *  4 @zoe *"


def test_numbers_stay_when_conversations_come() -> None:
    """A new conversation gets the last number; one that is gone leaves its number to the next."""
    view = view_of(["ops"], ["bob"])
    tabs = Tabs(view)
    assert [tab.key for tab in tabs.all()] == ["#lobby", "#ops", "@5"]
    view.set_room(chat_pb2.Room(name="Art", my_role=chat_pb2.ROOM_ROLE_OWNER))
    assert [tab.key for tab in tabs.all()] == ["#lobby", "#ops", "@5", "#Art"]
    assert tabs.numbered(4) == "#Art"
    view.forget_room("ops")
    assert tabs.numbered(2) == "@5"
    assert tabs.numbered(4) == ""


def test_the_next_conversation_that_wants_attention() -> None:
    """Alt-A visits what is unread, and then returns to the conversation of the first jump."""
    view = view_of(["ops"], ["bob"])
    tabs = Tabs(view)
    assert tabs.wanting("#lobby") == ""
    view.unread.came("#ops", 5)
    assert tabs.wanting("#lobby") == "#ops"
    view.unread.read("#ops", 5)
    assert tabs.wanting("#ops") == "#lobby"
    assert tabs.wanting("#lobby") == ""


def test_the_list_has_columns_and_topics() -> None:
    """The list shows topics of rooms and who is here; it counts what does not fit."""
    view = view_of(["ops", "den"], ["bob", "zoe"])
    view.people.came(chat_pb2.Client(number=5, name="bob"))
    view.unread.came("#ops", 5)
    shown = plain(bar.listing(Tabs(view).all(), view, 79, 4)).split("\n")
    assert [each.rstrip() for each in shown] == [
        "> 1 #lobby                               4 @bob  here",
        "  2 #den  on den                         5 @zoe  away",
        "  3 #ops +1  on ops",
    ]
    shown = plain(bar.listing(Tabs(view).all(), view, 40, 3)).split("\n")
    assert [each.rstrip() for each in shown] == [
        "> 1 #lobby",
        "  3 #ops +1  on ops",
        "    and 3 more: /conversations",
    ]


@pytest.mark.parametrize(
    ("columns", "rows", "listed", "lines"),
    [(80, 24, "auto", 1), (120, 30, "auto", 2), (80, 24, "on", 3), (200, 50, "off", 1)],
)
def test_the_list_opens_in_a_large_window(columns: int, rows: int, listed: str, lines: int) -> None:
    """Without a setting the size of the window decides between the line and the list."""
    view = view_of(["a", "b", "c"], ["bob", "zoe"])
    overview = Overview(view, lambda: Size(rows, columns), listed)
    assert plain(overview.lines()).count("\n") == lines
    overview.toggle()
    assert (plain(overview.lines()).count("\n") == 1) != (lines == 1)


@given(EVIL, EVIL)
def test_hostile_names_stay_in_the_bar(name: str, topic: str) -> None:
    """A name or topic cannot add lines, or control the terminal."""
    view = view_of([], ["bob"])
    view.people.saw(5, name)
    view.set_room(chat_pb2.Room(name=name, topic=topic, my_role=chat_pb2.ROOM_ROLE_OWNER))
    tabs = Tabs(view).all()
    assert inert(line(view, 200))
    assert all(inert(each) for each in plain(bar.listing(tabs, view, 80, 9)).split("\n"))


def test_a_draft_stays_in_its_conversation() -> None:
    """A jump puts the typed text away, and the way back restores it."""
    view = view_of(["ops"])
    drafts = Drafts(view)
    assert drafts.jump("/go #ops", "half ty", "#ops") == ""
    view.current = "#ops"
    assert drafts.ran("/go #ops", "more") == "more"
    assert drafts.jump("/go #lobby", "more", "#lobby") == "half ty"
    view.current = "#lobby"
    assert drafts.ran("/go #lobby", "half typed") == "half typed"
    view.current = "#OPS"
    assert drafts.ran("/go ops", "typed ahead") == "typed ahead"
    assert drafts.ran("a message", "") == "more"


def test_a_failed_jump_restores_the_draft() -> None:
    """If the server refuses a jump, the text is that of the conversation that stays."""
    drafts = Drafts(view_of(["ops"]))
    assert drafts.jump("/go #ops", "for the lobby", "#ops") == ""
    assert drafts.conversation == "#ops"
    assert drafts.ran("/go #ops", "for ops") == "for the lobby"
    assert drafts.conversation == "#lobby"


def test_jumps_that_follow_each_other_keep_all_drafts() -> None:
    """The line belongs to the last of several jumps, even before the first has run."""
    view = view_of(["a", "b"])
    drafts = Drafts(view)
    assert drafts.jump("/go #a", "lobby", "#a") == ""
    assert drafts.jump("/go #b", "", "#b") == ""
    view.current = "#a"
    assert drafts.ran("/go #a", "for b") == "for b"
    view.current = "#b"
    assert drafts.ran("/go #b", "for b") == "for b"
    assert drafts.jump("/go #lobby", "for b", "#lobby") == "lobby"
