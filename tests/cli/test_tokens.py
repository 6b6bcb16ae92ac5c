"""Tokens that keep a guest the same, under concurrent use."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

import filelock
import pytest
from chat_grpc_cli import identity
from chat_grpc_cli.files import StateUnusable
from chat_grpc_cli.identity import Tokens
from cli.terminal import run
from client.distant import distant
from support import COMMAND, serving

AT_ONCE = 8
SPELLINGS = ["José", "jose\u0301", "JOSÉ", "ｊｏｓé"]


def test_only_their_owner_reads_them(tmp_path: Path) -> None:
    """Tokens are saved by server and name in a file of mode 0600; a damaged file has none."""
    path = tmp_path / "state" / "tokens.json"
    tokens = Tokens(path)
    assert tokens.get("a", "alice") == ""
    tokens.put("a", "Alice", "secret")
    tokens.put("b", "alice", "other")
    assert (tokens.get("a", "alice"), tokens.get("b", "ALICE")) == ("secret", "other")
    assert {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()} == {0o600}
    tokens.put("a", "alice", "")
    assert "secret" not in path.read_text()
    for damage in ("{", "[]", json.dumps({"a alice": 1})):
        path.write_text(damage)
        assert tokens.get("a", "alice") == ""


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings_of_one_name(tmp_path: Path, name: str) -> None:
    """A name has one token in every spelling that the server treats as equal."""
    tokens = Tokens(tmp_path / "tokens.json")
    tokens.put("localhost", "josé", "secret")
    assert tokens.get("localhost", name) == "secret"


def test_names_that_the_server_keeps_apart(tmp_path: Path) -> None:
    """Names that the server distinguishes have separate tokens."""
    tokens = Tokens(tmp_path / "tokens.json")
    tokens.put("localhost", "straße", "one")
    tokens.put("localhost", "strasse", "two")
    assert [tokens.get("localhost", name) for name in ("Straße", "Strasse")] == ["one", "two"]


@pytest.mark.parametrize("server", ["localhost", "LOCALHOST:50051", "http://localhost/"])
def test_spellings_of_one_server(tmp_path: Path, server: str) -> None:
    """A server has one token in every spelling of its address, also in older files."""
    path = tmp_path / "tokens.json"
    tokens = Tokens(path)
    tokens.put("localhost:50051", "alice", "secret")
    assert tokens.get(server, "alice") == "secret"
    path.write_text(json.dumps({f"{server} alice": "old"}))
    assert tokens.get("localhost:50051", "Alice") == "old"
    tokens.put("localhost:50051", "bob", "new")
    assert json.loads(path.read_text()) == {
        "localhost:50051 alice": "old",
        "localhost:50051 bob": "new",
    }


async def test_one_of_several_signs_in(tmp_path: Path) -> None:
    """Of several concurrent users of a name one signs in; the others wait and use its token."""
    made = 0

    async def sign_in() -> str:
        nonlocal made
        made += 1
        number = made
        for _ in range(50):
            await asyncio.sleep(0)
        return f"token-{number}"

    path = tmp_path / "tokens.json"
    first = [Tokens(path).sign_in("a", "alice", sign_in) for _ in range(AT_ONCE)]
    assert set(await asyncio.gather(*first)) == {"token-1"}
    # After the server lost its store, again one of them creates the new guest.
    again = [Tokens(path).sign_in("a", "alice", sign_in, "token-1") for _ in range(AT_ONCE)]
    assert set(await asyncio.gather(*again)) == {"token-2"}
    assert Tokens(path).get("a", "alice") == "token-2"


async def test_a_sign_in_that_fails(tmp_path: Path) -> None:
    """If a sign-in fails, the next user of the name tries."""

    async def fail() -> str:
        raise RuntimeError("no")

    async def sign_in() -> str:
        return "token"

    path = tmp_path / "tokens.json"
    with pytest.raises(RuntimeError):
        await Tokens(path).sign_in("a", "alice", fail)
    assert await Tokens(path).sign_in("a", "alice", sign_in) == "token"


def test_a_lock_that_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock of a stopped process does not block others forever."""
    monkeypatch.setattr(identity, "_WRITE_WITHIN", 0.1)
    path = tmp_path / "tokens.json"
    with (
        filelock.FileLock(f"{path}.lock"),
        pytest.raises(StateUnusable, match="locked by another process"),
    ):
        Tokens(path).put("a", "alice", "token")


@pytest.mark.parametrize("what", ["the folder is a file", "the file is a folder"])
async def test_checked_before_signing_in(tmp_path: Path, what: str) -> None:
    """If the token cannot be saved, the client does not sign in."""
    path = tmp_path / "state" / "tokens.json"
    if what == "the folder is a file":
        path.parent.write_text("")
    else:
        path.mkdir(parents=True)

    async def sign_in() -> str:
        pytest.fail("the name would be taken for two minutes")

    with pytest.raises(StateUnusable):
        await Tokens(path).sign_in("a", "alice", sign_in)


@pytest.mark.usefixtures("state")
async def test_sends_at_once(state: Path) -> None:
    """Eight concurrent first uses of a name at a distant server are all sent by one guest."""
    with serving("--data", ":memory:") as process:
        async with distant(process.port, 0.05) as port:
            arguments = ("send", "--server", f"127.0.0.1:{port}", "--name", "zed")
            started = [
                await asyncio.create_subprocess_exec(
                    *COMMAND, *arguments, f"line {n}", stderr=asyncio.subprocess.PIPE
                )
                for n in range(AT_ONCE)
            ]
            ended = await asyncio.gather(*(each.communicate() for each in started))
            assert [each.returncode for each in started] == [0] * AT_ONCE, ended
        found = await asyncio.to_thread(run, process, "history", "--name", "reader", "--json")
        messages = [json.loads(line)["message"] for line in found.stdout.splitlines()]
        assert sorted(each["text"] for each in messages) == [f"line {n}" for n in range(AT_ONCE)]
        assert len({each["author"]["number"] for each in messages}) == 1
        assert len(json.loads((state / "tokens.json").read_text())) == 2


@pytest.mark.usefixtures("state")
async def test_first_uses_of_several_names_at_once(state: Path) -> None:
    """Concurrent first uses of several names keep every token."""
    names = [f"guest-{n}" for n in range(AT_ONCE)]
    with serving("--data", ":memory:") as process:
        started = [
            await asyncio.create_subprocess_exec(
                *(*COMMAND, "send", "--server", f"127.0.0.1:{process.port}", "--name", name, "x")
            )
            for name in names
        ]
        assert [await each.wait() for each in started] == [0] * AT_ONCE
    assert len(json.loads((state / "tokens.json").read_text())) == AT_ONCE


def test_a_state_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only state folder ends the command with status 2; the name stays free."""
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    with serving("--data", ":memory:") as process:
        for arguments in (("send", "x"), ("rooms",), ("tail", "--until-now")):
            monkeypatch.setenv("CHAT_GRPC_STATE", str(blocked))
            ended = run(process, *arguments, "--name", "yves")
            assert ended.returncode == 2
            assert ended.stderr.count("\n") == 1
            assert "tokens.json cannot be " in ended.stderr
        monkeypatch.setenv("CHAT_GRPC_STATE", str(tmp_path / "state"))
        assert run(process, "send", "--name", "yves", "x").returncode == 0
        assert run(process, "send", "--name", "YVES", "y").returncode == 0
