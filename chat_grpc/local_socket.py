"""The socket in the data folder, through which an operator on the server's own machine acts.

Only the user who runs the server can open it, and may change the store anyway: so a caller without
a token is an admin there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.journal.files import file_identity
from chat_grpc.supervisor import Supervisor
from chat_grpc.transport.http2.server import Http2Transport

SOCKET = "admin.sock"

_MAX_PATH = 100
"""Bytes of the path of a socket that each platform allows: Linux 107, macOS 103."""

_LOG = structlog.stdlib.get_logger("chat_grpc")


class LocalSocket:
    """Listens on the socket while the server runs. Belongs to the event loop."""

    def __init__(self, folder: Path, dispatcher: Dispatcher) -> None:
        """The store in `folder` must be locked, so that no other server listens there."""
        self._file = folder / SOCKET
        self._folder = folder
        self._made: tuple[int, int] | None = None
        """Device and inode of the socket's file."""
        self._transport = Http2Transport(dispatcher)

    async def start(self, supervisor: Supervisor) -> None:
        """Listen. A platform or a file system without such sockets is only logged."""
        try:
            with socket_path(self._folder) as path:
                await self._transport.start_unix(path, supervisor)
            self._made = file_identity(self._file)
        except (OSError, NotImplementedError, AttributeError) as error:
            _LOG.warning("no socket for commands on this machine", reason=str(error))

    async def stop(self) -> None:
        """End, and remove the socket, unless the folder was replaced by that of another server."""
        await self._transport.stop(0.1)
        if self._made is not None and file_identity(self._file) == self._made:
            self._file.unlink(missing_ok=True)


@contextmanager
def socket_path(folder: Path) -> Iterator[str]:
    """Yield a path of the socket of a data folder that is short enough for the system.

    It may be used only within the block. Raises `OSError` if there is none.
    """
    path = folder / SOCKET
    if len(os.fsencode(path)) <= _MAX_PATH:
        yield str(path)
        return
    if sys.platform != "linux":
        raise OSError(f"the path {path} is too long for a socket")
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET}"
    finally:
        os.close(descriptor)
