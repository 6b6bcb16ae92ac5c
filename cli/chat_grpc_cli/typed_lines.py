"""The lines that the user typed, kept across sessions in a file that only its owner can read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from prompt_toolkit.history import History

from chat_grpc_cli.files import StateUnusable, replace_file, user_file, writing

MAX_LINE = 16 * 1024
"""Bytes of the longest line that is kept."""

MAX_BYTES = 1024 * 1024
"""Bytes of lines that a start keeps. The file may grow to twice the size before it is cut."""

_NEW_FILE = os.O_WRONLY | os.O_APPEND | os.O_CREAT


class TypedLines(History):
    """The lines of all sessions of one user on one server. Belongs to the event loop.

    Each line of the file is a JSON string. Several terminals of the user may append to it. A file
    that is damaged or cannot be read counts as empty.
    """

    def __init__(
        self,
        server: str,
        name: str,
        most: int,
        *,
        keeps: Callable[[str], bool],
        failed: Callable[[str], None],
    ) -> None:
        """Keep at most the newest `most` lines. With 0, remove the file.

        `keeps` returns False for a line that may have a secret: only this session recalls it.
        `failed` is called once with a sentence if a line cannot be stored.
        """
        super().__init__()
        self._most = most
        self._path = user_file("typed", server, name, "jsonl")
        self._keeps = keeps
        self._failed: Callable[[str], None] | None = failed
        self._lines = 0
        self._bytes = 0

    def load_history_strings(self) -> Iterable[str]:
        """Return the kept lines, newest first, and cut the file to them. Blocks on the disk."""
        try:
            if self._most == 0:
                self._path.unlink(missing_ok=True)
                return []
            return self._cut()
        except (OSError, StateUnusable) as error:
            self._report(error)
            return []

    def store_string(self, string: str) -> None:
        """Append a line to the file. Blocks on the disk."""
        data = json.dumps(string) + "\n"
        if self._most == 0 or len(data) > MAX_LINE or not self._keeps(string):
            return
        try:
            with writing(self._path):
                _append(self._path, data)
            self._lines += 1
            self._bytes += len(data)
            if self._lines > 2 * self._most or self._bytes > 2 * MAX_BYTES:
                self._cut()
        except (OSError, StateUnusable) as error:
            self._report(error)

    def _cut(self) -> list[str]:
        """Cut the file to its newest lines, if it has more; return their texts, newest first."""
        try:
            found = self._path.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            found = []
        newest = list(_newest(reversed(found), self._most))
        kept = [line for line, _ in reversed(newest)]
        if kept != found:
            replace_file(self._path, "".join(f"{line}\n" for line in kept), durable=False)
        self._lines = len(kept)
        self._bytes = sum(map(len, kept)) + len(kept)
        return [text for _, text in newest]

    def _report(self, error: Exception) -> None:
        if self._failed is not None:
            self._failed(f"Typed lines are not kept for the next session. {error}")
            self._failed = None


def _append(path: Path, data: str) -> None:
    descriptor = os.open(path, _NEW_FILE, 0o600)
    try:
        os.write(descriptor, data.encode("ascii"))
    finally:
        os.close(descriptor)


def _newest(newest_first: Iterable[str], most: int) -> Iterator[tuple[str, str]]:
    """Yield the newest lines within the limits, newest first: as they are stored, and the text."""
    count = size = 0
    for line in newest_first:
        text = _text_of(line)
        if text is None:
            continue
        count += 1
        size += len(line) + 1
        if count > most or size > MAX_BYTES:
            return
        yield line, text


def _text_of(line: str) -> str | None:
    """Return the text of a line of the file, None for a damaged one."""
    try:
        text = json.loads(line)
    except ValueError:
        return None
    return text if isinstance(text, str) else None
