"""The terminal client and TLS: its options, its sentences, and its secrets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from certificates import YESTERDAY, Certificates
from commands import run
from support import COMMAND, Process, serving

pytestmark = pytest.mark.usefixtures("state")

MARKER = "marker-of-a-password"


@pytest.fixture
def process(certificates: Certificates) -> Iterator[Process]:
    """Run a server with TLS."""
    with serving("--data", ":memory:", *certificates.flags) as started:
        yield started


def test_every_way_to_say_tls(process: Process, certificates: Certificates) -> None:
    """Flags, `https://`, `grpcs://` and the environment connect by TLS, as the same guest."""
    host, ca = f"localhost:{process.port}", str(certificates.ca)
    in_environment = {"CHAT_GRPC_TLS_CA": ca, "CHAT_GRPC_SERVER": f"grpcs://{host}"}
    for arguments, environment in (
        (["--server", host, "--tls", "--tls-ca", ca], {}),
        (["--server", host, "--tls-ca", ca], {}),
        (["--server", f"https://{host}"], {"CHAT_GRPC_TLS_CA": ca}),
        ([], in_environment),
        (["--server", host], {"CHAT_GRPC_TLS": "1", "CHAT_GRPC_TLS_CA": ca}),
    ):
        ended = run("send", "--name", "alice", *arguments, "hello", environment=environment)
        assert (ended.returncode, ended.stderr) == (0, "")
    found = run("history", "--name", "alice", environment=in_environment).stdout
    assert found.count("alice │ hello") == 5


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["localhost:{port}"], 5, "speaks TLS, and this client does not; write https://localhost:"),
        (["https://localhost:{port}"], 5, "is from an unknown authority; name a file with it"),
        (["localhost:{port}", "--tls-ca", "{other}"], 5, "is not from the authority in"),
        (["127.0.0.1:{port}", "--tls-ca", "{ca}"], 5, "is for another host"),
        (["localhost:{port}", "--tls-ca", "none.pem"], 2, "none.pem cannot be read"),
        (["localhost:{port}", "--tls-cert", "none.pem"], 2, "belong together; give both"),
        (["http://localhost:{port}", "--tls"], 2, "says that there is no TLS"),
        (["unix:/run/chat", "--tls-ca", "{ca}"], 2, "it has no TLS"),
    ],
)
def test_a_sentence_for_each_mistake(
    arguments: Sequence[str],
    status: int,
    sentence: str,
    certificates: Certificates,
    tmp_path: Path,
) -> None:
    """The last line of the errors says what is wrong; the status is that of its kind."""
    other = Certificates(tmp_path)
    certificates.issue("localhost")
    with serving("--data", ":memory:", *certificates.flags) as process:
        given = [
            word.format(port=process.port, ca=certificates.ca, other=other.ca) for word in arguments
        ]
        ended = run("send", "--name", "alice", "--wait", "--server", *given, "hello")
    assert ended.returncode == status
    assert sentence in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


def test_a_certificate_that_has_expired(certificates: Certificates) -> None:
    """The sentence says that the certificate of the server has expired."""
    certificates.issue("localhost", not_after=YESTERDAY)
    with serving("--data", ":memory:", *certificates.flags) as process:
        ended = run(
            *("clients", "--server", f"localhost:{process.port}", "--tls-ca", str(certificates.ca))
        )
    assert ended.returncode == 5
    assert "has expired; the server needs a new one" in ended.stderr


def test_a_tls_client_at_a_plain_server() -> None:
    """The sentence says that the server has no TLS."""
    with serving("--data", ":memory:") as process:
        ended = run("clients", "--server", f"https://localhost:{process.port}")
    assert ended.returncode == 5
    assert "does not speak TLS, and this client does; write http://" in ended.stderr


def test_no_secret_is_shown(certificates: Certificates, tmp_path: Path) -> None:
    """Passwords and tokens are in no log, no output, no arguments and no file but the tokens'."""
    data = tmp_path / "data"
    flags = ("--data", str(data), "--log-level", "debug", "--accounts", "open")
    shown = []
    with serving(*flags, *certificates.flags) as process:
        access = ("--server", f"https://localhost:{process.port}", "--tls-ca", str(certificates.ca))
        alice = (*access, "--name", "alice")
        secret = f"{MARKER}-1\n"
        for words, stdin in (
            (("register", *alice), secret),
            (("login", *alice), f"{MARKER}-wrong\n"),
            (("login", *alice), secret),
            (("account", "password", *alice), f"{MARKER}-1\n{MARKER}-2\n"),
            (("user", "password", "alice", "--data", str(data)), f"{MARKER}-3\n"),
            (("send", *alice, "hello"), ""),
            (("clients", "--server", f"https://alice:{MARKER}@localhost:{process.port}"), ""),
        ):
            ended = run(*words, stdin=stdin)
            shown += [ended.stdout, ended.stderr]
        shown += [process.log(), *psutil.Process(process.pid).cmdline()]
        shown += psutil.Process(process.pid).environ().values()
    token = next((tmp_path / "state").rglob("tokens.json")).read_text().split('": "')[1][:43]
    everything = "\n".join(shown)
    assert "the name or the password is wrong" in everything.lower()
    for hidden in (MARKER, token, "$argon2id$", "PRIVATE KEY"):
        assert hidden not in everything
    stored = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    assert MARKER.encode() not in stored
    assert token.encode() not in stored


def test_the_command_of_a_bot(process: Process, certificates: Certificates, tmp_path: Path) -> None:
    """The command of `tail --exec` reaches the server of the `tail` by TLS, without an option."""
    tls = ("--server", f"localhost:{process.port}", "--tls-ca", str(certificates.ca))
    for name in ("alice", "bot"):
        assert run("send", "--name", name, *tls, "here I am").returncode == 0
    script = tmp_path / "bot"
    script.write_text(f"#!/bin/sh\nexec {' '.join(COMMAND)} send pong\n")
    script.chmod(0o755)
    tail = ("tail", "--name", "bot", *tls, "--since", "0", "--until-now")
    ended = run(*tail, "--exec", str(script))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert "bot │ pong" in run("history", "--name", "alice", *tls).stdout
