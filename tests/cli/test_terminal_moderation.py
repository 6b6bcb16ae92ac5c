"""The interactive client in a real pseudo-terminal: kicks, bans and mutes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.terminal import at_terminals, run
from support import COMMAND, Process, serving

PASSWORD = "correct horse battery"

pytestmark = pytest.mark.usefixtures("state")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """Run a server at which everybody may register; `root` is an admin who is signed in."""
    data = str(tmp_path / "data")
    with serving("--data", data, "--accounts", "open") as started:
        made = run(started, "register", "--name", "root", given=f"{PASSWORD}\n")
        assert made.returncode == 0, made.stderr
        subprocess.run([*COMMAND, "user", "admin", "--data", data, "root"], check=True)
        yield started


def test_an_admin_mutes_kicks_and_bans(process: Process) -> None:
    """The user sees one sentence with the reason and the end, and the client ends."""
    with at_terminals(process.port, "root", "bob", "carl") as (root, bob, carl):
        root.enter("/help mute")
        root.shows("Refuse what a user writes in this room.")
        root.enter("/mute bob 1h calm down")
        root.shows("Muted bob in #lobby.")
        bob.enter("hello")
        bob.shows("You are muted in #lobby until")
        root.enter("/mutes")
        root.shows("bob   #lobby  root")
        root.shows("calm down")
        root.enter("/unmute bob")
        root.shows("Removed the mute of bob in #lobby.")
        root.enter("/mutes")
        root.shows("Nobody is muted in #lobby.")
        root.enter("/mute carl 1h everywhere")
        root.shows("Muted carl everywhere.")
        root.enter("/mutes all")
        root.shows("carl  everywhere  root")
        root.enter("/unmute carl everywhere")
        root.shows("Removed the mute of carl everywhere.")
        bob.enter("hello again")
        root.shows("bob │ hello again")
        root.enter("/kick bob too loud")
        root.shows("Kicked bob: 1 stream ended.")
        bob.shows("You were kicked: too loud. You may connect again.")
        assert bob.status() == 3
        root.enter("/ban carl 2h spam")
        root.shows("Banned carl.")
        carl.shows("m): spam.")
        assert carl.status() == 3
        again = run(process, "send", "--name", "carl", "hello")
        assert (again.returncode, "You are banned" in again.stderr) == (3, True)
        root.enter("/unban carl")
        root.shows("Removed the ban of carl.")
        assert run(process, "send", "--name", "carl", "hello").returncode == 0


def test_only_those_who_may_are_offered_the_commands(process: Process) -> None:
    """A moderator is offered the commands for the room, others none; the server decides."""
    with at_terminals(process.port, "bob", "carl") as (bob, carl):
        carl.enter("/kic bob")
        carl.shows("There is no command /kic.")
        carl.enter("/kick bob")
        carl.shows("The lobby cannot be changed.")
        bob.enter("/create ops")
        bob.shows("#ops>")
        carl.enter("/join ops")
        carl.shows("#ops>")
        bob.enter("/mute carl 10m")
        bob.shows("Muted carl in #ops.")
        carl.enter("hello")
        carl.shows("You are muted in #ops until")
        bob.enter("/mutes")
        bob.shows("carl  #ops   bob")
        bob.enter("/mutes all")
        bob.shows("This needs the admin role; moderators may do this in their rooms.")
        carl.enter("/mutes")
        carl.shows("This needs the role moderator in this conversation.")
        bob.enter("/kick carl")
        bob.shows("Removed carl from #ops.")
        carl.shows("bob removed you")
        bob.enter("/ban carl")
        bob.shows("This method needs the admin role.")
