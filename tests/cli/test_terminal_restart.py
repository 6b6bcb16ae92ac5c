"""The interactive client in a real pseudo-terminal: it ends, and continues at its position."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from chat_grpc_cli import palette
from cli.terminal import Terminal, at_terminals, write, write_lines
from support import Process, free_port, serving

pytestmark = pytest.mark.usefixtures("state")


def leave(terminal: Terminal) -> None:
    """Leave with Ctrl-D."""
    terminal.type("\x04")
    assert terminal.status() == 0


def die(terminal: Terminal) -> None:
    """Kill the client."""
    terminal.kill()


@pytest.mark.parametrize("end", [leave, die])
def test_a_restart_continues_where_it_was(
    process: Process, end: Callable[[Terminal], None]
) -> None:
    """A restart shows the same conversation, and each missed message once."""
    name, room = f"alice-{end.__name__}", f"ops-{end.__name__}"
    with at_terminals(process.port, name, f"bob-{end.__name__}") as (alice, bob):
        alice.enter(f"/create {room}", "before")
        alice.shows(f"{name} │ before")
        bob.enter(f"/join {room}")
        bob.shows(f"#{room}>")
        bob.enter("seen")
        alice.shows("│ seen")
        alice.enter("mine, at the end")
        bob.shows("│ mine, at the end")
        end(alice)
        bob.enter("missed one", "missed two", f"/to {name} missed three")
        bob.shows("│ missed three")
        again = Terminal(process.port, name)
        again.in_order(
            f"You are {name}",
            f"── #{room} ──",
            "│ before",
            "│ seen",
            "│ mine, at the end",
            "── while you were away ──",
            "│ missed one",
            "│ missed two",
            "→ you │ missed three",
            "── now ──",
            f"#{room}>",
        )
        again.enter("/edit mine, after all")
        again.shows("you edited “mine, at the end”: mine, after all")
        leave(again)
        third = Terminal(process.port, name)
        third.here()
        lines = third.shows(f"#{room}>")
        assert not [line for line in lines if "while you were away" in line]
        third.in_order("│ mine, after all  (edited)", "│ missed one", "│ missed two")
        third.close()


def test_the_last_lines_are_dimmed(process: Process, tmp_path: Path) -> None:
    """A start shows the last lines of the conversation in one color; `start_lines` counts them."""
    with at_terminals(process.port, "lou") as (lou,):
        lou.enter("one", "two", "three")
        lou.shows("lou │ three")
        leave(lou)
    with at_terminals(process.port, "lou") as (lou,):
        lines = lou.in_order("lou │ one", "lou │ two", "lou │ three")
        row = next(number for number, line in enumerate(lines) if "│ two" in line)
        assert lou.colors_of(row) == {palette.rules("unknown")["dim"].removeprefix("#")}
        lou.enter("/reply -2 yes")
        lou.shows("lou │ (to “two”) yes")
        leave(lou)
    file = tmp_path / "client.toml"
    file.write_text("start_lines = 2", encoding="utf-8")
    lou = Terminal(process.port, "lou", CHAT_GRPC_CLIENT_CONFIG=str(file))
    lines = lou.in_order("lou │ three", "(to “two”) yes", "#lobby>")
    assert not [line for line in lines if "│ two" in line]
    lou.close()


def test_the_last_of_many_missed_messages_are_shown(process: Process) -> None:
    """Of 5,000 missed messages the last 200 are shown, with the total."""
    carol = Terminal(process.port, "carol", lines=300)
    carol.here()
    leave(carol)
    write_lines(process, "dan", "missed", 5000)
    write(process, "dan", "just for you", "--to", "carol")
    carol = Terminal(process.port, "carol", lines=300)
    lines = carol.shows("── now ──", 30)
    assert any("while you were away: the last 200 of 5001 lines" in line for line in lines)
    shown = [line.split("│ ")[1] for line in lines if "dan │ missed" in line]
    assert shown == [f"missed {n}" for n in range(4801, 5000)]
    carol.until(lambda lines: "+" not in lines[-3])
    carol.close()


def test_missed_messages_of_other_conversations_are_counted(process: Process) -> None:
    """Missed messages of the current room are shown, those of others are counted."""
    with at_terminals(process.port, "erik", "fina") as (erik, fina):
        erik.enter("/create nest")
        erik.shows("#nest>")
        fina.enter("/join nest")
        fina.shows("#nest>")
        erik.enter("/go lobby")
        erik.shows("#lobby>")
        leave(erik)
        fina.enter("one", "two", "/go lobby", "in the lobby")
        fina.shows("fina │ in the lobby")
        erik = Terminal(process.port, "erik")
        erik.in_order("while you were away", "fina │ in the lobby", "── now ──")
        erik.until(lambda lines: lines[-3].endswith("#nest +2"))
        assert not [line for line in erik.lines() if "│ one" in line]
        erik.close()


def test_another_log_is_a_new_beginning() -> None:
    """After the server lost its store, the client says so and continues in the lobby."""
    port = free_port()
    with serving("--data", ":memory:", port=port) as first:
        gina, hans = Terminal(port, "gina"), Terminal(port, "hans")
        for person in (gina, hans):
            person.here()
        gina.enter("/create cellar", "down here")
        gina.shows("gina │ down here")
        leave(gina)
        first.signal(signal.SIGKILL)
        first.wait()
        hans.shows("connection is lost")
    with serving("--data", ":memory:", port=port):
        hans.shows("The server has a new log", 20)
        hans.shows("Connected again")
        hans.enter("hello again")
        hans.shows("hans │ hello again")
        gina = Terminal(port, "gina")
        gina.in_order("You are gina", "The server has a new log", "hans │ hello again", "#lobby>")
        assert not [line for line in gina.lines() if "down here" in line]
        gina.close()
        hans.close()


def test_a_room_that_was_lost_meanwhile(process: Process) -> None:
    """A user who was removed from the room while away starts in the lobby."""
    with at_terminals(process.port, "iris", "jack") as (iris, jack):
        jack.enter("/create attic private", "/invite iris")
        jack.shows("you invited iris")
        iris.enter("/join attic")
        iris.shows("#attic>")
        leave(iris)
        jack.enter("/role iris none")
        jack.shows("you removed iris")
        iris = Terminal(process.port, "iris")
        iris.in_order("You can no longer read #attic", "jack removed you from #attic", "#lobby>")
        iris.close()


def test_a_state_that_cannot_be_kept_is_said(process: Process, state: Path) -> None:
    """If the position cannot be saved, the client says so, and the chat continues."""
    with at_terminals(process.port, "kira") as (kira,):
        for file in state.iterdir():
            file.unlink()
        state.rmdir()
        state.write_text("in the way")
        kira.enter("hello")
        kira.in_order("The next start cannot resume here.", "kira │ hello")
        state.unlink()


def test_a_restart_of_the_server_is_told_in_words(tmp_path: Path) -> None:
    """A restart of the server prints one sentence at its end and one at its return."""
    port, data = free_port(), str(tmp_path / "data")
    with serving("--data", data, port=port) as first, at_terminals(port, "kim") as (kim,):
        kim.enter("before")
        kim.shows("kim │ before")
        first.signal(signal.SIGTERM)
        kim.shows("The server is restarting; reconnecting …")
        first.wait()
        kim.enter("meanwhile")
        with serving("--data", data, port=port):
            kim.in_order(
                "The server is restarting", "Connected again.", "kim │ meanwhile", within=20
            )
            lines = kim.lines()
            assert not [line for line in lines if "connection is lost" in line or "stream" in line]
