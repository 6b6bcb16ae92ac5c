"""What the commands for scripts do, and what they have in common."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime
from typing import TypeVar

import click
import grpc
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message

from chat_grpc.client import (
    ChatCalls,
    ChatClient,
    ChatError,
    Refused,
    ResumeFileUnusable,
    Unreachable,
)
from chat_grpc.client.requests import To
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import tables
from chat_grpc_cli.columns import Fragments, fit
from chat_grpc_cli.commands import parse_to
from chat_grpc_cli.exit_status import (
    NOT_ALLOWED,
    NOT_THERE,
    OVER_A_LIMIT,
    UNREACHABLE,
    USAGE,
)
from chat_grpc_cli.identity import Tokens, default_name
from chat_grpc_cli.render import plain
from chat_grpc_cli.sanitize import safe

_UNDER_WAY = 200
"""Lines of standard input that are read, or sent, before the first is stored."""

_T = TypeVar("_T")

_STATUS = {
    grpc.StatusCode.INVALID_ARGUMENT: USAGE,
    grpc.StatusCode.UNAUTHENTICATED: NOT_ALLOWED,
    grpc.StatusCode.PERMISSION_DENIED: NOT_ALLOWED,
    grpc.StatusCode.ALREADY_EXISTS: NOT_ALLOWED,
    grpc.StatusCode.ABORTED: NOT_ALLOWED,
    grpc.StatusCode.FAILED_PRECONDITION: NOT_ALLOWED,
    grpc.StatusCode.NOT_FOUND: NOT_THERE,
    grpc.StatusCode.RESOURCE_EXHAUSTED: OVER_A_LIMIT,
}


class NotThere(ChatError):
    """What the user names is not on the server."""


def exit_status(error: ChatError) -> int:
    """Gives the exit status that tells a script what went wrong."""
    if isinstance(error, Refused):
        if error.reason == "TEXT_TOO_LONG":
            return OVER_A_LIMIT
        return _STATUS.get(error.code, UNREACHABLE)
    if isinstance(error, ResumeFileUnusable):
        return USAGE
    return NOT_THERE if isinstance(error, NotThere) else UNREACHABLE


def sentence(error: ChatError) -> str:
    """Says in one safe line what went wrong."""
    words = safe(str(error))
    if isinstance(error, Unreachable) and "cannot be reached" not in words:
        return f"the server cannot be reached ({words})"
    return words


async def clients(server: str, name: str | None, *, as_json: bool) -> None:
    """Prints who is connected."""
    token = Tokens().get(server, name) if name else ""
    async with ChatCalls(server, token=token) as calls:
        try:
            found = await calls.clients()
        except Refused as error:
            if not token or not error.token_unknown:
                raise
            # A token that the server does not know is of no use; most need none for this.
            calls.token = ""
            found = await calls.clients()
    if as_json:
        answer = chat_pb2.ListClientsResponse(clients=found, total_count=len(found))
        print_line(MessageToJson(answer, indent=None, always_print_fields_with_no_presence=True))
    elif found:
        print_fragments(tables.client_table(found, 0, datetime.now().astimezone()))


async def as_guest(server: str, guest: str, action: Callable[[ChatCalls], Awaitable[_T]]) -> _T:
    """Makes calls as a guest: the one that was here before, or a new one of that name."""
    tokens = Tokens()
    async with ChatCalls(server, token=tokens.get(server, guest)) as calls:
        if not calls.token:
            tokens.put(server, guest, (await calls.sign_in(guest)).token)
        try:
            return await action(calls)
        except Refused as error:
            if not error.token_unknown:
                raise
            # The server lost its store, or the token ended: the guest begins anew.
            tokens.put(server, guest, (await calls.sign_in(guest)).token)
            return await action(calls)


async def send(server: str, name: str | None, to: str | None, text: str) -> None:
    """Sends a text, or the lines of standard input."""
    target = None if to is None else parse_to(to)
    guest = name or default_name()
    if text != safe_bytes(text):
        raise click.UsageError("TEXT is not valid in the terminal's encoding.")
    if text == "-":
        await _send_lines(server, guest, target)
    else:
        await as_guest(server, guest, lambda calls: calls.send_to(text, target))


async def _send_lines(server: str, guest: str, to: To) -> None:
    """Sends each line; many are under way at once, and are stored in their order."""
    tokens = Tokens()
    async with ChatClient.connect(server, name=guest, token=tokens.get(server, guest)) as chat:
        tokens.put(server, guest, chat.token)
        async with asyncio.TaskGroup() as group:
            slots = asyncio.Semaphore(_UNDER_WAY)
            async for text in _lines():
                await slots.acquire()
                task = group.create_task(_send_line(chat, text, to))
                task.add_done_callback(lambda _: slots.release())


async def _lines() -> AsyncIterator[str]:
    """Reads the lines of standard input that are not empty.

    The thread is a daemon: nothing interrupts a read, and the program is to end all the same.
    """
    loop = asyncio.get_running_loop()
    read: asyncio.Queue[str] = asyncio.Queue()
    ahead = threading.Semaphore(_UNDER_WAY)

    def work() -> None:
        line = "\n"
        while line:
            ahead.acquire()
            line = sys.stdin.readline()
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(read.put_nowait, line)

    threading.Thread(target=work, name="chat-grpc-stdin", daemon=True).start()
    while line := await read.get():
        ahead.release()
        if text := line.rstrip("\r\n"):
            yield text


async def _send_line(chat: ChatClient, text: str, to: To) -> None:
    await chat.send(text, to)


def safe_bytes(text: str) -> str:
    """Gives a text without what the shell passed on that is no text."""
    return text.encode(errors="ignore").decode()


def print_line(line: str) -> None:
    """Prints a line at once: who reads it may be waiting."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def print_fragments(fragments: Fragments) -> None:
    """Prints lines without their styles; on a terminal they keep to its width."""
    if sys.stdout.isatty():
        fragments = fit(fragments, shutil.get_terminal_size().columns - 1)
    print_line(plain(fragments))


def print_json(messages: Iterable[Message]) -> None:
    """Prints each message as JSON, one a line."""
    for message in messages:
        print_line(MessageToJson(message, indent=None))
