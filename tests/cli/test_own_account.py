"""The user's own account and block list: at a terminal, and in scripts."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import commands
import pexpect
import pytest
from cli.terminal import at_terminals
from support import COMMAND, UNIT, Process, serving, store_of

from chat_grpc.journal.check import check

PASSWORD = "correct horse battery"
pytestmark = pytest.mark.usefixtures("state")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """Run a server on which everybody may register."""
    folder = tmp_path / "data"
    with serving("--data", str(folder), "--accounts", "open") as started:
        yield started
    assert check(store_of(folder)) == []


def run(process: Process, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command at a server, with its standard input."""
    return commands.run(*arguments, stdin=given, environment=_at(process))


def done(process: Process, *arguments: str, given: str = "") -> str:
    """Run a command at a server that must succeed; return its output."""
    return commands.done(*arguments, stdin=given, environment=_at(process))


def _at(process: Process) -> dict[str, str]:
    return {"CHAT_GRPC_SERVER": f"127.0.0.1:{process.port}"}


def test_a_guest_registers_at_the_terminal(process: Process) -> None:
    """`/register` asks twice for a password, which is never shown; the stream goes on."""
    with at_terminals(process.port, "alice") as [alice]:
        alice.shows("You are alice, number 1")
        alice.enter("/register")
        alice.shows("New password:")
        alice.enter(PASSWORD)
        alice.shows("Repeat it:")
        alice.enter("something else")
        alice.shows("The two passwords differ")
        alice.enter("/register", PASSWORD, PASSWORD)
        alice.shows("The name alice is yours now; your number is still 1.")
        alice.enter("hello from an account")
        alice.shows("hello from an account")
        alice.enter("/password", PASSWORD, f"{PASSWORD} 2", f"{PASSWORD} 2")
        alice.shows("The password is changed.")
        alice.type("\x1b[A\x1b[A\x1b[A")  # the history has the lines, but no password
        alice.shows("> /register")
        screen = "\n".join(alice.lines())
        assert PASSWORD not in screen
        assert "reconnecting" not in screen
    assert "number 1" in done(process, "login", "--name", "alice", given=f"{PASSWORD} 2\n")


def test_a_question_for_a_password_can_be_cancelled(process: Process) -> None:
    """Ctrl-C ends the question; the line is for messages again."""
    with at_terminals(process.port, "alice") as [alice]:
        alice.enter("/password")
        alice.shows("Old password:")
        alice.type("half\x03")
        alice.shows("Nothing was entered")
        alice.enter("hello")
        alice.shows("alice │ hello")


def test_a_password_is_a_secret_while_an_earlier_command_runs(process: Process) -> None:
    """Commands that end between `/password` and its answer do not turn the answer to a message."""
    with at_terminals(process.port, "alice") as [alice]:
        alice.shows("You are alice")
        alice.type("/blocked\r/members lobby\r/rooms\r/password\r")
        alice.shows("Old password:")
        alice.enter(PASSWORD)
        alice.shows("New password:")
        alice.type("\x03")
        alice.enter("hello")
        alice.shows("alice │ hello")
        assert PASSWORD not in "\n".join(alice.lines())


def test_messages_of_blocked_users_are_hidden(process: Process) -> None:
    """`/block` hides the user's messages in rooms, also in the history; `/unblock` ends it."""
    with at_terminals(process.port, "alice") as [alice]:
        alice.shows("You are alice")
        done(process, "send", "--name", "bob", "before the block")
        alice.shows("bob │ before the block")
        alice.enter("/block bob")
        alice.shows("You blocked bob. /unblock bob ends it.")
        done(process, "send", "--name", "bob", "@alice you there")
        alice.shows("bob │ (message of a blocked user)")
        refused = run(process, "send", "--name", "bob", "--to", "alice", "psst")
        assert (refused.returncode, "does not accept" in refused.stderr) == (3, True)
        alice.enter("/blocked")
        alice.shows("You blocked bob.")
        assert "you there" not in "\n".join(alice.lines())
        alice.enter("/unblock bob", "/history")
        alice.shows("@alice you there")


def test_the_block_list_of_scripts(process: Process) -> None:
    """`account block|unblock|blocked` take a name or a number."""
    done(process, "send", "--name", "bob", "hello")
    assert done(process, "account", "block", "--name", "alice", "bob") == "Blocked bob, number 1.\n"
    listed = done(process, "account", "blocked", "--name", "alice")
    assert listed.split() == ["no.", "name", "1", "bob"]
    found = json.loads(done(process, "account", "blocked", "--name", "alice", "--json"))
    assert found == {"number": 1, "name": "bob"}
    done(process, "account", "unblock", "--name", "alice", "1")
    assert done(process, "account", "blocked", "--name", "alice").split() == ["no.", "name"]


def test_an_export_is_a_complete_file_of_its_own(process: Process, tmp_path: Path) -> None:
    """`account export` writes a file that only its owner can read, or to standard output."""
    file = tmp_path / "alice.jsonl"
    unknown = run(process, "account", "export", "--name", "alice", str(file))
    assert (unknown.returncode, file.exists()) == (3, False)
    done(process, "send", "--name", "alice", "grüße")
    assert done(process, "account", "export", "--name", "alice", str(file)) == ""
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [each["text"] for each in records if each["record"] == "message"] == ["grüße"]
    assert records[-1]["record"] == "end"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    printed = done(process, "account", "export", "--name", "alice", "-")
    assert len(printed.splitlines()) == len(records)


def test_a_guest_is_deleted_by_a_script(process: Process) -> None:
    """Without a terminal `--yes` is needed; afterwards the name is that of a new guest."""
    done(process, "send", "--name", "alice", "hello")
    refused = run(process, "account", "delete", "--name", "alice")
    assert (refused.returncode, "--yes" in refused.stderr) == (2, True)
    assert done(process, "account", "delete", "--name", "alice", "--yes") == "Deleted alice.\n"
    again = run(process, "account", "delete", "--name", "alice", "--yes")
    assert again.returncode == 3
    done(process, "send", "--name", "alice", "hello again")
    assert "deleted user 1 │ hello\n" in done(process, "history", "--name", "alice")


def test_an_account_is_deleted_at_the_terminal(process: Process) -> None:
    """The name must be typed, then the password; another name deletes nothing."""
    done(process, "register", "--name", "alice", given=f"{PASSWORD}\n")
    for name, password, told in (
        ("bob", "", "Nothing was deleted"),
        ("alice", "wrong password", "The password is wrong"),
        ("Alice", PASSWORD, "Deleted alice."),
    ):
        child = pexpect.spawn(
            COMMAND[0],
            [*COMMAND[1:], "account", "delete", "--messages", "--name", "alice"],
            env=os.environ | {"CHAT_GRPC_SERVER": f"127.0.0.1:{process.port}"},
            encoding="utf-8",
            timeout=20 * UNIT,
        )
        child.expect("To confirm, type alice")
        child.sendline(name)
        if password:
            child.expect("Password")
            child.sendline(password)
        child.expect(told)
        child.expect(pexpect.EOF)
        child.close()
    wrong = run(process, "login", "--name", "alice", given=f"{PASSWORD}\n")
    assert wrong.returncode == 3


def test_an_invite_is_a_code_or_a_link(tmp_path: Path) -> None:
    """`register --invited` takes the code, or the link that `user invite --link` prints."""
    data = str(tmp_path / "invites")
    with serving("--data", data) as process:
        links = ("--link", "https://chat.example.org:8080/")
        code = done(process, "user", "invite", "--data", data).strip()
        link = done(process, "user", "invite", "--data", data, *links).strip()
        assert link.startswith("https://chat.example.org:8080/#invite=")
        old_code = done(process, "user", "invite", "--data", data).strip()
        old_link = f"https://chat.example.org:8080/invite/{old_code}"
        for name, invite in (("alice", code), ("bob", link), ("carol", old_link)):
            given = f"{PASSWORD}\n{invite}\n"
            done(process, "register", "--invited", "--name", name, given=given)
        wrong = run(process, "user", "invite", "--data", data, "--link", "chat.example.org")
        assert wrong.returncode == 2


def test_a_pasted_password_is_not_sent(process: Process) -> None:
    """A line that follows `/register` at once is the password, and never a message."""
    with at_terminals(process.port, "alice") as [alice]:
        alice.type(f"/register\r{PASSWORD}\r{PASSWORD}\r")
        alice.shows("The name alice is yours now")
    assert PASSWORD not in done(process, "history", "--name", "bob")
