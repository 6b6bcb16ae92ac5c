"""The interactive client in a real pseudo-terminal: the bell and the title of the window."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from cli.terminal import Terminal, at_terminals, run, write
from support import Process

pytestmark = pytest.mark.usefixtures("state")

BEFORE = b"\x1b[22;2t"
"""Keeps the title of the window on the terminal's stack."""
AFTER = b"\x1b]2;\x07\x1b[23;2t"
"""Restores the title."""


def config(folder: Path, text: str) -> str:
    """Write a configuration file; return its path."""
    file = folder / "client.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_direct_message_rings(process: Process) -> None:
    """A direct message rings and is counted in the title until a key is pressed."""
    with at_terminals(process.port, "alice", "bob") as (alice, _):
        alice.until(lambda _: alice.title == "#lobby - chat-grpc")
        write(process, "bob", "for all")
        alice.shows("bob │ for all")
        assert (alice.rings, alice.title) == (0, "#lobby - chat-grpc")
        write(process, "bob", "psst", "--to", "alice")
        alice.shows("bob → you │ psst")
        alice.until(lambda _: (alice.rings, alice.title) == (1, "(1) #lobby - chat-grpc"))
        alice.type("x")
        alice.until(lambda _: alice.title == "#lobby - chat-grpc")
        write(process, "alice", "my own words, @alice")
        alice.shows("my own words")
        assert (alice.rings, alice.title) == (1, "#lobby - chat-grpc")


def test_a_mention_rings(process: Process) -> None:
    """A mention in the current conversation rings, and is in the title until a key is pressed."""
    with at_terminals(process.port, "olga") as (olga,):
        write(process, "bob", "hello, @olga")
        olga.until(lambda _: (olga.rings, olga.title) == (1, "(1) #lobby - chat-grpc"))
        olga.type("x")
        olga.until(lambda _: olga.title == "#lobby - chat-grpc")


def test_the_title_counts_unread_messages_and_is_restored(process: Process) -> None:
    """Unread messages of other rooms are in the title; the end restores the old one."""
    with at_terminals(process.port, "carl", "dora") as (carl, dora):
        dora.enter("/create den")
        dora.shows("#den>")
        carl.enter("/join den", "/go lobby")
        carl.shows("── #lobby ──")
        dora.enter("one", "two")
        carl.until(lambda _: carl.title == "(2) #lobby - chat-grpc")
        carl.enter("/go den")
        carl.until(lambda _: carl.title == "#den - chat-grpc")
        carl.enter("/quit")
        assert carl.status() == 0
        assert carl.written.count(BEFORE) == carl.written.count(AFTER) == 1
        assert carl.written.index(BEFORE) < carl.written.index(b"\x1b]2;")


def test_a_suspended_client_gives_the_title_back(process: Process) -> None:
    """Ctrl-Z restores the title of the shell, and `fg` sets that of the client again."""
    with closing(Terminal(process.port, "gus", shell=True)) as gus:
        gus.here()
        gus.until(lambda _: gus.title == "#lobby - chat-grpc")
        gus.type("\x1a")
        gus.until(lambda _: AFTER in gus.written)
        gus.enter("fg")
        gus.until(lambda _: gus.written.count(BEFORE) == 2)
        gus.until(lambda _: gus.title == "#lobby - chat-grpc")


def test_bell_and_title_can_be_turned_off(process: Process, tmp_path: Path) -> None:
    """With `bell = false` and `title = false` the client writes neither."""
    file = config(tmp_path, "bell = false\ntitle = false\n")
    with closing(Terminal(process.port, "eve", CHAT_GRPC_CLIENT_CONFIG=file)) as eve:
        eve.here()
        write(process, "finn", "psst", "--to", "eve")
        eve.shows("finn → you │ psst")
        eve.enter("/quit")
        assert eve.status() == 0
        assert eve.rings == 0
        assert BEFORE not in eve.written
        assert b"\x1b]2;" not in eve.written


def test_a_highlight_word_is_like_a_mention(process: Process, tmp_path: Path) -> None:
    """A message with the word rings, and is shown and counted while another room is current."""
    file = config(tmp_path, 'highlight = ["printer"]\n')
    with closing(Terminal(process.port, "ines", CHAT_GRPC_CLIENT_CONFIG=file)) as ines:
        ines.here()
        ines.enter("/create den")
        ines.shows("#den>")
        write(process, "jack", "printers are dull")
        ines.shows("#lobby +1")
        write(process, "jack", "the Printer burns!")
        ines.shows("#lobby jack │ the Printer burns!")
        ines.shows("#lobby +2 @1")
        assert ines.rings == 1


def test_many_missed_messages_ring_once(process: Process) -> None:
    """A start that shows several missed direct messages rings once."""
    with at_terminals(process.port, "kim") as (kim,):
        kim.enter("/quit")
        assert kim.status() == 0
    for text in ("one", "two", "three"):
        write(process, "lea", text, "--to", "kim")
    with closing(Terminal(process.port, "kim")) as kim:
        kim.shows("── now ──")
        kim.until(lambda _: kim.title == "(3) #lobby - chat-grpc")
        assert kim.rings == 1


def test_a_dumb_terminal_and_a_pipe_get_no_escape_sequence(process: Process) -> None:
    """With TERM=dumb `connect` is refused in words; `tail` rings on no terminal and in no pipe."""
    with closing(Terminal(process.port, "mia", TERM="dumb")) as mia:
        assert mia.status() == 2
        assert b"\x1b" not in mia.written
        assert mia.rings == 0
    write(process, "lea", "psst, @nora")
    printed = run(process, "tail", "--name", "nora", "--since", "0", "--until-now").stdout
    assert "psst" in printed
    assert "\x1b" not in printed
    assert "\a" not in printed
