"""The file from which the next start of a program resumes."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat_grpc.client.atomic_file import replace_file
from chat_grpc.client.errors import ResumeFileUnusable
from chat_grpc.client.inbox import Position
from chat_grpc.spelling.addresses import canonical
from chat_grpc.spelling.names import same_name

_LOG = logging.getLogger("chat_grpc.client")

KEEP_EVERY = 1.0
"""Seconds between two writes while the program runs."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The state that one run of a program leaves for the next."""

    token: str
    """The token of a guest; empty for a user with an account."""
    device_id: str
    """The same at each start, so that the next start replaces a stream that is still open."""
    position: Position


class ResumeFile:
    """The position of one user at one server, in a file that only its owner can read.

    The file is replaced as a whole, and is on the disk when `write` returns. Blocks; any thread
    may call it.
    """

    def __init__(self, path: str | os.PathLike[str], server: str, name: str) -> None:
        """The file belongs to `server` and `name`; an empty `name` is not compared."""
        self.path = Path(path).absolute()
        self._server = server
        self._name = name
        self._lock = threading.Lock()
        self._newest = 0

    def read(self) -> Kept | None:
        """Return the stored state; None if there is no file. Raises `ResumeFileUnusable`."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ResumeFileUnusable(f"{self.path} cannot be read: {error}") from None
        try:
            kept = json.loads(text)
            server, name = _text(kept["server"]), _text(kept["name"])
            position = Position(
                _text(kept["log_id"]),
                _sequence(kept["sequence"]),
                _text(kept.get("incarnation", "")),  # files of version 0.1.0 have none
            )
            found = Kept(_text(kept["token"]), _text(kept["device_id"]), position)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ResumeFileUnusable(
                f"{self.path} is damaged or not a resume file; remove it to start at the head"
            ) from None
        if canonical(server) != self._server or (self._name and not same_name(name, self._name)):
            raise ResumeFileUnusable(
                f"{self.path} belongs to {name or 'a user'} at {server}; use another file"
            )
        return found

    def write(self, kept: Kept, order: int) -> None:
        """Write this, unless a higher `order` was written. Raises `ResumeFileUnusable`."""
        fields = {
            "server": self._server,
            "name": self._name,
            "token": kept.token,
            "device_id": kept.device_id,
            "log_id": kept.position.log_id,
            "sequence": kept.position.sequence,
            "incarnation": kept.position.incarnation,
        }
        with self._lock:
            if order <= self._newest:
                return
            try:
                replace_file(self.path, json.dumps(fields, indent=1) + "\n")
            except OSError as error:
                raise ResumeFileUnusable(f"{self.path} cannot be written: {error}") from None
            self._newest = order


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _sequence(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 2**63:
        raise ValueError("not a sequence")
    return value


class Keeper:
    """Writes a resume file at intervals without blocking its event loop."""

    def __init__(self, file: ResumeFile, kept: Callable[[], Kept]) -> None:
        """`kept` returns the state to write."""
        self._file = file
        self._kept = kept
        self._order = 0
        self._written: Kept | None = None
        self._asked = asyncio.Event()
        self._stopped = ""

    def stop(self, why: str) -> None:
        """Stop writing; `why` is the reason that `save` reports."""
        self._stopped = why

    def ask(self) -> None:
        """Note that the state has changed."""
        self._asked.set()

    async def run(self) -> None:
        """Write changes, `KEEP_EVERY` seconds apart, until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self.try_to_save()
            await asyncio.sleep(KEEP_EVERY)

    async def save(self) -> None:
        """Write the current state; return when it is on the disk. Raises `ResumeFileUnusable`."""
        if self._stopped:
            raise ResumeFileUnusable(f"{self._file.path} is no longer written: {self._stopped}")
        kept = self._kept()
        if kept == self._written:
            return
        self._order += 1
        await asyncio.to_thread(self._file.write, kept, self._order)
        self._written = kept

    async def try_to_save(self) -> None:
        """Save, but only log a failure: an older position repeats events and loses none."""
        if self._stopped:
            return
        try:
            await self.save()
        except ResumeFileUnusable as error:
            _LOG.warning("%s", error)
