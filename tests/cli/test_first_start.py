"""The first `connect`: it asks for a server, its TLS, a name and a way in, and remembers them."""

from __future__ import annotations

import getpass
import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import commands
import pytest
from certificates import Certificates
from chat_grpc_cli import first_start
from chat_grpc_cli.access import Access
from cli.terminal import Terminal, run
from click.testing import CliRunner
from support import Process, free_port, serving

from chat_grpc.client import Tls, TlsFailed
from chat_grpc.spelling.addresses import Address, parse_address

pytestmark = pytest.mark.usefixtures("state")

PASSWORD = "correct horse battery"


@contextmanager
def connecting(*options: str, **environment: Any) -> Iterator[Terminal]:
    """Run `connect` at a terminal, without a server and a name."""
    terminal = Terminal(None, "somebody", columns=100, command=("connect", *options), **environment)
    try:
        yield terminal
    finally:
        terminal.close()


def answer(terminal: Terminal, question: str, text: str, *, again: int = 1) -> None:
    """Wait until a question was asked a number of times, and answer it.

    A question for a password drops what was typed before.
    """
    terminal.until(lambda lines: sum(question in line for line in lines) == again)
    terminal.enter(text)


def account(process: Process, name: str, *invited: str) -> None:
    """Create an account."""
    given = "\n".join((PASSWORD, *invited)) + "\n"
    options = ["--invited"] if invited else []
    server = ("--server", f"127.0.0.1:{process.port}", "--name", name)
    ended = run(process, "register", *server[2:], *options, given=given)
    assert ended.returncode == 0, ended.stderr
    assert run(process, "logout", *server[2:]).returncode == 0


def test_a_guest_is_asked_once(process: Process, state: Path) -> None:
    """The first start asks for server and name; later ones, and other commands, remember them."""
    server = f"127.0.0.1:{process.port}"
    with connecting() as first:
        answer(first, "Server [localhost:50051]:", server)
        answer(first, "Your name [", "alice")
        answer(first, "Password, or Enter to join as a guest:", "")
        first.shows("You are alice, number 1")
        first.shows("--setup asks again")
        first.type("\x04")
        assert first.status() == 0
    kept = state / "connection.json"
    assert json.loads(kept.read_text()) == {"server": server, "name": "alice", "tls_ca": ""}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with connecting() as second:
        second.shows("You are alice, number 1")
    ended = commands.run("send", "from a script")
    assert (ended.returncode, ended.stderr) == (0, "")
    told = commands.run("history", "--json").stdout
    assert json.loads(told)["message"]["author"]["name"] == "alice"
    ended = commands.run("send", "--server", f"127.0.0.1:{free_port()}", "elsewhere")
    assert ended.returncode == 5
    named = commands.run("send", "as bob", environment={"CHAT_GRPC_NAME": "bob"})
    assert named.returncode == 0
    assert "bob │ as bob" in commands.run("history").stdout


def test_a_wrong_answer_is_asked_again(process: Process) -> None:
    """An address without a server, an invalid one, and an invalid name are asked for again."""
    nobody = f"127.0.0.1:{free_port()}"
    with connecting() as terminal:
        answer(terminal, "Server [", "no host")
        terminal.until(lambda lines: sum("Server [" in line for line in lines) == 2)
        terminal.enter(nobody)
        terminal.shows(f"No server answers at {nobody}.")
        terminal.enter(f"127.0.0.1:{process.port}")
        terminal.shows("Your name [")
        terminal.enter("12345")
        answer(terminal, "Password", "")
        answer(terminal, "Your name [", "alice", again=2)
        answer(terminal, "Password", "", again=2)
        terminal.shows("You are alice, number 1")


def test_an_account_needs_its_password(tmp_path: Path) -> None:
    """A wrong password is asked again; the right one signs in. It is neither shown nor stored."""
    with serving("--data", ":memory:", "--accounts", "open") as process:
        account(process, "alice")
        # Another machine: it has no token.
        with connecting(CHAT_GRPC_STATE=str(tmp_path / "other")) as terminal:
            answer(terminal, "Server [", f"127.0.0.1:{process.port}")
            answer(terminal, "Your name [", "alice")
            answer(terminal, "Password", "")
            answer(terminal, "Your name [", "", again=2)
            answer(terminal, "Password", "wrong password", again=2)
            answer(terminal, "Your name [", "", again=3)
            answer(terminal, "Password", PASSWORD, again=3)
            terminal.shows("You are alice, number 1")
            assert not [line for line in terminal.lines() if "horse" in line or "wrong p" in line]
        files = [each for each in (tmp_path / "other").rglob("*") if each.is_file()]
        assert files
        assert not [each for each in files if PASSWORD in each.read_text()]
        assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}


def test_a_server_without_guests_creates_an_account(tmp_path: Path) -> None:
    """Where guests may not enter, an empty password creates an account, with an invite code."""
    data = str(tmp_path / "data")
    code = commands.done("user", "invite", "--data", data).strip()
    with (
        serving("--data", data, "--accounts", "invite", "--guests", "off") as process,
        connecting() as terminal,
    ):
        answer(terminal, "Server [", f"127.0.0.1:{process.port}")
        answer(terminal, "Your name [", "alice")
        answer(terminal, "Password, or Enter to create an account:", "")
        answer(terminal, "Invite code or link:", code)
        answer(terminal, "New password:", PASSWORD)
        answer(terminal, "Repeat", PASSWORD)
        terminal.shows("You are alice, number 1. /help")


def test_an_unknown_authority_is_asked_for(certificates: Certificates, state: Path) -> None:
    """A server with TLS is recognized; the file of its authority is asked for, and remembered."""
    with serving("--data", ":memory:", *certificates.flags) as process:
        with connecting() as terminal:
            answer(terminal, "Server [", f"localhost:{process.port}")
            terminal.shows("is from an unknown authority")
            terminal.shows("File of the authority's certificate")
            terminal.enter("/no/such/file.pem")
            terminal.shows("file.pem cannot be read")
            terminal.enter(str(certificates.ca))
            answer(terminal, "Your name [", "alice")
            answer(terminal, "Password", "")
            terminal.shows("You are alice, number 1")
        kept = json.loads((state / "connection.json").read_text())
        assert kept["server"] == f"grpcs://localhost:{process.port}"
        assert kept["tls_ca"] == str(certificates.ca)
        ended = commands.run("send", "by TLS")
        assert (ended.returncode, ended.stderr) == (0, "")


def test_setup_asks_again(process: Process, state: Path) -> None:
    """`--setup` offers the remembered answers; Ctrl-C ends without a change."""
    server = f"127.0.0.1:{process.port}"
    state.mkdir()
    kept = state / "connection.json"
    kept.write_text(json.dumps({"server": server, "name": "alice", "tls_ca": ""}))
    before = kept.read_text()
    with connecting("--setup") as terminal:
        terminal.shows(f"Server [{server}]:")
        terminal.enter("")
        terminal.shows("Your name [alice]:")
        terminal.type("\x03")
        assert terminal.status() == 130
    assert kept.read_text() == before
    with connecting("--setup") as terminal:
        answer(terminal, "Server [", "")
        answer(terminal, "Your name [", "bob")
        answer(terminal, "Password", "")
        terminal.shows("You are bob, number 1")
    assert json.loads(kept.read_text())["name"] == "bob"


def test_nothing_is_asked_of_a_user_who_says_it(process: Process) -> None:
    """With a server, a name or a stored token there is no question, and nothing is remembered."""
    server = f"127.0.0.1:{process.port}"
    with connecting("--server", server) as terminal:
        terminal.shows(f"You are {getpass.getuser()}")
    with connecting(CHAT_GRPC_SERVER=server, CHAT_GRPC_NAME="carol") as terminal:
        terminal.shows("You are carol")
    with connecting() as terminal:
        # Another server may run at the default address.
        terminal.until(lambda lines: any("You are" in e or "No server" in e for e in lines))
        assert not [line for line in terminal.lines() if "Server [" in line]


@pytest.mark.parametrize(("answer", "server"), [("y", "chat.test:50051"), ("n", "")])
def test_a_distant_server_without_tls(
    answer: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a scheme another machine is asked by TLS first; without TLS the user confirms."""

    def asked(address: Address, tls: Tls | None) -> tuple[Access, Any]:
        if tls is not None:
            raise TlsFailed("the server speaks no TLS")
        return Access(str(address)), None

    monkeypatch.setattr(first_start, "_asked", asked)
    with CliRunner().isolation(input=f"{answer}\n") as (_, messages, __):
        found = first_start._reach(parse_address("chat.test"), False, None)
        assert b"others on the way can read your messages" in messages.getvalue()
    assert (found[0].server if found else "") == server
