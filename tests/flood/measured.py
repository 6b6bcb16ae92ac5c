"""The process of an attacker, and the latencies of good clients beside it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path
from statistics import quantiles

from flood.expensive import Order
from flood.good import Crowd

PHASE, SETTLES = 1.0, 0.1
"""Seconds of a phase of calm or attack, and of a pause whose latencies do not count."""

RATIO, FLOOR = 1.5, 0.020
"""The p99 under attack is at most this times the one of the calm, and some seconds.

A transaction of other changes, and the waits of the thread that commits for the interpreter's lock,
cause 5 to 20 ms on two shared cores.
"""

MOST_NOISE = 0.020
"""The largest allowance for noise, in seconds."""

ROUNDS = 5
"""Phases of an attack that is over in the first one. It passes once two are within: other tests
disturb some phases, and a costly request costs in all of them."""


class Attacker:
    """The process that attacks. Belongs to the event loop."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def begin(self, order: Order) -> None:
        """Begin an attack."""
        await self._tell(order.encoded())

    async def end(self) -> Counter[str]:
        """End the attack; return the number of calls and requests that ended, by reason."""
        return await self._tell("")

    async def _tell(self, line: str) -> Counter[str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n".encode())
        async with asyncio.timeout(30):
            return Counter(json.loads(await self._process.stdout.readline()))


@asynccontextmanager
async def attacker(port: int) -> AsyncIterator[Attacker]:
    """Start the process."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "flood.expensive", str(port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    try:
        yield Attacker(process)
    finally:
        process.kill()
        await process.communicate()


class RunClock:
    """A clock of the time in which the server and this process were not kept from running.

    Seconds in which one of them was ready to run, and the machine ran something else, are left out:
    other tests run at the same time, and delay a server that works more than one that rests. Time
    in which both had to wait is left out twice.
    """

    def __init__(self, pid: int) -> None:
        """`pid` is the process of the server."""
        self._files = [
            os.open(f"/proc/{each}/task/{each}/schedstat", os.O_RDONLY)
            for each in (pid, os.getpid())
        ]

    def __call__(self) -> float:
        """Return seconds."""
        waits = (os.pread(each, 100, 0).split()[1] for each in self._files)
        return time.monotonic() - sum(map(int, waits)) / 1e9

    def close(self) -> None:
        """Close the files."""
        for each in self._files:
            os.close(each)


class Measured:
    """The p99 of the good clients in calm, and during each attack."""

    def __init__(self, good: Crowd, bad: Attacker) -> None:
        self._good, self._bad = good, bad
        self._calm: list[float] = []
        """The p99 of each phase of calm, in seconds."""
        self._attacked: dict[str, list[float]] = {}
        """The p99 of each phase of an attack, in seconds."""
        self.outcomes: dict[str, Counter[str]] = {}
        """How the calls and requests of each attack ended."""

    async def measure(self, order: Order) -> None:
        """Measure a phase of calm, then one of an attack.

        A phase in which no call of the attack ended shows nothing: the attacker did not run.
        """
        _note(self._calm, await self._good.p99(PHASE))
        await self._bad.begin(order)
        p99 = await self._good.p99(PHASE)
        ended = await self._bad.end()
        _note(self._attacked.setdefault(order.name, []), p99 if ended.total() else inf)
        self.outcomes.setdefault(order.name, Counter()).update(ended)
        await self._good.p99(SETTLES)

    @property
    def allowed(self) -> float:
        """The p99 that an attack may cause, in seconds.

        A quarter of the phases of calm is above the upper quartile without any attack: its distance
        from the median is the noise of the machine.
        """
        _, middle, upper = quantiles(self._calm, n=4)
        return RATIO * middle + FLOOR + min(upper - middle, MOST_NOISE)

    @property
    def over(self) -> dict[str, list[float]]:
        """The attacks that are over what is allowed, or that were not measured."""
        allowed = self.allowed
        return {name: p99 for name, p99 in self._attacked.items() if _decisive(p99) > allowed}


def _decisive(phases: list[float]) -> float:
    """Return the second-lowest of several phases, or the only one."""
    return sorted(phases)[:2][-1] if phases else inf


def _note(phases: list[float], p99: float) -> None:
    """Note the p99 of a phase, unless this process did not run in it."""
    if p99 < inf:
        phases.append(p99)
