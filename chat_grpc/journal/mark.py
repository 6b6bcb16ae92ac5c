"""How far the log was written: what a store that lost its end is found by."""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from pathlib import Path

_LAYOUT = struct.Struct("<16sqI")


class Mark:
    """The sequence of the newest event that was acknowledged, in a file beside the store.

    A log cannot tell that its own end is missing: SQLite drops what is damaged in the write-ahead
    log, with all that follows it, and an older copy of a file is whole in itself. The mark tells.

    It is written after each commit into mapped memory, which costs nothing and outlives the end
    of the process. After the end of the machine it may be older than the log, but never newer.
    One thread at a time may use it.
    """

    def __init__(self, path: Path) -> None:
        """The file need not be there."""
        self._path = path
        self._log_id = b""
        self._memory: mmap.mmap | None = None

    def begin(self, log_id: str, head: int) -> None:
        """Opens the file or makes it, and says how far a log goes. Raises `OSError`."""
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
        """Says that an event is acknowledged; `begin` comes first."""
        assert self._memory is not None
        packed = struct.pack("<16sq", self._log_id, sequence)
        self._memory[:] = packed + struct.pack("<I", zlib.crc32(packed))

    def close(self) -> None:
        """Writes it to the disk, and closes it."""
        if self._memory is not None:
            self._memory.flush()
            self._memory.close()
            self._memory = None


def told(mark: bytes) -> tuple[str, int]:
    """Gives what the file says: the log, and its newest sequence that was acknowledged.

    Empty and 0 where it says nothing: it is not there, or was not written whole.
    """
    if len(mark) != _LAYOUT.size:
        return "", 0
    name, sequence, check = _LAYOUT.unpack(mark)
    # One that was only made is all zeros.
    if check != zlib.crc32(mark[: _LAYOUT.size - 4]) or not any(name):
        return "", 0
    return name.decode("ascii", "replace"), int(sequence)


def disagreement(mark: bytes, log_id: str, head: int) -> str:
    """Says why a log is not the one that a mark tells of, or lost its end; empty if it is whole."""
    name, acknowledged = told(mark)
    if acknowledged and name != log_id:
        return "it is not the log of which `head` beside it tells"
    if acknowledged > head:
        return f"it ends at the event {head}, but {acknowledged} was acknowledged"
    return ""
