"""Reads beside the one connection that writes."""

from __future__ import annotations

import asyncio
import logging
import queue
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import apsw

from chat_grpc.core.errors import StorageFailed
from chat_grpc.journal.database import DAMAGED, connect, refusal

_T = TypeVar("_T")
_LOG = logging.getLogger("chat_grpc.journal")

Read = Callable[[apsw.Connection], _T]


class Reader:
    """Runs reads on a pool, each on a connection of its own while it lasts.

    Where there is no file there is one connection only, and reads take their turn on the
    writer's thread. Belongs to the event loop.
    """

    def __init__(
        self,
        path: Path | None,
        pool: ThreadPoolExecutor,
        on_writer: Callable[[Read[Any]], Awaitable[Any]],
        *,
        vfs: str | None = None,
    ) -> None:
        self._path = path
        self._vfs = vfs
        self._pool = pool
        self._on_writer = on_writer
        self._idle: queue.SimpleQueue[apsw.Connection] = queue.SimpleQueue()

    async def run(self, read: Read[_T]) -> _T:
        """Runs a read; what it gives must hold no cursor.

        Raises `StorageFailed` or `StorageBusy`.
        """
        if self._path is None:
            found: _T = await self._on_writer(read)
            return found
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, read)

    def _read(self, read: Read[_T]) -> _T:
        try:
            connection = self._idle_one() or connect(self._path, read_only=True, vfs=self._vfs)
            try:
                found = read(connection)
            except BaseException:
                connection.close()
                raise
        except apsw.BusyError as error:
            raise refusal(error) from error
        except (apsw.Error, *DAMAGED) as error:
            _LOG.error("a read failed: %s", error)
            raise StorageFailed("The server's store failed.") from error
        self._idle.put(connection)
        return found

    def _idle_one(self) -> apsw.Connection | None:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        """Closes the connections; no read may be under way."""
        while not self._idle.empty():
            self._idle.get_nowait().close()
