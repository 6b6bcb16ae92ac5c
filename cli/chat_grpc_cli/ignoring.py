"""The users whom the user ignores, stored on this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chat_grpc_cli.files import read_json, replace_file, user_file


class IgnoreFile:
    """Stores the ignored users of one user on one server. Blocks on the disk.

    Numbers belong to a log: with another log nobody is ignored. A file that is damaged or cannot be
    read counts as missing.
    """

    def __init__(self, server: str, name: str) -> None:
        self._server = server
        self._name = name
        self._path = user_file("ignored", server, name)

    def load(self, log_id: str) -> dict[int, str]:
        """Return the names of the ignored users by number."""
        try:
            return _read(read_json(self._path), log_id)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def change(self, log_id: str, number: int, name: str | None) -> dict[int, str]:
        """Add a user, or remove it if `name` is None; return all. Raises `StateUnusable`.

        Reads the file again: another terminal of the user may have changed it.
        """
        users = self.load(log_id)
        users.pop(number, None)
        if name is not None:
            users[number] = name
        kept = {"server": self._server, "name": self._name, "log_id": log_id, "users": users}
        replace_file(self._path, json.dumps(kept, indent=1))
        return users


def _read(kept: Mapping[str, Any], log_id: str) -> dict[int, str]:
    if kept["log_id"] != log_id:
        return {}
    return {int(number): str(name) for number, name in kept["users"].items()}
