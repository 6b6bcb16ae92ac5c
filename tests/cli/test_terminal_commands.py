"""The commands that users of IRC know, at a real pseudo-terminal."""

from __future__ import annotations

import pytest
from cli.terminal import Terminal, at_terminals, write
from support import Process

pytestmark = pytest.mark.usefixtures("state")


def test_no_prefix_changes_anything(process: Process) -> None:
    """/d, /e and /q are refused; the message and the client stay."""
    with at_terminals(process.port, "alice") as (alice,):
        alice.enter("keep this")
        alice.shows("alice │ keep this")
        alice.enter("/d")
        alice.shows("/d can mean /delete or /delete-room")
        alice.enter("/e overwritten")
        alice.shows("/e is not short for /edit")
        alice.enter("/qui")
        alice.shows("/qui is not short for /quit")
        alice.enter("/hist")
        lines = alice.until(lambda lines: sum("alice │ keep this" in line for line in lines) == 2)
        assert not any("overwritten" in line and "│" in line for line in lines)


def test_the_names_of_irc(process: Process) -> None:
    """/me, /msg, /query, /who, /whois, /names, /part, /clear and /exit do as on IRC."""
    with at_terminals(process.port, "alice", "bob") as (alice, bob):
        alice.enter("/me waves")
        bob.shows("* │ alice waves")
        alice.shows("* │ alice waves")
        alice.enter("/msg bob psst")
        bob.shows("alice → you │ psst")
        bob.enter("/query alice hi there")
        alice.shows("bob → you │ hi there")
        bob.until(lambda lines: lines[-2].startswith("@alice>"))
        alice.enter("/w")
        alice.shows("alice (you)")
        alice.enter("/whois bob")
        alice.shows("guest, here since")
        bob.enter("/create ops")
        bob.shows("you created #ops")
        alice.enter("/j #ops", "/names")
        alice.shows("#ops, 2: @bob alice")
        alice.enter("/part")
        alice.until(lambda lines: lines[-2].startswith("#lobby>"))
        alice.enter("/clear")
        alice.until(lambda lines: not any("psst" in line or "waves" in line for line in lines))
        alice.enter("/exit")
        assert alice.status() == 0


def test_ignoring_holds_across_sessions(process: Process) -> None:
    """An ignored user is hidden, also after a restart, until /unignore; the user learns nothing."""
    with at_terminals(process.port, "alice", "bob") as (alice, bob):
        alice.enter("/ignore bob")
        alice.shows("You ignore bob on this machine")
        bob.enter("in the lobby", "/msg alice in private")
        bob.shows("you → alice │ in private")
        write(process, "carol", "hello")
        lines = alice.shows("carol │ hello")
        assert not any("in the lobby" in line or "in private" in line for line in lines)
        assert "@bob" not in lines[-3]
        alice.enter("/quit")
        assert alice.status() == 0
        again = Terminal(process.port, "alice")
        try:
            again.here()
            again.enter("/ignore")
            again.shows("You ignore bob.")
            bob.enter("still hidden")
            bob.shows("bob │ still hidden")
            write(process, "carol", "later")
            lines = again.shows("carol │ later")
            assert not any("still hidden" in line for line in lines)
            again.enter("/unignore bob")
            again.shows("You no longer ignore bob")
            bob.enter("shown again")
            again.shows("bob │ shown again")
        finally:
            again.close()


def test_a_user_who_is_away_is_no_longer_ignored(process: Process) -> None:
    """A conversation may have only hidden messages; a later session shows the user again."""
    write(process, "bob", "hello")
    with at_terminals(process.port, "alice") as (alice,):
        alice.shows("bob │ hello")
        write(process, "bob", "psst", "--to", "alice")
        alice.enter("/ignore bob", "/create quiet", "/quit")
        assert alice.status() == 0
    with at_terminals(process.port, "alice") as (alice,):
        alice.enter("/go bob")
        alice.until(lambda lines: lines[-2].startswith("@bob>"))
        alice.enter("/history")
        alice.shows("No messages here yet.")
        alice.enter("/unignore bob")
        alice.shows("You no longer ignore bob.")


def test_a_name_at_the_beginning_mentions(process: Process) -> None:
    """`bo` and Tab give `bob: `, which mentions bob."""
    with at_terminals(process.port, "alice", "bob") as (alice, bob):
        alice.shows("2 here")
        alice.type("bo\t")
        alice.until(lambda lines: "#lobby> bob:" in lines)
        bob.enter("/create elsewhere")
        bob.until(lambda lines: lines[-2].startswith("#elsewhere>"))
        alice.type("are you there?\r")
        # Only a mention is shown in another room.
        bob.shows("#lobby alice │ @bob: are you there?")


def test_emoji_by_name(process: Process) -> None:
    """`:tada:` in a text is sent as the emoji, and Tab completes its name."""
    with at_terminals(process.port, "alice", "bob") as (alice, bob):
        alice.enter("done :tada: `:tada:`")
        bob.shows("alice │ done 🎉 `:tada:`")
        alice.type("good :thumbs_u\t")
        alice.until(lambda lines: any("#lobby> good 👍" in line for line in lines))


def test_tab_goes_through_the_names(process: Process) -> None:
    """Tab takes the first of several names, and the next Tab the next one; of commands none."""
    with at_terminals(process.port, "alice", "bob", "barbara") as (alice, *_):
        alice.shows("3 here")
        alice.type("b\t")
        alice.until(lambda lines: "#lobby> barbara:" in lines)
        alice.type("\t")
        alice.until(lambda lines: "#lobby> bob:" in lines)
        alice.type("\x03/l\t")
        alice.shows("Leave a room")
        assert "#lobby> /l" in alice.lines()
