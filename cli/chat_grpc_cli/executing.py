"""Runs a command for each event: `tail --exec`."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shlex
import shutil
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress

import click
from google.protobuf.json_format import MessageToJson

from chat_grpc.client import ChatClient, ChatError, ConnectionState, Refused
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.access import Access
from chat_grpc_cli.conversation import target
from chat_grpc_cli.event_kinds import KINDS
from chat_grpc_cli.event_variables import author, conversation, variables
from chat_grpc_cli.failures import sentence
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.standard_streams import complain

_MAX_ANSWER = 256 * 1024
"""Bytes of a command's output that are kept: no server takes a longer text."""

_END_WITHIN = 2.0
"""Seconds between SIGTERM and SIGKILL for a command that has to end."""

_LOOKS_EVERY = 0.02


def parse_command(text: str) -> list[str]:
    """Split a command line as a shell does, without any expansion. Raises `click.BadParameter`."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} cannot be split into words: {error}.") from None
    if not words:
        raise click.BadParameter("The command is empty. Give a program: --exec ./bot.sh.")
    if shutil.which(words[0]) is None:
        raise click.BadParameter(
            f"There is no program {words[0]!r} that can be executed. Give its path, and make it "
            "executable."
        )
    return words


class CommandFailed(Exception):
    """The command did not end with status 0; the text continues the sentence "COMMAND …"."""


class Executor:
    """Runs a command for one event after the other. Its failures are reported, and end nothing.

    The event reaches the command as a line of JSON on standard input and as variables of the
    environment, never as an argument: no text of a message is parsed by a shell.
    """

    def __init__(
        self,
        chat: ChatClient,
        access: Access,
        command: Sequence[str],
        *,
        answer: bool,
        timeout: float,
    ) -> None:
        """With `answer` the output of the command is sent as a reply. `timeout` is in seconds."""
        self._chat = chat
        self._command = command
        self._answer = answer
        self._timeout = timeout
        self._environment = os.environ | _connection(access)
        self._digest = hashlib.sha256("\0".join(command).encode(errors="replace")).hexdigest()[:12]

    async def take(self, event: chat_pb2.Event) -> None:
        """Run the command for an event of another user; return when it has ended."""
        kind = event.WhichOneof("event")
        if kind not in KINDS or author(event).number == self._chat.me.number:
            return
        if kind == "message" and not event.message.text:  # deleted since
            return
        try:
            output = await self._run(event)
        except CommandFailed as error:
            which = f" for event {event.sequence}" if event.sequence else ""
            complain(safe(f"{self._command[0]} {error}{which}"))
            return
        if text := output.decode(errors="replace").rstrip():
            await self._send(event, text)

    async def _run(self, event: chat_pb2.Event) -> bytes:
        """Run the command; return its output. Raises `CommandFailed`."""
        me = self._chat.me
        environment = self._environment | variables(event, me.number)
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE if self._answer else None,
                env=environment | {"CHAT_GRPC_NAME": me.name},
                process_group=0,
            )
        except OSError as error:
            raise CommandFailed(f"cannot be started: {error.strerror or error}") from None
        line = MessageToJson(event, indent=None).encode() + b"\n"
        try:
            async with asyncio.timeout(self._timeout):
                _, output, status = await asyncio.gather(
                    _write(process, line), _read(process), process.wait()
                )
        except TimeoutError:
            await _end(process)
            raise CommandFailed(f"was ended after {self._timeout:g} seconds") from None
        except asyncio.CancelledError:
            await _end(process)
            raise
        if status:
            raise CommandFailed(_how(status))
        return output

    async def _send(self, event: chat_pb2.Event, text: str) -> None:
        """Send an answer once, also if the command runs again for the event after a crash."""
        to = target(conversation(event, self._chat.me.number))
        log = self._chat.position.log_id
        request_id = f"{log}-{event.sequence}-{self._digest}"
        reply_to = event.sequence if event.HasField("message") else 0
        try:
            await self._chat.send(text, to, reply_to=reply_to, request_id=request_id)
        except ChatError as error:
            if self._chat.state is ConnectionState.CLOSED:
                raise
            # The answer of an earlier run, with another text, was stored.
            if not isinstance(error, Refused) or error.reason != "REQUEST_ID_REUSED":
                complain(f"the answer to event {event.sequence} was not sent: {sentence(error)}")


def _connection(access: Access) -> dict[str, str]:
    """Return the variables by which other commands reach the same server."""
    found = {"CHAT_GRPC_SERVER": access.server}
    if (tls := access.tls) is not None:
        files = {"TLS_CA": tls.ca, "CLIENT_CERT": tls.cert, "CLIENT_KEY": tls.key}
        found |= {f"CHAT_GRPC_{name}": str(file) for name, file in files.items() if file}
        found["CHAT_GRPC_TLS"] = "1"
    return found


async def _write(process: Process, line: bytes) -> None:
    """Write the standard input of a command, which need not read it."""
    stdin = process.stdin
    assert stdin is not None
    with suppress(BrokenPipeError, ConnectionResetError):
        stdin.write(line)
        await stdin.drain()
    stdin.close()


async def _read(process: Process) -> bytes:
    """Return the first part of a command's output; read the rest, so that the command can end."""
    kept = bytearray()
    while process.stdout is not None and (part := await process.stdout.read(65536)):
        kept += part[: _MAX_ANSWER - len(kept)]
    return bytes(kept)


async def _end(process: Process) -> None:
    """End a command and the processes that it started, which may hold its output open."""
    for which in (signal.SIGTERM, signal.SIGKILL):
        if await _ended(process.pid, which):
            break
    with suppress(TimeoutError):  # a process of another user cannot be ended
        async with asyncio.timeout(_END_WITHIN):
            await process.wait()


async def _ended(group: int, which: signal.Signals) -> bool:
    """Send a process group a signal; return True once it has no process that takes signals."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, which)
        for _ in range(round(_END_WITHIN / _LOOKS_EVERY)):
            await asyncio.sleep(_LOOKS_EVERY)
            os.killpg(group, 0)
        return False
    return True


def _how(status: int) -> str:
    if status > 0:
        return f"ended with status {status}"
    names = {each.value: each.name for each in signal.Signals}  # without most real-time signals
    return f"was ended by {names.get(-status, f'signal {-status}')}"
