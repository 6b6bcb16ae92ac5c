"""An unexpected error in a long-lived part ends the whole server, with its traceback."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from support import TRANSPORT, UNIT, Recorder, eventually, running, serving

import chat_grpc
from chat_grpc.core.catch_up import CatchUp
from chat_grpc.core.hub import Hub
from chat_grpc.core.passes import Passes
from chat_grpc.journal import upkeep
from chat_grpc.journal.upkeep import Upkeep
from chat_grpc.server import Server
from chat_grpc.supervisor import DEFECT, STORE_FAILED, Supervisor
from chat_grpc.transport.grpcio.pacer import Pacer

PACKAGE = str(Path(chat_grpc.__file__).parent)
PATCHED = [sys.executable, str(Path(__file__).with_name("patched_server.py"))]


class PlantedError(Exception):
    """An unexpected error."""


def fail(*_: Any, **__: Any) -> Any:
    """Raise `PlantedError` in place of a method."""
    raise PlantedError("planted")


async def test_every_task_of_a_server_is_supervised(server: Server) -> None:
    """Every task of this package is started by the supervisor, except those of calls."""
    async with Recorder(server, name="alice") as alice:
        await alice.sent("hello")
        ours = {
            task
            for task in asyncio.all_tasks()
            if getattr(task.get_coro(), "cr_code", None) is not None
            and task.get_coro().cr_code.co_filename.startswith(PACKAGE)  # type: ignore[union-attr]
            and not task.get_name().startswith("/")  # a call has the path of its method
        }
        assert ours == server.supervisor.tasks
        names = {task.get_name() for task in server.supervisor.tasks}
        assert names >= {"chores", "catch-up", "upkeep of the store", "word index"}


async def resume(alice: Recorder, server: Server) -> None:
    """Resume from the start of the log."""
    fields = {"log_id": alice.welcome.log_id, "resume_after": 0}
    async with Recorder(server, token=alice.welcome.token, **fields):
        pass


async def say(alice: Recorder, _: Server) -> None:
    """Send a message."""
    await alice.send("hello")


async def wait(_: Recorder, __: Server) -> None:
    """Do nothing."""


Act = Callable[[Recorder, Server], Any]
PARTS: list[tuple[str, type, str, Act]] = [
    ("chores", Hub, "tick", wait),
    ("delivery", Hub, "deliver", say),
    ("writer", Pacer, "_next", say) if TRANSPORT == "grpcio" else ("writer", Passes, "_write", say),
    ("catch-up", CatchUp, "_read", resume),
    ("upkeep of the store", Upkeep, "round", wait),
]


@pytest.mark.parametrize(("name", "part", "method", "act"), PARTS, ids=[p[0] for p in PARTS])
async def test_an_error_of_a_part_fails_the_server(
    name: str,
    part: type,
    method: str,
    act: Act,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    """The log has the traceback of a failed part, and the failure names the part."""
    monkeypatch.setattr(upkeep, "STEP", 0.05)
    async with running(data=str(tmp_path)) as server, Recorder(server, name="alice") as alice:
        await alice.sent("first")
        monkeypatch.setattr("chat_grpc.core.tail.Tail.find", lambda *_: None)
        monkeypatch.setattr(part, method, fail)
        acting = asyncio.create_task(act(alice, server))
        failure = await asyncio.wait_for(server.supervisor.failed(), 5)
        assert (failure.reason, failure.status) == (f"unexpected error in {name}", DEFECT)
        monkeypatch.undo()
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)
    assert any(r.exc_info and r.exc_info[0] is PlantedError for r in caplog.records)


async def test_after_a_failed_delivery_nothing_more_is_delivered() -> None:
    """After a failed delivery nothing is delivered, because streams would miss the failed batch."""
    supervisor, seen = Supervisor(), []

    def deliver(number: int) -> None:
        seen.append(number)
        if number == 2:
            raise PlantedError

    guarded = supervisor.guard(deliver, name="delivery")
    for number in range(5):
        guarded(number)
    assert seen == [0, 1, 2]
    assert supervisor.failure is not None


async def test_the_first_failure_counts() -> None:
    """The first failure is reported, not those that follow from it."""
    supervisor = Supervisor()
    supervisor.fail("first", STORE_FAILED)
    supervisor.fail("second", DEFECT)
    assert (await supervisor.failed()).reason == "first"


async def test_errors_of_callbacks_on_the_loop(caplog: pytest.LogCaptureFixture) -> None:
    """A failed loop callback of this package fails the server; one of a library is only logged."""
    loop, supervisor = asyncio.get_running_loop(), Supervisor()
    before = loop.get_exception_handler()
    loop.set_exception_handler(supervisor.on_loop_error)
    try:
        loop.call_soon(fail)
        await eventually(lambda: caplog.records)
        assert supervisor.failure is None
        ours: dict[str, Any] = {"__name__": "chat_grpc.core.planted"}
        exec("def call(): raise ValueError", ours)
        loop.call_soon(ours["call"])
        await eventually(lambda: supervisor.failure)
    finally:
        loop.set_exception_handler(before)


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        ("from chat_grpc.core.hub import Hub; Hub.tick = lambda self: self.typo", "in chores"),
        (
            "from chat_grpc.journal.store import Store;"
            "Store.erase = lambda self: exec('raise SystemError')",
            "in upkeep of the store",
        ),
    ],
)
async def test_a_process_ends_with_a_reason(patch: str, words: str, tmp_path: Path) -> None:
    """The status is 70, the traceback is logged, clients are told, and the store is closed."""
    patch += ";from chat_grpc import server; server._TICK = 1.0"
    with serving("--data", str(tmp_path), command=[*PATCHED, patch]) as process:
        async with Recorder(process.port, name="alice") as alice:
            assert await alice.ended() is grpc.StatusCode.UNAVAILABLE
        assert await asyncio.to_thread(process.wait) == DEFECT
        assert f"unexpected error {words}" in process.log()
        assert "Traceback" in process.log()
    assert not (tmp_path / "chat.db-wal").exists()


UNEXPECTED = {
    "at the start": "Server.start = lambda self: self.typo",
    "in the store": "Server._build = lambda self: self.typo",
    "at the end": "Server._let_leave = lambda self, grace: self.typo",
}


@pytest.mark.parametrize("where", UNEXPECTED)
def test_an_unexpected_error_at_the_start_or_the_end(where: str, tmp_path: Path) -> None:
    """The status is 70, the traceback is logged, and everything is closed."""
    patch = f"from chat_grpc.server import Server; {UNEXPECTED[where]}"
    process = subprocess.Popen(
        [*PATCHED, patch, "serve", "--data", str(tmp_path), "--listen", "127.0.0.1:0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    if where == "at the end":
        assert "listening on" in process.stderr.readline()
        process.terminate()
    assert process.wait(20 * UNIT) == DEFECT
    log = process.stderr.read()
    process.stderr.close()
    assert "unexpected error" in log
    assert "AttributeError" in log
    assert not (tmp_path / "chat.db-wal").exists()


async def test_an_uncaught_exception_of_a_thread_ends_the_process() -> None:
    """An uncaught exception in a thread ends the process."""
    patch = (
        "import chat_grpc.server as s, threading, time;"
        "start = s.Server.start;"
        "s.Server._store_failed = lambda self: None;"
        "threading.Thread(target=lambda: (time.sleep(1.5), 1 / 0), name='chat-grpc-x').start()"
    )
    with serving("--data", ":memory:", command=[*PATCHED, patch]) as process:
        assert await asyncio.to_thread(process.wait) == DEFECT
        assert "unexpected error in chat-grpc-x" in process.log()
        assert "ZeroDivisionError" in process.log()


STOPPED = (
    "from chat_grpc.core import limits; limits.NAME_HOLD = 0.5; limits.PRESENCE_GRACE = 0.2;"
    "from chat_grpc import server; server._STOPPED = {}"
)


async def admitted(port: int, name: str) -> bool:
    """Return True once the server gives a guest a name that it holds for the one before."""
    try:
        async with Recorder(port, name=name) as recorder:
            await eventually(lambda: recorder.of("heartbeat"))
            return True
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.ALREADY_EXISTS:
            raise
        return False


@pytest.mark.parametrize("noticed", [True, False])
async def test_a_server_continues_after_it_was_stopped(noticed: bool) -> None:
    """Presence and heartbeats continue after a SIGSTOP longer than names are held."""
    patch = STOPPED.format(0.5 if noticed else 1e9)
    options = ("--data", ":memory:", "--heartbeat", "0.3")
    with serving(*options, command=[*PATCHED, patch]) as process:
        async with Recorder(process.port, name="alice") as alice:
            async with Recorder(process.port, name="bob"):
                await eventually(lambda: len(alice.of("presence")) == 1)
            process.signal(signal.SIGSTOP)
            await asyncio.sleep(1.5)  # the fault itself
            process.signal(signal.SIGCONT)
            await eventually(lambda: len(alice.of("presence")) == 2)
            beats = len(alice.of("heartbeat"))
            await eventually(lambda: len(alice.of("heartbeat")) > beats)
            await eventually(lambda: admitted(process.port, "bob"))
            await eventually(lambda: len(alice.of("presence")) > 2)
        assert ("the process did not run" in process.log()) == noticed
        assert "Traceback" not in process.log()
