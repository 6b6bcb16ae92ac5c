"""Events as lines, and the selection of events that are shown."""

from __future__ import annotations

from typing import Any

import pytest
from chat_grpc_cli import events
from chat_grpc_cli.conversation import of_message, target
from chat_grpc_cli.render import plain
from chat_grpc_cli.view import View
from cli.made import (
    BOB,
    EVIL,
    ME,
    NOON,
    Change,
    inert,
    message,
    presence,
    room_change,
    said,
    stored,
)
from hypothesis import given

from chat_grpc.v1 import chat_pb2


def edited(target_sequence: int, text: str, **more: Any) -> chat_pb2.Event:
    """Return the event of an edit."""
    return chat_pb2.Event(
        sequence=60,
        edited=chat_pb2.Edited(target_sequence=target_sequence, message=message(text, **more)),
    )


def deleted(target_sequence: int) -> chat_pb2.Event:
    """Return the event of a deletion."""
    told = chat_pb2.Deleted(target_sequence=target_sequence, author=BOB)
    return chat_pb2.Event(sequence=61, deleted=told)


def reaction(target_sequence: int, emoji: str = "👍", **more: Any) -> chat_pb2.Event:
    """Return the event of a reaction."""
    told = chat_pb2.Reaction(target_sequence=target_sequence, author=BOB, emoji=emoji, **more)
    return chat_pb2.Event(sequence=62, reaction=told)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (said(9, "hi"), "12:00            bob │ hi"),
        (said(9, "hi", by=ME), "12:00             me │ hi"),
        (said(9, "hi", room="ops"), "12:00       #ops bob │ hi"),
        (said(9, "hi", to=ME), "12:00      bob → you │ hi"),
        (said(9, "hi", by=ME, to=BOB), "12:00      you → bob │ hi"),
        (said(9, "yes", reply_to=7), "12:00            bob │ (to message 7) yes"),
        (said(9, ""), "12:00            bob │ (deleted)"),
        (edited(7, "new"), "12:00              ·   bob edited message 7: new"),
        (edited(7, "new", room="ops"), "12:00              ·   bob edited message 7 in #ops: new"),
        (deleted(7), "12:00              ·   bob deleted message 7"),
        (reaction(7), "12:00              ·   bob reacted 👍 to message 7"),
        (reaction(7, removed=True), "12:00              ·   bob took back 👍 to message 7"),
        (reaction(7, "\x1b[2J"), "12:00              ·   bob reacted \\x1b[2J to message 7"),
        (presence(BOB), "12:00              ·   bob came"),
        (presence(BOB, joined=False), "12:00              ·   bob left"),
        (presence(ME), ""),
        (chat_pb2.Event(caught_up=chat_pb2.CaughtUp()), ""),
        (chat_pb2.Event(), ""),
    ],
)
def test_events_are_lines(event: chat_pb2.Event, line: str) -> None:
    """Each kind of event has its line; internal events have none."""
    assert plain(events.line(event, 1, NOON)) == line


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (room_change(Change.CHANGE_CREATED), "bob created #ops"),
        (room_change(Change.CHANGE_JOINED), "bob joined #ops"),
        (room_change(Change.CHANGE_LEFT), "bob left #ops"),
        (room_change(Change.CHANGE_LEFT, by=ME, to=BOB), "you removed bob from #ops"),
        (room_change(Change.CHANGE_LEFT, to=ME), "bob removed you from #ops"),
        (room_change(Change.CHANGE_INVITED, to=ME), "bob invited you to #ops; /join #ops accepts"),
        (room_change(Change.CHANGE_INVITED, by=ME, to=BOB), "you invited bob to #ops"),
        (
            room_change(Change.CHANGE_ROLE, to=ME, role=chat_pb2.ROOM_ROLE_READER),
            "bob made you reader of #ops",
        ),
        (
            room_change(Change.CHANGE_UPDATED, topic="a\r\nb\x1b", invite_only=True),
            "bob changed #ops: private, a\\x0d b\\x1b",
        ),
        (room_change(Change.CHANGE_UPDATED), "bob changed #ops: public, no topic"),
        (room_change(Change.CHANGE_UNSPECIFIED), ""),
    ],
)
def test_changes_of_rooms_are_words(event: chat_pb2.Event, words: str) -> None:
    """Changes of rooms are described with actor and subject; the user is "you"."""
    assert events.room_words(event.room_change, 1) == words


@given(EVIL, EVIL, EVIL)
def test_no_event_drives_the_terminal(name: str, text: str, room: str) -> None:
    """Whatever names, texts, rooms, topics and emoji contain, the shown lines are inert."""
    who = chat_pb2.Author(number=7, name=name)
    for event in (
        said(9, text, by=who, room=room),
        said(10, text, by=who, to=ME, reply_to=9),
        edited(10, text, by=who, to=ME),
        reaction(10, text),
        room_change(Change.CHANGE_UPDATED, by=who, room=room, topic=text),
        room_change(Change.CHANGE_INVITED, by=who, to=ME, room=room),
        presence(who),
        chat_pb2.Event(go_away=chat_pb2.GoAway(message=text)),
    ):
        shown_there = plain(view(f"#{room}").take(event, NOON, 0.0))
        assert inert(shown_there.replace("\n", ""))
        assert inert(plain(events.line(event, 1, NOON)).replace("\n", ""))


def view(current: str = "#lobby") -> View:
    """Return the view of user 1 in a conversation."""
    made = View(["printer"])
    made.me = chat_pb2.Client(number=1, name="me")
    made.current = current
    return made


def shown(here: View, event: chat_pb2.Event, now: float = 0.0) -> bool:
    """Return True if the view shows an event."""
    return bool(here.take(event, NOON, now))


@pytest.mark.parametrize(
    ("event", "is_shown", "waiting"),
    [
        (said(9, "hi", room="ops"), True, []),
        (said(9, "hi", room="OPS"), True, []),
        (said(9, "hi"), False, [("#lobby", 1, 0)]),
        (said(9, "hi @me", mentioned_numbers=[1]), True, [("#lobby", 1, 1)]),
        (said(9, "the PRINTER, again"), True, [("#lobby", 1, 1)]),
        (said(9, "printers"), False, [("#lobby", 1, 0)]),
        (said(9, "hi", to=ME), True, [("@2", 1, 1)]),
        (said(9, "hi", by=ME, room="ops"), True, []),
        (said(9, "hi", by=ME), False, []),
        (said(9, "hi", by=ME, to=BOB), True, []),
        (said(9, "", room="ops"), False, []),
        (room_change(Change.CHANGE_JOINED), True, []),
        (room_change(Change.CHANGE_JOINED, room="other"), False, []),
        (room_change(Change.CHANGE_INVITED, room="other", to=ME), True, []),
        (room_change(Change.CHANGE_CREATED, room="other", by=ME), True, []),
        (presence(BOB), True, []),
    ],
)
def test_events_are_shown_or_counted(
    event: chat_pb2.Event, is_shown: bool, waiting: list[tuple[str, int, int]]
) -> None:
    """Events of the current conversation, and those for the user, are shown; others are counted."""
    here = view("#ops")
    assert shown(here, event) is is_shown
    assert [tuple(each) for each in here.unread.waiting(here.current)] == waiting


def test_a_message_is_shown_once() -> None:
    """A message that was shown by sending it or by the history is not shown again."""
    here = view()
    here.sent(7, "#lobby", "mine", NOON)
    here.seen(stored(8, "from the history"))
    assert not shown(here, said(7, "mine", by=ME))
    assert not shown(here, said(8, "from the history"))
    assert shown(here, said(9, "new"))


def test_edits_and_deletions_are_shown_in_their_conversation() -> None:
    """Changes of a shown message are shown with its text; changes of others are not."""
    here = view()
    here.take(said(7, "dinner?"), NOON, 0.0)
    assert plain(here.take(reaction(7), NOON, 0.0)).endswith("bob reacted 👍 to “dinner?”")
    assert plain(here.take(edited(7, "supper?"), NOON, 0.0)).endswith("“dinner?”: supper?")
    assert not shown(here, edited(7, ""))
    assert plain(here.take(said(8, "yes", reply_to=7), NOON, 0.0)).endswith("(to “supper?”) yes")
    assert not shown(here, reaction(99))
    here.current = "#ops"
    assert not shown(here, reaction(7))
    here.current = "#lobby"
    assert plain(here.take(deleted(7), NOON, 0.0)).endswith(
        "bob deleted their own message of 12:00"
    )
    assert not shown(here, reaction(7))
    reply = plain(here.take(said(9, "oh", reply_to=7), NOON, 0.0))
    assert reply.endswith("(to a deleted message) oh")


def test_an_edit_that_adds_a_mention_is_shown_and_counted() -> None:
    """It is shown once, with its text, in any conversation; a removed mention is not counted."""
    here, me = view(), {"room": "ops", "mentioned_numbers": [1]}
    here.take(said(9, "hi", room="ops"), NOON, 0.0)
    assert not shown(here, edited(9, "hi all", room="ops"))
    line = plain(here.take(edited(9, "hi @me", **me), NOON, 0.0))
    assert line.endswith("#ops bob │ hi @me  (edited)")
    assert not shown(here, edited(9, "hi, @me", **me))
    assert [tuple(each) for each in here.unread.waiting(here.current)] == [("#ops", 1, 1)]
    assert not shown(here, edited(9, "hi", room="ops"))
    assert here.unread.to_me("#ops") == 0
    assert shown(here, edited(3, "an old one, @me", **me))
    here.unread.visited("#ops")
    assert here.unread.to_me("#ops") == 0


def test_an_own_answer_marks_as_read() -> None:
    """An own message, also one from another terminal, is after everything that was read."""
    here = view()
    here.take(said(9, "hi @me", room="ops", mentioned_numbers=[1]), NOON, 0.0)
    here.take(said(10, "hello", room="ops", by=ME), NOON, 0.0)
    assert here.unread.waiting("") == []
    assert here.unread.next("") == ""


def test_the_users_own_change_of_a_room_is_shown_once() -> None:
    """The answer or the event shows the user's change, whichever comes first, from any terminal."""
    here = view("#ops")
    words = "you invited bob to #ops"
    invited = room_change(Change.CHANGE_INVITED, by=ME, to=BOB)
    assert not here.answered(words, 0.0)
    assert not shown(here, invited, 1.0)
    assert shown(here, invited, 2.0)
    assert here.answered("you invited BOB to #ops", 3.0)
    assert not here.answered(words, 4.0)
    assert shown(here, invited, 40.0)


def test_a_crowd_comes_and_goes_unseen() -> None:
    """With more than 50 clients, presence is counted but not shown."""
    here = view()
    told = [shown(here, presence(chat_pb2.Author(number=n, name=f"n{n}"))) for n in range(2, 102)]
    assert (sum(told), told[0], told[-1]) == (51, True, False)
    assert here.people.count == 100


def test_typing_is_shown_for_a_while() -> None:
    """Typing is shown for 6 seconds or until the message; the current conversation comes first."""
    here = view("#ops")
    for number, room, name in (
        (7, "", "ann"),
        (2, "lobby", "bob"),
        (9, "ops", "cid"),
        (1, "ops", "me"),
    ):
        author = chat_pb2.Author(number=number, name=name)
        here.take(chat_pb2.Event(typing=chat_pb2.Typing(author=author, room=room)), NOON, 0.0)
    assert here.typing(5.0) == ["cid", "ann", "bob in #lobby"]
    here.take(said(9, "there"), NOON, 5.0)
    assert here.typing(5.0) == ["cid", "ann"]
    assert here.typing(6.5) == []


def test_rooms_follow_what_is_told() -> None:
    """Room events update the user's role; an invite-only room that was left is forgotten."""
    here = view("#ops")
    here.take(room_change(Change.CHANGE_CREATED, by=ME, role=chat_pb2.ROOM_ROLE_OWNER), NOON, 0.0)
    here.take(room_change(Change.CHANGE_JOINED, role=chat_pb2.ROOM_ROLE_MEMBER), NOON, 0.0)
    assert here.rooms["ops"].my_role == chat_pb2.ROOM_ROLE_OWNER
    here.take(room_change(Change.CHANGE_LEFT, to=ME), NOON, 0.0)
    assert here.rooms["ops"].my_role == 0
    # A removed user stays in the room, where a line is refused, and not in the lobby, where
    # everybody would read it.
    assert here.current == "#ops"
    here.take(room_change(Change.CHANGE_LEFT, to=ME, invite_only=True), NOON, 0.0)
    assert "ops" not in here.rooms


def test_conversations_have_names() -> None:
    """A conversation has the name of its room or user, or the number if that is unknown."""
    assert of_message(message("x", room="ops"), 1) == "#ops"
    assert of_message(message("x", to=ME), 1) == of_message(message("x", by=ME, to=BOB), 1) == "@2"
    assert [target(name) for name in ("#ops", "@bob", "@17")] == ["#ops", "bob", 17]
