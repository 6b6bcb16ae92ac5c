"""The interactive client in a real pseudo-terminal: rooms, conversations and their messages."""

from __future__ import annotations

import pytest
from cli.terminal import Terminal, at_terminals, write, write_lines
from support import Process

pytestmark = pytest.mark.usefixtures("state")


def test_rooms(process: Process) -> None:
    """One user creates a room and another joins; only they see its messages."""
    with at_terminals(process.port, "alice", "bob", "carol") as (alice, bob, carol):
        alice.enter("/create ops what is down")
        alice.in_order("you created #ops", "── #ops: what is down ──", "#ops>")
        alice.enter("nobody reads this", "/invite bob")
        alice.shows("you invited bob to #ops")
        bob.shows("alice invited you to #ops; /join #ops accepts")
        bob.enter("/join op\t")
        bob.in_order("you joined #ops", "── #ops: what is down ──", "alice │ nobody reads this")
        alice.in_order("you invited bob", "bob joined #ops")
        bob.enter("here I am", "/topic all is well", "/members")
        bob.shows("Only moderators and owners may change the topic of a room")
        bob.until(lambda lines: any("bob (you)" in line and "member" in line for line in lines))
        alice.enter("/role bob moderator")
        bob.shows("alice made you moderator of #ops")
        bob.enter("/topic all is well")
        alice.shows("bob changed #ops: public, all is well")
        bob.enter("/leave")
        bob.in_order("you left #ops", "── #lobby ──", "#lobby>")
        alice.shows("bob left #ops")
        assert not [line for line in carol.lines() if "ops" in line]


def test_deleting_a_room_asks_first(process: Process) -> None:
    """Deleting a room asks first; then the members are told, and return to the lobby."""
    with at_terminals(process.port, "nina", "omar") as (nina, omar):
        nina.enter("/create attic", "one")
        nina.shows("nina │ one")
        omar.enter("/join attic")
        omar.in_order("you joined #attic", "nina │ one")
        nina.enter("/delete-room attic")
        nina.shows("/delete-room attic yes")
        nina.enter("/delete-room attic yes")
        nina.in_order("you deleted #attic", "── #lobby ──")
        omar.shows("nina deleted #attic")
        nina.enter("/create attic")
        nina.until(lambda lines: sum("you created #attic" in line for line in lines) == 2)


def test_unread_messages_are_counted(process: Process) -> None:
    """Messages elsewhere are counted, and shown on switching there; mentions are shown."""
    with at_terminals(process.port, "dave", "ella") as (dave, ella):
        dave.enter("/create den", "one")
        dave.shows("dave │ one")
        ella.enter("/join den")
        ella.in_order("you joined #den", "dave │ one")
        dave.enter("/go lobby")
        dave.shows("#lobby>")
        ella.enter("two", "three for @dave")
        dave.shows("#den ella │ three for @dave")
        dave.shows("#den +2 @1")
        assert not [line for line in dave.lines() if "│ two" in line]
        dave.enter("/go")
        dave.in_order("── #lobby ──", "── new ──", "ella │ two", "#den>")
        dave.until(lambda lines: "+" not in lines[-3])


def test_messages_are_edited_deleted_and_reacted_to(process: Process) -> None:
    """Messages are edited, deleted and reacted to by any way to pick them; both sides see it."""
    with at_terminals(process.port, "fay", "gus") as (fay, gus):
        fay.enter("dinner?")
        gus.shows("fay │ dinner?")
        gus.enter("/react thumbs_up", "/reply yes, gladly")
        fay.shows("gus reacted 👍 to “dinner?”")
        fay.shows("gus │ (to “dinner?”) yes, gladly")
        gus.in_order("you reacted 👍 to “dinner?”", "gus │ (to “dinner?”) yes, gladly")
        fay.enter("/edit supper?")
        for person, who in ((fay, "you"), (gus, "fay")):
            person.shows(f"{who} edited “dinner?”: supper?")
        gus.enter("/history 2")
        start, end = "fay │ supper?  (no. ", ", edited, 👍 1)"
        line = next(line for line in gus.shows(end) if start in line)
        number = line.partition(start)[2].removesuffix(end)
        fay.enter(f"/unreact 👍 {number}", "/delete")
        fay.shows("you deleted your message of ")
        gus.shows("fay deleted their own message of ")
        fay.enter(f"/edit {number} too late", "/history")
        fay.shows(f"No message {number} was shown")
        fay.shows("fay │ (deleted)")


def test_search_finds_what_may_be_read(process: Process) -> None:
    """A search covers all readable conversations and names each; rooms of others are left out."""
    with at_terminals(process.port, "hugo", "iris") as (hugo, iris):
        hugo.enter("/create vault private", "the zebra is blue")
        hugo.shows("hugo │ the zebra is blue")
        hugo.enter("/to iris a zebra for you", "/go lobby", "a zebra for all")
        iris.shows("hugo │ a zebra for all")
        iris.enter("/search zebra")
        iris.in_order("hugo → you │ a zebra for you  (no. ", "#lobby hugo │ a zebra for all  (no. ")
        hugo.enter("/search zebra blue")
        hugo.shows("#vault hugo │ the zebra is blue")
        iris.enter("/search zebra blue", "/join vault")
        iris.in_order("No message contains these words.", "There is no room vault")


def test_a_removed_members_line_is_not_sent(process: Process) -> None:
    """The line that a removed member was typing is refused, and not sent to the lobby."""
    with at_terminals(process.port, "jack", "kate") as (jack, kate):
        jack.enter("/create cave")
        jack.shows("#cave>")
        kate.enter("/join cave")
        kate.shows("#cave>")
        kate.type("a secret")
        jack.enter("/role kate none")
        jack.shows("you removed kate from #cave")
        kate.shows("jack removed you from #cave")
        kate.until(lambda lines: lines[-2] == "#cave> a secret")
        kate.type("\r")
        kate.shows("Not sent: Only members of cave")
        assert not [line for line in jack.lines() if "a secret" in line]


def test_two_terminals_of_one_user(process: Process) -> None:
    """Each of two terminals shows the messages of the other, and shares read markers."""
    with at_terminals(process.port, "lara", "mike") as (one, mike):
        two = late(process, "lara")
        one.enter("from one")
        two.shows("lara │ from one")
        two.enter("from two")
        one.in_order("lara │ from one", "lara │ from two")
        mike.enter("/to lara hi there")
        for terminal in (one, two):
            terminal.shows("@mike *")
        two.enter("/go mike", "hello mike")
        one.until(lambda lines: "*" not in lines[-3])
        mike.in_order("lara │ from one", "lara │ from two", "you → lara │ hi there")
        two.close()


def test_typing_is_shown(process: Process) -> None:
    """The status line shows typing until the message comes; typing a command is not reported."""
    with at_terminals(process.port, "nora", "otto") as (nora, otto):
        otto.type("/to nora x")
        otto.type("\x03let me se")
        nora.shows("otto is typing")
        otto.type("e\r")
        nora.shows("otto │ let me see")
        nora.until(lambda lines: "typing" not in lines[-1])


def test_a_script_and_a_person_talk(process: Process) -> None:
    """A message from `send` to a user is shown at once."""
    with at_terminals(process.port, "pia") as (pia,):
        write(process, "robot", "the build is green", "--to", "pia")
        pia.shows("robot → you │ the build is green")
        pia.enter("/to robot thanks")
        pia.shows("you → robot │ thanks")


def late(process: Process, name: str) -> Terminal:
    """Start a client of a user who comes later."""
    terminal = Terminal(process.port, name)
    terminal.here()
    return terminal


def test_the_first_start_shows_the_end_of_the_lobby(process: Process) -> None:
    """The first start shows the last ten messages of the lobby, none of them unread."""
    write_lines(process, "rita", "said", 30)
    quin = late(process, "quin")
    lines = quin.shows("rita │ said 29")
    assert [line.split("│ ")[1] for line in lines if "rita │" in line] == [
        f"said {n}" for n in range(20, 30)
    ]
    quin.until(lambda lines: "+" not in lines[-3])
    quin.close()
