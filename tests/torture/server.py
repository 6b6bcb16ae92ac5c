"""The server under torture: a process that is ended in many ways and restarted on its data."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import support
from support import COMMAND, UNIT, Process, free_port, store_of
from torture.conditions import Conditions
from torture.log_pipe import LogPipe
from torture.records import Complaint, History, Restarted

HERE = Path(__file__).parent

GIVES_UP_WITHIN = 10.0 * UNIT
"""Seconds after the loss of its files within which the server must have ended."""


class TorturedServer:
    """One server over all its processes. Belongs to the event loop."""

    def __init__(
        self,
        data: Path,
        history: History,
        planted: str = "",
        conditions: Conditions | None = None,
        transport: str = support.TRANSPORT,
    ) -> None:
        """`planted` names a bug of `planted_server.py`; none by default."""
        self.port = free_port()
        self.web_port = free_port()
        """The port of the web page."""
        self.log_tail = ""
        """The log of the last process."""
        self.allowed: tuple[str, ...] = ()
        """Parts of log lines that a fault explains."""
        self._data = data
        self._history = history
        self._planted = planted
        self._conditions = conditions or Conditions()
        self._transport = transport
        self._process: Process | None = None
        self._pipe: LogPipe | None = None
        self._files = 0

    async def start(self) -> None:
        """Start a process, and wait until it serves."""
        arguments = ["--data", str(self._data), "--heartbeat", "1", "--drain", "0.5"]
        arguments += ["--transport", self._transport]
        # A server that also serves the page needs more open files than some machines allow.
        arguments += ["--web-listen", f"127.0.0.1:{self.web_port}", "--max-streams", "5000"]
        pipe = LogPipe()
        try:
            self._process = await asyncio.to_thread(
                Process,
                *arguments,
                port=self.port,
                command=command(self._planted, self._conditions),
                log=pipe.file,
                stderr=pipe.write_end,
            )
        except BaseException:
            pipe.started()
            await asyncio.to_thread(pipe.close)
            pipe.file.close()
            raise
        pipe.started()
        self._pipe = pipe
        self._files = psutil.Process(self._process.pid).num_fds()

    # ------------------------------------------------------------- ends

    async def kill(self) -> None:
        """End the process at once."""
        await self._end(signal.SIGKILL, -signal.SIGKILL)

    async def terminate(self) -> None:
        """Ask the process to end, and wait until it did."""
        await self._end(signal.SIGTERM, 0)

    async def _end(self, which: signal.Signals, expected: int) -> None:
        assert self._process is not None
        self._history.add(Restarted, which.name)
        self._process.signal(which)
        status = await self._ended(30)
        if status != expected:
            self._complain("I21", f"the server ended with status {status}, not {expected}")

    async def _ended(self, within: float) -> int:
        """Wait for the end of the process; judge its log; return its status."""
        process, self._process = self._process, None
        assert process is not None
        assert self._pipe is not None
        try:
            status = await asyncio.to_thread(process.wait, within)
            await asyncio.to_thread(self._pipe.close)
            self.log_tail = process.log()
        finally:
            process.end()
        for line in complaints(self.log_tail):
            if not any(part in line for part in self.allowed):
                self._complain("I21", f"the server's log says {line}")
        self.allowed = ()
        return status

    async def end(self) -> None:
        """End what still runs."""
        if self._process is not None:
            await self.terminate()

    def _complain(self, promise: str, text: str) -> None:
        self._history.add(Complaint, promise, text)

    async def settled(self, connections: int) -> None:
        """Check that the server has closed the connections that clients abandoned.

        `connections` is the number of those that callers still hold.
        """
        assert self._process is not None
        process = psutil.Process(self._process.pid)
        # Readers of the store stay: at most three files for each possible thread.
        most = self._files + 3 * 8

        def left() -> str:
            found = process.net_connections("tcp")
            open_ = sum(each.status == psutil.CONN_ESTABLISHED for each in found)
            others = process.num_fds() - len(found)
            if open_ <= connections and others <= most:
                return ""
            return f"{open_} connections and {others} files, not {connections} and {most}"

        end = time.monotonic() + 20 * UNIT
        while left() and time.monotonic() < end:
            await asyncio.sleep(0.1)
        if left():
            self._complain("I17", f"left open: {left()}")

    # ------------------------------------------------------------- faults

    async def freeze(self, seconds: float) -> None:
        """Stop the process for some seconds, as a suspended machine does, and resume it."""
        assert self._process is not None
        self.allowed += ("the process did not run",)
        self._process.signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._process.signal(signal.SIGCONT)

    def keep_all(self) -> None:
        """Start the next process without retention."""
        self._conditions = replace(self._conditions, keep=0.0)

    def set_clock(self, seconds: float) -> None:
        """Set the error of the server's time of day, in seconds."""
        assert self._conditions.clock is not None
        self._conditions.clock.write_text(f"{seconds}")

    @contextlib.contextmanager
    def unread_log(self) -> Iterator[None]:
        """Read nothing of the server's log."""
        pipe = self._pipe
        assert pipe is not None
        pipe.pause()
        try:
            yield
        finally:
            pipe.resume()

    async def lose_files(self, how: str, busy: Callable[[], Awaitable[object]]) -> None:
        """Take the store away from a running server, check that it ends, and put the store back.

        `how` is `moved` (the folder is gone), `copied` (a copy of the folder takes its place), or
        `replaced` (a copy of the file takes its place). `busy` makes the server commit meanwhile.
        """
        assert self._process is not None
        self._history.add(Restarted, how)
        self.allowed = ("",)
        put_back = await asyncio.to_thread(_take_away, self._data, how)
        deadline = time.monotonic() + GIVES_UP_WITHIN
        while self._process.running and time.monotonic() < deadline:
            await busy()
            await asyncio.sleep(0.1)
        if self._process.running:
            text = f"the server continued for {GIVES_UP_WITHIN:.0f} s after its store was {how}"
            self._complain("I24", text)
            self._process.signal(signal.SIGKILL)
        elif await asyncio.to_thread(self._process.wait) == 0:
            self._complain("I24", f"the server ended with status 0 after its store was {how}")
        await self._ended(30)
        if "Traceback" in self.log_tail:
            self._complain("I21", f"a traceback after the store was {how}: {self.log_tail[-2000:]}")
        await asyncio.to_thread(put_back)


def _take_away(data: Path, how: str) -> Callable[[], None]:
    """Take a store away from its path; return what puts it back."""
    aside = data.with_name("aside")
    if how == "replaced":
        file, new = store_of(data), store_of(data).with_suffix(".new")
        shutil.copyfile(file, new)
        aside.hardlink_to(file)
        new.replace(file)

        def restore() -> None:
            aside.replace(file)

        return restore
    if how == "copied":
        copy = data.with_name("copy")
        shutil.copytree(data, copy, ignore=shutil.ignore_patterns("*.sock"))
        data.rename(aside)
        copy.rename(data)
    else:
        data.rename(aside)

    def put_back() -> None:
        shutil.rmtree(data, ignore_errors=True)
        aside.rename(data)

    return put_back


def command(planted: str, conditions: Conditions | None = None) -> list[str]:
    """Return the command of a server under some conditions, with a bug where one is named."""
    options = conditions.arguments() if conditions else []
    if not planted and not options:
        return COMMAND
    return [sys.executable, str(HERE / "planted_server.py"), *options, planted or "none"]


def complaints(log: str) -> list[str]:
    """Return the lines of a server's log that a healthy server does not write."""
    found = []
    for line in log.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            found.append(line)
            continue
        if entry.get("level") in ("warning", "error", "critical") or "exception" in entry:
            found.append(line)
    return found
