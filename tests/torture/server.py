"""The server under torture: a process that is killed and started again on the same data."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from pathlib import Path

import psutil
from support import COMMAND, UNIT, Process, free_port
from torture.records import Complaint, History, Restarted

HERE = Path(__file__).parent


class TorturedServer:
    """One server over all its processes. Belongs to the event loop."""

    def __init__(self, data: Path, history: History, planted: str = "") -> None:
        """`planted` names a bug of `planted_server.py`; none by default."""
        self.port = free_port()
        self.log_tail = ""
        """What the last process said."""
        self._data = data
        self._history = history
        self._planted = planted
        self._process: Process | None = None
        self._files = 0

    async def start(self) -> None:
        """Starts a process, and waits until it serves."""
        arguments = ["--data", str(self._data), "--heartbeat", "1", "--drain", "0.5"]
        self._process = await asyncio.to_thread(
            Process, *arguments, port=self.port, command=command(self._planted)
        )
        self._files = psutil.Process(self._process.pid).num_fds()

    async def kill(self) -> None:
        """Ends the process at once."""
        await self._end(signal.SIGKILL, -signal.SIGKILL)

    async def terminate(self) -> None:
        """Asks the process to end, and waits until it did."""
        await self._end(signal.SIGTERM, 0)

    async def _end(self, which: signal.Signals, expected: int) -> None:
        process, self._process = self._process, None
        assert process is not None
        self._history.add(Restarted, which.name)
        process.signal(which)
        status = await asyncio.to_thread(process.wait, 30)
        self.log_tail = process.log()
        process.end()
        if status != expected:
            self._history.add(Complaint, "I21", f"the server ended with status {status}")
        for line in complaints(self.log_tail):
            self._history.add(Complaint, "I21", f"the server's log says {line}")

    async def settled(self, connections: int) -> None:
        """Checks that what left clients held open at the server is closed.

        `connections` are those that callers still hold.
        """
        assert self._process is not None
        process = psutil.Process(self._process.pid)
        # Readers of the store stay: at most three files for each thread that there may be.
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
            self._history.add(Complaint, "I17", f"left open: {left()}")

    async def end(self) -> None:
        """Ends what still runs."""
        if self._process is not None:
            await self.terminate()


def command(planted: str) -> list[str]:
    """Gives the command of a server, with a bug in it where one is named."""
    return [sys.executable, str(HERE / "planted_server.py"), planted] if planted else COMMAND


def complaints(log: str) -> list[str]:
    """Gives the lines of a server's log that a healthy one does not write."""
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
