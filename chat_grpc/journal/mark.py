"""The mark: the newest acknowledged sequence, by which a log that lost its end is found."""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from pathlib import Path

_LAYOUT = struct.Struct("<16sqI")


class Mark:
    """The sequence of the newest acknowledged event, in a file beside the store.

    A log cannot show that its own end is missing: SQLite drops a damaged part of the write-ahead
    log with everything after it, and an older copy of a file is consistent in itself.

    The mark is written to mapped memory after each commit. This takes no system call, and survives
    the end of the process. After a power cut it may be older than the log, but never newer. One
    thread at a time may use it.
    """

    def __init__(self, path: Path) -> None:
        """`path` need not exist yet."""
        self._path = path
        self._log_id = b""
        self._memory: mmap.mmap | None = None

    def begin(self, log_id: str, head: int) -> None:
        """Open the file or make it, and write the head of a log. Raises `OSError`."""
        self._log_id = log_id.encode()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_size != _LAYOUT.size:
                os.ftruncate(descriptor, 0)
                os.write(descriptor, bytes(_LAYOUT.size))
            self._memory = mmap.mmap(descriptor, _LAYOUT.size)
        finally:
            os.close(descriptor)
        self.write(head)

    def write(self, sequence: int) -> None:
        """Write the sequence of an acknowledged event; call `begin` first."""
        assert self._memory is not None
        packed = struct.pack("<16sq", self._log_id, sequence)
        self._memory[:] = packed + struct.pack("<I", zlib.crc32(packed))

    def close(self) -> None:
        """Write the mark to the disk, and close the file."""
        if self._memory is not None:
            self._memory.flush()
            self._memory.close()
            self._memory = None


def told(mark: bytes) -> tuple[str, int]:
    """Return the name of the log and the newest acknowledged sequence of a mark.

    Empty and 0 if the mark is missing or was not written completely.
    """
    if len(mark) != _LAYOUT.size:
        return "", 0
    name, sequence, check = _LAYOUT.unpack(mark)
    # A new file is all zeros.
    if check != zlib.crc32(mark[: _LAYOUT.size - 4]) or not any(name):
        return "", 0
    return name.decode("ascii", "replace"), int(sequence)


def disagreement(mark: bytes, log_id: str, head: int) -> str:
    """Return why a log does not match a mark, or lost its end; empty if it is whole."""
    name, acknowledged = told(mark)
    if acknowledged and name != log_id:
        return "it is not the log that the file `head` beside it names"
    if acknowledged > head:
        return f"it ends at the event {head}, but {acknowledged} was acknowledged"
    return ""
