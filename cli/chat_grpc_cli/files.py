"""The user's own files, in the folder for the state of programs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chat_grpc import folders
from chat_grpc.client import ChatError, atomic_file
from chat_grpc.folders import NoHomeFolder
from chat_grpc.spelling.names import lookup_key


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


def user_file(kind: str, server: str, name: str, ending: str = "json") -> Path:
    """Return the path of a file of one user on one server. Raises `StateUnusable`."""
    return state_folder() / user_file_name(kind, server, name, ending)


def user_file_name(kind: str, server: str, name: str, ending: str = "json") -> str:
    """Return the name of a file of one user on one server."""
    key = f"{server} {lookup_key(name)}".encode(errors="replace")
    return f"{kind}-{hashlib.sha256(key).hexdigest()[:16]}.{ending}"


def read_json(path: Path) -> Any:
    """Return the content of a JSON file. Blocks. Raises `OSError` or `ValueError`."""
    return json.loads(path.read_text(encoding="utf-8"))


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
