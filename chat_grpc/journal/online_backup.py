"""A copy of the store of a running server, which a caller reads at its own pace."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import apsw

from chat_grpc.core.errors import FellBehind, StorageFailed, StorageFull
from chat_grpc.journal import JournalError
from chat_grpc.journal.backup import copy_store
from chat_grpc.journal.database import FILE
from chat_grpc.journal.files import RESERVE
from chat_grpc.journal.opening import size_of

COPY_SECONDS = 600.0
"""Maximum time of the copy. SQLite cannot shorten the write-ahead log meanwhile."""

MAX_LOG_GROWTH = 1024 * 1024 * 1024
"""Bytes by which the write-ahead log may grow during the copy."""

_LOOK_EVERY = 0.1

_PREFIX = ".online-backup-"


class Copy:
    """An open copy. Its file has no name: nothing is left of it, even after a crash."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.size = size
        """Bytes of the copy."""

    async def read(self, size: int) -> bytes:
        """Return the next bytes; none at the end."""
        return await asyncio.to_thread(self._file.read, size)

    def close(self) -> None:
        """Free the space of the copy. This may block."""
        self._file.close()


@asynccontextmanager
async def online_copy(folder: Path) -> AsyncIterator[Copy]:
    """Copy the store of a folder, and yield the copy. The server of the folder must call it.

    Raises `StorageFull` if there is no space for the copy, `StorageFailed` if the store cannot be
    read, `FellBehind` if the copy took too long. If the task is cancelled, the copy ends too.
    """
    copying = _Copying(folder)
    making = asyncio.get_running_loop().run_in_executor(None, copying.make)
    try:
        copy = await asyncio.shield(making)
    except asyncio.CancelledError:
        copying.given_up = "the caller is gone"
        making.add_done_callback(_discard)
        await asyncio.wait({making})  # about 10 ms, so that no two copies are made at once
        raise
    try:
        yield copy
    finally:
        await asyncio.to_thread(copy.close)


def _discard(made: asyncio.Future[Copy]) -> None:
    """Close a copy that nobody waits for."""
    if not made.cancelled() and made.exception() is None:
        made.result().close()


class _Copying:
    """Makes one copy, in a thread, within bounds of time and space."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log_size = size_of(folder / f"{FILE}-wal")
        self._end = time.monotonic() + COPY_SECONDS
        self._next_look = 0.0
        self.given_up = ""
        """The reason why the copy ends early; empty if it does not. Any thread may set it."""

    def make(self) -> Copy:
        """Make the copy; see `online_copy`."""
        try:
            return self._make()
        except apsw.InterruptError:
            raise FellBehind(f"The copy was given up: {self.given_up}.", retry_after=60.0) from None
        except JournalError as error:
            raise StorageFailed(f"The store cannot be copied: {error}") from error
        except OSError as error:
            raise StorageFull(f"The copy cannot be written: {error.strerror or error}.") from error

    def _make(self) -> Copy:
        remove_leftovers(self._folder)
        self._check_space()
        with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=self._folder) as made:
            path = Path(made) / FILE
            copy_store(self._folder / FILE, path, self._gives_up)
            # The name goes with the folder, the file stays until it is closed.
            file = path.open("rb")
        return Copy(file, size_of_open(file))

    def _check_space(self) -> None:
        needed = size_of(self._folder / FILE) + self._log_size
        free = shutil.disk_usage(self._folder).free - RESERVE
        if needed > free:
            raise StorageFull(
                f"A copy may take {needed / 1e6:.0f} MB, but only {max(free, 0) / 1e6:.0f} MB of "
                f"the disk may be used for it."
            )

    def _gives_up(self) -> bool:
        now = time.monotonic()
        if now >= self._next_look and not self.given_up:
            self._next_look = now + _LOOK_EVERY
            grown = size_of(self._folder / f"{FILE}-wal") - self._log_size
            if now > self._end:
                self.given_up = f"it took longer than {COPY_SECONDS:g} seconds"
            elif grown > MAX_LOG_GROWTH:
                self.given_up = "too much was written meanwhile"
            elif shutil.disk_usage(self._folder).free < RESERVE:
                self.given_up = "the disk is full"
        return bool(self.given_up)


def size_of_open(file: BinaryIO) -> int:
    """Return the size of an open file, in bytes."""
    size = file.seek(0, 2)
    file.seek(0)
    return size


def remove_leftovers(folder: Path) -> None:
    """Remove the unfinished copies of a server that was killed. Only one copy is made at a time."""
    for left in folder.glob(f"{_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
