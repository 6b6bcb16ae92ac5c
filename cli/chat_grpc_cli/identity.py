"""Who the user of the terminal is: the name, and the token that makes it the same guest again."""

from __future__ import annotations

import getpass
import json
import os
import re
from pathlib import Path

from chat_grpc_cli.files import replace_file, state_folder


def default_name() -> str:
    """Gives $CHAT_GRPC_NAME, or the name of the system's user, made fit for a name."""
    if name := os.environ.get("CHAT_GRPC_NAME"):
        return name
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a process without a user's entry, as in some containers
        user = ""
    name = re.sub(r"[^A-Za-z0-9._-]", "", user)[:32]
    return name if name and not name.isdigit() else "guest"


class Tokens:
    """The tokens of guests, by server and name, in one file that only its owner can read.

    Blocks on the disk; raises `click.UsageError` where it cannot write.

    Two processes may write at once: the file is replaced as a whole, and the last one wins.
    """

    def __init__(self, path: Path | None = None) -> None:
        """`path` is for tests; the default lies in the user's state folder."""
        self._path = path or state_folder() / "tokens.json"

    def get(self, server: str, name: str) -> str:
        """Gives the token of a guest, empty where none is kept."""
        return self._read().get(_key(server, name), "")

    def put(self, server: str, name: str, token: str) -> None:
        """Keeps a token; an empty one forgets the guest. Does nothing where nothing changes."""
        tokens = self._read()
        key = _key(server, name)
        if tokens.get(key, "") == token:
            return
        tokens[key] = token
        replace_file(self._path, json.dumps({k: v for k, v in tokens.items() if v}, indent=1))

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # not there yet, or not ours any more: begin anew
            return {}
        if not isinstance(kept, dict):
            return {}
        return {k: v for k, v in kept.items() if isinstance(k, str) and isinstance(v, str)}


def _key(server: str, name: str) -> str:
    return f"{server} {name.casefold()}"
