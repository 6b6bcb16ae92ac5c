"""The log output of a server whose reader has stopped: nothing blocks, and losses are counted."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator

import pytest
from support import COMMAND, UNIT, Recorder, channel_to, eventually, free_port, wait_for

from chat_grpc.log_output import ERROR_BYTES, LogOutput

CROWD = 40


class Pipe:
    """A pipe of one page (4,096 bytes) that nobody reads at first."""

    def __init__(self) -> None:
        self.out, self.into = os.pipe()
        fcntl.fcntl(self.into, fcntl.F_SETPIPE_SZ, 4096)

    def lines(self, output: LogOutput) -> list[str]:
        """Read all that an output has left to write, and close it."""
        read: list[bytes] = []

        def drain() -> None:
            while data := os.read(self.out, 65536):
                read.append(data)

        reading = threading.Thread(target=drain)
        reading.start()
        output.close(5 * UNIT)
        os.close(self.into)
        reading.join(5 * UNIT)
        os.close(self.out)
        return b"".join(read).decode().splitlines()


def lost(count: int) -> str:
    """Return the note about lost lines."""
    return f"{count} lost"


def test_a_full_buffer_drops_lines_and_says_how_many() -> None:
    """One line reports the number of dropped lines in their position; the order is kept."""
    pipe = Pipe()
    output = LogOutput(pipe.into, lost, limit=10_000)
    for number in range(1000):
        output.put(f"line {number:010}")
    output.put("an error still fits", error=True)
    lines = pipe.lines(output)
    kept = [line for line in lines if line.startswith("line ")]
    assert 500 < len(kept) + 1 < 1000
    assert lines == [*sorted(kept), lost(1000 - len(kept)), "an error still fits"]


def test_errors_have_space_of_their_own() -> None:
    """Errors have a bounded queue of their own, which a flood of other lines does not use."""
    pipe = Pipe()
    output = LogOutput(pipe.into, lost, limit=10_000)
    for _ in range(1000):
        output.put("x" * 99)
    for number in range(1000):
        output.put(f"error {number:093}", error=True)
    errors = [line for line in pipe.lines(output) if line.startswith("error")]
    assert ERROR_BYTES // 100 - 1 <= len(errors) < 1000


def test_closing_gives_up_when_nobody_reads() -> None:
    """`close` returns at its deadline, although lines are still unwritten."""
    pipe = Pipe()
    output = LogOutput(pipe.into, lost)
    for _ in range(1000):
        output.put("x" * 99)
    output.close(0.05)
    assert len(pipe.lines(output)) == 1000


def test_lines_that_cannot_be_written_are_counted() -> None:
    """Lines for a full disk or a closed pipe are counted, and raise nothing."""
    full = os.open("/dev/full", os.O_WRONLY)
    output = LogOutput(full, lost)
    output.put("nowhere")
    wait_for(lambda: output.lost == 1)
    out, into = os.pipe()
    os.dup2(into, full)
    output.put("somewhere")
    output.put("else")
    output.close(5 * UNIT)
    assert os.read(out, 1000).decode().splitlines() == [lost(1), "somewhere", "else"]
    for descriptor in (full, out, into):
        os.close(descriptor)


FLOOD = """
import os, sys, threading, warnings
from chat_grpc.config import Config
from chat_grpc.telemetry import configure
stderr = configure(Config(log_format="json"))
for _ in range(100):
    os.write(2, b"as the C core of gRPC does, " * 4000 + b"\\n")
    print("as Python does " * 8000, file=sys.stderr)
    warnings.warn("a warning " * 100)
print("done", flush=True)
sys.stdin.readline()
stderr.close()
"""


def test_whatever_writes_to_stderr_never_waits() -> None:
    """20 MB of raw bytes, prints and warnings on stderr do not block while nobody reads."""
    pipe = Pipe()
    with subprocess.Popen(
        [sys.executable, "-c", FLOOD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=pipe.into,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        os.close(pipe.into)
        process.stdin.write("\n")  # type: ignore[union-attr]
        process.stdin.close()  # type: ignore[union-attr]
        text = b""
        while data := os.read(pipe.out, 65536):
            text += data
        assert process.wait(5 * UNIT) == 0
    assert b"log lines were dropped" in text
    assert text.startswith(b"as the C core of gRPC does, ")
    os.close(pipe.out)


HOSTILE = """
import logging, structlog
from chat_grpc.config import Config
from chat_grpc.telemetry import configure
stderr = configure(Config(log_format="text"))
hostile = "Zoë\\x1b[2J\\r\\n\\x9b\\u202ey"
structlog.stdlib.get_logger("chat_grpc").info(hostile, name=hostile)
logging.getLogger("chat_grpc").info("%s", hostile)
stderr.close()
"""


def test_what_does_not_print_is_escaped() -> None:
    """Control characters in an event or a value are escaped: each record is one line of text."""
    ended = subprocess.run([sys.executable, "-c", HOSTILE], capture_output=True, check=True)
    lines = ended.stderr.decode().split("\n")
    assert len(lines) == 3
    for line in lines:
        assert line.isprintable(), line
    assert lines[0].count(r"Zoë\x1b[2J\r\n\x9b\u202ey") == 2


@contextlib.contextmanager
def serving_into(stderr: int, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a server whose stderr nobody reads; return the process and its port."""
    port = free_port()
    process = subprocess.Popen(
        [*COMMAND, "serve", "--listen", f"127.0.0.1:{port}", "--data", ":memory:", *arguments],
        stdin=subprocess.DEVNULL,
        stderr=stderr,
    )
    try:
        yield process, port
    finally:
        process.kill()
        process.wait()


async def all_chat(port: int) -> None:
    """Let a crowd connect and disconnect repeatedly while two users chat."""
    async with channel_to(port) as channel:
        await asyncio.wait_for(channel.channel_ready(), 20 * UNIT)
    async with Recorder(port, name="alice") as alice, Recorder(port, name="bob") as bob:
        for round_ in range(5):
            crowd = [Recorder(port, name=f"c{round_}-{n}") for n in range(CROWD)]
            await asyncio.gather(*(each.hello() for each in crowd))
            await asyncio.gather(*(each.sent("hello") for each in crowd))
            for each in crowd:
                await each.__aexit__()
            await alice.sent(f"round {round_}")
            await eventually(lambda at=round_: f"round {at}" in bob.texts)  # type: ignore[misc]
        assert alice.texts.count("hello") == 5 * CROWD


@pytest.mark.parametrize(
    ("environment", "colored"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colors_of_the_log(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colored: bool
) -> None:
    """The log at a terminal has colors, but not with NO_COLOR or on a dumb terminal."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    master, slave = pty.openpty()
    log = b""
    with serving_into(slave):
        while b"listening on" not in log:
            log += os.read(master, 65536)
    assert (b"\x1b" in log) is colored
    os.close(slave)
    os.close(master)


@pytest.mark.timeout(90)
async def test_an_unread_log_pipe_blocks_nobody() -> None:
    """40 clients come and go, everybody chats, and SIGTERM ends the server in time."""
    pipe = Pipe()
    with serving_into(pipe.into, "--log-format", "json", "--drain", "1") as (process, port):
        await all_chat(port)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10 * UNIT) == 0
    os.close(pipe.into)
    os.close(pipe.out)


@pytest.mark.timeout(90)
async def test_a_held_terminal_blocks_nobody() -> None:
    """The same on a terminal that takes no output, as after Ctrl-S."""
    master, slave = pty.openpty()
    termios.tcflow(slave, termios.TCOOFF)
    with serving_into(slave, "--drain", "1") as (process, port):
        await all_chat(port)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10 * UNIT) == 0
    os.close(slave)
    os.close(master)
