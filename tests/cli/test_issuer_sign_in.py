"""Signing in at an OpenID Connect issuer from the terminal client."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from cli.terminal import Terminal, run
from oidc.local_issuer import CLIENT_ID, SECRET, LocalIssuer, flags, user_code_in
from support import COMMAND, UNIT, Process, serving, wait_for

pytestmark = pytest.mark.usefixtures("state")


@pytest.fixture
def process(issuer: LocalIssuer, tmp_path: Path) -> Iterator[Process]:
    """A server with the issuer, which admits no guests."""
    options = ("--data", ":memory:", "--guests", "off", "--log-level", "debug")
    with serving(*options, *flags(issuer.options(tmp_path))) as started:
        yield started


@contextmanager
def login(process: Process, output: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """Run `login --oidc`, whose messages go to a file."""
    command = (*COMMAND, "login", "--oidc", "--server", f"127.0.0.1:{process.port}")
    with subprocess.Popen(
        [*command, "--name", "me"], stdout=subprocess.PIPE, stderr=output, text=True
    ) as started:
        yield started


def shown(file: Path) -> str:
    """Wait until a file has a user code; return its text."""
    wait_for(lambda: user_code_in(file.read_text()), 10)
    return file.read_text()


def test_login_shows_a_code_and_waits(
    process: Process, issuer: LocalIssuer, tmp_path: Path, state: Path
) -> None:
    """Once the user has entered the code in a browser, the other commands act as the account."""
    messages = tmp_path / "messages"
    with messages.open("w") as output, login(process, output) as started:
        text = shown(messages)
        assert f"Open {issuer.url}/device in a browser" in text
        issuer.enter(user_code_in(text), "alice")
        told, _ = started.communicate(timeout=20 * UNIT)
    assert (started.returncode, told) == (0, "You are alice, number 1.\n")
    assert len(json.loads((state / "tokens.json").read_text())) == 1
    assert run(process, "send", "--name", "me", "hello").returncode == 0
    history = run(process, "history", "--name", "me", "--json").stdout
    assert json.loads(history)["message"]["author"]["name"] == "alice"
    assert run(process, "logout", "--name", "me").returncode == 0
    # Basic authentication, and the start of each token of the issuer.
    for secret in (SECRET, base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode(), "eyJ"):
        assert secret not in process.log()


def test_login_is_refused(process: Process, issuer: LocalIssuer, tmp_path: Path) -> None:
    """A refusal at the issuer ends the command with one line and the status 3."""
    messages = tmp_path / "messages"
    with messages.open("w") as output, login(process, output) as started:
        issuer.enter(user_code_in(shown(messages)), "alice", allow=False)
        assert started.wait(20 * UNIT) == 3
    assert "refused at the issuer" in messages.read_text().splitlines()[-1]


def test_login_is_interrupted(process: Process, tmp_path: Path, state: Path) -> None:
    """Ctrl-C ends it without a traceback, and nothing is stored."""
    messages = tmp_path / "messages"
    with messages.open("w") as output, login(process, output) as started:
        shown(messages)
        started.send_signal(signal.SIGINT)
        assert started.wait(10 * UNIT) == 130
    assert "Traceback" not in messages.read_text()
    assert not (state / "tokens.json").exists()


def test_login_at_a_server_without_an_issuer() -> None:
    """The command says that the server has none."""
    with serving("--data", ":memory:") as process:
        ended = run(process, "login", "--oidc")
    assert (ended.returncode, "no OpenID Connect issuer" in ended.stderr) == (3, True)


def test_connect_offers_the_issuer(process: Process, issuer: LocalIssuer) -> None:
    """At the first start an empty password begins the sign-in at the issuer; the chat follows."""
    person = Terminal(process.port, "alice")
    try:
        person.shows(f"Password, or Enter to sign in at 127.0.0.1:{issuer.port}")
        person.type("\r")
        lines = person.until(lambda seen: user_code_in("\n".join(seen)))
        issuer.enter(user_code_in("\n".join(lines)), "alice")
        person.here()
        person.enter("hello from the terminal")
        person.shows("hello from the terminal")
    finally:
        person.close()
    told = run(process, "clients", "--name", "alice")
    assert told.returncode == 0, os.linesep + told.stderr
