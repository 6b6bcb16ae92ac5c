"""The server and the user that the first start of `connect` asked for."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from chat_grpc_cli.files import StateUnusable, replace_file, state_folder


@dataclass(frozen=True, slots=True)
class Connection:
    """The defaults of `--server`, `--name` and `--tls-ca`."""

    server: str
    """The canonical address."""
    name: str
    tls_ca: str = ""
    """The path of the authority's certificate; empty for the public authorities."""


class Remembered:
    """Stores a connection in a file that only its owner can read. It has no secret.

    Blocks on the disk. `put` raises `StateUnusable`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is for tests; the default is the folder of the tokens."""
        self.path = (folder or state_folder()) / "connection.json"

    def get(self) -> Connection | None:
        """Return the connection; None if there is none, or if the file is damaged."""
        try:
            return Connection(**json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def put(self, connection: Connection) -> None:
        """Replace the connection."""
        replace_file(self.path, json.dumps(asdict(connection), indent=1))


def remembered() -> Connection | None:
    """Return the connection, or None. Blocks on the disk.

    None also without a usable folder: a command that needs one reports that.
    """
    try:
        return Remembered().get()
    except StateUnusable:
        return None


def user_of(server: str) -> str:
    """Return the remembered name for a server; empty if there is none, or $CHAT_GRPC_NAME is set.

    Blocks on the disk.
    """
    kept = None if os.environ.get("CHAT_GRPC_NAME") else remembered()
    return kept.name if kept is not None and kept.server == server else ""
