"""The server for the tests of other programs, and its fixture."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import UNIT

from chat_grpc.client import NoServer, Refused
from chat_grpc.client.sync import ChatCalls, ChatClient
from chat_grpc.testing import ChatServer, ServerFailed

TESTS = """
import pytest
from chat_grpc.client import ChatClient as AsyncClient
from chat_grpc.client.sync import ChatClient
from chat_grpc.testing import ChatServer

@pytest.mark.parametrize("run", [1, 2])
def test_a_store_of_its_own(chat_server: ChatServer, run: int) -> None:
    with ChatClient.connect(chat_server.address, name="alice") as alice:
        assert alice.me.number == 1
        alice.send("hello")
        assert len(alice.history().all()) == 1

def test_asyncio(chat_server: ChatServer) -> None:
    import asyncio
    async def main() -> None:
        async with AsyncClient.connect(chat_server.address, name="alice") as alice:
            await alice.send("hello")
    asyncio.run(main())

@pytest.fixture(scope="module")
def shared():
    with ChatServer(["--guests", "off"]) as server:
        yield server

def test_shared(shared: ChatServer) -> None:
    assert "listening" in shared.log()
"""


WITHOUT = ("-p", "no:cacheprovider", "-p", "no:asyncio")
"""Plugins of this project's own tests."""


def test_the_fixture(tmp_path: Path) -> None:
    """A test file gets the fixture without an import, and a new server for each test."""
    (tmp_path / "test_mine.py").write_text(TESTS)
    (tmp_path / "temporary").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", *WITHOUT, tmp_path],
        capture_output=True,
        text=True,
        timeout=60 * UNIT,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
    assert not list((tmp_path / "temporary").glob("chat-grpc-*"))


def test_restarts() -> None:
    """The store and the address stay over a stop, a crash and a start."""
    with ChatServer() as server:
        address = server.address
        with ChatClient.connect(address, name="alice") as alice:
            alice.send("one")
            server.restart()
            alice.send("two")
            server.kill()
            with pytest.raises(NoServer), ChatCalls(address) as calls:
                calls.rooms()
            server.start()
            server.start()
            assert server.address == address
            alice.send("three")
            texts = [each.message.text for each in alice.history()]
        assert texts == ["three", "two", "one"]
        assert server.log().count("listening on") == 3


def test_options_and_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options reach the server, the user's environment does not, and a given folder is kept."""
    monkeypatch.setenv("CHAT_GRPC_LISTEN", "not an address")
    with (
        ChatServer(["--guests", "off"], data=tmp_path / "mine") as server,
        ChatCalls(server.address) as calls,
        pytest.raises(Refused),
    ):
        calls.sign_in("alice")
    server.close()
    assert (tmp_path / "mine" / "store" / "chat.db").exists()


def test_a_server_that_cannot_start() -> None:
    """The error has the status and the log of the server, and the folder is removed."""
    server = ChatServer(["--keep-days", "many"])
    with pytest.raises(RuntimeError, match="was not started"):
        _ = server.address
    with pytest.raises(ServerFailed, match="ended with status 2") as caught, server:
        pass
    assert "many" in str(caught.value)
    assert not server.data.exists()
