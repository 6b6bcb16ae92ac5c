"""The folders of the user who runs the process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import platformdirs

_PROGRAM = "chat-grpc"


class NoHomeFolder(Exception):
    """The user has no home folder; the text is one line."""


def data_folder() -> Path:
    """Return the platform's folder for the data of the server. Raises `NoHomeFolder`."""
    return _folder(platformdirs.user_data_dir)


def state_folder() -> Path:
    """Return the platform's folder for the state of clients. Raises `NoHomeFolder`."""
    return _folder(platformdirs.user_state_dir)


def config_folder() -> Path:
    """Return the platform's folder for the settings of clients. Raises `NoHomeFolder`."""
    return _folder(platformdirs.user_config_dir)


def _folder(of_program: Callable[..., str]) -> Path:
    try:
        folder = Path(of_program(_PROGRAM, appauthor=False))
    except RuntimeError:  # a user without an entry in the system's table, and HOME is not set
        raise _no_home() from None
    # Versions of platformdirs differ: some keep the ~ that they cannot resolve.
    if not folder.is_absolute():
        raise _no_home()
    return folder


def _no_home() -> NoHomeFolder:
    return NoHomeFolder("the user has no home folder, and HOME is not set")
