"""The interactive client in a real pseudo-terminal: typing while messages arrive."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from cli.terminal import Terminal, at_terminals, run, write, write_lines
from support import Process, free_port, serving

pytestmark = pytest.mark.usefixtures("state")


def test_a_message_arrives_above_the_line_being_typed(process: Process) -> None:
    """A message that arrives while a line is typed leaves the line intact."""
    with at_terminals(process.port, "alice", "bob") as (alice, bob):
        bob.type("half typed")
        bob.shows("> half typed")
        alice.enter("hello there")
        lines = bob.shows("alice │ hello there")
        message = next(n for n, line in enumerate(lines) if "hello there" in line)
        assert lines[message + 1] == "#lobby> half typed"
        bob.type(" line\r")
        alice.shows("bob │ half typed line")
        alice.shows("2 here")


def test_a_line_survives_many_messages(process: Process) -> None:
    """While a line is typed, 5,000 messages arrive: all are shown, and the line stays intact."""
    with at_terminals(process.port, "carl") as (carl,):
        carl.type("half ")
        write_lines(process, "dora", "line", 5000)
        carl.type("typed")
        carl.shows("dora │ line 4999", 30)
        lines = carl.until(lambda lines: lines[-2] == "#lobby> half typed")
        shown = [line.split("│ ")[1] for line in lines[:-2] if "dora │" in line]
        assert shown == [f"line {n}" for n in range(5000 - len(shown), 5000)]
        assert len(shown) >= 20


def test_commands_at_the_terminal(process: Process) -> None:
    """/list, /to by number and by name, a wrong command, /help and Ctrl-D work."""
    with at_terminals(process.port, "erin", "fred") as (erin, fred):
        erin.enter("/list")
        erin.shows("erin (you)")
        erin.enter("/to fred psst")
        fred.shows("erin → you │ psst")
        lines = erin.shows("you → fred │ psst")
        number = next(line.split()[0] for line in lines if line.split()[1:2] == ["fred"])
        erin.enter(f"/to {number} by number")
        fred.shows("erin → you │ by number")
        erin.enter("/lsit")
        erin.shows("Did you mean /list?")
        erin.enter("/help")
        erin.shows("//x sends /x")
        erin.type("and good night\r\x04")
        assert erin.status() == 0
        fred.shows("erin │ and good night")


def test_keys(process: Process) -> None:
    """Ctrl-C clears the line, Tab completes, the arrow recalls a line, /quit leaves."""
    with at_terminals(process.port, "gina") as (gina,):
        gina.type("never sent\x03/lis")
        gina.shows("List the connected users")
        gina.type("\t")
        gina.until(lambda lines: "#lobby> /list" in lines)
        gina.type("\r")
        gina.shows("gina (you)")
        gina.enter("twice")
        gina.shows("gina │ twice")
        gina.type("\x1b[A")
        gina.until(lambda lines: lines[-2] == "#lobby> twice")
        gina.type("\x03/to gi")
        gina.shows("no. ")
        gina.type("\t")
        gina.until(lambda lines: "#lobby> /to gina" in lines)
        gina.type("\x03/exit\r")
        assert gina.status() == 0


def test_long_and_wide_lines_keep_the_gutter(process: Process) -> None:
    """Lines keep the gutter at any window width; pasted lines are one message."""
    with at_terminals(process.port, "hans", "ines") as (hans, ines):
        hans.paste("first\nsecond " + "long " * 30 + "\n" + "日本語" * 20)
        hans.until(lambda lines: sum("日本語" in line for line in lines) == 2)
        hans.type("\r")
        ines.until(lambda lines: sum("日" in line or "本" in line for line in lines) == 2)
        lines = ines.here()
        texts = lines[next(n for n, line in enumerate(lines) if "hans │" in line) : -2]
        assert len(texts) == 6
        assert all(line.index("│") == 21 and len(line) < 90 for line in texts)
        ines.resize(60)
        hans.enter("after " + "narrow " * 12)
        ines.shows("hans │ after")
        ines.until(lambda lines: lines[-3].startswith(" " * 21 + "│ narrow"))


def test_hostile_text_is_inert(process: Process) -> None:
    """Escape sequences are shown as text, and further lines of a message have the gutter."""
    evil = "\x1b[2J\x1b]0;owned\x07 \x9b31m \u202eabc"
    shown = "\\x1b[2J\\x1b]0;owned\\x07 \\x9b31m \\u202eabc"
    with at_terminals(process.port, "jane", "karl") as (jane, karl):
        karl.paste(f"/create den {evil}")
        karl.shows("> /create den")
        karl.type("\r")
        karl.shows("you created #den")
        jane.enter("/rooms")
        jane.shows(shown)
        write(process, "eve", f"back\r{evil}\r\n23:59  bob │ spoofed", "--to", "#lobby")
        lines = jane.shows("spoofed")
        assert any(f"eve │ back\\x0d{shown}" in line for line in lines)
        assert any(line.strip().startswith("│ 23:59  bob │ spoofed") for line in lines)
        jane.enter("/react tada", "/search spoofed", "/conversations")
        jane.shows("you reacted 🎉")
        jane.until(lambda lines: sum("\\x1b[2J" in line for line in lines) >= 4)


def test_a_lost_connection_comes_back(tmp_path: Path) -> None:
    """A lost connection is shown; a line typed meanwhile is sent once after the reconnect."""
    port, data = free_port(), str(tmp_path / "data")
    with serving("--data", data, port=port) as first:
        people = alice, _ = Terminal(port, "alice"), Terminal(port, "bob")
        for person in people:
            person.shows("2 here")
        first.signal(signal.SIGKILL)
        first.wait()
        alice.shows("connection is lost")
        alice.enter("typed meanwhile")
        alice.shows("1 not sent yet")
        alice.type("half")
    with serving("--data", data, port=port):
        for person in people:
            person.shows("Connected again", 20)
            person.shows("alice │ typed meanwhile")
        alice.until(lambda lines: "half" in lines[-2] and "not sent" not in lines[-1])
        write(port, "carol", "the end")
        for person in people:
            person.in_order("typed meanwhile", "carol │ the end")
            person.close()


def test_a_pending_message_stays_visible(tmp_path: Path) -> None:
    """A message that is typed while the server is away is shown as pending, and then as sent."""
    port, data = free_port(), str(tmp_path / "data")
    with serving("--data", data, port=port) as first, at_terminals(port, "kim") as (kim,):
        first.signal(signal.SIGKILL)
        first.wait()
        kim.shows("connection is lost")
        kim.enter("typed meanwhile")
        lines = kim.shows("pending │ typed meanwhile")
        assert lines.index("#lobby>") == len(lines) - 2
        for number in range(1, 9):
            kim.enter(f"line {number}")
        kim.in_order("6 earlier messages are pending", "pending │ line 6", "pending │ line 8")
        with serving("--data", data, port=port):
            kim.in_order("kim │ typed meanwhile", "kim │ line 1", "kim │ line 8", within=20)
            kim.until(lambda lines: not [line for line in lines if "pending" in line])


@pytest.mark.parametrize("leave", ["/quit\r", "\x04"])
def test_unsent_messages_are_listed_at_the_end(process: Process, leave: str) -> None:
    """A user who leaves while the server is away sees the unsent messages, and status 6."""
    with serving("--data", ":memory:") as gone, at_terminals(gone.port, "lena") as (lena,):
        lena.enter("stored")
        lena.shows("lena │ stored")
        gone.signal(signal.SIGKILL)
        lena.shows("connection is lost")
        lena.enter("void", "/edit lost", "more")
        lena.shows("3 not sent yet")
        lena.type(leave)
        lost = "2 messages and 1 change were not sent, or not confirmed: “void”; “more”"
        lena.shows(f"chat-grpc: {lost}")
        assert lena.status() == 6
    assert run(process, "clients").returncode == 0


def test_a_signal_does_not_hide_what_was_not_sent(process: Process) -> None:
    """After SIGTERM the sentence stands above the shell's prompt, and the status is its own."""
    with serving("--data", ":memory:") as gone, at_terminals(gone.port, "olaf") as (olaf,):
        gone.signal(signal.SIGKILL)
        olaf.shows("connection is lost")
        olaf.enter("void")
        olaf.shows("pending │ void")
        olaf.signal(signal.SIGTERM)
        olaf.shows("chat-grpc: 1 message was not sent, or not confirmed: “void”")
        assert olaf.status() == 128 + signal.SIGTERM
    assert run(process, "clients").returncode == 0


def test_a_name_that_is_taken_is_said(process: Process, state: Path) -> None:
    """A name in use ends a client without its token, with status 3."""
    with at_terminals(process.port, "mara"):
        (state / "tokens.json").unlink()
        second = Terminal(process.port, "mara")
        second.shows("Somebody else has the name mara")
        assert second.status() == 3


def test_a_terminal_is_left_as_it_was(process: Process) -> None:
    """After a signal the client restores the terminal, which echoes input again."""
    with at_terminals(process.port, "nick") as (nick,):
        nick.type("half")
        nick.shows("> half")
        assert not nick.echoes()
        nick.signal(signal.SIGTERM)
        nick.until(lambda _: nick.echoes())
        assert nick.status() == 128 + signal.SIGTERM
