"""The interactive client in a real pseudo-terminal: what is unread, and what is for the user."""

from __future__ import annotations

import json

import pytest
from cli.terminal import at_terminals, run, write
from support import Process, wait_for

pytestmark = pytest.mark.usefixtures("state")


def unread(process: Process, name: str) -> dict[str, int]:
    """Return the server's unread counts of a user: by room, or by the name of the other user."""
    lines = run(process, "conversations", "--json", "--name", name).stdout.splitlines()
    found = [json.loads(line) for line in lines]
    return {
        (each.get("room") or each["user"])["name"]: each.get("unreadCount", 0) for each in found
    }


def test_a_direct_message_that_was_shown_is_read(process: Process) -> None:
    """It is not counted, here or on the server, and /go without a name still goes there."""
    with at_terminals(process.port, "alice", "bob") as (alice, bob):
        bob.enter("/to alice psst")
        alice.shows("bob → you │ psst")
        assert not [line for line in alice.lines() if "@bob +" in line]
        wait_for(lambda: unread(process, "alice").get("bob") == 0)
        alice.enter("/go")
        alice.in_order("── @bob ──", "@bob>")
        alice.enter("/go lobby", "/go")
        alice.shows("Nothing is unread")


def test_go_visits_mentions_before_chatter(process: Process) -> None:
    """The room with a mention comes before the room with most messages, and looks different."""
    with at_terminals(process.port, "carl", "dora") as (carl, dora):
        dora.enter("/create busy", "/create calm")
        dora.shows("#calm>")
        carl.enter("/join busy", "/join calm", "/go lobby")
        carl.shows("── #lobby ──")
        for text in ("one", "two", "three"):
            write(process, "dora", text, "--to", "#busy")
        carl.shows("#busy +3")
        write(process, "dora", "carl: four, @carl", "--to", "#calm")
        carl.shows("#busy +3  3 #calm +1 @1")
        carl.enter("/go")
        carl.until(lambda lines: lines[-2] == "#calm>")
        carl.shows("#busy +3  3 #calm")
        carl.enter("/go")
        carl.shows("#busy>")


def test_a_mention_is_still_one_after_a_restart(process: Process) -> None:
    """A mention that was not visited is told from chatter also by the next start."""
    with at_terminals(process.port, "kim", "lea") as (kim, lea):
        lea.enter("/create den", "/create zoo")
        lea.shows("#zoo>")
        kim.enter("/join den", "/join zoo", "/go lobby")
        kim.shows("── #lobby ──")
        lea.enter("chatter", "/to #den hello, @kim")
        kim.shows("#den +1 @1  3 #zoo +1")
        kim.enter("/quit")
        assert kim.status() == 0
        with at_terminals(process.port, "kim") as (again,):
            again.shows("#den +1 @1  3 #zoo +1")


def test_an_answer_from_elsewhere_marks_as_read(process: Process) -> None:
    """A message that the user sends by another client marks the conversation as read."""
    with at_terminals(process.port, "eve", "finn") as (eve, finn):
        finn.enter("/create den")
        finn.shows("#den>")
        eve.enter("/join den", "/go lobby")
        eve.shows("── #lobby ──")
        finn.enter("a question")
        eve.shows("#den +1")
        write(process, "eve", "the answer", "--to", "#den")
        eve.until(lambda lines: lines[-3].endswith(" #den"))
        wait_for(lambda: unread(process, "eve")["den"] == 0)


def test_counts_and_quotations_follow_edits_and_deletions(process: Process) -> None:
    """A deleted message is not unread, and not quoted; an edit that adds a mention is shown."""
    with at_terminals(process.port, "gina", "hugo") as (gina, hugo):
        hugo.enter("/create den")
        hugo.shows("#den>")
        gina.enter("/join den", "/go lobby")
        gina.shows("── #lobby ──")
        hugo.enter("a secret", "lunch")
        gina.shows("#den +2")
        hugo.enter("/delete -2")
        gina.shows("#den +1")
        hugo.enter("/edit lunch, @gina")
        gina.shows("#den hugo │ lunch, @gina  (edited)")
        gina.shows("#den +1 @1")
        hugo.enter("/reply -1 now", "/delete -2", "/reply -1 never mind")
        gina.enter("/go den")
        lines = gina.shows("never mind")
        assert not [line for line in lines if "secret" in line]
        gina.enter("/reply -2 a pity")
        hugo.shows("gina │ (to")


def test_deletions_are_not_repeated_by_tail(process: Process) -> None:
    """`tail` quotes the newest text of a message, and never a deleted text."""
    with at_terminals(process.port, "ines") as (ines,):
        for line, shown in (
            ("dinner?", "│ dinner?"),
            ("/edit supper?", "you edited “dinner?”: supper?"),
            ("/reply yes", "(to “supper?”) yes"),
            ("a secret", "│ a secret"),
            ("/reply no", "(to “a secret”) no"),
            ("/delete -2", "you deleted your message of "),
        ):
            ines.enter(line)
            ines.shows(shown)
    printed = run(process, "tail", "--name", "jack", "--since", "0", "--until-now").stdout
    assert "ines │ (to “supper?”) yes" in printed
    assert "ines deleted" in printed
    assert "secret" not in printed
