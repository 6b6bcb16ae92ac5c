"""Late refusals: the answers to a caller who insists are held back."""

from __future__ import annotations

import asyncio
from math import inf
from typing import Final

from chat_grpc.app.duplex import CallEnded, Duplex
from chat_grpc.core.quotas import Quotas

MAX_HELD: Final = 10_000
"""Maximum number of calls that are held, of all callers: about 80 MB."""


class LateRefusals:
    """Holds refused calls until their answers are due; see `Quotas.delay`.

    A client has a limited number of calls open, so a caller who waits for answers makes no more
    calls than it gets answers. Above the limits the connection is closed, and counts as abuse:
    answers at once would leave the event loop to this caller, and held calls would fill the memory.
    The connection of a trusted proxy stays open, because it has calls of other callers; the refusal
    is then answered at once. So it is with grpcio, which closes no connections.

    Belongs to the event loop.
    """

    def __init__(self, quotas: Quotas) -> None:
        """`quotas` counts the refused calls."""
        self._quotas = quotas
        self._held: set[asyncio.Future[None]] | None = set()
        """The held calls; None once they are released."""

    def __len__(self) -> int:
        """Return the number of calls that are held."""
        return len(self._held or ())

    async def hold(self, number: int, duplex: Duplex) -> None:
        """Wait until the refusal of a user's call is due; `number` is 0 without a user.

        Raises `CallEnded` if the connection was closed.
        """
        if self._held is None or not (delay := self._quotas.delay(number, duplex.peer)):
            return
        if delay == inf or len(self._held) >= MAX_HELD:
            if duplex.shut():
                raise CallEnded
            return
        await self._wait(delay, self._held)

    async def _wait(self, seconds: float, held: set[asyncio.Future[None]]) -> None:
        loop = asyncio.get_running_loop()
        due = loop.create_future()
        timer = loop.call_later(seconds, due.set_result, None)
        held.add(due)
        try:
            await due
        finally:
            timer.cancel()
            held.discard(due)

    def release(self) -> None:
        """Answer all held calls now, and later ones at once: the server ends."""
        held, self._held = self._held or set(), None
        for due in held:
            if not due.done():
                due.set_result(None)
