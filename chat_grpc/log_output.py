"""Log output that never blocks its caller: a bounded buffer and a thread that writes."""

from __future__ import annotations

import faulthandler
import io
import os
import select
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping

BUFFER_BYTES = 1024 * 1024
"""Lines that wait for the reader of the log, in bytes. Further lines are dropped and counted."""

ERROR_BYTES = 64 * 1024
"""Space beyond `BUFFER_BYTES` that only errors may use, in bytes."""

CLOSE_WITHIN = 1.0
"""Maximum seconds for which the end of the process waits for the last lines."""

_CHUNK_BYTES = 64 * 1024
_LINE_CHARACTERS = 8192
_STDERR = 2


class _Dropped:
    """Marks a position in the buffer at which lines were dropped."""

    def __init__(self) -> None:
        self.count = 0


class LogOutput:
    """The log's lines on their way to one file descriptor, in order.

    `put` may be called on any thread and never blocks: one daemon thread does the writing. If
    nobody reads the log, the buffer fills; then `put` drops lines, and one line at the same
    position reports their number.
    """

    def __init__(
        self, descriptor: int, dropped: Callable[[int], str], *, limit: int = BUFFER_BYTES
    ) -> None:
        """Write to `descriptor`, which stays open. `dropped` makes the line about N dropped lines.

        `limit` is in bytes.
        """
        self._descriptor = descriptor
        self._dropped = dropped
        self._limit = limit
        self._waiting: deque[bytes | _Dropped] = deque()
        self._size = 0
        """Bytes in the buffer, and in the current write."""
        self.lost = 0
        """The number of lines lost in failed writes since the last successful write."""
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="chat-grpc-log", daemon=True)
        self._thread.start()

    def put(self, line: str, *, error: bool = False) -> None:
        """Append one line, without its newline. Errors may use `ERROR_BYTES` more."""
        data = line.encode(errors="backslashreplace") + b"\n"
        limit = self._limit + ERROR_BYTES if error else self._limit
        with self._changed:
            if self._closing or self._size + len(data) > limit:
                self._drop(1)
                return
            self._waiting.append(data)
            self._size += len(data)
            self._changed.notify()

    def close(self, within: float = CLOSE_WITHIN) -> None:
        """Write the waiting lines, for at most `within` seconds. Later lines are dropped."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(within)

    def _drop(self, count: int) -> None:
        if not (self._waiting and isinstance(self._waiting[-1], _Dropped)):
            self._waiting.append(_Dropped())
        newest = self._waiting[-1]
        assert isinstance(newest, _Dropped)
        newest.count += count

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    if self._closing:
                        return
                    self._changed.wait()
                chunk, size, lines = self._take()
            written = self._write(chunk)
            with self._changed:
                self._size -= size
                self.lost = 0 if written else self.lost + lines

    def _take(self) -> tuple[bytes, int, int]:
        """Remove about `_CHUNK_BYTES`; return them, their size in the buffer, and their lines."""
        taken: list[bytes] = []
        size = lines = total = 0
        if self.lost:
            taken.append(self._dropped(self.lost).encode() + b"\n")
        while self._waiting and total < _CHUNK_BYTES:
            item = self._waiting.popleft()
            if isinstance(item, _Dropped):
                data = self._dropped(item.count).encode() + b"\n"
                lines += item.count
            else:
                data = item
                size += len(data)
                lines += 1
            total += len(data)
            taken.append(data)
        return b"".join(taken), size, lines

    def _write(self, data: bytes) -> bool:
        """Write all of `data`; return False if the file cannot be written to."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:  # whoever started the process made the file non-blocking
                select.select([], [self._descriptor], [])
            except OSError:  # closed, its reader or its terminal is gone, or the disk is full
                return False
        return True


class StandardError:
    """Replaces the process's standard error while it is open.

    Everything that writes to descriptor 2 (Python's tracebacks and warnings, gRPC's C core) writes
    to a pipe instead, which a thread reads into a `LogOutput`. So no write can block.
    """

    def __init__(self, dropped: Callable[[int], str]) -> None:
        """`dropped` is as for `LogOutput`."""
        self.descriptor = os.dup(_STDERR)
        """The real standard error."""
        self.terminal = os.isatty(self.descriptor)
        self.colored = self.terminal and takes_colors(os.environ)
        self.output = LogOutput(self.descriptor, dropped)
        self._pipe, write_end = os.pipe()
        os.dup2(write_end, _STDERR)
        os.close(write_end)
        if isinstance(sys.stderr, io.TextIOWrapper):
            sys.stderr.reconfigure(line_buffering=True)
        # A crash in C code writes its traceback past the pipe: no thread runs any more.
        faulthandler.enable(self.descriptor)
        self._reader = threading.Thread(target=self._read, name="chat-grpc-stderr", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with open(self._pipe, errors="backslashreplace") as pipe:  # noqa: PTH123 - a descriptor
            while line := pipe.readline(_LINE_CHARACTERS):
                self.output.put(line.rstrip("\n"), error=True)

    def close(self, within: float = CLOSE_WITHIN) -> None:
        """Write the waiting lines, for at most `within` seconds, and restore standard error."""
        # The thread reads the end of the pipe after everything that was written to it.
        os.dup2(self.descriptor, _STDERR)
        self._reader.join(within)
        self.output.close(within)
        faulthandler.disable()


def takes_colors(environment: Mapping[str, str]) -> bool:
    """Return whether a terminal takes colors: not with NO_COLOR, or on a dumb terminal."""
    dumb = environment.get("TERM", "").lower() in {"dumb", "unknown"}
    return not dumb and not environment.get("NO_COLOR")


def open_missing_streams() -> None:
    """Open the null device for each standard stream that was closed when the process started.

    Otherwise the next file or socket gets the stream's descriptor, and output for the stream goes
    there.
    """
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= _STDERR:
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)
