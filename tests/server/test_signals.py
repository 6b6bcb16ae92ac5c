"""The end of a server: signals, draining streams, and the deadline."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from support import UNIT, Process, Recorder, eventually, serving, store_of, wait_for

from chat_grpc.client import ChatClient
from chat_grpc.signals import EndRequests, Terminal
from chat_grpc.watchdog import HUNG

PATCHED = [sys.executable, str(Path(__file__).with_name("patched_server.py"))]
MEMORY = ("--data", ":memory:")


async def test_sigterm_ends_in_order(tmp_path: Path) -> None:
    """SIGTERM sends `go_away` and `UNAVAILABLE`, ends with status 0, and keeps all messages."""
    with serving("--data", str(tmp_path), "--drain", "1") as process:
        async with Recorder(process.port, name="alice") as alice:
            await alice.sent("last words")
            process.signal(signal.SIGTERM)
            await eventually(lambda: alice.of("go_away"))
            assert await alice.ended() is grpc.StatusCode.UNAVAILABLE
        assert await asyncio.to_thread(process.wait) == 0
        assert "last words" not in process.log()
    assert not store_of(tmp_path).with_name("chat.db-wal").exists()


async def test_a_second_signal_ends_at_once() -> None:
    """The second SIGTERM does not wait for the streams."""
    with serving(*MEMORY, "--drain", "100") as process:
        async with Recorder(process.port, name="alice") as alice:
            process.signal(signal.SIGTERM)
            await eventually(lambda: alice.of("go_away"))
            process.signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 5) == -signal.SIGTERM
            assert await alice.ended() is grpc.StatusCode.UNAVAILABLE


def test_a_second_signal_ends_a_server_that_is_stuck() -> None:
    """A second signal ends the process even if the event loop and the interpreter are blocked."""
    patch = (
        "from chat_grpc.server import Server; import time; Server.stop = lambda s: time.sleep(99)"
    )
    with serving(*MEMORY, command=[*PATCHED, patch]) as process:
        process.signal(signal.SIGINT)
        wait_for(lambda: "ending" in process.log())
        process.signal(signal.SIGINT)
        assert process.wait() == -signal.SIGINT


def test_a_signal_ends_a_server_that_is_still_starting() -> None:
    """A signal during the start ends the server without a traceback and with status 0."""
    patch = (
        "from chat_grpc.server import Server; import asyncio, sys\n"
        "async def start(self):\n"
        "    print('listening on', file=sys.stderr)\n"
        "    await asyncio.sleep(99)\n"
        "Server.start = start"
    )
    with serving(*MEMORY, command=[*PATCHED, patch]) as process:
        process.signal(signal.SIGINT)
        assert process.wait() == 0
        assert "Traceback" not in process.log()


# ---------------------------------------------------------------- streams that leave, or stay


async def test_the_drain_ends_when_the_last_stream_has_left() -> None:
    """The drain ends when the last stream has left; the console says what the server waits for."""
    with serving(*MEMORY, "--drain", "60") as process:
        async with Recorder(process.port, name="alice") as alice:
            process.signal(signal.SIGINT)
            await eventually(lambda: alice.of("go_away"))
            start = time.monotonic()
        assert await asyncio.to_thread(process.wait) == 0
        assert time.monotonic() - start < 3 * UNIT
        words = "waiting up to 60 s for 1 stream to leave; Ctrl-C again ends at once"
        assert words in process.log()


async def test_clients_of_the_sdk_do_not_delay_the_drain() -> None:
    """SDK clients leave as soon as they get `go_away`, so they do not delay the end."""
    patch = "from chat_grpc.app import drain; drain.LEAVES_WITHIN = 99"
    with serving(*MEMORY, "--drain", "60", command=[*PATCHED, patch]) as process:
        async with contextlib.AsyncExitStack() as people:
            address = f"127.0.0.1:{process.port}"
            for name in ("alice", "bob", "carol"):
                await people.enter_async_context(ChatClient.connect(address, name=name))
            process.signal(signal.SIGINT)
            assert await asyncio.to_thread(process.wait) == 0
            assert "for 3 streams to leave" in process.log()


async def test_a_stream_that_stays_though_it_has_everything_is_not_waited_for() -> None:
    """A stream that ignores `go_away` (grpcurl) is not waited for once it has everything."""
    with serving(*MEMORY, "--drain", "60") as process:
        async with Recorder(process.port, name="alice") as alice:
            start = time.monotonic()
            process.signal(signal.SIGTERM)
            assert await alice.ended() is grpc.StatusCode.UNAVAILABLE
            assert time.monotonic() - start >= 1.0
        assert await asyncio.to_thread(process.wait) == 0
        assert time.monotonic() - start < 5 * UNIT
        assert "a second SIGTERM ends at once" in process.log()


async def test_a_stream_that_has_more_to_get_is_waited_for() -> None:
    """A stream with undelivered events is waited for until `--drain` is over."""
    with serving(*MEMORY, "--drain", "3") as process:
        async with Recorder(process.port, name="alice") as alice:
            slow = Recorder(process.port, name="slow")
            await slow.hello(read=False)
            for number in range(600):
                await alice.send("x" * 16_000, request_id=f"r{number}")
            await eventually(lambda: len(alice.of("sent")) == 600, 20)
            start = time.monotonic()
            process.signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 15) == 0
            assert 2.9 < time.monotonic() - start < 3 + 5 * UNIT
            await slow.__aexit__()


# ---------------------------------------------------------------- the terminal


async def test_sighup_without_a_terminal_means_reload() -> None:
    """SIGHUP without a terminal does not end the server."""
    with serving(*MEMORY, command=[*PATCHED, "import os; os.setsid()"]) as process:
        process.signal(signal.SIGHUP)
        await eventually(lambda: "nothing to reload" in process.log())
        async with Recorder(process.port, name="alice") as alice:
            process.signal(signal.SIGHUP)
            await eventually(lambda: process.log().count("nothing to reload") == 2)
            await alice.sent("still here")


@contextlib.contextmanager
def on_a_terminal(*, before: str = "") -> Iterator[tuple[Process, int]]:
    """Run a server whose standard input is its terminal; yield it with the terminal's other end."""
    master, slave = pty.openpty()
    patch = (
        f"import os, signal; os.setsid(); os.dup2(os.open({os.ttyname(slave)!r}, os.O_RDWR), 0);"
        + before
    )
    try:
        with serving(*MEMORY, command=[*PATCHED, patch]) as process:
            os.close(slave)
            yield process, master
    finally:
        with contextlib.suppress(OSError):
            os.close(master)


async def test_a_server_ends_in_order_when_its_terminal_is_gone() -> None:
    """When its terminal closes, the server ends as with SIGTERM: clients get `go_away`."""
    with on_a_terminal() as (process, master):
        async with Recorder(process.port, name="alice") as alice:
            process.signal(signal.SIGHUP)
            await eventually(lambda: "nothing to reload" in process.log())
            await alice.sent("the terminal is still there")
            os.close(master)
            await eventually(lambda: alice.of("go_away"))
        assert await asyncio.to_thread(process.wait) == 0
        assert "the terminal is gone" in process.log()


async def test_a_server_under_nohup_outlives_its_terminal() -> None:
    """A server that was started with SIGHUP ignored outlives its terminal."""
    ignore = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    with on_a_terminal(before=ignore) as (process, master):
        async with Recorder(process.port, name="alice") as alice:
            os.close(master)
            await eventually(lambda: "nothing to reload" in process.log())
            # The server waits up to a second for a terminal to close; afterwards it still runs.
            await asyncio.sleep(1.2)
            await alice.sent("still here")


@pytest.fixture
async def handlers_kept() -> AsyncIterator[None]:
    """Restore the signal handlers after the test."""
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    yield
    loop = asyncio.get_running_loop()
    loop.remove_signal_handler(signal.SIGHUP)
    for which, handler in handlers.items():
        loop.remove_signal_handler(which)
        signal.signal(which, handler)


@pytest.mark.usefixtures("handlers_kept")
async def test_a_terminal_that_closes_just_after_sighup_counts_as_gone() -> None:
    """A terminal counts as closed if it closes shortly after SIGHUP."""

    class Closing(Terminal):
        gone = False

    terminal, reloads = Closing(()), []
    requests = EndRequests(terminal, reload=lambda: reloads.append(1))
    os.kill(os.getpid(), signal.SIGHUP)
    await eventually(lambda: reloads)
    terminal.gone = True
    assert await asyncio.wait_for(requests.first(), 5) == "the terminal is gone"


@pytest.mark.usefixtures("handlers_kept")
async def test_a_second_signal_ends_process_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second signal ends process 1, although the kernel has no default action for it."""
    requests = EndRequests(Terminal(()), reload=lambda: None)
    process = os.getpid()
    ended: list[int] = []
    monkeypatch.setattr(os, "getpid", lambda: 1)
    monkeypatch.setattr(os, "_exit", ended.append)
    os.kill(process, signal.SIGTERM)
    assert await asyncio.wait_for(requests.first(), 5) == "SIGTERM"
    os.kill(process, signal.SIGTERM)
    await eventually(lambda: ended == [128 + signal.SIGTERM])


# ---------------------------------------------------------------- the deadline

HANGS = {
    "the loop waits": (
        "from chat_grpc.journal.sqlite import SqliteJournal; import asyncio;"
        "SqliteJournal.close = lambda self: asyncio.sleep(99)"
    ),
    "a step blocks the loop": (
        "from chat_grpc.core.catch_up import CatchUp; import time;"
        "CatchUp.stop = lambda self: time.sleep(99)"
    ),
    "a thread of the loop's pool does not end": (
        "from chat_grpc.server import Server; import asyncio, time; start = Server.start\n"
        "async def started(self):\n"
        "    await start(self)\n"
        "    asyncio.get_running_loop().run_in_executor(None, time.sleep, 99)\n"
        "Server.start = started"
    ),
    "the interpreter does not end": (
        "import threading, time; threading.Thread(target=time.sleep, args=(99,)).start()"
    ),
}


@pytest.mark.parametrize("hang", HANGS.values(), ids=HANGS.keys())
def test_an_end_that_hangs_has_a_deadline(hang: str, tmp_path: Path) -> None:
    """An end that hangs is cut off at a deadline, and the log names the thread and its stack."""
    patch = f"from chat_grpc import process; process.END_WITHIN = 1.0; {hang}"
    arguments = ("--data", str(tmp_path), "--drain", "0")
    with serving(*arguments, command=[*PATCHED, patch]) as process:
        process.signal(signal.SIGTERM)
        assert process.wait() == HUNG
        assert "the end took longer than 1 seconds" in process.log()
        assert "most recent call first" in process.log()
