"""A VFS for SQLite that records operations, fails on demand, and models power cuts.

The files below it are real and hold everything that was written, as the page cache would. The
content of the disk is modeled beside them: of each file the content at its last sync, and of each
later write all, a part, or nothing.
"""

# ruff: noqa: N802 - the methods of a VFS have SQLite's names
from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512
"""The unit that a disk writes atomically, in bytes."""

_NAMES = itertools.count(1)
_BASE = apsw.vfs_names()[0]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on a file."""

    kind: str
    """`read`, `write`, `truncate`, `sync`, `failed sync`, `delete`, or `delete and sync`."""
    file: str
    """The name without its folder."""
    offset: int = 0
    """The offset of a write; the new size for a truncation. In bytes."""
    content: bytes = b""


Fault = Callable[[Operation], None]
"""Called before each operation, reads included; may raise an `apsw.Error`."""


class Disk:
    """The operations on the files of a folder, in order."""

    def __init__(self) -> None:
        self.name = f"faulty-{next(_NAMES)}"
        """Names the layer where a connection is opened."""
        self.done: list[Operation] = []
        self.fault: Fault | None = None
        self.errno = 0
        """The system's number of the newest error; a fault sets it."""
        self.dead: set[Path] = set()
        """Folders whose files are no longer on it: what is done to them does not count."""

    def before(self, path: Path, operation: Operation) -> None:
        """Let an operation fail if a fault asks for it."""
        if self.fault is None or path.parent in self.dead:
            return
        try:
            self.fault(operation)
        except apsw.Error:
            if operation.kind == "sync":
                self.done.append(Operation("failed sync", operation.file))
            raise

    def after(self, path: Path, operation: Operation) -> None:
        """Record an operation."""
        # A temporary file has no name, and does not survive a power cut.
        if path.name and path.parent not in self.dead:
            self.done.append(operation)

    def after_a_cut(self, at: int, chance: random.Random | None) -> dict[str, bytes]:
        """Return the files as they are after a power cut before the operation `at`.

        `chance` decides how much of the unsynced writes is kept; None keeps nothing of them.
        """
        files: dict[str, _Modelled] = {}
        for operation in self.done[:at]:
            kind, name = operation.kind, operation.file
            if kind == "sync":
                _sync(files, name)
            elif kind == "failed sync":
                files.setdefault(name, _Modelled()).forget(chance)
            elif kind == "delete":
                files[name] = _Modelled(before=files.pop(name, None))
            elif kind == "delete and sync":
                files.pop(name, None)
            else:
                files.setdefault(name, _Modelled()).pending.append(operation)
        found = {name: file.after_a_cut(chance) for name, file in files.items()}
        return {name: content for name, content in found.items() if content is not None}


class _Modelled:
    """A file whose last writes are not on the disk yet."""

    def __init__(self, before: _Modelled | None = None) -> None:
        self.durable: bytes | None = None
        """As it was synced; None where it never was, and may not even have its name."""
        self.pending: list[Operation] = []
        self.before = before
        """The deleted file of the same name, whose deletion is not on the disk yet."""

    def sync(self) -> None:
        content = bytearray(self.durable or b"")
        for operation in self.pending:
            _apply(content, operation, None)
        self.durable, self.pending = bytes(content), []

    def forget(self, chance: random.Random | None) -> None:
        """Count the pending writes as written, as the system does after a failed fsync."""
        if self.durable is not None:
            self.durable = self.after_a_cut(chance)
        self.pending = []

    def after_a_cut(self, chance: random.Random | None) -> bytes | None:
        named = self.durable is not None or (
            chance is not None and bool(self.pending) and chance.random() < 0.5
        )
        if not named:
            return self.before.after_a_cut(chance) if self.before is not None else None
        if chance is None:
            return self.durable
        content = bytearray(self.durable or b"")
        kept = [each for each in self.pending if chance.random() < 0.7]
        if chance.random() < 0.5:
            chance.shuffle(kept)  # the disk may reorder writes between two syncs
        torn = chance if chance.random() < 0.5 else None
        for operation in kept:
            _apply(content, operation, torn)
        return bytes(content)


def _sync(files: dict[str, _Modelled], name: str) -> None:
    file = files.setdefault(name, _Modelled())
    # SQLite syncs the folder when it creates a journal or log, which also makes all deletions in it
    # durable.
    if file.durable is None and name.endswith(("-wal", "-journal")):
        for each in files.values():
            each.before = None
    file.sync()


def _apply(content: bytearray, operation: Operation, torn: random.Random | None) -> None:
    """Apply a write or a truncation; a torn write leaves out some of the sectors."""
    start, new = operation.offset, operation.content
    if operation.kind == "truncate":
        del content[start:]
        content.extend(bytes(start - len(content)))
        return
    end = start + len(new)
    for at in range(start - start % SECTOR, end, SECTOR):
        if torn is not None and torn.random() < 0.3:
            continue
        low, high = max(at, start), min(at + SECTOR, end)
        content.extend(bytes(max(0, high - len(content))))
        content[low:high] = new[low - start : high - start]


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(_BASE, name, flags)
        self._disk = disk
        self._path = Path((name.filename() if isinstance(name, apsw.URIFilename) else name) or "")

    def _begin(self, kind: str, offset: int = 0, content: bytes = b"") -> Operation:
        operation = Operation(kind, self._path.name, offset, content)
        self._disk.before(self._path, operation)
        return operation

    def xRead(self, amount: int, offset: int) -> bytes:
        self._begin("read", offset)
        return super().xRead(amount, offset)

    def xWrite(self, data: Any, offset: int) -> None:
        operation = self._begin("write", offset, bytes(data))
        super().xWrite(data, offset)
        self._disk.after(self._path, operation)

    def xTruncate(self, newsize: int) -> None:
        operation = self._begin("truncate", newsize)
        super().xTruncate(newsize)
        self._disk.after(self._path, operation)

    def xSync(self, flags: int) -> None:
        operation = self._begin("sync")
        # Syncs are not passed on: the effect of a power cut is modeled, and real syncs take long.
        self._disk.after(self._path, operation)


class _Layer(apsw.VFS):
    def __init__(self, disk: Disk, *, for_all: bool) -> None:
        super().__init__(disk.name, _BASE, makedefault=for_all)
        self._disk = disk

    def xGetLastError(self) -> tuple[int, str]:
        return self._disk.errno, ""

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return _File(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        path = Path(filename)
        operation = Operation("delete and sync" if syncdir else "delete", path.name)
        self._disk.before(path, operation)
        super().xDelete(filename, syncdir)
        self._disk.after(path, operation)


@contextmanager
def faulty(*, for_all: bool = False) -> Iterator[Disk]:
    """Return a disk, whose `name` is a VFS; `for_all` also takes connections that name no VFS."""
    disk = Disk()
    layer = _Layer(disk, for_all=for_all)
    try:
        yield disk
    finally:
        layer.unregister()


def disk_full() -> apsw.Error:
    """Return the error of a write to a full disk."""
    return apsw.FullError("planted: no room")


def io_error(extended: int) -> apsw.Error:
    """Return an I/O error of SQLite, for example `SQLITE_IOERR_FSYNC`."""
    error = apsw.IOError("planted: the disk failed")
    error.extendedresult = extended  # type: ignore[attr-defined]
    return error
