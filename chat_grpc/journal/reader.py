"""Reads of the store, beside the one connection that writes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import apsw

from chat_grpc.core.errors import StorageFailed
from chat_grpc.journal.database import DAMAGED, open_reader, refusal
from chat_grpc.journal.lanes import INTERNAL, Lane, Read, Rules

_T = TypeVar("_T")
_LOG = logging.getLogger("chat_grpc.journal")

QUICK = Rules("quick", threads=1, seconds=5.0, running=1, admitted=1000)
"""Reads of one row by its key: a token, a user, a message, the first answer to a request."""

LISTS = Rules("lists", threads=2, seconds=2.0, running=1, admitted=32)
"""Reads of a page of messages or conversations for a user."""

PAGES = Rules("pages", threads=2, seconds=10.0)
"""Reads of the log for streams that catch up, and for the word index."""


class Reader:
    """Runs reads of the store on lanes; see `Lane` for deadlines, shares and cancellation.

    All connections are opened with the store and stay open, so that a read needs no new
    descriptor. A store in memory has one connection only, and reads take turns on the writer's
    thread. Belongs to the event loop.
    """

    def __init__(
        self,
        path: Path | None,
        on_writer: Callable[[Read[Any]], Awaitable[Any]],
        *,
        vfs: str | None = None,
    ) -> None:
        self._path = path
        self._on_writer = on_writer
        open_one = partial(open_reader, path, "store", vfs=vfs)
        self._lanes = {rules: Lane(rules, open_one) for rules in (QUICK, LISTS, PAGES)}

    async def open(self) -> None:
        """Open the connections; the store must be open. Raises `apsw.Error`."""
        if self._path is not None:
            for lane in self._lanes.values():
                await lane.open()

    async def close(self) -> None:
        """Interrupt the running reads, and close the connections."""
        for lane in self._lanes.values():
            await lane.close()

    def load(self, rules: Rules) -> tuple[int, int]:
        """Return the number of reads of a lane that run, and of those that wait."""
        return self._lanes[rules].load

    async def run(self, read: Read[_T], rules: Rules = QUICK, user: int = INTERNAL) -> _T:
        """Run a read on a lane; its result must hold no cursor.

        `user` is the number of the user whose share of the lane the read takes; reads of the
        server itself take none. Raises `StorageFailed`, `StorageBusy`, `TooManyQueries` or
        `QueryTooCostly`.
        """
        found: _T
        try:
            if self._path is None:
                found = await self._on_writer(read)
            else:
                found = await self._lanes[rules].run(read, user)
        except apsw.BusyError as error:
            raise refusal(error) from error
        except (apsw.Error, *DAMAGED) as error:
            _LOG.error("a read failed: %s", error)
            raise StorageFailed("The server's store failed.") from error
        return found
