"""The user of the commands: the name, and the token of that guest."""

from __future__ import annotations

import asyncio
import getpass
import hashlib
import json
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import filelock

from chat_grpc.spelling.addresses import canonical
from chat_grpc.spelling.names import lookup_key
from chat_grpc_cli.files import (
    StateUnusable,
    check_replaceable,
    replace_file,
    state_folder,
    unusable,
    writing,
)

_WRITE_WITHIN = 10.0
"""Maximum seconds to wait for the lock of the file; a process holds it for milliseconds."""

_SIGN_IN_WITHIN = 30.0
"""Maximum seconds to wait for other processes that sign in as the same guest."""

_LOCK_MODE = 0o600
_TOKEN_LENGTH = 64
"""Maximum bytes of a token, for the check that it can be stored."""


def default_name() -> str:
    """Return $CHAT_GRPC_NAME, or the system's user name without characters that names lack."""
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

    Names and servers are the same in each of their spellings. Any number of processes may use the
    file: a lock beside it is held while it is read and replaced. Blocks on the disk; raises
    `StateUnusable`.
    """

    def __init__(self, path: Path | None = None) -> None:
        """`path` is for tests; the default is in the user's state folder."""
        self._path = path or state_folder() / "tokens.json"

    def get(self, server: str, name: str) -> str:
        """Return the token of a guest, empty if none is stored."""
        return self._read().get(_key(server, name), "")

    def any(self) -> bool:
        """Return True if a token is stored."""
        return any(self._read().values())

    def put(self, server: str, name: str, token: str) -> None:
        """Store a token; an empty one forgets the guest."""
        key = _key(server, name)
        if self._read().get(key, "") == token:
            return
        with writing(self._path):
            try:
                with filelock.FileLock(f"{self._path}.lock", _WRITE_WITHIN, _LOCK_MODE):
                    replace_file(self._path, _text(self._read() | {key: token}))
            except filelock.Timeout:
                raise StateUnusable(
                    f"{self._path} is still locked by another process after {_WRITE_WITHIN:g} s."
                ) from None

    async def sign_in(
        self, server: str, name: str, sign_in: Callable[[], Awaitable[str]], refused: str = ""
    ) -> str:
        """Return the token of a guest: the stored one, or else that of a new guest, and store it.

        `refused` is a token that the server does not know: it does not count as stored. Of several
        processes one signs in; the others wait for it, and use its token. That the token can be
        stored is checked before `sign_in` is called.
        """
        if kept := await self._other_than(refused, server, name):
            return kept
        await asyncio.to_thread(self._check_storable, server, name)
        digest = hashlib.sha256(_key(server, name).encode(errors="replace")).hexdigest()[:16]
        path = self._path.with_name(f"sign-in-{digest}.lock")
        with writing(path):
            try:
                async with filelock.AsyncFileLock(path, _SIGN_IN_WITHIN, _LOCK_MODE):
                    if kept := await self._other_than(refused, server, name):
                        return kept
                    token = await sign_in()
                    await asyncio.to_thread(self.put, server, name, token)
                    return token
            except filelock.Timeout:
                raise StateUnusable(
                    f"Another process is still signing in as {name} after {_SIGN_IN_WITHIN:g} s; "
                    "try again."
                ) from None

    async def _other_than(self, refused: str, server: str, name: str) -> str:
        kept = await asyncio.to_thread(self.get, server, name)
        return "" if kept == refused else kept

    def _check_storable(self, server: str, name: str) -> None:
        text = _text(self._read() | {_key(server, name): "x" * _TOKEN_LENGTH})
        check_replaceable(self._path, text)

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise unusable(self._path, "read", error) from None
        except ValueError:  # damaged: all guests are new
            return {}
        if not isinstance(kept, dict):
            return {}
        valid = {k: v for k, v in kept.items() if isinstance(k, str) and isinstance(v, str)}
        # Older files have other spellings; the canonical one wins.
        return {_canonical(key): token for key, token in valid.items()} | {
            key: token for key, token in valid.items() if _canonical(key) == key
        }


def _text(tokens: dict[str, str]) -> str:
    return json.dumps({key: token for key, token in tokens.items() if token}, indent=1)


def _key(server: str, name: str) -> str:
    return f"{canonical(server)} {lookup_key(name)}"


def _canonical(key: str) -> str:
    server, _, name = key.partition(" ")
    return _key(server, name)
