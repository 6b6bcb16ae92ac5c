"""Files of the user's own, in the folder for the state of programs."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import click

from chat_grpc import folders
from chat_grpc.folders import NoHomeFolder


def state_folder() -> Path:
    """Gives $CHAT_GRPC_STATE, or the platform's folder."""
    if folder := os.environ.get("CHAT_GRPC_STATE"):
        return Path(folder)
    try:
        return folders.state_folder()
    except NoHomeFolder as error:
        raise click.UsageError(f"{error}; set CHAT_GRPC_STATE to a folder.") from None


def replace_file(path: Path, text: str) -> None:
    """Writes a file that only its owner can read: as a whole, or not at all.

    Raises `click.UsageError` where it cannot.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException as error:
        with suppress(OSError):
            Path(name).unlink()
        if isinstance(error, OSError):
            raise _unwritable(path, error) from None
        raise


def _unwritable(path: Path, error: OSError) -> click.UsageError:
    return click.UsageError(f"{path.parent} is not a folder to write to: {error.strerror}")
