"""Users with one name at a real pseudo-terminal are shown and addressed by number."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from cli.terminal import Terminal, at_terminals, run
from support import Process, serving, wait_for

# A server where a guest's name is free again soon after the last stream.
SHORT_HOLD = [
    sys.executable,
    "-c",
    "import chat_grpc.core.limits as limits; limits.NAME_HOLD = 0.3;"
    "from chat_grpc.__main__ import main; main()",
]


@pytest.fixture
def process() -> Iterator[Process]:
    """Run a server that holds names for a short time."""
    with serving("--data", ":memory:", command=SHORT_HOLD) as started:
        yield started


pytestmark = pytest.mark.usefixtures("state")


def number_of(person: Terminal) -> str:
    """Return the user's number from the status line."""
    line = person.shows(" no. ")[-1]
    return line.partition(" no. ")[2].split()[0]


def newcomer(process: Process, name: str, patch: pytest.MonkeyPatch) -> Terminal:
    """Start a client of another user with a name, once the name is free."""
    with patch.context() as elsewhere:
        elsewhere.setenv("CHAT_GRPC_STATE", os.environ["CHAT_GRPC_STATE"] + "-other")
        wait_for(lambda: run(process, "send", "--name", name, "I am new").returncode == 0, 10)
        person = Terminal(process.port, name)
    person.here()
    return person


def test_a_name_that_another_user_takes(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversation stays with the number; writing to the bare name asks first."""
    with at_terminals(process.port, "alice", "bob") as (alice, bob):
        old = number_of(bob)
        alice.enter("/to bob the plan")
        bob.shows("alice → you │ the plan")
        alice.enter("/go bob")
        alice.shows("@bob>")
        bob.enter("/quit")
        assert bob.status() == 0
        stranger = newcomer(process, "bob", monkeypatch)
        new = number_of(stranger)
        assert new != old
        alice.shows(f"@bob#{old}>")
        alice.enter("a secret")
        alice.shows(f"you → bob#{old} │ a secret")
        alice.enter("/to bob another secret")
        alice.shows("Several users have had this name")
        alice.enter(f"/to bob#{new} hello, stranger")
        stranger.shows("alice → you │ hello, stranger")
        alice.shows(f"you → bob#{new} │ hello, stranger")
        stranger.enter("/to alice who are you?")
        alice.shows(f"bob#{new} → you │ who are you?")
        alice.enter("/conversations")
        alice.until(lambda lines: any(line.startswith(f"  @bob#{old} ") for line in lines))
        alice.until(lambda lines: any(line.startswith(f"  @bob#{new} ") for line in lines))
        alice.enter(f"/go bob#{new}")
        alice.shows(f"@bob#{new}>")
        alice.type("hello @bob#")
        alice.shows(f"  @bob#{old}  ")
        alice.type(f"{new}")
        alice.type("\t")
        alice.until(lambda lines: f"@bob#{new}> hello @bob#{new}" in lines)
        assert not [line for line in stranger.lines() if "secret" in line]
        stranger.close()
        shown = run(process, "conversations", "--name", "alice").stdout
        assert f"@bob#{old}" in shown
        assert f"@bob#{new}" in shown
        history = run(process, "history", "--name", "alice", "--to", f"bob#{old}").stdout
        assert [line.split("│ ")[1] for line in history.splitlines()] == ["the plan", "a secret"]
