"""The lines of standard input, read ahead by a thread."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass

from chat_grpc_cli.standard_streams import input_encoding, open_input

LONGEST = 256 * 1024
"""Bytes of a line that are kept. The rest is skipped: no server takes a text this long."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of standard input, without the newline at its end."""

    number: int
    """The number of the line; 1 is the first."""
    text: str
    valid: bool = True
    """False if some bytes were not valid in the encoding; U+FFFD replaces them."""
    cut: bool = False
    """True if the line had more than `LONGEST` bytes."""


async def input_lines(ahead: int) -> AsyncIterator[Line]:
    """Yield the lines of standard input. A thread reads at most `ahead` lines in advance.

    Raises `StreamFailed`, and any other error that ends the thread.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Line | BaseException | None] = asyncio.Queue()
    slots = threading.Semaphore(ahead)

    def put(item: Line | BaseException | None) -> None:
        with suppress(RuntimeError):  # the loop has ended, and with it the command
            loop.call_soon_threadsafe(queue.put_nowait, item)

    def work() -> None:
        try:
            for line in read_lines(open_input(), input_encoding()):
                slots.acquire()
                put(line)
            put(None)
        except BaseException as error:
            put(error)

    # A daemon: nothing interrupts a read, and the command must be able to end before it.
    threading.Thread(target=work, name="chat-grpc-stdin", daemon=True).start()
    while (item := await queue.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        slots.release()
        yield item


def read_lines(source: io.BufferedIOBase, encoding: str) -> Iterator[Line]:
    """Split bytes into lines and decode them; drop a byte-order mark at the beginning."""
    number = 0
    while line := source.readline(LONGEST):
        number += 1
        cut = len(line) == LONGEST and not line.endswith(b"\n")
        if cut:
            _skip_line(source)
        if number == 1 and encoding == "utf-8":
            line = line.removeprefix(_BYTE_ORDER_MARK)
        yield _decode(line.rstrip(b"\r\n"), encoding, number, cut=cut)


def _skip_line(source: io.BufferedIOBase) -> None:
    while (rest := source.readline(LONGEST)) and not rest.endswith(b"\n"):
        pass


def _decode(line: bytes, encoding: str, number: int, *, cut: bool) -> Line:
    try:
        return Line(number, line.decode(encoding), cut=cut)
    except UnicodeDecodeError:
        return Line(number, line.decode(encoding, "replace"), valid=False, cut=cut)
