"""The drain: open streams are told to go away, and end when they have left."""

from __future__ import annotations

import asyncio
import random

from chat_grpc.app.connect import Connect
from chat_grpc.app.operations import Node
from chat_grpc.core.hub import Hub
from chat_grpc.core.stream import Stream

LEAVES_WITHIN = 1.0
"""Seconds in which a client that knows `go_away` leaves after receiving it."""

_RECONNECT_WITHIN = 2.0
"""Seconds over which clients that are told at once spread their reconnects."""

_STEP = 0.02


class Drain:
    """Ends the streams of a node in order. Belongs to the event loop.

    A stream is told once, also if a faster drain replaces a slow one.
    """

    def __init__(self, hub: Hub, connect: Connect, node: Node) -> None:
        self._hub = hub
        self._node = node
        self._connect = connect
        self._told: set[int] = set()
        """The numbers of the streams that were told."""

    async def run(self, spread: float, grace: float) -> None:
        """Tell all streams within `spread` seconds; then give them up to `grace` seconds to leave.

        Returns early if no stream is left. The hub must refuse new streams. After `LEAVES_WITHIN`
        seconds the server does not wait for a stream that has received everything: its client does
        not know `go_away`, or its network is too slow for waiting to help.
        """
        await self._tell(spread, min(grace, _RECONNECT_WITHIN))
        clock = self._hub.clock.monotonic
        start = clock()
        while self._awaits_streams and (waited := clock() - start) < grace:
            if waited >= LEAVES_WITHIN:
                self._connect.end_all(idle_only=True)
            await asyncio.sleep(_STEP)

    @property
    def _awaits_streams(self) -> bool:
        # After a failure the streams get nothing more, so do not wait for them.
        return bool(self._hub.streams) and not self._node.failed

    async def _tell(self, spread: float, reconnect_within: float) -> None:
        waiting = [each for each in self._hub.streams if each.number not in self._told]
        random.shuffle(waiting)
        count = len(waiting)
        clock = self._hub.clock.monotonic
        start = clock()
        while waiting and self._awaits_streams:
            passed = clock() - start
            due = count if passed >= spread else int(count * passed / spread)
            self._tell_some(waiting, due - (count - len(waiting)), reconnect_within)
            if waiting:
                await asyncio.sleep(_STEP)

    def _tell_some(self, waiting: list[Stream], number: int, reconnect_within: float) -> None:
        for _ in range(number):
            stream = waiting.pop()
            self._told.add(stream.number)
            if stream in self._hub.streams:
                self._connect.go_away(stream, reconnect_within)
