"""Backups of a store, and restoring them. Everything here blocks."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
from filelock import FileLock, Timeout

from chat_grpc.journal import JournalDamaged, JournalError
from chat_grpc.journal.check import check
from chat_grpc.journal.database import DAMAGED, FILE, MARK, connect, run
from chat_grpc.journal.files import LOCK
from chat_grpc.journal.migrations import check_version, migrate
from chat_grpc.journal.opening import size_of, sync

_STEPS = 1000
"""Steps of SQLite's virtual machine between two questions whether to give up: about 10 ms."""


def backup(folder: Path, file: Path) -> int:
    """Copy the store of a folder into one file, check the copy, and return its size in bytes.

    A running server is not delayed: the copy is the store at one moment. `file` appears complete or
    not at all, and only its owner can read it. Raises `JournalError` if `file` exists or cannot be
    written, `JournalDamaged` if the store is damaged.
    """
    store = folder / FILE
    if not store.is_file():
        raise JournalError(f"{folder} holds no store")
    with becoming(file, f"{store} is damaged") as copy:
        copy_store(store, copy)
    return file.stat().st_size


@contextmanager
def becoming(file: Path, damaged: str) -> Iterator[Path]:
    """Yield a path on the same disk; what is written there is checked, and becomes the file.

    The file appears complete or not at all, and only its owner can read it. Raises `JournalError`
    if it exists or cannot be written, and `JournalDamaged`, whose text begins with `damaged`.
    """
    if file.exists():
        raise JournalError(f"{file} exists already")
    with _beside(file) as copy:
        yield copy
        _must_be_whole(copy, damaged)
        _sync(copy)
        copy.replace(file)
        _sync(file.absolute().parent)


def restore(file: Path, folder: Path, *, replace: bool) -> Path | None:
    """Check a copy that `backup` made, and put it into a folder. No server may be running.

    An existing store of the folder is moved aside; returns its new path. The log gets another name,
    so that clients that saw later events start at the head. Raises `JournalError`, also if the
    folder has a store and `replace` is false.
    """
    if not file.is_file():
        raise JournalError(f"{file} is not there")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(folder / LOCK, timeout=0), _beside(folder / FILE) as copy:
            shutil.copyfile(file, copy)
            _rename_log(copy)
            _must_be_whole(copy, f"{file} is damaged, and was not taken")
            _sync(copy)
            aside = _put_aside(folder, replace=replace)
            copy.replace(folder / FILE)
            # Last: while the mark is there, a server refuses a folder without `chat.db`.
            if aside is not None and (folder / MARK).exists():
                (folder / MARK).replace(aside / MARK)
            _sync(folder)
            return aside
    except Timeout:
        raise JournalError(f"{folder} is in use by a server; end it first") from None
    except OSError as error:
        raise JournalError(f"{folder} is not writable: {error.strerror or error}") from error


def copy_store(store: Path, copy: Path, give_up: Callable[[], bool] = lambda: False) -> None:
    """Copy a store, at one moment, into a new file.

    Commits go on; the write-ahead log cannot be emptied meanwhile. `give_up` is asked a few times
    a second, and ends the copy with `apsw.InterruptError` if it returns True. Raises `JournalError`
    or `JournalDamaged`.
    """
    connection = connect(store, read_only=True)
    connection.set_progress_handler(give_up, _STEPS)
    try:
        run(connection, "PRAGMA query_only = 0")  # SQLite counts VACUUM INTO as a write
        # Smaller than a copy of the pages, and without deleted texts.
        run(connection, "VACUUM INTO ?", (str(copy),))
    except DAMAGED as error:
        raise JournalDamaged(f"{store} is damaged: {error}") from error
    except apsw.InterruptError:
        raise
    except apsw.Error as error:
        raise JournalError(f"{store} cannot be copied: {error}") from error
    finally:
        connection.close()


def _rename_log(copy: Path) -> None:
    try:
        connection = connect(copy)
        try:
            if check_version(connection, copy) == 0:
                raise JournalError("it is no store of chat-grpc")
            migrate(connection, None)
            run(connection, "UPDATE store SET log_id = ?", (secrets.token_hex(8),))
            run(connection, "UPDATE users SET online = 0")
        finally:
            connection.close()
    except apsw.Error as error:
        raise JournalError(f"the backup cannot be used: {error}") from error


def _must_be_whole(copy: Path, words: str) -> None:
    if wrong := check(copy):
        raise JournalDamaged(f"{words}: {wrong[0]}")


def _put_aside(folder: Path, *, replace: bool) -> Path | None:
    """Move the store of a folder aside, with its files except the mark."""
    # A write-ahead log without its file would not fit the new file.
    there = [name for name in (f"{FILE}-wal", f"{FILE}-shm", FILE, MARK) if size_of(folder / name)]
    if not there:
        return None
    if not replace and FILE in there:
        raise JournalError(f"{folder} holds a store already; --replace puts it aside")
    aside = folder / f"before-restore-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    aside.mkdir(mode=0o700)
    for name in there:
        if name != MARK:
            (folder / name).replace(aside / name)
    return aside


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """Yield a path on the same disk, in a temporary folder."""
    try:
        with tempfile.TemporaryDirectory(prefix=".chat-grpc-", dir=file.absolute().parent) as name:
            yield Path(name) / FILE
    except OSError as error:
        raise JournalError(f"{file} cannot be written: {error.strerror or error}") from error


def _sync(path: Path) -> None:
    if path.is_file():
        path.chmod(0o600)
    sync(path)
