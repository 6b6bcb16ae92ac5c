"""The pipe into which a server writes its log, and whose reader may pause."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import threading

PIPE_BYTES = 4096
"""Space of the pipe: small, so that an unread log fills it at once."""


class LogPipe:
    """Copies the output of a server into a file, except while it is paused. Has a thread."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile("w+")  # noqa: SIM115 - the process closes it
        self._read_end, self.write_end = os.pipe()
        fcntl.fcntl(self.write_end, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._reads = threading.Event()
        self._reads.set()
        self._thread = threading.Thread(target=self._copy, args=(self.file.fileno(),))
        self._thread.start()

    def started(self) -> None:
        """Close this process's write end: the server's own is the last one."""
        os.close(self.write_end)

    def pause(self) -> None:
        """Read nothing, until `resume`."""
        self._reads.clear()

    def resume(self) -> None:
        """Read on."""
        self._reads.set()

    def close(self) -> None:
        """Read the rest of the output of a server that has ended, and end the thread."""
        self.resume()
        self._thread.join()
        os.close(self._read_end)

    def _copy(self, target: int) -> None:
        while True:
            self._reads.wait()
            some = os.read(self._read_end, PIPE_BYTES)
            if not some:
                return
            with contextlib.suppress(OSError):  # the test has closed the file
                os.write(target, some)
