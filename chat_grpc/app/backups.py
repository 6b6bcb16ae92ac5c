"""`AdminService.Backup`: a copy of the store as a stream of chunks."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator

from chat_grpc.core import limits
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import BackupRunning, FellBehind
from chat_grpc.journal import Journal
from chat_grpc.v1 import admin_pb2

CHUNK = 128 * 1024
"""Bytes of a chunk: small beside the responses of streams, large beside its own cost."""


class Backups:
    """Sends copies of the store, one at a time. Belongs to the event loop.

    The copy is made first, and then read at the caller's pace from a file without a name: a slow
    caller holds neither commits nor checkpoints, only the space of the copy.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.running = False
        """True while a copy is made or read."""

    async def backup(
        self, _: admin_pb2.BackupRequest, __: Caller
    ) -> AsyncGenerator[admin_pb2.BackupResponse, None]:
        """Yield a copy of the store in chunks. Raises `BackupRunning`, and as `Journal.copy`."""
        if self.running:
            raise BackupRunning(
                "Another backup is running; try again when it has ended.", retry_after=10.0
            )
        self.running = True
        try:
            async with self._journal.copy() as copy:
                end = time.monotonic() + limits.BACKUP_SECONDS
                while chunk := await copy.read(CHUNK):
                    yield admin_pb2.BackupResponse(chunk=chunk, total_bytes=copy.size)
                    if time.monotonic() > end:
                        raise FellBehind(
                            f"The backup was not read within {limits.BACKUP_SECONDS:g} seconds."
                        )
        finally:
            self.running = False
