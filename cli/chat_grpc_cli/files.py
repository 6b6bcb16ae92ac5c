"""The user's own files, in the folder for the state of programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chat_grpc import folders
from chat_grpc.client import ChatError, atomic_file
from chat_grpc.folders import NoHomeFolder


class StateUnusable(ChatError):
    """The state folder cannot be read or written; the text has the reason and the cure."""


def state_folder() -> Path:
    """Return $CHAT_GRPC_STATE, or the platform's folder. Raises `StateUnusable`."""
    if folder := os.environ.get("CHAT_GRPC_STATE"):
        return Path(folder)
    try:
        return folders.state_folder()
    except NoHomeFolder as error:
        raise StateUnusable(f"{error}; set CHAT_GRPC_STATE to a folder.") from None


def replace_file(path: Path, text: str, *, durable: bool = True) -> None:
    """Replace a file that only its owner can read, as a whole. Creates the folder.

    If `durable`, it is on the disk on return. Blocks. Raises `StateUnusable`.
    """
    with writing(path):
        atomic_file.replace_file(path, text, durable=durable)


def check_replaceable(path: Path, text: str) -> None:
    """Raise `StateUnusable` if `replace_file` with this text would fail now. Blocks."""
    with writing(path):
        atomic_file.check_replaceable(path, text)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Create the folder of a file; turn the `OSError` of writing there into `StateUnusable`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield
    except OSError as error:
        raise unusable(path, "written", error) from None


def unusable(path: Path, done: str, error: OSError) -> StateUnusable:
    """Return the error for a file that cannot be `done`: read or written."""
    why = error.strerror or error
    return StateUnusable(
        f"{path} cannot be {done}: {why}. CHAT_GRPC_STATE can name another folder."
    )
