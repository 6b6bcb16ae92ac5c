"""Measure how long each callback holds the event loop: `python bench/slices.py`.

The server runs on a uvloop loop that times each callback, each step of a task and each received
segment, while the generator holds many streams. Two times count for each: the elapsed time, which
other processes and threads of the machine lengthen, and the CPU time of the loop's thread.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import run
import uvloop
from scenarios import Scenario
from servers import BIN, PEERS

LONG = 0.005
"""No callback may hold the loop for more seconds (docs/streams-and-threads.md)."""

SHOWN = 8
"""Number of callbacks in the report."""


class Slices:
    """Durations of callbacks, in seconds, by the name of the callback."""

    def __init__(self) -> None:
        self.count = 0
        self.long = 0
        """Number of callbacks with more than `LONG` seconds of CPU time."""
        self.worst: dict[str, tuple[float, float]] = {}
        """Name to the largest CPU time, and the elapsed time of the same callback."""

    def timed(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return a callback that notes its duration."""

        def call(*arguments: Any) -> Any:
            cpu, elapsed = time.thread_time(), time.perf_counter()
            try:
                return callback(*arguments)
            finally:
                self._note(callback, time.thread_time() - cpu, time.perf_counter() - elapsed)

        return call

    def _note(self, callback: Callable[..., Any], cpu: float, elapsed: float) -> None:
        self.count += 1
        self.long += cpu > LONG
        if cpu > 0.001:
            name = _name(callback)
            self.worst[name] = max(self.worst.get(name, (0.0, 0.0)), (cpu, elapsed))

    def report(self) -> dict[str, Any]:
        """Return the figures, with times in milliseconds."""
        worst = sorted(self.worst.items(), key=lambda item: item[1], reverse=True)
        milliseconds = {
            name: [round(1000 * cpu, 2), round(1000 * elapsed, 2)]
            for name, (cpu, elapsed) in worst[:SHOWN]
        }
        return {"callbacks": self.count, "long": self.long, "worst_ms": milliseconds}


def _name(callback: Callable[..., Any]) -> str:
    """Return the name of a callback; for a step of a task, the name of its coroutine."""
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        return f"task {getattr(task.get_coro(), '__qualname__', task.get_name())}"
    inner = getattr(callback, "__wrapped__", getattr(callback, "func", callback))
    return getattr(inner, "__qualname__", repr(inner))


SLICES = Slices()


class TimedLoop(uvloop.Loop):
    """A uvloop loop that times its callbacks."""

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        """See `asyncio.loop.call_soon`."""
        return super().call_soon(SLICES.timed(callback), *args, context=context)

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        """See `asyncio.loop.call_soon_threadsafe`."""
        return super().call_soon_threadsafe(SLICES.timed(callback), *args, context=context)

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        """See `asyncio.loop.call_later`."""
        return super().call_later(delay, SLICES.timed(callback), *args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        """See `asyncio.loop.call_at`."""
        return super().call_at(when, SLICES.timed(callback), *args, context=context)


def serve(report: Path, arguments: list[str]) -> None:
    """Run the server until SIGTERM; write the report at its end."""
    from chat_grpc.__main__ import main
    from chat_grpc.transport.http2.protocol import Http2Protocol

    receive = Http2Protocol.data_received

    def data_received(self: Http2Protocol, data: bytes) -> None:
        SLICES.timed(receive)(self, data)

    Http2Protocol.data_received = data_received  # type: ignore[method-assign]
    uvloop.new_event_loop = TimedLoop
    sys.argv = ["chat-grpc", "serve", *arguments]
    try:
        main()
    finally:
        report.write_text(json.dumps(SLICES.report()), encoding="utf-8")


def measure(streams: int, seconds: float) -> dict[str, Any]:
    """Run a server and the generator; return the report of the server."""
    run.build()
    scenario = Scenario("slices", "", streams, saturated=seconds, at_rest=seconds)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        ours = PEERS["ours"].command
        command = (
            sys.executable,
            __file__,
            "--serve",
            str(report),
            *ours[ours.index("serve") + 1 :],
        )
        peer = replace(PEERS["ours"], name="slices", command=command)
        with run.serving(peer, scenario, Path(folder, "data"), Path(folder)) as server:
            load = ("--addr", f"127.0.0.1:{server.port}", "--server-pid", str(server.pid))
            generator = [str(BIN / "loadgen"), *load, *peer.load, *scenario.arguments(1.0, None)]
            subprocess.run(generator, check=True, stdout=subprocess.DEVNULL)
        return dict(json.loads(report.read_text(encoding="utf-8")))


def main() -> None:
    """Measure, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="seconds of each phase")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    arguments, rest = parser.parse_known_args()
    if arguments.serve is not None:
        serve(arguments.serve, rest)
        return
    report = measure(arguments.streams, arguments.seconds)
    print(f"{report['callbacks']:,} callbacks, {report['long']} of them over 5 ms of CPU time")
    print("| callback | CPU ms, longest | elapsed ms of the same |\n|---|---|---|")
    for name, (cpu, elapsed) in report["worst_ms"].items():
        print(f"| `{name}` | {cpu} | {elapsed} |")


if __name__ == "__main__":
    main()
