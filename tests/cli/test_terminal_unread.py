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
        assert "unread" not in alice.lines()[-1]
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
        carl.shows("#lobby>")
        for text in ("one", "two", "three"):
            write(process, "dora", text, "--to", "#busy")
        carl.shows("unread #busy 3")
        write(process, "dora", "carl: four, @carl", "--to", "#calm")
        carl.shows("unread #calm 1 @1, #busy 3")
        carl.enter("/go")
        carl.until(lambda lines: lines[-2] == "#calm>")
        carl.until(lambda lines: lines[-1].endswith("unread #busy 3"))
        carl.enter("/go")
        carl.shows("#busy>")


def test_an_answer_from_elsewhere_marks_as_read(process: Process) -> None:
    """A message that the user sends by another client marks the conversation as read."""
    with at_terminals(process.port, "eve", "finn") as (eve, finn):
        finn.enter("/create den")
        finn.shows("#den>")
        eve.enter("/join den", "/go lobby")
        eve.shows("#lobby>")
        finn.enter("a question")
        eve.shows("unread #den 1")
        write(process, "eve", "the answer", "--to", "#den")
        eve.until(lambda lines: "unread" not in lines[-1])
        wait_for(lambda: unread(process, "eve")["den"] == 0)


def test_counts_and_quotations_follow_edits_and_deletions(process: Process) -> None:
    """A deleted message is not unread, and not quoted; an edit that adds a mention is shown."""
    with at_terminals(process.port, "gina", "hugo") as (gina, hugo):
        hugo.enter("/create den")
        hugo.shows("#den>")
        gina.enter("/join den", "/go lobby")
        gina.shows("#lobby>")
        hugo.enter("a secret", "lunch")
        gina.shows("unread #den 2")
        hugo.enter("/delete -2")
        gina.until(lambda lines: lines[-1].endswith("unread #den 1"))
        hugo.enter("/edit lunch, @gina")
        gina.shows("#den hugo │ lunch, @gina  (edited)")
        gina.shows("unread #den 1 @1")
        hugo.enter("/reply -1 now", "/delete -2", "/reply -1 never mind")
        gina.enter("/go den")
        lines = gina.shows("never mind")
        assert not [line for line in lines if "secret" in line]
        gina.enter("/reply -2 a pity")
        hugo.shows("gina │ (to")


def test_deletions_are_not_repeated_by_tail(process: Process) -> None:
    """`tail` quotes the newest text of a message, and never a deleted text."""
    with at_terminals(process.port, "ines") as (ines,):
        ines.enter("dinner?", "/edit supper?", "/reply yes", "a secret", "/reply no", "/delete -2")
        ines.shows("you deleted your message of ")
        ines.enter("/reply -1 bye")
        ines.shows("(to “no”) bye")
    printed = run(process, "tail", "--name", "jack", "--since", "0", "--until-now").stdout
    assert "ines │ (to “supper?”) yes" in printed
    assert "ines deleted" in printed
    assert "secret" not in printed
