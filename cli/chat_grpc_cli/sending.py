"""The command `send`: one message, or the lines of standard input."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
import grpc

from chat_grpc.client import ChatCalls, ChatClient, ChatError, ConnectionState, Refused
from chat_grpc.client.arguments import Recipient
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.access import Access
from chat_grpc_cli.addressees import parse_to
from chat_grpc_cli.failures import LinesRefused, NotFound, sentence
from chat_grpc_cli.input_lines import LONGEST, Line, input_lines
from chat_grpc_cli.readable import is_room
from chat_grpc_cli.scripting import print_json
from chat_grpc_cli.standard_streams import complain, input_encoding

_UNDER_WAY = 200
"""Maximum number of lines of standard input that are read but not stored."""

_PACED_FOR = 2.0
"""Seconds of waiting for the server's rate after which it is reported."""

_LOOKS_EVERY = 0.1

_REPORTED = 20
"""Refused lines that are reported one by one; the rest is counted."""


async def send(
    access: Access, *, words: Sequence[str], to: str | None, strict: bool, **fields: Any
) -> None:
    """Send a text, or with `-` the lines of standard input."""
    target = None if to is None else parse_to(to)
    if tuple(words) == ("-",):
        await _send_lines(access, _Sending(target, strict=strict, **fields))
        return
    as_json = fields.pop("as_json")
    sent = await send_one(access, joined(words), target, **fields)
    if as_json:
        print_json([sent])


def joined(words: Sequence[str]) -> str:
    """Return arguments as one text. Raises `click.UsageError` if their bytes are not UTF-8.

    Python passes on the bytes that the locale's encoding lacks as surrogates.
    """
    text = " ".join(words)
    if not any("\ud800" <= letter <= "\udfff" for letter in text):
        return text
    try:
        return os.fsencode(text).decode()
    except UnicodeError:
        raise click.UsageError("TEXT is not valid UTF-8.") from None


async def send_one(
    access: Access, text: str, to: Recipient, *, reply_to: int, request_id: str | None
) -> chat_pb2.Sent:
    """Send a message without a stream. Raises `NotFound` with the cure if a room was meant."""
    request_id = request_id or uuid.uuid4().hex

    async def action(calls: ChatCalls) -> chat_pb2.Sent:
        try:
            answer = await calls.send_to(text, to, reply_to=reply_to, request_id=request_id)
        except Refused as error:
            if error.reason != "USER_NOT_FOUND" or not await is_room(calls, to):
                raise
            raise NotFound(f"There is no user {to}; the room is --to '#{to}'.") from None
        return chat_pb2.Sent(
            request_id=request_id, sequence=answer.sequence, duplicate=answer.duplicate
        )

    return await access.as_guest(action)


@dataclass(frozen=True, slots=True)
class _Sending:
    """The options for all lines."""

    to: Recipient
    reply_to: int
    request_id: str | None
    strict: bool
    as_json: bool


async def _send_lines(access: Access, options: _Sending) -> None:
    """Send each line. Many lines are sent at once; they are stored in their order."""
    report = _Report(strict=options.strict)
    async with access.client(await access.token()) as chat, asyncio.TaskGroup() as group:
        telling = group.create_task(_tell_pace(chat))
        slots = asyncio.Semaphore(_UNDER_WAY)
        async for line in input_lines(_UNDER_WAY):
            if not line.text:
                continue
            await slots.acquire()
            task = group.create_task(_send_line(chat, line, options, report))
            task.add_done_callback(lambda _: slots.release())
        for _ in range(_UNDER_WAY):  # all lines are stored or refused
            await slots.acquire()
        telling.cancel()
    report.end()


async def _tell_pace(chat: ChatClient) -> None:
    """Say once that the server's rate slows the lines down, if it has done so for some time."""
    waited = 0.0
    while waited < _PACED_FOR:
        await asyncio.sleep(_LOOKS_EVERY)
        waited += _LOOKS_EVERY if chat.delay else 0.0
    rate = f"{chat.limits.messages_per_second:g} messages a second"
    if not chat.limits.messages_per_second:
        rate = f"{chat.limits.bytes_per_second} bytes a second"
    complain(f"the server accepts {rate} from a user; the lines are sent at this pace")


async def _send_line(chat: ChatClient, line: Line, options: _Sending, report: _Report) -> None:
    request_id = f"{options.request_id}-{line.number}" if options.request_id else None
    try:
        _check(line, strict=options.strict)
        sent = await chat.send(
            line.text, options.to, reply_to=options.reply_to, request_id=request_id
        )
    except Refused as error:
        # A stream that has ended refuses all lines, so the command ends.
        if chat.state is ConnectionState.CLOSED:
            raise
        report.refused(line, error)
    else:
        if options.as_json:
            print_json([sent])


def _check(line: Line, *, strict: bool) -> None:
    """Raise `Refused` for a line that every server refuses."""
    if line.cut:
        raise Refused(
            grpc.StatusCode.INVALID_ARGUMENT,
            "TEXT_TOO_LONG",
            f"The text has {LONGEST} bytes or more, which no server accepts.",
        )
    if strict and not line.valid:
        raise Refused(
            grpc.StatusCode.INVALID_ARGUMENT,
            "TEXT_INVALID",
            f"The text is not valid {input_encoding().upper()}; without --strict, "
            "U+FFFD replaces such bytes.",
        )


class _Report:
    """Reports the lines that were refused."""

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self._count = 0
        self._first: ChatError | None = None

    def refused(self, line: Line, error: ChatError) -> None:
        """Report a line. Raises `LinesRefused` if the first one ends the command."""
        words = f"line {line.number} was not sent: {sentence(error)}"
        if self.strict:
            raise LinesRefused(words, error)
        self._first = self._first or error
        self._count += 1
        if self._count <= _REPORTED:
            complain(words)

    def end(self) -> None:
        """Raise `LinesRefused` if any line was refused."""
        if self._first is not None:
            lines = "1 line was" if self._count == 1 else f"{self._count} lines were"
            raise LinesRefused(f"{lines} not sent; the others are stored", self._first)
