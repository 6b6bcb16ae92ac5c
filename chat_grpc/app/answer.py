"""The waiter of a unary call: the call waits for the outcome of its command."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from chat_grpc.core.entry import Entry, Outcome


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome of a command that was not refused."""

    outcome: Outcome
    recipient_stream_count: int
    """The number of streams that were open to receive it."""


class Answer:
    """Waits for the outcome of one command of a unary call. Belongs to the event loop."""

    stream = None

    def __init__(self) -> None:
        self._future: asyncio.Future[Settled] = asyncio.get_running_loop().create_future()

    def submitted(self) -> None:
        """Do nothing: a unary call makes one command."""

    def settle(self, entry: Entry, recipient_stream_count: int) -> None:
        """Take the outcome, unless the caller is gone."""
        if self._future.done():
            return
        if entry.outcome.error is not None:
            self._future.set_exception(entry.outcome.error)
        else:
            self._future.set_result(Settled(entry.outcome, recipient_stream_count))

    async def settled(self) -> Settled:
        """Wait for the outcome. Raises the `ChatError` with which the command was refused."""
        return await self._future
