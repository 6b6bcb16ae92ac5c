"""The commands keep to the server's rate, and say so if it takes long."""

from __future__ import annotations

import pytest
from chat_grpc_cli.render import plain
from chat_grpc_cli.toolbar import toolbar
from chat_grpc_cli.view import View
from cli.terminal import run
from support import serving

from chat_grpc.client import ConnectionState

pytestmark = pytest.mark.usefixtures("state")

LIMITED = ("--data", ":memory:", "--messages-per-second", "20", "--message-burst", "10")


def test_many_lines_are_sent_at_the_pace_of_the_server() -> None:
    """All lines are stored, in order; one line says why it takes long."""
    lines = [f"line {number}" for number in range(80)]
    with serving(*LIMITED) as process:
        ended = run(process, "send", "--name", "build", "-", given="\n".join(lines))
        assert ended.returncode == 0
        assert ended.stderr.splitlines() == [
            "chat-grpc: the server accepts 20 messages a second from a user; the lines are sent "
            "at this pace"
        ]
        stored = run(process, "history", "--name", "reader", "--limit", "100").stdout
        assert [line.partition("│ ")[2] for line in stored.splitlines()] == lines


def test_few_lines_are_sent_without_a_word() -> None:
    """What fits into the burst is sent at once."""
    with serving(*LIMITED) as process:
        ended = run(process, "send", "--name", "build", "-", given="one\ntwo\n")
        assert (ended.returncode, ended.stderr) == (0, "")


def test_the_bench_says_what_it_could_not_measure() -> None:
    """`bench` keeps to the limit, and names the option that lifts it."""
    with serving(*LIMITED) as process:
        ended = run(process, "bench", "--streams", "5", "--seconds", "1")
        assert ended.returncode == 0, ended.stderr
        assert "20 messages a second from each of the 4 writers" in ended.stdout
        assert "--messages-per-second 0" in ended.stdout


def test_the_toolbar_says_that_messages_wait_for_the_server() -> None:
    """Unsent messages that wait for the rate are marked."""
    live = ConnectionState.LIVE
    assert "3 not sent yet (server limit)" in plain(
        toolbar("localhost", View(), live, 3, 0.0, paced=True)
    )
    assert "server limit" not in plain(toolbar("localhost", View(), live, 3, 0.0))
