"""Checks around every test: nothing is left open, and nothing blocks the loop."""

from __future__ import annotations

import asyncio
import asyncio.constants
import gc
import logging
import signal
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
from alone import turn
from certificates import Certificates
from oidc.local_issuer import LocalIssuer, local_issuer
from slow import mark_slow
from support import UNIT, eventually, running, wait_for

from chat_grpc.server import Server

# The debug mode notes the stack of each callback and future, which takes half of a test's time. One
# frame is enough to find the line.
asyncio.constants.DEBUG_STACK_DEPTH = 1  # type: ignore[misc]

SLOW_CALLBACK = 0.5
"""The longest step of the event loop, in seconds, on a machine with other load."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests, before `-m` looks at the marks."""
    mark_slow(items)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Wait for the turn of a test, before its time limit begins."""
    with turn(alone=item.get_closest_marker("alone") is not None):
        return (yield)


class _SlowCallbacks(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        # A test's own steps may take long: they start processes and compare large values, also in
        # the driver of the browser. Servers run in tasks of their own, which are checked.
        own = "coro=<test_" in text or "playwright" in text
        if text.startswith("Executing") and not own:
            self.seen.append(text)


def open_files() -> set[str]:
    """Return the open files and sockets of this process, without gRPC's own event descriptors."""
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except OSError:  # the descriptor of the listing itself
            continue
        if target.startswith(("socket:", "/")) and not target.startswith(("/dev", "/proc")):
            found.add(f"{descriptor.name} {target}")
    return found


def own_threads() -> set[threading.Thread]:
    """Return the threads except gRPC's poller and the loop's executor, which end with the loop."""
    allowed = ("_poll_wrapper", "asyncio_")
    return {t for t in threading.enumerate() if not any(name in t.name for name in allowed)}


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Let Ctrl-C and SIGHUP reach the processes of a test, also in a shell's background.

    Such a shell ignores SIGINT, and `nohup` ignores SIGHUP; child processes inherit that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def warm() -> None:
    """Let gRPC create its objects of the whole process before anything is counted."""

    async def once() -> None:
        async with running():
            pass

    asyncio.run(once())


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Fail a test that leaves a thread or a descriptor open, or blocks the loop."""
    slow = _SlowCallbacks()
    logging.getLogger("asyncio").addHandler(slow)
    threads, files = own_threads(), open_files()
    yield
    logging.getLogger("asyncio").removeHandler(slow)

    left: set[object] = set()

    def clean() -> bool:
        nonlocal left
        gc.collect()
        new = open_files() - files
        # Two socket pairs wake event loops: the test's own, and gRPC's, which is created again
        # after an idle time.
        left = {*(own_threads() - threads), *(new if len(new) > 4 else ())}
        return not left

    try:
        wait_for(clean, within=5)
    except AssertionError:
        pytest.fail(f"left behind: {left}")
    assert not slow.seen, f"the loop was blocked: {slow.seen}"


@pytest.fixture(autouse=True)
async def no_task_left() -> AsyncIterator[None]:
    """Fail a test that leaves a task running."""
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = SLOW_CALLBACK * UNIT
    before = asyncio.all_tasks()
    yield

    def left() -> set[asyncio.Task[object]]:
        current = asyncio.current_task()
        return {t for t in asyncio.all_tasks() - before if t is not current}

    try:
        await eventually(lambda: not left())
    except AssertionError:
        pytest.fail(f"left behind: {left()}")


@pytest.fixture
async def no_debug() -> None:
    """Turn off asyncio's debug mode: under load it takes most of the time."""
    asyncio.get_running_loop().set_debug(False)


@pytest.fixture
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Issue certificates for a test."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def issuer_process() -> Iterator[LocalIssuer]:
    """An OpenID Connect issuer in a process of its own."""
    with local_issuer() as started:
        yield started


@pytest.fixture
def issuer(issuer_process: LocalIssuer) -> LocalIssuer:
    """An issuer that behaves, with the users alice and bob."""
    issuer_process.reset()
    issuer_process.add_user("alice")
    issuer_process.add_user("bob")
    return issuer_process


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server in this process with its store in memory."""
    async with running() as started:
        yield started


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the terminal client's state and settings out of the user's folders."""
    monkeypatch.setenv("CHAT_GRPC_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("CHAT_GRPC_CLIENT_CONFIG", raising=False)
    monkeypatch.delenv("CHAT_GRPC_NAME", raising=False)
    monkeypatch.delenv("CHAT_GRPC_SERVER", raising=False)
    return tmp_path / "state"
