"""What `tail` does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from chat_cli import events
from chat_cli.conversation import of_message
from chat_cli.files import replace_file
from chat_cli.identity import Tokens, default_name
from chat_cli.render import local
from chat_cli.scripting import NotThere, print_fragments, print_json
from chat_cli.shown import Shown, ShownMessage
from chat_cli.since import Since, find_position, parse_since
from chat_cli.throttle import Throttle
from chat_grpc.client import ChatClient, Position
from chat_grpc.v1 import chat_pb2

_KEEP_EVERY = 1.0


class PlaceFile:
    """A file that says behind which event the next run begins: `LOG_ID:SEQUENCE`.

    Blocks on the disk. Raises `click.UsageError` where it cannot, and for another kind of file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self) -> Since | None:
        """Gives the place; None where there is no such file yet."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise click.UsageError(f"{self._path} cannot be read: {error}") from None
        try:
            since = parse_since(text, datetime.now().astimezone())
        except click.BadParameter:
            since = Since()
        if since.position is None:
            raise click.UsageError(f"{self._path} holds no place, which is LOG_ID:SEQUENCE.")
        return since

    def put(self, place: Position) -> None:
        """Keeps a place."""
        replace_file(self._path, f"{place.log_id}:{place.sequence}\n")


async def tail(
    server: str,
    name: str | None,
    *,
    since: Since,
    until_now: bool,
    place: Path | None,
    as_json: bool,
) -> None:
    """Prints events as they come, from a place in the log on."""
    guest = name or default_name()
    file = PlaceFile(place) if place is not None else None
    since = (file.get() if file is not None else None) or since
    position = await _position(server, guest, since)
    async with _client(server, guest, position) as chat:
        await _keep_token(chat, server, guest)
        if position is not None:
            _check(chat, position)
        running = _Tail(chat, file, since.moment, as_json=as_json)
        await running.keep_place()
        keeping = asyncio.create_task(running.keep.run())
        try:
            await running.run(until_now=until_now)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await running.keep_place()


async def _position(server: str, guest: str, since: Since) -> Position | None:
    """Gives where to begin; None for from now on. The server has to be asked which log it has."""
    if since.sequence is None and since.moment is None:
        return since.position
    async with _client(server, guest, None) as chat:
        await _keep_token(chat, server, guest)
        if since.moment is not None:
            return await find_position(chat, since.moment)
        return Position(chat.position.log_id, since.sequence or 0)


def _client(server: str, guest: str, position: Position | None) -> ChatClient:
    token = Tokens().get(server, guest)
    return ChatClient.connect(server, name=guest, token=token, position=position)


async def _keep_token(chat: ChatClient, server: str, guest: str) -> None:
    await asyncio.to_thread(Tokens().put, server, guest, chat.token)


def _check(chat: ChatClient, asked: Position) -> None:
    """Says what is missing. Raises `NotThere` where the place asked for is in no log of this."""
    if chat.recovery == chat_pb2.RECOVERY_TRUNCATED:
        click.echo("chat-grpc: the first part of it is no longer kept", err=True)
    if chat.recovery != chat_pb2.RECOVERY_OTHER_LOG:
        return
    has = chat.position
    if has.log_id != asked.log_id:
        raise NotThere(
            f"the server has another log, {has.log_id}, and not {asked.log_id}; "
            "--since 0 begins at its beginning"
        )
    raise NotThere(f"the server's log ends at {has.sequence}, before {asked.sequence}")


class _Tail:
    """Prints the events of a client. Belongs to the event loop."""

    def __init__(
        self, chat: ChatClient, file: PlaceFile | None, oldest: datetime | None, *, as_json: bool
    ) -> None:
        """`file` takes the place behind what was printed; stored events before `oldest` are not."""
        self._chat = chat
        self._file = file
        self._oldest = oldest
        self._as_json = as_json
        self._place = chat.position
        self._shown = Shown()
        self.keep = Throttle(_KEEP_EVERY, self.keep_place, late=True)

    async def run(self, *, until_now: bool) -> None:
        """Prints until the client ends, or what there is now was printed."""
        self._welcome(self._chat.recovery)
        async for event in self._chat:
            if self._chat.position.log_id != self._place.log_id:
                click.echo("chat-grpc: the server came back with another log", err=True)
                self._welcome(chat_pb2.RECOVERY_OTHER_LOG)
            if not self._too_old(event):
                self._print(event)
            self._place = self._chat.position
            self.keep.ask()
            if until_now and event.HasField("caught_up"):
                return

    async def keep_place(self) -> None:
        """Keeps the place behind what was printed, where there is a file for it."""
        if self._file is not None:
            self._file.put(self._place)

    def _too_old(self, event: chat_pb2.Event) -> bool:
        if self._oldest is None or not event.sequence:
            return False
        return event.time.ToDatetime(tzinfo=UTC) < self._oldest

    def _welcome(self, recovery: chat_pb2.Recovery.ValueType) -> None:
        """Prints which log the events are of, for a program that is to go on there."""
        if not self._as_json:
            return
        chat, place = self._chat, self._chat.position
        event = chat_pb2.Event()
        welcome = event.welcome
        welcome.client.CopyFrom(chat.me)
        welcome.log_id, welcome.recovery = place.log_id, recovery
        if recovery in {chat_pb2.RECOVERY_FRESH, chat_pb2.RECOVERY_OTHER_LOG}:
            welcome.head_sequence = place.sequence
        welcome.server_version, welcome.node = chat.server_version, chat.node
        welcome.limits.CopyFrom(chat.limits)
        print_json([event])

    def _print(self, event: chat_pb2.Event) -> None:
        if self._as_json:
            print_json([event])
            return
        me = self._chat.me.number
        time = local(event.time) if event.HasField("time") else datetime.now().astimezone()
        if fragments := events.line(event, me, time, quote=self._shown.quote):
            print_fragments(fragments)
        if event.HasField("message"):
            told = event.message
            where, who = of_message(told, me), told.author
            own = who.number == me
            self._shown.add(ShownMessage(event.sequence, where, who.name, told.text, own=own))
