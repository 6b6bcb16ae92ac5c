"""The file that makes the next start of a program go on where this one was."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat_grpc.client.errors import ResumeFileUnusable
from chat_grpc.client.inbox import Position

_LOG = logging.getLogger("chat_grpc.client")

KEEP_EVERY = 1.0
"""Seconds between two writes while the program goes on."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a start needs of the one before."""

    token: str
    """A guest's; empty for a user with an account."""
    device_id: str
    """The same again, so that the start takes over from a stream that did not end yet."""
    position: Position


class ResumeFile:
    """One user's place at one server, in a file that only its owner can read.

    The file is replaced as a whole, and is on the disk when `write` returns. Blocks; any thread.
    """

    def __init__(self, path: str | os.PathLike[str], server: str, name: str) -> None:
        """`server` and `name` say to whom the file belongs; an empty `name` is not looked at."""
        self.path = Path(path).absolute()
        self._server = server
        self._name = name
        self._lock = threading.Lock()
        self._newest = 0

    def read(self) -> Kept | None:
        """Gives what was kept; None where there is no file. Raises `ResumeFileUnusable`."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ResumeFileUnusable(f"{self.path} cannot be read: {error}") from None
        try:
            kept = json.loads(text)
            server, name = _text(kept["server"]), _text(kept["name"])
            found = Kept(
                _text(kept["token"]),
                _text(kept["device_id"]),
                Position(_text(kept["log_id"]), _sequence(kept["sequence"])),
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ResumeFileUnusable(
                f"{self.path} is damaged, or something else: remove it to begin anew"
            ) from None
        if server != self._server or (self._name and name.casefold() != self._name.casefold()):
            raise ResumeFileUnusable(
                f"{self.path} belongs to {name or 'a user'} at {server}: take another file"
            )
        return found

    def write(self, kept: Kept, order: int) -> None:
        """Keeps this, unless something of a higher `order` was. Raises `ResumeFileUnusable`."""
        fields = {
            "server": self._server,
            "name": self._name,
            "token": kept.token,
            "device_id": kept.device_id,
            "log_id": kept.position.log_id,
            "sequence": kept.position.sequence,
        }
        with self._lock:
            if order <= self._newest:
                return
            try:
                _replace(self.path, json.dumps(fields, indent=1) + "\n")
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


def _replace(path: Path, text: str) -> None:
    path = path.resolve()  # where it is a link, what it leads to
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # of mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Keeper:
    """Writes a resume file now and then, without holding up the loop that it belongs to."""

    def __init__(self, file: ResumeFile, kept: Callable[[], Kept]) -> None:
        """`kept` gives what is to be kept at the moment."""
        self._file = file
        self._kept = kept
        self._order = 0
        self._written: Kept | None = None
        self._asked = asyncio.Event()
        self._stopped = ""

    def stop(self, why: str) -> None:
        """Writes no more."""
        self._stopped = why

    def ask(self) -> None:
        """Says that there is something new."""
        self._asked.set()

    async def run(self) -> None:
        """Writes what is new, `KEEP_EVERY` seconds apart, until it is cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self.try_to_save()
            await asyncio.sleep(KEEP_EVERY)

    async def save(self) -> None:
        """Returns when all that is to be kept now is on the disk. Raises `ResumeFileUnusable`."""
        if self._stopped:
            raise ResumeFileUnusable(f"{self._file.path} is not written any more: {self._stopped}")
        kept = self._kept()
        if kept == self._written:
            return
        self._order += 1
        await asyncio.to_thread(self._file.write, kept, self._order)
        self._written = kept

    async def try_to_save(self) -> None:
        """Is `save`, but only warns: an older place means that events come again, none is lost."""
        if self._stopped:
            return
        try:
            await self.save()
        except ResumeFileUnusable as error:
            _LOG.warning("%s", error)
