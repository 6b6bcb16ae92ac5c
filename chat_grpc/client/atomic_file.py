"""Files that are replaced as a whole: readers, and a crash, see the old one or the new one."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, text: str, *, durable: bool = True) -> None:
    """Replace a file, or create it with mode 0600. If `durable`, it is on the disk on return.

    Blocks. Raises `OSError`, and then leaves the old file.
    """
    path = path.resolve()  # for a link, its target
    written = _write_beside(path, text, durable=durable)
    try:
        written.replace(path)
    except BaseException:
        with suppress(OSError):
            written.unlink()
        raise
    if durable and hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def check_replaceable(path: Path, text: str) -> None:
    """Raise `OSError` if `replace_file` with this text would fail now. Blocks.

    Writes the text beside the file, and removes it again.
    """
    path = path.resolve()
    _write_beside(path, text, durable=True).unlink()
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder")


def _write_beside(path: Path, text: str, *, durable: bool) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # has mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            if durable:
                os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return Path(name)
