"""Standard input, output and error: opened, encoded, and with one-sentence failures.

`prepare` replaces `sys.stdin`, `sys.stdout` and `sys.stderr`. After it:

- The descriptors 0, 1 and 2 are open, so that no other file takes their place.
- A failed write to standard output raises `StreamFailed`, or `ReaderGone` for a closed pipe.
- A failed write to standard error is dropped, because it cannot be reported.
- Output that the encoding of the locale lacks is replaced; it never raises `UnicodeEncodeError`.
"""

from __future__ import annotations

import asyncio
import codecs
import errno
import io
import os
import select
import shutil
import stat
import sys
from collections.abc import Callable
from typing import Any, TextIO

PLAIN = "chat_grpc.plain"
"""The codec error handler that replaces characters that an encoding lacks."""

_ASCII = {"│": "|", "─": "-", "·": "-", "→": "->", "“": '"', "”": '"', "…": "...", "’": "'"}
"""The characters that the commands themselves print, for encodings without them."""


class StreamFailed(Exception):
    """Standard input cannot be read, or standard output cannot be written.

    The text is one sentence.
    """


class ReaderGone(Exception):
    """The reader of standard output has closed the pipe: it wants no more output."""


def prepare() -> None:
    """Open missing standard descriptors, and replace the objects in `sys`.

    Call it once, at process start, before anything else opens a file.
    """
    if sys.platform == "win32":
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors=PLAIN)
        return
    _open_missing_descriptors()
    if sys.stdin is None:
        sys.stdin = _text(open_input(), None, "replace")
    sys.stdout = _text(io.BufferedWriter(_Output(1, "w", closefd=False)), sys.stdout, PLAIN)
    sys.stderr = _text(io.BufferedWriter(_Errors(2, "w", closefd=False)), sys.stderr, PLAIN)


def complain(sentence: str) -> None:
    """Print one line, safe to show, on standard error. On a terminal, break it at its width."""
    line = f"chat-grpc: {sentence}"
    if sys.stderr.isatty():
        from chat_grpc_cli.columns import fit

        columns = shutil.get_terminal_size().columns - 1
        line = "".join(text for _, text in fit([("", line)], columns))
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def print_line(line: str) -> None:
    """Print a line and flush it: a reader may wait for it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def printable(text: str, encoding: str = "") -> str:
    """Replace the characters that an encoding lacks; the default is that of standard output."""
    encoding = encoding or sys.stdout.encoding
    return text if text.isascii() else text.encode(encoding, PLAIN).decode(encoding)


def open_input() -> io.BufferedReader:
    """Open a reader of standard input for a thread. Reading raises `StreamFailed`.

    `sys.stdin` is not used for this: Python would wait at exit for the thread that reads it.
    """
    return io.BufferedReader(_Input(0, "r", closefd=False))


def input_encoding() -> str:
    """Return the encoding of standard input: that of the locale.

    A locale without an encoding of its own (`C`, `POSIX`) counts as UTF-8.
    """
    name = codecs.lookup(sys.stdin.encoding).name
    return "utf-8" if name == "ascii" else name


async def until_reader_gone() -> None:
    """Raise `ReaderGone` once the reader of standard output closes the pipe.

    Waits without end if standard output is not a pipe.
    """
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    if stat.S_ISFIFO(os.fstat(1).st_mode):
        # The write end of a pipe is never readable, but it reports an error then.
        loop.add_reader(1, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(1)
    raise ReaderGone


def _open_missing_descriptors() -> None:
    # Input is opened for writing only and output for reading only: using them then fails with
    # EBADF, as it would have without this. Errors are dropped.
    for descriptor, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, mode)
            assert opened == descriptor, "a lower descriptor is missing"
            os.set_inheritable(descriptor, True)


def _text(
    buffer: io.BufferedReader | io.BufferedWriter, replaced: TextIO | None, errors: str
) -> io.TextIOWrapper:
    """Wrap a buffer with the encoding of the stream that it replaces.

    `replaced` is None if the descriptor was closed at process start.
    """
    encoding = replaced.encoding if replaced is not None else None
    return io.TextIOWrapper(buffer, encoding, errors, line_buffering=buffer.isatty())


class _Input(io.FileIO):
    def readinto(self, buffer: Any, /) -> int | None:
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise StreamFailed(f"Standard input cannot be read: {_why(error)}.") from None


class _Output(io.FileIO):
    """Standard output. It raises only once: later output is dropped, so that the exit is quiet."""

    _failed = False

    def write(self, data: Any, /) -> int:
        if self._failed:
            return len(data)
        try:
            return _write(super().write, self, data)
        except OSError as error:
            self._failed = True
            if error.errno == errno.EPIPE:
                raise ReaderGone from None
            raise StreamFailed(f"Standard output cannot be written: {_why(error)}.") from None


class _Errors(io.FileIO):
    def write(self, data: Any, /) -> int:
        try:
            return _write(super().write, self, data)
        except OSError:
            return len(data)


def _write(write: Callable[[Any], int | None], file: io.FileIO, data: Any) -> int:
    # Another process that shares the terminal or pipe may have made it non-blocking.
    while (written := write(data)) is None:
        select.select([], [file], [])
    return written


def _why(error: OSError) -> str:
    return "it is closed" if error.errno == errno.EBADF else error.strerror or str(error)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_ASCII.get(letter) or _escape(letter) for letter in text), error.end


def _escape(letter: str) -> str:
    return letter.encode("ascii", "backslashreplace").decode("ascii")


codecs.register_error(PLAIN, _plain)
