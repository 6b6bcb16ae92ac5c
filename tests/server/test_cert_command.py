"""The command `cert`: certificates to try TLS with."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from pathlib import Path

import pytest
from commands import done, run
from server.accounts import PASSWORD
from support import COMMAND, NO_PAGE, UNIT, Process

pytestmark = pytest.mark.usefixtures("state")


def commands(printed: str) -> list[list[str]]:
    """Return the commands below `Next:`, each without the name of the program."""
    lines = printed.partition("Next:\n")[2].splitlines()
    return [shlex.split(line)[1:] for line in lines]


def test_the_printed_commands_work(tmp_path: Path) -> None:
    """The commands that `cert --client` prints make the account, serve, and sign in."""
    folder, data = tmp_path / "it's here", str(tmp_path / "data")
    printed = done("cert", "--dir", str(folder), "--client", "alice")
    add, serve, connect = commands(printed)
    done(*add, "--data", data, stdin=f"{PASSWORD}\n")
    process = Process(*serve[1:], "--data", data)
    try:
        client = [*connect[1:], "--server", f"localhost:{process.port}"]
        done("send", *client, "hello")
        assert "alice │ hello" in done("history", *client)
        assert "hello" in done("history", "--name", "ALICE", *client)
        assert done("logout", *client) == ""
        done("account", "export", *client, str(tmp_path / "mine"))
        assert "hello" in (tmp_path / "mine").read_text()
        done("login", *client, stdin=f"{PASSWORD}\n")
        done("tail", "--until-now", *client)
        assert "alice" in next((tmp_path / "state").rglob("tokens.json")).read_text()
        assert "admin" in run("admin", "audit", *client).stderr
        done("user", "admin", "--data", data, "alice")
        assert "alice" in done("admin", "audit", *client)
        ended = run("history", *client, "--name", "bob")
        assert ended.returncode == 2
        assert "--tls-cert is the certificate of alice, and --name is bob" in ended.stderr
    finally:
        process.end()


def test_the_files_and_their_modes(tmp_path: Path) -> None:
    """Only the owner can read the keys and the folder; certificates can be shown to others."""
    folder = tmp_path / "new"
    done("cert", "--dir", str(folder), "--host", "chat.example", "--host", "192.0.2.1")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert modes == {
        "ca.pem": 0o644,
        "ca-key.pem": 0o600,
        "server.pem": 0o644,
        "server-key.pem": 0o600,
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_file_is_replaced(tmp_path: Path) -> None:
    """A second run refuses; another client gets a certificate of the same authority."""
    folder = str(tmp_path)
    done("cert", "--dir", folder, "--client", "alice")
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    for again in ([], ["--client", "alice"]):
        ended = run("cert", "--dir", folder, *again)
        assert ended.returncode == 2
        assert "exists; remove it, or use another --dir" in ended.stderr
    assert "client-bob.pem" in done("cert", "--dir", folder, "--client", "bob")
    (tmp_path / "server.pem").unlink()
    (tmp_path / "server-key.pem").unlink()
    done("cert", "--dir", folder)
    assert {f: f.read_bytes() for f in before if f.name[:6] != "server"} == {
        f: content for f, content in before.items() if f.name[:6] != "server"
    }


def test_what_cannot_be_made(tmp_path: Path) -> None:
    """A wrong name, host or authority is one sentence, and leaves no file."""
    (tmp_path / "ca.pem").write_text("not PEM")
    (tmp_path / "ca-key.pem").write_text("not PEM")
    for arguments, words in (
        (["--client", "a/b"], "Invalid value for '--client'"),
        (["--host", "chat.example:7"], "is not a host"),
        ([], "are no authority that this command made"),
        (["--dir", "/proc/none"], "/proc/none"),
    ):
        ended = run("cert", "--dir", str(tmp_path), *arguments)
        assert ended.returncode == 2
        assert words in ended.stderr
        assert "Traceback" not in ended.stderr
    assert {file.name for file in tmp_path.iterdir()} == {"ca.pem", "ca-key.pem"}


@pytest.mark.parametrize("way", ["flag", "environment", "file", "no"])
def test_an_open_address_needs_tls_or_insecure(way: str, tmp_path: Path) -> None:
    """Without TLS the server refuses to start on 0.0.0.0, unless it is told to."""
    listen, data = "0.0.0.0:0", tmp_path / "data"
    config = tmp_path / "chat.toml"
    config.write_text("insecure = true\n" if way == "file" else "")
    arguments = ["serve", "--listen", listen, "--data", str(data), "--config", str(config)]
    arguments += [*NO_PAGE, *(["--insecure"] if way == "flag" else [])]
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | ({"CHAT_GRPC_INSECURE": "1"} if way == "environment" else {}),
    )
    assert process.stderr is not None
    if way == "no":
        _, error = process.communicate(timeout=20 * UNIT)
        assert process.returncode == 2
        for cure in ("--tls-cert", "chat-grpc cert", "127.0.0.1", "--insecure"):
            assert cure in error
        assert not data.exists()
        return
    first, second = process.stderr.readline(), process.stderr.readline()
    process.terminate()
    process.communicate(timeout=20 * UNIT)
    assert "listening on 0.0.0.0" in first
    assert "open to the network, unencrypted" in second
