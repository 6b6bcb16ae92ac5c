"""Who the user of the terminal is: the name, and the token that makes it the same guest again."""

from __future__ import annotations

import getpass
import json
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

import click
import platformdirs


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
        folder = os.environ.get("CHAT_GRPC_STATE") or platformdirs.user_state_dir(
            "chat-grpc", appauthor=False
        )
        self._path = path or Path(folder) / "tokens.json"

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
        self._write({k: v for k, v in tokens.items() if v})

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # not there yet, or not ours any more: begin anew
            return {}
        if not isinstance(kept, dict):
            return {}
        return {k: v for k, v in kept.items() if isinstance(k, str) and isinstance(v, str)}

    def _write(self, tokens: dict[str, str]) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self._path.parent)  # made with mode 0600
        except OSError as error:
            folder, why = self._path.parent, error.strerror
            raise click.UsageError(f"{folder} is not a folder to write to: {why}") from None
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(tokens, file, indent=1)
            Path(name).replace(self._path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise


def _key(server: str, name: str) -> str:
    return f"{server} {name.casefold()}"
